import { describe, expect, test, vi } from 'vitest';
import { fork } from 'node:child_process';
import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunId } from '../../../src/ids.js';
import type { RunEvent } from '../../../src/runs/events.js';
import { failureForModel, failureOf } from '../../../src/runs/failure.js';
import { createClaims } from '../../../src/runs/claims.js';
import { replayVerdict } from '../../../src/runs/replay/verdict.js';
import { foldRun } from '../../../src/runs/timeline.js';
import { begin, fakeSource, newStorage, skip, testRoom, type TestRoom } from './room.js';

const repo = () => fakeSource('repo', { read: { effect: 'read', answer: ({ n }) => (n === 13 ? { ok: false, message: 'No such number.' } : { ok: true, value: Number(n) * 10 }) } }, { kind: 'builtin' });

async function ran(room: TestRoom, source: string) {
  const run = room.start(source);
  await run.outcome;
  return run;
}

describe('a replay tells', () => {
  const verdict = async (recorded: string, source?: string) => {
    const room = testRoom([repo()]);
    const run = await ran(room, recorded);
    const events: RunEvent[] = [];
    const result = await room.replay(run.id, { ...(source !== undefined && { source }), onEvent: (event) => events.push(event) });
    return { ...replayVerdict(result, run.events), result, events, run };
  };

  test('that a script does the same, and each of its steps as a journal has them', async () => {
    const { kind, sentence, details, events, run } = await verdict('console.log("a"); const x = await repo.read({ n: 1 }); try { await repo.read({ n: 13 }); } catch { } return x;');
    expect({ kind, sentence, details }).toEqual({ kind: 'same', sentence: 'Same as recorded: the same calls, the same console, the same value.', details: ['2 calls answered from the record, nothing was sent.'] });
    expect(events.map((event) => event.type)).toEqual(['created', 'checked', 'started', 'console', 'callRequested', 'callReturned', 'callRequested', 'callFailed', 'ended']);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
    const shown = (view: ReturnType<typeof foldRun>) => view.calls.map(({ name, line, state, args, result, error }) => ({ name, line, state, args, result, error }));
    expect(shown(foldRun(events))).toEqual(shown(foldRun(run.events)));
  });

  test('where it diverges, with the arguments that were expected and those that were made', async () => {
    const { kind, sentence, result } = await verdict('for (const n of [1, 2, 3]) await repo.read({ n });', 'for (const n of [1, 2, 30]) await repo.read({ n });');
    expect([kind, sentence]).toEqual(['differs', 'The script diverges at call 3: other arguments.']);
    expect(result).toMatchObject({ expected: { name: 'repo.read', args: { value: { n: 3 } } }, made: { name: 'repo.read', args: { n: 30 }, line: 1 } });
  });

  test('what a script leaves out, says and returns otherwise', async () => {
    const { details } = await verdict('console.log("a"); await repo.read({ n: 1 }); await repo.read({ n: 2 }); return 1;', 'console.log("b"); await repo.read({ n: 1 }); return 2;');
    expect(details).toEqual(['1 recorded call was not made: repo.read.', 'The console differs from line 1 on.', 'It returned another value.', '1 call answered from the record, nothing was sent.']);
  });

  test('that a failure is the recorded one, and that another one is not', async () => {
    expect(await verdict('await repo.read({ n: 13 });')).toMatchObject({ kind: 'same', sentence: 'Same as recorded: it fails in line 1 as before.' });
    expect(await verdict('await repo.read({ n: 1 }); throw new Error("a");', 'await repo.read({ n: 1 }); throw new Error("b");')).toMatchObject({ kind: 'differs', details: ['It failed otherwise: b', '1 call answered from the record, nothing was sent.'] });
    expect(await verdict('await repo.read({ n: 1 }); throw new Error("a");', 'return repo.read({ n: 1 });')).toMatchObject({ kind: 'differs', details: ['The recorded run failed; this one finished.', '1 call answered from the record, nothing was sent.'] });
  });

  test('that more calls are wanted than were recorded, and that it was cancelled', async () => {
    expect(await verdict('await repo.read({ n: 1 });', 'await repo.read({ n: 1 }); await repo.read({ n: 2 });')).toMatchObject({ kind: 'incomplete', sentence: 'The record ends after 1 call: repo.read has no recorded answer.' });
    const room = testRoom([repo()]);
    const run = await ran(room, 'await repo.read({ n: 1 });');
    const result = await room.replay(run.id, { signal: AbortSignal.abort() });
    expect(replayVerdict(result, run.events)).toMatchObject({ kind: 'incomplete', sentence: 'The replay was cancelled.' });
  });
});

