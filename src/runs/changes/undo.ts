import type { OpenDocuments } from '../../catalog/workspace.js';
import type { ChangeSetId } from '../../ids.js';
import type { ChangeSets } from './changeSet.js';
import { contentOnDisk, sameContent } from './content.js';
import type { Git } from './gitCommand.js';
import { fileKey, type WorkspacePaths } from './paths.js';
import { RealRepository } from './realRepository.js';
import { ApplyRecord, type PlannedFile, type PlannedRepository } from './record.js';
import { endLeftGit } from './leftProcess.js';
import { makesRoom, wayProblem } from './way.js';
import { rollBack, type RollBackOptions } from './rollback.js';

/** How many applied sets stay undoable. */
const kept = 20;

/**
 * Takes back what an interrupted Apply did, and brings an interrupted undo to its end.
 * @returns what was done, one sentence each, and what could not be done yet: until it is, nothing may be applied or undone.
 */
export async function recover(records: string, options: Omit<RollBackOptions, 'force'>): Promise<{ readonly notices: readonly string[]; readonly unfinished?: string; /** Files of an undo that came to its end. */ readonly undone?: readonly string[] }> {
  const notices: string[] = [];
  let undone: readonly string[] | undefined;
  let unfinished: string | undefined;
  const all = await ApplyRecord.all(records);
  // From here on what its last line says is taken as done, so it must not be lost to a power cut any more.
  await all.at(-1)?.settle();
  // The latest first: what stands on an earlier one goes before it.
  for (const record of [...all].reverse()) {
    if (record.damage !== undefined) {
      // It ended, and cannot be undone any more.
      if (record.lines.length > 0 && record.settled) continue;
      unfinished = `What an earlier Apply did cannot be read (${record.damage}), so whether it ended is not known. Give access to ${record.directory}, or look at what it keeps and remove it; then try again.`;
      break;
    }
    if (record.begin === undefined) {
      await record.remove();
    } else if (!record.settled) {
      const undoing = record.has('undo');
      const { untouched } = record;
      await endLeftGit(record);
      const { left, failed } = await rollBack(record, { ...options, force: false });
      if (failed.length > 0) {
        unfinished = `${undoing ? 'An earlier undo' : 'An earlier Apply'} could not be ${undoing ? 'completed' : 'taken back'} yet: ${failed.join(', ')}. Make room or give access there, then try again; what the files held before is kept in ${record.directory}.`;
        break;
      }
      await record.append(undoing ? { kind: 'undone', left } : { kind: 'rolledBack', reason: 'It was interrupted.', left });
      if (undoing) undone = record.begin.files.map((file) => options.paths.display(file.absolute) ?? file.absolute);
      // What was not begun is not worth a word: its set waits as before.
      if (untouched) continue;
      const rest = left.length === 0 ? '' : ` These were changed since and left as they are: ${left.join(', ')}; what they held before is kept in ${record.directory}.`;
      notices.push(undoing ? `An undo that was interrupted has been completed.${rest}` : `Changes whose Apply was interrupted have been taken back: files and repositories are as they were before.${rest}`);
    }
  }
  const settled = all.filter((record) => record.begin !== undefined && record.settled);
  const last = settled.at(-1);
  if (last?.has('done') === true) for (const planned of last.begin!.repositories) await realRepository(planned, last, options.git).sweep();
  for (const record of settled) if (record.has('rolledBack') && !keepsSomething(record)) await record.remove();
  for (const record of settled.slice(0, -kept)) await record.remove();
  return { notices, unfinished, undone };
}

/** Sets that were applied, of which a crash may have kept the staged state. */
export async function appliedSets(records: string): Promise<ReadonlySet<string>> {
  return new Set((await ApplyRecord.all(records)).flatMap((record) => (record.begin !== undefined && record.has('done') && !record.has('rolledBack') ? [record.begin.changeSet] : [])));
}

/** The last applied set that was not undone. */
export async function undoableRecord(records: string): Promise<ChangeSets['undoable']> {
  const record = await lastApplied(records);
  return record === undefined ? undefined : { id: record.begin!.changeSet as ChangeSetId, at: record.begin!.at, summary: record.begin!.summary };
}

export interface UndoPorts {
  readonly git: Git;
  readonly documents: OpenDocuments;
  readonly paths: WorkspacePaths;
  readonly onStep?: (step: string) => void | Promise<void>;
}

