/** Tools by number, ascending, and what each scores. */
export interface Scores {
  readonly ids: Uint32Array;
  readonly values: Float64Array;
}

/** Scores being made up, of some tools among many. */
export class Tally {
  private readonly values: Float64Array;
  private readonly touched: Uint32Array;
  private count = 0;

  constructor(size: number) {
    this.values = new Float64Array(size);
    this.touched = new Uint32Array(size);
  }

  raise({ ids, values }: Scores, weight: number): void {
    for (let at = 0; at < ids.length; at++) this.raiseTo(ids[at]!, values[at]! * weight);
  }

  raiseTo(id: number, score: number): void {
    const before = this.values[id]!;
    if (before === 0) this.touched[this.count++] = id;
    if (score > before) this.values[id] = score;
  }

  add(id: number, score: number): void {
    this.raiseTo(id, this.values[id]! + score);
  }

  empty(use: (id: number, score: number) => void): void {
    for (let at = 0; at < this.count; at++) {
      const id = this.touched[at]!;
      use(id, this.values[id]!);
      this.values[id] = 0;
    }
    this.count = 0;
  }
}

/** The first `count` in order of score; sorting thousands to show ten would be most of a search. */
export function best(hits: readonly number[], scores: Float64Array, count: number): number[] {
  let candidates = hits;
  if (count < hits.length) {
    const least = Float64Array.from(hits, (id) => scores[id]!).sort()[hits.length - count]!;
    candidates = hits.filter((id) => scores[id]! >= least);
  }
  return [...candidates].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, count);
}

/** Of tools that hold all of the words, the mean of what each word scores. */
export function together(words: readonly Scores[]): Scores {
  const [first, ...others] = words as readonly [Scores, ...Scores[]];
  const ids: number[] = [];
  const values: number[] = [];
  const places = others.map(() => 0);
  for (const [at, id] of first.ids.entries()) {
    let sum = first.values[at]!;
    const isInAll = others.every((other, which) => {
      let place = places[which]!;
      while (other.ids[place]! < id) place++;
      places[which] = place;
      sum += other.values[place] ?? 0;
      return other.ids[place] === id;
    });
    if (!isInAll) continue;
    ids.push(id);
    values.push(sum / words.length);
  }
  return { ids: Uint32Array.from(ids), values: Float64Array.from(values) };
}
