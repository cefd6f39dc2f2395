import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { RunId } from '../../../src/ids.js';
import { nodeFiles, type JournalFiles } from '../../../src/runs/journal/files.js';
import { createRedactor } from '../../../src/runs/journal/redact.js';
import { defaultRunLimits } from '../../../src/runs/limits.js';
import type { Run } from '../../../src/runs/run.js';
import { foldRun } from '../../../src/runs/timeline.js';
import { begin, conversation, fakeSource, newStorage, testRoom, type FakeSource, type TestRoom } from './room.js';

const reading = (answer: () => string = () => 'hello') => fakeSource('repo', { read: { effect: 'read', answer: () => ({ ok: true, value: answer() }) }, write: { effect: 'staged' } }, { kind: 'builtin' });
const fileOf = (room: TestRoom, run: { readonly id: RunId }): string => path.join(room.storage, 'runs', `${run.id}.jsonl`);
const everything = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

async function finished(room: TestRoom, source = "return repo.read({ path: 'a' });"): Promise<Run> {
  const run = room.start(source);
  await run.outcome;
  return run;
}

describe('the journal', () => {
  test('holds every event of a run, readable by the next session', async () => {
    const first = testRoom([reading()]);
    const run = await finished(first);
    await first.dispose();
    const next = testRoom([reading()], { storage: first.storage });
    expect(await next.history.open(run.id)).toEqual(run.events);
    expect(await next.history.list()).toMatchObject([{ id: run.id, status: 'finished', calls: 1, origin: 'chat', title: 'A test', reach: { read: ['repo'] } }]);
  });

  test('tells in a line of the history what a run may reach, whether it did or not', async () => {
    const sources = (): readonly FakeSource[] => [reading(), fakeSource('web', { post: { effect: 'outward' }, get: { effect: 'read' } }, { kind: 'builtin' }), fakeSource('notes', { add: { effect: 'write' }, odd: { effect: 'unknown' } }, { kind: 'builtin' })];
    const first = testRoom(sources());
    const run = first.start("await repo.read({ path: 'a' }); if (Date.now() < 0) { await web.post({}); await web.get({}); await notes.add({}); await notes.odd({}); }");
    first.approvals.answer((await first.question(run)).id, begin);
    await run.outcome;
    const mistaken = await finished(first, 'return nothing.at.all();');
    await first.dispose();
    const reach = { read: ['repo', 'web'], write: ['notes'], outward: ['web'], unknown: ['notes'] };
    const listed = await testRoom(sources(), { storage: first.storage }).history.list();
    expect(listed.find(({ id }) => id === run.id)).toMatchObject({ calls: 1, reach });
    expect(listed.find(({ id }) => id === mistaken.id)?.reach ?? {}).toEqual({});
  });

  test('has what may change something on the disk before it is sent', async () => {
    let written = '';
    const post = fakeSource('web', { post: { answer: () => ((written = readFileSync(fileOf(room, run), 'utf8')), { ok: true, value: 1 }) } });
    const room = testRoom([post]);
    const run = room.start('await web.post({ text: 1 });', { grants: [{ source: 'web', kind: 'tool', name: 'post' }] });
    await run.outcome;
    const types = written.trimEnd().split('\n').map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['created', 'checked', 'started', 'callRequested', 'callDecided', 'callSent']);
  });

  test('keeps large values as blobs, once each, and gives them back whole', async () => {
    const text = 'x'.repeat(50_000);
    const room = testRoom([reading(() => text)]);
    const run = await finished(room, 'await repo.read({}); return repo.read({});');
    expect(foldRun(run.events).calls.map((call) => call.result?.kind)).toEqual(['blob', 'blob']);
    expect(await room.history.value(foldRun(run.events).calls[0]!.result!)).toBe(text);
    expect(await run.value()).toBe(text);
    await room.dispose();
    expect(readdirSync(path.join(room.storage, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toHaveLength(1);
    expect(readFileSync(fileOf(room, run), 'utf8').length).toBeLessThan(10_000);
  });

  test('stays under its quota by forgetting the oldest values', async () => {
    let count = 0;
    const room = testRoom([reading(() => String(++count).repeat(20_000))], { blobQuotaBytes: 50_000 });
    const run = await finished(room, 'for (const n of [1, 2, 3, 4, 5]) await repo.read({ n });');
    await room.dispose();
    const next = testRoom([reading()], { storage: room.storage, blobQuotaBytes: 50_000 });
    const kept = await Promise.all(foldRun(await next.history.open(run.id)).calls.map(async (call) => (await next.history.value(call.result!)) !== undefined));
    expect(kept.filter(Boolean)).toHaveLength(2);
  });

  test('never holds a secret: not in code, arguments, results, console, errors, blobs or memory', async () => {
    const secret = 'hunter2"quoted\nsecret';
    const source = fakeSource('repo', { read: { effect: 'read', answer: () => ({ ok: true, value: `${secret} ${'x'.repeat(5000)}` }) }, fail: { effect: 'read', answer: () => ({ ok: false, message: `bad ${secret}` }) } }, { kind: 'builtin' });
    const room = testRoom([source], { secrets: () => [secret] });
    const run = room.start(`const s = ${JSON.stringify(secret)}; await repo.read({ s }); console.log(s); try { await repo.fail({ s }) } catch {} console.log('ghp_${'a'.repeat(36)}'); throw new Error(s);`, { title: secret });
    expect(JSON.stringify(await run.outcome)).not.toContain('hunter2');
    await room.dispose();
    expect(JSON.stringify(run.events)).not.toContain('hunter2');
    expect(everything(room.storage)).not.toContain('hunter2');
    expect(everything(room.storage)).not.toContain('ghp_');
    expect(everything(room.storage)).toContain('[redacted]');
  });

  test("a secret in a server's answer does not reach the script; one in a file does, so that it can be written back", async () => {
    const server = fakeSource('web', { get: { answer: () => ({ ok: true, value: { token: 'topsecretvalue' } }) } });
    const files = reading(() => 'key=topsecretvalue');
    const room = testRoom([server, files], { secrets: () => ['topsecretvalue'] });
    const run = room.start('const [a, b] = [await web.get({}), await repo.read({})]; return [a.token, b.length];', { grants: [{ source: 'web', kind: 'tool', name: 'get' }] });
    expect(await run.outcome).toMatchObject({ value: { value: ['[redacted]', 18] } });
  });

  test('a secret in any spelling, also in the middle of something longer, is found', () => {
    const secret = 'p4ss wörd/<"&+\'!%';
    const redact = createRedactor(() => [secret]);
    const json = JSON.stringify({ secret });
    const around = (text: string): string[] => ['', 'x', 'yz', 'user:'].map((before) => Buffer.from(`${before}${text} and more`).toString('base64'));
    const written = [
      secret, json, JSON.stringify({ json }), JSON.stringify({ deep: JSON.stringify({ json }) }), json.replaceAll('/', '\\/'), json.replaceAll('ö', '\\u00f6'),
      encodeURIComponent(secret), encodeURIComponent(secret).toLowerCase().replace('p4', 'p4'), encodeURIComponent(encodeURIComponent(secret)), new URLSearchParams({ secret }).toString(),
      `https://user:${encodeURIComponent(secret)}@host/`, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('hex').toUpperCase(),
      '<b title="p4ss wörd/&lt;&quot;&amp;+\'!%">', ...around(secret), ...around(secret).map((text) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')), Buffer.from(secret).toString('base64url'),
    ];
    for (const text of written) {
      expect(redact.text(`a ${text} b`), text).toContain('[redacted]');
      expect(redact.known({ deep: [text] }), text).not.toEqual({ deep: [text] });
      expect(Buffer.from(redact.knownBytes(Buffer.from(`\x89PNG\0\xff${text}\0`, 'utf8'))).toString(), text).toContain('[redacted]');
    }
    const picture = Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 31) % 256));
    expect(redact.knownBytes(picture)).toBe(picture);
  });

  test("a secret in what a server sends besides, as a picture's description or a resource, reaches neither script nor disk", async () => {
    const secret = 'topsecretvalue';
    const server = fakeSource('web', { get: { answer: (_args, { keep }) => ({ ok: true, value: keep({ mimeType: 'image/png', data: Buffer.from(`\x89PNG tEXt ${secret} ${Buffer.from(`id:${secret};`).toString('base64')}`, 'latin1') }) as never }) } });
    const room = testRoom([server], { secrets: () => [secret] });
    const run = room.start("const handle = await web.get({}); const all = await codemode.read(handle, { as: 'text' }); console.log(all.text.slice(0, 20)); console.log(all.text.slice(20)); return all.text;", { grants: [{ source: 'web', kind: 'tool', name: 'get' }] });
    const outcome = await run.outcome;
    expect(outcome).toMatchObject({ status: 'finished', value: { value: expect.stringContaining('[redacted]') as string } });
    await room.dispose();
    for (const place of [JSON.stringify(outcome), JSON.stringify(run.events), everything(room.storage), await room.history.exportJsonl(run.id), JSON.stringify(await room.history.exportTrace(run.id))]) {
      expect(place).not.toContain(secret);
      expect(place).not.toContain(Buffer.from(`${secret};`).toString('base64').slice(4, 16));
    }
  });

  test.each([['1234'], ['started'], ['null'], ['repo'], ['","']])('a secret that is an ordinary piece of JSON (%j) does not break the record', async (secret) => {
    const room = testRoom([reading()], { secrets: () => [secret] });
    const run = room.start('await repo.read({ path: "1234", n: 12345 });');
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    await room.dispose();
    const next = testRoom([reading()], { storage: room.storage });
    expect((await next.history.open(run.id)).map((event) => event.type)).toEqual(run.events.map((event) => event.type));
  });

  test('a secret that begins with another one goes as a whole', () => {
    const redact = createRedactor(() => ['topsecret', 'topsecretvalue']);
    expect(redact.text('before topsecretvalue after')).toBe('before [redacted] after');
  });

  test('tokens are known by shape', () => {
    const redact = createRedactor(() => []);
    for (const token of [`github_pat_${'A1'.repeat(20)}`, `xoxb-${'1'.repeat(12)}-abc`, 'AKIAABCDEFGHIJKLMNOP', `npm_${'a'.repeat(36)}`, `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`, `Bearer ${'z'.repeat(30)}`, `-----BEGIN RSA PRIVATE KEY-----\\n${'k'.repeat(500)}\\n-----END RSA PRIVATE KEY-----`]) {
      expect(redact.text(`before ${token} after`)).toMatch(/^before (Bearer )?\[redacted\] after$/);
    }
    expect(redact.text('task-12345 and skateboard')).toBe('task-12345 and skateboard');
  });
});

