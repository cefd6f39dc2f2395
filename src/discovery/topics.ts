/**
 * What the catalog's own words say about each other: words that tools use together, or with the same others, lie close
 * in the space of its strongest topics (latent semantic analysis, by subspace iteration on the word-by-tool matrix).
 * So a query finds tools that share none of its words but talk about the same thing. Offline, from nothing but the catalog.
 */
export interface Topics {
  /** How near each document is to the words of a query, 0 to 1; `undefined` where no document uses any of them. */
  nearness(words: ReadonlyMap<string, number>): Float32Array | undefined;
}

/** Fewer where there are few documents: as many topics as tools would tell nothing that the words do not. */
const maximumTopics = 64;
const documentsPerTopic = 4;
const rounds = 3;

/** Learns the topics of documents given as words with weights, in steps of a few milliseconds. */
export function* readTopics(documents: readonly ReadonlyMap<string, number>[]): Generator<void, Topics> {
  const ids = new Map<string, number>();
  const frequency: number[] = [];
  for (const words of documents) {
    for (const word of words.keys()) {
      const id = ids.get(word);
      if (id === undefined) frequency[ids.set(word, ids.size).size - 1] = 1;
      else frequency[id]!++;
    }
  }
  yield;
  const rarity = Float64Array.from(frequency, (count) => Math.log(documents.length / (count + 0.5) + 1));
  const matrix = weigh(documents, ids, rarity);
  yield;

  // An orthonormal basis of the strongest directions among words; how it is turned in its own space does not matter.
  const random = sequence(20_261_122);
  const count = Math.min(maximumTopics, ids.size, Math.ceil(documents.length / documentsPerTopic));
  let basis: Float64Array[] = Array.from({ length: count }, () => Float64Array.from({ length: ids.size }, random));
  for (let round = 0; round < rounds; round++) {
    const next: Float64Array[] = [];
    for (const column of basis) {
      next.push(timesTransposed(matrix, times(matrix, column, documents.length), ids.size));
      yield;
    }
    basis = [];
    for (const column of next) {
      for (const other of basis) subtractProjection(column, other);
      if (normalise(column)) basis.push(column);
      yield;
    }
  }

  const width = basis.length;
  const placed = new Float32Array(documents.length * width);
  for (const [at, column] of basis.entries()) {
    const values = times(matrix, column, documents.length);
    for (let document = 0; document < documents.length; document++) placed[document * width + at] = values[document]!;
    yield;
  }
  for (let document = 0; document < documents.length; document++) normalise(placed.subarray(document * width, (document + 1) * width));

  return {
    nearness(words) {
      const query = new Float32Array(width);
      for (const [word, weight] of words) {
        const id = ids.get(word);
        if (id !== undefined) for (let at = 0; at < width; at++) query[at]! += weight * rarity[id]! * basis[at]![id]!;
      }
      if (!normalise(query)) return undefined;
      const near = new Float32Array(documents.length);
      for (let document = 0, from = 0; document < documents.length; document++, from += width) {
        let sum = 0;
        for (let at = 0; at < width; at++) sum += query[at]! * placed[from + at]!;
        near[document] = Math.max(0, sum);
      }
      return near;
    },
  };
}

/** Rows of documents, one after the other; row `i` ends at `ends[i]`. */
interface Sparse {
  readonly ends: Uint32Array;
  readonly words: Uint32Array;
  readonly values: Float64Array;
}

function weigh(documents: readonly ReadonlyMap<string, number>[], ids: ReadonlyMap<string, number>, rarity: Float64Array): Sparse {
  const size = documents.reduce((sum, words) => sum + words.size, 0);
  const matrix = { ends: new Uint32Array(documents.length), words: new Uint32Array(size), values: new Float64Array(size) };
  let at = 0;
  documents.forEach((words, document) => {
    const start = at;
    for (const [word, weight] of words) {
      const id = ids.get(word)!;
      matrix.words[at] = id;
      matrix.values[at++] = Math.max(0, 1 + Math.log(weight)) * rarity[id]!;
    }
    matrix.ends[document] = at;
    normalise(matrix.values.subarray(start, at));
  });
  return matrix;
}

function times({ ends, words, values }: Sparse, column: Float64Array, documents: number): Float64Array {
  const result = new Float64Array(documents);
  for (let document = 0, at = 0; document < documents; document++) {
    let sum = 0;
    for (const end = ends[document]!; at < end; at++) sum += values[at]! * column[words[at]!]!;
    result[document] = sum;
  }
  return result;
}

function timesTransposed({ ends, words, values }: Sparse, column: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size);
  for (let document = 0, at = 0; document < column.length; document++) {
    const value = column[document]!;
    for (const end = ends[document]!; at < end; at++) result[words[at]!]! += values[at]! * value;
  }
  return result;
}

function subtractProjection(column: Float64Array, other: Float64Array): void {
  let sum = 0;
  for (let at = 0; at < column.length; at++) sum += column[at]! * other[at]!;
  for (let at = 0; at < column.length; at++) column[at]! -= sum * other[at]!;
}

/** To length 1; false where there is no length. */
function normalise(vector: Float64Array | Float32Array): boolean {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  if (length < 1e-9) return false;
  for (let at = 0; at < vector.length; at++) vector[at]! /= length;
  return true;
}

/** Always the same numbers between -1 and 1: the same catalog always gives the same answers. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
