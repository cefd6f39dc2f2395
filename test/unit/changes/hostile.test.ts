import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workshop, bytes, textOf } from './workshop.js';

/* What could make Apply write elsewhere, half, or something else than was reviewed. */
let shop: Workshop;
beforeEach(() => { shop = new Workshop(); });
afterEach(() => shop.dispose());

/** Opens the room again with something that happens once, at the named step of Apply. */
function meanwhile(step: string, act: () => void): void {
  let due = true;
  shop.open({ onApplyStep: (now) => { if (due && now === step) { due = false; act(); } } });
}

describe('between the review and the last byte', () => {
  test('a directory swapped for a link to outside is not written through', async () => {
    const outside = path.join(shop.base, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'a.txt'), 'one\n');
    shop.write('dir/a.txt', 'one\n');
    await shop.view().write('dir/a.txt', bytes('two\n'), 'replace');
    await shop.view().write('dir/new.txt', bytes('new\n'), 'create');
    rmSync(shop.path('dir'), { recursive: true });
    symlinkSync(outside, shop.path('dir'));
    const outcome = await shop.set.apply();
    expect(outcome).toMatchObject({ ok: false, conflicts: [{ path: 'dir/a.txt', reason: 'changed' }, { path: 'dir/new.txt', reason: 'changed' }] });
    expect(outcome.ok ? '' : outcome.message).toContain("'dir/a.txt' leads elsewhere than when it was reviewed");
    expect(readdirSync(outside)).toEqual(['a.txt']);
    expect(readFileSync(path.join(outside, 'a.txt'), 'utf8')).toBe('one\n');
  });

  test('nor is one that is swapped while Apply runs, nor by undo afterwards', async () => {
    const outside = path.join(shop.base, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'b.txt'), 'b\n');
    const swap = () => { renameSync(shop.path('dir'), path.join(shop.base, 'aside')); symlinkSync(outside, shop.path('dir')); };
    shop.write('a.txt', 'one\n');
    shop.write('dir/b.txt', 'b\n');
    await shop.sets.dispose();
    meanwhile('put', swap);
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await shop.view().write('dir/b.txt', bytes('c\n'), 'replace');
    const outcome = await shop.set.apply();
    expect(outcome.ok ? '' : outcome.message).toContain("'dir/b.txt' leads elsewhere now");
    expect(shop.text('a.txt')).toBe('one\n');
    expect(readFileSync(path.join(outside, 'b.txt'), 'utf8')).toBe('b\n');
    rmSync(shop.path('dir'));
    renameSync(path.join(shop.base, 'aside'), shop.path('dir'));
    for (const name of readdirSync(shop.path('dir'))) if (name.endsWith('.tmp')) rmSync(shop.path(`dir/${name}`));
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    writeFileSync(path.join(outside, 'b.txt'), 'c\n');
    swap();
    expect(await shop.sets.undo()).toMatchObject({ ok: false, message: expect.stringContaining('nothing was undone') as string });
    expect(readFileSync(path.join(outside, 'b.txt'), 'utf8')).toBe('c\n');
    expect(shop.text('a.txt')).toBe('two\n');
  });

  test('a file that somebody saves meanwhile keeps what they saved, and all else goes back', async () => {
    shop.write('a.txt', 'one\n');
    shop.write('b.txt', 'b\n');
    await shop.sets.dispose();
    meanwhile('put', () => shop.write('b.txt', 'theirs\n'));
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await shop.view().write('b.txt', bytes('c\n'), 'replace');
    const outcome = await shop.set.apply();
    expect(outcome.ok ? '' : outcome.message).toMatch(/'b.txt' was about to be written when it was found changed: somebody else changed it\.\nEverything else was put back/);
    expect(shop.tree()).toEqual({ 'a.txt': '644 one\n', 'b.txt': '644 theirs\n' });
  });

  test('what a script stages after Apply was pressed is not applied with it', async () => {
    shop.write('a.txt', 'one\n');
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    const late = shop.view().write('b.txt', bytes('late\n'), 'create');
    const pressed = shop.set.apply();
    await late;
    const outcome = await pressed;
    expect(outcome.ok ? '' : outcome.message).toBe('Nothing was applied: more was staged meanwhile. Review it, then apply again.');
    expect(shop.tree()).toEqual({ 'a.txt': '644 one\n' });
    await shop.set.edit('b.txt', bytes('reviewed\n'));
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.text('b.txt')).toBe('reviewed\n');
  });
});

