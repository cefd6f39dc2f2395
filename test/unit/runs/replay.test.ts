import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunId } from '../../../src/ids.js';
import { foldRun } from '../../../src/runs/timeline.js';
import { allowOnce, fakeSource, skip, testRoom, type FakeSource, type TestRoom } from './room.js';

const grant = { grants: [{ source: 'web', kind: 'tool', name: 'post' }] } as const;

function sources(): { readonly repo: FakeSource; readonly web: FakeSource; readonly list: readonly FakeSource[] } {
  let count = 0;
  const repo = fakeSource('repo', { read: { effect: 'read', answer: ({ n }) => ({ ok: true, value: `${Number(n) * 10} at ${++count}` }) }, fail: { effect: 'read', answer: () => ({ ok: false, message: 'No.' }) } }, { kind: 'builtin' });
  const web = fakeSource('web', { post: { answer: ({ n }) => ({ ok: true, value: { posted: n ?? null } }) } });
  return { repo, web, list: [repo, web] };
}

/** The room of the next session: same storage, the journal of the run cut after the last event that the test keeps. */
async function afterCrash(room: TestRoom, id: RunId, keep: (event: { readonly type: string; readonly call?: string }, index: number) => boolean, list = sources().list): Promise<TestRoom> {
  await room.dispose();
  const file = path.join(room.storage, 'runs', `${id}.jsonl`);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const last = lines.findLastIndex((line, index) => keep(JSON.parse(line) as { type: string; call?: string }, index));
  // Ends in the middle of an entry, as crashes do.
  writeFileSync(file, `${lines.slice(0, last + 1).join('\n')}\n${lines[last + 1]?.slice(0, 10) ?? ''}`);
  return testRoom(list, { storage: room.storage, memory: room.options.memory });
}

describe('a replay', () => {
  const source = 'const a = await repo.read({ n: 1 }); try { await repo.fail({}); } catch (e) { console.log(e.name); } const [b, c] = await Promise.all([repo.read({ n: 2 }), web.post({ n: 3 })]); return [a, b, c];';

  test('gives the recorded results to the recorded script, and sends nothing', async () => {
    const { repo, web, list } = sources();
    const room = testRoom(list);
    const run = room.start(source, grant);
    await run.outcome;
    const sent = [repo.calls.length, web.calls.length];
    const value = ['10 at 1', '20 at 2', { posted: 3 }];
    expect(await run.value()).toEqual(value);
    expect(await room.replay(run.id)).toEqual({ status: 'finished', value, console: [{ level: 'log', text: 'ToolError' }], calls: 4, unmade: [] });
    expect([repo.calls.length, web.calls.length]).toEqual(sent);
    expect(room.approvals.pending).toEqual([]);
  });

  test('tells where a changed script leaves the recorded world', async () => {
    const room = testRoom(sources().list);
    const run = room.start('for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) await repo.read({ n });', grant);
    await run.outcome;
    expect(await room.replay(run.id, { source: 'for (const n of [1, 2, 3, 4, 5, 6, 70]) await repo.read({ n });' })).toMatchObject({ status: 'diverged', call: 7, message: 'diverges at call 7: other arguments' });
    expect(await room.replay(run.id, { source: 'await repo.read({ n: 1 }); await web.post({ n: 1 });' })).toMatchObject({ status: 'diverged', message: 'diverges at call 2: web.post instead of repo.read' });
    expect(await room.replay(run.id, { source: 'await repo.read({ n: 1 }); return 5;' })).toMatchObject({ status: 'finished', value: 5, unmade: Array.from({ length: 7 }, () => 'repo.read') });
    expect(await room.replay(run.id, { source: '/* error */' })).toMatchObject({ status: 'rejected' });
  });

  test('answers calls in the recorded order, whatever that order was', async () => {
    const waits: Record<string, () => void> = {};
    const slow = fakeSource('slow', { get: { effect: 'read', answer: ({ n }) => new Promise((resolve) => (waits[JSON.stringify(n)] = () => resolve({ ok: true, value: n ?? null }))) } }, { kind: 'builtin' });
    const room = testRoom([slow]);
    const run = room.start('const order = []; await Promise.all([1, 2, 3].map(async (n) => order.push(await slow.get({ n })))); return order;');
    await new Promise<void>((resolve) => run.onDidAppend((event) => event.type === 'callSent' && event.call === 'c3' && setImmediate(resolve)));
    for (const n of ['2', '3', '1']) {
      waits[n]?.();
      await new Promise(setImmediate);
    }
    await run.outcome;
    expect(await run.value()).toEqual([2, 3, 1]);
    expect(await room.replay(run.id)).toMatchObject({ value: [2, 3, 1] });
  });

  test('works in a later session, on tools that are gone', async () => {
    const room = testRoom(sources().list);
    const run = room.start(source, grant);
    await run.outcome;
    await room.dispose();
    expect(await testRoom([], { storage: room.storage }).replay(run.id)).toMatchObject({ status: 'finished', calls: 4 });
  });

  test('of an interrupted run ends where the record does', async () => {
    const room = testRoom(sources().list);
    const run = room.start(source, grant);
    await run.outcome;
    const next = await afterCrash(room, run.id, (event) => event.type === 'callReturned' && event.call === 'c1');
    expect(await next.replay(run.id)).toMatchObject({ status: 'exhausted', calls: 1 });
  });

  test('of a run whose script never started is refused with a sentence', async () => {
    const room = testRoom(sources().list);
    const run = room.start('/* error */');
    await run.outcome;
    await expect(room.replay(run.id)).rejects.toThrow('its script never started');
  });

  test('gives ten thousand calls back', async () => {
    const room = testRoom(sources().list);
    const run = room.start('let sum = 0; for (let n = 0; n < 10000; n++) sum += (await repo.read({ n })).length; return sum;');
    await run.outcome;
    expect(await room.replay(run.id)).toMatchObject({ status: 'finished', value: await run.value(), calls: 10_000 });
  });
});

