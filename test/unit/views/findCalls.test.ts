import { describe, expect, test } from 'vitest';
import { found } from '../../../media/webview/panel/findCalls.js';
import type { CallId } from '../../../src/ids.js';
import type { JsonValue } from '../../../src/json.js';
import type { Recorded } from '../../../src/runs/events.js';
import type { CallTrace } from '../../../src/views/panel/trace.js';

const inline = (value: JsonValue): Recorded => ({ kind: 'inline', value });
const call = (number: number, name: string, args: Recorded, more: Partial<CallTrace> = {}): CallTrace => ({
  id: `c${number}` as CallId, number, name, tool: { source: name.split('.')[0]!, kind: 'tool', name: name.split('.')[1]! }, effect: 'read', args, state: 'returned', startedAt: number, line: number, ...more,
});

const calls = [
  call(1, 'repo.read', inline({ path: 'src/Index.ts' })),
  call(2, 'repo.read', inline({ path: 'src/money.ts' }), { state: 'failed', message: 'There is no such file.' }),
  call(3, 'github.create_issue', inline({ title: 'Doc', labels: [{ name: 'urgent' }], dueIn: 14, draft: true, body: null })),
  call(4, 'notes.add', { kind: 'blob', key: 'k', bytes: 70_000, preview: '{"text":"A very long one' }, { state: 'sent' }),
];
const numbers = (sought: string, over = true): readonly number[] => found(calls, sought, over).map(({ number }) => number);

describe('a call of a run is found', () => {
  test.each([
    ['read', [1, 2]],
    ['READ  index', [1]],
    ['src/', [1, 2]],
    ['failed', [2]],
    ['no such file', [2]],
    ['line 3', [3]],
    ['urgent', [3]],
    ['labels', [3]],
    ['14 true', [3]],
    ['null', [3]],
    ['very long', [4]],
    ['unknown', [4]],
    ['read urgent', []],
    ['(.*)', []],
    ['\u0000', []],
  ])('by %j', (sought, expected) => {
    expect(numbers(sought)).toEqual(expected);
  });

  test('by what it is now: one that is under way is not told as of unknown outcome', () => {
    expect([numbers('under way', false), numbers('unknown', false)]).toEqual([[4], []]);
  });

  test('whatever it is where nothing is sought', () => {
    expect([found(calls, '', true), found(calls, ' \n\t', true)]).toEqual([calls, calls]);
  });

  test('among ten thousand whose arguments nest as deep as they can be recorded', () => {
    let deep: JsonValue = 'needle';
    for (let depth = 0; depth < 500; depth++) deep = { down: [deep] };
    const many = Array.from({ length: 10_000 }, (_, index) => call(index, 'x.y', inline(index === 7_000 ? deep : { index })));
    expect(found(many, 'NEEDLE', true).map(({ number }) => number)).toEqual([7_000]);
    expect(found(many, '9999', true).map(({ number }) => number)).toEqual([9_999]);
  });
});
