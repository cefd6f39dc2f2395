import type { ChangeSetId, ConversationId, RunId } from '../../ids.js';
import type { Emitter } from '../../lifecycle/event.js';
import { PathError } from '../../catalog/workspace.js';
import type { Blobs } from './blobs.js';
import type { ApplyOutcome, ChangeSet, ChangeSetState, Differences, StagedCommit, StagedFile } from './changeSet.js';
import { sameContent, sameMode, type Content } from './content.js';
import { differencesOf } from './differences.js';
import { isLeftOut } from './leftOut.js';
import { lineCounts } from './lineCounts.js';
import { fileKey, type WorkspacePaths } from './paths.js';
import type { Queue } from './queue.js';
import { StagedFiles } from './stagedFiles.js';
import { emptyState, isEmpty, type FileVersion, type RepositoryBase, type StagedOperation, type StagedState } from './stagedState.js';

export interface StagedSetPorts {
  readonly paths: WorkspacePaths;
  readonly blobs: Blobs;
  readonly changed: Emitter<void>;
  /** One effect at a time on this conversation's files. */
  readonly queue: Queue;
  apply(set: StagedSet): Promise<ApplyOutcome>;
  /** It is decided on: what is kept of it can go. */
  end(set: StagedSet): Promise<void>;
}

interface Counts {
  readonly binary: boolean;
  readonly insertions: number;
  readonly deletions: number;
}

/** The staged edits and commits of one conversation, in memory; whoever made it keeps it on disk. */
export class StagedSet implements ChangeSet {
  readonly id: ChangeSetId;
  readonly conversation: ConversationId;
  readonly staged: StagedFiles;
  operations: readonly StagedOperation[];
  index: readonly (FileVersion & { readonly root: string })[];
  repositories: readonly RepositoryBase[];
  removedDirectories: readonly string[];
  private current: ChangeSetState;
  private waiting: { readonly run?: RunId; readonly reason: string } | undefined;
  private readonly counts = new Map<string, Counts>();
  /** Grows with everything that scripts stage; what the developer changes in the review does not count. */
  private revision = 0;

  constructor(state: StagedState, private readonly ports: StagedSetPorts) {
    this.id = state.id;
    this.conversation = state.conversation;
    this.staged = new StagedFiles(state.entries);
    this.operations = state.operations;
    this.index = state.index;
    this.repositories = state.repositories;
    this.removedDirectories = state.removedDirectories;
    this.current = isEmpty(state) ? { kind: 'empty' } : { kind: 'open' };
  }

  get onDidChange() {
    return this.ports.changed.event;
  }

  get state(): ChangeSetState {
    return this.current;
  }

  get checkpoint() {
    return this.waiting;
  }

  get blobs(): Blobs {
    return this.ports.blobs;
  }

  get files(): readonly StagedFile[] {
    const origins = new Set(this.staged.all().flatMap((entry) => this.staged.renamedFrom(entry) ?? []));
    return this.staged.all().flatMap((entry) => {
      if (origins.has(entry) || sameContent(entry.base, entry.staged) && !this.isCommitted(entry.absolute) && sameMode(entry.base, entry.staged)) return [];
      const origin = this.staged.renamedFrom(entry);
      const base = origin?.base ?? entry.base;
      const counts = this.counts.get(countKey(base, entry.staged)) ?? { binary: false, insertions: 0, deletions: 0 };
      return [{
        kind: origin !== undefined ? 'renamed' as const : entry.base.kind === 'absent' ? 'added' as const : entry.staged.kind === 'absent' ? 'deleted' as const : 'modified' as const,
        path: this.display(entry.absolute), absolute: entry.absolute,
        ...(origin === undefined ? {} : { from: { path: this.display(origin.absolute), absolute: origin.absolute } }),
        ...(base.kind === 'file' ? { baseHash: base.hash } : {}),
        ...counts, excluded: entry.excluded,
      }];
    });
  }

  get commits(): readonly StagedCommit[] {
    return this.operations.flatMap((operation) => (operation.kind !== 'commit' ? [] : [{
      repository: operation.repository, message: operation.message,
      files: operation.files.map((file) => this.display(file.absolute)),
    }]));
  }

  get branches() {
    return this.operations.flatMap((operation) => (operation.kind === 'branch' ? [{ repository: operation.repository, name: operation.name }] : []));
  }

