import { chmod, chown, lstat, mkdir, open, rename, rmdir, rm, symlink, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Blobs } from './blobs.js';
import { contentOnDisk, sameContent, type Content } from './content.js';

/** Puts content at a path in one step: whoever looks sees the old file or the new one, whole. */
export async function putContent(absolute: string, content: Content, blobs: Blobs, tag: string): Promise<void> {
  const now = await contentOnDisk(absolute);
  if (now === 'directory' || now === 'special') {
    if (content.kind === 'absent') return;
    throw new Error(`'${absolute}' is a ${now === 'directory' ? 'directory' : 'special file'} now: no file can be put there.`);
  }
  if (sameContent(now, content)) {
    if (content.kind === 'file' && now.kind === 'file' && content.mode !== now.mode) await chmod(absolute, content.mode);
    return;
  }
  if (content.kind === 'absent') {
    await rm(absolute, { force: true });
    return;
  }
  await mkdir(path.dirname(absolute), { recursive: true });
  const temporary = temporaryOf(absolute, tag);
  await rm(temporary, { force: true });
  try {
    if (content.kind === 'link') await symlink(content.target, temporary);
    else await writeWhole(temporary, await blobs.get(content.hash), content.mode, absolute);
    await rename(temporary, absolute);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Where a file is written before it takes its place; a crash may leave it behind. */
export function temporaryOf(absolute: string, tag: string): string {
  return path.join(path.dirname(absolute), `.${path.basename(absolute).slice(0, 80)}.${tag}.tmp`);
}

async function writeWhole(temporary: string, bytes: Uint8Array, mode: number, absolute: string): Promise<void> {
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  const owner = await lstat(absolute).catch(() => undefined);
  if (owner !== undefined && process.getuid?.() === 0) await chown(temporary, owner.uid, owner.gid).catch(() => undefined);
  await chmod(temporary, mode);
}

/** Directories on the way to a file that do not exist yet, outermost first. */
export async function missingDirectories(absolute: string): Promise<string[]> {
  const missing: string[] = [];
  for (let above = path.dirname(absolute); ; above = path.dirname(above)) {
    if ((await lstat(above).catch(() => undefined)) !== undefined || above === path.dirname(above)) return missing.reverse();
    missing.push(above);
  }
}

/** A directory and those below it, innermost first, with their modes; empty when it does not exist. */
export async function directoriesBelow(directory: string): Promise<{ absolute: string; mode: number }[]> {
  const stats = await lstat(directory).catch(() => undefined);
  if (stats?.isDirectory() !== true) return [];
  const below: { absolute: string; mode: number }[] = [];
  for (const child of await readdir(directory, { withFileTypes: true })) {
    if (child.isDirectory()) below.push(...(await directoriesBelow(path.join(directory, child.name))));
  }
  return [...below, { absolute: directory, mode: stats.mode & 0o7777 }];
}

/** Removes a directory if nothing is in it. */
export async function removeIfEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EPERM', 'EBUSY'].includes(error.code ?? '')) throw error;
  });
}
