import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { PathError, type ResolvedPath, type WorkspaceFolder } from '../../catalog/workspace.js';

const caseFolds = process.platform === 'win32' || process.platform === 'darwin';

/**
 * What two spellings of one file have in common: letter case does not tell files apart on Windows and macOS, and on
 * macOS a letter with its accent is the same as the letter and the accent.
 */
export function fileKey(absolute: string): string {
  if (!caseFolds) return absolute;
  return (process.platform === 'darwin' ? absolute.normalize('NFC') : absolute).toLowerCase();
}

/** True for a path inside (or equal to) a directory. */
export function isInside(directory: string, absolute: string): boolean {
  const base = fileKey(directory);
  const other = fileKey(absolute);
  return other === base || other.startsWith(base.endsWith(path.sep) ? base : base + path.sep);
}

/** Windows reads these as devices, streams or other names; a repository made there could not hold them. */
const windowsTrap = /[<>:"|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** Maps the paths scripts write to files inside the workspace folders, and back. Links are followed before anything is decided. */
export class WorkspacePaths {
  constructor(private readonly currentFolders: () => readonly WorkspaceFolder[]) {}

  get folders(): readonly WorkspaceFolder[] {
    return this.currentFolders();
  }

  /**
   * Where a path leads. `link: 'keep'` leaves a link at the very end of the path as it is, for operations on the link itself.
   * @throws {PathError} for a path outside every folder, or through a link that leaves them.
   */
  resolve(given: string, link: 'follow' | 'keep' = 'follow'): ResolvedPath {
    if (this.folders.length === 0) throw new PathError('No folder is open: open a folder first, then run this again.');
    if (typeof given !== 'string' || given.includes('\0')) throw new PathError('A path must be text without NUL characters.');
    const { folder, rest } = this.folderOf(given);
    const lexical = path.resolve(folder.path, rest);
    if (!isInside(folder.path, lexical)) throw outside(given);
    return this.locate(folder, lexical, given, link);
  }

  /** The way back: undefined when the file lies outside every folder. */
  display(absolute: string): string | undefined {
    const folder = this.innermost(absolute);
    return folder === undefined ? undefined : this.displayIn(folder, absolute);
  }

  private folderOf(given: string): { folder: WorkspaceFolder; rest: string } {
    if (path.isAbsolute(given)) {
      const folder = this.innermost(path.normalize(given));
      if (folder === undefined) throw outside(given);
      return { folder, rest: given };
    }
    const portable = process.platform === 'win32' ? given.replaceAll('\\', '/') : given;
    const parts = portable.split('/').filter((part) => part !== '' && part !== '.');
    const only = this.folders[0]!;
    if (this.folders.length === 1) return { folder: only, rest: parts.join('/') };
    const named = this.folders.find((folder) => fileKey(folder.name) === fileKey(parts[0] ?? ''));
    if (named === undefined) {
      const names = this.folders.map((folder) => folder.name).join(', ');
      throw new PathError(`'${given}' does not begin with a folder of this workspace: begin with one of ${names}, as in '${only.name}/${portable}'.`);
    }
    return { folder: named, rest: parts.slice(1).join('/') };
  }

  /** Follows links, and answers in the spelling of the folder, so that one file has one place. */
  private locate(folder: WorkspaceFolder, lexical: string, given: string, link: 'follow' | 'keep'): ResolvedPath {
    const real = link === 'keep' && lexical !== folder.path
      ? path.join(realPath(path.dirname(lexical), given), path.basename(lexical))
      : realPath(lexical, given);
    for (const candidate of [folder, ...this.folders]) {
      const base = realPath(candidate.path, given);
      if (!isInside(base, real)) continue;
      const relative = path.relative(base, real).split(path.sep).join('/');
      if (process.platform === 'win32' && relative.split('/').some((part) => part !== '' && windowsTrap.test(part))) {
        throw new PathError(`'${given}' is not a file name that Windows can hold: choose another.`);
      }
      const absolute = relative === '' ? candidate.path : path.join(candidate.path, ...relative.split('/'));
      return { folder: candidate, relative, absolute, display: this.displayIn(candidate, absolute) };
    }
    throw new PathError(`'${given}' leads through a link out of the workspace folders: only files inside them can be used.`);
  }

  private innermost(absolute: string): WorkspaceFolder | undefined {
    return this.folders
      .filter((folder) => isInside(folder.path, absolute))
      .sort((a, b) => b.path.length - a.path.length)[0];
  }

  private displayIn(folder: WorkspaceFolder, absolute: string): string {
    const relative = path.relative(folder.path, absolute).split(path.sep).join('/');
    if (this.folders.length === 1) return relative;
    return relative === '' ? folder.name : `${folder.name}/${relative}`;
  }
}

/** True where writing would reach into git's own files, whatever the letter case (and Windows' short name). */
export function isGitInternal(relative: string): boolean {
  return relative.split('/').some((part) => /^(\.git|git~1)$/i.test(part.replace(/[. ]+$/, '').replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')));
}

function outside(given: string): PathError {
  return new PathError(`'${given}' is outside the workspace folders: only files inside them can be used.`);
}

/** The real path of the part that exists, with the rest appended. */
function realPath(absolute: string, given: string): string {
  const rest: string[] = [];
  for (let current = absolute; ; ) {
    try {
      return path.join(realpathSync.native(current), ...rest);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ELOOP') throw new PathError(`'${given}' leads through links that never end.`);
      if (code === 'ENAMETOOLONG') throw new PathError(`'${given.slice(0, 60)}…' is longer than a path may be.`);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new PathError(`'${given}' cannot be reached (${code ?? String(error)}).`);
      // A link that points at nothing has a name but no real path; writing through it would create its target.
      if (isDanglingLink(current)) throw new PathError(`'${given}' leads through a link that points at nothing: remove the link, or name its target.`);
      const parent = path.dirname(current);
      if (parent === current) return absolute;
      rest.unshift(path.basename(current));
      current = parent;
    }
  }
}

function isDanglingLink(absolute: string): boolean {
  try {
    return lstatSync(absolute).isSymbolicLink();
  } catch {
    // Nothing there, or below a file: whoever uses the path says so.
    return false;
  }
}
