import type { CheckResult, ScriptDiagnostic } from '../../checker/checker.js';
import type { CallId } from '../../ids.js';
import type { JsonObject, JsonValue } from '../../json.js';
import type { CallSite, ConsoleEntry, SandboxError } from '../../sandbox/sandbox.js';
import { codemodeFunctions } from '../codemode.js';
import type { Recorded, RunEvent, RunEventInput, RunOutcome } from '../events.js';
import { argumentsOf } from '../invocation.js';
import type { RunParts } from '../parts.js';
import { reachTools } from '../reach.js';
import { Divergence, Recording, type RecordedCall } from './recording.js';

export interface ReplayOptions {
  /** Another script to hold against the same world; the recorded one if left out. */
  readonly source?: string;
  readonly signal?: AbortSignal;
  /** What happens, as a journal would have it; these events are kept nowhere else. */
  readonly onEvent?: (event: RunEvent) => void;
}

export type ReplayEnd =
  | { readonly status: 'finished'; readonly value: JsonValue | undefined }
  | { readonly status: 'failed'; readonly error: SandboxError }
  | { readonly status: 'rejected'; readonly diagnostics: readonly ScriptDiagnostic[] }
  /** `message`: `diverges at call 7: other arguments`. `expected` is left out where the record has no such call. */
  | { readonly status: 'diverged'; readonly call: number; readonly message: string; readonly made?: MadeCall; readonly expected?: ExpectedCall }
  /** All that was recorded is used up: an interrupted run comes no further. */
  | { readonly status: 'exhausted'; readonly message: string }
  | { readonly status: 'cancelled' };

/** The call that the script made where the recorded one was due. */
export interface MadeCall {
  readonly name: string;
  readonly args: JsonObject;
  readonly line?: number;
}

export interface ExpectedCall {
  readonly name: string;
  readonly args: Recorded;
  readonly line?: number;
}

export type ReplayResult = ReplayEnd & {
  readonly console: readonly ConsoleEntry[];
  /** Calls answered from the record. */
  readonly calls: number;
  /** Recorded calls that were not made, as scripts write them. */
  readonly unmade: readonly string[];
};

/** Runs a script again with the recorded inputs and results. Nothing is asked, sent, staged or recorded. */
export async function replay(parts: RunParts, events: readonly RunEvent[], options: ReplayOptions = {}): Promise<ReplayResult> {
  const created = events[0];
  const started = events.find((event) => event.type === 'started');
  if (created?.type !== 'created' || started === undefined) throw new RangeError('This run cannot be replayed: its script never started.');
  const recording = new Recording(events);
  const source = options.source ?? created.source;
  const tell = teller(parts, created, options.onEvent);
  const { origin, conversation, title, catalogVersion } = created;
  tell({ type: 'created', origin, conversation, title, source, catalogVersion });
  parts.checker.setTypings(parts.typings());
  const checked = await parts.checker.check(source, options.signal === undefined ? {} : { signal: options.signal });
  tell(checkedEvent(parts, events, checked, source === created.source));
  const nothing = { console: [], calls: 0, unmade: recording.rest.map((call) => call.name) };
  // The recorded script passed when it ran; what has become of the tools since is no matter to its replay.
  if (checked.code === '' || (options.source !== undefined && !checked.ok)) {
    tell({ type: 'ended', outcome: { status: 'rejected', diagnostics: checked.diagnostics }, durationMs: 0 });
    return { status: 'rejected', diagnostics: checked.diagnostics, ...nothing };
  }
  const params = created.params === undefined ? undefined : await parts.recorder.read(created.params);
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  if (options.signal?.aborted === true) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const startedAt = parts.now();
  tell({ type: 'started', now: started.now, seed: started.seed });
  let calls = 0;
  let made = 0;
  let ended: ReplayEnd | undefined;
  const give = async (name: string, args: JsonObject, site: CallSite | undefined): Promise<unknown> => {
    const call = recording.take(name, parts.recorder.key(args));
    made += 1;
    const id = call?.id ?? (`c${recording.calls.length + made}` as CallId);
    if (call !== undefined) tell(requested(id, call, site));
    if (call === undefined || (call.end.kind !== 'returned' && call.end.kind !== 'threw')) {
      const where = call === undefined ? `${recording.calls.length} ${recording.calls.length === 1 ? 'call' : 'calls'}` : `call ${call.number}, which had no answer`;
      ended = { status: 'exhausted', message: `The record ends after ${where}: ${name} has no recorded answer.` };
      stop();
      return new Promise(() => undefined);
    }
    await recording.turn(call);
    calls += 1;
    if (call.end.kind === 'threw') {
      tell({ type: 'callFailed', call: id, message: call.end.message, sent: 'answered', name: call.end.name });
      throw Object.assign(new Error(call.end.message), { name: call.end.name });
    }
    const value = await parts.recorder.read(call.end.value);
    if (value === undefined && call.end.value.kind === 'blob') throw new Divergence(`The recorded answer of call ${call.number} is no longer kept.`, call.number);
    tell({ type: 'callReturned', call: id, value: call.end.value });
    return value;
  };
  try {
    const limits = parts.limits();
    const result = await parts.sandbox.run(checked.code, {
      namespaces: namespacesOf(parts, recording),
      codemode: codemodeFunctions,
      call: async (namespace, member, given, site) => {
        const name = `${namespace}.${member}`;
        const args = argumentsOf(namespace, member, given);
        try {
          return await give(name, args, site);
        } catch (error) {
          if (!(error instanceof Divergence)) throw error;
          ended ??= diverged(error, recording, { name, args, ...(site?.line !== undefined && { line: site.line }) });
          stop();
          throw error;
        }
      },
      onConsole: (entry) => tell({ type: 'console', entry }),
      timeoutMs: limits.timeoutMs,
      memoryMb: limits.memoryMb,
      limits: { ...limits, inFlight: limits.calls },
      signal: stopper.signal,
      clock: { now: started.now, seed: started.seed },
      ...(params !== undefined && { params }),
    });
    const cancelled: ReplayEnd | undefined = options.signal?.aborted === true ? { status: 'cancelled' } : undefined;
    const end: ReplayEnd = ended ?? cancelled ?? (result.ok ? { status: 'finished', value: result.value as JsonValue | undefined } : { status: 'failed', error: result.error });
    tell({ type: 'ended', outcome: outcomeOf(end), durationMs: parts.now() - startedAt });
    return { ...end, console: result.console, calls, unmade: recording.rest.map((call) => call.name) };
  } finally {
    options.signal?.removeEventListener('abort', stop);
    recording.dispose();
  }
}

