import { expect, test } from 'vitest';
import { tellApart } from '../../../media/webview/panel/tellApart.js';

test('a line for each of several calls has what the others do not share', () => {
  const entity = (name: string, seen: string) => ({ entities: [{ name, entityType: 'note', observations: [seen] }] });
  expect(tellApart([entity('Part 1', 'what was\n\nread'), entity('Part 2', 'nothing')])).toEqual(['Part 1 · what was read', 'Part 2 · nothing']);
  expect(tellApart([{ path: 'a', force: true }, { path: 'a', force: true }])).toEqual(['a · true', 'a · true']);
  expect(tellApart([{ path: 'a' }, { path: 'a', force: true }, {}])).toEqual(['a', 'a · true', '']);
  expect(tellApart([{ text: 'x'.repeat(1_000) }])[0]).toHaveLength(300);
  expect(tellApart([])).toEqual([]);
});
