import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workshop, bytes } from './workshop.js';

let shop: Workshop;
beforeEach(() => { shop = new Workshop(); });
afterEach(() => shop.dispose());

async function stageCommit(message = 'Staged', file = 'a.txt', text = 'staged\n'): Promise<void> {
  const view = shop.view();
  await view.write(file, bytes(text), 'any');
  await view.git.commit((await view.git.repository()).root, { message, paths: [file] });
}

/** Applies, which must fail for such a reason and leave files, index, HEAD and refs as they are. */
async function refused(reason: RegExp): Promise<string> {
  const before = shop.world();
  const outcome = await shop.set.apply();
  expect(outcome.ok ? 'applied' : outcome.message).toMatch(reason);
  expect(shop.world()).toEqual(before);
  expect(shop.set.state.kind).toBe('open');
  return outcome.ok ? '' : outcome.message;
}

describe('a repository that is not where staging left it', () => {
  test.each([
    ['merge', () => shop.git('merge', '--no-commit', 'side')],
    ['rebase', () => shop.git('rebase', 'side')],
    ['cherry-pick', () => shop.git('cherry-pick', 'side')],
    ['revert', () => shop.git('revert', '--no-commit', 'HEAD~1')],
    ['bisect', () => shop.git('bisect', 'start')],
  ] as const)('in the middle of a %s nothing is applied until it is over', async (name, begin) => {
    shop.init({ 'a.txt': 'one\n', 'both.txt': 'x\n' });
    shop.git('switch', '-q', '-c', 'side');
    shop.write('both.txt', 'theirs\n');
    shop.git('commit', '-qam', 'Theirs');
    shop.git('switch', '-q', 'main');
    shop.write('both.txt', 'ours\n');
    shop.git('commit', '-qam', 'Ours');
    shop.write('both.txt', 'ours again\n');
    shop.git('commit', '-qam', 'Ours again');
    await stageCommit();
    try {
      begin();
    } catch {
      // A conflict is what puts it in the middle.
    }
    await refused(new RegExp(`in the middle of a ${name}: finish or abort it, then apply again`));
    if (name === 'bisect') shop.git('bisect', 'reset');
    else shop.git(name, '--abort');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('log', '-1', '--format=%s')).toBe('Staged');
  });

  test('on another branch, rewritten, or busy, it says so', async () => {
    shop.init();
    await stageCommit();
    shop.git('switch', '-q', '-c', 'other');
    await refused(/is on 'other' now, and the changes were staged on 'main': switch back/);
    shop.git('switch', '-q', 'main');
    shop.git('commit', '-q', '--amend', '-m', 'Rewritten');
    await refused(/history of 'project' was rewritten/);
    shop.git('reset', '-q', '--hard', 'HEAD@{1}');
    writeFileSync(shop.path('.git/index.lock'), '');
    const locked = await shop.set.apply();
    expect(locked.ok ? '' : locked.message).toContain('Another git process is at work');
    expect(readFileSync(shop.path('.git/index.lock'), 'utf8')).toBe('');
  });

  test('commits made meanwhile are stood upon', async () => {
    shop.init({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    await stageCommit();
    shop.write('b.txt', 'own\n');
    shop.git('commit', '-qam', 'Own');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('log', '--format=%s')).toBe('Staged\nOwn\nFirst');
    expect(shop.git('show', '--format=', '--name-only')).toBe('a.txt');
  });

  test('a detached HEAD that moved is told from a branch', async () => {
    shop.init();
    await stageCommit();
    shop.git('checkout', '-q', '--detach');
    await refused(/is on a detached HEAD now, and the changes were staged on 'main'/);
  });
});

