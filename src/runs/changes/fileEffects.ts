import { chmod, chown, lstat, mkdir, open, readdir, rename, rm, rmdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Blobs } from './blobs.js';
import { absent, contentOnDisk, sameContent, sameMode, type Content } from './content.js';
import { syncDirectory } from './durable.js';
import { existingAbove } from './way.js';

/** A file is not what it was when it was looked at last: nothing was written to it. */
export class Overtaken extends Error {}

/**
 * Puts content at a path in one step: whoever looks sees the old file or the new one, whole.
 * @throws {Overtaken} when what is there is neither `expected` nor what shall be.
 */
export async function putContent(absolute: string, content: Content, expected: Content, blobs: Blobs, tag: string): Promise<void> {
  const temporary = temporaryOf(absolute, tag);
  if (content.kind !== 'absent' && !(await isPrepared(temporary, content))) await prepareContent(absolute, content, blobs, tag);
  // Nothing comes between this look and the effect.
  const now = await contentOnDisk(absolute);
  if (now === 'directory' && content.kind === 'absent') return;
  if (typeof now === 'string' || !(sameContent(now, expected) || sameContent(now, content))) {
    await rm(temporary, { force: true });
    throw new Overtaken(now === 'directory' ? 'a directory stands there now' : now === 'special' ? 'it is a special file now' : 'somebody else changed it');
  }
  if (sameContent(now, content)) {
    await rm(temporary, { force: true });
    if (content.kind === 'file' && now.kind === 'file' && content.mode !== now.mode) await chmod(absolute, content.mode);
  } else if (content.kind === 'absent') await rm(absolute, { force: true });
  else await rename(temporary, absolute);
}

/** Writes content beside the place it shall take, so that taking it needs no space any more. */
export async function prepareContent(absolute: string, content: Content, blobs: Blobs, tag: string): Promise<void> {
  if (content.kind === 'absent') return;
  const temporary = temporaryOf(absolute, tag);
  await mkdir(path.dirname(absolute), { recursive: true });
  await rm(temporary, { force: true });
  try {
    if (content.kind === 'link') await symlink(content.target, temporary);
    else await writeWhole(temporary, await blobs.get(content.hash), content.mode, absolute);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function isPrepared(temporary: string, content: Content): Promise<boolean> {
  const there = await contentOnDisk(temporary).catch(() => absent);
  return typeof there !== 'string' && sameContent(there, content) && sameMode(there, content);
}

/** Resolves when what was done to these places would survive a power cut. */
export async function settleDirectories(places: readonly string[]): Promise<void> {
  const directories = new Set<string>();
  // Up to the root: which of those on the way are new, somebody else may have decided meanwhile.
  for (const place of places) for (let above = await existingAbove(place); !directories.has(above); above = path.dirname(above)) directories.add(above);
  for (const directory of directories) await syncDirectory(directory);
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

/** Directories on the way to a file that do not exist yet, outermost first; where a file stands now, it goes first. */
export async function missingDirectories(absolute: string): Promise<string[]> {
  const missing: string[] = [];
  for (let above = path.dirname(absolute); ; above = path.dirname(above)) {
    const stats = await lstat(above).catch(() => undefined);
    if ((stats !== undefined && !stats.isFile()) || above === path.dirname(above)) return missing.reverse();
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
