/** What the sandbox reads from the engine's WASM binary, and adds to it. */

/** The engine's code, compiled once for all workers. */
export interface EngineBuild {
  readonly module: WebAssembly.Module;
  readonly heapStart: number;
  /** SHA-256 of the binary. */
  readonly hash: string;
}

interface Section {
  readonly id: number;
  /** Where its bytes begin, its id and size included. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

const globalSection = 6;
const exportSection = 7;
/** The name under which {@link withTable} exports the function table; the build's own names are one or two letters. */
export const tableExport = 'table';

/** Reads an unsigned LEB128 number. */
function readNumber(wasm: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next: at };
  }
}

function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

function sectionOf(wasm: Uint8Array, wanted: number): Section | undefined {
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at]!;
    const { value: size, next } = readNumber(wasm, at + 1);
    if (id === wanted) return { id, start: at, content: next, end: next + size };
    at = next + size;
  }
  return undefined;
}

/** The initial value of the module's one mutable global: the start of the C stack. */
export function stackStart(wasm: Uint8Array): number {
  const section = sectionOf(wasm, globalSection);
  if (section !== undefined) {
    const { value: count, next: at } = readNumber(wasm, section.content);
    const [type, mutable, constant] = [wasm[at], wasm[at + 1], wasm[at + 2]];
    if (count === 1 && type === 0x7f && mutable === 1 && constant === 0x41) return readNumber(wasm, at + 3).value;
  }
  throw new Error('This QuickJS build keeps state the sandbox does not know of; it cannot be restored between runs.');
}

/** The same module with its function table exported, so that a function of ours can be put where the engine calls one. */
export function withTable(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const section = sectionOf(wasm, exportSection);
  if (section === undefined) throw new Error('This QuickJS build exports nothing.');
  const { value: count, next } = readNumber(wasm, section.content);
  const content = Buffer.concat([
    Buffer.from(numberBytes(count + 1)),
    wasm.subarray(next, section.end),
    Buffer.from([tableExport.length, ...Buffer.from(tableExport), 1, 0]),
  ]);
  const bytes = Buffer.concat([wasm.subarray(0, section.start), Buffer.from([exportSection, ...numberBytes(content.length)]), content, wasm.subarray(section.end)]);
  return new Uint8Array(bytes);
}

/** Calls of JavaScript functions by the engine: a promise was rejected, or a rejected one got a handler after all. */
export type RejectionTracker = (context: number, promise: bigint, reason: bigint, isHandled: number, opaque: number) => void;

/** A module that exports what it imports, as a function of the type {@link RejectionTracker} has in C. */
const trackerModule = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 9, 1, 0x60, 5, 0x7f, 0x7e, 0x7e, 0x7f, 0x7f, 0],
  ...[2, 7, 1, 1, 0x6d, 1, 0x66, 0, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
]);

/** @returns the place of the function in the table: the same for every instance of a module. */
export function addToTable(instance: WebAssembly.Instance, tracker: RejectionTracker): number {
  const table = instance.exports[tableExport] as WebAssembly.Table;
  const typed = new WebAssembly.Instance(new WebAssembly.Module(trackerModule), { m: { f: tracker } });
  const index = table.grow(1);
  table.set(index, typed.exports.f);
  return index;
}
