import { Worker } from 'node:worker_threads';
import path from 'node:path';
import { Attention } from './attention.js';
import { loadEngine } from './engine/build.js';
import type { EngineBuild } from './engine/module.js';
import { broken, defaultLimits, defaultMemoryMb } from './limits.js';
import { monotonicMs, shared, type FromWorker, type ToWorker, type WorkerData } from './protocol.js';
import type { Sandbox, SandboxResult, SandboxRunOptions } from './sandbox.js';
import { Session } from './session.js';

export interface SandboxPoolOptions {
  /** The bundled worker; `quickjs.wasm` stands beside it. */
  readonly workerPath: string;
  /** Most scripts that run at the same time; more wait their turn. */
  readonly size?: number;
}

export interface SandboxPool extends Sandbox {
  /** Starts the spare worker ahead of the first run. */
  warm(): Promise<void>;
}

/** A first run ends in less, and would share its cores with the start of the spare worker. */
const spareAfterMs = 20;

type State = 'starting' | 'ready' | 'running' | 'resting' | 'spent' | 'ended';

/** One worker thread, used for one run after the other until something breaks in it. */
class PooledWorker {
  state: State = 'starting';
  /** When it was taken last, as the count of all uses. */
  usedAt = 0;
  session: Session | undefined;
  /** Why it ended before it was ready. */
  failure: Error | undefined;
  readonly shared = new SharedArrayBuffer(shared.bytes);
  readonly flags = new Int32Array(this.shared);
  readonly clock = new Float64Array(this.shared);
  private readonly thread: Worker;
  /** A script that has its answer mostly makes its next call at once. */
  private readonly attention = new Attention(0.15);
  private awakeUntil = 0;
  private isAwake = false;

  constructor(workerPath: string, engine: Promise<EngineBuild>, memoryMb: () => number, onChange: (worker: PooledWorker) => void) {
    const data: WorkerData = { shared: this.shared };
    this.thread = new Worker(workerPath, { workerData: data, env: {}, execArgv: [], stdout: true, stderr: true });
    this.thread.on('message', (message: FromWorker) => {
      if (typeof message !== 'string' && message.type === 'ready') {
        if (this.state !== 'ended') this.state = 'ready';
        onChange(this);
        return;
      }
      this.attention.heard();
      this.awakeUntil = 0;
      const { session } = this;
      const end = typeof message === 'string' ? { isSpent: false } : message.type === 'ended' ? message : undefined;
      if (end !== undefined) {
        this.session = undefined;
        if (this.state === 'running') this.state = end.isSpent ? 'spent' : 'resting';
      }
      session?.hear(message);
      if (end !== undefined) onChange(this);
    });
    const gone = (error?: Error): void => {
      if (this.state === 'ended') return;
      if (this.state === 'starting') this.failure = error ?? new Error('it ended before it was ready');
      this.state = 'ended';
      const { session } = this;
      this.session = undefined;
      session?.lose(error);
      onChange(this);
    };
    this.thread.on('error', gone);
    this.thread.on('exit', () => gone());
    this.thread.unref();
    // Where it cannot be loaded, the pool ends its workers.
    engine.then((build) => this.post({ type: 'build', build, memoryMb: memoryMb() }), () => undefined);
  }

  /** Whether this worker keeps the process alive. */
  keepAlive(isNeeded: boolean): void {
    if (isNeeded) this.thread.ref();
    else this.thread.unref();
  }

  /** A run is being made ready for it: it may wake up meanwhile. */
  wake(): void {
    Atomics.notify(this.flags, shared.posted);
  }

  start(session: Session): void {
    this.state = 'running';
    this.session = session;
    session.start();
  }

  post(message: ToWorker): void {
    this.thread.postMessage(message);
    Atomics.add(this.flags, shared.posted, 1);
    Atomics.notify(this.flags, shared.posted);
    // A worker that sleeps, as before a start, is woken on the core of whoever wakes it: that has to become free.
    if (!('type' in message) || message.type !== 'replies') return;
    this.awakeUntil = this.attention.expect();
    if (this.isAwake || this.awakeUntil === 0) return;
    this.isAwake = true;
    setImmediate(this.stayAwake);
  }

