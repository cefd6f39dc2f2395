import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ChangeSetId, ConversationId } from '../../ids.js';
import { isJsonObject } from '../../json.js';
import { syncDirectory } from './durable.js';
import { namesIn } from './directoryNames.js';
import { isEmpty, type StagedState } from './stagedState.js';

export interface StoredSet {
  state(): StagedState;
  /** Resolves when the bytes that the state names would survive a power cut. */
  settle(): Promise<void>;
}

/** Keeps open change sets on disk, so that they survive a reload of the window. */
export class StoredSets {
  private readonly due = new Map<ChangeSetId, StoredSet>();
  /** Not written because the disk refused: tried again with whatever is written next, and at last before the window closes. */
  private readonly refused = new Map<ChangeSetId, StoredSet>();
  /** Forgotten, while the disk does not let go of them: tried again likewise. */
  private readonly stuck = new Set<ChangeSetId>();
  private writing: Promise<void> | undefined;

  constructor(private readonly directory: string, private readonly onTrouble: (message: string) => void) {}

  directoryOf(id: ChangeSetId): string {
    return path.join(this.directory, id);
  }

  /**
   * Whatever is readable of earlier sessions. What cannot be read stays, and is told of; what holds nothing is removed,
   * unless another window may be about to make something of it.
   */
  async load({ tidy }: { readonly tidy: boolean }): Promise<readonly StagedState[]> {
    const states: StagedState[] = [];
    const names = await namesIn(this.directory).catch((error: unknown) => {
      this.onTrouble(`Staged changes of earlier sessions cannot be looked for (${error instanceof Error ? error.message : String(error)}): what there is of them is kept in ${this.directory}. Give access to it, then reload the window.`);
      return [];
    });
    for (const name of names) {
      const directory = path.join(this.directory, name);
      const state = await this.read(name as ChangeSetId);
      if (state === 'unreadable') this.onTrouble(`Staged changes of an earlier session cannot be read; what they hold is kept in ${directory}.`);
      else if (state !== undefined && !isEmpty(state)) states.push(state);
      else if (tidy) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    }
    return states;
  }

  /** What is kept of a conversation now: more than one where a window died while it applied. @throws where that cannot be told. */
  async of(conversation: ConversationId): Promise<readonly StagedState[]> {
    const found: StagedState[] = [];
    for (const name of await namesIn(this.directory)) {
      const state = await this.read(name as ChangeSetId);
      if (typeof state === 'object' && state.conversation === conversation && !isEmpty(state) && !this.stuck.has(state.id)) found.push(state);
    }
    return found;
  }

  /** Resolves when it would survive a power cut. @throws when the disk refuses. */
  async keep(id: ChangeSetId, set: StoredSet): Promise<void> {
    await this.idle();
    await this.write(id, set);
  }

  /** Writes soon; what changes meanwhile is written with it. */
  save(id: ChangeSetId, set: StoredSet): void {
    this.due.set(id, set);
    this.writing ??= this.writeDue();
  }

  async forget(id: ChangeSetId): Promise<void> {
    this.due.delete(id);
    this.refused.delete(id);
    this.stuck.add(id);
    await this.idle();
    await this.remove(id);
  }

  private async remove(id: ChangeSetId): Promise<void> {
    const directory = this.directoryOf(id);
    const isThere = await lstat(directory).then(() => true, (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    });
    if (isThere) {
      // First what says that it exists: what a crash leaves of the rest belongs to nothing.
      await rm(path.join(directory, 'state.json'), { force: true });
      await syncDirectory(directory);
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    }
    this.stuck.delete(id);
  }

  /** Resolves when everything is written that the disk takes. */
  async idle(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
  }

  /** As {@link idle}, with another try for what was refused. */
  async last(): Promise<void> {
    await this.idle();
    if (this.refused.size === 0 && this.stuck.size === 0) return;
    this.writing = this.writeDue();
    await this.idle();
  }

  private async writeDue(): Promise<void> {
    // A turn's worth of changes is one write.
    await new Promise((resolve) => setImmediate(resolve));
    for (const id of [...this.stuck]) await this.remove(id).catch(() => undefined);
    for (const [id, set] of this.refused) if (!this.due.has(id)) this.due.set(id, set);
    this.refused.clear();
    for (let next = this.due.entries().next(); next.done !== true; next = this.due.entries().next()) {
      const [id, set] = next.value;
      this.due.delete(id);
      await this.write(id, set).catch((error: unknown) => {
        this.refused.set(id, set);
        this.onTrouble(`Staged changes could not be saved (${error instanceof Error ? error.message : String(error)}): they stay for now, and are lost when the window closes before there is room on the disk.`);
      });
    }
    this.writing = undefined;
  }

  private async write(id: ChangeSetId, set: StoredSet): Promise<void> {
    const state = set.state();
    const directory = this.directoryOf(id);
    await mkdir(directory, { recursive: true });
    const temporary = path.join(directory, 'state.json.tmp');
    await set.settle();
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(JSON.stringify(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path.join(directory, 'state.json'));
    for (const each of [directory, this.directory, path.dirname(this.directory)]) await syncDirectory(each);
  }

  /** Undefined where nothing is kept: a process that died on the way there has left only bytes. */
  private async read(id: ChangeSetId): Promise<StagedState | 'unreadable' | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(path.join(this.directoryOf(id), 'state.json'), 'utf8'));
      // A later version of us may have written it.
      if (!isJsonObject(value) || value['version'] !== 1 || value['id'] !== id || !Array.isArray(value['entries']) || !Array.isArray(value['operations'])) return 'unreadable';
      return value as unknown as StagedState;
    } catch (error) {
      return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? undefined : 'unreadable';
    }
  }
}
