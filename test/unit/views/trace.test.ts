import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/runs/events.js';
import { foldRun } from '../../../src/runs/timeline.js';
import { EventFeed } from '../../../src/views/panel/feed.js';
import type { ToPanel } from '../../../src/views/panel/protocol.js';
import { append, emptyTrace } from '../../../src/views/panel/trace.js';
import { begin, fakeSource, skip, testRoom } from '../runs/room.js';

const sources = () => [fakeSource('repo', { read: { effect: 'read', answer: ({ n }) => (n === 13 ? { ok: false, message: 'No.' } : { ok: true, value: n ?? null }) } }, { kind: 'builtin' }), fakeSource('web', { post: {} })];

function traceOf(events: readonly RunEvent[]) {
  const trace = emptyTrace((events[0] as RunEvent).run);
  for (const event of events) append(trace, event);
  return trace;
}

/** The panel's words for the states that a report has. */
const words: Readonly<Record<string, string>> = { asked: 'asking', allowed: 'requested', running: 'sent' };

function expectSame(events: readonly RunEvent[]): void {
  const trace = traceOf(events);
  const view = foldRun(events);
  expect(trace.calls.map(({ number, name, line, state }) => ({ number, name, line, state }))).toEqual(view.calls.map(({ number, name, line, state }) => ({ number, name, line, state: words[state] ?? state })));
  expect([trace.outcome, trace.durationMs, trace.resumed, trace.console]).toEqual([view.outcome, view.durationMs, view.resumed, view.console]);
}

describe('what the panel shows of a run', () => {
  test('is what the model is told of it, at every step', async () => {
    const room = testRoom(sources());
    const run = room.start('console.log(1); await repo.read({ n: 1 }); try { await repo.read({ n: 13 }); } catch { } try { await web.post({}); } catch { console.log(2); } return 5;');
    room.approvals.answer((await room.question(run)).id, begin);
    room.approvals.answer((await room.question(run, 'calls')).id, skip);
    await run.outcome;
    for (let count = 1; count <= run.events.length; count++) expectSame(run.events.slice(0, count));
    expect(traceOf(run.events).consoleAfter).toEqual([0, 3]);
  });

  test('says of a call that was sent before an interruption, and not again, that its outcome is unknown', async () => {
    const room = testRoom(sources());
    const run = room.start('try { await web.post({ n: 2 }); } catch { } return 1;', { grants: [{ source: 'web', kind: 'tool', name: 'post' }] });
    await run.outcome;
    await room.dispose();
    const file = path.join(room.storage, 'runs', `${run.id}.jsonl`);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${lines.slice(0, lines.findIndex((line) => line.includes('"callSent"')) + 1).join('\n')}\n`);
    const next = testRoom(sources(), { storage: room.storage });
    const resumed = await next.runs.resume(run.id);
    next.approvals.answer((await next.question(resumed, 'calls')).id, skip);
    await resumed.outcome;
    expect(traceOf(resumed.events)).toMatchObject({ resumed: true, calls: [{ state: 'unknown' }], outcome: { status: 'finished' } });
    expectSame(resumed.events);
  });
});

describe('what became of the changes of a run', () => {
  test('is kept for every set, in the order of the decisions', () => {
    const bodies = [
      { type: 'staged', changeSet: 'first', files: 1, commits: 0 },
      { type: 'applied', changeSet: 'first', files: ['a'], commits: [] },
      { type: 'discarded', changeSet: 'second' },
      { type: 'undone', changeSet: 'first' },
    ];
    const trace = traceOf(bodies.map((body, seq) => ({ v: 1, run: 'r', seq, at: seq, ...body }) as RunEvent));
    expect(trace.reviewed).toEqual([{ changeSet: 'first', state: 'undone' }, { changeSet: 'second', state: 'discarded' }]);
  });
});

describe('the feed of a webview', () => {
  const event = (seq: number): RunEvent => ({ v: 1, run: 'r', seq, at: seq, type: 'console', entry: { level: 'log', text: String(seq) } }) as RunEvent;
  const events = Array.from({ length: 25_000 }, (_, seq) => event(seq));
  const run = event(0).run;

  test('sends every event once and in order, in pieces, and only what is new', () => {
    const got: ToPanel[] = [];
    const feed = new EventFeed((message) => got.push(message));
    while (feed.send(run, events));
    expect(feed.send(run, events)).toBe(false);
    feed.send(run, [...events, event(25_000)]);
    const sent = got.flatMap((message) => (message.type === 'events' ? message.events : []));
    expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: 25_001 }, (_, seq) => seq));
    expect(got.map((message) => (message.type === 'events' ? message.from : -1))).toEqual([0, 10_000, 20_000, 25_000]);
  });

  test('begins anew when the webview was loaded anew', () => {
    const got: ToPanel[] = [];
    const feed = new EventFeed((message) => got.push(message));
    feed.send(run, events.slice(0, 3));
    feed.restart();
    feed.send(run, events.slice(0, 3));
    expect(got).toMatchObject([{ from: 0 }, { from: 0 }]);
  });
});