describe('what is kept', () => {
  test('of staged changes that cannot be read is left where it is, and told', async () => {
    await shop.view().write('a.txt', bytes('staged\n'), 'create');
    await shop.sets.dispose();
    const [set] = readdirSync(path.join(shop.storage, 'sets'));
    const state = path.join(shop.storage, 'sets', set!, 'state.json');
    writeFileSync(state, readFileSync(state, 'utf8').replace('"version":1', '"version":2'));
    const said: string[] = [];
    const sets = shop.open();
    sets.onDidNotice((message) => said.push(message));
    await sets.ready;
    expect(said).toEqual([`Staged changes of an earlier session cannot be read; what they hold is kept in ${path.dirname(state)}.`]);
    expect(existsSync(state)).toBe(true);
  });

  test('of an interrupted Apply is taken back, and the developer is told so', async () => {
    shop.write('a.txt', 'one\n');
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await shop.sets.dispose();
    // As a window leaves it that dies after the first file.
    const sets = shop.open({ onApplyStep: (step) => (step === 'put' ? new Promise(() => undefined) : undefined) });
    await sets.ready;
    void shop.set.apply();
    await expect.poll(() => shop.text('a.txt')).toBe('two\n');
    const said: string[] = [];
    const next = shop.open();
    next.onDidNotice((message) => said.push(message));
    await next.ready;
    expect(shop.text('a.txt')).toBe('one\n');
    expect(said).toEqual(['Changes whose Apply was interrupted have been taken back: files and repositories are as they were before.']);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(sets.notices).toEqual([]);
  });
});

describe('a record of Apply', () => {
  const recordOf = (): string => path.join(shop.storage, 'applied', readdirSync(path.join(shop.storage, 'applied'))[0]!, 'record.jsonl');
  /** As a window leaves it that dies at a step of Apply. */
  async function diesAt(step: string): Promise<void> {
    shop.write('a.txt', 'one\n');
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await shop.sets.dispose();
    const reached = new Promise<void>((resolve) => {
      shop.open({ onApplyStep: (now) => (now === step ? new Promise(() => resolve()) : undefined) });
    });
    await shop.sets.ready;
    void shop.set.apply();
    await reached;
  }

  test('that had begun and changed nothing takes back nothing, whoever wrote the same meanwhile', async () => {
    await diesAt('begin');
    shop.write('a.txt', 'two\n');
    shop.open();
    await shop.sets.ready;
    expect(shop.text('a.txt')).toBe('two\n');
    expect(shop.sets.notices).toEqual([]);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
  });

  test('that cannot be read is not taken for none: nothing is applied until it can', async () => {
    await diesAt('put');
    const whole = readFileSync(recordOf());
    writeFileSync(recordOf(), whole.toString().replace('{"kind":"begin"', '{"kind":"bexin'));
    shop.open();
    await shop.sets.ready;
    expect(shop.sets.notices).toEqual([expect.stringMatching(/^What an earlier Apply did cannot be read \(its first line is damaged\), so whether it ended is not known\. Give access to .+, or look at what it keeps and remove it; then try again\.$/)]);
    expect(await shop.set.apply()).toMatchObject({ ok: false, message: expect.stringContaining('Nothing was applied: What an earlier Apply did cannot be read') as string });
    expect(await shop.sets.undo()).toMatchObject({ ok: false });
    expect(shop.text('a.txt')).toBe('two\n');
    writeFileSync(recordOf(), whole);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.text('a.txt')).toBe('one\n');
  });
});

describe('a folder that cannot be listed', () => {
  test('of records is not taken for an empty one: nothing is staged, applied or undone until it can', async () => {
    await shop.view().write('a.txt', bytes('one\n'), 'create');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    await shop.view().write('b.txt', bytes('two\n'), 'create');
    await shop.sets.dispose();
    const [records, aside] = [path.join(shop.storage, 'applied'), path.join(shop.storage, 'aside')];
    renameSync(records, aside);
    writeFileSync(records, 'no folder');
    shop.open();
    await shop.sets.ready;
    expect(shop.sets.notices).toEqual([expect.stringMatching(/^It cannot be told yet whether an earlier Apply ended \(ENOTDIR.+\): make room or give access in .+; it is tried again\.$/)]);
    await expect(shop.view().write('c.txt', bytes('three\n'), 'create')).rejects.toThrow('ENOTDIR');
    expect(await shop.sets.undo()).toMatchObject({ ok: false, message: expect.stringMatching(/^Nothing was undone: ENOTDIR/) as string });
    rmSync(records);
    renameSync(aside, records);
    await shop.view().write('c.txt', bytes('three\n'), 'create');
    expect(await shop.set.apply()).toMatchObject({ ok: true, files: ['b.txt', 'c.txt'] });
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual({});
  });

  test('of staged changes is told of, and does not keep the window from opening', async () => {
    mkdirSync(shop.storage, { recursive: true });
    await shop.sets.dispose();
    rmSync(path.join(shop.storage, 'sets'), { recursive: true, force: true });
    writeFileSync(path.join(shop.storage, 'sets'), 'no folder');
    shop.open();
    await shop.sets.ready;
    expect(shop.sets.notices).toEqual([expect.stringMatching(/^Staged changes of earlier sessions cannot be looked for \(ENOTDIR.+\): what there is of them is kept in .+\. Give access to it, then reload the window\.$/)]);
  });
});