describe('a damaged or interrupted journal', () => {
  test('is readable up to the damage, and new runs work', async () => {
    const first = testRoom([reading()]);
    const [cut, torn, garbage] = [await finished(first), await finished(first), await finished(first)];
    await first.dispose();
    truncateSync(fileOf(first, cut), readFileSync(fileOf(first, cut)).length - 20);
    const lines = readFileSync(fileOf(first, torn), 'utf8').split('\n');
    lines[2] = '{"v":1,';
    writeFileSync(fileOf(first, torn), lines.join('\n'));
    writeFileSync(fileOf(first, garbage), Buffer.from([0, 255, 10, 10, 123]));
    for (const run of [cut, torn, garbage]) writeFileSync(fileOf(first, run).replace('.jsonl', '.json'), 'not json');
    writeFileSync(path.join(first.storage, 'runs', 'strange name.jsonl'), 'x');
    const next = testRoom([reading()], { storage: first.storage });
    expect(await next.history.open(cut.id)).toEqual(cut.events.slice(0, -1));
    expect(await next.history.open(torn.id)).toEqual(torn.events.slice(0, 2));
    expect(await next.history.open(garbage.id)).toEqual([]);
    expect((await next.history.list()).map((run) => [run.id, run.status])).toEqual(expect.arrayContaining([[cut.id, 'interrupted'], [torn.id, 'interrupted'], [garbage.id, 'damaged']]));
    await finished(next);
    expect(await next.history.list()).toHaveLength(4);
  });

  test('whose first line cannot be read is listed as that, shows what comes behind it, and can be forgotten', async () => {
    const first = testRoom([reading(() => 'x'.repeat(10_000))]);
    const [headless, empty] = [await finished(first), await finished(first, "return repo.read({ path: 'b' });")];
    await first.dispose();
    const lines = readFileSync(fileOf(first, headless), 'utf8').split('\n');
    lines[0] = `${lines[0]?.slice(0, 40)}\0`;
    writeFileSync(fileOf(first, headless), lines.join('\n'));
    writeFileSync(fileOf(first, empty), '');
    for (const run of [headless, empty]) writeFileSync(fileOf(first, run).replace('.jsonl', '.json'), '');
    const next = testRoom([reading()], { storage: first.storage });
    const listed = await next.history.list();
    expect(listed.find((run) => run.id === headless.id)).toMatchObject({ status: 'damaged', title: 'Damaged record', calls: 1, startedAt: headless.events[1]?.at });
    const named = parseInt(empty.id.split('-')[0] ?? '', 36);
    expect(listed.find((run) => run.id === empty.id)).toMatchObject({ status: 'damaged', calls: 0, startedAt: named });
    expect(Math.abs(named - Date.now())).toBeLessThan(60_000);
    expect(await next.history.record(headless.id)).toEqual({ events: [], beyond: headless.events.slice(1), damage: 'Entry 1 is damaged. What can be read behind it is shown, and may lack something.' });
    // Looked at, and nothing else: neither resumed nor replayed.
    expect(await next.history.open(headless.id)).toEqual([]);
    await expect(next.runs.resume(headless.id)).rejects.toThrow();
    expect(everything(next.storage)).toContain('x'.repeat(10_000));
    for (const { id } of listed) await next.history.remove(id);
    expect(await next.history.list()).toEqual([]);
    expect(readdirSync(path.join(next.storage, 'runs')).filter((name) => name.startsWith(headless.id) || name.startsWith(empty.id))).toEqual([]);
    expect(everything(next.storage)).not.toContain('x'.repeat(10_000));
  });

  test('of a run that has only begun in another window is not taken for damaged', async () => {
    const first = testRoom([reading()]);
    const run = await finished(first);
    await first.dispose();
    writeFileSync(fileOf(first, run), '');
    writeFileSync(fileOf(first, run).replace('.jsonl', '.json'), '');
    const claims = { take: async () => true, release: async () => undefined, elsewhere: async () => [run.id] };
    const next = testRoom([reading()], { storage: first.storage, claims: claims as never });
    expect(await next.history.list()).toEqual([]);
  });

  test('gaps, entries of another run and of another version end what is read', async () => {
    const first = testRoom([reading()]);
    const run = await finished(first);
    await first.dispose();
    const add = (event: object): void => appendFileSync(fileOf(first, run), `${JSON.stringify(event)}\n`);
    add({ ...run.events[0], seq: run.events.length, run: 'other' });
    add({ ...run.events[0], seq: run.events.length + 1 });
    const next = testRoom([reading()], { storage: first.storage });
    expect(await next.history.open(run.id)).toEqual(run.events);
  });

  test('ids that are no ids reach no file', async () => {
    const room = testRoom([reading()]);
    await expect(room.history.open('../../etc/passwd' as RunId)).rejects.toThrow('is not the id of a run');
  });

  test('a window that closes in the middle leaves an interrupted run with the calls that took effect', async () => {
    let posted: () => void;
    const second = new Promise<void>((resolve) => (posted = resolve));
    let count = 0;
    const web = fakeSource('web', { post: { answer: () => (++count === 1 ? { ok: true, value: 1 } : (posted(), new Promise(() => undefined))) } });
    const room = testRoom([web]);
    const run = room.start('await web.post({ n: 1 }); await web.post({ n: 2 }); await web.post({ n: 3 });', { grants: [{ source: 'web', kind: 'tool', name: 'post' }] });
    await second;
    await room.dispose();
    const next = testRoom([web], { storage: room.storage });
    expect(await next.history.list()).toMatchObject([{ id: run.id, status: 'interrupted', calls: 2 }]);
    const view = foldRun(await next.history.open(run.id), { interrupted: true });
    expect(view.calls.map((call) => call.state)).toEqual(['returned', 'unknown']);
    expect(view.outcome).toBeUndefined();
  });
});

