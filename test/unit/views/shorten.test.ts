import { expect, test } from 'vitest';
import type { CallId, QuestionId, RunId } from '../../../src/ids.js';
import type { JsonObject } from '../../../src/json.js';
import type { Question } from '../../../src/runs/approvals.js';
import { shortenQuestion } from '../../../src/views/panel/shorten.js';

const asked = (args: JsonObject, n = 0) => ({ call: `c${n}` as CallId, tool: { source: 's', kind: 'tool', name: 't' } as const, namespace: 's', member: 't', effect: 'write' as const, inputSchema: {}, args });
const question = (calls: readonly ReturnType<typeof asked>[]): Question => ({ kind: 'calls', id: 'q' as QuestionId, run: 'r' as RunId, calls, why: 'w', rule: { from: 'built in', text: 't' }, scopes: ['once'] });

test('what fits is sent whole, and can be edited', () => {
  const shown = shortenQuestion(question([asked({ text: 'short', list: [1, { deep: true }] })]));
  expect(shown).toMatchObject({ more: 0, cut: [], calls: [{ args: { text: 'short', list: [1, { deep: true }] } }] });
});

test('an argument of 50 MB is cut, says so, and cannot be edited in part', () => {
  const shown = shortenQuestion(question([asked({ text: 'x'.repeat(50 * 1024 * 1024), more: Array.from({ length: 1000 }, () => 1) }), asked({ a: 1 }, 1)]));
  expect(JSON.stringify(shown).length).toBeLessThan(30_000);
  expect(shown).toMatchObject({ cut: ['c0'] });
  expect(shown.kind === 'calls' && shown.calls[0]?.args['text']).toMatch(/ \(52408800 more characters\)$/);
  expect(shown.kind === 'calls' && (shown.calls[0]?.args['more'] as unknown[]).at(-1)).toBe('… (800 more items)');
});

test('of ten thousand calls the first are listed, and how many more there are', () => {
  const shown = shortenQuestion(question(Array.from({ length: 10_000 }, (_, n) => asked({ n }, n))));
  expect(shown).toMatchObject({ more: 9_800 });
  expect(shown.kind === 'calls' && shown.calls.length).toBe(200);
});
