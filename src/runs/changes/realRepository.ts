import { createHash } from 'node:crypto';
import { copyFile, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { GitError } from '../../catalog/workspace.js';
import type { Blobs } from './blobs.js';
import { readOnlyEnvironment, readOnlySettings, reasonOf, type Git } from './gitCommand.js';
import { indexLines, noObject, repositoryPath, updateIndex, type GitPlace } from './gitObjects.js';
import type { RepositoryPlace } from './repositories.js';
import type { FileVersion } from './stagedState.js';

/** A hook that takes longer than this is ended, in ms. */
const longestHook = 15 * 60_000;
const quietly = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'core.quotePath=false'];

/** The developer's repository, for the moments of Apply and of taking it back. */
export class RealRepository {
  constructor(private readonly git: Git, readonly place: RepositoryPlace, private readonly tag: string) {}

  get index(): string {
    return path.join(this.place.gitDirectory, 'index');
  }

  private own(name: string): string {
    return path.join(this.place.gitDirectory, `code-mode-${this.tag}.${name}`);
  }

  async head(): Promise<{ ref?: string; commit?: string }> {
    const options = { cwd: this.place.root, env: readOnlyEnvironment };
    const ref = await this.git.run([...readOnlySettings, 'symbolic-ref', '-q', 'HEAD'], options);
    return { ref: ref.code === 0 ? ref.stdout.toString().trim() : undefined, commit: await this.resolve('HEAD') };
  }

