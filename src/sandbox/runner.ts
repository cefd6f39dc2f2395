import { EngineCrash } from './engine/crash.js';
import { Engine, type Thrown } from './engine/engine.js';
import { effectiveMemoryMb } from './engine/limitedMemory.js';
import type { BootedEngine, HostFunction } from './engine/options.js';
import type { QuickJsLoader, ValuePointer } from './engine/binding.js';
import { answer } from './answers.js';
import { CallPlaces } from './callPlaces.js';
import { leftUndone, thrownEnd } from './endings.js';
import { hostFunctionNames, libraryEntries, librarySource } from './guest/library.js';
import { broken, defaultLimits } from './limits.js';
import { monotonicMs, shared, type FromWorker, type GuestEnd, type StartMessage, type ToWorker, type WorkerData } from './protocol.js';
import { startOf, type Run } from './run.js';
import type { ConsoleEntry } from './sandbox.js';
import { ScriptText, scriptText, syntaxErrorOf } from './wrapping.js';

export interface RunnerOptions {
  readonly load: QuickJsLoader;
  readonly module: WebAssembly.Module;
  readonly heapStart: number;
  readonly booted?: BootedEngine;
  readonly data: WorkerData;
  post(message: FromWorker): void;
}

const thrownOf = (result: string | Thrown): Thrown | undefined => (typeof result === 'string' ? undefined : result);

/** After this many runs a worker is replaced, whatever it looks like. */
const mostRuns = 100;

/** So many calls are sent before the script has to wait: more than the host takes on at a time. */
const callsAtOnce = 128;
/** Or so much of their arguments, which must not pile up here. */
const bytesAtOnce = 1024 * 1024;

/** Runs one script at a time in an engine, in the worker. */
export class Runner {
  private engine!: Engine;
  private run: Run | undefined;
  private runs = 0;
  private isReady = false;
  private readonly flags: Int32Array;
  private readonly clock: Float64Array;
  /** The configuration that the engine stands ready with. */
  private configured: string | undefined;

  constructor(private readonly options: RunnerOptions) {
    this.flags = new Int32Array(options.data.shared);
    this.clock = new Float64Array(options.data.shared);
  }

  async prepare(memoryMb: number): Promise<Engine> {
    this.isReady = false;
    const implementations: Record<(typeof hostFunctionNames)[number], Omit<HostFunction, 'name'>> = {
      // Made by the engine.
      tool: { takes: ['number'], call: () => undefined },
      log: { takes: ['text', 'text'], call: (level, json) => this.log(level as ConsoleEntry['level'], JSON.parse(json as string) as string) },
      ask: { takes: ['text', 'text'], call: (operation, input) => (operation === 'seed' ? `+${JSON.stringify(this.run?.start.seed ?? [...crypto.getRandomValues(new Uint32Array(4))])}` : answer(operation as string, input as string)) },
      setTimer: { takes: ['number', 'number'], call: (id, ms) => this.setTimer(id as number, ms as number) },
      clearTimer: { takes: ['number'], call: (id) => this.clearTimer(id as number) },
    };
    this.engine = await Engine.create({
      ...this.options,
      memoryMb,
      stackKb: defaultLimits.stackKb,
      library: librarySource,
      functions: hostFunctionNames.map((name) => ({ name, ...implementations[name] })),
      entries: libraryEntries,
      tools: { encode: 'encode', mostBytes: () => (this.run!.stop === undefined ? this.run!.start.argumentBytes : undefined), call: (id, tool, json) => this.send(id, tool, json) },
      shouldInterrupt: () => this.shouldInterrupt(),
    });
    this.configured = undefined;
    this.isReady = true;
    return this.engine;
  }

  async start(message: StartMessage): Promise<void> {
    const start = startOf(message);
    if (this.engine.memoryMb !== effectiveMemoryMb(start.memoryMb)) await this.prepare(start.memoryMb);
    const text = new ScriptText(start.source);
    const run: Run = { start, text, places: new CallPlaces(this.engine, text), calls: [], console: [], consoleBytes: 0, inFlight: new Map(), waitingBytes: 0, unsentBytes: 0, made: new Map(), flushedAt: monotonicMs(), flushes: 0, timers: new Map(), clockMs: 0 };
    this.run = run;
    this.engine.setStack(start.stackKb);
    this.compute(run, () => {
      const unready = this.configure(start.config) ?? (start.params === undefined ? undefined : thrownOf(this.engine.call('params', start.params)));
      if (unready !== undefined) return thrownEnd(this.engine, run, unready);
      const faulty = syntaxErrorOf(this.engine, start.source);
      if (faulty !== undefined) return thrownEnd(this.engine, run, faulty);
      const promise = this.engine.evaluate(scriptText(start.source));
      if (typeof promise !== 'number') return thrownEnd(this.engine, run, promise);
      run.promise = promise;
      return this.settle(run);
    });
  }

