import type { CallPreview } from '../catalog/source.js';
import type { CallId, QuestionId, RunId } from '../ids.js';
import type { JsonObject } from '../json.js';
import { Emitter, type Event } from '../lifecycle/event.js';
import type { Answer, Approvals, AskedCall, CallsAnswer, Question, StartAnswer } from './approvals.js';
import type { GrantScope } from './events.js';
import { onAbort } from './onAbort.js';
import type { Verdict } from './policy/policy.js';
import type { RuleName } from './policy/ruleName.js';

type Issues = readonly { readonly path: string; readonly message: string }[];

/** What became of an asked call. */
export type CallResolution =
  | { readonly kind: 'allow'; readonly scope: GrantScope; readonly breadth: 'tool' | 'server'; readonly args?: JsonObject; readonly question: QuestionId }
  /** A yes to another call turned out to cover this one. */
  | { readonly kind: 'covered'; readonly why: string; readonly rule: RuleName; readonly question: QuestionId }
  | { readonly kind: 'skip'; readonly reason?: string; readonly question: QuestionId };

export interface CallQuestion {
  readonly run: RunId;
  readonly call: AskedCall;
  readonly verdict: Extract<Verdict, { effect: 'ask' }>;
  readonly signal: AbortSignal;
  /** Called with the question's id as soon as it is known, before anybody can answer. */
  readonly onAsked: (question: QuestionId) => void;
  /** Called at once when a yes comes, before anything is looked at again: remembers the grant. */
  readonly onAllowed: (scope: GrantScope, breadth: 'tool' | 'server') => void;
  /** What policy says now. */
  readonly decideAgain: () => Verdict;
  readonly validate: (args: JsonObject) => Issues;
  /** What the call would make of files, with these arguments. */
  readonly preview?: (args: JsonObject) => Promise<CallPreview | undefined>;
}

interface WaitingCall extends CallQuestion {
  readonly settle: (resolution: CallResolution) => void;
}

interface OpenCalls {
  readonly kind: 'calls';
  readonly id: QuestionId;
  readonly key: string;
  readonly run: RunId;
  readonly verdict: Extract<Verdict, { effect: 'ask' }>;
  readonly waiting: Map<CallId, WaitingCall>;
  shown: Question | undefined;
}

interface OpenStart {
  readonly kind: 'start';
  readonly id: QuestionId;
  readonly run: RunId;
  readonly question: Question;
  readonly settle: (answer: StartAnswer) => void;
}

/** Every question that stands, of all runs. Only an answer, or the end of its run, takes one away. */
export class Questions implements Approvals {
  private readonly open = new Map<QuestionId, OpenCalls | OpenStart>();
  private readonly byKey = new Map<string, OpenCalls>();
  private readonly changed = new Emitter<void>();
  private shown: readonly Question[] | undefined;
  private announced = false;
  private count = 0;
  readonly onDidChange: Event<void> = this.changed.event;

  get pending(): readonly Question[] {
    this.shown ??= [...this.open.values()].map((entry) => (entry.kind === 'start' ? entry.question : shownOf(entry)));
    return this.shown;
  }

  /** Whether a person is asked anything about the run. */
  waits(run: RunId): boolean {
    return this.waitingRuns.has(run);
  }
  private readonly waitingRuns = new Map<RunId, number>();

  askStart(question: Omit<Extract<Question, { kind: 'start' }>, 'id'>, signal: AbortSignal, onAsked: (id: QuestionId) => void): Promise<StartAnswer> {
    return new Promise((resolve, reject) => {
      const id = this.nextId(question.run);
      if (signal.aborted) return reject(new Error('Stopped.'));
      const stay = onAbort(signal, () => {
        this.remove(id);
        reject(new Error('Stopped.'));
      });
      onAsked(id);
      this.add({
        kind: 'start',
        id,
        run: question.run,
        question: { ...question, id },
        settle: (answer) => {
          stay();
          resolve(answer);
        },
      });
    });
  }

  /** Joins a standing question about the same tool of the same run, for the same reason, or opens one. */
  askCall(asked: CallQuestion): Promise<CallResolution> {
    return new Promise((resolve, reject) => {
      const { run, call, verdict, signal } = asked;
      if (signal.aborted) return reject(new Error('Stopped.'));
      // Every resource of a server is a name of its own; asked for together they are one question all the same.
      const name = call.tool.kind === 'resource' ? '' : call.tool.name;
      const key = JSON.stringify([run, call.tool.source, call.tool.kind, name, verdict.why]);
      let entry = this.byKey.get(key);
      if (entry === undefined) {
        entry = { kind: 'calls', id: this.nextId(run), key, run, verdict, waiting: new Map(), shown: undefined };
        this.byKey.set(key, entry);
        this.add(entry);
      }
      const { id, waiting } = entry;
      const stay = onAbort(signal, () => {
        this.take(id, call.call);
        reject(new Error('Stopped.'));
      });
      asked.onAsked(id);
      waiting.set(call.call, {
        ...asked,
        settle: (resolution) => {
          stay();
          resolve(resolution);
        },
      });
      entry.shown = undefined;
      this.touched();
    });
  }

