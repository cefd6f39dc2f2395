import { parentPort, workerData } from 'node:worker_threads';
import { Cancelled, Engine } from './engine.js';
import type { CheckerWorkerData, FromWorker, ToWorker } from './protocol.js';

if (parentPort === null) throw new Error('The checker runs as a worker thread.');
const port = parentPort;
const data = workerData as CheckerWorkerData;
const cancelled = new Int32Array(data.cancelled);
const engine = new Engine(data.libDirectory, data.globals);

const post = (message: FromWorker): void => {
  port.postMessage(message);
};

/** Between the last message and making ready for the next. */
const idleMs = 30;
let idle: NodeJS.Timeout | undefined;

port.on('message', (message: ToWorker) => {
  clearTimeout(idle);
  answer(message);
  idle = setTimeout(() => {
    engine.refresh();
  }, idleMs);
});

function answer(message: ToWorker): void {
  if (message.type === 'typings') {
    engine.setTypings(message.changed, message.removed);
    return;
  }
  const { id } = message;
  try {
    if (message.type === 'warm') {
      engine.warm();
      post({ type: 'warmed', id });
    } else {
      const { result, worn } = engine.check(message.source, () => Atomics.load(cancelled, 0) >= id);
      post({ type: 'checked', id, result, worn });
    }
  } catch (error) {
    if (error instanceof Cancelled) post({ type: 'cancelled', id });
    else post({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  }
}