describe('names', () => {
  test('files that change places, in a cycle, and back by undo', async () => {
    for (const name of ['a', 'b', 'c']) shop.write(`${name}.txt`, `${name}\n`, name === 'b' ? 0o755 : 0o644);
    const before = shop.tree();
    const view = shop.view();
    for (const [from, to] of [['a', 'tmp'], ['b', 'a'], ['c', 'b'], ['tmp', 'c']]) await view.rename(`${from}.txt`, `${to}.txt`);
    expect(await textOf(view, 'a.txt')).toBe('b\n');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual({ 'a.txt': '755 b\n', 'b.txt': '644 c\n', 'c.txt': '644 a\n' });
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual(before);
  });

  test('a directory becomes a file, and a file a directory, and back', async () => {
    shop.write('d/x.txt', 'x\n');
    shop.write('d/deep/y.txt', 'y\n');
    shop.write('f', 'f\n');
    const before = shop.tree();
    await shop.view().delete('d');
    await shop.view().write('d', bytes('file now\n'), 'create');
    await shop.view().rename('f', 'g');
    await shop.view().write('f/z.txt', bytes('z\n'), 'create');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual({ d: '644 file now\n', 'f/': '755', 'f/z.txt': '644 z\n', g: '644 f\n' });
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual(before);
  });

  test('a directory that should become a file but holds something else is a conflict', async () => {
    shop.write('d/x.txt', 'x\n');
    await shop.view().delete('d');
    await shop.view().write('d', bytes('file now\n'), 'create');
    shop.write('d/later.txt', 'later\n');
    const before = shop.tree();
    expect(await shop.set.apply()).toMatchObject({ ok: false, conflicts: [{ path: 'd', reason: 'exists' }] });
    expect(shop.tree()).toEqual(before);
    // What came meanwhile is seen, too.
    expect(await textOf(shop.view(), 'd/later.txt')).toBe('later\n');
  });

  test('names that look alike and long ones are different files', async () => {
    const nfc = 'caf\u00e9.txt';
    const nfd = 'cafe\u0301.txt';
    const long = `${'d'.repeat(200)}/${'e'.repeat(200)}/${'f'.repeat(240)}.txt`;
    await shop.view().write(nfc, bytes('composed\n'), 'create');
    await shop.view().write(nfd, bytes('decomposed\n'), 'create');
    await shop.view().write(long, bytes('long\n'), 'create');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    if (process.platform === 'linux') expect([shop.text(nfc), shop.text(nfd)]).toEqual(['composed\n', 'decomposed\n']);
    expect(shop.text(long)).toBe('long\n');
    await expect(shop.view().write(`${'x'.repeat(300)}.txt`, bytes('x'), 'create')).rejects.toThrow('longer than a');
  });
});

