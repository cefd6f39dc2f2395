import path from 'node:path';
import type { ChangeSetId, RunId } from '../../ids.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import { Emitter } from '../../lifecycle/event.js';
import type { Recorded, RunEvent } from '../events.js';
import type { Handles } from '../handles.js';
import type { Run, RunHistory, RunRecord, RunSummary } from '../run.js';
import type { Blobs } from './blobs.js';
import type { Claims } from '../claims.js';
import { jsonLines, otlpTrace } from './export.js';
import type { JournalFiles } from './files.js';
import { readJournal, type ReadJournal } from './read.js';
import type { Recorder } from './recorded.js';
import { blobKeys, changeSetsOf, summarise } from './summary.js';

/** How long runs are kept. */
export interface Retention {
  readonly runs: number;
  readonly days: number;
}

export interface HistoryOptions {
  readonly folder: string;
  readonly files: JournalFiles;
  readonly blobs: Blobs;
  readonly recorder: Recorder;
  readonly active: () => readonly Run[];
  /** A run was forgotten: it is not to be listed from memory either. */
  readonly drop: (id: RunId) => void;
  readonly retention: () => Retention;
  readonly handles: Pick<Handles, 'bytes'>;
  /** Change sets that wait for review: what staged to them is part of what there is to review. */
  readonly waiting: () => ReadonlySet<ChangeSetId>;
  readonly claims?: Claims<RunId>;
  readonly now: () => number;
}

const idShape = /^[a-z0-9-]{6,64}$/;
const dayMs = 24 * 60 * 60 * 1000;

interface Index {
  readonly summary: RunSummary;
  readonly blobs: readonly string[];
  readonly changeSets: readonly ChangeSetId[];
}

