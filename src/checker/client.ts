import { Worker } from 'node:worker_threads';
import type { Checker, CheckResult, TypingsFile, TypingsSnapshot } from './checker.js';
import type { CheckerGlobals, CheckerWorkerData, FromWorker, ToWorker } from './protocol.js';

export interface CheckerOptions {
  /** The bundled worker, `dist/checker/worker.js`. */
  readonly workerPath: string;
  /** Folder of TypeScript's `lib.*.d.ts` files, `dist/checker/lib`. */
  readonly libDirectory: string;
  readonly globals: CheckerGlobals;
  /** How long one check may take, in ms, not counting the start of the worker. */
  readonly deadlineMs?: number;
  /** Memory of the worker, in MB. */
  readonly memoryMb?: number;
}

/** Loading TypeScript on a slow, busy machine. */
const startMs = 60_000;
/** Between asking a check to stop and ending its worker. */
const graceMs = 250;

/**
 * A checker in a worker of its own. A check that takes too long, too much memory or too much stack ends the worker;
 * the script gets a result that says so, and the next check a new worker.
 */
export function createChecker(options: CheckerOptions): Checker {
  return new CheckerClient(options);
}

type Request = { readonly type: 'warm' } | { readonly type: 'check'; readonly source: string };

interface Job {
  readonly request: Request;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: CheckResult | undefined) => void;
  readonly reject: (error: Error) => void;
  /** Set while the worker has it. */
  id?: number;
  attempts: number;
  settled: boolean;
}

class CheckerClient implements Checker {
  private worker: CheckerWorker | undefined;
  /** The first has been sent. */
  private readonly jobs: Job[] = [];
  private readonly files = new Map<string, string>();
  private disposed = false;

  constructor(private readonly options: CheckerOptions) {}

  setTypings(typings: TypingsSnapshot): void {
    if (this.disposed) return;
    const changed = typings.files.filter(({ namespace, text }) => this.files.get(namespace) !== text);
    const present = new Set(typings.files.map(({ namespace }) => namespace));
    const removed = [...this.files.keys()].filter((namespace) => !present.has(namespace));
    for (const namespace of removed) this.files.delete(namespace);
    for (const { namespace, text } of changed) this.files.set(namespace, text);
    if (changed.length > 0 || removed.length > 0) this.worker?.post({ type: 'typings', changed, removed });
  }

  async warm(): Promise<void> {
    await this.enqueue({ type: 'warm' });
  }

  async check(source: string, options?: { readonly signal?: AbortSignal }): Promise<CheckResult> {
    const result = await this.enqueue({ type: 'check', source }, options?.signal);
    if (result === undefined) throw new Error('The checker gave no result. Try again.');
    return result;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    const worker = this.worker;
    this.worker = undefined;
    for (const job of this.jobs.splice(0)) this.settle(job, new Error('The checker was closed.'));
    await worker?.terminate();
  }

  private enqueue(request: Request, signal?: AbortSignal): Promise<CheckResult | undefined> {
    return new Promise((resolve, reject) => {
      if (this.disposed) {
        reject(new Error('The checker was closed.'));
        return;
      }
      if (signal?.aborted === true) {
        reject(aborted(signal));
        return;
      }
      const onAbort = (): void => {
        this.abort(job);
      };
      const done = (): void => {
        signal?.removeEventListener('abort', onAbort);
      };
      const job: Job = {
        request,
        signal,
        attempts: 0,
        settled: false,
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort);
      this.jobs.push(job);
      if (this.jobs.length === 1) this.sendFirst();
    });
  }

  private sendFirst(): void {
    const [job] = this.jobs;
    if (job === undefined || job.id !== undefined || this.disposed) return;
    this.worker ??= this.start();
    job.attempts++;
    job.id = this.worker.send(job.request);
  }

  private start(): CheckerWorker {
    const worker = new CheckerWorker(this.options, {
      answered: (message) => {
        if (this.worker === worker) this.answered(message);
      },
      ended: (reason) => {
        if (this.worker === worker) this.ended(reason);
      },
    });
    worker.post({ type: 'typings', changed: [...this.files].map(([namespace, text]): TypingsFile => ({ namespace, text })), removed: [] });
    return worker;
  }

  private answered(message: FromWorker): void {
    const [job] = this.jobs;
    if (job === undefined || job.id !== message.id) return;
    this.jobs.shift();
    if (message.type === 'checked') {
      this.settle(job, message.result);
      if (message.worn) this.replaceWorker();
    } else if (message.type === 'warmed') this.settle(job, undefined);
    else if (message.type === 'cancelled') this.settle(job, timedOut(this.options.deadlineMs ?? defaultDeadlineMs));
    else {
      this.settle(job, new Error(`The checker failed: ${message.message}`));
      this.replaceWorker();
    }
    this.sendFirst();
  }

