import { access, constants, lstat } from 'node:fs/promises';
import path from 'node:path';
import type { OpenDocuments } from '../../catalog/workspace.js';
import type { Conflict } from './changeSet.js';
import { contentOnDisk, sameContent, sameMode, type Content } from './content.js';
import { readOnlyEnvironment, readOnlySettings, type Git } from './gitCommand.js';
import { staying } from './leftOut.js';
import { fileKey, type WorkspacePaths } from './paths.js';
import type { Repositories, RepositoryPlace } from './repositories.js';
import { inProgress } from './stagedGit.js';
import type { StagedSet } from './stagedSet.js';
import type { FileVersion, RepositoryBase, StagedOperation } from './stagedState.js';
import { existingAbove, makesRoom, wayProblem } from './way.js';

export interface FilePlan {
  readonly absolute: string;
  readonly display: string;
  /** What it must be on disk for Apply to go on. */
  readonly base: Content;
  /** What each commit wants it to be, and at last what stays. Equal neighbours are one. */
  readonly versions: readonly Content[];
}

export interface RepositoryPlan {
  readonly place: RepositoryPlace;
  readonly name: string;
  readonly base: RepositoryBase;
  readonly operations: readonly StagedOperation[];
  readonly index: readonly FileVersion[];
}

export interface ApplyPlan {
  readonly files: readonly FilePlan[];
  readonly repositories: readonly RepositoryPlan[];
  readonly removedDirectories: readonly string[];
}

/** What Apply will do: everything staged, less what the developer left out. */
export async function planOf(set: StagedSet, paths: WorkspacePaths, repositories: Repositories): Promise<ApplyPlan> {
  const entries = set.staged.all();
  const excluded = new Set(entries.filter((entry) => entry.excluded).map((entry) => fileKey(entry.absolute)));
  const kept = <T extends FileVersion>(files: readonly T[]) => files.filter((file) => !excluded.has(fileKey(file.absolute)));
  const operations = set.operations.flatMap((operation): StagedOperation[] => {
    if (operation.kind === 'branch') return [operation];
    const files = kept(operation.files);
    return files.length === 0 ? [] : [{ ...operation, files }];
  });
  const index = kept(set.index);
  const remaining = new Set(staying({ entries, removedDirectories: set.removedDirectories }));

  const files = new Map<string, { absolute: string; base: Content; versions: Content[] }>();
  for (const entry of entries) {
    if (!entry.excluded) files.set(fileKey(entry.absolute), { absolute: entry.absolute, base: entry.base, versions: [] });
  }
  for (const operation of operations) {
    if (operation.kind !== 'commit') continue;
    for (const file of operation.files) {
      if (file.content.kind === 'head') continue;
      const key = fileKey(file.absolute);
      // A file the set does not edit must be on disk what the commit holds.
      const plan = files.get(key) ?? { absolute: file.absolute, base: file.content, versions: [] };
      files.set(key, plan);
      if (plan.versions.length === 0 || !sameContent(plan.versions.at(-1)!, file.content)) plan.versions.push(file.content);
    }
  }
  for (const file of index) {
    const key = fileKey(file.absolute);
    if (file.content.kind !== 'head' && !files.has(key)) files.set(key, { absolute: file.absolute, base: file.content, versions: [] });
  }
  for (const entry of entries) {
    const plan = files.get(fileKey(entry.absolute));
    if (plan !== undefined && (plan.versions.length === 0 || !sameContent(plan.versions.at(-1)!, entry.staged))) plan.versions.push(entry.staged);
  }

  const roots = [...new Set([...operations, ...index].map((one) => one.root))];
  return {
    files: [...files.values()].map((file) => ({ ...file, versions: file.versions.length === 0 ? [file.base] : file.versions, display: paths.display(file.absolute) ?? file.absolute })),
    repositories: await Promise.all(roots.map(async (root) => ({
      place: await repositories.place(root), name: repositories.nameOf(root),
      base: set.repositories.find((one) => one.root === root) ?? { root },
      operations: operations.filter((one) => one.root === root), index: index.filter((one) => one.root === root),
    }))),
    removedDirectories: set.removedDirectories.filter((directory) => !remaining.has(directory)),
  };
}