describe('resuming an interrupted run', () => {
  const source = 'console.log("begin"); const a = await repo.read({ n: 1 }); const b = await web.post({ n: 2 }); const c = await web.post({ n: 3 }); console.log("end"); return [a, b, c];';

  test('answers completed calls from the record and makes the rest', async () => {
    const room = testRoom(sources().list);
    const run = room.start(source, grant);
    await run.outcome;
    const fresh = sources();
    const next = await afterCrash(room, run.id, (event) => event.type === 'callReturned' && event.call === 'c2', fresh.list);
    const resumed = await next.runs.resume(run.id);
    next.approvals.answer((await next.question(resumed, 'calls')).id, allowOnce);
    expect(await resumed.outcome).toMatchObject({ status: 'finished', value: { value: ['10 at 1', { posted: 2 }, { posted: 3 }] } });
    expect([fresh.repo.calls, fresh.web.calls.map((call) => call.args)]).toEqual([[], [{ n: 3 }]]);
    const view = foldRun(resumed.events);
    expect(view).toMatchObject({ resumed: true, phase: 'ended', console: [{ text: 'begin' }, { text: 'end' }] });
    expect(view.calls.map((call) => call.state)).toEqual(['returned', 'returned', 'returned']);
    await next.dispose();
    const later = testRoom([], { storage: next.storage });
    expect(await later.history.open(run.id)).toEqual(resumed.events);
    expect(await later.history.list()).toMatchObject([{ status: 'finished', calls: 3 }]);
  });

  test('reads a file again whose secret was left out of the record: a script must not write it back without', async () => {
    const secret = 'a-secret-in-a-file';
    const files = () => fakeSource('repo', { read: { effect: 'read', answer: () => ({ ok: true, value: `key=${secret}` }) } }, { kind: 'builtin' });
    const secrets = () => [secret];
    const script = 'const text = await repo.read({}); await web.post({ n: text.length }); return text;';
    const room = testRoom([files(), sources().web], { secrets });
    const run = room.start(script);
    room.approvals.answer((await room.question(run)).id, { kind: 'start', allowed: true, grants: [] });
    await room.question(run, 'calls');
    await room.dispose();
    const [again, web] = [files(), sources().web];
    const next = testRoom([again, web], { storage: room.storage, secrets });
    const resumed = await next.runs.resume(run.id);
    next.approvals.answer((await next.question(resumed, 'calls')).id, allowOnce);
    await resumed.outcome;
    expect(again.calls).toHaveLength(1);
    expect(web.calls).toEqual([{ tool: 'post', args: { n: `key=${secret}`.length } }]);
    expect(JSON.stringify(resumed.events)).not.toContain(secret);
  });

  test('asks an undecided question again', async () => {
    const room = testRoom(sources().list);
    const run = room.start(source);
    room.approvals.answer((await room.question(run)).id, { kind: 'start', allowed: true, grants: [] });
    await room.question(run, 'calls');
    await room.dispose();
    const fresh = sources();
    const next = testRoom(fresh.list, { storage: room.storage });
    expect(await next.history.list()).toMatchObject([{ status: 'interrupted' }]);
    const resumed = await next.runs.resume(run.id);
    const question = await next.question(resumed);
    expect(question).toMatchObject({ kind: 'calls', calls: [{ call: 'c2', member: 'post', args: { n: 2 } }] });
    next.approvals.answer(question.id, allowOnce);
    next.approvals.answer((await next.question(resumed, 'calls')).id, allowOnce);
    expect(await resumed.outcome).toMatchObject({ status: 'finished' });
    expect(fresh.web.calls).toHaveLength(2);
  });

  test('never repeats a call of unknown outcome by itself: it is asked for, and skipping it says that it is unknown', async () => {
    const room = testRoom(sources().list);
    const run = room.start('try { return await web.post({ n: 2 }); } catch (error) { return error.message; }', grant);
    await run.outcome;
    const fresh = sources();
    const next = await afterCrash(room, run.id, (event) => event.type === 'callSent', fresh.list);
    const resumed = await next.runs.resume(run.id);
    const question = await next.question(resumed);
    expect(question).toMatchObject({ kind: 'calls', scopes: ['once'], why: 'web.post was sent before the run was interrupted, and whether it took effect is not known. Allowing it sends it again.' });
    expect(fresh.web.calls).toEqual([]);
    next.approvals.answer(question.id, skip);
    expect(await resumed.outcome).toMatchObject({ value: { value: 'The developer skipped web.post. Not sent again; whether it took effect before the interruption is not known.' } });
    expect(fresh.web.calls).toEqual([]);
    expect(foldRun(resumed.events).calls).toMatchObject([{ state: 'unknown' }]);
  });

  test('repeats a read of unknown outcome, which changes nothing', async () => {
    const room = testRoom(sources().list);
    const run = room.start('return repo.read({ n: 1 });');
    await run.outcome;
    const fresh = sources();
    const next = await afterCrash(room, run.id, (event) => event.type === 'callSent', fresh.list);
    expect(await (await next.runs.resume(run.id)).outcome).toMatchObject({ status: 'finished' });
    expect(fresh.repo.calls).toHaveLength(1);
  });

  test('a call that was allowed and not sent is sent without asking again, as it was edited', async () => {
    const room = testRoom(sources().list);
    const run = room.start('return web.post({ n: 2 });');
    room.approvals.answer((await room.question(run)).id, { kind: 'start', allowed: true, grants: [] });
    room.approvals.answer((await room.question(run, 'calls')).id, { ...allowOnce, decision: { ...allowOnce.decision, args: { n: 7 } } });
    await run.outcome;
    const fresh = sources();
    const next = await afterCrash(room, run.id, (event) => event.type === 'callDecided', fresh.list);
    expect(await (await next.runs.resume(run.id)).outcome).toMatchObject({ status: 'finished', value: { value: { posted: 7 } } });
    expect(fresh.web.calls).toEqual([{ tool: 'post', args: { n: 7 } }]);
  });

  test('a run that was interrupted before it started asks to start again', async () => {
    const room = testRoom(sources().list);
    const run = room.start(source);
    await room.question(run, 'start');
    await room.dispose();
    const next = testRoom(sources().list, { storage: room.storage });
    const resumed = await next.runs.resume(run.id);
    expect(await next.question(resumed)).toMatchObject({ kind: 'start' });
    resumed.stop();
    expect(await resumed.outcome).toEqual({ status: 'cancelled' });
  });

  test('sends nothing more once the script does something else', async () => {
    const list = sources();
    let flip = 1;
    const other = fakeSource('clock', { now: { effect: 'read', answer: () => ({ ok: true, value: flip++ }) } }, { kind: 'builtin' });
    const room = testRoom([...list.list, other]);
    const run = room.start('await repo.read({ n: globalThis.__test_n }); await web.post({ n: 1 });', grant);
    await run.outcome;
    const fresh = sources();
    const next = await afterCrash(room, run.id, (event) => event.type === 'callDecided' && event.call === 'c2', fresh.list);
    (globalThis as { __test_n?: number }).__test_n = 5;
    const resumed = await next.runs.resume(run.id);
    expect(await resumed.outcome).toMatchObject({ status: 'failed', error: { name: 'ResumeError', message: 'The script could not be resumed: it diverges at call 1: other arguments. Nothing more was sent; what took effect before is listed with its calls.' } });
    expect([fresh.repo.calls, fresh.web.calls]).toEqual([[], []]);
    delete (globalThis as { __test_n?: number }).__test_n;
  });

  test('is refused for runs that ended, are going on, or have no readable record', async () => {
    const room = testRoom(sources().list);
    const run = room.start('return 1;');
    await run.outcome;
    await expect(room.runs.resume(run.id)).rejects.toThrow('of this session');
    await room.dispose();
    const next = testRoom(sources().list, { storage: room.storage });
    await expect(next.runs.resume(run.id)).rejects.toThrow('This run has ended');
    await expect(next.runs.resume('nothing-here' as RunId)).rejects.toThrow('no readable record');
  });

  test('twice at once happens once', async () => {
    const room = testRoom(sources().list);
    const run = room.start(source);
    await room.question(run, 'start');
    await room.dispose();
    const next = testRoom(sources().list, { storage: room.storage });
    const results = await Promise.allSettled([next.runs.resume(run.id), next.runs.resume(run.id)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    next.runs.runs[0]?.stop();
  });
});
