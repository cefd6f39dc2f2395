import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from '../../lifecycle/disposable.js';

/** Editors write a file in several steps: what they do within this time (ms) is one change. */
const settleMs = 150;
/** Some file systems tell nothing: they are looked at this often (ms). */
const pollMs = 5_000;

async function mark(file: string): Promise<string> {
  return stat(file).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
    () => 'none',
  );
}

/**
 * Tells when one of some files changes, comes or goes, wherever it stands and whether or not its folder exists yet.
 * Folders are watched rather than files, since most programs replace a file they save.
 */
export class FileWatch implements Disposable {
  private files: readonly string[] = [];
  private marks = new Map<string, string>();
  private readonly watchers = new Map<string, FSWatcher>();
  private timer: NodeJS.Timeout | undefined;
  private readonly poll: NodeJS.Timeout;
  private disposed = false;

  constructor(private readonly onChange: () => void) {
    this.poll = setInterval(() => this.soon(), pollMs);
    this.poll.unref();
  }

  /** Watches these files from now on, and no others. */
  async follow(files: readonly string[]): Promise<void> {
    this.files = [...new Set(files)];
    await this.look();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    clearInterval(this.poll);
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private soon(): void {
    if (this.disposed || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.look().then((changed) => {
        if (changed && !this.disposed) this.onChange();
      });
    }, settleMs);
    this.timer.unref();
  }

  /** Notes how every file stands; true when one that was known stands otherwise. */
  private async look(): Promise<boolean> {
    const { files } = this;
    const now = await Promise.all(files.map(async (file) => [file, await mark(file)] as const));
    if (files !== this.files || this.disposed) return false;
    const changed = now.some(([file, is]) => this.marks.has(file) && this.marks.get(file) !== is);
    this.marks = new Map(now);
    await this.watchFolders();
    return changed;
  }

  /** The folder of each file, or the nearest one above it that is there. */
  private async watchFolders(): Promise<void> {
    const folders = new Set(await Promise.all(this.files.map(async (file) => nearest(path.dirname(file)))));
    if (this.disposed) return;
    for (const [folder, watcher] of this.watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.watchers.delete(folder);
    }
    for (const folder of folders) if (!this.watchers.has(folder)) this.watchFolder(folder);
  }

  private watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.soon());
      // Gone, or no more watches to be had: the next look finds what is there.
      watcher.on('error', () => {
        watcher.close();
        this.watchers.delete(folder);
        this.soon();
      });
      this.watchers.set(folder, watcher);
    } catch {
      // Not to be watched: looked at every few seconds all the same.
    }
  }
}

async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found?.isDirectory() === true || path.dirname(at) === at) return at;
  }
}
