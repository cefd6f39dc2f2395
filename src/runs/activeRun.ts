import { randomUUID } from 'node:crypto';
import type { CheckResult } from '../checker/checker.js';
import { contentsOf, holdsSomething, othersText } from './changes/contents.js';
import type { RunId } from '../ids.js';
import type { Attachment } from '../catalog/source.js';
import type { JsonValue } from '../json.js';
import { Emitter, type Event } from '../lifecycle/event.js';
import { broken } from '../sandbox/limits.js';
import type { SandboxResult } from '../sandbox/sandbox.js';
import { Calls } from './calls.js';
import { codemodeFunctions } from './codemode.js';
import type { ReachTool, RunEvent, RunEventInput, RunOutcome } from './events.js';
import type { InvocationContext } from './invocation.js';
import type { Journal } from './journal/journal.js';
import type { RunParts } from './parts.js';
import { reachTools } from './reach.js';
import { InterruptedRun } from './replay/interrupted.js';
import { Recording, type Divergence } from './replay/recording.js';
import type { Run, RunLimits, RunPhase, RunRequest } from './run.js';

/** One run, from its request to its outcome. */
export class ActiveRun implements Run {
  readonly id: RunId;
  readonly request: RunRequest;
  readonly outcome: Promise<RunOutcome>;
  private readonly stopper = new AbortController();
  /** Aborts with the run and, after that, what the script left behind. */
  private readonly calling = new AbortController();
  private readonly limits: RunLimits;
  private readonly snapshot;
  private readonly phaseChanged = new Emitter<RunPhase>();
  private stage: 'checking' | 'deciding' | 'running' | 'ended' = 'checking';
  private finalValue: { readonly value: JsonValue | undefined } | undefined;
  private paused = false;
  private calls: Calls | undefined;
  private readonly interrupted: InterruptedRun | undefined;
  private divergence: Divergence | undefined;
  readonly onDidChangePhase: Event<RunPhase> = this.phaseChanged.event;

  constructor(
    private readonly parts: RunParts,
    request: RunRequest,
    private readonly journal: Journal,
    id: RunId,
    /** Set for a run that goes on where its record ends. */
    earlier: readonly RunEvent[] = [],
  ) {
    this.id = id;
    this.request = request;
    this.interrupted = earlier.length > 0 ? new InterruptedRun(earlier) : undefined;
    this.limits = { ...parts.limits(), ...request.limits };
    this.snapshot = parts.catalog.current;
    const stop = (): void => this.stop();
    if (request.signal?.aborted === true) stop();
    request.signal?.addEventListener('abort', stop, { once: true });
    this.stopper.signal.addEventListener('abort', () => this.calling.abort(), { once: true });
    const trouble = journal.onDidChangeTrouble(() => this.noteTrouble());
    const startedAt = this.interrupted?.createdAt ?? parts.now();
    if (this.interrupted !== undefined) journal.append({ type: 'resumed' });
    else this.noteCreation();
    this.outcome = this.execute()
      .catch((error: unknown): RunOutcome => ({ status: 'failed', error: { name: 'InternalError', message: `The run could not go on: ${messageOf(error)}` } }))
      .then((outcome) => this.end(outcome.status === 'failed' && this.stopper.signal.aborted ? { status: 'cancelled' } : outcome, startedAt))
      .finally(() => {
        trouble.dispose();
        request.signal?.removeEventListener('abort', stop);
      });
  }

  private noteCreation(): void {
    const { request, parts } = this;
    this.journal.append({
      type: 'created',
      origin: request.origin,
      conversation: request.conversation,
      title: request.title,
      source: request.source,
      catalogVersion: this.snapshot.version,
      ...(request.params !== undefined && { params: parts.recorder.record(request.params) }),
    });
  }

  get events(): readonly RunEvent[] {
    return this.journal.events;
  }

  get onDidAppend(): Event<RunEvent> {
    return this.journal.onDidAppend;
  }

