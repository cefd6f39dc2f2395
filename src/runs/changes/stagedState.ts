import type { ChangeSetId, ConversationId } from '../../ids.js';
import type { Content } from './content.js';

/** One file as it was and as it shall be. */
export interface StagedEntry {
  readonly absolute: string;
  /** What it started from: the disk, or the unsaved text of an editor. */
  readonly base: Content;
  readonly staged: Content;
  /** Where the file was before, when it was renamed. */
  readonly from?: string;
  readonly excluded: boolean;
}

/** A file as a commit or the index shall hold it; `head` is what the commit below holds. */
export interface FileVersion {
  readonly absolute: string;
  readonly content: Content | { readonly kind: 'head' };
}

/** Git operations in the order they were staged. */
export type StagedOperation =
  | { readonly kind: 'commit'; readonly root: string; readonly repository: string; readonly message: string; readonly at: number; readonly files: readonly FileVersion[] }
  | { readonly kind: 'branch'; readonly root: string; readonly repository: string; readonly name: string; readonly switch: boolean };

/** Where a repository stood when git operations were first staged in it. */
export interface RepositoryBase {
  readonly root: string;
  /** `refs/heads/…`; undefined when HEAD is detached. */
  readonly ref?: string;
  /** Undefined before the first commit. */
  readonly commit?: string;
}

/** All of a change set that is kept on disk. Everything else is made from it. */
export interface StagedState {
  readonly version: 1;
  readonly id: ChangeSetId;
  readonly conversation: ConversationId;
  /** Set while it is what another set leaves when that is applied: it counts only if that has been. */
  readonly after?: ChangeSetId;
  readonly entries: readonly StagedEntry[];
  readonly operations: readonly StagedOperation[];
  /** What the index shall hold beyond the commits, per file. */
  readonly index: readonly (FileVersion & { readonly root: string })[];
  readonly repositories: readonly RepositoryBase[];
  /** Directories deleted or renamed as a whole, to be removed when they are empty. */
  readonly removedDirectories: readonly string[];
}

export function emptyState(id: ChangeSetId, conversation: ConversationId): StagedState {
  return { version: 1, id, conversation, entries: [], operations: [], index: [], repositories: [], removedDirectories: [] };
}

export function isEmpty(state: StagedState): boolean {
  return state.entries.length === 0 && state.operations.length === 0 && state.index.length === 0 && state.removedDirectories.length === 0;
}
