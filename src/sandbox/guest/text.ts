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
  const toBytes = (input: unknown): Uint8Array => {
    if (input === undefined) return new Bytes(0);
    if (isView(input)) return new Bytes(partOf(input, 'buffer') as ArrayBuffer, partOf(input, 'byteOffset') as number, partOf(input, 'byteLength') as number);
    if (input instanceof Buffer) return new Bytes(input);
    throw typeError('decode takes an ArrayBuffer or a view of one.');
  };
  const { slice } = kit;
  /** What the worker is asked at a time, in characters or bytes; whole groups of base64 from and to whole bytes. */
  const piece = 12 * 1024;
  const inPieces = (operation: string, text: string): string => {
    let all = '';
    for (let at = 0; at === 0 || at < text.length; at += piece) all += ask<string>(operation, slice(text, at, at + piece));
    return all;
  };
  /** Whether a byte of UTF-8 goes on with a character. */
  const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
  const codeAt = uncurry(String.prototype.charCodeAt);
  const withoutBlanks = uncurry(String.prototype.replaceAll as (this: string, blank: string, by: string) => string);
  const part = uncurry((kit.getPrototypeOf(Bytes.prototype) as Uint8Array).subarray);
  const put = uncurry((kit.getPrototypeOf(Bytes.prototype) as Uint8Array).set);
  const wellFormed = uncurry((String.prototype as unknown as { toWellFormed(): string }).toWellFormed);

  class TextEncoder {
    get encoding(): string {
      return 'utf-8';
    }
    encode(input: unknown = ''): Uint8Array {
      const text = wellFormed(toText(input));
      if (text.length <= piece) return new Bytes(ask<number[]>('encode', text));
      let bytes = new Bytes(text.length);
      let length = 0;
      for (let from = 0, to = 0; from < text.length; from = to) {
        to = from + piece;
        // Not between the halves of a pair.
        if (to < text.length && (codeAt(text, to) & 0xfc00) === 0xdc00) to--;
        const more = ask<number[]>('encode', slice(text, from, to));
        if (length + more.length > bytes.length) {
          const longer = new Bytes(2 * bytes.length + more.length);
          put(longer, bytes);
          bytes = longer;
        }
        put(bytes, more, length);
        length += more.length;
      }
      return new Bytes(part(bytes, 0, length));
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
      const bytes = toBytes(input);
      const { encoding, fatal } = this;
      if (encoding !== 'utf-8' || bytes.length <= piece) return ask<string>('decode', { encoding, fatal, ignoreBOM: this.ignoreBOM, bytes: arrayFrom(bytes) });
      let text = '';
      for (let from = 0, to = 0; from < bytes.length; from = to) {
        to = from + piece;
        // Not in the middle of a character, which has three more bytes at most.
        for (let back = 1; back <= 3 && isInside(bytes[to]); back++) if (!isInside(bytes[to - back])) to -= back;
        text += ask<string>('decode', { encoding, fatal, ignoreBOM: from > 0 || this.ignoreBOM, bytes: arrayFrom(part(bytes, from, to)) });
      }
      return text;
    }
  }
  define(global, 'TextEncoder', TextEncoder);
  define(global, 'TextDecoder', TextDecoder);
  define(global, 'btoa', (text: unknown) => inPieces('btoa', toText(text)));
  define(global, 'atob', (input: unknown) => {
    let text = toText(input);
    if (text.length <= piece) return ask<string>('atob', text);
    for (const blank of [' ', '\t', '\n', '\f', '\r']) text = withoutBlanks(text, blank, '');
    const end = kit.indexOf(text, '=');
    // Only at the end of it all: refused like whatever else is no base64.
    return inPieces('atob', end !== -1 && end < text.length - 2 ? '=' : text);
  });
}
