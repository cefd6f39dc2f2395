import type { Ask } from './ask.js';
import type { Kit } from './kit.js';

/** Text as bytes and as base64, by the worker's own implementations. */
export function defineText(kit: Kit, ask: Ask): void {
  const { define, global, uncurry, String: toText, typeError } = kit;
  const Bytes = Uint8Array;
  const Buffer = ArrayBuffer;
  const { isView } = ArrayBuffer;
  const arrayFrom = Array.from.bind(Array) as (items: ArrayLike<number>) => number[];
  const partOf = (view: object, key: 'buffer' | 'byteOffset' | 'byteLength'): unknown => (view as unknown as Record<string, unknown>)[key];
  const toBytes = (input: unknown): readonly number[] => {
    if (input === undefined) return [];
    if (isView(input)) return arrayFrom(new Bytes(partOf(input, 'buffer') as ArrayBuffer, partOf(input, 'byteOffset') as number, partOf(input, 'byteLength') as number));
    if (input instanceof Buffer) return arrayFrom(new Bytes(input));
    throw typeError('decode takes an ArrayBuffer or a view of one.');
  };
  const wellFormed = uncurry((String.prototype as unknown as { toWellFormed(): string }).toWellFormed);

  class TextEncoder {
    get encoding(): string {
      return 'utf-8';
    }
    encode(input: unknown = ''): Uint8Array {
      return new Bytes(ask<number[]>('encode', wellFormed(toText(input))));
    }
    encodeInto(input: unknown, target: Uint8Array): { read: number; written: number } {
      const source = wellFormed(toText(input));
      let read = 0;
      let written = 0;
      while (read < source.length) {
        const code = source.codePointAt(read)!;
        const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (written + size > target.length) break;
        const bytes = ask<number[]>('encode', source.slice(read, read + (size === 4 ? 2 : 1)));
        for (let at = 0; at < size; at++) target[written++] = bytes[at]!;
        read += size === 4 ? 2 : 1;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    constructor(label: unknown = 'utf-8', options: { fatal?: unknown; ignoreBOM?: unknown } = {}) {
      this.encoding = ask<string>('encoding', toText(label));
      this.fatal = options?.fatal === true;
      this.ignoreBOM = options?.ignoreBOM === true;
    }
    decode(input?: unknown, options?: { stream?: unknown }): string {
      if (options?.stream === true) throw typeError('TextDecoder does not decode streams here. Join the bytes first.');
      return ask<string>('decode', { encoding: this.encoding, fatal: this.fatal, ignoreBOM: this.ignoreBOM, bytes: toBytes(input) });
    }
  }
  define(global, 'TextEncoder', TextEncoder);
  define(global, 'TextDecoder', TextDecoder);
  define(global, 'btoa', (text: unknown) => ask<string>('btoa', toText(text)));
  define(global, 'atob', (text: unknown) => ask<string>('atob', toText(text)));
}
