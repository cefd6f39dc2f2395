import { Worker } from 'node:worker_threads';
import type { Judgement, ResultFile, ResultJudge } from './judgement.js';
import type { FromResultWorker, ResultWorkerData } from './worker.js';

export interface ResultJudgeOptions {
  /** The bundled worker, `dist/checker/result.js`. */
  readonly workerPath: string;
  /** Path of the editor's own `typescript.js`; undefined where there is none. */
  readonly typescript: () => string | undefined;
  /** How long one judgement may take, in ms. */
  readonly deadlineMs?: number;
  /** Memory of the worker, in MB. */
  readonly memoryMb?: number;
  /** How long, in ms, what is known of a project is kept for the next question. */
  readonly idleMs?: number;
}

/** Judges results in a worker that is ended when it takes too long, too much, or is not needed. */
export function createResultJudge(options: ResultJudgeOptions): ResultJudge {
  return new Client(options);
}

class Client implements ResultJudge {
  private worker: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: ResultJudgeOptions) {}

  async judge(files: readonly ResultFile[], signal: AbortSignal): Promise<Judgement> {
    const judgement = this.last.then(async () => {
      signal.throwIfAborted();
      return this.ask(files, signal);
    });
    this.last = judgement.catch(() => undefined);
    return judgement;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.end();
  }

  private async ask(files: readonly ResultFile[], signal: AbortSignal): Promise<Judgement> {
    const typescript = this.options.typescript();
    if (typescript === undefined) return unknown(files, 'The TypeScript of the editor was not found.');
    if (this.disposed) return unknown(files, 'The window is closing.');
    clearTimeout(this.idle);
    const worker = (this.worker ??= new Worker(this.options.workerPath, { workerData: { typescript } satisfies ResultWorkerData, resourceLimits: { maxOldGenerationSizeMb: this.options.memoryMb ?? 2048 }, stdout: true, stderr: true }));
    const deadline = this.options.deadlineMs ?? 60_000;
    let stop = (): void => undefined;
    const answer = await new Promise<FromResultWorker | 'stopped'>((resolve) => {
      const timer = setTimeout(() => resolve({ failure: `It took longer than ${Math.round(deadline / 1000)} s.` }), deadline);
      const abort = (): void => resolve('stopped');
      worker.once('message', resolve);
      worker.once('error', (error) => resolve({ failure: (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'The project needs too much memory.' : error.message }));
      worker.once('exit', () => resolve({ failure: 'The check ended before it had an answer.' }));
      signal.addEventListener('abort', abort, { once: true });
      stop = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        worker.removeAllListeners();
        worker.on('error', () => undefined);
      };
      worker.postMessage(files);
    });
    stop();
    if (answer === 'stopped' || 'failure' in answer) await this.end();
    else this.idle = setTimeout(() => void this.end(), this.options.idleMs ?? 120_000).unref();
    signal.throwIfAborted();
    if (answer === 'stopped') throw new Error('Stopped.');
    return 'failure' in answer ? unknown(files, answer.failure) : answer.judgement;
  }

  private async end(): Promise<void> {
    clearTimeout(this.idle);
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }
}

function unknown(files: readonly ResultFile[], reason: string): Judgement {
  return { files: files.filter((file) => file.text !== undefined).map(({ absolute }) => ({ absolute, status: 'notChecked', reason })), broken: [] };
}
