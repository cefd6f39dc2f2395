import type { QuickJsExports, ValuePointer } from './binding.js';
import type { Heap } from './heap.js';

/** Where the engine keeps what is used here, in bytes: see `reading.ts`. */
const at = {
  object: { code: 32 },
  code: { constants: 56, constantCount: 60, linesLength: 76, lines: 80 },
} as const;
/** The upper half of a constant that is a function's code. */
const codeTag = -2;
/** -1, as the engine's unsigned numbers of seven bits a byte. */
const before = [0xff, 0xff, 0xff, 0xff, 0x0f];

/**
 * Lets a function's text begin a line earlier, with all that is in it: what stands before it on a line of its own is then
 * in no stack. The engine keeps, with the code of each function, a table that begins with its line, counted from 0.
 *
 * @returns whether the tables looked as they should.
 */
export function raiseLines(c: QuickJsExports, heap: Heap, fn: ValuePointer): boolean {
  const { words } = heap;
  const pending = [words[(words[fn >> 2]! + at.object.code) >> 2]!];
  for (let code = pending.pop(); code !== undefined; code = pending.pop()) {
    if (!raise(c, heap, code)) return false;
    const constants = heap.words[(code + at.code.constants) >> 2]!;
    const count = heap.words[(code + at.code.constantCount) >> 2]!;
    for (let index = 0; index < count; index++) {
      const constant = (constants >> 2) + index * 2;
      if ((heap.words[constant + 1]! | 0) === codeTag) pending.push(heap.words[constant]!);
    }
  }
  return true;
}

function raise(c: QuickJsExports, heap: Heap, code: number): boolean {
  const table = heap.words[(code + at.code.lines) >> 2]!;
  const length = heap.words[(code + at.code.linesLength) >> 2]!;
  let line = 0;
  let end = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = heap.bytes[table + end++]!;
    line += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    if (end === length || end === before.length) return false;
  }
  if (line > 0) {
    // As many bytes as before: the number may end in zeros.
    for (let index = 0, left = line - 1; index < end; index++, left = Math.floor(left / 128)) heap.bytes[table + index] = (left % 128) | (index < end - 1 ? 0x80 : 0);
    return true;
  }
  const longer = c._malloc(length + before.length - end);
  if (longer === 0) return false;
  const { bytes, words } = heap;
  bytes.set(before, longer);
  bytes.copyWithin(longer + before.length, table + end, table + length);
  words[(code + at.code.lines) >> 2] = longer;
  words[(code + at.code.linesLength) >> 2] = length + before.length - end;
  c._free(table);
  return true;
}
