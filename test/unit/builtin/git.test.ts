import { existsSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGitSource } from '../../../src/builtin/git/source.js';
import type { JsonObject } from '../../../src/json.js';
import { bytes } from '../changes/workshop.js';
import { Desk } from './desk.js';

let desk: Desk;
beforeEach(() => { desk = new Desk(createGitSource()); });
afterEach(() => desk.dispose());

const edit = (name: string, text: string) => desk.view().write(name, bytes(text), 'any');
interface Status { branch: string | null; head: string | null; stagedCommits: number; inProgress: string | null; files: { path: string; index: string; workingTree: string; staged: boolean; from?: string }[] }
interface Log { commits: { sha: string; subject: string; body: string; author: string; staged: boolean }[]; truncated: boolean }
interface Diff { text: string; files: { path: string; change: string; insertions: number; deletions: number; binary: boolean; from?: string }[] }

describe('reading', () => {
  test('status tells the developer\'s changes from staged ones', async () => {
    desk.init({ 'a.txt': 'one\n', 'b.txt': 'b\n', 'c.txt': 'c\n', 'd.txt': 'd1\nd2\nd3\nd4\n' });
    desk.write('b.txt', 'own\n');
    desk.write('c.txt', 'own, in the index\n');
    desk.git('add', 'c.txt');
    desk.write('loose.txt', 'x');
    await edit('a.txt', 'two\n');
    await edit('new.txt', 'new\n');
    await desk.view().rename('d.txt', 'moved/d.txt');
    const status = await desk.call<Status>('status');
    expect(status).toMatchObject({ branch: 'main', stagedCommits: 0, inProgress: null });
    expect(status.files).toEqual([
      { path: 'a.txt', index: 'unmodified', workingTree: 'modified', staged: true },
      { path: 'b.txt', index: 'unmodified', workingTree: 'modified', staged: false },
      { path: 'c.txt', index: 'modified', workingTree: 'unmodified', staged: false },
      { path: 'loose.txt', index: 'unmodified', workingTree: 'untracked', staged: false },
      { path: 'moved/d.txt', from: 'd.txt', index: 'unmodified', workingTree: 'renamed', staged: true },
      { path: 'new.txt', index: 'unmodified', workingTree: 'added', staged: true },
    ]);
  });

  test('diff, log, show, readFile, blame and branches see what is staged', async () => {
    desk.init({ 'a.txt': 'one\ntwo\n' });
    desk.git('tag', 'start');
    await edit('a.txt', 'one\n2\n');
    expect((await desk.call<Diff>('diff')).text).toContain('-two\n+2\n');
    expect(await desk.call('commit', { message: 'Say 2\n\nBecause.', all: true })).toEqual({ staged: true, message: 'Say 2\n\nBecause.', files: ['a.txt'], repository: 'project' });
    await edit('a.txt', 'one\n2\nthree\n');
    const log = await desk.call<Log>('log');
    expect(log.commits.map(({ subject, body, author, staged }) => ({ subject, body, author, staged }))).toEqual([
      { subject: 'Say 2', body: 'Because.', author: 'Tester', staged: true },
      { subject: 'First', body: '', author: 'Tester', staged: false },
    ]);
    expect((await desk.call<Log>('log', { ref: 'start..HEAD' })).commits).toHaveLength(1);
    expect((await desk.call<Log>('log', { limit: 1 })).truncated).toBe(true);
    const shown = await desk.call<Diff & { commit: { subject: string } }>('show');
    expect(shown.commit.subject).toBe('Say 2');
    expect(shown.files).toEqual([{ path: 'a.txt', change: 'modified', insertions: 1, deletions: 1, binary: false }]);
    expect((await desk.call<Diff>('show', { ref: 'start' })).files).toMatchObject([{ path: 'a.txt', change: 'added' }]);
    expect((await desk.call<Diff>('diff', { from: 'start' })).files).toMatchObject([{ insertions: 2, deletions: 1 }]);
    expect(await desk.call('readFile', { path: 'a.txt', ref: 'HEAD~1' })).toMatchObject({ text: 'one\ntwo\n' });
    const { lines } = await desk.call<{ lines: { line: number; sha: string | null; text: string }[] }>('blame', { path: 'a.txt' });
    expect(lines.map((line) => [line.line, line.text, line.sha === null ? null : log.commits.find((commit) => commit.sha === line.sha)?.subject])).toEqual([[1, 'one', 'First'], [2, '2', 'Say 2'], [3, 'three', null]]);
    await desk.call('createBranch', { name: 'feature/x', switch: true });
    expect(await desk.call('branches')).toMatchObject({ current: 'feature/x', branches: [{ name: 'feature/x', subject: 'Say 2' }, { name: 'main', subject: 'Say 2' }] });
    expect(desk.git('branch', '--list')).toBe('* main');
    expect(desk.git('log', '--format=%s')).toBe('First');
  });

  test('no repository, an empty one, and a path that git does not know are told apart', async () => {
    expect(await desk.refusal('status')).toContain('no git repository');
    desk.init({});
    expect(await desk.call('status')).toMatchObject({ branch: 'main', head: null, files: [] });
    expect(await desk.refusal('log')).toBe('The repository has no commit yet.');
    desk.write('a.txt', 'x');
    expect(await desk.refusal('blame', { path: 'a.txt' })).toContain('no commit');
    expect(await desk.refusal('readFile', { path: 'a.txt' })).toContain('no commit');
  });

  test('the staged commit of an unborn branch can be read', async () => {
    desk.init({});
    await edit('a.txt', 'first\n');
    await desk.call('commit', { message: 'Begin' });
    expect((await desk.call<Log>('log')).commits).toMatchObject([{ subject: 'Begin', staged: true }]);
    expect(await desk.set.apply()).toMatchObject({ ok: true });
    expect(desk.git('log', '--format=%s')).toBe('Begin');
    expect(await desk.sets.undo()).toMatchObject({ ok: true });
    expect(desk.git('for-each-ref')).toBe('');
    expect(desk.tree()).toEqual({});
  });

  test('two repositories need a name, and paths know theirs', async () => {
    const other = path.join(desk.base, 'other');
    desk.init();
    desk.init({ 'b.txt': 'b\n' }, other);
    desk.folders = [...desk.folders, { name: 'other', path: other }];
    expect(await desk.refusal('status')).toContain("'project', 'other'");
    expect(await desk.call('status', { repository: 'other' })).toMatchObject({ repository: 'other' });
    await edit('other/b.txt', 'two\n');
    await edit('project/a.txt', 'two\n');
    expect((await desk.call<Status>('status', { repository: 'other' })).files).toEqual([{ path: 'other/b.txt', index: 'unmodified', workingTree: 'modified', staged: true }]);
    expect(await desk.call('commit', { message: 'Both', all: true, repository: 'other' })).toMatchObject({ files: ['other/b.txt'] });
    expect(await desk.call('commit', { message: 'Here', paths: ['project/a.txt'] })).toMatchObject({ files: ['project/a.txt'], repository: 'project' });
    expect(await desk.refusal('commit', { message: 'Wrong', paths: ['project/a.txt'], repository: 'other' })).toContain('not in the repository');
    expect(await desk.set.apply()).toMatchObject({ ok: true, commits: [{ repository: 'other' }, { repository: 'project' }] });
    expect(desk.gitIn(other, 'log', '--format=%s')).toBe('Both\nFirst');
    expect(desk.git('status', '--porcelain')).toBe('');
  });

  test('a repository inside another has its own files', async () => {
    desk.init({ 'a.txt': 'one\n', '.gitignore': 'inner/\n' });
    desk.init({ 'b.txt': 'b\n' }, desk.path('inner'));
    await edit('inner/b.txt', 'two\n');
    expect((await desk.call<Status>('status')).files).toEqual([]);
    expect((await desk.call<Status>('status', { repository: 'inner' })).files).toHaveLength(1);
    expect(await desk.refusal('commit', { message: 'Outer', paths: ['inner/b.txt'], repository: 'project' })).toContain("belongs to the repository 'inner'");
    expect(await desk.call('commit', { message: 'Inner', paths: ['inner/b.txt'] })).toMatchObject({ repository: 'inner', files: ['inner/b.txt'] });
  });

  test('a folder inside a larger repository shows its own part', async () => {
    desk.init({ 'here/a.txt': 'one\n', 'there/b.txt': 'b\n' });
    desk.folders = [{ name: 'here', path: desk.path('here') }];
    desk.write('there/b.txt', 'changed\n');
    await edit('a.txt', 'two\n');
    expect((await desk.call<Status>('status')).files).toMatchObject([{ path: 'a.txt' }]);
    expect((await desk.call<Diff>('diff')).files).toMatchObject([{ path: 'a.txt' }]);
    expect(await desk.call('commit', { message: 'Here', all: true })).toMatchObject({ files: ['a.txt'] });
  });

  test('renames, binary files and conflicts are shown as such', async () => {
    desk.init({ 'a.txt': 'one\ntwo\nthree\nfour\n', 'b.bin': 'x\0y' });
    await desk.view().rename('a.txt', 'z.txt');
    await desk.view().write('b.bin', Buffer.from('x\0z'), 'replace');
    expect((await desk.call<Diff>('diff')).files).toEqual([
      { path: 'b.bin', change: 'modified', insertions: 0, deletions: 0, binary: true },
      { path: 'z.txt', change: 'renamed', from: 'a.txt', insertions: 0, deletions: 0, binary: false },
    ]);
  });
});

