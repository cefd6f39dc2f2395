import type { Effect, Progress, ToolRef } from '../catalog/source.js';
import type { ScriptDiagnostic } from '../checker/checker.js';
import type { CallId, ChangeSetId, QuestionId, RunId } from '../ids.js';
import type { ConsoleEntry } from '../sandbox/sandbox.js';
import type { GrantScope, ReachTool, Recorded, RunEvent, RunOrigin, RunOutcome } from './events.js';

/** Where a call stands. */
export type CallState =
  /** Requested; policy or a free slot is being waited for. */
  | 'requested'
  /** A person is asked. */
  | 'asked'
  /** Decided, not yet sent. */
  | 'allowed'
  | 'running'
  | 'returned'
  /** See `sent` for whether it may have run. */
  | 'failed'
  | 'skipped'
  | 'denied'
  /** Sent, with no answer when the record ends: whether it took effect is not known. */
  | 'unknown';

export interface CallView {
  readonly id: CallId;
  /** From 1, in the order the script made them. */
  readonly number: number;
  readonly tool: ToolRef;
  /** As scripts write it. */
  readonly name: string;
  readonly effect?: Effect;
  readonly line?: number;
  readonly state: CallState;
  /** What was sent: the arguments as the script gave them, or as edited before allowing. */
  readonly args: Recorded;
  readonly edited: boolean;
  readonly result?: Recorded;
  readonly notices: readonly string[];
  readonly progress?: Progress;
  readonly question?: QuestionId;
  /** Why it was asked, or decided as it was. */
  readonly why?: string;
  readonly scope?: GrantScope;
  readonly error?: string;
  readonly sent?: 'no' | 'unknown' | 'answered';
  readonly requestedAt: number;
  readonly sentAt?: number;
  readonly endedAt?: number;
  /** From request to end, in ms. */
  readonly durationMs?: number;
}

export interface ChangesView {
  readonly id: ChangeSetId;
  readonly files: number;
  readonly commits: number;
  /** What is neither file nor commit, in words. */
  readonly others?: string;
  readonly state: 'staged' | 'reviewing' | 'applied' | 'applyFailed' | 'discarded' | 'undone';
  readonly message?: string;
  readonly appliedFiles: readonly string[];
  readonly appliedCommits: readonly { readonly sha: string; readonly message: string; readonly repository: string }[];
}

/** A run as everything that shows one reads it. */
export interface RunView {
  readonly id?: RunId;
  readonly title: string;
  readonly origin?: RunOrigin;
  readonly source: string;
  readonly phase: 'checking' | 'deciding' | 'running' | 'waiting' | 'paused' | 'ended';
  readonly startedAt: number;
  readonly durationMs?: number;
  readonly diagnostics: readonly ScriptDiagnostic[];
  readonly reach: readonly ReachTool[];
  readonly calls: readonly CallView[];
  /** Calls a person is asked about. */
  readonly pending: readonly CallView[];
  readonly startQuestion?: QuestionId;
  readonly console: readonly ConsoleEntry[];
  readonly outcome?: RunOutcome;
  readonly changes: readonly ChangesView[];
  /** Why the run stands still although nobody is asked. */
  readonly trouble?: string;
  readonly resumed: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type CallDraft = Writable<CallView>;

/** Makes a {@link RunView} of events, one after the other; for who shows a run as it goes. */
export class RunFold {
  private readonly calls = new Map<CallId, CallDraft>();
  private readonly changes = new Map<ChangeSetId, Writable<ChangesView>>();
  private readonly console: ConsoleEntry[] = [];
  private readonly head: Writable<Omit<RunView, 'calls' | 'pending' | 'console' | 'changes' | 'phase'>> & { phase: RunView['phase'] } = {
    title: '',
    source: '',
    phase: 'checking',
    startedAt: 0,
    diagnostics: [],
    reach: [],
    resumed: false,
  };

