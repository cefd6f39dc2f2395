import { chmod, lstat } from 'node:fs/promises';
import { GitError, type OpenDocuments } from '../../catalog/workspace.js';
import { conflictsOf, planOf, repositoryProblem, type ApplyPlan, type FilePlan, type RepositoryPlan } from './applyPlan.js';
import type { Blobs } from './blobs.js';
import type { ApplyOutcome } from './changeSet.js';
import { contentOnDisk, sameContent, type Content } from './content.js';
import { contentsOf, contentsText, othersText } from './contents.js';
import { Overtaken, directoriesBelow, missingDirectories, prepareContent, putContent, removeIfEmpty, settleDirectories } from './fileEffects.js';
import type { Git } from './gitCommand.js';
import { fileKey, type WorkspacePaths } from './paths.js';
import { RealRepository } from './realRepository.js';
import { ApplyRecord, type KeptFile } from './record.js';
import type { Repositories } from './repositories.js';
import { rollBack, touchedPlaces } from './rollback.js';
import type { StagedSet } from './stagedSet.js';
import type { FileVersion } from './stagedState.js';
import { existingAbove, leadsTo } from './way.js';

export interface ApplyPorts {
  readonly paths: WorkspacePaths;
  readonly documents: OpenDocuments;
  readonly git: Git;
  readonly repositories: Repositories;
  /** Directory of the write-ahead records. */
  readonly records: string;
  /** Called when everything is done, and before it is said to be: what it throws takes everything back. */
  readonly beforeDone?: () => Promise<void>;
  /** Called before and after every single effect; tests end the process here. */
  readonly onStep?: (step: string) => void | Promise<void>;
}

type Made = { readonly sha: string; readonly message: string; readonly repository: string };

/** All of a change set, or nothing: every effect is told to the record first, and any failure takes everything back. */
export async function applySet(set: StagedSet, ports: ApplyPorts): Promise<ApplyOutcome> {
  const plan = await planOf(set, ports.paths, ports.repositories);
  if (plan.files.length + plan.repositories.length + plan.removedDirectories.length === 0) return { ok: false, message: 'Nothing was applied: everything is left out. Include what shall be applied, or discard it.', conflicts: [] };
  const conflicts = await conflictsOf(plan, ports.documents, ports.paths);
  if (conflicts.length > 0) {
    const more = conflicts.length > 1 ? ` (and ${conflicts.length - 1} more)` : '';
    return { ok: false, message: `Nothing was applied: ${conflicts[0]!.message}${more}`, conflicts };
  }
  for (const repository of plan.repositories) {
    const problem = await repositoryProblem(repository, ports.git);
    if (problem !== undefined) return { ok: false, message: `Nothing was applied: ${problem}`, conflicts: [] };
  }

  const record = await ApplyRecord.create(ports.records);
  try {
    await begin(record, set, plan, ports);
    const commits = await new Application(record, plan, set.blobs, ports).run();
    await settleDirectories(touchedPlaces(record.begin!));
    await ports.beforeDone?.();
    await record.append({ kind: 'done', commits });
    await ports.onStep?.('done');
    for (const repository of plan.repositories) await new RealRepository(ports.git, repository.place, record.id).sweep().catch(() => undefined);
    const others = othersText(contentsOf(set));
    return { ok: true, files: set.files.filter((file) => !file.excluded).map((file) => file.path), commits, ...(others !== undefined && { others }) };
  } catch (error) {
    // The last line may be on the disk whatever came back of writing it: then it was applied.
    if (record.has('done')) throw error;
    const { message, kept } = await takeBack(record, error, ports);
    const madeOf = kept.map(({ absolute, at }) => ({ path: ports.paths.display(absolute) ?? absolute, at }));
    return { ok: false, message: `The changes could not be applied: ${error instanceof Error ? error.message : String(error)}\n${message}`, conflicts: [], ...(madeOf.length > 0 && { kept: madeOf }) };
  }
}

/** Takes back what a failed Apply did. What fails of that is tried again before anything else is applied or undone. */
async function takeBack(record: ApplyRecord, error: unknown, ports: ApplyPorts): Promise<{ readonly message: string; readonly kept: readonly KeptFile[] }> {
  if (record.begin === undefined) {
    await record.remove().catch(() => undefined);
    return { message: 'Everything is as it was.', kept: [] };
  }
  const reason = error instanceof Error ? error.message : String(error);
  // It may be said to be whole on the disk: then it must not be half.
  if (record.unsure) return { message: `Whether it was could not be noted, nor can it be put back yet: the disk takes nothing more. It is settled when the window opens again, wholly one way or the other.`, kept: [] };
  // Once git has run, a hook may have changed files: those go back too. Before that, it was a person.
  const { left, failed, kept } = await rollBack(record, { git: ports.git, paths: ports.paths, force: record.has('git'), onStep: ports.onStep });
  const ended = failed.length === 0 && (await record.append({ kind: 'rolledBack', reason, left, ...(kept.length > 0 && { kept }) }).then(() => true, () => false));
  return { message: [backText(record, { left, failed, ended }), ...keptText(record, kept, ports)].join(' '), kept };
}