describe('staging', () => {
  test('commit without a list takes what was edited, and nothing of the developer\'s', async () => {
    desk.init({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    desk.write('b.txt', 'own\n');
    expect(await desk.refusal('commit', { message: 'Nothing' })).toContain('this conversation has edited no file');
    await edit('a.txt', 'two\n');
    expect(await desk.call('commit', { message: 'Mine' })).toMatchObject({ files: ['a.txt'] });
    expect(await desk.call('commit', { message: 'Yours', paths: ['b.txt'] })).toMatchObject({ files: ['b.txt'] });
    expect(await desk.refusal('commit', { message: 'Again' })).toContain('nothing to commit');
    expect(await desk.set.apply()).toMatchObject({ ok: true });
    expect(desk.git('log', '--format=%s', '--name-only')).toBe('Yours\n\nb.txt\nMine\n\na.txt\nFirst\n\na.txt\nb.txt');
  });

  test('stage leaves entries in the index, and unstage takes the developer\'s out', async () => {
    desk.init({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    desk.write('b.txt', 'own\n');
    desk.git('add', 'b.txt');
    await edit('a.txt', 'two\n');
    expect(await desk.call('stage', { paths: ['a.txt'] })).toEqual({ staged: true, files: ['a.txt'], repository: 'project' });
    expect(await desk.call('unstage', { paths: ['b.txt'] })).toEqual({ staged: true, files: ['b.txt'], repository: 'project' });
    expect((await desk.call<Diff>('diff', { staged: true })).files).toMatchObject([{ path: 'a.txt' }]);
    expect(desk.git('diff', '--cached', '--name-only')).toBe('b.txt');
    expect(await desk.set.apply()).toMatchObject({ ok: true });
    expect(desk.git('diff', '--cached', '--name-only')).toBe('a.txt');
    expect(await desk.refusal('stage', { paths: ['gone.txt'] })).toContain("'gone.txt' does not exist");
  });

  test('what git ignores is not committed by accident, and naming it is refused', async () => {
    desk.init({ '.gitignore': '*.log\n' });
    await edit('a.txt', 'a');
    await edit('b.log', 'b');
    expect(await desk.call('commit', { message: 'All', all: true })).toMatchObject({ files: ['a.txt'] });
    expect(await desk.refusal('commit', { message: 'Log', paths: ['b.log'] })).toContain('ignored by git');
  });

  test('branch names that git does not allow, or that exist, are refused', async () => {
    desk.init();
    for (const name of ['-d', '--force', 'a..b', 'main', '', 'a b', 'x.lock', '@{-1}', 'HEAD']) expect(await desk.refusal('createBranch', { name }), name).not.toBe('');
    await desk.call('createBranch', { name: 'one' });
    expect(await desk.refusal('createBranch', { name: 'one' })).toContain('already');
    expect(desk.git('branch', '--list')).toBe('* main');
  });

  test('a commit on a new branch leaves the old one where it was', async () => {
    desk.init();
    const before = desk.world();
    await desk.call('createBranch', { name: 'topic', switch: true });
    await edit('a.txt', 'two\n');
    await desk.call('commit', { message: 'On topic' });
    expect(await desk.set.apply()).toMatchObject({ ok: true });
    expect(desk.git('symbolic-ref', '--short', 'HEAD')).toBe('topic');
    expect(desk.git('log', '--format=%s', 'main')).toBe('First');
    expect(desk.git('log', '--format=%s', 'topic')).toBe('On topic\nFirst');
    expect(desk.git('status', '--porcelain')).toBe('');
    expect(await desk.sets.undo()).toMatchObject({ ok: true });
    expect(desk.world()).toEqual(before);
  });

  test('in the middle of a merge nothing is committed, and the rest goes on', async () => {
    desk.init();
    desk.git('switch', '-q', '-c', 'other');
    desk.write('a.txt', 'theirs\n');
    desk.git('commit', '-qam', 'Theirs');
    desk.git('switch', '-q', 'main');
    desk.write('a.txt', 'ours\n');
    desk.git('commit', '-qam', 'Ours');
    expect(() => desk.git('merge', 'other')).toThrow();
    expect(await desk.call('status')).toMatchObject({ inProgress: 'merge', files: [{ path: 'a.txt', index: 'conflicted', workingTree: 'conflicted' }] });
    await edit('b.txt', 'b');
    for (const tool of ['commit', 'stage', 'createBranch']) expect(await desk.refusal(tool, tool === 'commit' ? { message: 'No' } : tool === 'stage' ? { paths: ['b.txt'] } : { name: 'x' })).toContain('middle of a merge');
    expect(await desk.set.apply()).toMatchObject({ ok: true });
  });

  test('a detached HEAD takes commits, and gets them taken back', async () => {
    desk.init();
    desk.git('checkout', '-q', '--detach');
    const before = desk.world();
    await edit('a.txt', 'two\n');
    expect(await desk.call('status')).toMatchObject({ branch: null });
    await desk.call('commit', { message: 'Loose' });
    expect(await desk.set.apply()).toMatchObject({ ok: true });
    expect(desk.git('log', '--format=%s')).toBe('Loose\nFirst');
    expect(await desk.sets.undo()).toMatchObject({ ok: true });
    expect(desk.world()).toEqual(before);
  });
});

describe('what cannot be staged', () => {
  test('switch, stash and push are refused while anything is staged, and work when nothing is', async () => {
    const remote = path.join(desk.base, 'remote.git');
    desk.init();
    desk.gitIn(desk.base, 'init', '-q', '--bare', remote);
    desk.git('remote', 'add', 'origin', remote);
    desk.git('branch', 'side');
    await edit('a.txt', 'two\n');
    for (const [tool, args] of [['switchBranch', { name: 'side' }], ['stash', {}], ['push', {}]] as const) expect(await desk.refusal(tool, args)).toContain('while changes are staged');
    await desk.set.discard();
    desk.write('a.txt', 'own\n');
    await desk.call('stash', { message: 'Away' });
    expect(desk.text('a.txt')).toBe('one\n');
    await desk.call('switchBranch', { name: 'side' });
    expect(desk.git('symbolic-ref', '--short', 'HEAD')).toBe('side');
    await desk.call('stash', { action: 'pop' });
    expect(desk.text('a.txt')).toBe('own\n');
    await desk.call('push', { setUpstream: true });
    expect(desk.gitIn(remote, 'branch', '--list', '--format=%(refname:short)')).toBe('side');
  });

  test('push goes to configured remotes and real branches only', async () => {
    desk.init();
    desk.git('remote', 'add', 'origin', path.join(desk.base, 'nowhere'));
    for (const args of [{ remote: desk.base }, { remote: '--mirror' }, { remote: 'ext::sh -c id' }, { branch: '-f' }, { branch: '+main' }, { branch: ':main' }, { branch: 'main:other' }] as unknown as readonly JsonObject[]) {
      expect(await desk.refusal('push', args), JSON.stringify(args)).toMatch(/not a remote|not the name|no branch/);
    }
  });
});

describe('hostile input', () => {
  test('nothing given as a ref, path or message is taken for an option or a pattern', async () => {
    desk.init({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
    const mark = path.join(desk.base, 'mark');
    for (const ref of [`--output=${mark}`, '--exec=touch', '-p', '', 'HEAD\n--output=x', 'no-such', 'HEAD^{tree}^', '..', '...', ':/', '@{upstream}']) {
      await desk.call('log', { ref }).catch(() => undefined);
      for (const tool of ['show', 'diff']) expect(typeof await desk.call(tool, tool === 'show' ? { ref } : { from: ref }).catch((error: Error) => error.message), ref).toBeTruthy();
    }
    expect(existsSync(mark)).toBe(false);
    await edit('a.txt', 'two\n');
    await edit('b.txt', 'two\n');
    expect((await desk.call<Diff>('diff', { paths: ['*.txt'] })).files).toEqual([]);
    expect(await desk.refusal('commit', { message: 'x', paths: [':(glob)**'] })).toContain('does not exist');
    expect(await desk.refusal('diff', { paths: ['../other'] })).toContain('outside');
    expect(await desk.refusal('status', { repository: '/etc' })).toContain('outside');
    await desk.call('commit', { message: '--amend\n#comment line stays', paths: ['a.txt'] });
    await desk.set.apply();
    expect(desk.git('log', '-1', '--format=%B')).toBe('--amend\n#comment line stays');
  });

  test('no program named by the repository runs while only looking', async () => {
    desk.init({ 'a.txt': 'one\n', 'b.bin': 'x\n', '.gitattributes': '*.bin filter=evil diff=evil\n' });
    const mark = path.join(desk.base, 'ran');
    const evil = `sh -c 'echo "$0 $@" >> ${mark}; cat'`;
    for (const [name, value] of [
      ['core.fsmonitor', `touch ${mark}`], ['core.pager', evil], ['pager.log', evil], ['diff.external', evil], ['diff.evil.textconv', evil], ['diff.evil.command', evil],
      ['filter.evil.clean', evil], ['filter.evil.smudge', evil], ['filter.evil.process', evil], ['gpg.program', `touch ${mark}`], ['log.showSignature', 'true'], ['core.editor', evil], ['core.sshCommand', evil], ['alias.log', `!touch ${mark}`],
    ]) desk.git('config', name!, value!);
    for (const hook of ['post-index-change', 'reference-transaction', 'pre-commit', 'post-checkout']) desk.hook(hook, `touch ${mark}`);
    desk.write('b.bin', 'changed\n');
    await edit('a.txt', 'two\n');
    await edit('c.bin', 'c\n');
    for (const tool of ['status', 'diff', 'log', 'show', 'branches'] as const) await desk.call(tool);
    await desk.call('blame', { path: 'a.txt' });
    await desk.call('readFile', { path: 'b.bin' });
    await desk.call('commit', { message: 'Staged' });
    await desk.call('createBranch', { name: 'x', switch: true });
    expect(existsSync(mark)).toBe(false);
  });

  test('looking writes nothing into the repository', async () => {
    desk.init({ 'a.txt': 'one\n' });
    mkdirSync(desk.path('sub'));
    writeFileSync(desk.path('sub/x.txt'), 'x');
    const files = () => desk.gitIn(desk.folder, 'count-objects') + JSON.stringify(desk.world());
    const before = files();
    await edit('a.txt', 'two\n');
    await desk.call('commit', { message: 'Staged' });
    for (const tool of ['status', 'diff', 'log', 'show', 'branches'] as const) await desk.call(tool);
    expect(files()).toBe(before);
  });
});
