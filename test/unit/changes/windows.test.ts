import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConversationId } from '../../../src/ids.js';
import type { ChangeSetsOptions, ChangeSetsRoom } from '../../../src/runs/changes/changeSets.js';
import { createClaims } from '../../../src/runs/claims.js';
import { Workshop, bytes, conversation, run, textOf } from './workshop.js';

/* Two windows on one folder share its storage: what one of them has, the other leaves alone. */
let shop: Workshop;
let rooms: ChangeSetsRoom[];
beforeEach(() => {
  shop = new Workshop();
  shop.write('a.txt', 'one\n');
  rooms = [];
});
afterEach(async () => {
  for (const room of rooms) await room.dispose();
  await shop.dispose();
});

async function window(options: Partial<ChangeSetsOptions> = {}): Promise<ChangeSetsRoom> {
  const room = shop.open({ claims: createClaims(path.join(shop.storage, 'claims')), lookMs: 20, ...options });
  rooms.push(room);
  await room.ready;
  return room;
}
const viewOf = (room: ChangeSetsRoom, of: ConversationId = conversation) => room.view(of, run, new AbortController().signal);
const elsewhere = 'The staged changes of this conversation are open in another window on this folder: go on there, or close that window.';

describe('a conversation whose changes another window has', () => {
  test('is neither shown, read, added to nor thrown away, which is said once; it can be gone on with when that window has closed', async () => {
    const here = await window();
    await viewOf(here).write('a.txt', bytes('two\n'), 'replace');
    await viewOf(here).write('b.txt', bytes('new\n'), 'create');
    await expect.poll(() => existsSync(path.join(shop.storage, 'sets', here.for(conversation).id, 'state.json'))).toBe(true);
    const there = await window();
    expect(there.open).toEqual([]);
    await expect(viewOf(there).read('a.txt')).rejects.toThrow(elsewhere);
    await expect(viewOf(there).write('c.txt', bytes('c\n'), 'create')).rejects.toThrow(elsewhere);
    await expect(viewOf(there).git.repository()).rejects.toThrow(elsewhere);
    await expect(viewOf(there).checkpoint('a test')).rejects.toThrow(elsewhere);
    expect(await there.for(conversation).apply()).toMatchObject({ ok: false });
    await there.for(conversation).discard();
    await expect.poll(() => there.notices).toEqual(['Staged changes of a conversation are open in another window on this folder: they are reviewed there.']);
    expect(await textOf(viewOf(here), 'a.txt')).toBe('two\n');
    await here.dispose();
    // By itself: nobody has to ask for it.
    await expect.poll(() => there.open.map((set) => set.files.map((file) => file.path))).toEqual([['a.txt', 'b.txt']]);
    await viewOf(there).write('c.txt', bytes('c\n'), 'create');
    expect(await there.for(conversation).apply()).toMatchObject({ ok: true, files: ['a.txt', 'b.txt', 'c.txt'] });
    expect(shop.tree()).toEqual({ 'a.txt': '644 two\n', 'b.txt': '644 new\n', 'c.txt': '644 c\n' });
  });

  test('may be of a window that opened later; another conversation is free', async () => {
    const here = await window();
    const there = await window();
    await viewOf(there).write('a.txt', bytes('two\n'), 'replace');
    await expect(viewOf(here).write('a.txt', bytes('three\n'), 'replace')).rejects.toThrow(elsewhere);
    const other = 'conversation-2' as ConversationId;
    await viewOf(here, other).write('b.txt', bytes('b\n'), 'create');
    expect(await here.for(other).apply()).toMatchObject({ ok: true });
    await there.for(conversation).discard();
    await viewOf(here).write('a.txt', bytes('three\n'), 'replace');
    expect(await textOf(viewOf(here), 'a.txt')).toBe('three\n');
  });
});

