import { createRequire } from 'node:module';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Judge } from './judge.js';
import type { Judgement, ResultFile } from './judgement.js';
import type { TypeScript } from './project.js';

/** One question and one answer at a time. */
export interface ResultWorkerData {
  /** `typescript.js` of the editor: what it says is what the editor will say. */
  readonly typescript: string;
}

export type FromResultWorker = { readonly judgement: Judgement } | { readonly failure: string };

if (parentPort === null) throw new Error('Results are judged in a worker thread.');
const port = parentPort;
const { typescript } = workerData as ResultWorkerData;
const judge = new Judge(createRequire(typescript)(typescript) as TypeScript, path.dirname(typescript));

port.on('message', (files: readonly ResultFile[]) => {
  let answer: FromResultWorker;
  try {
    answer = { judgement: judge.judge(files) };
  } catch (error) {
    answer = { failure: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(answer);
});
