import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { QuickJsLoader } from './engine/binding.js';
import { Attention } from './attention.js';
import { loadEngine } from './engine/build.js';
import type { EngineBuild } from './engine/module.js';
import { defaultMemoryMb } from './limits.js';
import { monotonicMs, shared, type FromWorker, type ToWorker, type WorkerData } from './protocol.js';
import { imageKey, readImage, writeImage } from './engine/imageFile.js';
import { librarySource } from './guest/library.js';
import { realNow, setClock, useUtc } from './engine/clock.js';
import { Runner } from './runner.js';

// Required rather than imported: the build's ES module asks for `import.meta.url`, which a CommonJS bundle lacks.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const load = require('@jitl/quickjs-wasmfile-release-sync/emscripten-module') as QuickJsLoader;

const port = parentPort;
if (port === null) throw new Error('This file is the worker of the sandbox; it is not run by itself.');
const data = workerData as WorkerData;
const post = (message: FromWorker): void => port.postMessage(message);
const imageFile = path.join(__dirname, 'quickjs.image');
const flags = new Int32Array(data.shared);
let runner: Runner | undefined;

async function prepare({ module, heapStart, hash }: EngineBuild, memoryMb: number): Promise<void> {
  // Of this bundle's library: another bundler's options write the same functions in other ways.
  const key = imageKey(hash, librarySource);
  const booted = data.writesImage === true || !existsSync(imageFile) ? undefined : readImage(key, readFileSync(imageFile));
  const made = (runner = new Runner({ load, module, heapStart, booted, data, post }));
  useUtc();
  setClock(() => made.guestNow(realNow));
  const engine = await made.prepare(memoryMb);
  if (data.writesImage !== true) return post({ type: 'ready' });
  writeFileSync(imageFile, writeImage(key, engine.booted));
  port!.close();
}

if (data.writesImage === true) void loadEngine(__dirname).then((build) => prepare(build, defaultMemoryMb));
else {
  port.on('message', (message: ToWorker) => {
    let next: ToWorker | undefined = message;
    do hear(next);
    while ((next = soon()) !== undefined);
  });
}

function hear(message: ToWorker): void {
  if (!('type' in message)) void runner!.start(message);
  else if (message.type === 'build') void prepare(message.build, message.memoryMb);
  else runner!.deliver(message);
}

/** How long a message that was announced is waited for awake: more than it takes to write. */
const mostAheadMs = 0.3;

/** How quickly an answer comes that is waited for awake, in ms: as a read under policy and journal does. */
const answers = new Attention(0.2);

/**
 * The next message, where nothing else is to be done before. A thread that waits for a word in memory wakes in two
 * thirds of the time of one that its event loop wakes.
 */
function soon(): ToWorker | undefined {
  while (runner?.waitsForMessages === true) {
    const seen = Atomics.load(flags, shared.posted);
    const received: { readonly message: ToWorker } | undefined = receiveMessageOnPort(port!);
    if (received !== undefined) return received.message;
    if (runner.waitsForAnswers) {
      awaitPost(seen, answers.expect());
      Atomics.wait(flags, shared.posted, seen);
      answers.heard();
    } else Atomics.wait(flags, shared.posted, seen);
    // Woken ahead of a message that is being written.
    awaitPost(seen, monotonicMs() + mostAheadMs);
  }
  return undefined;
}

/** Stays awake until more than `seen` messages were posted, or until such a time. */
function awaitPost(seen: number, until: number): void {
  while (Atomics.load(flags, shared.posted) === seen && monotonicMs() < until);
}
