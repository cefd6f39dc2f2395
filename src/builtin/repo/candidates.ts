import path from 'node:path';
import type { WorkspaceFolder, WorkspaceView } from '../../catalog/workspace.js';
import { ripgrepSettings, run, type FindRipgrep } from './files.js';
import { needlesOf } from './needles.js';
import { largestText } from './text.js';

export interface Sought {
  readonly pattern: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
}

/** Whether a file on disk may hold a match. */
export type MayMatch = (displayPath: string) => boolean;

/** Written alike for RE2 and for ripgrep's engine, of which `\w`, `\d` and `\s` take more; of the rest they think differently. */
const ripgrepThinksOtherwise = /\\[bBWDSAzZQCpP]|\[\^[^\]]*\\[wds]|\[\[:|\(\?(?!:|P?<)/;

/**
 * Leaves out files of which something faster than we are knows that nothing in them matches: ripgrep, or where there is
 * none, git in its repositories. What they are asked for is only what every match must hold, so that their dialects
 * and ideas of letters never decide. Undefined where nobody can tell.
 */
export async function mayMatch(workspace: WorkspaceView, sought: Sought, nested: readonly string[], ripgrep: FindRipgrep, signal: AbortSignal): Promise<MayMatch | undefined> {
  if (sought.pattern.includes('\n')) return undefined;
  const needles = sought.regex ? needlesOf(sought.pattern) : [sought.pattern];
  const engine = await ripgrep();
  const tests: MayMatch[] = [];
  for (const folder of workspace.folders) {
    const found = engine !== undefined ? await byRipgrep(engine, folder, sought, needles, signal)
      : needles !== undefined ? await byGit(workspace, folder, needles, sought.caseSensitive, signal) : undefined;
    signal.throwIfAborted();
    const prefix = workspace.folders.length > 1 ? `${folder.name}/` : '';
    // Git knows nothing of the repositories inside its own.
    const unknown = engine !== undefined ? [] : nested;
    if (found === undefined) tests.push((file) => file.startsWith(prefix));
    else tests.push((file) => file.startsWith(prefix) && (found.has(file.slice(prefix.length)) || unknown.some((place) => file.startsWith(place))));
  }
  return (file) => tests.some((test) => test(file));
}

/** Paths relative to the folder; undefined when ripgrep does not know the pattern or could not read something. */
async function byRipgrep(engine: string, folder: WorkspaceFolder, { pattern, caseSensitive }: Sought, needles: readonly string[] | undefined, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
  if (needles === undefined && ripgrepThinksOtherwise.test(pattern)) return undefined;
  const args = [
    ...ripgrepSettings, '--files-with-matches', '--null', '--text', '--crlf', '--max-filesize', String(largestText), caseSensitive ? '--case-sensitive' : '--ignore-case',
    ...(needles === undefined ? ['--regexp', pattern] : ['--fixed-strings', ...needles.flatMap((needle) => ['--regexp', needle])]), './',
  ];
  const { code, output } = await run(engine, args, folder.path, signal).catch(() => ({ code: 2, output: '' }));
  if (code > 1) return undefined;
  return new Set(output.split('\0').filter(Boolean).map((file) => path.posix.normalize(file.split(path.sep).join('/'))));
}

/** Paths relative to the folder; undefined when it is in no repository, or git cannot say. */
async function byGit(workspace: WorkspaceView, folder: WorkspaceFolder, needles: readonly string[], caseSensitive: boolean, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
  const patterns = caseSensitive ? needles : needles.map(anyCase);
  try {
    const { root } = await workspace.git.repository(workspace.folders.length > 1 ? folder.name : '');
    const below = path.relative(root, folder.path).split(path.sep).join('/');
    const { code, stdout } = await workspace.git.run(root, ['-c', 'core.excludesFile=/dev/null', 'grep', '-z', '-l', '-a', '--untracked', '--no-recurse-submodules', caseSensitive ? '-F' : '-E', ...patterns.flatMap((each) => ['-e', each]), '--', below === '' ? '.' : below], signal);
    if (code > 1) return undefined;
    const prefix = below === '' ? '' : `${below}/`;
    return new Set(stdout.split('\0').filter(Boolean).map((file) => file.slice(prefix.length)));
  } catch {
    return undefined;
  }
}

/** A POSIX expression that takes a text in every letter case, and more where it is not plain ASCII. */
function anyCase(text: string): string {
  return [...text].map((char) => {
    if (/[kK]/.test(char)) return '(k|K|\u212a)';
    if (/[sS]/.test(char)) return '(s|S|\u017f)';
    if (/[a-zA-Z]/.test(char)) return `[${char.toLowerCase()}${char.toUpperCase()}]`;
    if (char.charCodeAt(0) > 126) return '.*';
    return /[\w ]/.test(char) ? char : `\\${char}`;
  }).join('');
}
