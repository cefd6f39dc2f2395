import { isBinary } from './content.js';

/** Beyond this many differing lines the count is an upper bound instead of the least possible. */
const mostSteps = 2_000;

/** Lines inserted and deleted between two texts; `binary` when either is not text. */
export function lineCounts(before: Uint8Array, after: Uint8Array): { readonly binary: boolean; readonly insertions: number; readonly deletions: number } {
  if (isBinary(before) || isBinary(after)) return { binary: true, insertions: 0, deletions: 0 };
  const a = lines(before);
  const b = lines(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const n = endA - start;
  const m = endB - start;
  const steps = leastEdits(a.slice(start, endA), b.slice(start, endB)) ?? n + m;
  return { binary: false, insertions: (steps + m - n) / 2, deletions: (steps - m + n) / 2 };
}

function lines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const result = text.split('\n');
  if (result.at(-1) === '') result.pop();
  return result;
}

/** Length of the shortest edit script (Myers 1986, the greedy algorithm); undefined when it is longer than {@link mostSteps}. */
function leastEdits(a: readonly string[], b: readonly string[]): number | undefined {
  const most = Math.min(a.length + b.length, mostSteps);
  const reach = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let d = 0; d <= most; d++) {
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[middle + k - 1]! < reach[middle + k + 1]!);
      let x = down ? reach[middle + k + 1]! : reach[middle + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return d;
    }
  }
  return undefined;
}
