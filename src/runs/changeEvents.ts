import type { ChangeSetId } from '../ids.js';
import type { JsonValue } from '../json.js';
import { toDisposable, type Disposable } from '../lifecycle/disposable.js';
import type { ChangeSet, ChangeSets } from './changes/changeSet.js';
import { contentsOf, othersText } from './changes/contents.js';
import type { Recorded, RunEventInput } from './events.js';
import type { Run } from './run.js';

/** A run whose journal takes events of its change set. */
export interface Following extends Run {
  note(body: RunEventInput): void;
}

/** Runs whose journals name the change set. */
export function runsOf(id: ChangeSetId, runs: readonly Following[]): readonly Following[] {
  return runs.filter((run) => run.events.some((event) => 'changeSet' in event && event.changeSet === id));
}

/**
 * Writes what becomes of a change set into the journals of the runs that staged it.
 * @param noteEarlier does so for the runs that are in files alone
 * @param record keeps a value beside the journals: one that several of them name is kept once, and as long as one of them
 */
export function followChangeSets(changeSets: ChangeSets, runs: () => readonly Following[], noteEarlier: (changeSet: ChangeSetId, body: RunEventInput) => void, record: (value: JsonValue) => Recorded): Disposable {
  const seen = new Map<ChangeSetId, string>();
  const concerned = (set: ChangeSet): readonly Following[] => runsOf(set.id, runs());

  const follow = (set: ChangeSet): void => {
    const asking = set.checkpoint;
    const failed = set.state.kind === 'open' ? set.state.failed : undefined;
    const state = `${set.state.kind} ${asking?.run ?? ''} ${asking?.reason ?? ''} ${failed ?? ''}`;
    if (seen.get(set.id) === state) return;
    seen.set(set.id, state);
    if (failed !== undefined) {
      const body = { type: 'applyFailed', changeSet: set.id, message: failed } as const;
      for (const run of concerned(set)) run.note(body);
      noteEarlier(set.id, body);
      return;
    }
    if (asking !== undefined) {
      for (const run of runs()) {
        if (run.id === asking.run) run.note({ type: 'reviewAsked', changeSet: set.id, reason: 'checkpoint', message: asking.reason });
      }
    }
    const told = endOf(set, record);
    if (told === undefined) return;
    // What became of the set is what its runs say last.
    for (const body of [...restOf(set), told]) {
      for (const run of concerned(set)) run.note(body);
      noteEarlier(set.id, body);
    }
  };

  const listening = changeSets.onDidChange(follow);
  return toDisposable(() => {
    listening.dispose();
    seen.clear();
  });
}

/** What was left out waits in another set: whoever staged it hears of that one, too. */
function restOf({ state, files, commits }: ChangeSet): readonly RunEventInput[] {
  if (state.kind !== 'applied' || state.rest === undefined) return [];
  const out = new Set(files.filter((file) => file.excluded).map((file) => file.path));
  return [{ type: 'staged', changeSet: state.rest, files: out.size, commits: commits.filter((commit) => commit.files.every((file) => out.has(file))).length }];
}

function endOf(set: ChangeSet, record: (value: JsonValue) => Recorded): RunEventInput | undefined {
  if (set.state.kind !== 'applied' && set.state.kind !== 'discarded') return undefined;
  const { differences } = set.state;
  // They are plain JSON, which their type does not say.
  const kept = differences === undefined ? {} : { differences: record(differences as unknown as JsonValue) };
  if (set.state.kind === 'discarded') return { type: 'discarded', changeSet: set.id, ...kept };
  const others = othersText(contentsOf(set));
  return { type: 'applied', changeSet: set.id, files: set.files.filter((file) => !file.excluded).map((file) => file.path), commits: set.state.commits ?? [], ...(others !== undefined && { others }), ...kept };
}
