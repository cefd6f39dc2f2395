import { existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GitError, type GitRepository } from '../../catalog/workspace.js';
import { readOnlyEnvironment, readOnlySettings, type Git } from './gitCommand.js';
import { fileKey, type WorkspacePaths } from './paths.js';

/** Where the parts of a repository are. All absolute. */
export interface RepositoryPlace {
  readonly root: string;
  /** Holds HEAD and the index: of its own for every linked work tree. */
  readonly gitDirectory: string;
  /** Holds refs, objects and config: shared by linked work trees. */
  readonly commonDirectory: string;
  readonly objects: string;
  readonly objectFormat: string;
}

/** Finds the repositories of the workspace folders. */
export class Repositories {
  private readonly places = new Map<string, Promise<RepositoryPlace>>();

  constructor(private readonly git: Git, private readonly paths: WorkspacePaths) {}

  /** @throws {GitError} when there is none, or more than one and no name tells which. */
  named(name?: string): GitRepository {
    if (name !== undefined && name !== '' && name !== '.') return this.describe(this.rootOfName(name), name);
    const roots = new Map<string, string>();
    for (const folder of this.paths.folders) {
      const root = rootAbove(folder.path);
      if (root !== undefined) roots.set(fileKey(root), root);
    }
    if (roots.size === 0) {
      throw new GitError(this.paths.folders.length === 0
        ? 'No folder is open: open a folder with a git repository first.'
        : `There is no git repository in ${this.paths.folders.map((folder) => `'${folder.name}'`).join(', ')}: run 'git init' there first, or work on the files without git.`);
    }
    if (roots.size > 1) {
      const names = [...roots.values()].map((root) => `'${this.nameOf(root)}'`).join(', ');
      throw new GitError(`There are ${roots.size} repositories, ${names}: say which one with 'repository'.`);
    }
    const root = [...roots.values()][0]!;
    return { root, name: this.nameOf(root) };
  }

  /** Every repository at a folder or above it. */
  all(): readonly GitRepository[] {
    const roots = new Map<string, string>();
    for (const folder of this.paths.folders) {
      const root = rootAbove(folder.path);
      if (root !== undefined) roots.set(fileKey(root), root);
    }
    return [...roots.values()].map((root) => ({ root, name: this.nameOf(root) }));
  }

  /** The innermost repository that holds a file. */
  rootOf(absolute: string): string | undefined {
    return rootAbove(path.dirname(absolute));
  }

  nameOf(root: string): string {
    const display = this.paths.display(root);
    if (display !== undefined && display !== '') return display;
    return this.paths.folders.find((folder) => fileKey(folder.path) === fileKey(root))?.name ?? path.basename(root);
  }

  /** @throws {GitError} when git does not take the directory for a repository. */
  async place(root: string): Promise<RepositoryPlace> {
    const known = this.places.get(root);
    if (known !== undefined) {
      const place = await known.catch(() => undefined);
      if (place !== undefined && existsSync(place.gitDirectory)) return place;
    }
    const found = this.locate(root);
    this.places.set(root, found);
    return found;
  }

  private rootOfName(name: string): string {
    const folder = this.paths.folders.find((one) => fileKey(one.name) === fileKey(name));
    const start = folder?.path ?? this.paths.resolve(name).absolute;
    const root = rootAbove(start);
    if (root === undefined) throw new GitError(`'${name}' is in no git repository: name a folder of the workspace, or a path inside a repository.`);
    return root;
  }

  private describe(root: string, _name: string): GitRepository {
    return { root, name: this.nameOf(root) };
  }

  private async locate(root: string): Promise<RepositoryPlace> {
    const answer = await this.git.text(
      [...readOnlySettings, 'rev-parse', '--path-format=absolute', '--absolute-git-dir', '--git-common-dir', '--git-path', 'objects', '--show-object-format'],
      { cwd: root, env: readOnlyEnvironment },
    );
    const [gitDirectory, commonDirectory, objects, objectFormat] = answer.split(/\r?\n/);
    if (gitDirectory === undefined || commonDirectory === undefined || objects === undefined || objectFormat === undefined) {
      throw new GitError(`git does not say where the repository '${this.nameOf(root)}' is: it needs git 2.31 or newer.`);
    }
    return { root, gitDirectory: path.normalize(gitDirectory), commonDirectory: path.normalize(commonDirectory), objects: path.normalize(objects), objectFormat };
  }
}

/** The nearest directory, upwards, that holds a `.git`: a directory, or the file of a submodule or linked work tree. */
function rootAbove(directory: string): string | undefined {
  for (let current = directory; ; ) {
    if (isRepository(path.join(current, '.git'))) return current;
    const parent = path.dirname(current);
    if (parent === current) return undefined;
    current = parent;
  }
}

function isRepository(dotGit: string): boolean {
  const stats = lstatSync(dotGit, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (stats.isFile()) return readFileSync(dotGit, 'utf8').startsWith('gitdir:');
  return existsSync(path.join(dotGit, 'HEAD'));
}
