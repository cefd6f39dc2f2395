import { describe, expect, test } from 'vitest';
import type { CallId, ChangeSetId, QuestionId } from '../../../src/ids.js';
import type { RunEvent, RunEventInput } from '../../../src/runs/events.js';
import type { Run } from '../../../src/runs/run.js';
import { alreadyDone } from '../../../src/views/panel/alreadyDone.js';
import type { Effect } from '../../../src/catalog/source.js';

const value = { kind: 'inline', value: 1 } as const;
const changeSet = 's1' as ChangeSetId;
let calls = 0;

type Ending = 'returned' | 'skip' | 'deny' | 'none' | { readonly failed: 'no' | 'unknown' | 'answered' };

function call(name: string, effect: Effect, ending: Ending = 'returned'): readonly RunEventInput[] {
  const id = `c${++calls}` as CallId;
  const [source = '', tool = ''] = name.split('.');
  const requested: RunEventInput = { type: 'callRequested', call: id, tool: { source, kind: 'tool', name: tool }, name, args: value, effect };
  if (ending === 'none') return [requested];
  if (ending === 'skip' || ending === 'deny') return [requested, { type: 'callDecided', call: id, question: 'q' as QuestionId, decision: ending, why: '' }];
  return [requested, ending === 'returned' ? { type: 'callReturned', call: id, value } : { type: 'callFailed', call: id, message: '', sent: ending.failed }];
}

/** A run as far as this reads it: its events, which only become more. */
function run(...events: readonly (RunEventInput | readonly RunEventInput[])[]): Run & { add(...more: readonly RunEventInput[]): void } {
  const all: RunEvent[] = events.flat() as unknown as RunEvent[];
  return { events: all, add: (...more: readonly RunEventInput[]) => void all.push(...(more as unknown as RunEvent[])) } as unknown as Run & { add(...more: readonly RunEventInput[]): void };
}

describe('what a review does not hold', () => {
  test('is every call that changed something elsewhere, or may have', () => {
    const one = run(
      call('github.create_issue', 'outward'), call('github.create_issue', 'outward'), call('memory.add', 'write'), call('odd.tool', 'unknown'),
      call('repo.read', 'read'), call('repo.write', 'staged'),
      call('mail.send', 'outward', { failed: 'unknown' }), call('mail.look', 'outward', { failed: 'answered' }), call('mail.never', 'outward', { failed: 'no' }),
      call('mail.skipped', 'outward', 'skip'), call('mail.denied', 'outward', 'deny'), call('mail.waits', 'outward', 'none'),
    );
    expect(alreadyDone([one])).toEqual([{ name: 'github.create_issue', times: 2 }, ...['memory.add', 'odd.tool', 'mail.send', 'mail.look'].map((name) => ({ name, times: 1 }))]);
  });

  test('is that of all runs of the conversation since something of it was decided on', () => {
    const before = run(call('a.write', 'write'));
    const decided = run(call('b.write', 'write'), { type: 'applied', changeSet, files: [], commits: [] }, call('c.write', 'write'));
    const after = run(call('c.write', 'write'));
    expect(alreadyDone([after, decided, before])).toEqual([{ name: 'c.write', times: 2 }]);
    expect(alreadyDone([run({ type: 'discarded', changeSet }), before])).toEqual([]);
    expect(alreadyDone([])).toEqual([]);
  });

  test('grows with its run, each event counted once', () => {
    const [requested, returned] = call('a.write', 'write') as readonly [RunEventInput, RunEventInput];
    const one = run(requested);
    expect(alreadyDone([one])).toEqual([]);
    one.add(returned);
    expect([alreadyDone([one]), alreadyDone([one])]).toEqual([1, 2].map(() => [{ name: 'a.write', times: 1 }]));
    one.add(...call('a.write', 'write'));
    expect(alreadyDone([one])).toEqual([{ name: 'a.write', times: 2 }]);
  });
});
