import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { stackStart, withTable, type EngineBuild } from './module.js';

/** From `quickjs.wasm` in a folder. Compiles on V8's own threads, while a first worker starts. */
export async function loadEngine(folder: string): Promise<EngineBuild> {
  const wasm = await readFile(path.join(folder, 'quickjs.wasm'));
  const module = WebAssembly.compile(withTable(wasm));
  const hash = createHash('sha256').update(wasm).digest('hex');
  return { module: await module, heapStart: stackStart(wasm), hash };
}
