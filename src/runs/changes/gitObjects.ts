import path from 'node:path';
import type { Blobs } from './blobs.js';
import type { Content } from './content.js';
import type { Git } from './gitCommand.js';

/** Where git runs: a repository, a place to keep objects, and the settings that hold there. */
export interface GitPlace {
  readonly git: Git;
  /** The working tree. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly settings: readonly string[];
  /** Whether filters (such as LFS) run, as with `git add`; without, their files are bytes like all others. */
  readonly filters: boolean;
  readonly objectFormat: string;
  readonly blobs: Blobs;
}

export interface Versioned {
  /** Relative to the root, `/`-separated. */
  readonly path: string;
  readonly content: Content;
}

/** A repository path of a file. */
export function repositoryPath(root: string, absolute: string): string {
  return path.relative(root, absolute).split(path.sep).join('/');
}

/** The name that stands for no object. */
export function noObject(objectFormat: string): string {
  return '0'.repeat(objectFormat === 'sha256' ? 64 : 40);
}

/** Writes files as git would on `git add` (line endings, filters) and returns lines for `update-index -z --index-info`. */
export async function indexLines(place: GitPlace, files: readonly Versioned[]): Promise<string[]> {
  const zero = noObject(place.objectFormat);
  const ids = await writeObjects(place, files);
  const trusted = await trustsModes(place);
  const tracked = trusted ? new Map<string, string>() : await trackedModes(place, files);
  const lines = files.map(({ path: name, content }, i) => {
    if (content.kind === 'absent') return `0 ${zero}\t${name}\0`;
    if (content.kind === 'link') return `120000 ${ids[i]}\t${name}\0`;
    const mode = trusted ? ((content.mode & 0o100) !== 0 ? '100755' : '100644') : (tracked.get(name) ?? '100644');
    return `${mode} ${ids[i]}\t${name}\0`;
  });
  // Deletions first: a file may stand where a directory was.
  return lines.sort((a, b) => Number(b.startsWith('0 ')) - Number(a.startsWith('0 ')));
}

export async function updateIndex(place: GitPlace, index: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await place.git.expect([...place.settings, 'update-index', '--add', '--replace', '-z', '--index-info'], {
    cwd: place.root, env: { ...place.env, GIT_INDEX_FILE: index }, input: lines.join(''),
  });
}

async function writeObjects(place: GitPlace, files: readonly Versioned[]): Promise<(string | undefined)[]> {
  const ids: (string | undefined)[] = files.map(() => undefined);
  const special = await convertedPaths(place, files);
  const plain: { at: number; blob: string }[] = [];
  for (const [at, file] of files.entries()) {
    if (file.content.kind === 'absent') continue;
    const bytes = file.content.kind === 'link' ? Buffer.from(file.content.target) : await place.blobs.get(file.content.hash);
    const asIs = file.content.kind === 'link' || (!special.has(file.path) && !bytes.includes(13));
    if (file.content.kind === 'file' && asIs) plain.push({ at, blob: place.blobs.path(file.content.hash) });
    else ids[at] = await place.git.text([...place.settings, 'hash-object', '-w', '--stdin', ...(asIs ? ['--no-filters'] : [`--path=${file.path}`])], { cwd: place.root, env: place.env, input: bytes });
  }
  if (plain.length > 0) {
    const answer = await place.git.text([...place.settings, 'hash-object', '-w', '--no-filters', '--stdin-paths'], { cwd: place.root, env: place.env, input: plain.map((one) => `${one.blob}\n`).join('') });
    answer.split('\n').forEach((id, i) => { ids[plain[i]!.at] = id; });
  }
  return ids;
}

/** Files whose bytes git converts whatever they hold. */
async function convertedPaths(place: GitPlace, files: readonly Versioned[]): Promise<Set<string>> {
  const present = files.filter((file) => file.content.kind === 'file');
  if (present.length === 0) return new Set();
  const answer = await place.git.expect([...place.settings, 'check-attr', '-z', '--stdin', 'filter', 'ident', 'working-tree-encoding'], {
    cwd: place.root, env: place.env, input: present.map((file) => `${file.path}\0`).join(''),
  });
  const fields = answer.toString('utf8').split('\0');
  const converted = new Set<string>();
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const [name, attribute, value] = [fields[i]!, fields[i + 1]!, fields[i + 2]!];
    if (value !== 'unspecified' && value !== 'unset' && (attribute !== 'filter' || place.filters)) converted.add(name);
  }
  return converted;
}

async function trustsModes(place: GitPlace): Promise<boolean> {
  const answer = await place.git.run([...place.settings, 'config', '--type=bool', '--get', 'core.fileMode'], { cwd: place.root, env: place.env });
  return answer.stdout.toString().trim() !== 'false';
}

async function trackedModes(place: GitPlace, files: readonly Versioned[]): Promise<Map<string, string>> {
  const answer = await place.git.expect([...place.settings, 'ls-files', '-s', '-z', '--', ...files.map((file) => file.path)], { cwd: place.root, env: place.env });
  return new Map(answer.toString('utf8').split('\0').filter(Boolean).map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)]));
}