describe('what is known of a failure', () => {
  test('is the place, a frame and the call it came from', async () => {
    const run = await ran(testRoom([repo()], { now: () => 1_700_000_000_000 }), 'const a = await repo.read({ n: 1 });\nreturn repo.read({ n: 13 });');
    const failure = failureOf(foldRun(run.events));
    expect(failure).toMatchObject({ name: 'ToolError', message: 'No such number.', line: 1, call: { number: 2, name: 'repo.read', args: { value: { n: 13 } } } });
    expect(failureForModel(run.events)).toBe(
      [
        'ToolError at line 1, column 1: No such number.',
        '> 1 | const a = await repo.read({ n: 1 });\n    | ^\n  2 | return repo.read({ n: 13 });',
        'It came from this call:\n- repo.read({"n":13}) [call 2, line 1, failed: No such number., 0 ms]',
        'Its calls:\n- repo.read({"n":1}) [call 1, line 1, returned, 0 ms, result 2 bytes]\n- repo.read({"n":13}) [call 2, line 1, failed: No such number., 0 ms]',
      ].join('\n\n'),
    );
  });

  test('names no call where the script threw by itself, and the skipped one where that was not caught', async () => {
    const room = testRoom([repo(), fakeSource('web', { post: {} })]);
    const own = await ran(room, 'await repo.read({ n: 1 }); throw new Error("No such number.");');
    expect(failureForModel(own.events)).toContain('It did not come from a call.');
    const skipping = room.start('await web.post({ n: 2 });');
    room.approvals.answer((await room.question(skipping)).id, begin);
    room.approvals.answer((await room.question(skipping, 'calls')).id, skip);
    await skipping.outcome;
    expect(failureForModel(skipping.events)).toMatch(/It came from this call:\n- web\.post\(\{"n":2\}\) \[call 1, line 1, skipped/);
  });

  test('is the diagnostics of a script that was rejected, and nothing of one that did not fail', async () => {
    const room = testRoom([repo()]);
    expect(failureForModel((await ran(room, '/* error */')).events)).toContain('error TS2345 at line 1, column 1: Wrong.');
    expect(failureForModel((await ran(room, 'return 1;')).events)).toBe('The run did not fail: it finished.');
  });

  test('tells large arguments by their beginning and size', async () => {
    const run = await ran(testRoom([repo()]), 'await repo.read({ n: 13, text: "x".repeat(5000) });');
    const text = failureForModel(run.events);
    expect(text).toMatch(/… 50\d\d bytes\)/);
    expect(text.length).toBeLessThan(1500);
  });
});

describe('a run that another window makes', () => {
  const id = 'abcdef-123456' as RunId;

  test('is not to be taken by this one as long as that window lives', async () => {
    const folder = newStorage();
    const [here, there] = [createClaims<RunId>(folder), createClaims<RunId>(folder)];
    expect(await there.take(id)).toBe(true);
    expect(await here.take(id)).toBe(false);
    expect([...(await here.elsewhere())]).toEqual([id]);
    expect([...(await there.elsewhere())]).toEqual([]);
    await here.release(id);
    expect([...(await here.elsewhere())]).toEqual([id]);
    await there.release(id);
    expect(await here.take(id)).toBe(true);
  });

  test('is free again when its process is gone, also where another one has its number, when the machine was started anew, or when the claim is no claim', async () => {
    const folder = newStorage();
    const claims = createClaims(folder);
    const boot = Math.round(Date.now() / 1000 - os.uptime());
    const gone = fork('-e', [], { execArgv: ['-e', ''], stdio: 'ignore' });
    await new Promise((resolve) => gone.once('exit', resolve));
    const claimed = (text: string): void => {
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
      writeFileSync(path.join(folder, `${id}.7.lock`), text);
      utimesSync(path.join(folder, `${id}.7.lock`), 1, 1);
    };
    const others = [{ window: 'x', pid: gone.pid, boot }, { window: 'x', pid: process.pid, boot: boot - 4000 }, ...(process.platform === 'win32' ? [] : [{ window: 'x', pid: process.pid, boot, started: 'at another time' }])];
    for (const text of [...others.map((claim) => JSON.stringify(claim)), 'torn']) {
      claimed(text);
      expect([...(await claims.elsewhere())]).toEqual([]);
      expect(await claims.take(id), text).toBe(true);
      expect(readdirSync(folder)).toEqual([`${id}.8.lock`]);
    }
    claimed(JSON.stringify({ window: 'x', pid: process.pid, boot }));
    expect(await claims.take(id)).toBe(false);
  });

  test('goes to one window only, however many follow a dead one at once', async () => {
    const folder = newStorage();
    for (let round = 0; round < 20; round++) {
      writeFileSync(path.join(folder, `${id}-${round}.1.lock`), JSON.stringify({ window: 'x', pid: process.pid, boot: 1 }));
      const windows = Array.from({ length: 8 }, () => createClaims(folder));
      const taken = await Promise.all(windows.map(async (claims) => claims.take(`${id}-${round}`)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      const found = await Promise.all(windows.map(async (claims) => (await claims.elsewhere()).has(`${id}-${round}`)));
      expect(found).toEqual(taken.map((isOwn) => !isOwn));
    }
  });

  test('is listed as running elsewhere, and can neither be resumed nor forgotten here', async () => {
    const storage = newStorage();
    const claims = () => createClaims<RunId>(path.join(storage, 'runs'));
    const web = () => [fakeSource('web', { post: {} })];
    const there = testRoom(web(), { storage, claims: claims() });
    const run = there.start('await web.post({});');
    await there.question(run);
    const here = testRoom(web(), { storage, claims: claims() });
    await vi.waitFor(async () => expect(await here.history.list()).toMatchObject([{ id: run.id, status: 'running', elsewhere: true }]));
    await expect(here.runs.resume(run.id)).rejects.toThrow('This run goes on in another window on this folder.');
    await here.history.remove(run.id);
    expect(await here.history.list()).toHaveLength(1);
    await there.dispose();
    expect(await here.history.list()).toMatchObject([{ id: run.id, status: 'interrupted' }]);
    const resumed = await here.runs.resume(run.id);
    expect(await here.question(resumed)).toMatchObject({ kind: 'start' });
    resumed.stop();
    await resumed.outcome;
  });
});
