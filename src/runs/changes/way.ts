import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileKey, isInside, type WorkspacePaths } from './paths.js';

/** The nearest place above a path where there is anything. */
export async function existingAbove(absolute: string): Promise<string> {
  let above = path.dirname(absolute);
  while ((await lstat(above).catch(() => undefined)) === undefined && above !== path.dirname(above)) above = path.dirname(above);
  return above;
}

/** Whether a path still means the place it was staged as, whatever links there are now. */
export function leadsTo(absolute: string, paths: WorkspacePaths): boolean {
  const display = paths.display(absolute);
  if (display === undefined) return false;
  try {
    return fileKey(paths.resolve(display, 'keep').absolute) === fileKey(absolute);
  } catch {
    return false;
  }
}

/** What is wrong with the directories a file is in, as a sentence without its end; `leaving` are files that go first. */
export async function wayProblem(absolute: string, { holdsFile, leaving, paths }: { readonly holdsFile: boolean; readonly leaving: ReadonlySet<string>; readonly paths: WorkspacePaths }): Promise<string | undefined> {
  const display = (one: string) => paths.display(one) ?? one;
  if (!leadsTo(absolute, paths)) return `'${display(absolute)}' leads elsewhere than when it was reviewed: a directory above it is a link or another folder now`;
  if (!holdsFile) return undefined;
  const above = await existingAbove(absolute);
  if ((await lstat(above)).isDirectory() || leaving.has(fileKey(above))) return undefined;
  return `'${display(above)}' is a file now, so '${display(absolute)}' cannot be inside it`;
}

/** A directory makes room for a file when it was removed as a whole and everything in it goes. */
export async function makesRoom(directory: string, leaving: ReadonlySet<string>, removed: readonly string[]): Promise<boolean> {
  if (!removed.some((one) => isInside(one, directory))) return false;
  for (const child of await readdir(directory, { withFileTypes: true })) {
    const absolute = path.join(directory, child.name);
    if (!(child.isDirectory() ? await makesRoom(absolute, leaving, removed) : leaving.has(fileKey(absolute)))) return false;
  }
  return true;
}