function teller(parts: RunParts, created: RunEvent, onEvent: ReplayOptions['onEvent']): (body: RunEventInput) => void {
  let seq = 0;
  return (body) => onEvent?.({ v: 1, run: created.run, seq: seq++, at: parts.now(), ...body });
}

function checkedEvent(parts: RunParts, events: readonly RunEvent[], checked: CheckResult, isRecorded: boolean): RunEventInput {
  const { snapshot, policy, marks } = { snapshot: parts.catalog.current, policy: parts.policy, marks: parts.marks };
  const [created] = events;
  const recorded = isRecorded ? events.find((event) => event.type === 'checked') : undefined;
  const tools = recorded?.tools ?? reachTools(checked.reach, { snapshot, policy, run: (created as RunEvent).run, origin: 'palette', marks });
  return { type: 'checked', ok: checked.ok, diagnostics: recorded?.diagnostics ?? checked.diagnostics, reach: recorded?.reach ?? checked.reach, tools };
}

function requested(id: CallId, { tool, name, args, effect }: RecordedCall, site: CallSite | undefined): RunEventInput {
  return { type: 'callRequested', call: id, tool, name, args, ...(effect !== undefined && { effect }), ...(site?.line !== undefined && { line: site.line }) };
}

function diverged(error: Divergence, recording: Recording, made: MadeCall): ReplayEnd {
  const due = recording.calls.find((call) => call.number === error.call);
  return {
    status: 'diverged',
    call: error.call,
    message: error.message,
    made,
    ...(due !== undefined && { expected: { name: due.name, args: due.args, ...(due.line !== undefined && { line: due.line }) } }),
  };
}

/** The end as a journal would have it. */
function outcomeOf(end: ReplayEnd): RunOutcome {
  switch (end.status) {
    case 'finished':
      return { status: 'finished', value: { kind: 'inline', value: end.value } };
    case 'diverged':
      return { status: 'failed', error: { name: 'Divergence', message: `The script ${end.message}.`, ...(end.made?.line !== undefined && { line: end.made.line }) } };
    case 'exhausted':
      return { status: 'failed', error: { name: 'RecordEnds', message: end.message } };
    default:
      return end;
  }
}

/** The tools of now and those of then: a script may still name one that is gone. */
function namespacesOf(parts: RunParts, recording: Recording): Record<string, readonly string[]> {
  const namespaces = new Map<string, Set<string>>();
  const add = (namespace: string, member: string): void => void (namespaces.get(namespace) ?? namespaces.set(namespace, new Set()).get(namespace))?.add(member);
  for (const server of parts.catalog.current.servers) for (const tool of server.tools) add(server.namespace, tool.member);
  for (const { name } of recording.calls) {
    const [namespace, member] = name.split('.') as [string, string | undefined];
    if (namespace !== 'codemode' && member !== undefined) add(namespace, member);
  }
  return Object.fromEntries([...namespaces].map(([namespace, members]) => [namespace, [...members]]));
}
