import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationId } from '../../../src/ids.js';
import type { ChangeSet, Differences } from '../../../src/runs/changes/changeSet.js';
import { contentsOf, contentsText, holdsSomething, ownFilesOf } from '../../../src/runs/changes/contents.js';
import type { Recorded } from '../../../src/runs/events.js';
import { runHeadless } from '../../../src/runs/headless.js';
import { reportForModel } from '../../../src/runs/report.js';
import type { Run } from '../../../src/runs/run.js';
import { foldRun } from '../../../src/runs/timeline.js';
import { realRooms, type RealRooms } from './realRooms.js';
import { fakeSource, questionOf } from './room.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'runs-real-'));
const workspace = path.join(folder, 'work');
const mail = fakeSource('mail', { send: { annotations: { openWorldHint: true }, inputSchema: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] } } });
let rooms: RealRooms;
let count = 0;

const git = (...args: string[]): string => execFileSync('git', ['-C', workspace, ...args], { encoding: 'utf8' });

beforeAll(async () => {
  rooms = await realRooms(workspace, path.join(folder, 'storage'), [mail]);
  git('init', '-q', '-b', 'main');
  for (const [key, value] of [['user.name', 't'], ['user.email', 't@example.org'], ['commit.gpgsign', 'false']] as const) git('config', key, value);
  writeFileSync(path.join(workspace, 'a.txt'), 'one\n');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
});
afterAll(async () => {
  await rooms.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (source: string, conversation = `talk ${++count}`): Run => rooms.runs.start({ source, origin: 'chat', conversation: conversation as ConversationId, title: 'real' });

const setOf = (run: Run): ChangeSet => {
  const set = rooms.changeSets.open.find(({ conversation }) => conversation === run.request.conversation);
  if (set === undefined) throw new Error('Nothing is staged.');
  return set;
};

describe('on the real checker, sandbox, change sets and built-ins', () => {
  test('a script reads, edits and commits without a question; nothing changes before Apply', async () => {
    const run = start("const { text } = await repo.read({ path: 'a.txt' });\nawait repo.write({ path: 'a.txt', text: text + 'two\\n' });\nawait git.commit({ message: 'second', all: true });\nreturn (await repo.read({ path: 'a.txt' })).text;", 'edits');
    expect(await run.outcome).toEqual({ status: 'finished', value: { kind: 'inline', value: 'one\ntwo\n' } });
    expect(run.events.at(-1)).toMatchObject({ type: 'staged', files: 1, commits: 1 });
    expect(readFileSync(path.join(workspace, 'a.txt'), 'utf8')).toBe('one\n');
    const report = reportForModel(run.events);
    expect(report).toContain("Staged, awaiting the developer's review: 1 file and 1 commit");
    expect(report).not.toMatch(/committed|applied/);
    const next = start("return (await repo.read({ path: 'a.txt' })).text;", 'edits');
    expect(await next.outcome).toMatchObject({ value: { value: 'one\ntwo\n' } });
    const [set] = rooms.changeSets.open;
    expect(await set!.apply()).toMatchObject({ ok: true });
    expect(readFileSync(path.join(workspace, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
    expect(run.events.at(-1)).toMatchObject({ type: 'applied', files: ['a.txt'], commits: [{ message: 'second' }] });
    expect(reportForModel(run.events)).toMatch(/Reviewed and applied: a\.txt\.\nCommits:\n- [0-9a-f]{7,}/);
  });

  test.each([
    ['a new branch', "await git.createBranch({ name: 'topic' });", '1 branch', () => git('branch', '--list', 'topic')],
    ['an entry of the index', "await git.stage({ paths: ['mine.txt'] });", '1 entry of the index', () => git('diff', '--cached', '--name-only')],
    ['an empty folder that goes', "await repo.delete({ path: 'empty' });", '1 empty folder', () => readdirSync(workspace).filter((name) => name === 'empty').join()],
  ])('%s alone waits for review, is said to, and is applied', async (_what, source, words, look) => {
    writeFileSync(path.join(workspace, 'mine.txt'), 'what a person wrote\n');
    mkdirSync(path.join(workspace, 'empty'), { recursive: true });
    const before = look();
    const run = start(source);
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    expect(run.events.at(-1)).toMatchObject({ type: 'staged', files: 0, commits: 0, others: words });
    expect(reportForModel(run.events)).toContain(`Staged, awaiting the developer's review: ${words} (`);
    expect(look()).toBe(before);
    const set = setOf(run);
    expect([holdsSomething(set), contentsText(contentsOf(set))]).toEqual([true, words]);
    expect(await set.apply()).toMatchObject({ ok: true, files: [], commits: [] });
    expect(look()).not.toBe(before);
    expect(rooms.changeSets.undoable?.summary).toBe(words);
    expect(reportForModel(run.events)).toContain(`Reviewed and applied: ${words}.`);
    expect(await rooms.changeSets.undo()).toMatchObject({ ok: true });
    expect(look()).toBe(before);
  });

  test('a commit of what a person changed names the files that no diff of it shows', async () => {
    writeFileSync(path.join(workspace, 'a.txt'), 'a person was here\n');
    const run = start("await repo.write({ path: 'both.txt', text: 'x\\n' });\nawait git.commit({ message: 'both', paths: ['a.txt', 'both.txt'] });");
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    const set = setOf(run);
    expect(set.commits.map((commit) => [commit.files, ownFilesOf(commit, set)])).toEqual([[expect.arrayContaining(['a.txt', 'both.txt']) as string[], ['a.txt']]]);
    await set.discard();
    git('checkout', '--', 'a.txt');
  });

  test('an Apply that a hook refuses says so where the run is shown, in the lines of the hook', async () => {
    const run = start("await repo.write({ path: 'hooked.txt', text: 'x\\n' });\nawait git.commit({ message: 'hooked', all: true });");
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    const hook = path.join(workspace, '.git/hooks/pre-commit');
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "line 1: no" >&2\necho "line 2: neither" >&2\nexit 1\n', { mode: 0o755 });
    try {
      const set = setOf(run);
      expect(await set.apply()).toMatchObject({ ok: false });
      expect(run.events.at(-1)).toMatchObject({ type: 'applyFailed', message: expect.stringMatching(/line 1: no\nline 2: neither\nEverything was put back/) as string });
      expect(reportForModel(run.events)).toContain('line 2: neither');
      await set.discard();
    } finally {
      rmSync(hook);
    }
  });

  test('what differed is kept with the run when its changes are applied, undone or discarded, as long as the run is', async () => {
    writeFileSync(path.join(workspace, 'b.txt'), 'one\ntwo\n');
    const differences = async (run: Run, type: 'applied' | 'discarded'): Promise<Differences> => {
      const event = run.events.find((each) => each.type === type);
      if (event === undefined || !('differences' in event) || event.differences === undefined) throw new Error(`There is no ${type}.`);
      return (await rooms.history.value(event.differences)) as unknown as Differences;
    };
    const edits = "await repo.write({ path: 'b.txt', text: 'one\\nthree\\n' });\nawait repo.create({ path: 'c.txt', text: 'new\\n' });";
    const run = start(edits, 'kept');
    await run.outcome;
    const set = rooms.changeSets.open.find((each) => each.conversation === 'kept')!;
    set.setExcluded('c.txt', true);
    const file = { path: 'b.txt', kind: 'modified', insertions: 1, deletions: 1, hunks: [{ before: 1, after: 1, lines: [' one', '-two', '+three'] }] };
    expect((await set.differences()).files).toMatchObject([file, { path: 'c.txt', kind: 'added' }]);
    expect(await set.apply()).toMatchObject({ ok: true });
    const applied = { files: [file], note: 'Left out by you: c.txt.' };
    expect(await differences(run, 'applied')).toEqual(applied);
    expect(await rooms.changeSets.undo()).toMatchObject({ ok: true });
    expect(await differences(run, 'applied')).toEqual(applied);
    // What was left out is still staged, in a set of its own, and the run hears what becomes of that.
    const rest = rooms.changeSets.open.find((each) => each.conversation === 'kept')!;
    expect(rest.files).toMatchObject([{ path: 'c.txt', kind: 'added', excluded: true }]);
    expect(run.events.map((event) => ('changeSet' in event ? [event.type, event.changeSet === rest.id] : [])).filter((each) => each.length > 0)).toEqual([['staged', false], ['staged', true], ['applied', false]]);
    const reading = start("return (await repo.read({ path: 'c.txt' })).basis;", 'kept');
    expect(await reading.outcome).toMatchObject({ value: { value: 'staged' } });
    expect(reading.events.some((event) => event.type === 'staged')).toBe(false);
    await rest.discard();
    expect(run.events.at(-1)).toMatchObject({ type: 'discarded', changeSet: rest.id });

    const large = start("await repo.create({ path: 'large.txt', text: Array.from({ length: 900 }, (_, n) => `line ${n}\\n`).join('') });", 'kept too');
    await large.outcome;
    await rooms.changeSets.open.find((each) => each.conversation === 'kept too')!.discard();
    expect(await differences(large, 'discarded')).toMatchObject({ files: [{ path: 'large.txt', kind: 'added', insertions: 900 }] });
    const event = large.events.at(-1) as { readonly differences: Recorded };
    expect(JSON.stringify(event).length).toBeLessThan(1_500);
    expect(await rooms.history.exportJsonl(large.id)).toContain('"+line 899"');
    await rooms.history.remove(large.id);
    expect(await rooms.history.value(event.differences)).toBeUndefined();
  });

  test('type errors come back with line, column and frame, and nothing ran', async () => {
    const run = start("const x = 1;\nawait repo.read({ pfad: 'a.txt' });");
    expect(await run.outcome).toMatchObject({ status: 'rejected' });
    const report = reportForModel(run.events);
    expect(report).toMatch(/rejected by the type check; nothing ran\.\nerror TS\d+ at line 2, column \d+/);
    expect(report).toContain("> 2 | await repo.read({ pfad: 'a.txt' });");
  });

  test('an error of the script names its line, and the calls that took effect', async () => {
    const run = start("await mail.send({ to: 'x' });\nawait repo.read({ path: 'missing.txt' });");
    rooms.approvals.answer((await questionOf(rooms, run.id)).id, { kind: 'start', allowed: true, grants: [{ source: 'mail', kind: 'tool', name: 'send' }] });
    expect(await run.outcome).toMatchObject({ status: 'failed', error: { name: 'ToolError', line: 2 } });
    const report = reportForModel(run.events);
    expect(report).toContain('> 2 | await repo.read');
    expect(report).toContain('Took effect:\n- mail.send({"to":"x"}) line 1');
  });

  test('the declared codemode functions exist and answer', async () => {
    const run = start(`const found = await codemode.search('read a file');
const text = await codemode.describe(['repo.read']);
const servers = await codemode.servers();
const handle = 'blob:' + '0'.repeat(64);
const gone = await codemode.read(handle).catch((error: Error) => error.message);
const resources = await codemode.resources.list('mail');
const prompts = await codemode.prompts.list('mail');
return [found.results.length > 0, text.includes('read'), servers.map((s) => s.name), gone, resources, prompts];`);
    expect(await run.outcome).toMatchObject({ status: 'finished', value: { value: [true, true, ['repo', 'git', 'mail'], 'What this handle stands for is no longer kept. Call the tool again for a new one.', [], []] } });
  });

  test('a loop of calls asks one question that stands while the script waits, and Stop ends it', async () => {
    const run = start("await Promise.all(['a', 'b', 'c'].map((to) => mail.send({ to })));");
    const before = mail.calls.length;
    rooms.approvals.answer((await questionOf(rooms, run.id)).id, { kind: 'start', allowed: true, grants: [] });
    const question = await questionOf(rooms, run.id, 'calls');
    expect(question.kind === 'calls' && question.calls.map((call) => call.args)).toEqual([{ to: 'a' }, { to: 'b' }, { to: 'c' }]);
    run.stop();
    expect(await run.outcome).toEqual({ status: 'cancelled' });
    expect(mail.calls.length).toBe(before);
  });

  test('an argument of 50 MB is refused in the script, and nobody is asked or sent it', async () => {
    const before = mail.calls.length;
    const source = "const to = 'x'.repeat(50 * 1024 * 1024);\ntry { await mail.send({ to }); } catch (error) { return (error as Error).message; }";
    const run = rooms.runs.start({ source, origin: 'chat', conversation: 'large' as ConversationId, title: 'large', limits: { memoryMb: 1000, timeoutMs: 60_000 } });
    rooms.approvals.answer((await questionOf(rooms, run.id)).id, { kind: 'start', allowed: true, grants: [{ source: 'mail', kind: 'tool', name: 'send' }] });
    const outcome = await run.outcome;
    expect(JSON.stringify(outcome)).toMatch(/argument/i);
    expect(mail.calls.length).toBe(before);
    expect(rooms.approvals.pending).toEqual([]);
  });

  test('a broken limit says which one', async () => {
    const run = rooms.runs.start({ source: 'for (;;) {}', origin: 'chat', conversation: 'x' as ConversationId, title: 'loop', limits: { timeoutMs: 200 } });
    expect(await run.outcome).toMatchObject({ status: 'failed', error: { limit: 'time' } });
  });

  test('a result too large comes as a handle that is read in parts', async () => {
    writeFileSync(path.join(workspace, 'big.txt'), 'äö'.repeat(60_000));
    const source = `const whole: any = await repo.read({ path: 'big.txt' });
const part = await codemode.read(whole.handle, { start: 0, end: 1000 });
return [whole.mimeType, whole.bytes > 200000, part.text!.startsWith('{"path":"big.txt"'), whole.preview.length];`;
    const run = rooms.runs.start({ source, origin: 'chat', conversation: 'x' as ConversationId, title: 'big', limits: { resultBytes: 100_000 } });
    expect(await run.outcome).toMatchObject({ status: 'finished', value: { value: ['application/json', true, true, 2000] } });
  });

  test('a replay of a real run gives the same value and touches nothing', async () => {
    const run = start("const [a, b] = await Promise.all([repo.read({ path: 'a.txt' }), repo.list({})]); return [a.text.length, Math.random(), Date.now(), JSON.stringify(b).length > 2];");
    await run.outcome;
    expect(await rooms.replay(run.id)).toMatchObject({ status: 'finished', value: await run.value(), calls: 2, unmade: [] });
  });

  test.each([
    ['all', 'finished', true],
    ['read', 'failed', false],
    ['none', 'failed', false],
  ] as const)('headless with --allow %s ends as %s', async (allow, status, sent) => {
    const before = mail.calls.length;
    const result = await runHeadless(rooms, { source: "console.log('hi'); return mail.send({ to: 'y' });", origin: 'headless', conversation: `h ${allow}` as ConversationId, title: 'h' }, allow);
    expect(result).toMatchObject({ status, console: [{ level: 'log', text: 'hi' }], calls: [{ server: 'mail', tool: 'send', args: { to: 'y' }, ok: sent }], stats: { calls: 1 } });
    expect(mail.calls.length - before).toBe(sent ? 1 : 0);
    if (!sent) expect(result.error).toMatchObject({ name: 'SkippedError', line: 1 });
  });

  test('headless of a wrong script gives its diagnostics', async () => {
    const result = await runHeadless(rooms, { source: 'return nothing.here();', origin: 'headless', conversation: 'w' as ConversationId, title: 'w' }, 'all');
    expect(result).toMatchObject({ status: 'rejected', error: { name: 'TypeCheckError', line: 1 }, calls: [] });
    expect(result.error?.diagnostics?.length).toBeGreaterThan(0);
  });

  test('more calls than the limit allows end the run', async () => {
    const run = rooms.runs.start({ source: "for (let n = 0; n < 300; n++) await codemode.servers(); return 'done';", origin: 'chat', conversation: 'x' as ConversationId, title: 'many', limits: { calls: 200 } });
    expect(await run.outcome).toMatchObject({ status: 'failed', error: { limit: 'calls' } });
    expect(foldRun(run.events).calls).toHaveLength(200);
  });
});