function keptText({ directory }: ApplyRecord, kept: readonly KeptFile[], { paths }: ApplyPorts): readonly string[] {
  // A place each is more than anybody reads.
  if (kept.length > 2) return [`What a hook, or somebody meanwhile, had made of ${kept.length} files is kept below ${directory}.`];
  return kept.map(({ absolute, at }) => `What a hook, or somebody meanwhile, had made of '${paths.display(absolute) ?? absolute}' is kept as ${at}.`);
}

function backText({ directory }: ApplyRecord, { left, failed, ended }: { readonly left: readonly string[]; readonly failed: readonly string[]; readonly ended: boolean }): string {
  if (failed.length > 0) return `Not everything could be put back yet: ${failed.join(', ')}. It is tried again before the next Apply and when the window opens; until then, what they held is kept in ${directory}.`;
  if (left.length > 0) return `Everything else was put back as it was; what somebody else changed meanwhile was left: ${left.join(', ')}.`;
  return ended ? 'Everything was put back as it was.' : 'Everything was put back as it was, which the disk takes no note of yet: free some space.';
}

/** Stores everything needed to take it back, and says so, before anything is touched. */
async function begin(record: ApplyRecord, set: StagedSet, plan: ApplyPlan, ports: ApplyPorts): Promise<void> {
  const created = new Set<string>();
  const files = [];
  for (const file of plan.files) {
    const before = await contentOnDisk(file.absolute, record.blobs);
    if (before === 'special') throw new Error(`'${file.display}' is a special file now.`);
    // What conflicts were looked for in may have changed since.
    if (before !== 'directory' && !sameContent(before, file.base) && !(file.versions.length === 1 && sameContent(before, file.versions[0]!))) throw new Error(`'${file.display}' was changed on disk just now.`);
    for (const directory of await missingDirectories(file.absolute)) created.add(directory);
    files.push({ absolute: file.absolute, before: before === 'directory' ? { kind: 'absent' as const } : before, versions: file.versions });
  }
  const removed = (await Promise.all(plan.removedDirectories.map(directoriesBelow))).flat();
  const repositories = await Promise.all(plan.repositories.map(async ({ place }) => {
    const head = await new RealRepository(ports.git, place, record.id).head();
    return { root: place.root, gitDirectory: place.gitDirectory, ref: head.ref, head: head.commit };
  }));
  await record.blobs.settle();
  const summary = contentsText(contentsOf(set, { included: true }));
  await record.append({ kind: 'begin', version: 1, changeSet: set.id, at: Date.now(), summary, files, createdDirectories: [...created], removedDirectories: removed, repositories });
  await ports.onStep?.('begin');
}

class Application {
  private phase = 0;
  private readonly files: Map<string, FilePlan>;
  /** What each file holds as far as Apply knows: what it was, or what was put there last. */
  private readonly expected: Map<string, Content>;

  constructor(private readonly record: ApplyRecord, private readonly plan: ApplyPlan, private readonly blobs: Blobs, private readonly ports: ApplyPorts) {
    this.files = new Map(plan.files.map((file) => [fileKey(file.absolute), file]));
    this.expected = new Map(record.begin!.files.map((file) => [fileKey(file.absolute), file.before]));
  }

  async run(): Promise<Made[]> {
    await this.putFiles(this.plan.files.map((file) => ({ absolute: file.absolute, content: file.versions[0]! })), true);
    const commits: Made[] = [];
    for (const repository of this.plan.repositories) commits.push(...(await this.operate(repository)));
    await this.putFiles(this.plan.files.map((file) => ({ absolute: file.absolute, content: file.versions.at(-1)! })), false);
    for (const repository of this.plan.repositories) await this.replaceIndex(repository);
    await this.mustHold(this.plan.files.map((file) => ({ absolute: file.absolute, content: file.versions.at(-1)! })), 'Something changed');
    return commits;
  }

  /** Deletions first, so that a file may take the place of a directory. */
  private async putFiles(files: readonly { absolute: string; content: Content }[], first: boolean): Promise<void> {
    const due = [];
    for (const file of files) {
      const now = await contentOnDisk(file.absolute);
      if (typeof now === 'string' || !sameContent(now, file.content) || (now.kind === 'file' && file.content.kind === 'file' && now.mode !== file.content.mode)) due.push(file);
    }
    const directories = first ? this.record.begin!.removedDirectories : [];
    if (due.length === 0 && directories.length === 0) return;
    await this.prepare(due);
    await this.record.append({ kind: 'files', phase: this.phase++ });
    await this.ports.onStep?.('files');
    for (const file of due) if (file.content.kind === 'absent') await this.put(file.absolute, file.content);
    for (const directory of directories) await removeIfEmpty(directory.absolute);
    for (const file of due) if (file.content.kind !== 'absent') await this.put(file.absolute, file.content);
  }

  /** A disk that is full says so here, before any file has changed. What is below a file that has to go first comes later. */
  private async prepare(files: readonly { absolute: string; content: Content }[]): Promise<void> {
    for (const { absolute, content } of files) {
      this.mustLeadTo(absolute);
      if ((await lstat(await existingAbove(absolute))).isDirectory()) await prepareContent(absolute, content, this.blobs, this.record.id);
    }
  }

