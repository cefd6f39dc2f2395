import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  PathError, ReviewDeclined, StaleRead,
  type FileEntry, type FileSnapshot, type GitView, type OpenDocuments, type ResolvedPath, type StagedEdit, type WorkspaceFolder, type WorkspaceView,
} from '../../catalog/workspace.js';
import type { RunId } from '../../ids.js';
import { sha256 } from './blobs.js';
import { absent, contentOnDisk, largestFile, type Content } from './content.js';
import { fileKey, isGitInternal, isInside, type WorkspacePaths } from './paths.js';
import type { Queue } from './queue.js';
import type { StagedSet } from './stagedSet.js';
import type { StagedEntry } from './stagedState.js';

/** Most files that one delete or rename of a directory may touch. */
const mostFilesAtOnce = 10_000;

/** What one conversation shares between its runs. */
export interface ConversationFiles {
  /** The open set; a new one after Apply or Discard. */
  set(): StagedSet;
  /** @throws {PathError} when another window has the conversation's changes; before any is read, and before any is made. */
  mayLook(): Promise<void>;
  mayStage(): Promise<void>;
  readonly queue: Queue;
  /** Hash of each file as the conversation last saw it. */
  readonly seen: Map<string, string>;
}

export interface ViewPorts {
  readonly conversation: ConversationFiles;
  readonly run: RunId;
  readonly signal: AbortSignal;
  readonly paths: WorkspacePaths;
  readonly documents: OpenDocuments;
  readonly git: GitView;
  review(set: StagedSet, reason: string, signal: AbortSignal): Promise<'applied' | 'discarded'>;
}

/** Disk and open editors, seen through one conversation's change set. */
export class ChangeSetView implements WorkspaceView {
  private looked: Promise<void> | undefined;

  constructor(private readonly ports: ViewPorts) {}

  get folders(): readonly WorkspaceFolder[] {
    return this.ports.paths.folders;
  }

  get git(): GitView {
    return this.ports.git;
  }

  private get set(): StagedSet {
    return this.ports.conversation.set();
  }

  resolve(given: string): ResolvedPath {
    return this.ports.paths.resolve(given);
  }

  async read(given: string): Promise<FileSnapshot> {
    await this.mayLook();
    const place = this.resolve(given);
    const snapshot = await this.snapshot(place);
    if (snapshot === undefined) throw new PathError(await this.missing(place));
    this.ports.conversation.seen.set(fileKey(place.absolute), sha256(snapshot.bytes));
    return snapshot;
  }

  async peek(given: string): Promise<FileSnapshot | undefined> {
    await this.mayLook();
    return this.snapshot(this.resolve(given));
  }

  async stat(given: string): Promise<FileEntry | undefined> {
    await this.mayLook();
    const place = this.ports.paths.resolve(given, 'keep');
    const entry = this.set.staged.get(place.absolute);
    if (entry !== undefined && entry.staged.kind !== 'absent') return entryOf(place.display, entry);
    const stats = await lstat(place.absolute).catch(() => undefined);
    if (stats === undefined || (entry !== undefined && !stats.isDirectory()) || (stats.isDirectory() && (await this.isRemovedDirectory(place.absolute)))) {
      return this.hasStagedChild(place.absolute) ? { path: place.display, type: 'directory', size: 0, basis: 'staged' } : undefined;
    }
    const type = stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'symlink' : 'file';
    const dirty = type === 'file' ? this.ports.documents.dirtyText(place.absolute) : undefined;
    return { path: place.display, type, size: type === 'directory' ? 0 : dirty === undefined ? stats.size : Buffer.byteLength(dirty), basis: dirty === undefined ? 'disk' : 'editor' };
  }

  async list(given: string): Promise<readonly FileEntry[]> {
    await this.mayLook();
    const parts = given.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
    if (parts.length === 0 && this.folders.length > 1) return this.folders.map((folder) => ({ path: folder.name, type: 'directory', size: 0, basis: 'disk' }));
    const place = this.resolve(given);
    const onDisk = (await this.isRemovedDirectory(place.absolute)) ? undefined : await readdir(place.absolute, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') throw new PathError(`'${given}' is a file, not a directory: read it instead.`);
      return undefined;
    });
    const children = this.stagedChildren(place.absolute);
    if (onDisk === undefined && children.size === 0) throw new PathError(`'${given}' does not exist: list the directory above it to see what does.`);
    const entries: FileEntry[] = [];
    for (const child of onDisk ?? []) {
      const absolute = path.join(place.absolute, child.name);
      if (child.name === '.git' || children.has(fileKey(absolute))) continue;
      const found = await this.stat(this.display(absolute));
      if (found !== undefined) entries.push(found);
    }
    for (const child of children.values()) if (child !== undefined) entries.push(child);
    return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  staged(): readonly StagedEdit[] {
    return this.set.files.map((file) => ({ kind: file.kind, path: file.path, absolute: file.absolute, ...(file.from === undefined ? {} : { from: file.from.path }) }));
  }

