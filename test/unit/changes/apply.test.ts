import { afterEach, beforeEach, expect, test } from 'vitest';
import { Workshop, bytes, textOf } from './workshop.js';

let shop: Workshop;
beforeEach(() => { shop = new Workshop(); });
afterEach(() => shop.dispose());

test('edits wait until they are applied, and are then exactly on disk', async () => {
  shop.write('a.txt', 'one\r\ntwo\r\n', 0o755);
  const view = shop.view();
  await view.write('a.txt', bytes('one\r\n2\r\n'), 'replace');
  await view.write('new/deep/b.txt', bytes('b'), 'create');
  expect(shop.text('a.txt')).toBe('one\r\ntwo\r\n');
  expect(await textOf(view, 'a.txt')).toBe('one\r\n2\r\n');
  expect(shop.set.files.map((file) => [file.kind, file.path, file.insertions, file.deletions])).toEqual([['modified', 'a.txt', 1, 1], ['added', 'new/deep/b.txt', 1, 0]]);
  expect(await shop.set.apply()).toMatchObject({ ok: true, files: ['a.txt', 'new/deep/b.txt'] });
  expect(shop.tree()).toEqual({ 'a.txt': '755 one\r\n2\r\n', 'new/': '755', 'new/deep/': '755', 'new/deep/b.txt': '644 b' });
  expect(shop.set.state.kind).toBe('empty');
});

test('a commit is made with the real git, of its files alone, and can be undone', async () => {
  shop.init({ 'a.txt': 'one\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
  shop.write('b.txt', 'own staged work\n');
  shop.git('add', 'b.txt');
  shop.write('c.txt', 'own dirty work\n');
  const before = shop.world();
  const view = shop.view();
  await view.write('a.txt', bytes('two\n'), 'replace');
  const { root } = await view.git.repository();
  expect(await view.git.commit(root, { message: 'Change a', all: true })).toEqual({ files: ['a.txt'] });
  await view.write('a.txt', bytes('three\n'), 'replace');
  await view.git.commit(root, { message: 'Change a again' });
  expect(shop.world()).toEqual(before);
  expect((await view.git.run(root, ['log', '--format=%s'], new AbortController().signal)).stdout).toBe('Change a again\nChange a\nFirst\n');
  const outcome = await shop.set.apply();
  expect(outcome).toMatchObject({ ok: true, commits: [{ message: 'Change a' }, { message: 'Change a again' }] });
  expect(shop.git('log', '--format=%s')).toBe('Change a again\nChange a\nFirst');
  expect(shop.git('show', '--format=', '--name-only', 'HEAD')).toBe('a.txt');
  expect(shop.git('show', 'HEAD~1:a.txt')).toBe('two');
  expect(shop.git('status', '--porcelain')).toBe('M  b.txt\n M c.txt');
  expect(await shop.sets.undo()).toMatchObject({ ok: true });
  expect(shop.world()).toEqual(before);
});
