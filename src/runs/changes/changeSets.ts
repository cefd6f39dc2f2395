import { createHash, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PathError, type OpenDocuments, type WorkspaceFolder, type WorkspaceView } from '../../catalog/workspace.js';
import type { ChangeSetId, ConversationId, RunId } from '../../ids.js';
import { Emitter, type Event } from '../../lifecycle/event.js';
import type { Claims } from '../claims.js';
import { applySet } from './apply.js';
import { Blobs } from './blobs.js';
import type { ApplyOutcome, ChangeSet, ChangeSets } from './changeSet.js';
import { Git } from './gitCommand.js';
import { carryBlobs, leftOutOf } from './leftOut.js';
import { busyElsewhere, openElsewhere, Ownership } from './ownership.js';
import { WorkspacePaths } from './paths.js';
import { Queue } from './queue.js';
import { RealRepository } from './realRepository.js';
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
  /** Needed where several windows share the storage. */
  readonly claims?: Claims;
  /** Wait between two looks at what another window has, in ms; default 2,000. */
  readonly lookMs?: number;
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
  /** What stays staged of the set that was applied just now. */
  rest?: StagedState;
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
  private readonly ownership: Ownership;
  /** Conversations whose changes another window had when it was looked last. */
  private readonly elsewhere = new Set<ConversationId>();
  /** Another window was applying when this one opened: what it may leave undone is seen to later. */
  private isRecoveryDue = false;
  private looking: NodeJS.Timeout | undefined;
  private looks = 0;
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
    this.ownership = new Ownership(options.claims);
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
      conversation: { set: () => this.setOf(conversation), mayLook: () => this.look(id), mayStage: () => this.own(conversation), queue: conversation.queue, seen: conversation.seen },
      run, signal, paths: this.paths, documents: this.options.documents, git: conversation.git,
      review: (set, reason, stop) => this.options.review(set, reason, stop),
    });
  }

  async undo() {
    return this.effects.run(async () => {
      await this.ready;
      const shown = this.last?.id;
      try {
        const done = await this.ownership.exclusively(async () => this.undoNow(shown));
        return done?.result ?? { ok: false as const, message: `Nothing was undone: ${busyElsewhere}` };
      } catch (error) {
        return { ok: false as const, message: `Nothing was undone: ${error instanceof Error ? error.message : String(error)}` };
      }
    });
  }

  private async undoNow(shown: ChangeSetId | undefined): ReturnType<ChangeSets['undo']> {
    const { unfinished, undone } = await this.recover();
    if (unfinished !== undefined) return { ok: false, message: `Nothing was undone: ${unfinished}` };
    this.last = await undoableRecord(this.records);
    if (undone === undefined && this.last?.id !== shown) {
      return { ok: false, message: `Nothing was undone: another window on this folder applied or undid changes meanwhile${this.last === undefined ? ', and there is nothing left to undo' : `. What was applied last is ${this.last.summary} now; undo again to take that back`}.` };
    }
    // An undo that could not end is what is asked for again, not one more.
    const result = undone !== undefined ? { ok: true as const, files: undone } : await undoRecord(this.records, { git: this.git, documents: this.options.documents, paths: this.paths, onStep: this.options.onApplyStep });
    this.last = await undoableRecord(this.records);
    for (const one of this.conversations.values()) {
      one.seen.clear();
      one.applied.clear();
    }
    return result;
  }

  async dispose(): Promise<void> {
    await this.ready;
    clearTimeout(this.looking);
    await this.effects.idle();
    for (const one of this.conversations.values()) await one.queue.idle();
    await this.stored.last();
    for (const one of this.conversations.values()) if (one.current.state.kind === 'empty') await this.stored.forget(one.current.id).catch(() => undefined);
    await this.ownership.releaseAll();
    this.changed.dispose();
    this.noticed.dispose();
  }

  private async start(): Promise<void> {
    await mkdir(this.options.storage, { recursive: true });
    await this.recoverOnce();
    for (const { conversation } of await this.stored.load({ tidy: !(await this.ownership.hasOthers()) })) {
      // What cannot be read now is tried again, as what another window has.
      if (!(await this.bringBack(conversation).catch(() => false))) this.elsewhere.add(conversation);
    }
    this.lookLater();
  }

  private async recoverOnce(): Promise<void> {
    try {
      const recovered = await this.ownership.exclusively(async () => this.recover());
      this.isRecoveryDue = recovered === undefined;
      this.last = await undoableRecord(this.records);
      if (recovered?.result.unfinished !== undefined) this.notice(recovered.result.unfinished);
    } catch (error) {
      this.isRecoveryDue = true;
      this.notice(`It cannot be told yet whether an earlier Apply ended (${error instanceof Error ? error.message : String(error)}): make room or give access in ${this.options.storage}; it is tried again.`);
    }
  }

  /** What is kept of a conversation is this window's from now on; false when it is another one's. */
  private async bringBack(id: ConversationId): Promise<boolean> {
    if (!(await this.ownership.take(id))) return false;
    const state = await this.keptOf(id);
    if (state === undefined) return true;
    const conversation = this.conversation(id, state);
    // Whoever asked for the conversation before it was read has staged nothing yet: staging waits for this.
    if (conversation.current.id !== state.id) conversation.current = this.made(conversation, state);
    await conversation.current.countAll().catch(() => undefined);
    // A window that was killed had not made sure of what it wrote last.
    this.save(conversation.current);
    this.changed.fire(conversation.current);
    return true;
  }

  /** What a window that closed has left staged; what its last Apply has made of no use goes. */
  private async keptOf(id: ConversationId): Promise<StagedState | undefined> {
    const kept = await this.stored.of(id);
    if (kept.length === 0) return undefined;
    const applied = await appliedSets(this.records);
    const counts = ({ id: set, after }: StagedState): boolean => !applied.has(set) && (after === undefined || applied.has(after));
    for (const each of kept) if (!counts(each)) await this.stored.forget(each.id).catch(() => undefined);
    return kept.find(counts);
  }

  /** @throws {PathError} when another window has the conversation's changes. */
  private async look(id: ConversationId): Promise<void> {
    await this.ready;
    if (!this.elsewhere.has(id)) return this.ownership.mustNotBeElsewhere(id);
    if (!(await this.bringBack(id))) throw new PathError(openElsewhere);
    this.elsewhere.delete(id);
  }

  /** @throws {PathError} when another window has the conversation's changes. */
  private async own({ id }: Conversation): Promise<void> {
    const isAway = this.elsewhere.has(id);
    if (this.ownership.holds(id) && !isAway) return;
    const mayBeKept = this.options.claims !== undefined || isAway;
    if (!(await (mayBeKept ? this.bringBack(id) : this.ownership.take(id)))) throw new PathError(openElsewhere);
    this.elsewhere.delete(id);
  }

  /** A window that was reloaded may still be about to close, and one that dies gives no notice. */
  private lookLater(): void {
    if (this.elsewhere.size === 0 && !this.isRecoveryDue) return;
    // What the disk refuses now is tried at the next look.
    this.looking = setTimeout(() => void this.lookAgain().catch(() => undefined).finally(() => this.lookLater()), this.options.lookMs ?? 2_000);
    this.looking.unref();
  }

  private async lookAgain(): Promise<void> {
    if (this.isRecoveryDue) await this.effects.run(async () => this.recoverOnce());
    // What is still staged is known when it is known what was applied.
    if (this.isRecoveryDue) return;
    for (const id of this.elsewhere) {
      const isBack = await (this.conversations.get(id)?.queue.run(async () => this.bringBack(id)) ?? this.bringBack(id));
      if (isBack) this.elsewhere.delete(id);
    }
    this.looks += 1;
    if (this.looks === looksBeforeTold && this.elsewhere.size > 0) this.notice(`Staged changes of ${this.elsewhere.size === 1 ? 'a conversation' : `${this.elsewhere.size} conversations`} are open in another window on this folder: they are reviewed there.`);
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
        set: () => this.setOf(conversation), mayLook: () => this.look(id), mayStage: () => this.own(conversation), queue, git: this.git, repositories: this.repositories, paths: this.paths, documents: this.options.documents,
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
      end: async (one) => this.end(one, conversation),
    });
    changed.event(() => {
      // What was seen through a set that is gone was never anywhere else.
      if (set.state.kind === 'discarded') conversation.seen.clear();
      if (set.state.kind === 'open' || set.state.kind === 'empty') this.save(set);
      this.changed.fire(set);
    });
    return set;
  }

  private async end(set: StagedSet, conversation: Conversation): Promise<void> {
    const { rest } = conversation;
    delete conversation.rest;
    if (rest !== undefined) {
      conversation.current = this.made(conversation, rest);
      this.save(conversation.current);
      await conversation.current.countAll().catch(() => undefined);
      this.changed.fire(conversation.current);
    }
    // What is kept of it is of no use any more; a disk that does not let go of it changes nothing.
    const isGone = await this.stored.forget(set.id).then(() => true, () => false);
    if (isGone && rest === undefined) await this.ownership.release(conversation.id);
  }

  private save(set: StagedSet): void {
    this.stored.save(set.id, { state: () => set.serialise(), settle: () => set.blobs.settle() });
  }

  private async apply(set: StagedSet, conversation: Conversation): Promise<ApplyOutcome> {
    await this.ready;
    return this.effects.run(async () => {
      const done = await this.ownership.exclusively(async () => this.applyNow(set, conversation));
      return done?.result ?? { ok: false, message: `Nothing was applied: ${busyElsewhere}`, conflicts: [] };
    });
  }

  private async applyNow(set: StagedSet, conversation: Conversation): Promise<ApplyOutcome> {
    const { unfinished } = await this.recover();
    if (unfinished !== undefined) return { ok: false, message: `Nothing was applied: ${unfinished}`, conflicts: [] };
    const files = set.files.filter((file) => !file.excluded).flatMap((file) => [file.absolute, ...(file.from === undefined ? [] : [file.from.absolute])]);
    let rest: StagedState | undefined;
    const outcome = await applySet(set, {
      paths: this.paths, documents: this.options.documents, git: this.git, repositories: this.repositories, records: this.records, onStep: this.options.onApplyStep,
      beforeDone: async () => {
        rest = await this.keepLeftOut(set);
      },
    });
    if (!outcome.ok && rest !== undefined && !(await appliedSets(this.records)).has(set.id)) await this.stored.forget(rest.id).catch(() => undefined);
    if (outcome.ok) {
      if (rest !== undefined) conversation.rest = rest;
      this.last = await undoableRecord(this.records);
      conversation.seen.clear();
      for (const file of files) conversation.applied.add(file);
      if (rest !== undefined) return { ...outcome, rest: rest.id };
    }
    return outcome;
  }

  /** Before Apply is said to be done: whatever happens after that, what was left out of it is still staged. */
  private async keepLeftOut(set: StagedSet): Promise<StagedState | undefined> {
    const baseOf = async (root: string) => ({ root, ...(await new RealRepository(this.git, await this.repositories.place(root), set.id).head()) });
    const rest = await leftOutOf(set.serialise(), `cs-${randomUUID()}` as ChangeSetId, baseOf);
    if (rest === undefined) return undefined;
    // An Apply of which nobody knew whether it ended may have left one already.
    for (const earlier of await this.stored.of(set.conversation)) if (earlier.after === set.id) await this.stored.forget(earlier.id);
    const blobs = new Blobs(path.join(this.stored.directoryOf(rest.id), 'blobs'));
    await this.stored.keep(rest.id, { state: () => rest, settle: async () => carryBlobs(rest, set.blobs, blobs) });
    return rest;
  }
}

/** Looks at what another window has before it is said: one that was reloaded has closed by then. */
const looksBeforeTold = 5;