  unsaved(): readonly string[] {
    return this.ports.documents.unsaved().flatMap((absolute) => this.ports.paths.display(absolute) ?? []);
  }

  async write(given: string, bytes: Uint8Array, mode: 'create' | 'replace' | 'any'): Promise<void> {
    await this.change(given, (before, place) => {
      if (mode === 'create' && before !== undefined) throw new PathError(`'${place.display}' exists already: replace it, or choose another name.`);
      if (mode === 'replace' && before === undefined) throw new PathError(`'${place.display}' does not exist: create it first.`);
      return bytes;
    }, mode !== 'create');
  }

  async update(given: string, change: (before: FileSnapshot | undefined) => Uint8Array): Promise<void> {
    // What `change` sees is what is there now, so an earlier read cannot be out of date.
    await this.change(given, change, false);
  }

  async delete(given: string): Promise<void> {
    await this.staging(async (set) => {
      const place = this.writable(given, 'keep');
      const { files, isDirectory } = await this.filesAt(place, 'deleted');
      for (const file of files) await set.stage(file.absolute, file.base, absent);
      if (isDirectory) await this.markRemoved(set, place);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.staging(async (set) => {
      const source = this.writable(from, 'keep');
      const target = this.writable(to, 'keep');
      if (source.absolute === target.absolute) throw new PathError(`'${from}' has that name already.`);
      if (isInside(source.absolute, target.absolute) && fileKey(source.absolute) !== fileKey(target.absolute)) throw new PathError(`'${from}' cannot be moved into itself.`);
      if ((await this.stat(target.display)) !== undefined && fileKey(source.absolute) !== fileKey(target.absolute)) throw new PathError(`'${target.display}' exists already: delete it first, or choose another name.`);
      await this.mustHaveParent(target);
      const { files, isDirectory } = await this.filesAt(source, 'renamed');
      for (const file of files) {
        const moved = path.join(target.absolute, path.relative(source.absolute, file.absolute));
        const origin = set.staged.get(file.absolute)?.from;
        await set.stage(file.absolute, file.base, absent);
        await set.stage(moved, await this.baseOf(moved), file.now, origin ?? (file.base.kind === 'absent' ? undefined : file.absolute));
      }
      if (isDirectory) await this.markRemoved(set, source);
    });
  }

  async checkpoint(reason: string): Promise<void> {
    const { set, ports } = this;
    await ports.conversation.queue.idle();
    await this.mayLook();
    if (set.state.kind === 'empty' || set.state.kind === 'applied' || set.state.kind === 'discarded') return;
    // What was left out of a review has been decided not to be there.
    if (set.isLeftOut) return;
    set.setCheckpoint({ run: ports.run, reason });
    try {
      const decision = await ports.review(set, reason, ports.signal);
      if (decision === 'discarded') throw new ReviewDeclined(`The staged changes were discarded, so this did not happen: ${reason}`);
    } finally {
      set.setCheckpoint(undefined);
    }
  }

  /** Asked once for all of a run: what it has seen then is what it goes on with. */
  private mayLook(): Promise<void> {
    return (this.looked ??= this.ports.conversation.mayLook());
  }

  private async change(given: string, change: (before: FileSnapshot | undefined, place: ResolvedPath) => Uint8Array, guard: boolean): Promise<void> {
    await this.staging(async (set) => {
      const place = this.writable(given, 'follow');
      await this.mustHaveParent(place);
      const stats = await this.stat(place.display);
      if (stats?.type === 'directory') throw new PathError(`'${place.display}' is a directory, not a file.`);
      const before = await this.snapshot(place);
      const key = fileKey(place.absolute);
      const seen = this.ports.conversation.seen.get(key);
      if (guard && seen !== undefined && seen !== (before === undefined ? '' : sha256(before.bytes))) {
        throw new StaleRead(`'${place.display}' is not what was read of it here before: it was changed meanwhile. Read it again, then write.`);
      }
      const bytes = change(before, place);
      if (bytes.byteLength > largestFile) throw new PathError(`'${place.display}' would hold ${bytes.byteLength} bytes: at most ${largestFile} can be staged.`);
      const base = await this.baseOf(place.absolute, before);
      const known = set.staged.get(place.absolute)?.staged ?? base;
      const hash = await set.blobs.put(bytes);
      await set.stage(place.absolute, base, { kind: 'file', hash, mode: known.kind === 'file' ? known.mode : 0o644, size: bytes.byteLength });
      this.ports.conversation.seen.set(key, hash);
    });
  }

  private async staging(task: (set: StagedSet) => Promise<void>): Promise<void> {
    await this.ports.conversation.queue.run(async () => {
      this.ports.signal.throwIfAborted();
      await this.ports.conversation.mayStage();
      await task(this.set);
    });
  }

  private writable(given: string, link: 'follow' | 'keep'): ResolvedPath {
    const place = this.ports.paths.resolve(given, link);
    if (place.relative === '') throw new PathError(`'${given}' is a workspace folder itself: name a file inside it.`);
    if (isGitInternal(place.relative)) throw new PathError(`'${given}' belongs to git itself: use the git tools.`);
    if (/[\\/]$/.test(given) && link === 'follow') throw new PathError(`'${given}' names a directory: name a file.`);
    return place;
  }

  /** What is there now, as tools see it; undefined when there is no file. */
  private async snapshot(place: ResolvedPath): Promise<FileSnapshot | undefined> {
    const entry = this.set.staged.get(place.absolute);
    const dirtyText = this.ports.documents.dirtyText(place.absolute);
    if (entry !== undefined) {
      if (entry.staged.kind === 'absent') return undefined;
      if (entry.staged.kind === 'link') return this.snapshot(this.resolve(path.resolve(path.dirname(place.absolute), entry.staged.target)));
      return { bytes: await this.set.blobs.get(entry.staged.hash), basis: 'staged', dirty: dirtyText !== undefined };
    }
    const stats = await stat(place.absolute).catch(() => undefined);
    if (stats?.isDirectory() === true && (await this.isRemovedDirectory(place.absolute))) return undefined;
    if (stats?.isDirectory() === true) throw new PathError(`'${place.display}' is a directory, not a file: list it instead.`);
    if (stats !== undefined && !stats.isFile()) throw new PathError(`'${place.display}' is neither a file nor a directory: it cannot be read.`);
    if (stats !== undefined && stats.size > largestFile) throw new PathError(`'${place.display}' holds ${stats.size} bytes: at most ${largestFile} can be read at once.`);
    if (dirtyText !== undefined) return { bytes: withMark(dirtyText, stats === undefined ? undefined : await readFile(place.absolute)), basis: 'editor', dirty: true };
    if (stats === undefined) return undefined;
    const bytes = await readFile(place.absolute).catch((error: NodeJS.ErrnoException) => {
      throw new PathError(`'${place.display}' cannot be read (${error.code ?? error.message}).`);
    });
    return { bytes, basis: 'disk', dirty: false };
  }

  /** What an edit starts from: what was seen of the file, which for a dirty editor is the editor's text. */
  private async baseOf(absolute: string, seen?: FileSnapshot): Promise<Content> {
    const known = this.set.staged.get(absolute);
    if (known !== undefined) return known.base;
    const content = await contentOnDisk(absolute, this.set.blobs);
    if (content === 'directory') return absent;
    if (content === 'special') throw new PathError(`'${this.display(absolute)}' is neither a file nor a link: it cannot be changed.`);
    if (seen?.basis !== 'editor') return content;
    return { kind: 'file', hash: await this.set.blobs.put(seen.bytes), mode: content.kind === 'file' ? content.mode : 0o644, size: seen.bytes.byteLength };
  }

  /** Every file at or below a place, with what it started from and what it is now. */
  private async filesAt(place: ResolvedPath, verb: string): Promise<{ files: readonly { absolute: string; base: Content; now: Content }[]; isDirectory: boolean }> {
    const found = await this.stat(place.display);
    if (found === undefined) throw new PathError(await this.missing(place));
    const files: { absolute: string; base: Content; now: Content }[] = [];
    const add = async (absolute: string) => {
      if (isGitInternal(path.relative(place.folder.path, absolute).split(path.sep).join('/'))) throw new PathError(`'${place.display}' holds a git repository of its own: it cannot be ${verb} as a whole.`);
      if (files.length >= mostFilesAtOnce) throw new PathError(`'${place.display}' holds more than ${mostFilesAtOnce} files: it cannot be ${verb} at once.`);
      const known = this.set.staged.get(absolute);
      if (known?.staged.kind === 'absent') return;
      const dirty = this.ports.documents.dirtyText(absolute);
      const seen = known === undefined && dirty !== undefined ? { bytes: withMark(dirty, await readFile(absolute).catch(() => undefined)), basis: 'editor' as const, dirty: true } : undefined;
      const base = await this.baseOf(absolute, seen);
      files.push({ absolute, base, now: known?.staged ?? base });
    };
    const walk = async (directory: string): Promise<void> => {
      for (const child of await readdir(directory, { withFileTypes: true })) {
        const absolute = path.join(directory, child.name);
        if (child.isDirectory() && child.name !== '.git') await walk(absolute);
        else await add(absolute);
      }
    };
    if (found.type !== 'directory') await add(place.absolute);
    else {
      await walk(place.absolute).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error; });
      for (const entry of this.set.staged.inside(place.absolute)) if (!files.some((file) => fileKey(file.absolute) === fileKey(entry.absolute))) await add(entry.absolute);
    }
    return { files, isDirectory: found.type === 'directory' };
  }

