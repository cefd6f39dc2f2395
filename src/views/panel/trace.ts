import type { Effect, Progress, ToolRef } from '../../catalog/source.js';
import type { ScriptDiagnostic } from '../../checker/checker.js';
import type { CallId, ChangeSetId, RunId } from '../../ids.js';
import type { ReachTool, Recorded, RunEvent, RunOrigin, RunOutcome } from '../../runs/events.js';
import type { RuleName } from '../../runs/policy/ruleName.js';
import type { ConsoleEntry } from '../../sandbox/sandbox.js';

export type CallState = 'requested' | 'asking' | 'sent' | 'returned' | 'failed' | 'skipped' | 'denied' | 'unknown';

/** One call of a run, as far as its journal tells. Times in ms since the epoch. */
export interface CallTrace {
  readonly id: CallId;
  /** From 1, in the order the script made them. */
  readonly number: number;
  readonly tool: ToolRef;
  /** As the script wrote it: `repo.read`. */
  readonly name: string;
  readonly effect: Effect;
  readonly line?: number;
  readonly startedAt: number;
  state: CallState;
  /** Set once it was sent; a call is sent again only after a person said so. */
  sentAt?: number;
  args: Recorded;
  /** Why it was asked, allowed or refused, and the line of the policy behind that. */
  why?: string;
  rule?: RuleName;
  progress?: Progress;
  value?: Recorded;
  notices?: readonly string[];
  message?: string;
  /** For `failed`: whether the tool may have run all the same. */
  sent?: 'no' | 'unknown' | 'answered';
  endedAt?: number;
}

export interface AppliedTrace {
  readonly files: readonly string[];
  readonly commits: readonly { readonly sha: string; readonly message: string; readonly repository: string }[];
  /** What was neither file nor commit, in words. */
  readonly others?: string;
}

export type ReviewTrace =
  | { readonly kind: 'none' }
  | { readonly kind: 'staged'; readonly changeSet: ChangeSetId; readonly files: number; readonly commits: number }
  | { readonly kind: 'asked'; readonly changeSet: ChangeSetId; readonly reason: 'checkpoint' | 'end'; readonly message?: string }
  | ({ readonly kind: 'applied'; readonly changeSet: ChangeSetId } & AppliedTrace)
  | { readonly kind: 'applyFailed'; readonly changeSet: ChangeSetId; readonly message: string }
  | { readonly kind: 'discarded'; readonly changeSet: ChangeSetId }
  | { readonly kind: 'undone'; readonly changeSet: ChangeSetId };

/** A change set of the run that was decided on. */
export interface ReviewedTrace {
  readonly changeSet: ChangeSetId;
  state: 'applied' | 'discarded' | 'undone';
}

/** Everything a view shows of a run, read from its journal and nothing else. */
export interface RunTrace {
  readonly id: RunId;
  title: string;
  origin?: RunOrigin;
  source: string;
  createdAt: number;
  diagnostics: readonly ScriptDiagnostic[];
  tools: readonly ReachTool[];
  dynamicLines: readonly number[];
  /** The start was asked, and not answered yet. */
  askingStart: boolean;
  started: boolean;
  /** Why the run stands still although nobody is asked. */
  paused?: string;
  readonly calls: CallTrace[];
  readonly console: ConsoleEntry[];
  /** For each entry of the console, how many calls had been made before it. */
  readonly consoleAfter: number[];
  /** It was interrupted and went on. */
  resumed: boolean;
  review: ReviewTrace;
  /** In the order of the decisions. */
  readonly reviewed: ReviewedTrace[];
  outcome?: RunOutcome;
  durationMs?: number;
  /** Events taken in so far: the `seq` of the next one. */
  next: number;
  readonly callIndex: Map<CallId, CallTrace>;
}

export function emptyTrace(id: RunId): RunTrace {
  return {
    id,
    title: '',
    source: '',
    createdAt: 0,
    diagnostics: [],
    tools: [],
    dynamicLines: [],
    askingStart: false,
    started: false,
    calls: [],
    console: [],
    consoleAfter: [],
    resumed: false,
    review: { kind: 'none' },
    reviewed: [],
    next: 0,
    callIndex: new Map(),
  };
}