  get trouble(): string | undefined {
    return this.journal.trouble;
  }

  get phase(): RunPhase {
    if (this.stage === 'running' && this.isPersonWaiting()) return 'waiting';
    return this.stage;
  }

  async value(): Promise<JsonValue | undefined> {
    if (this.finalValue !== undefined) return this.finalValue.value;
    const outcome = await this.outcome;
    return outcome.status === 'finished' ? this.parts.recorder.read(outcome.value) : undefined;
  }

  async images(): Promise<readonly Attachment[]> {
    return this.parts.handles.images(await this.value());
  }

  stop(): void {
    if (this.stage !== 'ended') this.stopper.abort();
  }

  /** Records what became of what the run staged. */
  note(body: RunEventInput): void {
    this.journal.append(body);
    if (this.stage === 'ended') this.journal.rest();
  }

  /** The window goes away: the journal is left as it is, so that the run can be seen as interrupted and resumed. */
  async interrupt(): Promise<void> {
    await this.journal.close();
    this.stop();
    await this.outcome;
  }

  private async execute(): Promise<RunOutcome> {
    const { parts, journal, snapshot } = this;
    const { signal } = this.stopper;
    if (signal.aborted) return { status: 'cancelled' };
    const { sourceBytes } = this.limits;
    // Before the check, which such a text would only keep busy.
    if (Buffer.byteLength(this.request.source) > sourceBytes) return { status: 'failed', error: { name: 'LimitError', ...broken.source(sourceBytes) } };
    // The next worker is made ready while the script is checked.
    parts.sandbox.prepare?.();
    parts.checker.setTypings(parts.typings());
    const checked = await this.check();
    const tools = reachTools(checked.reach, { snapshot, policy: parts.policy, run: this.id, origin: this.request.origin, marks: parts.marks });
    if (this.interrupted?.started !== undefined) return this.resume(this.interrupted, checked, tools);
    journal.append({ type: 'checked', ok: checked.ok, diagnostics: checked.diagnostics, reach: checked.reach, tools });
    if (!checked.ok) return { status: 'rejected', diagnostics: checked.diagnostics };
    const denied = tools.find((tool) => tool.decision === 'deny');
    if (denied !== undefined) return { status: 'declined', reason: `Nothing ran: the script names ${denied.namespace}.${denied.member} (line ${denied.lines[0]}), which is not allowed. ${denied.why}` };
    this.stage = 'deciding';
    const declined = await this.askToStart(checked, tools);
    if (declined !== undefined) return declined;
    this.stage = 'running';
    return this.outcomeOf(await this.runScript(checked));
  }

  /** Goes on where the record ends. Calls have been made: that nothing ran is not said any more. */
  private async resume(interrupted: InterruptedRun, checked: CheckResult, tools: readonly ReachTool[]): Promise<RunOutcome> {
    const problem = checked.diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    const denied = tools.find((tool) => tool.decision === 'deny');
    if (!checked.ok) return notResumed(`it does not pass the type check against the tools as they are now (line ${problem?.line ?? 1}: ${problem?.message ?? 'unknown error'})`);
    if (denied !== undefined) return notResumed(`${denied.namespace}.${denied.member} is not allowed any more. ${denied.why}`);
    await this.grant(interrupted.grantedAtStart(tools));
    this.stage = 'running';
    const outcome = this.outcomeOf(await this.runScript(checked));
    return this.divergence === undefined ? outcome : notResumed(`it ${this.divergence.message}`);
  }

  private async check(): Promise<CheckResult> {
    return this.parts.checker.check(this.request.source, { signal: this.stopper.signal });
  }