  private ended(reason: WorkerEnd): void {
    this.worker = undefined;
    const [job] = this.jobs;
    if (job === undefined) return;
    // A crash may be the worker's own fault: a script gets a second try, then it is the script's.
    if (reason.kind !== 'crashed' || job.attempts > 1 || job.settled) {
      this.jobs.shift();
      if (reason.kind === 'deadline' && job.request.type === 'check') this.settle(job, timedOut(this.options.deadlineMs ?? defaultDeadlineMs));
      else if (reason.kind === 'memory' && job.request.type === 'check') this.settle(job, outOfMemory());
      else this.settle(job, new Error(`The checker stopped: ${reason.message}`));
    } else job.id = undefined;
    if (reason.kind !== 'crashed' && this.jobs.length === 0) this.makeReady();
    this.sendFirst();
  }

  private abort(job: Job): void {
    if (job.signal !== undefined) this.settle(job, aborted(job.signal));
    if (job === this.jobs[0]) this.worker?.cancel();
    else this.jobs.splice(this.jobs.indexOf(job), 1);
  }

  private replaceWorker(): void {
    const worker = this.worker;
    this.worker = undefined;
    void worker?.terminate();
    if (this.jobs.length === 0) this.makeReady();
  }

  /** Starts a worker now rather than at the next check, which would wait for it, and could take as long as a start may. */
  private makeReady(): void {
    if (!this.disposed) void this.warm().catch(() => undefined);
  }

  private settle(job: Job, outcome: CheckResult | Error | undefined): void {
    if (job.settled) return;
    job.settled = true;
    if (outcome instanceof Error) job.reject(outcome);
    else job.resolve(outcome);
  }
}

const defaultDeadlineMs = 10_000;

interface WorkerEnd {
  readonly kind: 'deadline' | 'memory' | 'crashed';
  readonly message: string;
}

/** One worker thread, its clock and its end. */
class CheckerWorker {
  private readonly worker: Worker;
  private readonly cancelled = new Int32Array(new SharedArrayBuffer(4));
  private sent = 0;
  private ready = false;
  private timer: NodeJS.Timeout | undefined;
  private over = false;

  constructor(
    private readonly options: CheckerOptions,
    private readonly owner: { answered(message: FromWorker): void; ended(reason: WorkerEnd): void },
  ) {
    const workerData: CheckerWorkerData = { libDirectory: options.libDirectory, globals: options.globals, cancelled: this.cancelled.buffer };
    this.worker = new Worker(options.workerPath, {
      workerData,
      // Deep scripts need stack, declarations of thousands of tools memory; with room for young objects a check is a
      // third faster.
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb ?? 1_024, maxYoungGenerationSizeMb: 96, stackSizeMb: 16 },
      env: {},
      stdout: false,
      stderr: false,
      name: 'code-mode checker',
    });
    this.worker.on('message', (message: FromWorker) => {
      clearTimeout(this.timer);
      this.ready = true;
      this.worker.unref();
      owner.answered(message);
    });
    this.worker.on('error', (error: NodeJS.ErrnoException) => {
      this.end({ kind: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crashed', message: error.message });
    });
    this.worker.on('exit', (code) => {
      this.end({ kind: 'crashed', message: `its worker ended with code ${String(code)}.` });
    });
    this.worker.unref();
  }

  post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  /** @returns the number of the request. */
  send(request: Request): number {
    const id = ++this.sent;
    // A process whose only work is a check waits for it; one that has nothing else left may end.
    this.worker.ref();
    this.post({ ...request, id });
    const deadline = this.options.deadlineMs ?? defaultDeadlineMs;
    this.stopAfter(request.type === 'check' && this.ready ? deadline : startMs + deadline);
    return id;
  }

  /** Stops what is being checked, by asking and then by force. */
  cancel(): void {
    Atomics.store(this.cancelled, 0, this.sent);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.end({ kind: 'deadline', message: 'it did not answer in time.' });
    }, graceMs);
  }

  async terminate(): Promise<void> {
    this.over = true;
    clearTimeout(this.timer);
    await this.worker.terminate();
  }

  private stopAfter(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.cancel();
    }, ms);
  }

  private end(reason: WorkerEnd): void {
    if (this.over) return;
    void this.terminate();
    this.owner.ended(reason);
  }
}

function aborted(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('The check was cancelled.', 'AbortError');
}

function timedOut(deadlineMs: number): CheckResult {
  return refused('codemode/check-time', `The script could not be checked within ${String(deadlineMs / 1_000)} s. Its types or expressions are too involved: write simpler ones.`);
}

function outOfMemory(): CheckResult {
  return refused('codemode/check-memory', 'The script could not be checked in the memory there is. Its types or expressions are too involved: write simpler ones.');
}

function refused(code: string, message: string): CheckResult {
  return {
    ok: false,
    diagnostics: [{ severity: 'error', code, message, line: 1, column: 1, end: { line: 1, column: 1 } }],
    reach: { entries: [], dynamic: [] },
    dialect: 'body',
    code: '',
  };
}
