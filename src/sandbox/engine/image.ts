const stretch = 64 * 1024;
const zeros = new Uint8Array(stretch);

export interface ImageContent {
  /** Static data, without the empty C stack behind it. */
  readonly low: Uint8Array;
  readonly heap: Uint8Array;
  /** Index, in 32-bit words, of the word that holds the end of the memory handed out so far; 0: not found. */
  readonly breakWord: number;
}

interface Allocator {
  allocate(bytes: number): number;
  free(pointer: number): void;
}

/**
 * A picture of an engine's memory right after it booted. Every run starts from exactly these bytes: a fresh runtime,
 * context and guest library in a fraction of a millisecond.
 *
 * This is complete because the module has no other state: its one mutable global is the C stack pointer, which is
 * back at its start whenever no call is active, and its function table never changes. Where a call did not end
 * regularly, or the memory has grown, the worker is replaced instead.
 */
export class MemoryImage {
  constructor(
    private readonly memory: WebAssembly.Memory,
    /** Where the C stack, which grows down, starts and the heap begins. */
    private readonly heapStart: number,
    readonly content: ImageContent,
  ) {}

  /** Takes the picture. */
  static take(memory: WebAssembly.Memory, heapStart: number, allocator: Allocator): MemoryImage {
    const bytes = new Uint8Array(memory.buffer);
    const low = bytes.slice(0, usedEnd(bytes, 0, heapStart - 16 * stretch));
    const heap = bytes.slice(heapStart, usedEnd(bytes, heapStart, bytes.length));
    const image = new MemoryImage(memory, heapStart, { low, heap, breakWord: findBreak(memory, low.length, heapStart + heap.length, allocator) });
    image.restore();
    return image;
  }

  restore(): void {
    const bytes = new Uint8Array(this.memory.buffer);
    const { low, heap, breakWord } = this.content;
    const end = this.heapStart + heap.length;
    // The break never moves down, so nothing above it was ever written.
    const dirtyEnd = breakWord === 0 ? usedEnd(bytes, end, bytes.length) : new Uint32Array(this.memory.buffer)[breakWord]!;
    if (dirtyEnd > end) bytes.fill(0, end, dirtyEnd);
    let stackEnd = this.heapStart;
    while (stackEnd - stretch > low.length && !isEmpty(bytes, stackEnd - stretch, stackEnd)) {
      bytes.fill(0, stackEnd - stretch, stackEnd);
      stackEnd -= stretch;
    }
    bytes.set(low, 0);
    bytes.set(heap, this.heapStart);
  }

  /** Whether all of the memory is as it was when the picture was taken. */
  matches(): boolean {
    const bytes = new Uint8Array(this.memory.buffer);
    const { low, heap } = this.content;
    const end = this.heapStart + heap.length;
    return (
      Buffer.compare(bytes.subarray(0, low.length), low) === 0 &&
      Buffer.compare(bytes.subarray(this.heapStart, end), heap) === 0 &&
      usedEnd(bytes, low.length, this.heapStart) === low.length &&
      usedEnd(bytes, end, bytes.length) === end
    );
  }
}

/** The word that grows with an allocation larger than what is free, by at least its size. */
function findBreak(memory: WebAssembly.Memory, lowEnd: number, heapEnd: number, allocator: Allocator): number {
  const size = 1024 * 1024;
  const before = new Uint32Array(memory.buffer.slice(0, lowEnd & ~3));
  const pointer = allocator.allocate(size);
  const after = new Uint32Array(memory.buffer, 0, before.length);
  let found = 0;
  for (let index = 1; index < before.length; index++) {
    if (before[index]! >= heapEnd - stretch && before[index]! <= heapEnd + stretch && after[index]! >= pointer + size && after[index]! > after[found]!) found = index;
  }
  allocator.free(pointer);
  return found;
}

function isEmpty(bytes: Uint8Array, start: number, end: number): boolean {
  return Buffer.compare(bytes.subarray(start, end), zeros.subarray(0, end - start)) === 0;
}

/** The end of the last stretch in a range that is not all zero, to the byte. */
function usedEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let to = end; to > start; to -= stretch) {
    const from = Math.max(start, to - stretch);
    if (isEmpty(bytes, from, to)) continue;
    while (bytes[to - 1] === 0) to--;
    return to;
  }
  return start;
}
