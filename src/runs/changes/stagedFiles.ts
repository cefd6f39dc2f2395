import { sameContent, type Content } from './content.js';
import { fileKey, isInside } from './paths.js';
import type { StagedEntry } from './stagedState.js';

/** The staged files of one change set, by place. Immutable values in, immutable values out. */
export class StagedFiles {
  private readonly entries = new Map<string, StagedEntry>();

  constructor(entries: readonly StagedEntry[] = []) {
    for (const entry of entries) this.entries.set(fileKey(entry.absolute), entry);
  }

  get size(): number {
    return this.entries.size;
  }

  get(absolute: string): StagedEntry | undefined {
    return this.entries.get(fileKey(absolute));
  }

  /** In path order. */
  all(): readonly StagedEntry[] {
    return [...this.entries.values()].sort((a, b) => (a.absolute < b.absolute ? -1 : 1));
  }

  inside(directory: string): readonly StagedEntry[] {
    return this.all().filter((entry) => isInside(directory, entry.absolute));
  }

  /**
   * Stages content. `base` is what it starts from, unless something is staged there already. `keep` keeps an entry that
   * has come back to what it was, because a staged commit holds another version of it.
   */
  set(absolute: string, base: Content, staged: Content, options: { readonly from?: string; readonly keep?: boolean } = {}): void {
    const key = fileKey(absolute);
    const known = this.entries.get(key);
    const start = known?.base ?? base;
    const from = options.from ?? (staged.kind === 'absent' ? undefined : known?.from);
    const same = sameContent(start, staged) && (start.kind !== 'file' || staged.kind !== 'file' || start.mode === staged.mode);
    if (same && options.keep !== true) {
      this.entries.delete(key);
      return;
    }
    this.entries.set(key, { absolute: known?.absolute ?? absolute, base: start, staged, from, excluded: known?.excluded ?? false });
  }

  setExcluded(absolute: string, excluded: boolean): void {
    const entry = this.get(absolute);
    if (entry === undefined) return;
    for (const one of [entry, ...this.partners(entry)]) this.entries.set(fileKey(one.absolute), { ...one, excluded });
  }

  remove(absolute: string): void {
    this.entries.delete(fileKey(absolute));
  }

  /** The place a file was renamed from, as long as nothing stands there again. */
  renamedFrom(entry: StagedEntry): StagedEntry | undefined {
    if (entry.from === undefined || entry.staged.kind === 'absent' || entry.base.kind !== 'absent') return undefined;
    const origin = this.get(entry.from);
    return origin?.staged.kind === 'absent' ? origin : undefined;
  }

  /** A rename is two entries that stand or fall together. */
  private partners(entry: StagedEntry): readonly StagedEntry[] {
    const origin = this.renamedFrom(entry);
    const targets = this.all().filter((other) => other.from !== undefined && fileKey(other.from) === fileKey(entry.absolute) && this.renamedFrom(other) === entry);
    return origin === undefined ? targets : [origin, ...targets];
  }
}
