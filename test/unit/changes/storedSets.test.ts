import { expect, test, vi } from 'vitest';
import type { ChangeSetId, ConversationId } from '../../../src/ids.js';
import { StoredSets, type StoredSet } from '../../../src/runs/changes/storedSets.js';
import { emptyState, type StagedState } from '../../../src/runs/changes/stagedState.js';
import { MemoryDisk, disks } from './memoryDisk.js';

vi.mock('node:fs/promises', async () => (await import('./memoryDisk.js')).promises);
vi.mock('node:fs', async () => (await import('./memoryDisk.js')).sync);

const setOf = (id: string): StoredSet & { readonly id: ChangeSetId } => {
  const state = { ...emptyState(id as ChangeSetId, 'talk' as ConversationId), entries: [{}] } as unknown as StagedState;
  return { id: state.id, state: () => state, settle: async () => undefined };
};

// The first operation looks whether there is anything, the others remove it.
test.each([1, 2, 3, 4])('a set that the disk refused to let go of, at operation %i, is gone after the next write, whoever closes the window then', async (at) => {
  disks.current = new MemoryDisk();
  disks.current.makeDirectory('/storage');
  const stored = new StoredSets('/storage/sets', (message) => expect.fail(message));
  const [gone, kept] = [setOf('cs-gone'), setOf('cs-kept')];
  stored.save(gone.id, gone);
  await stored.idle();
  disks.current.meet({ kind: 'refuse', at, times: 1 });
  await expect(stored.forget(gone.id)).rejects.toThrow();
  stored.save(kept.id, kept);
  await stored.idle();
  const states = await new StoredSets('/storage/sets', (message) => expect.fail(message)).load({ tidy: true });
  expect(states.map(({ id }) => id)).toEqual([kept.id]);
});
