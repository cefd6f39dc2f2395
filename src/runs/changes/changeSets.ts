import { createHash, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { OpenDocuments, WorkspaceFolder, WorkspaceView } from '../../catalog/workspace.js';
import type { ChangeSetId, ConversationId, RunId } from '../../ids.js';
import { Emitter, type Event } from '../../lifecycle/event.js';
import { applySet } from './apply.js';
import { Blobs } from './blobs.js';
import type { ApplyOutcome, ChangeSet, ChangeSets } from './changeSet.js';
import { Git } from './gitCommand.js';
import { WorkspacePaths } from './paths.js';
import { Queue } from './queue.js';
import { Repositories } from './repositories.js';
import { StagedGit } from './stagedGit.js';
import { StagedSet } from './stagedSet.js';
import { emptyState, type StagedState } from './stagedState.js';
import { StoredSets } from './storedSets.js';
import { appliedSets, recover, undoRecord, undoableRecord } from './undo.js';
import { ChangeSetView } from './workspaceView.js';

export interface ChangeSetsOptions {
  readonly folders: () => readonly WorkspaceFolder[];
  /** Directory that is this workspace's alone; made when missing. */
  readonly storage: string;
  readonly documents: OpenDocuments;
  /** The git executable; `git` on the PATH if left out. */
  readonly git?: () => Promise<string>;
  /** Shows the changes of a run that stands at a checkpoint, and resolves when they were applied or discarded. */
  review(changeSet: ChangeSet, reason: string, signal: AbortSignal): Promise<'applied' | 'discarded'>;
  /** Called around every effect of Apply; for tests. */
  readonly onApplyStep?: (step: string) => void | Promise<void>;
}

export interface ChangeSetsRoom extends ChangeSets {
  /** Settles when sets of earlier sessions are back and an interrupted Apply was taken back; views wait for it by themselves. */
  readonly ready: Promise<void>;
  /** What recovery did, and what the disk does not take: one sentence each, for the developer to see. */
  readonly notices: readonly string[];
  readonly onDidNotice: Event<string>;
}

/** One staged world per conversation, over the workspace's files and repositories. */
export function createChangeSets(options: ChangeSetsOptions): ChangeSetsRoom {
  return new Room(options);
}

interface Conversation {
  readonly id: ConversationId;
  readonly queue: Queue;
  readonly seen: Map<string, string>;
  /** Files that Apply wrote for it, as absolute paths. */
  readonly applied: Set<string>;
  current: StagedSet;
  readonly git: StagedGit;
}

class Room implements ChangeSetsRoom {
  private readonly conversations = new Map<ConversationId, Conversation>();
  private readonly changed = new Emitter<ChangeSet>();
  private readonly paths: WorkspacePaths;
  private readonly git: Git;
  private readonly repositories: Repositories;
  private readonly stored: StoredSets;
  private readonly records: string;
  /** One Apply or undo at a time, whoever asks. */
  private readonly effects = new Queue();
  private last: ChangeSets['undoable'];
  private readonly noticed = new Emitter<string>();
  readonly onDidNotice = this.noticed.event;
  readonly notices: string[] = [];
  readonly ready: Promise<void>;

  constructor(private readonly options: ChangeSetsOptions) {
    this.paths = new WorkspacePaths(options.folders);
    this.git = new Git(options.git);
    this.repositories = new Repositories(this.git, this.paths);
    this.stored = new StoredSets(path.join(options.storage, 'sets'), (message) => this.notice(message));
    this.records = path.join(options.storage, 'applied');
    this.ready = this.start();
  }

  get onDidChange() {
    return this.changed.event;
  }

  get open(): readonly ChangeSet[] {
    return [...this.conversations.values()].map((one) => one.current).filter((set) => set.state.kind === 'open' || set.state.kind === 'applying');
  }

  get undoable() {
    return this.last;
  }

  get(id: ChangeSetId): ChangeSet | undefined {
    return [...this.conversations.values()].map((one) => one.current).find((set) => set.id === id);
  }

  for(conversation: ConversationId): ChangeSet {
    return this.setOf(this.conversation(conversation));
  }

  view(id: ConversationId, run: RunId, signal: AbortSignal): WorkspaceView {
    const conversation = this.conversation(id);
    return new ChangeSetView({
      conversation: { set: () => this.setOf(conversation), queue: conversation.queue, seen: conversation.seen },
      run, signal, paths: this.paths, documents: this.options.documents, git: conversation.git,
      review: (set, reason, stop) => this.options.review(set, reason, stop),
    });
  }

  async undo() {
    return this.effects.run(async () => {
      await this.ready;
      const { unfinished, undone } = await this.recover();
      if (unfinished !== undefined) return { ok: false as const, message: unfinished };
      // An undo that could not end is what is asked for again, not one more.
      const result = undone !== undefined ? { ok: true as const, files: undone } : await undoRecord(this.records, { git: this.git, documents: this.options.documents, paths: this.paths, onStep: this.options.onApplyStep });
      this.last = await undoableRecord(this.records);
      for (const one of this.conversations.values()) {
        one.seen.clear();
        one.applied.clear();
      }
      return result;
    });
  }

  async dispose(): Promise<void> {
    await this.ready;
    await this.effects.idle();
    for (const one of this.conversations.values()) await one.queue.idle();
    await this.stored.last();
    for (const one of this.conversations.values()) if (one.current.state.kind === 'empty') await this.stored.forget(one.current.id).catch(() => undefined);
    this.changed.dispose();
    this.noticed.dispose();
  }

  private async start(): Promise<void> {
    await mkdir(this.options.storage, { recursive: true });
    const { unfinished } = await this.recover();
    if (unfinished !== undefined) this.notice(unfinished);
    this.last = await undoableRecord(this.records);
    const applied = await appliedSets(this.records);
    for (const state of await this.stored.load()) {
      // The window closed after Apply had ended and before its staged state was gone.
      if (applied.has(state.id)) {
        await this.stored.forget(state.id).catch(() => undefined);
        continue;
      }
      const conversation = this.conversation(state.conversation, state);
      // Whoever asked for the conversation before it was read has staged nothing yet: staging waits for this.
      if (conversation.current.id !== state.id) conversation.current = this.made(conversation, state);
      await conversation.current.countAll().catch(() => undefined);
      // A window that was killed had not made sure of what it wrote last.
      this.save(conversation.current);
      this.changed.fire(conversation.current);
    }
  }

  /** Ends what was interrupted; while that is not possible, `unfinished` is the sentence that says so. */
  private async recover(): Promise<Pick<Awaited<ReturnType<typeof recover>>, 'unfinished' | 'undone'>> {
    const recovered = await recover(this.records, { git: this.git, paths: this.paths, onStep: this.options.onApplyStep });
    for (const notice of recovered.notices) this.notice(notice);
    return recovered;
  }

  private notice(message: string): void {
    // The same trouble, again and again, is one.
    if (this.notices.at(-1) === message) return;
    this.notices.push(message);
    this.noticed.fire(message);
  }

  private conversation(id: ConversationId, state?: StagedState): Conversation {
    const known = this.conversations.get(id);
    if (known !== undefined) return known;
    const queue = new Queue();
    // Nothing is staged or applied before recovery has ended.
    if (state === undefined) void queue.run(() => this.ready).catch(() => undefined);
    const conversation: Conversation = {
      id, queue, seen: new Map(), applied: new Set(),
      current: undefined as unknown as StagedSet,
      git: new StagedGit({
        applied: () => conversation.applied,
        set: () => this.setOf(conversation), queue, git: this.git, repositories: this.repositories, paths: this.paths, documents: this.options.documents,
        directory: (root) => path.join(this.stored.directoryOf(conversation.current.id), 'git', createHash('sha256').update(root).digest('hex').slice(0, 16)),
      }),
    };
    conversation.current = this.made(conversation, state ?? emptyState(`cs-${randomUUID()}` as ChangeSetId, id));
    this.conversations.set(id, conversation);
    return conversation;
  }

  private setOf(conversation: Conversation): StagedSet {
    const { kind } = conversation.current.state;
    if (kind === 'applied' || kind === 'discarded') {
      conversation.current = this.made(conversation, emptyState(`cs-${randomUUID()}` as ChangeSetId, conversation.id));
    }
    return conversation.current;
  }

  private made(conversation: Conversation, state: StagedState): StagedSet {
    const changed = new Emitter<void>();
    const set = new StagedSet(state, {
      paths: this.paths, changed, queue: conversation.queue,
      blobs: new Blobs(path.join(this.stored.directoryOf(state.id), 'blobs')),
      apply: (one) => this.apply(one, conversation),
      forget: (one) => this.stored.forget(one.id),
    });
    changed.event(() => {
      // What was seen through a set that is gone was never anywhere else.
      if (set.state.kind === 'discarded') conversation.seen.clear();
      if (set.state.kind === 'open' || set.state.kind === 'empty') this.save(set);
      this.changed.fire(set);
    });
    return set;
  }

  private save(set: StagedSet): void {
    this.stored.save(set.id, { state: () => set.serialise(), settle: () => set.blobs.settle() });
  }

  private async apply(set: StagedSet, conversation: Conversation): Promise<ApplyOutcome> {
    await this.ready;
    return this.effects.run(async () => {
      const { unfinished } = await this.recover();
      if (unfinished !== undefined) return { ok: false, message: `Nothing was applied: ${unfinished}`, conflicts: [] };
      const files = set.files.filter((file) => !file.excluded).flatMap((file) => [file.absolute, ...(file.from === undefined ? [] : [file.from.absolute])]);
      const outcome = await applySet(set, { paths: this.paths, documents: this.options.documents, git: this.git, repositories: this.repositories, records: this.records, onStep: this.options.onApplyStep });
      if (outcome.ok) {
        this.last = await undoableRecord(this.records);
        conversation.seen.clear();
        for (const file of files) conversation.applied.add(file);
      }
      return outcome;
    });
  }
}