describe('a commit that git does not make', () => {
  test('a failing pre-commit hook is told in its own words, and everything is as before', async () => {
    shop.init({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    shop.write('b.txt', 'own\n');
    shop.git('add', 'b.txt');
    shop.hook('pre-commit', 'echo "no tabs allowed here" >&2; exit 1');
    await stageCommit('First of two');
    await stageCommit('Second', 'new/c.txt');
    expect(await refused(/git commit failed in 'project': no tabs allowed here/)).toContain('Everything was put back as it was.');
  });

  test('a hook that fails at the second commit takes the first back', async () => {
    shop.init();
    shop.hook('commit-msg', 'grep -q Second "$1" && { echo "second is refused"; exit 1; }; exit 0');
    await stageCommit('First of two');
    await stageCommit('Second', 'a.txt', 'again\n');
    await refused(/second is refused/);
  });

  test.each([
    ['the file that is committed', 'echo changed >> a.txt; git add a.txt', /A commit hook changed what is committed \(a\.txt\)/],
    ['a file on disk alone', 'echo changed >> a.txt', /A commit hook changed 'a\.txt' while the changes were applied/],
    ['what is committed besides', 'echo more > extra.txt; git add extra.txt', /A commit hook changed what is committed \(extra\.txt\)/],
  ])('a hook that changes %s is not what was reviewed', async (_what, script, reason) => {
    shop.init();
    await stageCommit();
    shop.hook('pre-commit', script);
    const before = { head: shop.git('rev-parse', 'HEAD'), index: shop.git('ls-files', '-s'), text: shop.text('a.txt') };
    const outcome = await shop.set.apply();
    expect(outcome.ok ? 'applied' : outcome.message).toMatch(reason);
    expect({ head: shop.git('rev-parse', 'HEAD'), index: shop.git('ls-files', '-s'), text: shop.text('a.txt') }).toEqual(before);
  });

  test('what a hook made of a staged file is kept, and told; taken into the set it is what is committed', async () => {
    shop.init({ 'a.txt': 'one\n', 'src/b.txt': 'b\n', 'c.txt': 'c\n' });
    const view = shop.view();
    await view.write('a.txt', bytes('staged\n'), 'replace');
    await view.write('src/b.txt', bytes('also\n'), 'replace');
    await view.delete('c.txt');
    await view.git.commit((await view.git.repository()).root, { message: 'Staged', all: true });
    // As formatters do: each file once, then there is nothing left to do.
    shop.hook('pre-commit', 'for file in a.txt src/b.txt; do grep -q formatted $file || { echo formatted >> $file; git add $file; }; done');
    const before = shop.world();
    const outcome = await shop.set.apply();
    expect(shop.world()).toEqual(before);
    const kept = outcome.ok ? [] : (outcome.kept ?? []);
    expect(kept.map(({ path: name, at }) => [name, readFileSync(at, 'utf8')])).toEqual([['a.txt', 'staged\nformatted\n'], ['src/b.txt', 'also\nformatted\n']]);
    for (const { path: name, at } of kept) expect(outcome.ok ? '' : outcome.message).toContain(`What a hook, or somebody meanwhile, had made of '${name}' is kept as ${at}.`);
    // Kept as long as its record, whatever is applied or taken back next.
    await shop.sets.dispose();
    shop.open();
    await shop.sets.ready;
    for (const { path: name, at } of kept) await shop.set.edit(name, readFileSync(at));
    expect(await shop.set.apply()).toMatchObject({ ok: true, commits: [{ message: 'Staged' }] });
    expect(shop.git('show', 'HEAD:src/b.txt')).toBe('also\nformatted');
    expect(shop.git('status', '--porcelain')).toBe('');
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.world()).toEqual(before);
  });

  test('what somebody saves into a staged file while a hook runs is kept, also when the hook fails', async () => {
    shop.init({ 'a.txt': 'one\n' });
    await stageCommit();
    shop.hook('pre-commit', 'echo theirs > a.txt; exit 1');
    const outcome = await shop.set.apply();
    expect(shop.text('a.txt')).toBe('one\n');
    expect(outcome).toMatchObject({ ok: false, kept: [{ path: 'a.txt' }] });
    expect(readFileSync(outcome.ok ? '' : outcome.kept![0]!.at, 'utf8')).toBe('theirs\n');
  });

  test('a hook that appends to the message is let', async () => {
    shop.init();
    shop.hook('prepare-commit-msg', 'echo "Reviewed-by: nobody" >> "$1"');
    await stageCommit();
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('log', '-1', '--format=%B')).toContain('Reviewed-by: nobody');
  });

  test('signing that fails, or wants to ask, is told; nobody is asked on a terminal', async () => {
    shop.init();
    const signer = path.join(shop.base, 'signer');
    writeFileSync(signer, '#!/bin/sh\nif [ -t 0 ] || (exec < /dev/tty) 2>/dev/null; then echo asked; exit 0; fi\necho "no pinentry: the key is locked" >&2\nexit 2\n');
    chmodSync(signer, 0o755);
    shop.git('config', 'gpg.program', signer);
    shop.git('config', 'commit.gpgSign', 'true');
    await stageCommit();
    await refused(/failed to sign[^]*Unlock your key by signing something in a terminal/);
  });

  test('a missing identity is told', async () => {
    shop.init();
    shop.git('config', '--unset', 'user.name');
    shop.git('config', '--unset', 'user.email');
    shop.git('config', 'user.useConfigOnly', 'true');
    await stageCommit();
    const saved = { ...process.env };
    Object.assign(process.env, { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' });
    try {
      await refused(/git commit failed in 'project'/);
    } finally {
      process.env = saved;
    }
  });
});

describe('what a repository can hold', () => {
  test('line endings as git would have them', async () => {
    shop.init({ 'a.txt': 'one\n' });
    shop.git('config', 'core.autocrlf', 'true');
    await stageCommit('Windows', 'a.txt', 'one\r\ntwo\r\n');
    await stageCommit('Attributes', 'b.bat', 'x\r\n');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.text('a.txt')).toBe('one\r\ntwo\r\n');
    expect(shop.git('cat-file', 'blob', 'HEAD:a.txt')).toBe('one\ntwo');
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  test('modes and links', async () => {
    shop.init({ 'run.sh': '#!/bin/sh\n', 'a.txt': 'a\n' });
    chmodSync(shop.path('run.sh'), 0o755);
    symlinkSync('a.txt', shop.path('link'));
    shop.git('add', '-A');
    shop.git('commit', '-qm', 'Mode');
    const view = shop.view();
    await view.write('run.sh', bytes('#!/bin/sh\nexit\n'), 'replace');
    await view.rename('link', 'moved');
    await view.git.commit((await view.git.repository()).root, { message: 'Both', all: true });
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.git('ls-tree', '--format=%(objectmode) %(path)', 'HEAD')).toBe('100644 a.txt\n120000 moved\n100755 run.sh');
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  test('LFS pointers: what is committed goes through the filter, and looking does not', async () => {
    shop.init({ 'a.txt': 'a\n', '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' });
    const pointer = path.join(shop.base, 'clean');
    const ran = path.join(shop.base, 'ran');
    // Stands for `git-lfs clean`, which writes a pointer with the hash and size of what it is given.
    writeFileSync(pointer, `#!/bin/sh\necho ran >> ${ran}\nprintf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize 5\\n' "$(sha256sum | cut -d' ' -f1)"\n`);
    chmodSync(pointer, 0o755);
    for (const [key, value] of [['filter.lfs.clean', pointer], ['filter.lfs.smudge', 'cat'], ['filter.lfs.required', 'true']] as const) shop.git('config', key, value);
    await stageCommit('Large', 'large.bin', 'large');
    expect(existsSync(ran)).toBe(false);
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.text('large.bin')).toBe('large');
    expect(shop.git('cat-file', 'blob', 'HEAD:large.bin')).toMatch(/^version https:\/\/git-lfs[^]*size 5$/);
    expect(shop.git('status', '--porcelain')).toBe('');
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  test('a submodule has its own commits, and the outer repository is not told of them', async () => {
    const inner = path.join(shop.base, 'inner');
    mkdirSync(inner);
    shop.init({ 'lib.txt': 'lib\n' }, inner);
    shop.init({ 'a.txt': 'a\n' });
    shop.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'vendor/lib');
    shop.git('commit', '-qm', 'Submodule');
    for (const [key, value] of [['user.name', 'T'], ['user.email', 't@example.com']] as const) shop.gitIn(shop.path('vendor/lib'), 'config', key, value);
    const view = shop.view();
    await view.write('vendor/lib/lib.txt', bytes('changed\n'), 'replace');
    const { root } = await view.git.repository('vendor/lib');
    await view.git.commit(root, { message: 'In the submodule' });
    const outer = (await view.git.repository('project')).root;
    await expect(view.git.commit(outer, { message: 'Outer', paths: ['vendor/lib/lib.txt'] })).rejects.toThrow("belongs to the repository 'vendor/lib'");
    expect(await shop.set.apply()).toMatchObject({ ok: true, commits: [{ message: 'In the submodule' }] });
    expect(shop.gitIn(shop.path('vendor/lib'), 'log', '--format=%s')).toBe('In the submodule\nFirst');
    expect(shop.git('log', '-1', '--format=%s')).toBe('Submodule');
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.gitIn(shop.path('vendor/lib'), 'log', '--format=%s')).toBe('First');
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  test('a linked work tree has its own index and branch', async () => {
    shop.init();
    const linked = path.join(shop.base, 'linked');
    shop.git('worktree', 'add', '-q', '-b', 'side', linked);
    shop.folders = [{ name: 'linked', path: linked }];
    await stageCommit();
    expect(await shop.set.apply()).toMatchObject({ ok: true });
    expect(shop.gitIn(linked, 'log', '--format=%s')).toBe('Staged\nFirst');
    expect(shop.git('log', '--format=%s')).toBe('First');
    expect(shop.gitIn(linked, 'status', '--porcelain')).toBe('');
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.gitIn(linked, 'log', '--format=%s')).toBe('First');
  });

  test('without a repository files are staged and applied all the same', async () => {
    shop.write('a.txt', 'one\n');
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await expect(shop.view().git.repository()).rejects.toThrow("There is no git repository in 'project'");
    expect(await shop.set.apply()).toMatchObject({ ok: true, commits: [] });
    expect(await shop.sets.undo()).toMatchObject({ ok: true, files: ['a.txt'] });
    expect(shop.text('a.txt')).toBe('one\n');
  });

  test('git that is not installed is told, and files go on', async () => {
    shop.init();
    await shop.sets.dispose();
    shop.open({ git: async () => '/nowhere/git' });
    await shop.view().write('a.txt', bytes('two\n'), 'replace');
    await expect(shop.view().git.repository()).rejects.toThrow('git was not found (/nowhere/git)');
    expect(await shop.set.apply()).toMatchObject({ ok: true });
  });
});

describe('undo', () => {
  beforeEach(async () => {
    shop.init({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    await stageCommit();
    expect(await shop.set.apply()).toMatchObject({ ok: true });
  });

  async function refusedUndo(reason: RegExp): Promise<void> {
    const before = shop.world();
    const outcome = await shop.sets.undo();
    expect(outcome.ok ? 'undone' : outcome.message).toMatch(reason);
    expect(shop.world()).toEqual(before);
  }

  test('is refused when a commit stands on it, and possible again once it is gone', async () => {
    shop.write('b.txt', 'later\n');
    shop.git('commit', '-qam', 'Later');
    await refusedUndo(/There are later commits in/);
    shop.git('reset', '-q', '--hard', 'HEAD~1');
    expect(await shop.sets.undo()).toMatchObject({ ok: true });
    expect(shop.git('log', '--format=%s')).toBe('First');
  });

  test('is refused when the file, the index or the branch was changed since', async () => {
    shop.write('a.txt', 'later\n');
    await refusedUndo(/'a\.txt' was changed since it was applied: undoing would lose that/);
    shop.write('a.txt', 'staged\n');
    shop.write('b.txt', 'later\n');
    shop.git('add', 'b.txt');
    await refusedUndo(/The index of '.*' was changed since/);
    shop.git('reset', '-q', '--hard');
    shop.git('switch', '-q', '-c', 'other');
    await refusedUndo(/is on another branch since the changes were applied/);
  });

  test('is refused while an editor holds unsaved text of a file', async () => {
    shop.dirty.set(shop.path('a.txt'), 'typed');
    await refusedUndo(/'a\.txt' has unsaved changes in an editor, so nothing was undone: save or revert it, then undo again/);
  });

  test('goes one Apply back at a time, also after a reload, and ends', async () => {
    await stageCommit('Second', 'b.txt', 'second\n');
    await shop.set.apply();
    await shop.sets.dispose();
    shop.open();
    await shop.sets.ready;
    expect(shop.sets.undoable?.summary).toBe('1 file and 1 commit');
    expect(await shop.sets.undo()).toMatchObject({ ok: true, files: ['b.txt'] });
    expect(await shop.sets.undo()).toMatchObject({ ok: true, files: ['a.txt'] });
    expect(shop.git('log', '--format=%s')).toBe('First');
    expect(await shop.sets.undo()).toEqual({ ok: false, message: 'There is nothing to undo: no changes were applied.' });
    expect(shop.sets.undoable).toBeUndefined();
  });
});
