import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ChangeSetId } from '../../ids.js';
import { isJsonObject } from '../../json.js';
import { isEmpty, type StagedState } from './stagedState.js';

/** Keeps open change sets on disk, so that they survive a reload of the window. */
export class StoredSets {
  private readonly due = new Map<ChangeSetId, () => StagedState>();
  private writing: Promise<void> | undefined;

  constructor(private readonly directory: string) {}

  directoryOf(id: ChangeSetId): string {
    return path.join(this.directory, id);
  }

  /** Whatever is readable of earlier sessions; what holds nothing is removed. */
  async load(): Promise<readonly StagedState[]> {
    const states: StagedState[] = [];
    for (const name of await readdir(this.directory).catch(() => [])) {
      const state = await this.read(name as ChangeSetId);
      if (state === undefined || isEmpty(state)) await rm(path.join(this.directory, name), { recursive: true, force: true }).catch(() => undefined);
      else states.push(state);
    }
    return states;
  }

  /** Writes soon; what changes meanwhile is written with it. */
  save(id: ChangeSetId, state: () => StagedState): void {
    this.due.set(id, state);
    this.writing ??= this.writeDue();
  }

  async forget(id: ChangeSetId): Promise<void> {
    this.due.delete(id);
    await this.idle();
    await rm(this.directoryOf(id), { recursive: true, force: true, maxRetries: 3 });
  }

  async idle(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
  }

  private async writeDue(): Promise<void> {
    // A turn's worth of changes is one write.
    await new Promise((resolve) => setImmediate(resolve));
    for (let next = this.due.entries().next(); next.done !== true; next = this.due.entries().next()) {
      const [id, state] = next.value;
      this.due.delete(id);
      await this.write(id, state()).catch((error: unknown) => {
        // Staging goes on in memory; only a reload would lose it.
        console.error(`Code Mode could not keep a change set on disk: ${String(error)}`);
      });
    }
    this.writing = undefined;
  }

  private async write(id: ChangeSetId, state: StagedState): Promise<void> {
    const directory = this.directoryOf(id);
    await mkdir(directory, { recursive: true });
    const temporary = path.join(directory, 'state.json.tmp');
    const file = await open(temporary, 'w');
    await file.writeFile(JSON.stringify(state));
    await file.sync();
    await file.close();
    await rename(temporary, path.join(directory, 'state.json'));
  }

  private async read(id: ChangeSetId): Promise<StagedState | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(path.join(this.directoryOf(id), 'state.json'), 'utf8'));
      if (!isJsonObject(value) || value['version'] !== 1 || value['id'] !== id || !Array.isArray(value['entries']) || !Array.isArray(value['operations'])) return undefined;
      return value as unknown as StagedState;
    } catch {
      return undefined;
    }
  }
}