  get indexed() {
    return this.index.filter((file) => this.staged.get(file.absolute)?.excluded !== true).map((file) => this.display(file.absolute));
  }

  get directories() {
    return this.removedDirectories.filter((directory) => this.staged.inside(directory).length === 0).map((directory) => this.display(directory));
  }

  get isLeftOut(): boolean {
    return isLeftOut(this.serialise());
  }

  async content(path: string, side: 'base' | 'staged'): Promise<Uint8Array | undefined> {
    const entry = this.entryAt(path);
    const content = side === 'staged' ? entry.staged : (this.staged.renamedFrom(entry) ?? entry).base;
    if (content.kind === 'absent') return undefined;
    return content.kind === 'link' ? Buffer.from(content.target) : this.blobs.get(content.hash);
  }

  async edit(path: string, bytes: Uint8Array): Promise<void> {
    await this.ports.queue.run(async () => {
      this.mustBeOpen();
      const entry = this.entryAt(path);
      if (entry.staged.kind === 'link') throw new PathError(`'${path}' is a symbolic link: its text cannot be edited.`);
      const mode = entry.staged.kind === 'file' ? entry.staged.mode : entry.base.kind === 'file' ? entry.base.mode : 0o644;
      const edited: Content = { kind: 'file', hash: await this.blobs.put(bytes), mode, size: bytes.byteLength };
      this.carryIntoLastCommit(entry.absolute, entry.staged, edited);
      await this.place(entry.absolute, entry.base, edited);
      this.touched();
    });
  }

  setExcluded(path: string, excluded: boolean): void {
    if (this.current.kind !== 'open') return;
    this.staged.setExcluded(this.entryAt(path).absolute, excluded);
    this.touched();
  }

  setCommitMessage(index: number, message: string): void {
    if (this.current.kind !== 'open') return;
    const commit = this.operations.filter((operation) => operation.kind === 'commit')[index];
    if (commit === undefined) return;
    this.operations = this.operations.map((operation) => (operation === commit ? { ...commit, message } : operation));
    this.touched();
  }

  async apply(): Promise<ApplyOutcome> {
    const reviewed = this.revision;
    return this.ports.queue.run(async () => {
      if (this.current.kind === 'applied') return { ok: false, message: 'These changes were applied already.', conflicts: [] };
      if (this.current.kind === 'discarded') return { ok: false, message: 'These changes were discarded: nothing was applied.', conflicts: [] };
      if (this.current.kind === 'empty') return { ok: false, message: 'Nothing was applied: nothing is staged.', conflicts: [] };
      if (this.revision !== reviewed) return { ok: false, message: 'Nothing was applied: more was staged meanwhile. Review it, then apply again.', conflicts: [] };
      this.become({ kind: 'applying' });
      try {
        const differences = await this.keepable({ included: true });
        const outcome = await this.ports.apply(this);
        this.become(outcome.ok ? { kind: 'applied', at: Date.now(), commits: outcome.commits, ...(outcome.rest !== undefined && { rest: outcome.rest }), ...differences } : { kind: 'open', failed: outcome.message });
        if (outcome.ok) await this.ports.end(this);
        return outcome;
      } catch (error) {
        // Before its record could be begun nothing was touched.
        const message = `Nothing was applied: ${error instanceof Error ? error.message : String(error)}`;
        this.become({ kind: 'open', failed: message });
        return { ok: false, message, conflicts: [] };
      }
    });
  }

  async discard(): Promise<void> {
    await this.ports.queue.run(async () => {
      if (this.current.kind === 'applied' || this.current.kind === 'discarded') return;
      this.become({ kind: 'discarded', ...(await this.keepable({ included: false })) });
      await this.ports.end(this);
    });
  }

  async differences(options: { readonly included: boolean } = { included: false }): Promise<Differences> {
    return differencesOf(this, options);
  }

  /** What a journal keeps of the set when it is decided on; a record that cannot be made stops no decision. */
  private async keepable(options: { readonly included: boolean }): Promise<{ readonly differences?: Differences }> {
    const differences = await this.differences(options).catch(() => undefined);
    return differences === undefined ? {} : { differences };
  }