  private async askToStart(checked: CheckResult, tools: readonly ReachTool[]): Promise<RunOutcome | undefined> {
    const { parts, journal } = this;
    const { request, id: run } = this;
    const ahead = new Set((request.grants ?? []).map((ref) => JSON.stringify([ref.source, ref.kind, ref.name])));
    await this.grant(tools.filter((tool) => ahead.has(JSON.stringify([tool.ref.source, tool.ref.kind, tool.ref.name]))));
    const asking = tools.filter((tool) => tool.decision === 'ask' && !ahead.has(JSON.stringify([tool.ref.source, tool.ref.kind, tool.ref.name])));
    const dynamic = checked.reach.dynamic.length > 0;
    if (asking.length === 0 && !dynamic) return undefined;
    const why = [
      ...(asking.length > 0 ? [`${asking.length === 1 ? 'One tool it names asks' : `${asking.length} tools it names ask`} before being called: ${listed(asking)}.`] : []),
      ...(dynamic ? ['It also picks tools by names known only when it runs; each of those calls will be asked for.'] : []),
    ].join(' ');
    const question = { kind: 'start', run, title: request.title, source: request.source, tools, dynamic, why } as const;
    let asked: RunEvent | undefined;
    const answer = await parts.questions.askStart(question, this.stopper.signal, (id) => {
      asked = journal.append({ type: 'startAsked', question: id });
    });
    const chosen = new Set(answer.grants.map((ref) => JSON.stringify([ref.source, ref.kind, ref.name])));
    // Only what the screen showed can be granted by it.
    const granted = answer.allowed ? tools.filter((tool) => tool.decision === 'ask' && chosen.has(JSON.stringify([tool.ref.source, tool.ref.kind, tool.ref.name]))) : [];
    journal.append({ type: 'startDecided', question: (asked as Extract<RunEvent, { type: 'startAsked' }>).question, allowed: answer.allowed, granted: granted.map((tool) => tool.ref) });
    await journal.synced(this.stopper.signal);
    if (!answer.allowed) return { status: 'declined', reason: 'The developer did not let the script start: nothing ran.' };
    await this.grant(granted);
    return undefined;
  }

  private async grant(tools: readonly ReachTool[]): Promise<void> {
    for (const { ref, namespace, member } of tools) {
      const tool = this.snapshot.find(namespace, member);
      const server = this.snapshot.servers.find((entry) => entry.namespace === namespace);
      if (tool === undefined || server === undefined) continue;
      await this.parts.grants.add({
        scope: 'run',
        run: this.id,
        breadth: 'tool',
        kind: 'tool',
        server: ref.source,
        definitionHash: server.source.definitionHash,
        tools: { [ref.name]: tool.toolHash },
      });
    }
  }

  private async runScript(checked: CheckResult): Promise<SandboxResult> {
    const { parts, journal, limits, request, snapshot, interrupted } = this;
    const { signal } = this.calling;
    const recording = interrupted?.started === undefined ? undefined : new Recording(interrupted.events);
    const context: InvocationContext = {
      snapshot,
      discovery: parts.discovery,
      handles: parts.handles,
      marks: parts.marks,
      reach: new Set(checked.reach.entries.map((entry) => `${entry.namespace}.${entry.member}`)),
    };
    const calls = (this.calls = new Calls(parts, {
      ...context,
      run: this.id,
      origin: request.origin,
      conversation: request.conversation,
      limits,
      journal,
      signal,
      workspace: parts.changeSets.view(request.conversation, this.id, signal),
      onWaiting: () => this.phaseChanged.fire(this.phase),
      ...(request.toolInvocationToken !== undefined && { toolInvocationToken: request.toolInvocationToken }),
      ...(recording !== undefined && { recording }),
      onDivergence: (divergence) => {
        this.divergence ??= divergence;
        this.calling.abort();
      },
    }));
    const clock = interrupted?.started ?? { now: parts.now(), seed: randomUUID() };
    if (interrupted?.started === undefined) journal.append({ type: 'started', ...clock });
    let consoleToSkip = interrupted?.consoleEntries ?? 0;
    try {
      return await parts.sandbox.run(checked.code, {
        namespaces: Object.fromEntries(snapshot.servers.map((server) => [server.namespace, server.tools.map((tool) => tool.member)])),
        codemode: codemodeFunctions,
        call: (namespace, member, args, site) => calls.call(namespace, member, args, site),
        timeoutMs: limits.timeoutMs,
        memoryMb: limits.memoryMb,
        // The calls of one Promise.all are asked in one question, so they must all arrive; how many are sent at once is held here.
        limits: { ...sandboxLimits(limits), inFlight: limits.calls },
        signal: this.calling.signal,
        clock: { now: clock.now, seed: clock.seed },
        isPersonWaiting: () => this.isPersonWaiting(),
        onConsole: (entry) => {
          // What it said before the interruption is in the record already.
          if (consoleToSkip > 0) consoleToSkip -= 1;
          else journal.append({ type: 'console', entry });
        },
        // A script's default function is always given its parameters, even when there are none.
        params: request.params ?? {},
      });
    } finally {
      await this.windUp(calls);
      recording?.dispose();
    }
  }