  /** Only the host can go on: with the next run, or with answers where no timer is set. */
  get waitsForMessages(): boolean {
    return this.isReady && (this.run === undefined || (this.run.inFlight.size > 0 && this.run.timers.size === 0));
  }

  /** In the middle of a run. */
  get waitsForAnswers(): boolean {
    return this.run !== undefined;
  }

  /** The time that a script sees. */
  guestNow(realNow: () => number): number {
    const run = this.run;
    if (run?.start.now === undefined) return realNow();
    run.clockMs += 0.001;
    return run.start.now + Math.floor(run.clockMs);
  }

  deliver(message: Extract<ToWorker, { type: 'replies' }>): void {
    const run = this.run;
    if (run === undefined) return;
    run.clockMs = Math.max(run.clockMs, message.elapsedMs ?? 0);
    this.compute(run, () => {
      let failed: Thrown | undefined;
      for (const text of message.texts) failed ??= thrownOf(this.engine.call('hold', text));
      failed ??= this.answer(run, message);
      if (failed !== undefined) return thrownEnd(this.engine, run, failed);
      return this.settle(run);
    });
  }

  private answer(run: Run, { ids, kinds, batch }: Extract<ToWorker, { type: 'replies' }>): Thrown | undefined {
    const { engine } = this;
    const answers = engine.parse(batch);
    if (typeof answers !== 'number') return answers;
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at]!;
      const kind = kinds[at];
      run.waitingBytes -= run.inFlight.get(id)?.bytes ?? 0;
      run.inFlight.delete(id);
      if (kind === 'u') {
        this.watch(id);
        engine.calls.settle(id, engine.undefined, false);
        continue;
      }
      let value = engine.item(answers, at);
      if (kind !== 'v') {
        const made = kind === 't' ? engine.invoke('withTexts', value) : this.failureOf(run, id, value);
        engine.release(value);
        if (typeof made !== 'number') return made;
        value = made;
      }
      if (kind !== 'e') this.watch(id);
      engine.calls.settle(id, value, kind === 'e');
      engine.release(value);
    }
    engine.release(answers);
    return undefined;
  }

  private failureOf(run: Run, id: number, given: ValuePointer): ValuePointer | Thrown {
    const { tool, place } = run.made.get(id)!;
    const values = [this.engine.value(tool), this.engine.value(place.stack)] as const;
    const failure = this.engine.invoke('failure', given, ...values);
    this.engine.release(...values);
    return failure;
  }

  /** Has the guest note a call that nothing waits for when it is answered, until something does. */
  private watch(id: number): void {
    const { engine } = this;
    if (engine.calls.isAwaited(id)) return;
    const values = [engine.calls.promiseOf(id), engine.value(id)] as const;
    const watched = engine.invoke('watch', ...values);
    engine.release(...values, typeof watched === 'number' ? watched : watched.thrown);
  }

  /** Lets the guest compute, on the clock; then says what came of it. */
  private compute(run: Run, work: () => GuestEnd | undefined): void {
    this.clock[shared.since] = monotonicMs();
    let end: GuestEnd | undefined;
    try {
      end = work();
    } catch (error) {
      if (run.stop !== undefined) end = { type: 'limit', broken: run.stop };
      // Some native calls, parsing among them, use the thread's own stack rather than the one that is measured.
      else if (error instanceof EngineCrash && error.message.includes('call stack')) end = { type: 'limit', broken: broken.stack(run.start.stackKb) };
      else end = { type: 'crash', message: error instanceof EngineCrash ? error.message : String(error) };
    }
    // Whatever the script made of it.
    if (this.engine.memoryRefused && end?.type !== 'limit') end = { type: 'limit', broken: broken.memory(run.start.memoryMb) };
    // In this order: the host may look in between, and must not count the stretch twice.
    const computed = this.computedMs();
    this.clock[shared.since] = 0;
    this.clock[shared.computed] = computed;
    if (end === undefined) this.flush(run);
    else this.end(run, end);
  }

  private computedMs(): number {
    const since = this.clock[shared.since]!;
    return this.clock[shared.computed]! + (since === 0 ? 0 : monotonicMs() - since);
  }

  private shouldInterrupt(): boolean {
    const run = this.run;
    if (run === undefined) return false;
    if (Atomics.load(this.flags, shared.cancel) !== 0) return true;
    if (run.stop === undefined && this.engine.memoryRefused) run.stop = broken.memory(run.start.memoryMb);
    if (run.stop === undefined && this.computedMs() > run.start.timeoutMs) run.stop = broken.time(run.start.timeoutMs);
    if (run.console.length > 0 && monotonicMs() - run.flushedAt > 50) this.flushConsole(run);
    return run.stop !== undefined;
  }

  /** Runs what is ready and looks whether the script is done. */
  private settle(run: Run): GuestEnd | undefined {
    const stopped = this.engine.runJobs();
    if (run.stop !== undefined) return { type: 'limit', broken: run.stop };
    if (stopped !== undefined) return thrownEnd(this.engine, run, stopped);
    const outcome = this.engine.promise(run.promise!);
    if (outcome.state === 'rejected') return thrownEnd(this.engine, run, { thrown: outcome.value });
    if (outcome.state === 'fulfilled') {
      const json = this.engine.jsonOf(outcome.value, run.start.valueBytes) ?? this.engine.call('finish', outcome.value);
      if (run.stop !== undefined) return { type: 'limit', broken: run.stop };
      if (typeof json !== 'string') return thrownEnd(this.engine, run, json);
      return { type: 'value', json, left: leftUndone(this.engine, run) };
    }
    if (outcome.state === 'none') return { type: 'error', error: { name: 'SyntaxError', message: 'The script is not the body of a function.' }, left: { calls: [], rejections: [] } };
    return run.inFlight.size === 0 && run.timers.size === 0 && !this.engine.memoryRefused ? { type: 'limit', broken: broken.deadlock() } : undefined;
  }

  private setTimer(id: number, ms: number): undefined {
    const run = this.run!;
    const dueMs = run.clockMs + ms;
    const handle = setTimeout(() => {
      run.timers.delete(id);
      if (this.run !== run) return;
      run.clockMs = Math.max(run.clockMs, dueMs);
      this.compute(run, () => {
        const fired = this.engine.call('fire', String(id));
        return typeof fired === 'string' ? this.settle(run) : thrownEnd(this.engine, run, fired);
      });
    }, ms);
    run.timers.set(id, handle);
  }

  private clearTimer(id: number): undefined {
    clearTimeout(this.run!.timers.get(id));
    this.run!.timers.delete(id);
  }

  private send(id: number, tool: number, json: string): void {
    const run = this.run!;
    const place = run.places.current();
    run.made.set(id, { tool, place });
    if (run.made.size > run.start.calls) {
      run.stop ??= broken.calls(run.start.calls);
      return;
    }
    const { line = 0, column = 0 } = place;
    run.calls.push(id, tool, json, line, column);
    run.inFlight.set(id, { tool, line, state: 'unsent', bytes: json.length });
    run.waitingBytes += json.length;
    run.unsentBytes += json.length;
    // They are kept outside of the engine's memory, but they are the script's all the same.
    if (run.waitingBytes > run.start.memoryMb * 1024 * 1024) run.stop ??= broken.waiting(run.start.memoryMb);
    // The host begins with these while the script goes on to make more.
    if (run.calls.length >= callsAtOnce * 5 || run.unsentBytes > bytesAtOnce) this.flush(run);
  }

  private log(level: ConsoleEntry['level'], text: string): undefined {
    const run = this.run!;
    const most = run.start.consoleBytes;
    if (run.consoleBytes > most) return;
    run.consoleBytes += Buffer.byteLength(text) + 1;
    run.console.push(run.consoleBytes > most ? { level: 'error', text: broken.console(most).message } : { level, text });
    // The first lines at once: what ends the worker in the middle of a native call must not take them along.
    if (run.flushes < 32 || monotonicMs() - run.flushedAt > 50) this.flushConsole(run);
  }

  private flush(run: Run): void {
    if (run.calls.length === 0 && run.console.length === 0) return;
    for (let at = 0; at < run.calls.length; at += 5) {
      const id = run.calls[at] as number;
      run.inFlight.get(id)!.state = 'sent';
    }
    this.options.post({ type: 'output', calls: run.calls, console: run.console });
    run.calls.length = 0;
    run.unsentBytes = 0;
    run.console = [];
    run.flushedAt = monotonicMs();
  }

  private flushConsole(run: Run): void {
    this.options.post({ type: 'output', calls: [], console: run.console });
    run.flushes++;
    run.console = [];
    run.flushedAt = monotonicMs();
  }

  private end(run: Run, end: GuestEnd): void {
    this.run = undefined;
    for (const timer of run.timers.values()) clearTimeout(timer);
    const isSpent = end.type === 'crash' || end.type === 'limit' || this.engine.hasGrown || ++this.runs >= mostRuns;
    const isPlain = end.type === 'value' && !isSpent && run.console.length + end.left.calls.length + end.left.rejections.length === 0;
    this.options.post(isPlain ? end.json : { type: 'ended', end, console: run.console, isSpent });
    this.isReady = !isSpent;
    if (isSpent) return;
    this.reset(run.start.config);
    this.clock[shared.computed] = 0;
    this.options.post({ type: 'ready' });
  }

  /** Puts the engine back, ready for a run of the same servers: those of the next are mostly the same. */
  private reset(config: string): void {
    this.engine.restore();
    this.configured = undefined;
    if (this.configure(config) !== undefined) this.engine.restore();
  }

  /** @returns why it could not be. */
  private configure(config: string): Thrown | undefined {
    if (this.configured === config) return undefined;
    if (this.configured !== undefined) this.engine.restore();
    this.configured = undefined;
    const failed = thrownOf(this.engine.call('configure', config));
    if (failed === undefined) this.configured = config;
    return failed;
  }
}
