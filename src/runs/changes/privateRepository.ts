import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256, type Blobs } from './blobs.js';
import { readOnlyEnvironment, readOnlySettings, type Git } from './gitCommand.js';
import { indexLines, noObject, repositoryPath, updateIndex, type GitPlace } from './gitObjects.js';
import type { RepositoryPlace } from './repositories.js';
import type { FileVersion, RepositoryBase, StagedOperation } from './stagedState.js';

/** What is staged in one repository. */
export interface StagedInRepository {
  readonly operations: readonly StagedOperation[];
  readonly index: readonly FileVersion[];
}

/** The repository with everything staged done. */
export interface DerivedRepository {
  readonly ref?: string;
  readonly head?: string;
  /** Object names of the staged commits, in order. */
  readonly commits: readonly { readonly sha: string; readonly tree: string }[];
}

/**
 * A second repository beside the real one: refs copied, its own HEAD, index and object directory, and the real objects
 * only read, as alternates. Staged commits, branches and index entries exist here and nowhere else; it can be thrown
 * away and made again from what is staged. Scripts' git commands run here, so nothing they do can reach the real one.
 */
export class PrivateRepository {
  private signature = '';
  private derived: DerivedRepository = { commits: [] };

  constructor(private readonly git: Git, readonly real: RepositoryPlace, readonly directory: string, readonly blobs: Blobs) {}

  get index(): string {
    return path.join(this.directory, 'index');
  }

  get place(): GitPlace {
    return { git: this.git, root: this.real.root, env: { ...readOnlyEnvironment, GIT_DIR: this.directory, GIT_WORK_TREE: this.real.root }, settings: readOnlySettings, filters: false, objectFormat: this.real.objectFormat, blobs: this.blobs };
  }

  /** Brings it up to date with the real repository and with what is staged. */
  async sync(staged: StagedInRepository): Promise<DerivedRepository> {
    const { ref, commit, refs } = await this.readReal();
    const index = await stat(path.join(this.real.gitDirectory, 'index'), { bigint: true }).catch(() => undefined);
    const signature = sha256(Buffer.from(JSON.stringify([ref, commit, refs, String(index?.mtimeNs), String(index?.size), String(index?.ino), staged])));
    if (signature === this.signature) return this.derived;
    this.signature = '';
    await this.rebuild(ref, commit, refs);
    this.derived = await this.replay(staged, ref, commit);
    this.signature = signature;
    return this.derived;
  }

  /** Where the real repository stands now. */
  async base(): Promise<RepositoryBase> {
    const { ref, commit } = await this.readReal();
    return { root: this.real.root, ref, commit };
  }

