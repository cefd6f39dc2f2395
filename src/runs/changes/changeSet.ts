import type { WorkspaceView } from '../../catalog/workspace.js';
import type { ChangeSetId, ConversationId, RunId } from '../../ids.js';
import type { Event } from '../../lifecycle/event.js';
import type { FileDiff } from './fileDiff.js';

export interface StagedFile {
  readonly kind: 'modified' | 'added' | 'deleted' | 'renamed';
  /** Display path and absolute path after the change. */
  readonly path: string;
  readonly absolute: string;
  /** Set for `renamed`. */
  readonly from?: { readonly path: string; readonly absolute: string };
  /** SHA-256 of the bytes it started from; undefined when it did not exist. */
  readonly baseHash?: string;
  readonly binary: boolean;
  readonly insertions: number;
  readonly deletions: number;
  /** Left out of the next Apply by the developer; it stays staged then, in the conversation's next set. */
  readonly excluded: boolean;
}

export interface StagedCommit {
  readonly repository: string;
  readonly message: string;
  readonly files: readonly string[];
}

export type ChangeSetState =
  | { readonly kind: 'empty' }
  /** `failed`: why the last Apply did not do it, until something in the set changes. */
  | { readonly kind: 'open'; readonly failed?: string }
  | { readonly kind: 'applying' }
  /** `commits`: those made by Apply. `rest`: the set in which stays staged what was left out. */
  | { readonly kind: 'applied'; readonly at: number; readonly commits?: readonly { readonly sha: string; readonly message: string; readonly repository: string }[]; readonly rest?: ChangeSetId; readonly differences?: Differences }
  | { readonly kind: 'discarded'; readonly differences?: Differences };

/** What a set held when it was decided on, to be read: its bytes are gone by then. */
export interface Differences {
  readonly files: readonly FileDiff[];
  /** What is not in it. */
  readonly note?: string;
}

/** A file that is not what it was when it was staged; nothing was written. */
export interface Conflict {
  readonly path: string;
  readonly reason: 'changed' | 'dirty' | 'missing' | 'exists' | 'readonly';
  readonly message: string;
}

export type ApplyOutcome =
  | {
      readonly ok: true;
      readonly files: readonly string[];
      readonly commits: readonly { readonly sha: string; readonly message: string; readonly repository: string }[];
      /** The set in which stays staged what was left out. */
      readonly rest?: ChangeSetId;
      /** What was neither file nor commit, in words: “1 branch”. */
      readonly others?: string;
    }
  /** Nothing changed: conflicts, or a step failed and all was rolled back. */
  | {
      readonly ok: false;
      readonly message: string;
      readonly conflicts: readonly Conflict[];
      /** What a commit hook had made of staged files, and where that is kept. */
      readonly kept?: readonly { readonly path: string; readonly at: string }[];
    };

/** The staged edits and commits of one conversation. */
export interface ChangeSet {
  readonly id: ChangeSetId;
  readonly conversation: ConversationId;
  readonly state: ChangeSetState;
  readonly files: readonly StagedFile[];
  readonly commits: readonly StagedCommit[];
  /** Branches that Apply will create. */
  readonly branches: readonly { readonly repository: string; readonly name: string }[];
  /** Display paths of the entries that Apply will set in an index, beyond what the commits hold. */
  readonly indexed: readonly string[];
  /** Display paths of directories that Apply will remove and in which no staged file stands. */
  readonly directories: readonly string[];
  /** Everything in it was left out of a review: it waits for nobody until it is included or discarded. */
  readonly isLeftOut: boolean;
  /** Why a review is waiting now, when a run stands at a checkpoint. */
  readonly checkpoint?: { readonly run?: RunId; readonly reason: string };
  readonly onDidChange: Event<void>;
  /** Bytes before (`base`) and after (`staged`); undefined where the file does not exist. */
  content(path: string, side: 'base' | 'staged'): Promise<Uint8Array | undefined>;
  /** All of it as a person reads it; with `included`, less what is left out of Apply. Very much is cut, and says so. */
  differences(options?: { readonly included: boolean }): Promise<Differences>;
  /** The developer edits the staged side in the diff. */
  edit(path: string, bytes: Uint8Array): Promise<void>;
  setExcluded(path: string, excluded: boolean): void;
  setCommitMessage(index: number, message: string): void;
  apply(): Promise<ApplyOutcome>;
  discard(): Promise<void>;
}

export interface ChangeSets {
  readonly open: readonly ChangeSet[];
  /** Any set came, changed, was applied or went. */
  readonly onDidChange: Event<ChangeSet>;
  get(id: ChangeSetId): ChangeSet | undefined;
  /** The conversation's open set, made when it is first staged to. */
  for(conversation: ConversationId): ChangeSet;
  /** What tools of that conversation see. */
  view(conversation: ConversationId, run: RunId, signal: AbortSignal): WorkspaceView;
  /** The last applied set that can still be undone. */
  readonly undoable: { readonly id: ChangeSetId; readonly at: number; readonly summary: string } | undefined;
  undo(): Promise<{ readonly ok: true; readonly files: readonly string[] } | { readonly ok: false; readonly message: string }>;
  dispose(): Promise<void>;
}