  /** Turns the event loop, with all that it has to do, so that it does not sleep. */
  private readonly stayAwake = (): void => {
    if (monotonicMs() < this.awakeUntil) setImmediate(this.stayAwake);
    else this.isAwake = false;
  };

  async end(): Promise<void> {
    this.state = 'ended';
    this.session = undefined;
    this.thread.unref();
    await this.thread.terminate();
  }
}

class Pool implements SandboxPool {
  private readonly workers = new Set<PooledWorker>();
  private readonly waiting: ((given: PooledWorker | Error | undefined) => void)[] = [];
  private readonly sessions = new Set<Session>();
  private readonly endings = new Set<Promise<void>>();
  private readonly size: number;
  private build: Promise<EngineBuild> | undefined;
  private isLoaded = false;
  private uses = 0;
  /** What the latest run may use: the next ones mostly the same, and a worker stands ready with it. */
  private memoryMb = defaultMemoryMb;
  private isDisposed = false;

  constructor(private readonly options: SandboxPoolOptions) {
    this.size = Math.max(1, options.size ?? 4);
  }

  async warm(): Promise<void> {
    this.fill();
  }

  prepare(): void {
    this.fill();
  }

  async run(source: string, options: SandboxRunOptions): Promise<SandboxResult> {
    const sourceBytes = options.limits?.sourceBytes ?? defaultLimits.sourceBytes;
    if (source.length > sourceBytes || Buffer.byteLength(source) > sourceBytes) {
      const { limit, message } = broken.source(sourceBytes);
      return { ok: false, error: { name: 'LimitError', message, limit }, console: [] };
    }
    this.memoryMb = options.memoryMb;
    if (this.workers.size === 0) this.fill();
    if (!this.isLoaded) {
      const unavailable = await this.engine().then(() => undefined, (error: unknown) => String(error));
      if (unavailable !== undefined) {
        return { ok: false, error: { name: 'SandboxError', message: `The sandbox's engine could not be loaded: ${unavailable}. Reinstall the extension.` }, console: [] };
      }
    }
    // A turn of the queue of microtasks is a twentieth of a short run.
    const acquired = this.acquire(options.signal);
    const worker = acquired instanceof Promise ? await acquired : acquired;
    if (worker instanceof Error) {
      return { ok: false, error: { name: 'SandboxError', message: `The sandbox's worker could not be started: ${worker.message}. Nothing ran. Reload the window, and reinstall the extension if that does not help.` }, console: [] };
    }
    if (worker === undefined || this.isDisposed || options.signal?.aborted === true) {
      // Cancelled after it had got its worker, before it could use it.
      if (worker?.state === 'running') {
        worker.state = 'ready';
        this.changed(worker);
      }
      return { ok: false, error: { name: 'AbortError', message: this.isDisposed ? 'The sandbox was closed.' : 'The run was cancelled.' }, console: [] };
    }
    const session = new Session(source, options, worker, () => this.retire(worker));
    this.sessions.add(session);
    try {
      worker.start(session);
    } catch (error) {
      // Options that cannot be sent, such as params that are not data.
      session.cancel();
      this.sessions.delete(session);
      return { ok: false, error: { name: 'TypeError', message: `The run could not be started: ${error instanceof Error ? error.message : String(error)}` }, console: [] };
    }
    this.keepAlive();
    if (this.workers.size < this.wanted(1)) setTimeout(() => this.fill(1), spareAfterMs).unref();
    const result = await session.result;
    this.sessions.delete(session);
    return result;
  }

  async dispose(): Promise<void> {
    this.isDisposed = true;
    for (const wait of this.waiting.splice(0)) wait(undefined);
    for (const session of this.sessions) session.cancel();
    for (const worker of this.workers) this.retire(worker);
    await Promise.all(this.endings);
  }

