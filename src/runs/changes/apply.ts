import { chmod, lstat } from 'node:fs/promises';
import { GitError, type OpenDocuments } from '../../catalog/workspace.js';
import { conflictsOf, planOf, repositoryProblem, type ApplyPlan, type FilePlan, type RepositoryPlan } from './applyPlan.js';
import type { Blobs } from './blobs.js';
import type { ApplyOutcome } from './changeSet.js';
import { contentOnDisk, sameContent, type Content } from './content.js';
import { directoriesBelow, missingDirectories, putContent, removeIfEmpty } from './fileEffects.js';
import type { Git } from './gitCommand.js';
import { fileKey, type WorkspacePaths } from './paths.js';
import { RealRepository } from './realRepository.js';
import { ApplyRecord } from './record.js';
import type { Repositories } from './repositories.js';
import { rollBack } from './rollback.js';
import type { StagedSet } from './stagedSet.js';
import type { FileVersion } from './stagedState.js';

export interface ApplyPorts {
  readonly paths: WorkspacePaths;
  readonly documents: OpenDocuments;
  readonly git: Git;
  readonly repositories: Repositories;
  /** Directory of the write-ahead records. */
  readonly records: string;
  /** Called before and after every single effect; tests end the process here. */
  readonly onStep?: (step: string) => void | Promise<void>;
}

type Made = { readonly sha: string; readonly message: string; readonly repository: string };

/** All of a change set, or nothing: every effect is told to the record first, and any failure takes everything back. */
export async function applySet(set: StagedSet, ports: ApplyPorts): Promise<ApplyOutcome> {
  const plan = await planOf(set, ports.paths, ports.repositories);
  const conflicts = await conflictsOf(plan, ports.documents);
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
    await record.append({ kind: 'done', commits });
    await ports.onStep?.('done');
    for (const repository of plan.repositories) await new RealRepository(ports.git, repository.place, record.id).sweep();
    return { ok: true, files: set.files.filter((file) => !file.excluded).map((file) => file.path), commits };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const left = await rollBack(record, ports.git, { force: true, onStep: ports.onStep });
    if (record.begin === undefined) await record.remove();
    else await record.append({ kind: 'rolledBack', reason, left });
    const leftover = left.length === 0 ? 'Everything was put back as it was.' : `Not everything could be put back: ${left.join(', ')}. What they held is kept in ${record.directory}.`;
    return { ok: false, message: `Nothing was applied: ${reason}\n${leftover}`, conflicts: [] };
  }
}

/** Stores everything needed to take it back, and says so, before anything is touched. */
async function begin(record: ApplyRecord, set: StagedSet, plan: ApplyPlan, ports: ApplyPorts): Promise<void> {
  const created = new Set<string>();
  const files = [];
  for (const file of plan.files) {
    const before = await contentOnDisk(file.absolute, record.blobs, { durable: true });
    if (before === 'special') throw new Error(`'${file.display}' is a special file now.`);
    for (const directory of await missingDirectories(file.absolute)) created.add(directory);
    files.push({ absolute: file.absolute, before: before === 'directory' ? { kind: 'absent' as const } : before, versions: file.versions });
  }
  const removed = (await Promise.all(plan.removedDirectories.map(directoriesBelow))).flat();
  const repositories = await Promise.all(plan.repositories.map(async ({ place }) => {
    const head = await new RealRepository(ports.git, place, record.id).head();
    return { root: place.root, gitDirectory: place.gitDirectory, ref: head.ref, head: head.commit };
  }));
  const commits = set.commits.length;
  const summary = `${set.files.filter((file) => !file.excluded).length} files${commits === 0 ? '' : `, ${commits} commit${commits === 1 ? '' : 's'}`}`;
  await record.append({ kind: 'begin', version: 1, changeSet: set.id, at: Date.now(), summary, files, createdDirectories: [...created], removedDirectories: removed, repositories });
  await ports.onStep?.('begin');
}

class Application {
  private phase = 0;
  private readonly files: Map<string, FilePlan>;

  constructor(private readonly record: ApplyRecord, private readonly plan: ApplyPlan, private readonly blobs: Blobs, private readonly ports: ApplyPorts) {
    this.files = new Map(plan.files.map((file) => [fileKey(file.absolute), file]));
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
    await this.record.append({ kind: 'files', phase: this.phase++ });
    await this.ports.onStep?.('files');
    for (const file of due) if (file.content.kind === 'absent') await this.put(file.absolute, file.content);
    for (const directory of directories) await removeIfEmpty(directory.absolute);
    for (const file of due) if (file.content.kind !== 'absent') await this.put(file.absolute, file.content);
  }

  private async put(absolute: string, content: Content): Promise<void> {
    await putContent(absolute, content, this.blobs, this.record.id);
    await this.ports.onStep?.('put');
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
      if (typeof now === 'string' || !sameContent(now, content)) {
        throw new GitError(`${who} '${this.files.get(fileKey(absolute))?.display ?? absolute}' while the changes were applied, so it is not what was reviewed.`);
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
    const stored = before === undefined ? undefined : await this.record.blobs.put(before, { durable: true });
    await this.record.append({ kind: 'index', root: plan.place.root, before: stored, fingerprintBefore, fingerprintAfter });
    await this.ports.onStep?.('index');
    await repository.adoptIndex(next);
    await this.ports.onStep?.('index replaced');
  }
}
