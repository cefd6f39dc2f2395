import type { CallContext, Progress, ToolResult } from '../catalog/source.js';
import { isCallFailure } from '../catalog/source.js';
import type { CallId, ConversationId } from '../ids.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { CallSite } from '../sandbox/sandbox.js';
import { Decided, Decisions, type DecisionsOptions } from './decisions.js';
import { invocationOf, type Invocation, type InvocationContext } from './invocation.js';
import { redacted } from './journal/redact.js';
import { onAbort } from './onAbort.js';
import type { RunParts } from './parts.js';
import { RunFlow } from './policy/flow.js';
import { Traces } from './policy/traces.js';
import { Divergence, failedAs, type RecordedCall, type RecordedEnd, type Recording } from './replay/recording.js';
import { CallResult } from './results.js';
import type { RunLimits } from './run.js';
import { scriptError, type ScriptErrorName } from './scriptError.js';
import { Slots } from './slots.js';
import { issuesText } from './validators.js';

export interface CallsOptions extends InvocationContext, DecisionsOptions {
  readonly conversation: ConversationId;
  readonly limits: RunLimits;
  readonly toolInvocationToken?: unknown;
  /** What an interrupted run had done: its completed calls are answered from here. */
  readonly recording?: Recording;
  /** The script does not do what it did before it was interrupted: the run must end. */
  readonly onDivergence?: (divergence: Divergence) => void;
}

/** Progress events closer together than this (ms) are left out: a server that floods costs its own call only. */
const progressEveryMs = 100;
const progressesPerCall = 1000;

/** The calls of one run, from what the script wrote to what it gets. */
export class Calls {
  private count: number;
  private readonly slots: Slots;
  private readonly open = new Set<Promise<unknown>>();
  private readonly sent = new Set<CallId>();
  /** Of those, the ones whose source waits for something first: a server to start, a sign-in. */
  private readonly held = new Set<CallId>();
  /** Calls that an interrupted run had sent, with no answer recorded. */
  private readonly sentBefore: ReadonlySet<CallId>;
  private readonly flow = new RunFlow();
  private readonly traces = new Traces();
  private readonly results: CallResult;
  private readonly decisions: Decisions;
  /** Calls that a source has a person asked for. */
  private asked = 0;

  constructor(
    private readonly parts: RunParts,
    private readonly options: CallsOptions,
  ) {
    this.count = options.recording?.calls.length ?? 0;
    this.slots = new Slots(options.limits.inFlight);
    this.results = new CallResult(parts, options.limits.resultBytes);
    this.decisions = new Decisions(parts, options, this.flow, this.traces);
    this.sentBefore = new Set(options.recording?.calls.filter((call) => call.end.kind === 'sent').map((call) => call.id));
    this.recallFlow();
  }

  /** What an interrupted run had read, it has read: before anything is decided, whichever call comes first. */
  private recallFlow(): void {
    for (const { name, end } of this.options.recording?.calls ?? []) {
      if (end.kind !== 'returned' && !(end.kind === 'threw' && end.name === 'ToolError')) continue;
      const [namespace, member] = name.split('.') as [string, string];
      try {
        if (namespace !== 'codemode') this.noteFlow(invocationOf(this.options, namespace, member, {}), undefined);
      } catch {
        // The tool is gone: nothing is known of it, and the script cannot call it either.
      }
    }
  }

  /** Answers one call of the script. What it throws has a name and a message for the script. */
  call(namespace: string, member: string, args: unknown, site?: CallSite): Promise<JsonValue | undefined> {
    const answer = this.perform(namespace, member, args, site);
    this.open.add(answer);
    const done = (): void => {
      this.open.delete(answer);
    };
    answer.then(done, done);
    return answer;
  }

  /** Calls that were sent and have no answer. */
  get inFlight(): number {
    return this.sent.size;
  }

  /** A source asks a person something before a call can go on: a sign-in, a form. */
  get isPersonAsked(): boolean {
    return this.asked > 0;
  }

