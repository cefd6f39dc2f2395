import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workshop, bytes, textOf } from './workshop.js';

let shop: Workshop;
beforeEach(() => { shop = new Workshop(); });
afterEach(() => shop.dispose());

/** Applies, which must not be possible, and leave everything as it is. */
async function conflict(): Promise<readonly (readonly [string, string])[]> {
  const before = shop.tree();
  const outcome = await shop.set.apply();
  expect(outcome.ok).toBe(false);
  expect(shop.tree()).toEqual(before);
  expect(shop.set.state.kind).toBe('open');
  return outcome.ok ? [] : outcome.conflicts.map(({ path, reason }) => [path, reason]);
}

describe('what has changed since it was staged is a conflict, and nothing is written', () => {
  beforeEach(async () => {
    shop.write('a.txt', 'one\n');
    shop.write('b.txt', 'b\n');
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await shop.view().write('b.txt', bytes('c\n'), 'replace');
    await shop.view().write('new.txt', bytes('n\n'), 'create');
  });

  test('a file changed on disk', async () => {
    shop.write('b.txt', 'theirs\n');
    expect(await conflict()).toEqual([['b.txt', 'changed']]);
  });

  test('a file deleted, and a file that has come to exist', async () => {
    rmSync(shop.path('a.txt'));
    shop.write('new.txt', 'theirs\n');
    expect(await conflict()).toEqual([['a.txt', 'missing'], ['new.txt', 'exists']]);
  });

  test('a file that an editor holds with unsaved changes', async () => {
    shop.dirty.set(shop.path('a.txt'), 'typed\n');
    expect(await conflict()).toEqual([['a.txt', 'dirty']]);
    const outcome = await shop.set.apply();
    expect(outcome.ok ? '' : outcome.message).toBe("Nothing was applied: 'a.txt' has unsaved changes in an editor: save or revert it, then apply again.");
    shop.dirty.clear();
    expect(await shop.set.apply()).toMatchObject({ ok: true });
  });

  test('a file that became read-only', async () => {
    chmodSync(shop.path('a.txt'), 0o444);
    expect(await conflict()).toEqual([['a.txt', 'readonly']]);
    chmodSync(shop.path('a.txt'), 0o644);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
  });

  test('a directory or a link that stands where a file was', async () => {
    rmSync(shop.path('a.txt'));
    mkdirSync(shop.path('a.txt'));
    rmSync(shop.path('b.txt'));
    symlinkSync('elsewhere', shop.path('b.txt'));
    expect(await conflict()).toEqual([['a.txt', 'changed'], ['b.txt', 'changed']]);
  });

  test('what stands there already as it shall be is none', async () => {
    shop.write('a.txt', 'two\n');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.text('b.txt')).toBe('c\n');
  });

  test('what was left out is looked at by nobody', async () => {
    shop.write('b.txt', 'theirs\n');
    shop.set.setExcluded('b.txt', true);
    expect(await shop.set.apply()).toMatchObject({ ok: true, files: ['a.txt', 'new.txt'] });
    expect(shop.text('b.txt')).toBe('theirs\n');
  });

  test('a disk that takes no record of it takes nothing else either', async () => {
    rmSync(`${shop.storage}/applied`, { recursive: true, force: true });
    writeFileSync(`${shop.storage}/applied`, 'in the way');
    expect(await conflict()).toEqual([]);
    rmSync(`${shop.storage}/applied`);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
  });

  test('applied or discarded once, it is not again', async () => {
    const { set } = shop;
    const both = await Promise.all([set.apply(), set.apply()]);
    expect(both.map((outcome) => outcome.ok)).toEqual([true, false]);
    await set.discard();
    expect(set.state.kind).toBe('applied');
    expect(shop.text('a.txt')).toBe('two\n');
  });
});