/** Takes one more event in, in place. What a damaged journal lacks is left as it was. */
export function append(trace: RunTrace, event: RunEvent): void {
  trace.next = event.seq + 1;
  switch (event.type) {
    case 'created':
      trace.title = event.title;
      trace.origin = event.origin;
      trace.source = event.source;
      trace.createdAt = event.at;
      return;
    case 'checked':
      trace.diagnostics = event.diagnostics;
      trace.tools = event.tools;
      trace.dynamicLines = event.reach.dynamic.map((place) => place.line);
      return;
    case 'startAsked':
      trace.askingStart = true;
      return;
    case 'startDecided':
      trace.askingStart = false;
      return;
    case 'started':
      trace.started = true;
      return;
    case 'paused':
      trace.paused = event.reason;
      return;
    case 'continued':
      trace.paused = undefined;
      return;
    case 'resumed':
      trace.paused = undefined;
      trace.outcome = undefined;
      trace.durationMs = undefined;
      trace.resumed = true;
      return;
    case 'console':
      trace.console.push(event.entry);
      trace.consoleAfter.push(trace.calls.length);
      return;
    case 'staged':
      trace.review = { kind: 'staged', changeSet: event.changeSet, files: event.files, commits: event.commits };
      return;
    case 'reviewAsked':
      trace.review = { kind: 'asked', changeSet: event.changeSet, reason: event.reason, message: event.message };
      return;
    case 'applied':
      trace.review = { kind: 'applied', changeSet: event.changeSet, files: event.files, commits: event.commits, others: event.others };
      decide(trace, event.changeSet, 'applied');
      return;
    case 'applyFailed':
      trace.review = { kind: 'applyFailed', changeSet: event.changeSet, message: event.message };
      return;
    case 'discarded':
    case 'undone':
      trace.review = { kind: event.type, changeSet: event.changeSet };
      decide(trace, event.changeSet, event.type);
      return;
    case 'ended':
      trace.askingStart = false;
      trace.outcome = event.outcome;
      trace.durationMs = event.durationMs;
      return;
    case 'callRequested':
      request(trace, event);
      return;
    case 'callAsked':
    case 'callDecided':
    case 'callSent':
    case 'callProgressed':
    case 'callReturned':
    case 'callFailed': {
      const call = trace.callIndex.get(event.call);
      if (call !== undefined) advance(call, event);
      return;
    }
  }
}

function decide(trace: RunTrace, changeSet: ChangeSetId, state: ReviewedTrace['state']): void {
  const known = trace.reviewed.find((each) => each.changeSet === changeSet);
  if (known === undefined) trace.reviewed.push({ changeSet, state });
  else known.state = state;
}

function request(trace: RunTrace, event: Extract<RunEvent, { type: 'callRequested' }>): void {
  const reached = trace.tools.find((tool) => sameTool(tool.ref, event.tool));
  const call: CallTrace = {
    id: event.call,
    number: trace.calls.length + 1,
    tool: event.tool,
    name: event.name ?? (reached === undefined ? `${event.tool.source}.${event.tool.name}` : `${reached.namespace}.${reached.member}`),
    effect: event.effect ?? reached?.effect ?? 'unknown',
    line: event.line,
    startedAt: event.at,
    state: 'requested',
    args: event.args,
  };
  trace.calls.push(call);
  trace.callIndex.set(event.call, call);
}

type CallEvent = Extract<RunEvent, { type: 'callAsked' | 'callDecided' | 'callSent' | 'callProgressed' | 'callReturned' | 'callFailed' }>;

function advance(call: CallTrace, event: CallEvent): void {
  switch (event.type) {
    case 'callAsked':
      call.state = 'asking';
      call.why = event.why;
      call.rule = event.rule;
      return;
    case 'callDecided':
      // A call that was sent before an interruption is not undone by not sending it again.
      call.state = event.decision === 'allow' ? 'requested' : call.sentAt !== undefined ? 'unknown' : event.decision === 'skip' ? 'skipped' : 'denied';
      call.why = event.why;
      call.rule = event.rule;
      if (event.args !== undefined) call.args = event.args;
      if (event.decision !== 'allow') call.endedAt = event.at;
      return;
    case 'callSent':
      call.state = 'sent';
      call.sentAt = event.at;
      return;
    case 'callProgressed':
      call.progress = event.progress;
      return;
    case 'callReturned':
      call.state = 'returned';
      call.value = event.value;
      call.notices = event.notices;
      call.endedAt = event.at;
      return;
    case 'callFailed':
      // A refused call fails in the script as well; the refusal is what a person wants to see.
      if (call.state !== 'skipped' && call.state !== 'denied') call.state = event.sent === 'unknown' ? 'unknown' : 'failed';
      call.message = event.message;
      call.sent = event.sent;
      call.endedAt = event.at;
      return;
  }
}

export function sameTool(a: ToolRef, b: ToolRef): boolean {
  return a.source === b.source && a.kind === b.kind && a.name === b.name;
}