  private async put(absolute: string, content: Content): Promise<void> {
    const key = fileKey(absolute);
    this.mustLeadTo(absolute);
    await putContent(absolute, content, this.expected.get(key) ?? content, this.blobs, this.record.id).catch((error: unknown) => {
      throw error instanceof Overtaken ? new Error(`'${this.display(absolute)}' was about to be written when it was found changed: ${error.message}.`) : error;
    });
    this.expected.set(key, content);
    await this.ports.onStep?.('put');
  }

  private mustLeadTo(absolute: string): void {
    if (!leadsTo(absolute, this.ports.paths)) throw new Error(`'${this.display(absolute)}' leads elsewhere now: a directory above it became a link.`);
  }

  private display(absolute: string): string {
    return this.files.get(fileKey(absolute))?.display ?? absolute;
  }

  private async operate(plan: RepositoryPlan): Promise<Made[]> {
    const made: Made[] = [];
    const repository = new RealRepository(this.ports.git, plan.place, this.record.id);
    for (const operation of plan.operations) {
      if (operation.kind === 'branch') {
        const at = await repository.resolve('HEAD');
        if (at === undefined) throw new GitError('There is no commit a branch could point at.');
        await this.record.append({ kind: 'branch', root: plan.place.root, name: operation.name, at, switch: operation.switch });
        await this.ports.onStep?.('branch');
        await repository.createBranch(operation.name, at, operation.switch);
        await this.ports.onStep?.('branched');
      } else {
        const sha = await this.commit(repository, operation.files, operation.message);
        if (sha !== undefined) made.push({ sha, message: operation.message, repository: operation.repository });
      }
    }
    return made;
  }

  private async commit(repository: RealRepository, files: readonly FileVersion[], message: string): Promise<string | undefined> {
    const contents = files.flatMap(({ absolute, content }) => (content.kind === 'head' ? [] : [{ absolute, content }]));
    await this.putFiles(contents, false);
    const { index, tree, parent } = await repository.prepareCommit(files, this.blobs);
    // What was left out, or committed by the developer meanwhile, may have been all of it.
    if (parent !== undefined && (await repository.treeOf(parent)) === tree) return undefined;
    await this.record.append({ kind: 'commit', root: repository.place.root, parent, tree });
    await this.ports.onStep?.('commit');
    await repository.commit(index, message, async (pid) => this.record.append({ kind: 'git', root: repository.place.root, pid }));
    await this.ports.onStep?.('committed');
    const sha = await repository.resolve('HEAD');
    if (sha === undefined || sha === parent) throw new GitError('git commit ended well and made no commit.');
    await this.record.append({ kind: 'committed', root: repository.place.root, sha });
    await this.ports.onStep?.('committed record');
    const actual = await repository.treeOf(sha);
    if (actual !== tree || (await repository.parentOf(sha)) !== parent) {
      const names = await repository.filesBetween(tree, actual);
      throw new GitError(`A commit hook changed what is committed (${names.slice(0, 5).join(', ') || 'the commit itself'}), so it is not what was reviewed. Run the hook's changes first, or turn the hook off.`);
    }
    await this.mustHold(contents, 'A commit hook changed');
    return sha;
  }

  /** What was reviewed, and nothing else, must be on disk. */
  private async mustHold(files: readonly { absolute: string; content: Content }[], who: string): Promise<void> {
    for (const { absolute, content } of files) {
      const now = await contentOnDisk(absolute);
      // Where no file shall be, a directory may have come.
      if (now === 'directory' && content.kind === 'absent') continue;
      if (typeof now === 'string' || !sameContent(now, content)) {
        throw new GitError(`${who} '${this.display(absolute)}' while the changes were applied, so it is not what was reviewed.`);
      }
      if (now.kind === 'file' && content.kind === 'file' && now.mode !== content.mode && (await lstat(absolute)).isFile()) await chmod(absolute, content.mode);
    }
  }

  /** The developer's index keeps its own entries; the committed and staged files become what they are now. */
  private async replaceIndex(plan: RepositoryPlan): Promise<void> {
    const versions = new Map<string, FileVersion>();
    for (const operation of plan.operations) if (operation.kind === 'commit') for (const file of operation.files) versions.set(fileKey(file.absolute), file);
    for (const file of plan.index) versions.set(fileKey(file.absolute), file);
    if (versions.size === 0) return;
    const repository = new RealRepository(this.ports.git, plan.place, this.record.id);
    const { next, before, fingerprintBefore, fingerprintAfter } = await repository.prepareIndex([...versions.values()], this.blobs);
    const stored = before === undefined ? undefined : await this.record.blobs.put(before);
    await this.record.blobs.settle();
    await this.record.append({ kind: 'index', root: plan.place.root, before: stored, fingerprintBefore, fingerprintAfter });
    await this.ports.onStep?.('index');
    await repository.adoptIndex(next);
    await this.ports.onStep?.('index replaced');
  }
}
