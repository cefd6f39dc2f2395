import type { Disposable } from '../lifecycle/disposable.js';

/** Where what was read stands: the disk, an editor with unsaved changes, or the change set. */
export type Basis = 'disk' | 'editor' | 'staged';

export interface WorkspaceFolder {
  readonly name: string;
  /** Absolute, normalised file system path. */
  readonly path: string;
}

export interface ResolvedPath {
  readonly folder: WorkspaceFolder;
  /** Relative to the folder, `/`-separated, no leading slash; `''` is the folder itself. */
  readonly relative: string;
  readonly absolute: string;
  /** How scripts write it: `relative`, or in a multi-root workspace `<folder name>/<relative>`. */
  readonly display: string;
}

export interface FileSnapshot {
  readonly bytes: Uint8Array;
  readonly basis: Basis;
  /** An open editor holds other text than the disk. */
  readonly dirty: boolean;
}

export interface FileEntry {
  /** Display path. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly size: number;
  readonly basis: Basis;
}

/** One staged edit as tools and review see it. */
export interface StagedEdit {
  readonly kind: 'modified' | 'added' | 'deleted' | 'renamed';
  readonly path: string;
  readonly absolute: string;
  /** Set for `renamed`: the display path it had. */
  readonly from?: string;
}

/** A file as git sees it; paths are relative to the repository's root, `/`-separated. */
export interface GitChange {
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted' | 'renamed' | 'typeChanged' | 'conflicted';
  /** Set for `renamed`. */
  readonly from?: string;
}

/** A repository as the change set leaves it. The trees exist only beside the real repository, never in it. */
export interface GitSnapshot {
  /** Branch name; undefined when HEAD is detached. */
  readonly branch?: string;
  /** Undefined before the first commit. */
  readonly head?: string;
  readonly upstream?: { readonly name: string; readonly ahead: number; readonly behind: number };
  /** Object names: what HEAD holds, what the index would commit, and what the working tree holds. */
  readonly trees: { readonly head: string; readonly index: string; readonly workingTree: string };
  readonly index: readonly GitChange[];
  readonly workingTree: readonly GitChange[];
  readonly untracked: readonly string[];
  readonly conflicted: readonly string[];
  /** An operation the developer is in the middle of. */
  readonly inProgress?: 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'bisect';
  /** Object names of the staged commits, oldest first; Apply makes them anew, with other names. */
  readonly stagedCommits: readonly string[];
}

export interface GitRepository {
  /** Absolute path of the working tree. */
  readonly root: string;
  /** Display path of the root; a folder's name where the root is that folder, or above it. */
  readonly name: string;
}

export interface GitOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/**
 * Staging of git operations; nothing touches the repository before Apply.
 * Everything throws {@link GitError} with one sentence where git or the state of the repository does not allow it.
 */
export interface GitView {
  /** The named repository (a folder name, or a path inside it); the only one if left out. */
  repository(name?: string): Promise<GitRepository>;
  /** Status and trees, with staged edits, index entries, commits and branches in them. */
  snapshot(root: string, signal: AbortSignal): Promise<GitSnapshot>;
  /** Runs git read-only against the repository as the change set leaves it (private index and objects). */
  run(root: string, args: readonly string[], signal: AbortSignal): Promise<GitOutput>;
  /** Object names of the staged commits, oldest first. */
  stagedCommits(root: string): Promise<readonly string[]>;
  /** `git blame --line-porcelain` of a file that holds `bytes` now; `path` is relative to the root. */
  blame(root: string, path: string, bytes: Uint8Array, options: readonly string[], signal: AbortSignal): Promise<GitOutput>;
  /**
   * Runs git on the real repository, for what cannot be staged (switch, stash, push).
   * @throws {GitError} while anything is staged.
   */
  perform(root: string, args: readonly string[], signal: AbortSignal): Promise<GitOutput>;
  /** A path of the repository as scripts write it; undefined when it lies outside every folder. */
  display(root: string, path: string): string | undefined;
  stage(root: string, paths: readonly string[]): Promise<{ readonly files: readonly string[] }>;
  unstage(root: string, paths: readonly string[]): Promise<{ readonly files: readonly string[] }>;
  /**
   * Stages a commit: of `paths`; or with `all` of every file the change set edited; with neither, of what
   * {@link stage} was told, or else as with `all`. Other work of the developer is never part of it.
   */
  commit(root: string, options: { message: string; paths?: readonly string[]; all?: boolean }): Promise<{ readonly files: readonly string[] }>;
  /** Stages a new branch at HEAD, and with `switch` makes it the current one. */
  createBranch(root: string, name: string, options?: { readonly switch?: boolean }): Promise<void>;
}

/** Disk and open editors, seen through one conversation's change set. All paths are display paths. */
export interface WorkspaceView {
  readonly folders: readonly WorkspaceFolder[];
  readonly git: GitView;
  /** @throws {PathError} for a path outside every folder, or through a link that leaves them. */
  resolve(path: string): ResolvedPath;
  read(path: string): Promise<FileSnapshot>;
  /** As {@link read}, for somebody other than the script: it does not count as having been read. Undefined where there is no file. */
  peek(path: string): Promise<FileSnapshot | undefined>;
  stat(path: string): Promise<FileEntry | undefined>;
  list(directory: string): Promise<readonly FileEntry[]>;
  /** Everything staged, in path order. */
  staged(): readonly StagedEdit[];
  /** Files that an editor holds with unsaved changes. */
  unsaved(): readonly string[];
  write(path: string, bytes: Uint8Array, mode: 'create' | 'replace' | 'any'): Promise<void>;
  delete(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /**
   * Reads, changes and stages one file as one step: calls made at the same time wait for each other.
   * `change` gets undefined where there is no file; what it throws leaves the file as it was.
   */
  update(path: string, change: (before: FileSnapshot | undefined) => Uint8Array): Promise<void>;
  /**
   * Asks for review of everything staged and waits: resolves once applied (or when nothing is staged).
   * @throws {ReviewDeclined} when the developer discards instead.
   */
  checkpoint(reason: string): Promise<void>;
}

/** What the editor knows of open documents; without an editor, nothing is open. */
export interface OpenDocuments {
  /** Text of an open document with unsaved changes. */
  dirtyText(absolute: string): string | undefined;
  /** Every open document with unsaved changes, absolute. */
  unsaved(): readonly string[];
  onDidChange(listener: (absolute: string) => unknown): Disposable;
}

/** Without an editor: nothing is open. */
export const nothingOpen: OpenDocuments = {
  dirtyText: () => undefined,
  unsaved: () => [],
  onDidChange: () => ({ dispose() {} }),
};

/** A path that is not where files may be read or written, or not what the operation needs. */
export class PathError extends Error {
  override readonly name = 'PathError';
}

/** Git, or the state of the repository, does not allow what was asked. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/** The file is not what the script last read: it must read it again before writing. */
export class StaleRead extends Error {
  override readonly name = 'StaleRead';
}

export class ReviewDeclined extends Error {
  override readonly name = 'ReviewDeclined';
}