describe('what a file is, is kept', () => {
  test('bytes, modes, links and empty files', async () => {
    const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0d, 0x0a]);
    const utf16 = Buffer.from('\ufeffzwölf\r\n', 'utf16le');
    shop.write('run.sh', '#!/bin/sh\n', 0o755);
    shop.write('latin.txt', 'x');
    shop.write('marked.txt', '\ufeffone\r\n');
    shop.write('target.txt', 't\n');
    symlinkSync('target.txt', shop.path('link'));
    const view = shop.view();
    await view.write('run.sh', bytes('#!/bin/sh\nexit 1\n'), 'replace');
    await view.write('latin.txt', latin, 'replace');
    await view.write('utf16.txt', utf16, 'create');
    await view.write('empty.txt', bytes(''), 'create');
    await view.write('link', bytes('through the link\n'), 'replace');
    await view.rename('marked.txt', 'deep/renamed.txt');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual({
      'deep/': '755',
      'deep/renamed.txt': '644 \u00ef\u00bb\u00bfone\r\n',
      'empty.txt': '644 ',
      'latin.txt': `644 ${latin.toString('latin1')}`,
      link: '-> target.txt',
      'run.sh': '755 #!/bin/sh\nexit 1\n',
      'target.txt': '644 through the link\n',
      'utf16.txt': `644 ${utf16.toString('latin1')}`,
    });
  });

  test('undo is refused while a file has unsaved changes in an editor', async () => {
    shop.write('a.txt', 'one\n');
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    shop.dirty.set(shop.path('a.txt'), 'mine\n');
    expect(await shop.sets.undo()).toEqual({ ok: false, message: "'a.txt' has unsaved changes in an editor, so nothing was undone: save or revert it, then undo again." });
    expect(shop.text('a.txt')).toBe('two\n');
    shop.dirty.clear();
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.text('a.txt')).toBe('one\n');
  });

  test('a directory deleted or moved as a whole, and put back by undo with its modes', async () => {
    shop.write('old/one.txt', '1');
    shop.write('old/sub/two.txt', '2', 0o600);
    shop.write('gone/three.txt', '3');
    chmodSync(shop.path('gone'), 0o700);
    const before = shop.tree();
    await shop.view().rename('old', 'fresh');
    await shop.view().delete('gone');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual({ 'fresh/': '755', 'fresh/one.txt': '644 1', 'fresh/sub/': '755', 'fresh/sub/two.txt': '600 2' });
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual(before);
  });

  test('what is in a directory beside what was staged stays', async () => {
    shop.write('dir/a.txt', 'a');
    await shop.view().delete('dir');
    shop.write('dir/later.txt', 'later');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.tree()).toEqual({ 'dir/': '755', 'dir/later.txt': '644 later' });
  });

  test('a binary file is staged, counted as such and applied byte by byte', async () => {
    const binary = Buffer.from(Array.from({ length: 70_000 }, (_, n) => (n * 31) % 256));
    shop.write('picture.bin', Buffer.from([0, 1, 2]));
    await shop.view().write('picture.bin', binary, 'replace');
    expect(shop.set.files).toMatchObject([{ path: 'picture.bin', binary: true, insertions: 0, deletions: 0 }]);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(statSync(shop.path('picture.bin')).size).toBe(70_000);
  });

  test('what would hold more than can be staged is refused with a sentence', async () => {
    await expect(shop.view().write('big.bin', new Uint8Array(100 * 1024 * 1024 + 1), 'create')).rejects.toThrow("'big.bin' would hold 104857601 bytes: at most 104857600 can be staged.");
    expect(shop.set.files).toEqual([]);
  });
});

describe('several folders', () => {
  test('each file goes to its own, and no path leaves them', async () => {
    const second = `${shop.base}/second`;
    mkdirSync(second);
    writeFileSync(`${second}/b.txt`, 'b');
    shop.write('a.txt', 'a');
    shop.folders = [...shop.folders, { name: 'second', path: second }];
    await shop.view().write('project/a.txt', bytes('A'), 'replace');
    await shop.view().write('second/b.txt', bytes('B'), 'replace');
    for (const path of ['second/../../x', '../x', '/etc/passwd', 'third/a.txt', 'project/../second/../../x']) await expect(shop.view().write(path, bytes('x'), 'any'), path).rejects.toThrow();
    expect(shop.set.files.map((file) => file.path)).toEqual(['project/a.txt', 'second/b.txt']);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.text('a.txt')).toBe('A');
    expect(shop.tree(second)).toEqual({ 'b.txt': '644 B' });
  });

  test('without a folder nothing can be staged', async () => {
    shop.folders = [];
    await expect(shop.view().write('a.txt', bytes('a'), 'any')).rejects.toThrow('No folder is open');
    expect(shop.sets.open).toEqual([]);
  });
});

