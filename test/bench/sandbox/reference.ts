import { Worker } from 'node:worker_threads';

/** A worker that does nothing but send back what it gets: what any sandbox in a worker is measured against. */
const echo = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', (text) => parentPort.postMessage(text)); parentPort.postMessage('ready');`;

export interface EchoWorker {
  roundTrip(text: string): Promise<void>;
  end(): Promise<void>;
}

/** Resolves at its first message: the least a worker takes to start. */
export async function startEcho(): Promise<EchoWorker> {
  const worker = new Worker(echo, { eval: true, execArgv: [] });
  const next = (): Promise<void> => new Promise((resolve) => worker.once('message', () => resolve()));
  await next();
  return {
    roundTrip(text) {
      const answered = next();
      worker.postMessage(text);
      return answered;
    },
    end: async () => void (await worker.terminate()),
  };
}

export const median = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!;

/** Wall milliseconds of some work. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU milliseconds, of the whole process, between two moments. */
export function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}