describe('repositories as people have them', () => {
  const commit = async (message: string) => {
    const { root } = await shop.view().git.repository();
    await shop.view().git.commit(root, { message, all: true });
  };

  test('sparse: what is not checked out stays as it is, and a file outside can be committed', async () => {
    shop.init({ 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' });
    shop.git('sparse-checkout', 'set', '--cone', 'in');
    expect(existsSync(shop.path('out/b.txt'))).toBe(false);
    await shop.view().write('in/a.txt', bytes('A\n'), 'replace');
    await commit('Inside');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('status', '--porcelain')).toBe('');
    expect(shop.git('show', 'HEAD:out/b.txt')).toBe('b');
    expect(shop.git('show', '--format=', '--name-only', 'HEAD')).toBe('in/a.txt');
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  test('autocrlf, a byte order mark and UTF-16 by attribute', async () => {
    shop.init({ '.gitattributes': '*.u16 working-tree-encoding=UTF-16LE-BOM eol=crlf\n' });
    shop.git('config', 'core.autocrlf', 'true');
    const wide = Buffer.from('\ufeffzw\u00f6lf\r\n', 'utf16le');
    await shop.view().write('crlf.txt', bytes('\ufeffone\r\ntwo\r\n'), 'create');
    await shop.view().write('wide.u16', wide, 'create');
    await commit('Line ends');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(readFileSync(shop.path('wide.u16'))).toEqual(wide);
    expect(shop.text('crlf.txt')).toBe('\ufeffone\r\ntwo\r\n');
    expect(shop.git('cat-file', 'blob', 'HEAD:crlf.txt')).toBe('\ufeffone\ntwo');
    expect(shop.git('cat-file', 'blob', 'HEAD:wide.u16')).toBe('zw\u00f6lf');
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  test('a hook that stages further files is not what was reviewed; what it left on the disk besides is its own', async () => {
    shop.init({ 'a.txt': 'one\n' });
    shop.hook('pre-commit', 'echo made > made.txt; git add made.txt; echo changed > a.txt');
    const before = shop.world() as { files: object };
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await commit('Two');
    const outcome = await shop.set.apply();
    expect(outcome.ok ? '' : outcome.message).toContain('made.txt');
    expect(shop.world()).toEqual({ ...before, files: { ...before.files, 'made.txt': '644 made\n' } });
  });

  test('a repository in the repository has its own commits', async () => {
    shop.init({ 'a.txt': 'one\n' });
    shop.init({ 'b.txt': 'b\n' }, shop.path('inner'));
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await shop.view().write('inner/b.txt', bytes('c\n'), 'replace');
    await commit('Outer');
    const inner = await shop.view().git.repository('inner');
    await shop.view().git.commit(inner.root, { message: 'Inner', all: true });
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('show', '--format=%s', '--name-only', 'HEAD')).toBe('Outer\n\na.txt');
    expect(shop.gitIn(shop.path('inner'), 'show', '--format=%s', '--name-only', 'HEAD')).toBe('Inner\n\nb.txt');
    await expect(shop.view().delete('inner')).rejects.toThrow('holds a git repository of its own');
  });

  test('the executable bit and a link in a commit survive Apply and undo', async () => {
    shop.init({ 'run.sh': '#!/bin/sh\n' });
    chmodSync(shop.path('run.sh'), 0o755);
    shop.git('commit', '-qam', 'Run');
    symlinkSync('run.sh', shop.path('link'));
    shop.git('add', 'link');
    shop.git('commit', '-qm', 'Link');
    const before = shop.world();
    await shop.view().write('run.sh', bytes('#!/bin/sh\nexit 0\n'), 'replace');
    await shop.view().rename('link', 'moved');
    await commit('Move');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('ls-tree', 'HEAD')).toMatch(/120000 blob \w+\tmoved\n100755 blob \w+\trun\.sh/);
    expect(lstatSync(shop.path('run.sh')).mode & 0o777).toBe(0o755);
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.world()).toEqual(before);
  });

  const lfs = (() => {
    try {
      return execFileSync('git', ['lfs', 'version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) !== '';
    } catch {
      return false;
    }
  })();

  test.skipIf(!lfs)('with the real git-lfs, a large file is committed as its pointer and comes back as itself', async () => {
    shop.init({ 'a.txt': 'a\n', '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' });
    shop.git('lfs', 'install', '--local', '--skip-repo');
    const large = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 31) % 256));
    await shop.view().write('large.bin', large, 'create');
    await commit('Large');
    // Looking at it, staged, runs no filter.
    const { root } = await shop.view().git.repository();
    expect((await shop.view().git.snapshot(root, new AbortController().signal)).workingTree).toEqual([]);
    expect(existsSync(shop.path('.git/lfs/objects'))).toBe(false);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('cat-file', 'blob', 'HEAD:large.bin')).toMatch(/^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:[0-9a-f]{64}\nsize 300000$/);
    expect(shop.git('lfs', 'ls-files', '--name-only')).toBe('large.bin');
    expect(shop.git('status', '--porcelain')).toBe('');
    // Changed again, with the pointer and the object of before in their places.
    await shop.view().write('large.bin', Buffer.concat([large, bytes('more')]), 'replace');
    await commit('Larger');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('cat-file', 'blob', 'HEAD:large.bin')).toContain('size 300004');
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(readFileSync(shop.path('large.bin'))).toEqual(large);
    expect(shop.git('status', '--porcelain')).toBe('');
    rmSync(shop.path('large.bin'));
    shop.git('checkout', '-q', '--', 'large.bin');
    expect(readFileSync(shop.path('large.bin'))).toEqual(large);
  });
});
