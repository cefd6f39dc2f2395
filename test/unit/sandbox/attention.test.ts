import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Attention } from '../../../src/sandbox/attention.js';
import { monotonicMs } from '../../../src/sandbox/protocol.js';

beforeEach(() => { vi.useFakeTimers({ toFake: ['hrtime'] }); });
afterEach(() => { vi.useRealTimers(); });

test('what was slow last is not waited for awake until it has been quick again', () => {
  const attention = new Attention(10);
  const answersAfter = (ms: number): boolean => {
    const awake = attention.expect();
    if (awake !== 0) expect(awake).toBe(monotonicMs() + 10);
    vi.advanceTimersByTime(ms);
    attention.heard();
    return awake !== 0;
  };
  expect([2, 9, 30, 30, 9, 10, 5, 5].map(answersAfter)).toEqual([true, true, true, false, false, true, false, true]);
});

test('what nobody waited for does not count', () => {
  const attention = new Attention(10);
  attention.heard();
  vi.advanceTimersByTime(100);
  attention.heard();
  expect(attention.expect()).not.toBe(0);
});