  validate(id: QuestionId, call: CallId, args: JsonObject): Issues {
    const entry = this.open.get(id);
    return entry?.kind === 'calls' ? (entry.waiting.get(call)?.validate(args) ?? []) : [];
  }

  async preview(id: QuestionId, call: CallId, args?: JsonObject): Promise<CallPreview | undefined> {
    const entry = this.open.get(id);
    const waiting = entry?.kind === 'calls' ? entry.waiting.get(call) : undefined;
    return waiting?.preview?.(args ?? waiting.call.args);
  }

  answer(id: QuestionId, answer: Answer): boolean {
    const entry = this.open.get(id);
    if (entry === undefined) return false;
    if (entry.kind === 'start') {
      if (answer.kind !== 'start') return false;
      this.remove(id);
      entry.settle(answer);
      return true;
    }
    return answer.kind === 'calls' && this.answerCalls(entry, answer);
  }

  private answerCalls(entry: OpenCalls, answer: CallsAnswer): boolean {
    const calls = answer.only ?? [...entry.waiting.keys()];
    const { decision } = answer;
    const chosen = [...new Set(calls)].map((call) => entry.waiting.get(call));
    if (chosen.length === 0 || chosen.some((waiting) => waiting === undefined)) return false;
    const waiting = chosen as readonly WaitingCall[];
    if (decision.kind === 'allow' && decision.args !== undefined) {
      if (waiting.length !== 1 || waiting[0]?.validate(decision.args).length !== 0) return false;
    }
    for (const { call } of waiting) this.take(entry.id, call.call);
    if (decision.kind === 'skip') {
      for (const call of waiting) call.settle({ kind: 'skip', question: entry.id, ...(decision.reason !== undefined && { reason: decision.reason }) });
      return true;
    }
    const scope = narrowed(decision.scope, entry.verdict.scopes);
    if (scope !== 'once') {
      const byName = new Map(waiting.map((call) => [call.call.tool.name, call]));
      for (const call of byName.values()) call.onAllowed(scope, decision.breadth);
    }
    for (const call of waiting) {
      call.settle({ kind: 'allow', scope, breadth: decision.breadth, question: entry.id, ...(decision.args !== undefined && { args: decision.args }) });
    }
    if (scope !== 'once') this.lookAgain();
    return true;
  }

  /** A new grant may answer calls that still wait. */
  lookAgain(): void {
    for (const entry of [...this.open.values()]) {
      if (entry.kind !== 'calls') continue;
      for (const waiting of [...entry.waiting.values()]) {
        const verdict = waiting.decideAgain();
        if (verdict.effect !== 'allow') continue;
        this.take(entry.id, waiting.call.call);
        waiting.settle({ kind: 'covered', why: verdict.why, rule: verdict.rule, question: entry.id });
      }
    }
  }

  private nextId(run: RunId): QuestionId {
    return `${run}.q${++this.count}` as QuestionId;
  }

  private add(entry: OpenCalls | OpenStart): void {
    this.open.set(entry.id, entry);
    this.waitingRuns.set(entry.run, (this.waitingRuns.get(entry.run) ?? 0) + 1);
    this.touched();
  }

  private take(id: QuestionId, call: CallId): void {
    const entry = this.open.get(id);
    if (entry?.kind !== 'calls') return;
    entry.waiting.delete(call);
    entry.shown = undefined;
    if (entry.waiting.size === 0) this.remove(id);
    else this.touched();
  }

  private remove(id: QuestionId): void {
    const entry = this.open.get(id);
    if (entry === undefined) return;
    this.open.delete(id);
    if (entry.kind === 'calls') this.byKey.delete(entry.key);
    const left = (this.waitingRuns.get(entry.run) ?? 1) - 1;
    if (left > 0) this.waitingRuns.set(entry.run, left);
    else this.waitingRuns.delete(entry.run);
    this.touched();
  }

  /** Ten thousand calls asked in one turn are one change for whoever shows them. */
  private touched(): void {
    this.shown = undefined;
    if (this.announced) return;
    this.announced = true;
    queueMicrotask(() => {
      this.announced = false;
      this.changed.fire();
    });
  }
}

function shownOf(entry: OpenCalls): Question {
  const { why, rule, scopes, leak } = entry.verdict;
  entry.shown ??= { kind: 'calls', id: entry.id, run: entry.run, calls: [...entry.waiting.values()].map((waiting) => waiting.call), why, rule, scopes, ...(leak !== undefined && { leak }) };
  return entry.shown;
}

function narrowed(scope: GrantScope, offered: readonly GrantScope[]): GrantScope {
  return offered.includes(scope) ? scope : (offered.at(-1) ?? 'once');
}