describe('while another window applies', () => {
  test('what it does is not taken for interrupted, and nothing is applied or undone beside it', async () => {
    let goOn = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      void window({ onApplyStep: (step) => (step === 'put' ? new Promise<void>((go) => { goOn = go; resolve(); }) : undefined) }).then(async (room) => {
        await viewOf(room).write('a.txt', bytes('two\n'), 'replace');
        await viewOf(room).write('z.txt', bytes('z\n'), 'create');
        applied = room.for(conversation).apply();
      });
    });
    let applied: Promise<unknown> = Promise.resolve();
    await reached;
    const there = await window();
    expect(shop.text('a.txt')).toBe('two\n');
    const other = 'conversation-2' as ConversationId;
    await viewOf(there, other).write('b.txt', bytes('b\n'), 'create');
    const busy = 'another window on this folder is applying or undoing changes just now: try again when it has ended.';
    expect(await there.for(other).apply()).toMatchObject({ ok: false, message: `Nothing was applied: ${busy}` });
    expect(await there.undo()).toEqual({ ok: false, message: `Nothing was undone: ${busy}` });
    expect(there.notices).toEqual([]);
    goOn();
    const release = setInterval(() => goOn(), 10);
    expect(await applied).toMatchObject({ ok: true });
    clearInterval(release);
    expect(await there.for(other).apply()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual({ 'a.txt': '644 two\n', 'b.txt': '644 b\n', 'z.txt': '644 z\n' });
  });

  test('undo takes back what was shown as the last, not what the other one applied since', async () => {
    const here = await window();
    const there = await window();
    await viewOf(here).write('a.txt', bytes('two\n'), 'replace');
    expect(await here.for(conversation).apply()).toMatchObject({ ok: true });
    const other = 'conversation-2' as ConversationId;
    await viewOf(there, other).write('b.txt', bytes('b\n'), 'create');
    expect(await there.for(other).apply()).toMatchObject({ ok: true });
    expect(await here.undo()).toEqual({ ok: false, message: 'Nothing was undone: another window on this folder applied or undid changes meanwhile. What was applied last is 1 file now; undo again to take that back.' });
    expect(shop.text('b.txt')).toBe('b\n');
    expect(await here.undo()).toMatchObject({ ok: true, files: ['b.txt'] });
    expect(await here.undo()).toMatchObject({ ok: true, files: ['a.txt'] });
    expect(shop.tree()).toEqual({ 'a.txt': '644 one\n' });
  });

  test('and is killed, this one takes back what it left and has its changes, by itself', { timeout: 60_000 }, async () => {
    const program = path.join(shop.base, 'crashing.cjs');
    await build({ entryPoints: [path.join(path.dirname(fileURLToPath(import.meta.url)), 'crashingProcess.ts')], outfile: program, bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning' });
    shop.init({ 'a.txt': 'one\n' });
    const first = await window();
    await viewOf(first).write('a.txt', bytes('two\n'), 'replace');
    await viewOf(first).git.commit((await viewOf(first).git.repository()).root, { message: 'Two', all: true });
    await first.dispose();
    const mark = path.join(shop.base, 'in-hook');
    shop.hook('pre-commit', `touch ${mark}; sleep 60`);
    const dying = spawn(process.execPath, [program, JSON.stringify({ folder: shop.folder, storage: shop.storage, act: 'apply', killAt: Number.MAX_SAFE_INTEGER })], { stdio: 'ignore' });
    const gone = new Promise((resolve) => dying.once('close', resolve));
    await expect.poll(() => existsSync(mark), { timeout: 30_000, interval: 20 }).toBe(true);
    const here = await window();
    expect(here.open).toEqual([]);
    expect(readFileSync(shop.path('a.txt'), 'utf8')).toBe('two\n');
    dying.kill('SIGKILL');
    await gone;
    await expect.poll(() => here.open.length, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => shop.text('a.txt'), { timeout: 20_000 }).toBe('one\n');
    shop.hook('pre-commit', 'exit 0');
    expect(await here.for(conversation).apply()).toMatchObject({ ok: true, commits: [{ message: 'Two' }] });
    expect(shop.git('log', '--format=%s')).toBe('Two\nFirst');
  });
});
