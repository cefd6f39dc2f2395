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

/** Staging of git operations; nothing touches the repository before Apply (DESIGN.md 11). */
export interface GitView {
  /** Working folder of the named repository (a folder name, or a path inside it); the only one if left out. */
  repository(name?: string): Promise<{ readonly root: string; readonly name: string }>;
  /** Runs git read-only against the repository as the change set leaves it (private index and objects). */
  run(root: string, args: readonly string[], signal: AbortSignal): Promise<{ stdout: string; stderr: string; code: number }>;
  stage(root: string, paths: readonly string[]): Promise<void>;
  unstage(root: string, paths: readonly string[]): Promise<void>;
  /** Stages a commit of the staged index, or of all changes of `paths` / `all`. */
  commit(root: string, options: { message: string; paths?: readonly string[]; all?: boolean }): Promise<{ readonly files: readonly string[] }>;
  createBranch(root: string, name: string): Promise<void>;
}

/** Disk and open editors, seen through one conversation's change set. All paths are display paths. */
export interface WorkspaceView {
  readonly folders: readonly WorkspaceFolder[];
  readonly git: GitView;
  /** @throws {PathError} for a path outside every folder, or through a link that leaves them. */
  resolve(path: string): ResolvedPath;
  read(path: string): Promise<FileSnapshot>;
  stat(path: string): Promise<FileEntry | undefined>;
  list(directory: string): Promise<readonly FileEntry[]>;
  /** Everything staged, in path order. */
  staged(): readonly StagedEdit[];
  write(path: string, bytes: Uint8Array, mode: 'create' | 'replace' | 'any'): Promise<void>;
  delete(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
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
  onDidChange(listener: (absolute: string) => unknown): Disposable;
}

export class PathError extends Error {
  override readonly name = 'PathError';
}

export class ReviewDeclined extends Error {
  override readonly name = 'ReviewDeclined';
}
