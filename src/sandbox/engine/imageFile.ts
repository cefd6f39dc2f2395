import { createHash } from 'node:crypto';
import type { BootedEngine } from './options.js';

interface Header extends Pick<BootedEngine, 'pointers'> {
  readonly key: string;
  readonly breakWord: number;
  readonly low: number;
  readonly heap: number;
}

/** What an image is valid for: this engine with this library. */
export function imageKey(engineHash: string, library: string): string {
  return createHash('sha256').update(engineHash).update(library).digest('hex');
}

/** A booted engine as the bytes of a file, made when the extension is built. */
export function writeImage(key: string, { pointers, content }: BootedEngine): Uint8Array {
  const header: Header = { key, pointers, breakWord: content.breakWord, low: content.low.length, heap: content.heap.length };
  const head = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  return Buffer.concat([size, head, content.low, content.heap]);
}

/** @returns nothing when the file is of another build: the engine then boots as if there were none. */
export function readImage(key: string, file: Uint8Array): BootedEngine | undefined {
  try {
    const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
    const start = 4 + bytes.readUInt32LE(0);
    const header = JSON.parse(bytes.toString('utf8', 4, start)) as Header;
    if (header.key !== key || bytes.length !== start + header.low + header.heap) return undefined;
    const heapAt = start + header.low;
    return { pointers: header.pointers, content: { breakWord: header.breakWord, low: bytes.subarray(start, heapAt), heap: bytes.subarray(heapAt) } };
  } catch {
    return undefined;
  }
}
