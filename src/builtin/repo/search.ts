import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { RE2JS } from 're2js';
import type { Basis, WorkspaceView } from '../../catalog/workspace.js';
import { mayMatch } from './candidates.js';
import { filesOf, matcher, type FindRipgrep, type PathFilter } from './files.js';
import { needlesOf } from './needles.js';
import { decode, largestText, linesOf, withoutMark } from './text.js';

export interface SearchOptions extends PathFilter {
  readonly pattern: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
  readonly contextLines: number;
  readonly limit: number;
  /** Most files that are read: without ripgrep or git, every one of them may have to be. */
  readonly mostFiles: number;
}

export interface SearchPorts {
  readonly ripgrep: FindRipgrep;
  readonly signal: AbortSignal;
  /** How many of the files that may match have been read. */
  readonly onProgress: (done: number, total: number) => void;
}

export interface Match {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly basis: Basis;
}

const longestLine = 2_000;
/** Files read at the same time. */
const filesAtOnce = 16;
/** Files between two reports of progress. */
const progressEvery = 1_024;

/**
 * Searches what the change set leaves. ripgrep or git only say which files on disk may match; what a match is, one
 * engine decides for disk, editors and staged text alike, in linear time.
 * @throws {Error} for a pattern that is not RE2, with what is wrong.
 */
export async function search(workspace: WorkspaceView, options: SearchOptions, { ripgrep, signal, onProgress }: SearchPorts): Promise<{ readonly matches: readonly Match[]; readonly truncated: boolean }> {
  const find = finderOf(options);
  const holds = quickTestOf(options);
  const wanted = matcher(options);
  const { files: all, nested } = await filesOf(workspace, ripgrep, signal);
  const files = all.filter(wanted);
  const mayHold = await mayMatch(workspace, options, nested, ripgrep, signal);
  // Staged or unsaved text may match where the disk does not.
  const other = new Set([...workspace.staged().map((edit) => edit.path), ...workspace.unsaved()]);
  const matches: Match[] = [];
  const likely = mayHold === undefined ? files : files.filter((each) => other.has(each) || mayHold(each));
  let read = 0;
  for await (const { file, content } of contentsOf(workspace, likely.slice(0, options.mostFiles), other, signal)) {
    if (++read % progressEvery === 0) onProgress(read, likely.length);
    if (content === undefined || !holds(content.text)) continue;
    const lines = linesOf(content.text).map((line) => line.replace(/\r?\n$/, ''));
    for (const [at, line] of lines.entries()) {
      const column = find(line);
      if (column === undefined) continue;
      if (matches.length === options.limit) return { matches, truncated: true };
      matches.push({
        path: file,
        line: at + 1,
        column: column + 1,
        text: cut(line, column),
        before: lines.slice(Math.max(0, at - options.contextLines), at).map((each) => cut(each, 0)),
        after: lines.slice(at + 1, at + 1 + options.contextLines).map((each) => cut(each, 0)),
        basis: content.basis,
      });
    }
  }
  return { matches, truncated: likely.length > options.mostFiles };
}

function finderOf(options: SearchOptions): (line: string) => number | undefined {
  if (!options.regex && options.caseSensitive) {
    return (line) => {
      const at = line.indexOf(options.pattern);
      return at === -1 ? undefined : at;
    };
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(options.regex ? options.pattern : RE2JS.quote(options.pattern), options.caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw new Error(`'${options.pattern}' is not a regular expression of RE2 (no look-around, no backreferences): ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return (line) => {
    const found = compiled.matcher(line);
    return found.find() ? found.start() : undefined;
  };
}

/** Whether a text may hold a match at all: cheaper than to look at its lines. */
function quickTestOf({ pattern, regex, caseSensitive }: SearchOptions): (text: string) => boolean {
  const needles = regex ? needlesOf(pattern) : [pattern];
  if (needles === undefined) return () => true;
  if (caseSensitive) return (text) => needles.some((needle) => text.includes(needle));
  // Of other letters too many are the same in another case.
  if (needles.some((needle) => /[^\x20-\x7e]/.test(needle))) return () => true;
  const lower = needles.map((needle) => needle.toLowerCase());
  return (text) => {
    // The Kelvin sign becomes a k by itself, the long s does not become an s.
    const plain = text.toLowerCase().replaceAll('\u017f', 's');
    return lower.some((needle) => plain.includes(needle));
  };
}

type Content = { readonly text: string; readonly basis: Basis } | undefined;

/** Texts in order. What is neither staged nor unsaved comes straight from the disk: it was just found there. */
async function* contentsOf(workspace: WorkspaceView, files: readonly string[], other: ReadonlySet<string>, signal: AbortSignal): AsyncGenerator<{ readonly file: string; readonly content: Content }> {
  for (let at = 0; at < files.length; at += filesAtOnce) {
    signal.throwIfAborted();
    const some = files.slice(at, at + filesAtOnce);
    const contents = await Promise.all(some.map(async (file) => (other.has(file) ? contentOf(workspace, file) : onDisk(workspace, file))));
    for (const [index, file] of some.entries()) yield { file, content: contents[index] };
  }
}

async function onDisk(workspace: WorkspaceView, file: string): Promise<Content> {
  const folder = workspace.folders.length === 1 ? workspace.folders[0] : workspace.folders.find((each) => file.startsWith(`${each.name}/`));
  if (folder === undefined) return undefined;
  const absolute = path.join(folder.path, workspace.folders.length === 1 ? file : file.slice(folder.name.length + 1));
  try {
    const stats = await lstat(absolute);
    if (!stats.isFile() || stats.size > largestText) return undefined;
    return { text: withoutMark(decode(file, await readFile(absolute))), basis: 'disk' };
  } catch {
    // Binary, unreadable or gone since it was listed: not a place where text can be found.
    return undefined;
  }
}

async function contentOf(workspace: WorkspaceView, file: string): Promise<Content> {
  const entry = await workspace.stat(file);
  if (entry?.type !== 'file' || entry.size > largestText) return undefined;
  try {
    const { bytes, basis } = await workspace.read(file);
    return { text: withoutMark(decode(file, bytes)), basis };
  } catch {
    // Binary, unreadable or gone since it was listed: not a place where text can be found.
    return undefined;
  }
}

function cut(line: string, column: number): string {
  if (line.length <= longestLine) return line;
  const from = Math.max(0, Math.min(column - longestLine / 2, line.length - longestLine));
  return `${from > 0 ? '…' : ''}${line.slice(from, from + longestLine)}${from + longestLine < line.length ? '…' : ''}`;
}