/** The journals of this and earlier sessions. Beside each ended one lies a small index, so that listing reads no journal. */
export class History implements RunHistory {
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly options: HistoryOptions) {}

  fileOf(id: RunId): string {
    if (!idShape.test(id)) throw new RangeError(`${JSON.stringify(id)} is not the id of a run.`);
    return path.join(this.options.folder, `${id}.jsonl`);
  }

  async list(): Promise<readonly RunSummary[]> {
    const indexes = await this.indexes();
    return [...indexes.values()].map((index) => index.summary).sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
  }

  async open(id: RunId): Promise<readonly RunEvent[]> {
    return (await this.record(id)).events;
  }

  async record(id: RunId): Promise<RunRecord> {
    const active = this.options.active().find((run) => run.id === id);
    if (active !== undefined) return { events: [...active.events] };
    const { size: _size, ...record } = await this.read(id);
    return record;
  }

  /** The journal as its file holds it. */
  async read(id: RunId): Promise<ReadJournal> {
    const bytes = await this.options.files.read(this.fileOf(id)).catch(() => undefined);
    return bytes === undefined ? { events: [], size: 0, damage: 'There is no record of this run.' } : readJournal(bytes);
  }

  value(recorded: Recorded): Promise<JsonValue | undefined> {
    return this.options.recorder.read(recorded);
  }

  attachment(handle: string): Promise<Uint8Array | undefined> {
    return this.options.handles.bytes(handle);
  }

  async exportJsonl(id: RunId): Promise<string> {
    return jsonLines(await this.open(id), this.options.recorder);
  }

  async exportTrace(id: RunId): Promise<JsonObject> {
    return otlpTrace(await this.open(id));
  }

  async remove(id: RunId): Promise<void> {
    const indexes = await this.indexes();
    if (indexes.get(id)?.summary.status === 'running') return;
    await this.forget(id, indexes);
    this.changed.fire();
  }

  /** Called when a run ended or its journal grew after that. */
  async index(events: readonly RunEvent[]): Promise<void> {
    const summary = summarise(events, false);
    if (summary === undefined) return;
    const index: Index = { summary, blobs: [...blobKeys(events)], changeSets: [...changeSetsOf(events)] };
    await this.options.files.replace(this.indexFile(summary.id), Buffer.from(JSON.stringify(index)));
    this.changed.fire();
  }

  /** Runs that ended, are not in memory any more, and staged to the change set. */
  async stagedTo(changeSet: ChangeSetId): Promise<readonly RunId[]> {
    const indexes = await this.indexes();
    const inMemory = new Set(this.options.active().map((run) => run.id));
    return [...indexes].filter(([id, index]) => !inMemory.has(id) && index.summary.status !== 'running' && index.summary.status !== 'interrupted' && index.changeSets.includes(changeSet)).map(([id]) => id);
  }

  noteStart(): void {
    this.changed.fire();
  }

  /** Runs in progress stay, also those of other windows, and those whose changes are not decided on. */
  async prune(): Promise<void> {
    const { runs, days } = this.options.retention();
    const indexes = await this.indexes();
    const oldest = this.options.now() - days * dayMs;
    const inOrder = [...indexes.values()].map((index) => index.summary).filter((summary) => summary.status !== 'running').sort((a, b) => b.startedAt - a.startedAt);
    const waiting = this.options.waiting();
    const isWaiting = ({ id }: RunSummary): boolean => indexes.get(id)?.changeSets.some((changeSet) => waiting.has(changeSet)) === true;
    const leaving = inOrder.filter((summary, place) => (place >= runs || summary.startedAt < oldest) && !isWaiting(summary));
    for (const { id } of leaving) await this.forget(id, indexes);
    if (leaving.length > 0) this.changed.fire();
  }

  private async forget(id: RunId, indexes: Map<RunId, Index>): Promise<void> {
    const leaving = indexes.get(id);
    indexes.delete(id);
    this.options.drop(id);
    await this.options.files.remove(this.fileOf(id));
    await this.options.files.remove(this.indexFile(id));
    if (leaving === undefined) return;
    const kept = new Set([...indexes.values()].flatMap((index) => index.blobs));
    for (const run of this.options.active()) for (const key of blobKeys(run.events)) kept.add(key);
    await this.options.blobs.remove(leaving.blobs.filter((key) => !kept.has(key)));
  }

  private indexFile(id: RunId): string {
    return this.fileOf(id).replace(/jsonl$/, 'json');
  }

  private async indexes(): Promise<Map<RunId, Index>> {
    const { files, folder } = this.options;
    const names = new Set(await files.list(folder));
    const found = new Map<RunId, Index>();
    for (const run of this.options.active()) {
      const summary = summarise(run.events, run.phase !== 'ended');
      if (summary !== undefined) found.set(run.id, { summary, blobs: [...blobKeys(run.events)], changeSets: [...changeSetsOf(run.events)] });
    }
    const ids = [...names].filter((name) => name.endsWith('.jsonl')).map((name) => name.slice(0, -6) as RunId);
    for (const id of ids.filter((candidate) => idShape.test(candidate) && !found.has(candidate))) {
      found.set(id, (names.has(`${id}.json`) ? await this.readIndex(id) : undefined) ?? (await this.indexOf(id)));
    }
    for (const id of (await this.options.claims?.elsewhere()) ?? []) {
      const index = found.get(id);
      // One that has begun just now has nothing in its file yet.
      if (index?.summary.status === 'damaged') found.delete(id);
      if (index?.summary.status === 'interrupted') found.set(id, { ...index, summary: { ...index.summary, status: 'running', elsewhere: true } });
    }
    return found;
  }

  private async readIndex(id: RunId): Promise<Index | undefined> {
    try {
      const index: unknown = JSON.parse(Buffer.from(await this.options.files.read(this.indexFile(id))).toString('utf8'));
      if (!isJsonObject(index) || !isJsonObject(index['summary']) || !Array.isArray(index['blobs']) || !Array.isArray(index['changeSets']) || index['summary']['id'] !== id) return undefined;
      return index as unknown as Index;
    } catch {
      return undefined;
    }
  }

  private async indexOf(id: RunId): Promise<Index> {
    const { events, beyond = [] } = await this.read(id);
    const summary = summarise(events, false);
    const readable = [...events, ...beyond];
    return { summary: summary?.id === id ? summary : damaged(id, readable), blobs: [...blobKeys(readable)], changeSets: [...changeSetsOf(readable)] };
  }
}

/** A run of which only the name of its file is sure; that begins with the time when it began. */
function damaged(id: RunId, readable: readonly RunEvent[]): RunSummary {
  const named = parseInt(id.split('-')[0] ?? '', 36);
  const at = readable[0]?.at;
  return {
    id,
    title: 'Damaged record',
    startedAt: typeof at === 'number' ? at : Number.isSafeInteger(named) && named < 8.64e15 ? named : 0,
    status: 'damaged',
    calls: readable.filter((event) => event.type === 'callRequested').length,
  };
}
