import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { contentOnDisk, sameContent, type Content } from './content.js';
import { putContent, removeIfEmpty, temporaryOf } from './fileEffects.js';
import type { Git } from './gitCommand.js';
import { RealRepository } from './realRepository.js';
import type { ApplyRecord, PlannedRepository, RecordLine } from './record.js';

export interface RollBackOptions {
  /** Also puts back what is neither as it was nor as Apply made it: right while Apply still runs, since then a hook did it. */
  readonly force: boolean;
  /** Called after every single effect; tests end the process here. */
  readonly onStep?: (step: string) => void | Promise<void>;
}

/**
 * Takes an Apply back, from whatever point it reached; doing it twice is harmless.
 * @returns what was left as it is, because somebody else changed it since.
 */
export async function rollBack(record: ApplyRecord, git: Git, options: RollBackOptions): Promise<string[]> {
  const { begin } = record;
  if (begin === undefined) return [];
  const left: string[] = [];
  const attempt = async (what: string, task: () => Promise<boolean>) => {
    const done = await task().catch(() => false);
    if (!done) left.push(what);
    await options.onStep?.(`back: ${what}`);
  };
  for (const repository of begin.repositories) {
    await attempt(`the history of ${repository.root}`, () => restoreRepository(repository, record, git, options));
  }
  // What Apply created goes first, so that a directory may come back where a file is.
  for (const file of begin.files) {
    await rm(temporaryOf(file.absolute, record.id), { force: true }).catch(() => undefined);
    if (file.before.kind === 'absent') await attempt(file.absolute, () => restoreFile(file, record, options));
  }
  for (const directory of [...begin.createdDirectories].sort((a, b) => b.length - a.length)) await removeIfEmpty(directory).catch(() => undefined);
  for (const { absolute, mode } of [...begin.removedDirectories].reverse()) await mkdir(absolute, { recursive: true, mode }).catch(() => undefined);
  for (const file of begin.files) {
    if (file.before.kind !== 'absent') await attempt(file.absolute, () => restoreFile(file, record, options));
  }
  return left;
}

async function restoreFile(file: { absolute: string; before: Content; versions: readonly Content[] }, record: ApplyRecord, options: RollBackOptions): Promise<boolean> {
  const now = await contentOnDisk(file.absolute);
  if (typeof now === 'string') return now === 'directory' && file.before.kind === 'absent';
  if (!sameContent(now, file.before) && !options.force && !file.versions.some((version) => sameContent(version, now))) return false;
  await putContent(file.absolute, file.before, record.blobs, record.id);
  return true;
}

async function restoreRepository(planned: PlannedRepository, record: ApplyRecord, git: Git, options: RollBackOptions): Promise<boolean> {
  if (!existsSync(planned.gitDirectory)) return false;
  const place = { root: planned.root, gitDirectory: planned.gitDirectory, commonDirectory: planned.gitDirectory, objects: '', objectFormat: (planned.head?.length ?? 40) === 64 ? 'sha256' : 'sha1' };
  const repository = new RealRepository(git, place, record.id);
  await repository.sweep();
  const lines = record.lines.filter((line): line is Extract<RecordLine, { root: string }> => 'root' in line && line.root === planned.root);
  const historyBack = await restoreHistory(repository, planned, lines, options);
  const index = lines.findLast((line) => line.kind === 'index');
  if (index === undefined || !historyBack) return historyBack;
  const now = await repository.fingerprint();
  if (now !== index.fingerprintAfter && now !== index.fingerprintBefore && !options.force) return false;
  if (now === index.fingerprintBefore && !record.has('done')) return true;
  await repository.replaceIndex(index.before === undefined ? undefined : await record.blobs.get(index.before));
  return true;
}

async function restoreHistory(repository: RealRepository, planned: PlannedRepository, lines: readonly Extract<RecordLine, { root: string }>[], options: RollBackOptions): Promise<boolean> {
  const branches = lines.filter((line) => line.kind === 'branch');
  const now = await repository.head();
  const ownRefs = new Set([planned.ref ?? 'HEAD', ...branches.map((branch) => `refs/heads/${branch.name}`)]);
  const current = now.ref ?? 'HEAD';
  const switched = branches.some((branch) => branch.switch && current === `refs/heads/${branch.name}`);
  if (current !== (planned.ref ?? 'HEAD') && !switched) return lines.every((line) => line.kind === 'index');
  for (const ref of ownRefs) {
    const isNew = ref !== (planned.ref ?? 'HEAD');
    if (!isNew && ref === 'HEAD' && now.ref !== undefined) continue;
    const at = await repository.resolve(ref);
    const before = isNew ? undefined : planned.head;
    if (at === before || at === undefined) continue;
    if (!(await isOurs(repository, at, planned.head, lines, options))) return false;
  }
  if (switched) {
    if (planned.ref !== undefined) await repository.setHead(planned.ref);
    else await repository.detach(planned.head!);
    await options.onStep?.('back: HEAD');
  }
  for (const ref of ownRefs) {
    const isNew = ref !== (planned.ref ?? 'HEAD');
    const at = await repository.resolve(ref);
    const before = isNew ? undefined : planned.head;
    if (at === before || at === undefined) continue;
    await repository.setRef(ref, before, at);
    await options.onStep?.(`back: ${ref}`);
  }
  return true;
}

/** True when nothing stands on top of what Apply made: every commit down to where it began is one of the record's. */
async function isOurs(repository: RealRepository, at: string, began: string | undefined, lines: readonly Extract<RecordLine, { root: string }>[], options: RollBackOptions): Promise<boolean> {
  const made = new Set(lines.flatMap((line) => (line.kind === 'committed' ? [line.sha] : [])));
  const meant = lines.filter((line) => line.kind === 'commit');
  for (let commit: string | undefined = at; commit !== began; commit = await repository.parentOf(commit)) {
    if (commit === undefined) return began === undefined;
    if (made.has(commit) || options.force) continue;
    const [tree, parent] = [await repository.treeOf(commit), await repository.parentOf(commit)];
    if (!meant.some((line) => line.tree === tree && line.parent === parent)) return false;
  }
  return true;
}
