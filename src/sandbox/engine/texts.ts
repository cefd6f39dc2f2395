import type { QuickJsExports, ValuePointer } from './binding.js';
import { EngineCrash } from './crash.js';
import type { Heap } from './heap.js';
import type { LimitedMemory } from './limitedMemory.js';
import type { Reader } from './reading.js';

/** Text into the engine's memory and out of it. */
export class Texts {
  /** Reads what can be read where it lies; without it the engine is asked for everything. */
  reader: Reader | undefined;

  constructor(
    private readonly c: QuickJsExports,
    private readonly heap: Heap,
    private readonly limited: LimitedMemory,
  ) {}

  /** @returns a string of the guest's, owned by the caller. */
  toValue(context: number, text: string): ValuePointer {
    const pointer = this.toC(text);
    const value = this.c._QTS_NewString(context, pointer);
    this.c._free(pointer);
    return value;
  }

  /** What a value of the guest's is as text. */
  ofValue(context: number, pointer: ValuePointer): string {
    const flat = this.reader?.text(pointer);
    if (flat !== undefined) return flat;
    const start = this.c._QTS_GetString(context, pointer);
    if (start === 0) throw new EngineCrash('a string could not be read');
    const text = this.ofC(start, 'utf8');
    this.c._QTS_FreeCString(context, start);
    return text;
  }

  /** @returns a C string, to be freed by the caller. */
  toC(text: string, byteLength = Buffer.byteLength(text)): number {
    const pointer = this.mustHave(this.c._malloc(byteLength + 1));
    const { bytes } = this.heap;
    bytes.write(text, pointer, byteLength, 'utf8');
    bytes[pointer + byteLength] = 0;
    return pointer;
  }

  ofC(start: number, encoding: 'utf8' | 'latin1'): string {
    const { bytes } = this.heap;
    return bytes.toString(encoding, start, bytes.indexOf(0, start));
  }

  /** A pointer is 0 where the engine had no memory for it. */
  mustHave(pointer: number): number {
    if (pointer !== 0) return pointer;
    this.limited.wasRefused = true;
    throw new EngineCrash('out of memory');
  }
}