  private async markRemoved(set: StagedSet, place: ResolvedPath): Promise<void> {
    const stats = await lstat(place.absolute).catch(() => undefined);
    if (stats?.isDirectory() !== true || set.removedDirectories.includes(place.absolute)) return;
    set.removedDirectories = [...set.removedDirectories, place.absolute];
    set.touched();
  }

  private async mustHaveParent(place: ResolvedPath): Promise<void> {
    for (let above = path.dirname(place.absolute); isInside(place.folder.path, above) && above !== place.folder.path; above = path.dirname(above)) {
      const staged = this.set.staged.get(above);
      if (staged !== undefined) {
        if (staged.staged.kind === 'absent') continue;
        throw new PathError(`'${this.display(above)}' is a file, so '${place.display}' cannot be inside it.`);
      }
      const stats = await stat(above).catch(() => undefined);
      if (stats !== undefined && !stats.isDirectory()) throw new PathError(`'${this.display(above)}' is a file, so '${place.display}' cannot be inside it.`);
      if (stats !== undefined) return;
    }
  }

  /** A directory that was deleted or renamed as a whole, unless something is in it again, staged or of somebody else. */
  private async isRemovedDirectory(absolute: string): Promise<boolean> {
    if (!this.set.removedDirectories.some((directory) => isInside(directory, absolute)) || this.hasStagedChild(absolute)) return false;
    const holdsOther = async (directory: string): Promise<boolean> => {
      for (const child of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
        const inside = path.join(directory, child.name);
        if (child.isDirectory() ? await holdsOther(inside) : this.set.staged.get(inside) === undefined) return true;
      }
      return false;
    };
    return !(await holdsOther(absolute));
  }

