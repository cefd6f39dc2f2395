import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GitError, type GitOutput, type GitRepository, type GitSnapshot, type GitView, type OpenDocuments } from '../../catalog/workspace.js';
import { contentOnDisk, type Content } from './content.js';
import { reasonOf, readOnlySettings, type Git } from './gitCommand.js';
import { repositoryPath, updateIndex } from './gitObjects.js';
import { parseNameStatus, splitNul } from './gitOutput.js';
import { fileKey, isInside, type WorkspacePaths } from './paths.js';
import { PrivateRepository, type DerivedRepository } from './privateRepository.js';
import { Queue } from './queue.js';
import type { Repositories } from './repositories.js';
import type { StagedSet } from './stagedSet.js';
import type { FileVersion } from './stagedState.js';

export interface StagedGitPorts {
  set(): StagedSet;
  /** @throws when another window has the conversation's changes; before any is read, and before any is made. */
  mayLook(): Promise<void>;
  mayStage(): Promise<void>;
  /** One change at a time to the conversation's set. */
  readonly queue: Queue;
  readonly git: Git;
  readonly repositories: Repositories;
  readonly paths: WorkspacePaths;
  readonly documents: OpenDocuments;
  /** Files that Apply wrote for the conversation, as absolute paths. */
  applied(): ReadonlySet<string>;
  /** Where the private repository of a working tree is kept. */
  directory(root: string): string;
}

/** Git as one conversation sees it. */
export class StagedGit implements GitView {
  private readonly privates = new Map<string, PrivateRepository>();
  private readonly turns = new Map<string, Queue>();

  constructor(private readonly ports: StagedGitPorts) {}

  async repository(name?: string): Promise<GitRepository> {
    await this.ports.mayLook();
    const found = this.ports.repositories.named(name);
    await this.ports.repositories.place(found.root);
    return found;
  }

  display(root: string, name: string): string | undefined {
    return this.ports.paths.display(path.join(root, ...name.split('/')));
  }

  async run(root: string, args: readonly string[], signal: AbortSignal): Promise<GitOutput> {
    return this.turn(root, async (repository) => {
      await this.sync(repository);
      const result = await repository.place.git.run([...readOnlySettings, ...args], { cwd: root, env: repository.place.env, signal });
      return { stdout: result.stdout.toString('utf8'), stderr: result.stderr, code: result.code };
    });
  }

  async stagedCommits(root: string): Promise<readonly string[]> {
    return this.turn(root, async (repository) => (await this.sync(repository)).commits.map((commit) => commit.sha));
  }

  async blame(root: string, name: string, bytes: Uint8Array, options: readonly string[], signal: AbortSignal): Promise<GitOutput> {
    return this.turn(root, async (repository) => {
      await this.sync(repository);
      const contents = path.join(repository.directory, 'contents');
      await writeFile(contents, bytes);
      const result = await repository.place.git.run([...readOnlySettings, 'blame', '--line-porcelain', ...options, '--contents', contents, '--', name], { cwd: root, env: repository.place.env, signal });
      return { stdout: result.stdout.toString('utf8'), stderr: result.stderr, code: result.code };
    });
  }

  async perform(root: string, args: readonly string[], signal: AbortSignal): Promise<GitOutput> {
    return this.ports.queue.run(async () => {
      await this.ports.mayLook();
      const state = this.ports.set().state.kind;
      if (state === 'open' || state === 'applying') {
        throw new GitError(`git ${args[0]} works on the real files and cannot run while changes are staged: review and apply them first.`);
      }
      const result = await this.ports.git.run(args, { cwd: root, signal });
      return { stdout: result.stdout.toString('utf8'), stderr: result.stderr, code: result.code };
    });
  }

