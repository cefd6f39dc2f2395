/**
 * The names nearest to a wrong guess, best first: the same letters in other case or punctuation before
 * a shared beginning before a small edit distance.
 */
export function nearest(guess: string, names: Iterable<string>, count = 3): string[] {
  const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const wanted = plain(guess);
  const scored: { readonly name: string; readonly distance: number }[] = [];
  for (const name of names) {
    const candidate = plain(name);
    let distance: number;
    if (candidate === wanted) distance = 0;
    else if (wanted.length > 2 && (candidate.includes(wanted) || wanted.includes(candidate))) distance = 1;
    else {
      const limit = Math.max(2, Math.ceil(wanted.length / 3));
      distance = editDistance(wanted, candidate, limit);
      if (distance > limit) continue;
      distance += 1;
    }
    scored.push({ name, distance });
  }
  return scored
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length)
    .slice(0, count)
    .map((entry) => entry.name);
}

/** Levenshtein distance, or more than `limit` when it is larger than that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    if (Math.min(...row) > limit) return limit + 1;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
