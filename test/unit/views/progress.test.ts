import { expect, test } from 'vitest';
import { progressSaid } from '../../../media/webview/panel/progress.js';

test.each([
  [{ message: 'Reads', done: 1, total: 4 }, 'Reads · 25 %'],
  [{ done: 2, total: 3 }, '66 %'],
  [{ done: 0.5, total: 1 }, '50 %'],
  [{ done: 7, total: 3 }, '100 %'],
  [{ done: -1, total: 3 }, '0 %'],
  [{ done: 1_200 }, '1,200'],
  [{ done: 3, total: 0 }, '3'],
  [{ message: 'waits for a sign-in' }, 'waits for a sign-in'],
  [{ message: '' }, ''],
  [{}, ''],
])('progress of %j is said as %j', (progress, said) => {
  expect(progressSaid(progress)).toBe(said);
});