  /** Resolves when every call has its end. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.open]);
  }

  private async perform(namespace: string, member: string, given: unknown, site: CallSite | undefined): Promise<JsonValue | undefined> {
    const { journal, signal } = this.options;
    if (signal.aborted) throw stopped();
    const invocation = invocationOf(this.options, namespace, member, given);
    // A full disk stops the run here, before the next call: what cannot be recorded does not happen.
    if (journal.trouble !== undefined) await journal.written(signal);
    const recorded = this.recordedAs(invocation);
    if (recorded !== undefined && (recorded.end.kind === 'returned' || recorded.end.kind === 'threw')) {
      await this.options.recording?.turn(recorded);
      if (!(await this.isIncomplete(recorded.end, invocation))) return this.recall(recorded, recorded.end, invocation);
    }
    const call = recorded?.id ?? (`c${++this.count}` as CallId);
    if (recorded === undefined) this.noteRequest(call, invocation, site);
    try {
      this.checkArguments(invocation, invocation.args);
      const decided = recorded === undefined || recorded.end.kind === 'undecided' ? await this.decisions.decide(call, invocation, site) : await this.decisions.decideAnew(recorded, invocation, site);
      const release = await this.slots.acquire(signal);
      try {
        return await this.send(call, invocation, decided.args, decided.byPerson || invocation.policy.effect !== 'read');
      } finally {
        release();
      }
    } catch (error) {
      throw this.failed(call, error);
    } finally {
      this.sent.delete(call);
      this.held.delete(call);
    }
  }

  private noteRequest(call: CallId, { policy, label, args }: Invocation, site: CallSite | undefined): void {
    this.options.journal.append({
      type: 'callRequested',
      call,
      tool: policy.ref,
      name: label,
      effect: policy.effect,
      args: this.parts.recorder.record(args),
      ...(site?.line !== undefined && { line: site.line }),
    });
  }

  /** The call of the interrupted run that this one is. */
  private recordedAs({ label, args }: Invocation): RecordedCall | undefined {
    const { recording } = this.options;
    if (recording === undefined || recording.isUsedUp) return undefined;
    try {
      return recording.take(label, this.parts.recorder.key(args));
    } catch (error) {
      this.options.onDivergence?.(error as Divergence);
      throw error;
    }
  }

  /** Answers from the record: nothing is decided, sent or written again. */
  private async recall(call: RecordedCall, end: Extract<RecordedEnd, { kind: 'returned' | 'threw' }>, invocation: Invocation): Promise<JsonValue | undefined> {
    if (end.kind === 'threw') throw scriptError(end.name as ScriptErrorName, end.message);
    const value = await this.parts.recorder.read(end.value);
    this.noteFlow(invocation, value);
    if (value === undefined && end.value.kind === 'blob') {
      const lost = new Divergence(`cannot go on from call ${call.number}: its recorded result is no longer kept`, call.number);
      this.options.onDivergence?.(lost);
      throw lost;
    }
    return value;
  }

  /** What a built-in read is recorded without its secrets: a script that goes on would write the file back without them. */
  private async isIncomplete(end: RecordedEnd, { policy }: Invocation): Promise<boolean> {
    if (end.kind !== 'returned' || policy.sourceKind !== 'builtin' || policy.effect !== 'read') return false;
    return JSON.stringify(await this.parts.recorder.read(end.value))?.includes(redacted) === true;
  }

  private checkArguments({ label, inputSchema }: Invocation, args: JsonObject): void {
    const issues = this.parts.validators.validate(inputSchema, args);
    if (issues.length > 0) throw scriptError('ArgumentError', `${label} was not called, its arguments do not fit. ${issuesText(issues, args)}`);
  }

  private async send(call: CallId, invocation: Invocation, args: JsonObject, durable: boolean): Promise<JsonValue | undefined> {
    const { journal, signal } = this.options;
    this.checkUnchanged(invocation);
    journal.append({ type: 'callSent', call });
    // What may change something is on disk as sent before it is: a crash must not leave an effect nobody knows of.
    if (durable) await journal.synced(signal);
    this.sent.add(call);
    const result = await unlessStopped(invocation.perform(args, this.contextOf(call, invocation.policy.sourceKind === 'builtin')), signal);
    return this.returned(call, invocation, result);
  }