/** The three-way check: every file must be what it was when it was staged, or what it shall be already. */
export async function conflictsOf(plan: ApplyPlan, documents: OpenDocuments, paths: WorkspacePaths): Promise<readonly Conflict[]> {
  const conflicts: Conflict[] = [];
  const leaving = new Set(plan.files.filter((file) => file.versions[0]!.kind === 'absent').map((file) => fileKey(file.absolute)));
  for (const file of plan.files) {
    const way = await wayProblem(file.absolute, { holdsFile: file.versions.some((version) => version.kind !== 'absent'), leaving, paths });
    const conflict = way !== undefined ? { reason: 'changed' as const, message: `${way}.` }
      : await conflictOf(file, documents, async () => makesRoom(file.absolute, leaving, plan.removedDirectories));
    if (conflict !== undefined) conflicts.push({ path: file.display, ...conflict });
  }
  return conflicts;
}

async function conflictOf(file: FilePlan, documents: OpenDocuments, makesRoom: () => Promise<boolean>): Promise<Omit<Conflict, 'path'> | undefined> {
  const name = file.display;
  if (documents.dirtyText(file.absolute) !== undefined) {
    return { reason: 'dirty', message: `'${name}' has unsaved changes in an editor: save or revert it, then apply again.` };
  }
  const now = await contentOnDisk(file.absolute);
  const final = file.versions.at(-1)!;
  if (now === 'special') return { reason: 'changed', message: `'${name}' is a special file now.` };
  if (now === 'directory') {
    if (file.base.kind === 'absent' && (final.kind === 'absent' || (await makesRoom()))) return undefined;
    return { reason: file.base.kind === 'absent' ? 'exists' : 'changed', message: `'${name}' is a directory now.` };
  }
  if (!sameContent(now, file.base)) {
    if (sameContent(now, final) && file.versions.length === 1) return undefined;
    if (file.base.kind === 'absent') return { reason: 'exists', message: `'${name}' has come to exist since it was staged.` };
    if (now.kind === 'absent') return { reason: 'missing', message: `'${name}' was deleted since it was staged.` };
    return { reason: 'changed', message: `'${name}' was changed on disk since it was staged.` };
  }
  if (file.versions.every((version) => sameContent(version, now) && sameMode(version, now))) return undefined;
  if (now.kind === 'file' && (now.mode & 0o222) === 0) return { reason: 'readonly', message: `'${name}' is read-only: make it writable, then apply again.` };
  const allowed = await access(await existingAbove(file.absolute), constants.W_OK).then(() => true, () => false);
  return allowed ? undefined : { reason: 'readonly', message: `'${name}' is in a directory that cannot be written to.` };
}

/** A sentence when a repository is not where staging left it; undefined when Apply may go on. */
export async function repositoryProblem(plan: RepositoryPlan, git: Git): Promise<string | undefined> {
  const options = { cwd: plan.place.root, env: readOnlyEnvironment };
  const middle = inProgress(plan.place.gitDirectory);
  if (middle !== undefined) return `The repository '${plan.name}' is in the middle of a ${middle}: finish or abort it, then apply again.`;
  if ((await lstat(path.join(plan.place.gitDirectory, 'index.lock')).catch(() => undefined)) !== undefined) {
    return `Another git process is at work in '${plan.name}' (index.lock exists): let it end, then apply again.`;
  }
  const ref = await git.run([...readOnlySettings, 'symbolic-ref', '-q', 'HEAD'], options);
  const now = ref.code === 0 ? ref.stdout.toString().trim() : undefined;
  const short = (name: string | undefined) => (name === undefined ? 'a detached HEAD' : `'${name.replace('refs/heads/', '')}'`);
  if (now !== plan.base.ref) return `'${plan.name}' is on ${short(now)} now, and the changes were staged on ${short(plan.base.ref)}: switch back, then apply again.`;
  const head = await git.run([...readOnlySettings, 'rev-parse', '-q', '--verify', 'HEAD^{commit}'], options);
  const commit = head.code === 0 ? head.stdout.toString().trim() : undefined;
  if (commit !== plan.base.commit && plan.base.commit !== undefined) {
    const later = commit === undefined ? 1 : (await git.run([...readOnlySettings, 'merge-base', '--is-ancestor', plan.base.commit, commit], options)).code;
    if (later !== 0) return `The history of '${plan.name}' was rewritten since the changes were staged: discard them, or bring commit ${plan.base.commit.slice(0, 10)} back.`;
  }
  for (const operation of plan.operations) {
    if (operation.kind !== 'branch') continue;
    const taken = await git.run([...readOnlySettings, 'rev-parse', '-q', '--verify', `refs/heads/${operation.name}`], options);
    if (taken.code === 0) return `The branch '${operation.name}' has come to exist in '${plan.name}' since it was staged.`;
  }
  return undefined;
}