  /** Stages content; the caller holds the queue. */
  async stage(absolute: string, base: Content, staged: Content, from?: string): Promise<void> {
    this.revision += 1;
    await this.place(absolute, base, staged, from);
    this.touched();
  }

  /** Scripts staged something in git. */
  gitChanged(): void {
    this.revision += 1;
    this.touched();
  }

  private async place(absolute: string, base: Content, staged: Content, from?: string): Promise<void> {
    this.staged.set(absolute, base, staged, { from, keep: this.isCommitted(absolute) });
    const entry = this.staged.get(absolute);
    if (entry !== undefined) await this.count(entry.from === undefined ? entry.base : (this.staged.renamedFrom(entry)?.base ?? entry.base), entry.staged);
  }

  setCheckpoint(checkpoint: { readonly run?: RunId; readonly reason: string } | undefined): void {
    this.waiting = checkpoint;
    this.ports.changed.fire();
  }

  /** Tells that something about it is new, and settles whether anything is staged at all. */
  touched(): void {
    if (this.current.kind === 'open' || this.current.kind === 'empty') this.current = { kind: isEmpty(this.serialise()) ? 'empty' : 'open' };
    this.ports.changed.fire();
  }

  isCommitted(absolute: string): boolean {
    const key = fileKey(absolute);
    return this.operations.some((operation) => operation.kind === 'commit' && operation.files.some((file) => fileKey(file.absolute) === key))
      || this.index.some((file) => fileKey(file.absolute) === key);
  }

  serialise(): StagedState {
    return { ...emptyState(this.id, this.conversation), entries: this.staged.all(), operations: this.operations, index: this.index, repositories: this.repositories, removedDirectories: this.removedDirectories };
  }

  /** Counts what a restored set holds; until then its counts are 0. */
  async countAll(): Promise<void> {
    for (const entry of this.staged.all()) await this.count((this.staged.renamedFrom(entry) ?? entry).base, entry.staged);
  }

  mustBeOpen(): void {
    if (this.current.kind !== 'open' && this.current.kind !== 'empty') throw new PathError(`These changes are ${this.current.kind} and cannot be edited any more.`);
  }

  private become(state: ChangeSetState): void {
    this.current = state;
    if (state.kind !== 'applying') this.waiting = state.kind === 'open' ? this.waiting : undefined;
    this.ports.changed.fire();
  }

  private entryAt(path: string) {
    const absolute = this.ports.paths.resolve(path, 'keep').absolute;
    const entry = this.staged.get(absolute) ?? this.staged.get(this.ports.paths.resolve(path).absolute);
    if (entry === undefined) throw new PathError(`'${path}' is not among the staged changes.`);
    return entry;
  }

  /** A commit that holds the file as it is staged now shall hold the developer's edit of it. */
  private carryIntoLastCommit(absolute: string, before: Content, edited: Content): void {
    const key = fileKey(absolute);
    const swap = <T extends FileVersion>(file: T): T => (fileKey(file.absolute) === key && file.content.kind !== 'head' && sameContent(file.content, before) ? { ...file, content: edited } : file);
    const last = this.operations.findLastIndex((operation) => operation.kind === 'commit' && operation.files.some((file) => fileKey(file.absolute) === key));
    this.operations = this.operations.map((operation, i) => (i === last && operation.kind === 'commit' ? { ...operation, files: operation.files.map(swap) } : operation));
    this.index = this.index.map(swap);
  }

  private async count(base: Content, staged: Content): Promise<void> {
    const key = countKey(base, staged);
    if (this.counts.has(key)) return;
    const bytes = async (content: Content) => (content.kind === 'file' ? this.blobs.get(content.hash) : content.kind === 'link' ? Buffer.from(content.target) : new Uint8Array());
    const large = (base.kind === 'file' && base.size > 4_000_000) || (staged.kind === 'file' && staged.size > 4_000_000);
    this.counts.set(key, large ? { binary: true, insertions: 0, deletions: 0 } : lineCounts(await bytes(base), await bytes(staged)));
  }

  private display(absolute: string): string {
    return this.ports.paths.display(absolute) ?? absolute;
  }
}

function countKey(a: Content, b: Content): string {
  const part = (content: Content) => (content.kind === 'file' ? content.hash : content.kind === 'link' ? `>${content.target}` : '');
  return `${part(a)} ${part(b)}`;
}
