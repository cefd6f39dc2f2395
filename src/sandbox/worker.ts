import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { QuickJsLoader } from './engine/binding.js';
import { stackStart, withTable } from './engine/module.js';
import type { FromWorker, ToWorker, WorkerData } from './protocol.js';
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
const wasm = readFileSync(path.join(__dirname, 'quickjs.wasm'));
const imageFile = path.join(__dirname, 'quickjs.image');
const key = imageKey(wasm, librarySource);
const booted = data.writesImage === true || !existsSync(imageFile) ? undefined : readImage(key, readFileSync(imageFile));
const runner = new Runner({ load, module: new WebAssembly.Module(withTable(wasm)), heapStart: stackStart(wasm), booted, data, post });
useUtc();
setClock(() => runner.guestNow(realNow));
port.on('message', (message: ToWorker) => {
  if (message.type === 'start') void runner.start(message);
  else runner.deliver(message);
});
void runner.prepare(data.memoryMb, data.stackKb).then((engine) => {
  if (data.writesImage !== true) return post({ type: 'ready' });
  writeFileSync(imageFile, writeImage(key, engine.booted));
  port.close();
});
