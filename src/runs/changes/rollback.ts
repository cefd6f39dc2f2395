import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { contentOnDisk, sameContent, type Content } from './content.js';
import { Overtaken, putContent, removeIfEmpty, settleDirectories, temporaryOf } from './fileEffects.js';
import type { Git } from './gitCommand.js';
import type { WorkspacePaths } from './paths.js';
import { RealRepository } from './realRepository.js';
import type { ApplyRecord, KeptFile, PlannedRepository, RecordLine } from './record.js';
import { leadsTo } from './way.js';

export interface RollBackOptions {
  readonly git: Git;
  readonly paths: WorkspacePaths;
  /**
   * Also puts back what is neither as it was nor as Apply made it: right while Apply still runs, since then a hook did it,
   * or somebody while it ran. What stood there is kept beside the record.
   */
  readonly force: boolean;
  /** Called after every single effect; tests end the process here. */
  readonly onStep?: (step: string) => void | Promise<void>;
}

export interface TakenBack {
  /** Left as it is, because somebody else changed it since. */
  readonly left: readonly string[];
  /** Should have been put back, and could not: to be tried again. */
  readonly failed: readonly string[];
  /** Put back, over what is kept. */
  readonly kept: readonly KeptFile[];
}

/** Takes an Apply back, from whatever point it reached; doing it twice is harmless. */
export async function rollBack(record: ApplyRecord, options: RollBackOptions): Promise<TakenBack> {
  const { begin } = record;
  if (begin === undefined) return { left: [], failed: [], kept: [] };
  const left: string[] = [];
  const failed: string[] = [];
  const kept: KeptFile[] = [];
  const attempt = async (what: string, task: () => Promise<boolean>) => {
    const done = await task().catch((error: unknown) => (error instanceof Overtaken ? false : `${what} (${reasonOf(error)})`));
    if (done === false) left.push(what);
    else if (done !== true) failed.push(done);
    await options.onStep?.(`back: ${what}`);
  };
  for (const repository of begin.repositories) {
    await attempt(`the history of ${repository.root}`, () => restoreRepository(repository, record, options));
  }
  // What Apply created goes first, so that a directory may come back where a file is.
  for (const file of begin.files) {
    if (reaches(file.absolute, options)) await removePrepared(file.absolute, record).catch((error: unknown) => failed.push(`what was prepared for ${file.absolute} (${reasonOf(error)})`));
    if (file.before.kind === 'absent') await attempt(file.absolute, () => restoreFile(file, record, options, kept));
  }
  for (const directory of [...begin.createdDirectories].sort((a, b) => b.length - a.length)) await removeIfEmpty(directory).catch((error: unknown) => failed.push(`${directory} (${reasonOf(error)})`));
  for (const { absolute, mode } of [...begin.removedDirectories].reverse()) await makeAgain(absolute, mode).catch((error: unknown) => failed.push(`${absolute} (${reasonOf(error)})`));
  for (const file of begin.files) {
    if (file.before.kind !== 'absent') await attempt(file.absolute, () => restoreFile(file, record, options, kept));
  }
  await settleDirectories(touchedPlaces(begin)).catch((error: unknown) => failed.push(reasonOf(error)));
  return { left, failed, kept };
}

async function removePrepared(absolute: string, record: ApplyRecord): Promise<void> {
  await rm(temporaryOf(absolute, record.id), { force: true }).catch((error: NodeJS.ErrnoException) => {
    // Where a file stands in place of its directory, it cannot be.
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  });
}

async function makeAgain(directory: string, mode: number): Promise<void> {
  await mkdir(directory, { recursive: true, mode }).catch((error: NodeJS.ErrnoException) => {
    // Somebody put a file there since: that is theirs.
    if (error.code !== 'EEXIST' && error.code !== 'ENOTDIR') throw error;
  });
}

/** Every place at which an Apply may add or remove a name. */
export function touchedPlaces(begin: RecordLine & { kind: 'begin' }): string[] {
  return [...begin.files, ...begin.removedDirectories].map((one) => one.absolute).concat(begin.createdDirectories);
}

/** A link that came meanwhile must not lead what is put back to another place. Folders that are not open any more are not known. */
function reaches(absolute: string, { paths }: RollBackOptions): boolean {
  return paths.display(absolute) === undefined || leadsTo(absolute, paths);
}

async function restoreFile(file: { absolute: string; before: Content; versions: readonly Content[] }, record: ApplyRecord, options: RollBackOptions, kept: KeptFile[]): Promise<boolean> {
  if (!record.touchesFiles) return true;
  if (!reaches(file.absolute, options)) return false;
  const now = await contentOnDisk(file.absolute);
  if (typeof now === 'string') return now === 'directory' && file.before.kind === 'absent';
  if (![file.before, ...file.versions].some((known) => sameContent(known, now))) {
    if (!options.force) return false;
    const at = await keep(file.absolute, now, record, options);
    if (at !== undefined) kept.push({ absolute: file.absolute, at });
  }
  await putContent(file.absolute, file.before, now, record.blobs, record.id);
  return true;
}

/** Where what stands at a place is kept from now on, under its own name; undefined where nothing stands there. */
async function keep(absolute: string, now: Content, record: ApplyRecord, { paths }: RollBackOptions): Promise<string | undefined> {
  if (now.kind === 'absent') return undefined;
  const at = path.join(record.directory, 'kept', ...(paths.display(absolute) ?? path.basename(absolute)).split('/'));
  await mkdir(path.dirname(at), { recursive: true });
  const file = await open(at, 'w');
  try {
    await file.writeFile(now.kind === 'link' ? now.target : await readFile(absolute));
    await file.sync();
  } finally {
    await file.close();
  }
  return at;
}

async function restoreRepository(planned: PlannedRepository, record: ApplyRecord, options: RollBackOptions): Promise<boolean> {
  if (!existsSync(planned.gitDirectory)) return false;
  const place = { root: planned.root, gitDirectory: planned.gitDirectory, commonDirectory: planned.gitDirectory, objects: '', objectFormat: (planned.head?.length ?? 40) === 64 ? 'sha256' : 'sha1' };
  const repository = new RealRepository(options.git, place, record.id);
  await repository.sweep();
  if (!record.lines.some((line) => 'root' in line && line.root === planned.root)) return true;
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
