import { expect, test } from 'vitest';
import { earlierRows, laterRows, mostRows, rangeOf, rowsOf, shownAtFirst, type Range, type Rows } from '../../../media/webview/panel/pages.js';

const count = 10_000;

test('of 10,000 calls every one is reached, backwards and forwards, with never more on the page than it can bear', () => {
  const seen = new Set<number>();
  let range: Range = { size: shownAtFirst };
  const look = (): Rows => {
    const rows = rowsOf(range, count);
    expect(rows.end - rows.start).toBeLessThanOrEqual(mostRows);
    for (let row = rows.start; row < rows.end; row++) seen.add(row);
    return rows;
  };
  const go = (next: (rows: Rows) => Rows, isOver: (rows: Rows) => boolean): void => {
    for (let rows = look(), pages = 0; !isOver(rows); rows = look(), pages++) {
      expect(pages).toBeLessThan(count / 200);
      const moved = next(rows);
      // What was on the page beside the edge that is left behind stays there.
      expect(Math.min(rows.end, moved.end) - Math.max(rows.start, moved.start)).toBeGreaterThan(0);
      range = rangeOf(moved, count);
    }
  };
  expect(look()).toEqual({ start: 9_900, end: 10_000 });
  go(earlierRows, ({ start }) => start === 0);
  expect(seen.size).toBe(count);
  seen.clear();
  go((rows) => laterRows(rows, count), ({ end }) => end === count);
  expect(seen.size).toBe(count);
});

test('a page that reaches the newest call follows those that come; one further back stands still, also while a search leaves fewer', () => {
  expect(rowsOf({ size: 100 }, 10_001)).toEqual({ start: 9_901, end: 10_001 });
  expect(rowsOf(rangeOf({ start: 500, end: 1_500 }, count), 10_050)).toEqual({ start: 500, end: 1_500 });
  expect(rowsOf(rangeOf({ start: 9_500, end: count }, count), 10_050)).toEqual({ start: 9_550, end: 10_050 });
  expect(rowsOf({ size: 1_000, end: 5_000 }, 30)).toEqual({ start: 0, end: 30 });
  expect(rowsOf({ size: 100 }, 0)).toEqual({ start: 0, end: 0 });
});
