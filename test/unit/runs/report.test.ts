import { describe, expect, test } from 'vitest';
import type { RunId } from '../../../src/ids.js';
import { codeFrame } from '../../../src/runs/codeFrame.js';
import { codemodeDeclaration, codemodeFunctions } from '../../../src/runs/codemode.js';
import type { RunEvent, RunEventInput } from '../../../src/runs/events.js';
import { defaultRunLimits, limitsFrom } from '../../../src/runs/limits.js';
import { reportForModel } from '../../../src/runs/report.js';

const events = (...bodies: readonly object[]): readonly RunEvent[] =>
  [{ type: 'created', origin: 'chat', conversation: 'c', title: 't', source: 'const a = 1;\nthrow a;', catalogVersion: 1 }, ...bodies].map((body, seq) => ({ v: 1, run: 'r' as RunId, seq, at: seq, ...(body as RunEventInput) }));
const call = (id: string, effect: string, ...rest: readonly object[]): readonly object[] => [
  { type: 'callRequested', call: id, tool: { source: 'web', kind: 'tool', name: 'post' }, name: 'web.post', effect, args: { kind: 'inline', value: { id } } },
  ...rest.map((event) => ({ call: id, ...event })),
];
const ended = (outcome: object): object => ({ type: 'ended', outcome, durationMs: 1 });

describe('what a model is told of a run', () => {
  test('after a failure: the place, and every call by what became of it', () => {
    const text = reportForModel(
      events(
        ...call('a', 'write', { type: 'callSent' }, { type: 'callReturned', value: { kind: 'inline', value: 1 } }),
        ...call('b', 'write', { type: 'callSent' }, { type: 'callFailed', message: 'gone', sent: 'unknown' }),
        ...call('c', 'write', { type: 'callDecided', decision: 'skip', why: 'no' }),
        ...call('d', 'write', { type: 'callFailed', message: 'wrong arguments', sent: 'no' }),
        ended({ status: 'failed', error: { name: 'Error', message: 'bad', line: 2, column: 7 } }),
      ),
    );
    expect(text).toContain('Status: failed\nError at line 2, column 7: bad\n  1 | const a = 1;\n> 2 | throw a;\n    |       ^');
    expect(text).toContain('Took effect:\n- web.post({"id":"a"})');
    expect(text).toContain('Sent, outcome unknown (may have taken effect; look before doing it again):\n- web.post({"id":"b"}): gone');
    expect(text).toContain('Skipped by the developer, not run:\n- web.post({"id":"c"})');
    expect(text).toContain('Did not run:\n- web.post({"id":"d"}): wrong arguments');
  });

  test('a call without an answer when the run ended is never told as not run', () => {
    const text = reportForModel(events(...call('a', 'unknown', { type: 'callSent' }), ended({ status: 'cancelled' })));
    expect(text).toContain('Sent, outcome unknown');
    expect(text).not.toContain('Did not run');
  });

  test('what is cut says so, with how much there was', () => {
    const text = reportForModel(events({ type: 'console', entry: { level: 'log', text: 'y'.repeat(50) } }, ended({ status: 'finished', value: { kind: 'blob', key: 'k', bytes: 9000, preview: '"xxx' } })), { consoleCharacters: 10 });
    expect(text).toContain('[cut: 4 of 9000 characters shown; return less, or only the part that is needed]');
    expect(text).toContain(`${'y'.repeat(10)}\n[cut: 10 of 50 characters shown; log less]`);
  });

  test.each([
    ['staged', 'Nothing of it is in the workspace or repository yet.'],
    ['discarded', 'nothing in the workspace or repository was changed'],
    ['applyFailed', 'Applying failed; the changes are staged still. conflict'],
    ['undone', 'applied and then undone'],
  ])('a change set that is %s is not called committed', (type, sentence) => {
    const text = reportForModel(events(ended({ status: 'finished', value: { kind: 'inline', value: 1 } }), { type: 'staged', changeSet: 's', files: 1, commits: 1 }, ...(type === 'staged' ? [] : [{ type, changeSet: 's', message: 'conflict' }])));
    expect(text).toContain(sentence);
    expect(text).not.toContain('committed');
  });
});

test('a code frame of a place that does not exist is empty', () => {
  for (const line of [undefined, 0, -1, 3]) expect(codeFrame('a\nb', { line })).toBe('');
  expect(codeFrame('', { line: 1, column: 500 })).toBe('> 1 | ');
});

test('every function of codemode is declared', () => {
  for (const name of codemodeFunctions) expect(codemodeDeclaration).toMatch(new RegExp(`\\b${name.split('.').at(-1)!}[<(]`));
});

test('limits are set by member or by setting name, and refuse nonsense', () => {
  expect(limitsFrom({ timeMs: 5, sourceKb: 2, calls: 7 })).toEqual({ ...defaultRunLimits, timeoutMs: 5, sourceBytes: 2048, calls: 7 });
  for (const wrong of [{ nothing: 1 }, { calls: 0 }, { calls: -1 }, { calls: Number.NaN }, { constructor: 1 }]) expect(() => limitsFrom(wrong as unknown as Record<string, number>)).toThrow(RangeError);
});
