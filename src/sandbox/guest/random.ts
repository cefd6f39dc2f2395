import type { Ask } from './ask.js';
import type { Kit } from './kit.js';

/**
 * Random numbers from the run's seed, so that a replay draws the same ones: Blackman and Vigna's xoshiro128**.
 * Not for secrets: nothing in a script should make any.
 */
export function defineRandom(kit: Kit, ask: Ask): void {
  const { define, defineAll, global, typeError } = kit;
  const { imul } = Math;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const seed = (): void => {
    const words = ask<readonly number[]>('seed', null);
    a = words[0]! | 0;
    b = words[1]! | 0;
    c = words[2]! | 0;
    d = words[3]! | 1;
  };
  const next = (): number => {
    // Only a script that asks for chance waits for its seed. Never all zero afterwards: the generator keeps it so.
    if (a === 0 && b === 0 && c === 0 && d === 0) seed();
    const product = imul(b, 5);
    const result = imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  define(Math, 'random', { random: () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000 }.random);

  const hex = '0123456789abcdef';
  const typedArray = kit.getPrototypeOf(Uint8Array.prototype)!;
  const part = (key: 'buffer' | 'byteOffset' | 'byteLength') => kit.uncurry(kit.getOwnPropertyDescriptor(typedArray, key)!.get as (this: unknown) => unknown);
  const bufferOf = part('buffer') as (self: unknown) => ArrayBuffer;
  const offsetOf = part('byteOffset') as (self: unknown) => number;
  const lengthOf = part('byteLength') as (self: unknown) => number;
  const Bytes = Uint8Array;
  const crypto = kit.create(null) as object;
  defineAll(crypto, {
    getRandomValues(target: unknown) {
      const length = lengthOf(target);
      if (length > 65_536) throw typeError('getRandomValues fills at most 65,536 bytes.');
      const bytes = new Bytes(bufferOf(target), offsetOf(target), length);
      for (let at = 0; at < length; at++) bytes[at] = next() >>> 24;
      return target;
    },
    randomUUID() {
      let text = '';
      for (let at = 0; at < 32; at++) {
        if (at === 8 || at === 12 || at === 16 || at === 20) text += '-';
        const digit = next() >>> 28;
        text += hex[at === 12 ? 4 : at === 16 ? (digit & 3) | 8 : digit]!;
      }
      return text;
    },
  });
  define(global, 'crypto', crypto);
}
