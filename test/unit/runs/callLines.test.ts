import { describe, expect, test } from 'vitest';
import { callLines } from '../../../src/runs/callLines.js';

const call = (line: number | undefined, startedAt: number, endedAt?: number, isFailed = false) => ({ ...(line !== undefined && { line }), startedAt, ...(endedAt !== undefined && { endedAt }), isFailed });

describe('the calls of a line', () => {
  test('made one after the other take as long as all of them', () => {
    expect(callLines([call(3, 0, 10), call(3, 20, 25)]).get(3)).toEqual({ calls: 2, failed: 0, running: 0, ms: 15 });
  });

  test('made together take as long as the time in which any was under way', () => {
    expect(callLines([call(3, 0, 10), call(3, 5, 12), call(3, 6, 7), call(3, 30, 31)]).get(3)).toMatchObject({ calls: 4, ms: 13 });
  });

  test('are told apart from those of other lines; what has no line is left out', () => {
    const lines = callLines([call(1, 0, 5, true), call(undefined, 0, 100), call(2, 0)]);
    expect([...lines]).toEqual([
      [1, { calls: 1, failed: 1, running: 0, ms: 5 }],
      [2, { calls: 1, failed: 0, running: 1, ms: 0 }],
    ]);
  });
});