  async resolve(name: string): Promise<string | undefined> {
    const answer = await this.git.run([...readOnlySettings, 'rev-parse', '-q', '--verify', `${name}^{commit}`], { cwd: this.place.root, env: readOnlyEnvironment });
    return answer.code === 0 ? answer.stdout.toString().trim() : undefined;
  }

  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    return (await this.git.run([...readOnlySettings, 'merge-base', '--is-ancestor', ancestor, commit], { cwd: this.place.root, env: readOnlyEnvironment })).code === 0;
  }

  async treeOf(commit: string): Promise<string> {
    return this.git.text([...readOnlySettings, 'rev-parse', `${commit}^{tree}`], { cwd: this.place.root, env: readOnlyEnvironment });
  }

  async parentOf(commit: string): Promise<string | undefined> {
    return this.resolve(`${commit}^`);
  }

  async filesBetween(a: string, b: string): Promise<string[]> {
    const output = await this.git.expect([...readOnlySettings, 'diff-tree', '-r', '-z', '--name-only', a, b], { cwd: this.place.root, env: readOnlyEnvironment });
    return output.toString('utf8').split('\0').filter(Boolean);
  }

  /** An index that holds HEAD and the commit's files, and nothing of what the developer has staged. */
  async prepareCommit(files: readonly FileVersion[], blobs: Blobs): Promise<{ index: string; tree: string; parent?: string }> {
    const index = this.own('index');
    const parent = await this.resolve('HEAD');
    await copyFile(this.index, index).catch(() => rm(index, { force: true }));
    const env = { GIT_INDEX_FILE: index };
    await this.git.expect([...quietly, 'read-tree', ...(parent === undefined ? ['--empty'] : ['--reset', parent])], { cwd: this.place.root, env });
    await updateIndex(this.gitPlace(blobs), index, await this.lines(files, blobs));
    await this.git.run([...quietly, 'update-index', '-q', '--refresh'], { cwd: this.place.root, env });
    return { index, parent, tree: await this.git.text([...quietly, 'write-tree'], { cwd: this.place.root, env }) };
  }

  /**
   * Runs the real `git commit`, with hooks and signing as the developer has them.
   * @throws {GitError} with what the hook or git said.
   */
  async commit(index: string, message: string, onStart: (pid: number) => Promise<void>): Promise<void> {
    const result = await this.git.run([...quietly, '-c', 'commit.status=false', 'commit', '--quiet', '--cleanup=whitespace', '-F', '-'], {
      cwd: this.place.root, env: { GIT_INDEX_FILE: index }, input: message, timeoutMs: longestHook, onStart,
    });
    if (result.code === 0) return;
    const reason = reasonOf(result, ['commit']).slice(0, 8000);
    // There is no terminal on which a key could ask for its passphrase.
    const advice = /failed to sign|signing failed|gpg/i.test(reason) ? '\nUnlock your key by signing something in a terminal, or turn commit.gpgSign off, then apply again.' : '';
    throw new GitError(`git commit failed in '${path.basename(this.place.root)}': ${reason}${advice}`);
  }

  async createBranch(name: string, at: string, makeCurrent: boolean): Promise<void> {
    await this.git.expect([...quietly, 'update-ref', '-m', 'branch: Created by Code Mode', `refs/heads/${name}`, at, noObject(this.place.objectFormat)], { cwd: this.place.root });
    if (makeCurrent) await this.git.expect([...quietly, 'symbolic-ref', '-m', `checkout: moving to ${name}`, 'HEAD', `refs/heads/${name}`], { cwd: this.place.root });
  }

  /** The entries of an index file, whatever git has remembered about the files on disk. */
  async fingerprint(index = this.index): Promise<string> {
    const listed = await this.git.expect([...readOnlySettings, 'ls-files', '-s', '-v', '-z'], { cwd: this.place.root, env: { ...readOnlyEnvironment, GIT_INDEX_FILE: index } });
    return createHash('sha256').update(listed).digest('hex');
  }

  /** Makes the next index beside the present one. */
  async prepareIndex(files: readonly FileVersion[], blobs: Blobs): Promise<{ next: string; before: Uint8Array | undefined; fingerprintBefore: string; fingerprintAfter: string }> {
    const next = this.own('next');
    const before = await readFile(this.index).catch(() => undefined);
    await copyFile(this.index, next).catch(() => rm(next, { force: true }));
    const fingerprintBefore = await this.fingerprint(next);
    await updateIndex(this.gitPlace(blobs), next, await this.lines(files, blobs));
    await this.git.run([...quietly, 'update-index', '-q', '--refresh'], { cwd: this.place.root, env: { GIT_INDEX_FILE: next } });
    return { next, before, fingerprintBefore, fingerprintAfter: await this.fingerprint(next) };
  }

  async adoptIndex(next: string): Promise<void> {
    await this.replaceIndex(await readFile(next));
    await rm(next, { force: true });
  }

  async detach(commit: string): Promise<void> {
    await this.git.expect([...quietly, 'update-ref', '--no-deref', 'HEAD', commit], { cwd: this.place.root });
  }

  /** Puts an index in place under git's own lock; undefined removes it. */
  async replaceIndex(bytes: Uint8Array | undefined): Promise<void> {
    const lock = `${this.index}.lock`;
    const file = await open(lock, 'wx').catch((error: NodeJS.ErrnoException) => {
      throw new GitError(error.code === 'EEXIST' ? `Another git process is at work in '${path.basename(this.place.root)}' (index.lock exists): let it end, then try again.` : `The index cannot be written (${error.code ?? error.message}).`);
    });
    try {
      // Until the real bytes stand elsewhere, the lock only says whose it is: after a crash it can be told apart.
      await file.writeFile(this.tag);
      await file.sync();
      await file.close();
      const temporary = this.own('swap');
      if (bytes === undefined) await rm(this.index, { force: true });
      else {
        const swap = await open(temporary, 'w');
        await swap.writeFile(bytes);
        await swap.sync();
        await swap.close();
        await rename(temporary, this.index);
      }
    } finally {
      await rm(lock, { force: true });
    }
  }

  /** Removes what Apply put beside git's own files, and a lock of ours that a crash left. */
  async sweep(): Promise<void> {
    for (const name of ['index', 'index.lock', 'next', 'next.lock', 'swap']) await rm(this.own(name), { force: true });
    const lock = `${this.index}.lock`;
    if ((await readFile(lock, 'utf8').catch(() => undefined)) === this.tag) await rm(lock, { force: true });
  }

  async setRef(ref: string, to: string | undefined, from: string | undefined): Promise<void> {
    const args = to === undefined ? ['update-ref', '-d', ref, ...(from === undefined ? [] : [from])] : ['update-ref', '--no-deref', '-m', 'reset: taken back by Code Mode', ref, to, ...(from === undefined ? [] : [from])];
    await this.git.expect([...quietly, '-c', 'core.hooksPath=/dev/null', ...args], { cwd: this.place.root });
  }

  async setHead(ref: string): Promise<void> {
    await this.git.expect([...quietly, 'symbolic-ref', '-m', 'checkout: taken back by Code Mode', 'HEAD', ref], { cwd: this.place.root });
  }

  private async lines(files: readonly FileVersion[], blobs: Blobs): Promise<string[]> {
    const named = files.map((file) => ({ path: repositoryPath(this.place.root, file.absolute), content: file.content }));
    const lines = await indexLines(this.gitPlace(blobs), named.flatMap(({ path: name, content }) => (content.kind === 'head' ? [] : [{ path: name, content }])));
    for (const { path: name, content } of named) {
      if (content.kind !== 'head') continue;
      const entry = await this.git.run([...readOnlySettings, 'ls-tree', '-z', 'HEAD', '--', name], { cwd: this.place.root, env: readOnlyEnvironment });
      const known = /^(\d+) \w+ ([0-9a-f]+)\t/.exec(entry.stdout.toString('utf8'));
      lines.push(known === null ? `0 ${noObject(this.place.objectFormat)}\t${name}\0` : `${known[1]} ${known[2]}\t${name}\0`);
    }
    return lines;
  }

  private gitPlace(blobs: Blobs): GitPlace {
    return { git: this.git, root: this.place.root, env: {}, settings: quietly, filters: true, objectFormat: this.place.objectFormat, blobs };
  }
}