  private engine(): Promise<EngineBuild> {
    this.build ??= loadEngine(path.dirname(this.options.workerPath)).then((build) => {
      this.isLoaded = true;
      return build;
    }).catch((error: unknown) => {
      // The next run tries again.
      this.build = undefined;
      for (const worker of this.workers) this.release(worker);
      throw error;
    });
    return this.build;
  }

  /** @returns nothing where the run is cancelled first, and the reason where no worker can be started. */
  private acquire(signal: AbortSignal | undefined): PooledWorker | undefined | Promise<PooledWorker | Error | undefined> {
    if (this.isDisposed || signal?.aborted === true) return undefined;
    const ready = this.takeReady();
    if (ready !== undefined) return ready;
    return new Promise((resolve) => {
      const wait = (given: PooledWorker | Error | undefined): void => {
        signal?.removeEventListener('abort', abandon);
        resolve(given);
      };
      const abandon = (): void => {
        this.waiting.splice(this.waiting.indexOf(wait), 1);
        this.keepAlive();
        resolve(undefined);
      };
      this.waiting.push(wait);
      signal?.addEventListener('abort', abandon, { once: true });
      this.fill();
      this.keepAlive();
    });
  }

  private takeReady(): PooledWorker | undefined {
    if (this.countOf('running') >= this.size) return undefined;
    let latest: PooledWorker | undefined;
    for (const worker of this.workers) if (worker.state === 'ready' && (latest === undefined || worker.usedAt > latest.usedAt)) latest = worker;
    if (latest === undefined) return undefined;
    latest.state = 'running';
    // What has rested shortest wakes soonest.
    latest.usedAt = ++this.uses;
    latest.wake();
    return latest;
  }

  private countOf(state: State): number {
    let count = 0;
    for (const worker of this.workers) if (worker.state === state) count++;
    return count;
  }

  private changed(worker: PooledWorker): void {
    if (worker.state === 'ended') this.workers.delete(worker);
    if (worker.state === 'spent') this.retire(worker);
    // Another would hardly fare better: whoever waits is told, instead of workers being started for ever.
    if (worker.failure !== undefined) this.waiting.shift()?.(worker.failure);
    while (this.waiting.length > 0) {
      const ready = this.takeReady();
      if (ready === undefined) break;
      this.waiting.shift()!(ready);
    }
    if (this.waiting.length > 0 || (worker.state === 'ended' && worker.failure === undefined)) this.fill();
    this.keepAlive();
  }

  /** Only workers that someone waits for hold the process. */
  private keepAlive(): void {
    for (const worker of this.workers) worker.keepAlive(worker.state === 'running' || this.waiting.length > 0);
  }

  /**
   * Has as many workers as runs need, and one more, unless its start would slow one down that is waited for. At least so
   * many runs are reckoned with: the next one may use up the worker of one that is over by now.
   */
  private fill(leastRunning = 0): void {
    if (this.isDisposed) return;
    const wanted = this.wanted(leastRunning);
    while (this.workers.size < wanted) this.workers.add(new PooledWorker(this.options.workerPath, this.engine(), () => this.memoryMb, (worker) => this.changed(worker)));
  }

  private wanted(leastRunning: number): number {
    const running = Math.max(leastRunning, this.countOf('running'));
    return Math.min(this.size, running + this.waiting.length) + (this.waiting.length > 0 ? 0 : 1);
  }

  private retire(worker: PooledWorker): void {
    this.release(worker);
    this.fill();
  }

  private release(worker: PooledWorker): void {
    this.workers.delete(worker);
    const ending = worker.end().finally(() => this.endings.delete(ending));
    this.endings.add(ending);
  }
}

/** A sandbox of worker threads. Nothing is started before the first run or `warm()`. */
export function createSandboxPool(options: SandboxPoolOptions): SandboxPool {
  return new Pool(options);
}