describe('a full disk', () => {
  /** The real disk, which can be full. */
  function fullableDisk(): JournalFiles & { full: boolean } {
    const fail = (): void => {
      if (disk.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const disk: JournalFiles & { full: boolean } = {
      ...nodeFiles,
      full: false,
      async openAt(file, size) {
        fail();
        const opened = await nodeFiles.openAt(file, size);
        return {
          async append(text) {
            // A disk fills up in the middle of a write.
            if (disk.full) await opened.append('').then(fail);
            await opened.append(text);
          },
          sync: async () => (fail(), opened.sync()),
          close: () => opened.close(),
        };
      },
      replace: async (file, bytes) => (fail(), nodeFiles.replace(file, bytes)),
    };
    return disk;
  }

  test('pauses the run, says so, sends nothing meanwhile, and lets it go on by itself', async () => {
    const files = fullableDisk();
    const web = fakeSource('web', { post: { answer: () => ((files.full = true), { ok: true, value: 1 }) } });
    const room = testRoom([web], { files });
    const run = room.start('await web.post({}); await web.post({}); return 1;', { grants: [{ source: 'web', kind: 'tool', name: 'post' }] });
    await new Promise<void>((resolve) => run.onDidAppend((event) => event.type === 'paused' && resolve()));
    expect(run.trouble).toBe('The record of this run cannot be written (the disk is full). Free some space; the run waits and goes on by itself.');
    expect(run.phase).toBe('waiting');
    expect(foldRun(run.events)).toMatchObject({ phase: 'paused' });
    expect(web.calls).toHaveLength(1);
    files.full = false;
    web.setTools({ post: {} });
    const outcome = await run.outcome;
    expect(outcome.status === 'failed' ? outcome : outcome.status).not.toBe('cancelled');
    expect(run.trouble).toBeUndefined();
    expect(run.events.some((event) => event.type === 'continued')).toBe(true);
    await room.dispose();
    const next = testRoom([web], { storage: room.storage });
    expect(await next.history.open(run.id)).toEqual(run.events);
  });

  test('does not keep a run from being stopped, nor the window from closing', async () => {
    const files = fullableDisk();
    files.full = true;
    const room = testRoom([fakeSource('web', { post: {} })], { files });
    const run = room.start('await web.post({});', { grants: [{ source: 'web', kind: 'tool', name: 'post' }] });
    await new Promise<void>((resolve) => run.onDidAppend((event) => event.type === 'paused' && resolve()));
    run.stop();
    expect(await run.outcome).toEqual({ status: 'cancelled' });
    await room.dispose();
  });
});

describe('the history', () => {
  test('forgets what retention does not keep, with its values', async () => {
    let now = 1_700_000_000_000;
    const room = testRoom([reading(() => `${now} ${'x'.repeat(9000)}`)], { retention: () => ({ runs: 2, days: 30 }), now: () => now });
    const ids: RunId[] = [];
    for (let count = 0; count < 4; count++) {
      now += 1000;
      ids.push((await finished(room)).id);
    }
    await room.dispose();
    const next = testRoom([reading()], { storage: room.storage, retention: () => ({ runs: 2, days: 30 }), now: () => now });
    await finished(next);
    await next.dispose();
    const left = testRoom([reading()], { storage: room.storage });
    expect((await left.history.list()).map((run) => run.id)).toContain(ids[3]);
    expect(await left.history.list()).toHaveLength(2);
    expect(existsSync(path.join(room.storage, 'runs', `${ids[0]}.jsonl`))).toBe(false);
    expect(everything(path.join(room.storage, 'blobs')).match(/\d{13}/g)).toHaveLength(1);
  });

  test.each<readonly [string, () => string, string]>([
    ['a result too large to hand over', () => 'x'.repeat(20_000), 'return 1;'],
    // Its beginning alone, escaped, is more than a journal holds inline.
    ['one of which only control characters are read', () => '\u0001'.repeat(20_000), 'return 1;'],
    ['such a one inside of another large value', () => 'x'.repeat(20_000), "return [handle, 'y'.repeat(5000)];"],
  ])('forgets with a run %s', async (_what, answer, rest) => {
    const room = testRoom([reading(answer)], { limits: () => ({ ...defaultRunLimits, resultBytes: 10_000 }) });
    const run = await finished(room, `const handle = await repo.read({ path: 'a' }); ${rest}`);
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    const kept = () => (existsSync(path.join(room.storage, 'blobs')) ? readdirSync(path.join(room.storage, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()) : []);
    await vi.waitFor(() => expect(kept().length).toBeGreaterThan(0));
    const other = await finished(room, "await repo.read({ path: 'a' }); return 2;");
    await room.history.remove(run.id);
    // What another run has as well stays.
    expect(kept()).toHaveLength(answer().startsWith('x') ? 1 : 2);
    await room.history.remove(other.id);
    expect(kept()).toEqual([]);
  });

  test('keeps a run whose changes wait for review, however old it is, until they are decided on', async () => {
    let now = 1_700_000_000_000;
    const room = testRoom([reading()], { retention: () => ({ runs: 1, days: 30 }), now: () => now });
    const set = room.changeSets.stage(conversation, 2);
    const staged = await finished(room);
    now += 90 * 24 * 60 * 60 * 1000;
    for (let count = 0; count < 3; count++) await room.start('return 1;', { conversation: `other ${count}` as typeof conversation }).outcome;
    await room.history.prune();
    expect((await room.history.list()).map((run) => run.id)).toContain(staged.id);
    room.changeSets.become(set, { state: { kind: 'applied', at: 1, commits: [] } });
    await room.history.prune();
    expect((await room.history.list()).map((run) => run.id)).not.toContain(staged.id);
  });

  test('says of a run of an earlier session that its changes were applied, and undone', async () => {
    const room = testRoom([reading()]);
    const set = room.changeSets.stage(conversation, 2);
    const run = await finished(room);
    expect(run.events.at(-1)).toMatchObject({ type: 'staged', changeSet: set });
    await room.dispose();
    const next = testRoom([reading()], { storage: room.storage, changeSets: room.changeSets });
    next.changeSets.become(set, { state: { kind: 'applied', at: 1, commits: [] } });
    await vi.waitFor(async () => expect((await next.history.open(run.id)).at(-1)).toMatchObject({ type: 'applied', changeSet: set, files: ['file-0', 'file-1'] }));
    next.noteUndone(set);
    await vi.waitFor(async () => expect((await next.history.open(run.id)).at(-1)).toMatchObject({ type: 'undone', changeSet: set }));
    expect(await next.history.list()).toMatchObject([{ id: run.id, status: 'finished' }]);
  });

  test('removes a run on request, but not one that goes on', async () => {
    const room = testRoom([reading(), fakeSource('web', { post: {} })]);
    const done = await finished(room);
    const going = room.start('await web.post({});');
    await room.question(going);
    await room.history.remove(going.id);
    expect(await room.history.list()).toHaveLength(2);
    going.stop();
    await going.outcome;
    await room.dispose();
    const next = testRoom([reading()], { storage: room.storage });
    await next.history.remove(done.id);
    expect((await next.history.list()).map((run) => run.id)).toEqual([going.id]);
  });

  test('exports JSON lines with values put back, and a trace with one span a call', async () => {
    const text = 'y'.repeat(9000);
    const room = testRoom([reading(() => text), fakeSource('web', { post: {} })]);
    const run = room.start('await repo.read({}); try { await web.post({ a: 1 }) } catch {} return 1;');
    room.approvals.answer((await room.question(run)).id, begin);
    room.approvals.answer((await room.question(run, 'calls')).id, { kind: 'calls', decision: { kind: 'skip' } });
    await run.outcome;
    const lines = (await room.history.exportJsonl(run.id)).trimEnd().split('\n').map((line) => JSON.parse(line) as { type: string; value?: unknown });
    expect(lines.map((line) => line.type)).toEqual(run.events.map((event) => event.type));
    expect(lines.find((line) => line.type === 'callReturned')?.value).toEqual({ kind: 'inline', value: text });
    expect(await room.history.exportTrace(run.id)).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'A test', kind: 1, status: { code: 1 } }, { name: 'repo.read', kind: 3, status: { code: 1 } }, { name: 'web.post', status: { code: 2, message: 'Skipped by the developer.' } }] }] }],
    });
  });

  test('a storage folder that cannot be made does not keep scripts that need none of it from being stopped', async () => {
    const storage = newStorage();
    mkdirSync(path.join(storage, 'runs.d'));
    writeFileSync(path.join(storage, 'runs'), 'a file where the folder should be');
    const room = testRoom([reading()], { storage });
    const run = room.start('return repo.read({});');
    run.stop();
    expect(await run.outcome).toEqual({ status: 'cancelled' });
    expect(await room.history.list()).toMatchObject([{ id: run.id }]);
  });
});