/** Puts files, index, branches and HEAD back as they were before the last Apply; refused when later work stands on it. */
export async function undoRecord(records: string, ports: UndoPorts): Promise<{ ok: true; files: readonly string[] } | { ok: false; message: string }> {
  const record = await lastApplied(records);
  if (record?.begin === undefined) return { ok: false, message: 'There is nothing to undo: no changes were applied.' };
  const display = (absolute: string) => ports.paths.display(absolute) ?? absolute;
  const leaving = new Set(record.begin.files.filter((file) => file.before.kind === 'absent').map((file) => fileKey(file.absolute)));
  for (const file of record.begin.files) {
    const way = await wayProblem(file.absolute, { holdsFile: file.before.kind !== 'absent', leaving, paths: ports.paths });
    if (way !== undefined) return { ok: false, message: `${way}, so nothing was undone.` };
    if (ports.documents.dirtyText(file.absolute) !== undefined) return { ok: false, message: `'${display(file.absolute)}' has unsaved changes in an editor, so nothing was undone: save or revert it, then undo again.` };
    if (!(await canGoBack(file, record.begin, leaving))) {
      return { ok: false, message: `'${display(file.absolute)}' was changed since it was applied: undoing would lose that, so nothing was undone.` };
    }
  }
  for (const repository of record.begin.repositories) {
    const problem = await changedSince(repository, record, ports.git);
    if (problem !== undefined) return { ok: false, message: `${problem}, so nothing was undone.` };
  }
  try {
    await record.append({ kind: 'undo' });
  } catch (error) {
    if (record.unsure) return { ok: false, message: 'Nothing was undone yet: the disk takes nothing more, and whether it took note of this is only known when the window opens again; then it is wholly one way or the other.' };
    return { ok: false, message: `The disk takes no note of it (${error instanceof Error ? error.message : String(error)}), so nothing was undone: free some space, then undo again.` };
  }
  await ports.onStep?.('undo');
  const { left, failed } = await rollBack(record, { ...ports, force: false });
  if (failed.length > 0) return { ok: false, message: `Not everything could be undone yet: ${failed.join(', ')}. Make room or give access there, then undo again: the rest is done then. What the files held before is kept in ${record.directory}.` };
  try {
    await record.append({ kind: 'undone', left });
  } catch (error) {
    return { ok: false, message: `The files are as they were before, and the disk takes no note of that yet: ${error instanceof Error ? error.message : String(error)}. Free some space, then undo again.` };
  }
  await ports.onStep?.('undone');
  if (left.length > 0) return { ok: false, message: `Not everything could be undone: ${left.join(', ')}. What it held before is kept in ${record.directory}.` };
  return { ok: true, files: record.begin.files.map((file) => display(file.absolute)) };
}

async function canGoBack({ absolute, before, versions }: PlannedFile, { createdDirectories }: { readonly createdDirectories: readonly string[] }, leaving: ReadonlySet<string>): Promise<boolean> {
  const now = await contentOnDisk(absolute);
  const applied = versions.at(-1)!;
  if (now === 'directory') return applied.kind === 'absent' && (before.kind === 'absent' || makesRoom(absolute, leaving, createdDirectories));
  return now !== 'special' && sameContent(now, applied);
}

async function changedSince(planned: PlannedRepository, record: ApplyRecord, git: Git): Promise<string | undefined> {
  const repository = realRepository(planned, record, git);
  let ref = planned.ref;
  let head = planned.head;
  const made = new Map<string, string>();
  for (const line of record.lines) {
    if (!('root' in line) || line.root !== planned.root) continue;
    if (line.kind === 'committed') head = line.sha;
    if (line.kind === 'branch') {
      if (line.switch) ref = `refs/heads/${line.name}`;
      else made.set(`refs/heads/${line.name}`, line.at);
    }
  }
  const now = await repository.head();
  if (now.ref !== ref) return `'${planned.root}' is on another branch since the changes were applied`;
  if (now.commit !== head) return `There are later commits in '${planned.root}'`;
  for (const [name, at] of made) if ((await repository.resolve(name)) !== at) return `The branch '${name.replace('refs/heads/', '')}' was moved since it was created`;
  const index = record.lines.findLast((line) => line.kind === 'index' && line.root === planned.root);
  if (index?.kind === 'index' && (await repository.fingerprint()) !== index.fingerprintAfter) return `The index of '${planned.root}' was changed since`;
  return undefined;
}

function realRepository({ root, gitDirectory }: PlannedRepository, record: ApplyRecord, git: Git): RealRepository {
  return new RealRepository(git, { root, gitDirectory, commonDirectory: gitDirectory, objects: '', objectFormat: 'sha1' }, record.id);
}

async function lastApplied(records: string): Promise<ApplyRecord | undefined> {
  return (await ApplyRecord.all(records)).findLast((record) => record.begin !== undefined && record.lines.at(-1)?.kind === 'done');
}

/** It holds what files held, or what others made of them: somebody may still want that. */
function keepsSomething(record: ApplyRecord): boolean {
  return record.lines.some((line) => line.kind === 'rolledBack' && (line.left.length > 0 || (line.kept?.length ?? 0) > 0));
}