  async dispose(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private async readReal(): Promise<{ ref?: string; commit?: string; refs: string }> {
    const options = { cwd: this.real.root, env: readOnlyEnvironment };
    const [ref, commit, refs] = await Promise.all([
      this.git.run([...readOnlySettings, 'symbolic-ref', '-q', 'HEAD'], options),
      this.git.run([...readOnlySettings, 'rev-parse', '-q', '--verify', 'HEAD^{commit}'], options),
      this.git.expect([...readOnlySettings, 'for-each-ref', '--format=%(objectname) %(refname)'], options),
    ]);
    return { ref: ref.code === 0 ? ref.stdout.toString().trim() : undefined, commit: commit.code === 0 ? commit.stdout.toString().trim() : undefined, refs: refs.toString('utf8') };
  }

  private async rebuild(ref: string | undefined, commit: string | undefined, refs: string): Promise<void> {
    const own = (name: string) => path.join(this.directory, name);
    await rm(own('refs'), { recursive: true, force: true });
    await Promise.all(['objects/info', 'refs/heads', 'info'].map((name) => mkdir(own(name), { recursive: true })));
    await writeFile(own('objects/info/alternates'), `${this.real.objects}\n`);
    await writeFile(own('config'), await this.config());
    await writeFile(own('packed-refs'), `# pack-refs with: \n${refs}`);
    await writeFile(own('HEAD'), `${ref === undefined ? commit : `ref: ${ref}`}\n`);
    for (const name of ['shallow', 'info/exclude', 'info/attributes', 'info/sparse-checkout', 'info/grafts']) {
      await copyFile(path.join(this.real.commonDirectory, name), own(name)).catch(() => rm(own(name), { force: true }));
    }
    await copyFile(path.join(this.real.gitDirectory, 'info/sparse-checkout'), own('info/sparse-checkout')).catch(() => undefined);
    await this.copyIndex();
  }

  private async copyIndex(): Promise<void> {
    await copyFile(path.join(this.real.gitDirectory, 'index'), this.index).catch(() => rm(this.index, { force: true }));
    for (const name of await readdir(this.real.gitDirectory)) {
      if (name.startsWith('sharedindex.')) await copyFile(path.join(this.real.gitDirectory, name), path.join(this.directory, name));
    }
  }

  /** The developer's settings are read through an include; what could run a program is taken out. */
  private async config(): Promise<string> {
    const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    const lines = ['[core]', `\trepositoryformatversion = ${this.real.objectFormat === 'sha1' ? 0 : 1}`, '\tbare = false'];
    if (this.real.objectFormat !== 'sha1') lines.push('[extensions]', `\tobjectFormat = ${this.real.objectFormat}`);
    for (const file of [path.join(this.real.commonDirectory, 'config'), path.join(this.real.gitDirectory, 'config.worktree')]) {
      if (await readFile(file).then(() => true, () => false)) lines.push('[include]', `\tpath = ${quote(file)}`);
    }
    const filters = await this.git.run([...readOnlySettings, 'config', '--name-only', '-z', '--get-regexp', '^filter\\.'], { cwd: this.real.root, env: readOnlyEnvironment });
    const drivers = new Set(filters.stdout.toString('utf8').split('\0').filter(Boolean).map((name) => name.slice('filter.'.length, name.lastIndexOf('.'))));
    for (const driver of drivers) lines.push(`[filter ${quote(driver)}]`, '\tclean =', '\tsmudge =', '\tprocess =', '\trequired = false');
    return `${lines.join('\n')}\n`;
  }

  private async replay(staged: StagedInRepository, ref: string | undefined, commit: string | undefined): Promise<DerivedRepository> {
    let head = commit;
    let current = ref;
    const commits: { sha: string; tree: string }[] = [];
    for (const operation of staged.operations) {
      if (operation.kind === 'commit') {
        const made = await this.commit(head, operation);
        commits.push(made);
        head = made.sha;
        await this.moveHead(current, head);
        await updateIndex(this.place, this.index, await this.lines(operation.files, head));
      } else {
        if (head !== undefined) await this.expect(['update-ref', `refs/heads/${operation.name}`, head]);
        if (operation.switch) {
          current = `refs/heads/${operation.name}`;
          await this.expect(['symbolic-ref', 'HEAD', current]);
        }
      }
    }
    await updateIndex(this.place, this.index, await this.lines(staged.index, head));
    return { ref: current, head, commits };
  }

  private async moveHead(ref: string | undefined, to: string): Promise<void> {
    await this.expect(ref === undefined ? ['update-ref', '--no-deref', 'HEAD', to] : ['update-ref', ref, to]);
  }

  private async commit(parent: string | undefined, { message, files, at }: StagedOperation & { kind: 'commit' }): Promise<{ sha: string; tree: string }> {
    const index = path.join(this.directory, 'index.commit');
    await rm(index, { force: true });
    if (parent !== undefined) await this.expect(['read-tree', parent], { GIT_INDEX_FILE: index });
    await updateIndex(this.place, index, await this.lines(files, parent));
    const tree = await this.text(['write-tree'], { GIT_INDEX_FILE: index });
    // The author of the real commit is settled by git at Apply; until then a missing identity must not matter.
    const date = `@${Math.floor(at / 1000)} +0000`;
    const identity = { GIT_AUTHOR_NAME: await this.identity('name'), GIT_AUTHOR_EMAIL: await this.identity('email') };
    const sha = await this.text(['commit-tree', '--no-gpg-sign', tree, ...(parent === undefined ? [] : ['-p', parent]), '-m', message], {
      ...identity, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_COMMITTER_NAME: identity.GIT_AUTHOR_NAME, GIT_COMMITTER_EMAIL: identity.GIT_AUTHOR_EMAIL,
    });
    return { sha, tree };
  }

  private async identity(part: 'name' | 'email'): Promise<string> {
    const answer = await this.git.run([...readOnlySettings, 'config', '--get', `user.${part}`], { cwd: this.real.root, env: this.place.env });
    return answer.stdout.toString('utf8').trim() || (part === 'name' ? 'staged' : 'staged@localhost');
  }

  /** Index lines of file versions; `head` takes what a commit holds. */
  async lines(files: readonly FileVersion[], head: string | undefined): Promise<string[]> {
    const named = files.map((file) => ({ path: repositoryPath(this.real.root, file.absolute), content: file.content }));
    const lines = await indexLines(this.place, named.flatMap(({ path: name, content }) => (content.kind === 'head' ? [] : [{ path: name, content }])));
    for (const { path: name, content } of named) {
      if (content.kind !== 'head') continue;
      const entry = head === undefined ? '' : await this.text(['ls-tree', '-z', head, '--', name]);
      const known = /^(\d+) \w+ ([0-9a-f]+)\t/.exec(entry);
      lines.push(known === null ? `0 ${noObject(this.real.objectFormat)}\t${name}\0` : `${known[1]} ${known[2]}\t${name}\0`);
    }
    return lines;
  }

  private async expect(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Buffer> {
    return this.git.expect([...readOnlySettings, ...args], { cwd: this.real.root, env: { ...this.place.env, ...env } });
  }

  private async text(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    return (await this.expect(args, env)).toString('utf8').trim();
  }
}
