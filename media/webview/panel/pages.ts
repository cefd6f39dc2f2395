export const shownAtFirst = 100;
export const step = 250;
/** Rows that stand on the page together: more of them, and every change would be felt. */
export const mostRows = 1_000;

/** Which of the rows stand on the page: the last ones up to `end`, or up to the newest. */
export interface Range {
  readonly size: number;
  readonly end?: number;
}

/** The rows from `start` on, before `end`, of as many as there are. */
export interface Rows {
  readonly start: number;
  readonly end: number;
}

export function rowsOf({ size, end }: Range, count: number): Rows {
  const last = Math.min(end ?? count, count);
  return { start: Math.max(0, last - size), end: last };
}

export function earlierRows({ start, end }: Rows): Rows {
  const from = Math.max(0, start - step);
  return { start: from, end: Math.min(end, from + mostRows) };
}

export function laterRows({ start, end }: Rows, count: number): Rows {
  const to = Math.min(count, end + step);
  return { start: Math.max(start, to - mostRows), end: to };
}

/** Rows that reach the newest follow it. */
export function rangeOf({ start, end }: Rows, count: number): Range {
  return { size: end - start, ...(end < count && { end }) };
}