  add(event: RunEvent): this {
    const { head } = this;
    switch (event.type) {
      case 'created':
        Object.assign(head, { id: event.run, title: event.title, origin: event.origin, source: event.source, startedAt: event.at });
        break;
      case 'checked':
        Object.assign(head, { diagnostics: event.diagnostics, reach: event.tools, phase: 'deciding' });
        break;
      case 'startAsked':
        head.startQuestion = event.question;
        break;
      case 'startDecided':
        delete head.startQuestion;
        break;
      case 'started':
        head.phase = 'running';
        break;
      case 'resumed':
        Object.assign(head, { resumed: true, phase: 'running', outcome: undefined, durationMs: undefined });
        break;
      case 'paused':
        head.trouble = event.reason;
        break;
      case 'continued':
        delete head.trouble;
        break;
      case 'console':
        this.console.push(event.entry);
        break;
      case 'ended':
        Object.assign(head, { outcome: event.outcome, durationMs: event.durationMs, phase: 'ended' });
        delete head.startQuestion;
        delete head.trouble;
        break;
      case 'staged':
        this.changes.set(event.changeSet, { id: event.changeSet, files: event.files, commits: event.commits, ...(event.others !== undefined && { others: event.others }), state: 'staged', appliedFiles: [], appliedCommits: [] });
        break;
      case 'reviewAsked':
        Object.assign(this.change(event.changeSet), { state: 'reviewing', message: event.message });
        break;
      case 'applied':
        Object.assign(this.change(event.changeSet), { state: 'applied', appliedFiles: event.files, appliedCommits: event.commits, ...(event.others !== undefined && { others: event.others }) });
        break;
      case 'applyFailed':
        Object.assign(this.change(event.changeSet), { state: 'applyFailed', message: event.message });
        break;
      case 'discarded':
      case 'undone':
        this.change(event.changeSet).state = event.type;
        break;
      default:
        this.addToCall(event);
    }
    return this;
  }

  private addToCall(event: RunEvent): void {
    if (!('call' in event)) return;
    if (event.type === 'callRequested') {
      this.calls.set(event.call, {
        id: event.call,
        number: this.calls.size + 1,
        tool: event.tool,
        name: event.name ?? `${event.tool.source}.${event.tool.name}`,
        ...(event.effect !== undefined && { effect: event.effect }),
        ...(event.line !== undefined && { line: event.line }),
        state: 'requested',
        args: event.args,
        edited: false,
        notices: [],
        requestedAt: event.at,
      });
      return;
    }
    const call = this.calls.get(event.call);
    if (call === undefined) return;
    switch (event.type) {
      case 'callAsked':
        Object.assign(call, { state: 'asked', question: event.question, why: event.why });
        break;
      case 'callDecided':
        // A call that was sent before an interruption is not undone by not sending it again.
        call.state = event.decision === 'allow' ? 'allowed' : call.sentAt !== undefined ? 'unknown' : event.decision === 'skip' ? 'skipped' : 'denied';
        call.why = event.why;
        if (event.scope !== undefined) call.scope = event.scope;
        if (event.args !== undefined) Object.assign(call, { args: event.args, edited: true });
        if (event.decision !== 'allow') end(call, event.at);
        break;
      case 'callSent':
        Object.assign(call, { state: 'running', sentAt: event.at });
        break;
      case 'callProgressed':
        call.progress = event.progress;
        break;
      case 'callReturned':
        Object.assign(call, { state: 'returned', result: event.value, notices: event.notices ?? [] });
        end(call, event.at);
        break;
      case 'callFailed':
        Object.assign(call, { state: event.sent === 'unknown' ? 'unknown' : 'failed', error: event.message, sent: event.sent });
        end(call, event.at);
        break;
      default:
    }
  }

  private change(id: ChangeSetId): Writable<ChangesView> {
    let change = this.changes.get(id);
    if (change === undefined) this.changes.set(id, (change = { id, files: 0, commits: 0, state: 'staged', appliedFiles: [], appliedCommits: [] }));
    return change;
  }

  get view(): RunView {
    const calls = [...this.calls.values()].map((call): CallView => ({ ...call }));
    const pending = calls.filter((call) => call.state === 'asked');
    const { phase, trouble } = this.head;
    const shown = phase !== 'running' ? phase : trouble !== undefined ? 'paused' : pending.length > 0 ? 'waiting' : phase;
    return { ...this.head, phase: shown, calls, pending, console: [...this.console], changes: [...this.changes.values()].map((change) => ({ ...change })) };
  }
}

function end(call: CallDraft, at: number): void {
  call.endedAt = at;
  call.durationMs = at - call.requestedAt;
}

/**
 * What the events say of a run. Given only the first of them, it is the run as it stood then.
 * With `interrupted`, the record ends where its window did: calls without an answer are of unknown outcome.
 */
export function foldRun(events: readonly RunEvent[], options: { readonly interrupted?: boolean } = {}): RunView {
  const fold = new RunFold();
  for (const event of events) fold.add(event);
  const { view } = fold;
  if (options.interrupted !== true || view.outcome !== undefined) return view;
  return { ...view, calls: view.calls.map((call) => (call.state === 'running' ? { ...call, state: 'unknown' } : call)) };
}