  async snapshot(root: string, signal: AbortSignal): Promise<GitSnapshot> {
    return this.turn(root, async (repository) => {
      const derived = await this.sync(repository);
      const git = async (args: readonly string[], index?: string) => repository.place.git.expect([...readOnlySettings, ...args], {
        cwd: root, signal, env: { ...repository.place.env, ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) },
      });
      const conflicted = [...new Set(splitNul(await git(['ls-files', '-u', '-z'])).map((line) => line.slice(line.indexOf('\t') + 1)))];
      const index = await this.indexTree(repository, derived, conflicted);
      const workingTree = await this.workingTree(repository, signal);
      const head = derived.head === undefined ? (await git(['hash-object', '-t', 'tree', '-w', '--stdin'])).toString().trim() : (await git(['rev-parse', `${derived.head}^{tree}`])).toString().trim();
      const changes = async (from: string, to: string) => parseNameStatus(await git(['diff-tree', '-r', '-z', '-M', '--name-status', '--no-ext-diff', '--ignore-submodules=dirty', from, to]));
      const [inIndex, inTree, others] = await Promise.all([
        changes(head, index), changes(index, workingTree), git(['ls-files', '-z', '--others', '--exclude-standard']),
      ]);
      const gone = new Set(this.entriesIn(root).filter((entry) => entry.staged.kind === 'absent').map((entry) => repositoryPath(root, entry.absolute)));
      const changed = new Set(inTree.map((one) => one.path));
      return {
        ...(derived.ref === undefined ? {} : { branch: derived.ref.replace(/^refs\/heads\//, '') }),
        ...(derived.head === undefined ? {} : { head: derived.head }),
        ...(await this.upstream(repository, derived, signal)),
        trees: { head, index, workingTree },
        index: inIndex.filter((one) => !conflicted.includes(one.path)),
        workingTree: inTree.filter((one) => !conflicted.includes(one.path)),
        untracked: splitNul(others).filter((name) => !gone.has(name) && !changed.has(name)),
        conflicted,
        ...(inProgress(repository.real.gitDirectory) === undefined ? {} : { inProgress: inProgress(repository.real.gitDirectory) }),
        stagedCommits: derived.commits.map((commit) => commit.sha),
      };
    });
  }

  async stage(root: string, paths: readonly string[]): Promise<{ files: readonly string[] }> {
    return this.change(root, async (set) => {
      const files = await this.versions(root, paths);
      if (files.length === 0) throw new GitError(`There are no changes in ${paths.map((one) => `'${one}'`).join(', ')} to stage.`);
      set.index = [...without(set.index, root, files), ...files.map((file) => ({ ...file, root }))];
      return files;
    });
  }

  async unstage(root: string, paths: readonly string[]): Promise<{ files: readonly string[] }> {
    return this.change(root, async (set) => {
      const inIndex = await this.turn(root, async (repository) => {
        const derived = await this.sync(repository);
        const tree = await this.indexTree(repository, derived, []);
        const base = derived.head ?? (await repository.place.git.text(['hash-object', '-t', 'tree', '-w', '--stdin'], { cwd: root, env: repository.place.env }));
        return parseNameStatus(await repository.place.git.expect([...readOnlySettings, 'diff-tree', '-r', '-z', '--no-renames', '--name-status', base, tree], { cwd: root, env: repository.place.env }));
      });
      const places = paths.map((one) => this.ports.paths.resolve(one, 'keep').absolute);
      const files = inIndex.map((one) => path.join(root, ...one.path.split('/'))).filter((absolute) => places.some((place) => isInside(place, absolute)))
        .map((absolute): FileVersion => ({ absolute, content: { kind: 'head' } }));
      if (files.length === 0) throw new GitError(`Nothing in ${paths.map((one) => `'${one}'`).join(', ')} is staged in the index.`);
      set.index = [...without(set.index, root, files), ...files.map((file) => ({ ...file, root }))];
      return files;
    });
  }

  async commit(root: string, options: { message: string; paths?: readonly string[]; all?: boolean }): Promise<{ files: readonly string[] }> {
    if (options.message.trim() === '') throw new GitError('A commit needs a message: say in one line what it does.');
    return this.change(root, async (set) => {
      const staged = set.index.filter((file) => file.root === root && file.content.kind !== 'head');
      const files = options.paths !== undefined && options.paths.length > 0 ? await this.versions(root, options.paths)
        : staged.length > 0 && options.all !== true ? staged.map(({ absolute, content }) => ({ absolute, content }))
        : await this.versions(root, undefined);
      const changed = await this.reallyChanged(root, files);
      if (changed.length === 0) throw new GitError(await this.nothingToCommit(root, options.paths));
      const repository = this.ports.repositories.nameOf(root);
      set.operations = [...set.operations, { kind: 'commit', root, repository, message: options.message, at: Date.now(), files: changed }];
      set.index = without(set.index, root, changed);
      return changed;
    });
  }

  async createBranch(root: string, name: string, options: { readonly switch?: boolean } = {}): Promise<void> {
    await this.change(root, async (set) => {
      const repository = await this.privateOf(root);
      const derived = await this.turn(root, () => this.sync(repository));
      const valid = await repository.place.git.run(['check-ref-format', '--branch', name], { cwd: root, env: repository.place.env });
      if (valid.code !== 0 || name.startsWith('-')) throw new GitError(`'${name}' is not a name git allows for a branch.`);
      const taken = await repository.place.git.run(['rev-parse', '-q', '--verify', `refs/heads/${name}`], { cwd: root, env: repository.place.env });
      if (taken.code === 0) throw new GitError(`There is a branch '${name}' already: choose another name, or switch to it.`);
      const beneath = await repository.place.git.text(['for-each-ref', '--format=%(refname:short)', `refs/heads/${name}/`], { cwd: root, env: repository.place.env });
      if (beneath !== '') throw new GitError(`There are branches below '${name}/', so no branch can have that name.`);
      if (derived.head === undefined) throw new GitError('There is no commit yet, so there is nothing a branch could point at: commit first.');
      set.operations = [...set.operations, { kind: 'branch', root, repository: this.ports.repositories.nameOf(root), name, switch: options.switch === true }];
      return [];
    });
  }

  /** A change to what is staged in git: refused in the middle of a merge, and taken back when git cannot do it. */
  private async change(root: string, task: (set: StagedSet) => Promise<readonly FileVersion[]>): Promise<{ files: readonly string[] }> {
    return this.ports.queue.run(async () => {
      await this.ports.mayStage();
      const set = this.ports.set();
      set.mustBeOpen();
      const place = await this.ports.repositories.place(root);
      const middle = inProgress(place.gitDirectory);
      if (middle !== undefined) throw new GitError(`The repository '${this.ports.repositories.nameOf(root)}' is in the middle of a ${middle}: finish or abort it first, then try again.`);
      const before = { operations: set.operations, index: set.index, repositories: set.repositories };
      try {
        await this.turn(root, (repository) => this.sync(repository));
        if (!set.repositories.some((one) => one.root === root)) set.repositories = [...set.repositories, await (await this.privateOf(root)).base()];
        const files = await task(set);
        await this.turn(root, (repository) => this.sync(repository));
        set.gitChanged();
        return { files: files.map((file) => this.ports.paths.display(file.absolute) ?? file.absolute) };
      } catch (error) {
        Object.assign(set, before);
        throw error;
      }
    });
  }

  /** Current content of changed files: of the paths named, or of everything the conversation edited. */
  private async versions(root: string, paths: readonly string[] | undefined): Promise<readonly FileVersion[]> {
    const files = new Map<string, FileVersion>();
    const take = (absolute: string, content: Content) => files.set(fileKey(absolute), { absolute, content });
    const places = paths?.map((one) => this.ports.paths.resolve(one, 'keep').absolute);
    for (const entry of this.entriesIn(root)) {
      if (places === undefined || places.some((place) => isInside(place, entry.absolute))) take(entry.absolute, entry.staged);
    }
    if (places === undefined || paths === undefined) {
      // What a checkpoint has applied in the middle of a script is still the script's to commit.
      for (const absolute of this.ports.applied()) {
        const owner = this.ports.repositories.rootOf(absolute);
        if (!files.has(fileKey(absolute)) && owner !== undefined && fileKey(owner) === fileKey(root)) take(absolute, await this.fromDisk(absolute));
      }
      return this.withoutIgnored(root, [...files.values()], false);
    }
    const snapshot = await this.snapshot(root, new AbortController().signal);
    const dirty = [...snapshot.workingTree, ...snapshot.index].flatMap((one) => [one.path, ...(one.from === undefined ? [] : [one.from])]);
    for (const name of [...dirty, ...snapshot.untracked]) {
      const absolute = path.join(root, ...name.split('/'));
      if (files.has(fileKey(absolute)) || !places.some((place) => isInside(place, absolute))) continue;
      take(absolute, await this.fromDisk(absolute));
    }
    for (const [i, place] of places.entries()) {
      const owner = this.ports.repositories.rootOf(place);
      if (!isInside(root, place)) throw new GitError(`'${paths[i]}' is not in the repository '${this.ports.repositories.nameOf(root)}'.`);
      if (owner !== undefined && fileKey(owner) !== fileKey(root) && place !== root && isInside(root, owner)) throw new GitError(`'${paths[i]}' belongs to the repository '${this.ports.repositories.nameOf(owner)}': name that one with 'repository'.`);
      if (!existsSync(place) && ![...files.values()].some((file) => isInside(place, file.absolute))) throw new GitError(`'${paths[i]}' does not exist and was not changed.`);
    }
    return this.withoutIgnored(root, [...files.values()], true, places);
  }

  private async fromDisk(absolute: string): Promise<Content> {
    const name = this.ports.paths.display(absolute) ?? absolute;
    if (this.ports.documents.dirtyText(absolute) !== undefined) throw new GitError(`'${name}' has unsaved changes in an editor: save it first.`);
    const content = await contentOnDisk(absolute, this.ports.set().blobs);
    if (typeof content === 'string') throw new GitError(`'${name}' is a ${content === 'directory' ? 'repository of its own' : 'special file'}: it cannot be committed from here.`);
    return content;
  }

  /** New files that git ignores are not committed; naming one is an error. */
  private async withoutIgnored(root: string, files: readonly FileVersion[], strict: boolean, places: readonly string[] = []): Promise<readonly FileVersion[]> {
    if (files.length === 0) return files;
    const repository = await this.privateOf(root);
    const names = files.map((file) => repositoryPath(root, file.absolute));
    const answer = await repository.place.git.run([...readOnlySettings, 'check-ignore', '-z', '--stdin'], { cwd: root, env: { ...repository.place.env, GIT_LITERAL_PATHSPECS: '0' }, input: names.map((name) => `./${name}\0`).join('') });
    if (answer.code > 1) throw new GitError(reasonOf(answer, ['check-ignore']));
    const ignored = new Set(splitNul(answer.stdout).map((name) => name.slice('./'.length)));
    const named = files.find((file, i) => strict && ignored.has(names[i]!) && places.some((place) => fileKey(place) === fileKey(file.absolute)));
    if (named !== undefined) throw new GitError(`'${this.ports.paths.display(named.absolute)}' is ignored by git, so it cannot be committed: change .gitignore, or leave it out.`);
    return files.filter((_, i) => !ignored.has(names[i]!));
  }

  /** Drops files that the last (staged) commit holds already. */
  private async reallyChanged(root: string, files: readonly FileVersion[]): Promise<readonly FileVersion[]> {
    if (files.length === 0) return files;
    return this.turn(root, (repository) => this.changedIn(repository, files));
  }

  private async changedIn(repository: PrivateRepository, files: readonly FileVersion[]): Promise<readonly FileVersion[]> {
    const { root } = repository.real;
    const derived = await this.sync(repository);
    const held = new Map<string, string>();
    if (derived.head !== undefined) {
      for (const line of splitNul(await repository.place.git.expect([...readOnlySettings, 'ls-tree', '-r', '-z', derived.head], { cwd: root, env: repository.place.env }))) {
        const [mode, , id] = line.slice(0, line.indexOf('\t')).split(' ');
        held.set(line.slice(line.indexOf('\t') + 1), `${mode} ${id}`);
      }
    }
    const lines = new Map((await repository.lines(files, derived.head)).map((line) => [line.slice(line.indexOf('\t') + 1, -1), line.slice(0, line.indexOf('\t'))]));
    return files.filter((file) => {
      const name = repositoryPath(root, file.absolute);
      const line = lines.get(name)!;
      return line.startsWith('0 ') ? held.has(name) : held.get(name) !== line;
    });
  }

  private async nothingToCommit(root: string, paths: readonly string[] | undefined): Promise<string> {
    if (paths !== undefined && paths.length > 0) return `There are no changes in ${paths.map((one) => `'${one}'`).join(', ')} to commit.`;
    const others = await this.snapshot(root, new AbortController().signal);
    const own = others.workingTree.length + others.index.length + others.untracked.length;
    return own === 0 ? 'There is nothing to commit: no file is changed.'
      : 'There is nothing to commit: this conversation has edited no file in the repository. To commit changes that were there before, name them with `paths`.';
  }

  private entriesIn(root: string) {
    return this.ports.set().staged.inside(root).filter((entry) => fileKey(this.ports.repositories.rootOf(entry.absolute) ?? '') === fileKey(root));
  }

  private async sync(repository: PrivateRepository): Promise<DerivedRepository> {
    const set = this.ports.set();
    const root = repository.real.root;
    return repository.sync({ operations: set.operations.filter((one) => one.root === root), index: set.index.filter((one) => one.root === root) });
  }

  private async indexTree(repository: PrivateRepository, derived: DerivedRepository, conflicted: readonly string[]): Promise<string> {
    const index = path.join(repository.directory, 'index.tree');
    if (!existsSync(repository.index)) return repository.place.git.text(['hash-object', '-t', 'tree', '-w', '--stdin'], { cwd: repository.real.root, env: repository.place.env });
    await copyFile(repository.index, index);
    const unmerged = conflicted.map((name): FileVersion => ({ absolute: path.join(repository.real.root, ...name.split('/')), content: { kind: 'head' } }));
    await updateIndex(repository.place, index, await repository.lines(unmerged, derived.head));
    return repository.place.git.text([...readOnlySettings, 'write-tree'], { cwd: repository.real.root, env: { ...repository.place.env, GIT_INDEX_FILE: index } });
  }

  /** The disk's changes to tracked files, and over them everything that is staged. */
  private async workingTree(repository: PrivateRepository, signal: AbortSignal): Promise<string> {
    const index = path.join(repository.directory, 'index.work');
    const root = repository.real.root;
    const env = { ...repository.place.env, GIT_INDEX_FILE: index };
    if (existsSync(repository.index)) await copyFile(repository.index, index);
    else await repository.place.git.expect([...readOnlySettings, 'read-tree', '--empty'], { cwd: root, env });
    await repository.place.git.expect([...readOnlySettings, 'add', '-u', '--ignore-errors'], { cwd: root, env, signal });
    const versions = this.entriesIn(root).map((entry) => ({ absolute: entry.absolute, content: entry.staged }));
    const shown = await this.withoutIgnored(root, versions, false);
    await updateIndex(repository.place, index, await repository.lines(shown, undefined));
    return repository.place.git.text([...readOnlySettings, 'write-tree'], { cwd: root, env });
  }

  private async upstream(repository: PrivateRepository, derived: DerivedRepository, signal: AbortSignal): Promise<Pick<GitSnapshot, 'upstream'>> {
    if (derived.ref === undefined || derived.head === undefined) return {};
    const options = { cwd: repository.real.root, env: repository.place.env, signal };
    const name = (await repository.place.git.run([...readOnlySettings, 'rev-parse', '--abbrev-ref', `${derived.ref.replace(/^refs\/heads\//, '')}@{upstream}`], options)).stdout.toString().trim();
    if (name === '' || name.includes('@{')) return {};
    const counts = await repository.place.git.run([...readOnlySettings, 'rev-list', '--left-right', '--count', `${derived.head}...${name}`, '--'], options);
    const [ahead, behind] = counts.stdout.toString().trim().split('\t').map(Number);
    return counts.code === 0 ? { upstream: { name, ahead: ahead ?? 0, behind: behind ?? 0 } } : {};
  }

  private async privateOf(root: string): Promise<PrivateRepository> {
    const place = await this.ports.repositories.place(root);
    const known = this.privates.get(root);
    const { blobs } = this.ports.set();
    if (known !== undefined && known.real.gitDirectory === place.gitDirectory && known.blobs === blobs) return known;
    const made = new PrivateRepository(this.ports.git, place, this.ports.directory(root), blobs);
    this.privates.set(root, made);
    return made;
  }

  /** One use of a private repository at a time: its index and HEAD are files. */
  private async turn<T>(root: string, task: (repository: PrivateRepository) => Promise<T>): Promise<T> {
    let turn = this.turns.get(root);
    if (turn === undefined) this.turns.set(root, turn = new Queue());
    return turn.run(async () => task(await this.privateOf(root)));
  }
}

function without<T extends FileVersion & { readonly root: string }>(files: readonly T[], root: string, replaced: readonly FileVersion[]): T[] {
  const keys = new Set(replaced.map((file) => fileKey(file.absolute)));
  return files.filter((file) => file.root !== root || !keys.has(fileKey(file.absolute)));
}

/** The operation a developer is in the middle of, from the files git keeps for it. */
export function inProgress(gitDirectory: string): GitSnapshot['inProgress'] {
  const has = (name: string) => existsSync(path.join(gitDirectory, name));
  if (has('MERGE_HEAD')) return 'merge';
  if (has('rebase-merge') || has('rebase-apply')) return 'rebase';
  if (has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (has('REVERT_HEAD')) return 'revert';
  return has('BISECT_LOG') ? 'bisect' : undefined;
}