  /** A call that was sent is waited for a little, so that its outcome is known; one that was not is not sent any more. */
  private async windUp(calls: Calls): Promise<void> {
    if (calls.inFlight > 0 && !this.stopper.signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, this.parts.graceMs);
        this.stopper.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([calls.settled(), grace]);
      clearTimeout(timer);
    }
    this.calling.abort();
    await calls.settled();
  }

  private outcomeOf(result: SandboxResult): RunOutcome {
    if (!result.ok) return { status: 'failed', error: result.error };
    const value = result.value as JsonValue | undefined;
    this.finalValue = { value: this.parts.redact.known(value) };
    return { status: 'finished', value: this.parts.recorder.record(this.finalValue.value) };
  }

  private async end(outcome: RunOutcome, startedAt: number): Promise<RunOutcome> {
    const { journal, parts } = this;
    this.calling.abort();
    parts.grants.endRun(this.id);
    this.stage = 'ended';
    const ended = journal.append({ type: 'ended', outcome, durationMs: parts.now() - startedAt });
    const changes = parts.changeSets.open.find((set) => set.conversation === this.request.conversation && !set.isLeftOut && holdsSomething(set));
    if (changes !== undefined && this.events.some((event) => event.type === 'started')) {
      const contents = contentsOf(changes);
      const others = othersText(contents);
      journal.append({ type: 'staged', changeSet: changes.id, files: contents.files, commits: contents.commits, ...(others !== undefined && { others }) });
    }
    journal.rest();
    this.phaseChanged.fire('ended');
    return (ended as Extract<RunEvent, { type: 'ended' }>).outcome;
  }

  private isPersonWaiting(): boolean {
    if (this.parts.questions.waits(this.id) || this.journal.trouble !== undefined || this.calls?.isPersonAsked === true) return true;
    return this.parts.changeSets.open.some((set) => set.checkpoint?.run === this.id);
  }

  /** Events are taken in memory even while the disk refuses them, so the pause itself can be shown. */
  private noteTrouble(): void {
    const { trouble } = this.journal;
    if (trouble !== undefined && !this.paused) this.journal.append({ type: 'paused', reason: trouble });
    else if (trouble === undefined && this.paused) this.journal.append({ type: 'continued' });
    this.paused = trouble !== undefined;
    this.phaseChanged.fire(this.phase);
  }
}

function notResumed(reason: string): RunOutcome {
  return { status: 'failed', error: { name: 'ResumeError', message: `The script could not be resumed: ${reason}. Nothing more was sent; what took effect before is listed with its calls.` } };
}

function sandboxLimits(limits: RunLimits): Omit<RunLimits, 'timeoutMs' | 'memoryMb'> {
  const { timeoutMs: _timeout, memoryMb: _memory, ...rest } = limits;
  return rest;
}

function listed(tools: readonly ReachTool[]): string {
  const names = tools.slice(0, 5).map((tool) => `${tool.namespace}.${tool.member}`);
  return tools.length > 5 ? `${names.join(', ')} and ${tools.length - 5} more` : names.join(', ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

