import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import picomatch from 'picomatch';
import type { WorkspaceFolder, WorkspaceView } from '../../catalog/workspace.js';

/** Finds the path of ripgrep, when there is one. */
export type FindRipgrep = () => Promise<string | undefined>;

/** Globs a path must and must not match. */
export interface PathFilter {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Tests display paths. */
export function matcher(filter: PathFilter): (displayPath: string) => boolean {
  const options = { dot: true };
  const included = filter.include.length === 0 ? () => true : picomatch([...filter.include], options);
  const excluded = filter.exclude.length === 0 ? () => false : picomatch([...filter.exclude], options);
  return (displayPath) => included(displayPath) && !excluded(displayPath);
}

/**
 * Display paths of all files that are not ignored, as the change set leaves them, in order.
 * Ignored are what `.gitignore` files and `.git/info/exclude` name, and every `.git`.
 */
export async function filesOf(workspace: WorkspaceView, ripgrep: FindRipgrep, signal: AbortSignal): Promise<{ readonly files: readonly string[]; /** Repositories below the folders, each with a `/`, as far as we walked. */ readonly nested: readonly string[] }> {
  const engine = await ripgrep();
  const found = new Set<string>();
  const nested: string[] = [];
  for (const folder of workspace.folders) {
    const relative = engine === undefined ? await walked(folder, signal) : await listed(engine, folder, signal).catch(async () => walked(folder, signal));
    const display = (file: string) => (workspace.folders.length > 1 ? `${folder.name}/${file}` : file);
    for (const file of relative.files) found.add(display(file));
    nested.push(...relative.nested.map((place) => display(`${place}/`)));
  }
  signal.throwIfAborted();
  for (const edit of workspace.staged()) {
    if (edit.from !== undefined) found.delete(edit.from);
    if (edit.kind === 'deleted') found.delete(edit.path);
    else found.add(edit.path);
  }
  return { files: [...found].sort(), nested };
}

/** The same for both engines: hidden files count, only git's own ignore files do, and no setting of the person's. */
export const ripgrepSettings = ['--no-config', '--hidden', '--no-ignore-dot', '--no-ignore-global', '--no-require-git', '--glob', '!**/.git'] as const;

interface Listing {
  readonly files: readonly string[];
  readonly nested: readonly string[];
}

async function listed(engine: string, folder: WorkspaceFolder, signal: AbortSignal): Promise<Listing> {
  const { code, output } = await run(engine, [...ripgrepSettings, '--files', '--null'], folder.path, signal);
  // 1: there are no files.
  if (code !== 0 && code !== 1) throw new Error('ripgrep could not list files.');
  return { files: output.split('\0').filter((file) => file !== '').map((file) => file.split(path.sep).join('/')), nested: [] };
}

/** Runs a program to its end and collects what it prints. */
export function run(program: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, signal, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 2, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

interface Rules {
  /** Folder the rules are written for, relative to the workspace folder; may lie above it. */
  readonly base: string;
  readonly rules: Ignore;
}

async function walked(folder: WorkspaceFolder, signal: AbortSignal): Promise<Listing> {
  const files: string[] = [];
  const nested: string[] = [];
  const visit = async (relative: string, above: readonly Rules[]): Promise<void> => {
    signal.throwIfAborted();
    const absolute = path.join(folder.path, relative);
    const entries = await readdir(absolute, { withFileTypes: true }).catch(() => []);
    const own = entries.some((entry) => entry.name === '.gitignore') ? await rulesIn(path.join(absolute, '.gitignore'), relative) : undefined;
    const rules = own === undefined ? above : [...above, own];
    for (const entry of entries) {
      if (entry.name === '.git') {
        if (relative !== '') nested.push(relative);
        continue;
      }
      const child = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (isIgnored(child, entry.isDirectory(), rules)) continue;
      if (entry.isDirectory()) await visit(child, rules);
      else if (entry.isFile()) files.push(child);
    }
  };
  await visit('', await rulesAbove(folder.path));
  return { files, nested };
}

/** The last rule that speaks about a path decides, nearest folder last. */
function isIgnored(file: string, directory: boolean, rules: readonly Rules[]): boolean {
  for (const { base, rules: own } of [...rules].reverse()) {
    const relative = path.posix.relative(base, file);
    const { ignored, unignored } = own.test(directory ? `${relative}/` : relative);
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

async function rulesIn(file: string, base: string): Promise<Rules | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { base, rules: ignore().add(text) };
}

/** Rules of the folders above, up to the root of the repository the folder stands in. */
async function rulesAbove(folder: string): Promise<readonly Rules[]> {
  const found: Rules[] = [];
  for (let at = folder, base = ''; ; at = path.dirname(at), base = path.posix.join(base, '..')) {
    const inGit = await readdir(path.join(at, '.git')).then(() => true, () => false);
    const own = at === folder ? undefined : await rulesIn(path.join(at, '.gitignore'), base);
    if (own !== undefined) found.unshift(own);
    if (inGit) {
      const excluded = await rulesIn(path.join(at, '.git', 'info', 'exclude'), base);
      return excluded === undefined ? found : [excluded, ...found];
    }
    // Not in a repository: only rules at or below the folder count.
    if (at === path.dirname(at)) return [];
  }
}