  private returned(call: CallId, invocation: Invocation, result: ToolResult): JsonValue | undefined {
    this.noteFlow(invocation, result.ok ? result.value : result.message);
    if (!result.ok) throw new Answered(result.message);
    const { value, recorded, notices } = this.results.take(invocation, result);
    this.options.journal.append({ type: 'callReturned', call, value: recorded, ...(notices.length > 0 && { notices }) });
    return value;
  }

  private noteFlow({ label, policy }: Invocation, answer: JsonValue | undefined): void {
    if (this.flow.answered({ ...policy, label }).private) this.traces.note(label, answer);
  }

  /** A tool list that turned out different since the check: what was checked and approved is not what would be called. */
  private checkUnchanged({ tool, label }: Invocation): void {
    if (tool === undefined) return;
    const now = this.parts.catalog.current.byRef(tool.ref);
    if (now === tool) return;
    if (now === undefined) throw scriptError('CallFailure', `${label} is gone since this script was checked; it was not called. Look for it again with codemode.search, then run a new script.`);
    if (now.toolHash !== tool.toolHash) throw scriptError('CallFailure', `The definition of ${label} changed since this script was checked; it was not called. Run the script again to check it against the new one.`);
  }

  private contextOf(call: CallId, ofFiles: boolean): CallContext {
    const { run, conversation, signal, workspace, journal, handles, toolInvocationToken } = this.options;
    let last = 0;
    let count = 0;
    return {
      runId: run,
      callId: call,
      conversation,
      signal,
      workspace,
      onProgress: (progress: Progress) => {
        const now = this.parts.now();
        if (!this.sent.has(call) || now - last < progressEveryMs || ++count > progressesPerCall) return;
        last = now;
        journal.append({ type: 'callProgressed', call, progress });
      },
      asking: () => this.asking(),
      unsent: () => {
        this.held.add(call);
        return () => void this.held.delete(call);
      },
      // As with results: what a server sends holds no secret of ours, a file comes back as it is.
      keep: (attachment) => handles.keep(ofFiles ? attachment : { ...attachment, data: this.parts.redact.knownBytes(attachment.data) }),
      ...(toolInvocationToken !== undefined && { toolInvocationToken }),
    };
  }

  private asking(): () => void {
    this.asked += 1;
    this.options.onWaiting();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.asked -= 1;
      this.options.onWaiting();
    };
  }

  /** Records how a call ended without a value, and says it as the script will catch it. */
  private failed(call: CallId, error: unknown): Error {
    if (error instanceof Decided) return scriptError(error.thrown.name as ScriptErrorName, error.thrown.message);
    const { journal, signal } = this.options;
    if (error instanceof Answered) {
      journal.append({ type: 'callFailed', call, message: error.message, sent: 'answered', name: 'ToolError' });
      return scriptError('ToolError', error.message);
    }
    const isHeld = this.held.has(call);
    const wasSent = (this.sent.has(call) && !isHeld) || this.sentBefore.has(call);
    if (signal.aborted) {
      const message = wasSent ? 'Stopped before the answer came: it may have taken effect.' : isHeld ? 'Stopped before anything was sent: it did not run.' : 'Stopped before it was called.';
      journal.append({ type: 'callFailed', call, message, sent: wasSent ? 'unknown' : 'no' });
      return stopped();
    }
    const message = error instanceof Error ? error.message : String(error);
    const given = error instanceof Error ? error.name : '';
    const now = isCallFailure(error) ? error.sent : wasSent && !isRefusal(given) ? 'unknown' : 'no';
    // That it was not sent again says nothing of the time before the interruption.
    const sent = this.sentBefore.has(call) ? 'unknown' : now;
    const name = isRefusal(given) ? given : 'CallFailure';
    journal.append({ type: 'callFailed', call, message, sent, name });
    return scriptError(name, failedAs(name, message, sent).message);
  }
}

/** The tool itself reported a failure. */
class Answered extends Error {}

/** Errors that say nothing was done. */
function isRefusal(name: string): name is ScriptErrorName {
  return name === 'ArgumentError' || name === 'PathError' || name === 'ReviewDeclined';
}

function stopped(): Error {
  const error = new Error('The run was stopped.');
  error.name = 'AbortError';
  return error;
}

/** A server that does not heed the signal must not keep a stopped run from ending. */
function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stay = onAbort(signal, () => reject(stopped()));
    void work.then(resolve, reject).finally(stay);
  });
}
