import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Blobs } from './blobs.js';
import type { Content } from './content.js';
import { syncDirectory, syncFile } from './durable.js';
import { namesIn } from './directoryNames.js';

/** A file that Apply touches: what it was, and everything Apply may make of it. */
export interface PlannedFile {
  readonly absolute: string;
  readonly before: Content;
  /** In the order they are written; the last one stays. */
  readonly versions: readonly Content[];
}

/** What a hook or a person made of a file that had to go back. */
export interface KeptFile {
  readonly absolute: string;
  readonly at: string;
}

export interface PlannedRepository {
  readonly root: string;
  readonly gitDirectory: string;
  readonly ref?: string;
  readonly head?: string;
}

/** One line of the write-ahead record: on disk before what it tells of happens, unless it says so. */
export type RecordLine =
  | {
      readonly kind: 'begin';
      readonly version: 1;
      readonly changeSet: string;
      readonly at: number;
      readonly summary: string;
      readonly files: readonly PlannedFile[];
      readonly createdDirectories: readonly string[];
      readonly removedDirectories: readonly { readonly absolute: string; readonly mode: number }[];
      readonly repositories: readonly PlannedRepository[];
    }
  | { readonly kind: 'files'; readonly phase: number }
  | { readonly kind: 'commit'; readonly root: string; readonly parent?: string; readonly tree: string }
  /** The `git commit` that was started: it outlives the window that did so. It gets its message only after this; a pre-commit hook may run before. */
  | { readonly kind: 'git'; readonly root: string; readonly pid: number }
  /** After the fact. */
  | { readonly kind: 'committed'; readonly root: string; readonly sha: string }
  | { readonly kind: 'branch'; readonly root: string; readonly name: string; readonly at: string; readonly switch: boolean }
  /** `before` is the stored index file; the fingerprints tell its entries, whatever else is in the file. */
  | { readonly kind: 'index'; readonly root: string; readonly before?: string; readonly fingerprintBefore: string; readonly fingerprintAfter: string }
  | { readonly kind: 'done'; readonly commits: readonly { readonly sha: string; readonly message: string; readonly repository: string }[] }
  /** `kept`: what somebody else had made of files that went back, by path and where it is kept. */
  | { readonly kind: 'rolledBack'; readonly reason: string; readonly left: readonly string[]; readonly kept?: readonly KeptFile[] }
  | { readonly kind: 'undo' }
  | { readonly kind: 'undone'; readonly left: readonly string[] };

/** The write-ahead record of one Apply, with the bytes needed to take it back. */
export class ApplyRecord {
  readonly lines: RecordLine[];
  readonly blobs: Blobs;
  /** A line that was refused may be there all the same: what holds is only known when the record is read again. */
  unsure = false;

  private constructor(readonly directory: string, lines: RecordLine[], /** Why it cannot be told what it holds. */ readonly damage?: string) {
    this.lines = lines;
    this.blobs = new Blobs(path.join(directory, 'blobs'));
  }

  get id(): string {
    return path.basename(this.directory);
  }

  static async create(parent: string): Promise<ApplyRecord> {
    // Their names are their order, also when the clock was set back.
    const last = Number.parseInt([...(await namesIn(parent))].sort().at(-1) ?? '0', 36);
    const id = `${Math.max(Date.now(), last + 1).toString(36).padStart(9, '0')}-${Math.random().toString(36).slice(2, 8)}`;
    const directory = path.join(parent, id);
    await mkdir(directory, { recursive: true });
    return new ApplyRecord(directory, []);
  }

  /** Whatever of a record is readable: a line that a crash cut off never took effect. */
  static async open(directory: string): Promise<ApplyRecord> {
    const lines: RecordLine[] = [];
    let text: string;
    try {
      text = await readFile(path.join(directory, 'record.jsonl'), 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A process that died on the way there has begun nothing.
      return new ApplyRecord(directory, [], code === 'ENOENT' || code === 'ENOTDIR' ? undefined : message);
    }
    for (const line of text.split('\n')) {
      if (line === '') continue;
      try {
        lines.push(JSON.parse(line) as RecordLine);
      } catch {
        // Cut off by a crash.
      }
    }
    return new ApplyRecord(directory, lines, lines.length > 0 && !lines.some((line) => line.kind === 'begin') ? 'its first line is damaged' : undefined);
  }

  /** Oldest first. @throws where it cannot be told which there are. */
  static async all(parent: string): Promise<readonly ApplyRecord[]> {
    const names = [...(await namesIn(parent))];
    return Promise.all(names.sort().map((name) => ApplyRecord.open(path.join(parent, name))));
  }

  get begin(): (RecordLine & { kind: 'begin' }) | undefined {
    return this.lines.find((line) => line.kind === 'begin');
  }

  has(kind: RecordLine['kind']): boolean {
    return this.lines.some((line) => line.kind === kind);
  }

  /** Files may have been changed for it; before it says so, whatever they hold is somebody else's doing. */
  get touchesFiles(): boolean {
    return this.has('files') || this.has('git');
  }

  /** Nothing was changed for it yet. */
  get untouched(): boolean {
    return this.lines.every((line) => line.kind === 'begin');
  }

  /** Nothing is left to do: it was applied, rolled back, or undone. */
  get settled(): boolean {
    const last = this.lines.at(-1)?.kind;
    return last === undefined || last === 'done' || last === 'rolledBack' || last === 'undone';
  }

  /**
   * Returns once the line would survive a power cut.
   * @throws when the disk does not take it; then it is not there, unless the record is {@link unsure}.
   */
  async append(line: RecordLine): Promise<void> {
    const file = await open(path.join(this.directory, 'record.jsonl'), 'a');
    try {
      const { size } = await file.stat();
      try {
        await file.writeFile(`\n${JSON.stringify(line)}\n`);
        await file.sync();
      } catch (error) {
        await file.truncate(size).catch(() => { this.unsure = true; });
        throw error;
      }
    } finally {
      await file.close();
    }
    if (this.lines.length === 0) for (const directory of [this.directory, path.dirname(this.directory), path.dirname(path.dirname(this.directory))]) await syncDirectory(directory);
    this.lines.push(line);
  }

  /** Resolves when what was read of it would survive a power cut; a window that died may not have made sure. */
  async settle(): Promise<void> {
    if (this.begin !== undefined) await syncFile(path.join(this.directory, 'record.jsonl'));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