describe('the developer in the review', () => {
  test('an edit of the staged side is what Apply writes, and what the last commit holds', async () => {
    shop.init({ 'a.txt': 'one\n' });
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    const { root } = await shop.view().git.repository();
    await shop.view().git.commit(root, { message: 'Two' });
    await shop.set.edit('a.txt', bytes('two, corrected\n'));
    expect(Buffer.from((await shop.set.content('a.txt', 'staged'))!).toString()).toBe('two, corrected\n');
    expect(Buffer.from((await shop.set.content('a.txt', 'base'))!).toString()).toBe('one\n');
    shop.set.setCommitMessage(0, 'Two, reviewed');
    expect(await shop.set.apply()).toMatchObject({ ok: true, commits: [{ message: 'Two, reviewed' }] });
    expect(shop.git('show', 'HEAD:a.txt')).toBe('two, corrected');
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  test('a file left out is in no commit; a commit left with nothing is not made', async () => {
    shop.init({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    const { root } = await shop.view().git.repository();
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await shop.view().git.commit(root, { message: 'Only a' });
    await shop.view().write('b.txt', bytes('c\n'), 'replace');
    await shop.view().git.commit(root, { message: 'Only b' });
    shop.set.setExcluded('a.txt', true);
    expect(await shop.set.apply()).toMatchObject({ ok: true, files: ['b.txt'], commits: [{ message: 'Only b' }] });
    expect(shop.git('log', '--format=%s')).toBe('Only b\nFirst');
    expect(shop.text('a.txt')).toBe('one\n');
  });

  describe('what is left out', () => {
    beforeEach(async () => {
      shop.init({ 'a.txt': 'one\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
      const view = shop.view();
      const { root } = await view.git.repository();
      await view.write('b.txt', bytes('B\n'), 'replace');
      await view.git.commit(root, { message: 'Only b' });
      await view.write('a.txt', bytes('two\n'), 'replace');
      await view.git.commit(root, { message: 'Only a' });
      await view.rename('c.txt', 'moved/c.txt');
      for (const name of ['b.txt', 'moved/c.txt']) shop.set.setExcluded(name, true);
    });

    test('stays staged when the rest is applied, also after a reload, and is applied once it is included', async () => {
      const applied = await shop.set.apply();
      expect(applied).toMatchObject({ ok: true, files: ['a.txt'], commits: [{ message: 'Only a' }] });
      expect(shop.tree()).toEqual({ 'a.txt': '644 two\n', 'b.txt': '644 b\n', 'c.txt': '644 c\n' });
      for (const reloaded of [false, true]) {
        if (reloaded) {
          await shop.sets.dispose();
          shop.open();
          await shop.sets.ready;
        }
        expect(shop.sets.open).toHaveLength(1);
        expect(shop.set.id).toBe(applied.ok ? applied.rest : '');
        expect(shop.set.isLeftOut).toBe(true);
        expect(shop.set.files).toMatchObject([{ path: 'b.txt', kind: 'modified', excluded: true, insertions: 1, deletions: 1 }, { path: 'moved/c.txt', kind: 'renamed', excluded: true }]);
        expect(shop.set.commits).toMatchObject([{ message: 'Only b', files: ['b.txt'] }]);
        expect(await textOf(shop.view(), 'b.txt')).toBe('B\n');
      }
      expect(await shop.set.apply()).toEqual({ ok: false, message: 'Nothing was applied: everything is left out. Include what shall be applied, or discard it.', conflicts: [] });
      shop.set.setExcluded('b.txt', false);
      expect(shop.set.isLeftOut).toBe(false);
      expect(await shop.set.apply()).toMatchObject({ ok: true, files: ['b.txt'], commits: [{ message: 'Only b' }] });
      expect(shop.git('log', '--format=%s')).toBe('Only b\nOnly a\nFirst');
      shop.set.setExcluded('moved/c.txt', false);
      expect(await shop.set.apply()).toMatchObject({ ok: true, files: ['moved/c.txt'] });
      expect(shop.sets.open).toEqual([]);
      expect(shop.tree()).toEqual({ 'a.txt': '644 two\n', 'b.txt': '644 B\n', 'moved/': '755', 'moved/c.txt': '644 c\n' });
      for (let n = 0; n < 3; n++) expect(await shop.sets.undo()).toMatchObject({ ok: true });
      expect(shop.tree()).toEqual({ 'a.txt': '644 one\n', 'b.txt': '644 b\n', 'c.txt': '644 c\n' });
      expect(shop.git('log', '--format=%s')).toBe('First');
    });

    test('goes by a clear act alone, and what waits for the rest does not wait for it', async () => {
      expect(await shop.set.apply()).toMatchObject({ ok: true });
      // Nobody is asked: the review would throw.
      await shop.view().checkpoint('a test');
      await shop.set.discard();
      expect(shop.sets.open).toEqual([]);
      await shop.sets.dispose();
      shop.open();
      await shop.sets.ready;
      expect(shop.sets.open).toEqual([]);
      expect(await textOf(shop.view(), 'b.txt')).toBe('b\n');
    });

    test('is there still, with the rest, when Apply fails', async () => {
      shop.hook('pre-commit', 'exit 1');
      expect(await shop.set.apply()).toMatchObject({ ok: false });
      await shop.sets.dispose();
      shop.open();
      await shop.sets.ready;
      expect(shop.set.files.map((file) => [file.path, file.excluded])).toEqual([['a.txt', false], ['b.txt', true], ['moved/c.txt', true]]);
      expect(shop.set.commits).toMatchObject([{ message: 'Only b' }, { message: 'Only a' }]);
    });
  });

  test('an edit of what is not staged, or decided already, is refused', async () => {
    shop.write('a.txt', 'one\n');
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    const { set } = shop;
    await expect(set.edit('other.txt', bytes('x'))).rejects.toThrow('not among the staged changes');
    await set.discard();
    await expect(set.edit('a.txt', bytes('x'))).rejects.toThrow('discarded and cannot be edited');
    expect(await set.apply()).toMatchObject({ ok: false, message: 'These changes were discarded: nothing was applied.' });
    expect(shop.text('a.txt')).toBe('one\n');
  });
});
