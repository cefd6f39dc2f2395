import type { ChangeSetId } from '../../ids.js';
import type { Blobs } from './blobs.js';
import { fileKey, isInside } from './paths.js';
import { isEmpty, type FileVersion, type RepositoryBase, type StagedState } from './stagedState.js';

/**
 * What stays staged when a set is applied: the files that the developer left out of it, from where they started, and the
 * commits that held nothing else. Undefined where nothing was left out.
 * @param baseOf where a repository stands once the rest is applied
 */
export async function leftOutOf(state: StagedState, id: ChangeSetId, baseOf: (root: string) => Promise<RepositoryBase>): Promise<StagedState | undefined> {
  const entries = state.entries.filter((entry) => entry.excluded);
  const isOut = outOf(state);
  const operations = state.operations.filter((operation) => operation.kind === 'commit' && operation.files.every(isOut));
  const index = state.index.filter(isOut);
  const roots = [...new Set([...operations, ...index].map((one) => one.root))];
  const rest: StagedState = {
    ...state,
    ...{ id, after: state.id, entries, operations, index },
    repositories: await Promise.all(roots.map(baseOf)),
    removedDirectories: staying(state),
  };
  return isEmpty(rest) ? undefined : rest;
}

/** Everything in it was left out: of what is staged, nothing waits for a decision. */
export function isLeftOut(state: StagedState): boolean {
  const isOut = outOf(state);
  return state.entries.length > 0 && state.entries.every((entry) => entry.excluded) && state.index.every(isOut)
    && staying(state).length === state.removedDirectories.length && state.operations.every((operation) => operation.kind === 'commit' && operation.files.every(isOut));
}

/** Directories that were to go, in which something was left out. */
export function staying({ entries, removedDirectories }: Pick<StagedState, 'entries' | 'removedDirectories'>): readonly string[] {
  return removedDirectories.filter((directory) => entries.some((entry) => entry.excluded && isInside(directory, entry.absolute)));
}

function outOf({ entries }: StagedState): (file: FileVersion) => boolean {
  const keys = new Set(entries.filter((entry) => entry.excluded).map((entry) => fileKey(entry.absolute)));
  return (file) => keys.has(fileKey(file.absolute));
}

/** Brings the bytes that a state names from one store to another. */
export async function carryBlobs({ entries, operations, index }: StagedState, from: Blobs, to: Blobs): Promise<void> {
  const contents = [...entries.flatMap((entry) => [entry.base, entry.staged]), ...operations.flatMap((operation) => (operation.kind === 'commit' ? operation.files : [])).map((file) => file.content), ...index.map((file) => file.content)];
  const hashes = new Set(contents.flatMap((content) => (content.kind === 'file' ? [content.hash] : [])));
  for (const hash of hashes) await to.put(await from.get(hash));
  await to.settle();
}