  private hasStagedChild(directory: string): boolean {
    return this.set.staged.inside(directory).some((entry) => entry.staged.kind !== 'absent' && fileKey(entry.absolute) !== fileKey(directory));
  }

  /** Direct children that staging makes or (as undefined) takes away. */
  private stagedChildren(directory: string): Map<string, FileEntry | undefined> {
    const children = new Map<string, FileEntry | undefined>();
    for (const entry of this.set.staged.inside(directory)) {
      const [first, ...rest] = path.relative(directory, entry.absolute).split(path.sep);
      if (first === undefined || first === '') continue;
      const absolute = path.join(directory, first);
      if (rest.length === 0) {
        if (entry.staged.kind === 'absent' && children.get(fileKey(absolute)) !== undefined) continue;
        children.set(fileKey(absolute), entry.staged.kind === 'absent' ? undefined : entryOf(this.display(absolute), entry));
      } else if (entry.staged.kind !== 'absent') {
        children.set(fileKey(absolute), { path: this.display(absolute), type: 'directory', size: 0, basis: 'staged' });
      }
    }
    return children;
  }

  private display(absolute: string): string {
    return this.ports.paths.display(absolute) ?? absolute;
  }

  private async missing(place: ResolvedPath): Promise<string> {
    const deleted = this.set.staged.get(place.absolute)?.staged.kind === 'absent' ? ' (it is staged to be deleted)' : '';
    const name = path.basename(place.relative).toLowerCase();
    const near = await this.list(this.display(path.dirname(place.absolute))).catch(() => []);
    const alike = near.map((entry) => path.posix.basename(entry.path)).filter((other) => other.toLowerCase() === name || path.parse(other).name.toLowerCase() === path.parse(name).name);
    return `'${place.display}' does not exist${deleted}${alike.length > 0 ? `; there is ${alike.slice(0, 3).map((other) => `'${other}'`).join(', ')}` : ''}.`;
  }
}

function entryOf(display: string, entry: StagedEntry): FileEntry {
  if (entry.staged.kind === 'link') return { path: display, type: 'symlink', size: Buffer.byteLength(entry.staged.target), basis: 'staged' };
  return { path: display, type: 'file', size: entry.staged.kind === 'file' ? entry.staged.size : 0, basis: 'staged' };
}

/** An editor's text as it would be saved: with the byte order mark the file has. */
function withMark(text: string, onDisk: Uint8Array | undefined): Uint8Array {
  const marked = onDisk !== undefined && onDisk[0] === 0xef && onDisk[1] === 0xbb && onDisk[2] === 0xbf;
  return Buffer.from(marked && !text.startsWith('\ufeff') ? `\ufeff${text}` : text, 'utf8');
}
