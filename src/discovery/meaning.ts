import type Vectors from './vectors.json';

const axes = 64;

/** Stem → its place in `values`, which holds the axes of every stem one after the other. */
interface Known {
  readonly ids: ReadonlyMap<string, number>;
  readonly values: Int8Array;
}

let known: Known | undefined;

/** Read at first use: it takes a few milliseconds, which the start of the extension need not wait for. */
function read(): Known {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would read it at once, and searching is synchronous
  const vectors = require('./vectors.json') as typeof Vectors;
  const words = vectors.words.split(' ');
  const values = new Int8Array(words.length * axes);
  for (let axis = 0, from = 0; axis < axes; axis++) {
    for (let word = 0; word < words.length; word++) values[word * axes + axis] = vectors.values.charCodeAt(from++) - 63;
  }
  return { ids: new Map(words.map((word, id) => [word, id])), values };
}

/** Whether it is the stem of a word that many people use: no slip of the finger. */
export const isWord = (stem: string): boolean => (known ??= read()).ids.has(stem);

/** The length of the vector of a word that tells what it can; that of every other word is shorter. */
const tellingLength = 12;

/**
 * What a word tells of a sentence, 0 to 1. The vectors were made so that the common words of a language hardly move the
 * sum, however rare they are among tools. Of a word that is not among them nothing is known: it is a name, and tells all.
 */
export function telling(stem: string): number {
  const { ids, values } = (known ??= read());
  const id = ids.get(stem);
  if (id === undefined) return 1;
  return Math.min(1, Math.hypot(...values.subarray(id * axes, (id + 1) * axes)) / tellingLength);
}

/** Where a text lies by the sum of its words, at distance 1 from the middle; `undefined` where none of them is known. */
function place(stems: Iterable<string>): Float32Array | undefined {
  const { ids, values } = (known ??= read());
  const sum = new Float32Array(axes);
  for (const stem of stems) {
    const id = ids.get(stem);
    if (id !== undefined) for (let axis = 0, at = id * axes; axis < axes; axis++) sum[axis]! += values[at++]!;
  }
  let length = 0;
  for (let axis = 0; axis < axes; axis++) length += sum[axis]! ** 2;
  if (length === 0) return undefined;
  length = Math.sqrt(length);
  for (let axis = 0; axis < axes; axis++) sum[axis]! /= length;
  return sum;
}

/**
 * Texts by what they mean, so that a query finds those that share none of its words but say the same. Word vectors whose
 * sums lie where a sentence encoder puts whole sentences (`scripts/vectors.mjs` makes them): nothing is asked of anybody.
 */
export class Places {
  private readonly values: Float32Array;

  constructor(size: number) {
    this.values = new Float32Array(size * axes);
  }

  set(id: number, stems: Iterable<string>): void {
    const found = place(stems);
    if (found !== undefined) this.values.set(found, id * axes);
  }

  /** The texts nearest to these words that are at least as near as `least`, nearest first, `most` at the most. */
  nearest(stems: Iterable<string>, { least, most }: { readonly least: number; readonly most: number }): { readonly id: number; readonly near: number }[] {
    const found: { readonly id: number; readonly near: number }[] = [];
    for (const [id, near] of (this.nearness(stems) ?? []).entries()) if (near >= least) found.push({ id, near });
    return found.sort((a, b) => b.near - a.near).slice(0, most);
  }

  /** How near each text is to these words, -1 to 1; 0 where nothing is known of it, `undefined` where nothing is of the words. */
  nearness(stems: Iterable<string>): Float32Array | undefined {
    const query = place(stems);
    if (query === undefined) return undefined;
    const { values } = this;
    const near = new Float32Array(values.length / axes);
    for (let id = 0, at = 0; id < near.length; id++) {
      let sum = 0;
      for (let axis = 0; axis < axes; axis++) sum += query[axis]! * values[at++]!;
      near[id] = sum;
    }
    return near;
  }
}
