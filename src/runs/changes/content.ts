import { lstat, readFile, readlink } from 'node:fs/promises';
import { sha256, type Blobs } from './blobs.js';

/** What is at a path, with the bytes kept elsewhere by their hash. `mode` holds permission bits only. */
export type Content =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly hash: string; readonly mode: number; readonly size: number }
  | { readonly kind: 'link'; readonly target: string };

export const absent: Content = { kind: 'absent' };

/** Permission bits do not count: a difference in them alone is not a conflict. */
export function sameContent(a: Content, b: Content): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.hash === b.hash;
  if (a.kind === 'link') return b.kind === 'link' && a.target === b.target;
  return b.kind === 'absent';
}

/** True unless both are files of different permission bits. */
export function sameMode(a: Content, b: Content): boolean {
  return a.kind !== 'file' || b.kind !== 'file' || a.mode === b.mode;
}

/** Largest file that can be staged, in bytes. */
export const largestFile = 100 * 1024 * 1024;

/**
 * What is on disk at a path now; a link is not followed. With `blobs`, the bytes are kept.
 * @returns `'directory'` or `'special'` for what is not a file.
 */
export async function contentOnDisk(absolute: string, blobs?: Blobs): Promise<Content | 'directory' | 'special'> {
  const stats = await lstat(absolute).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (stats === undefined) return absent;
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return { kind: 'link', target: await readlink(absolute) };
  if (!stats.isFile()) return 'special';
  const bytes = await readFile(absolute);
  const hash = blobs === undefined ? sha256(bytes) : await blobs.put(bytes);
  return { kind: 'file', hash, mode: stats.mode & 0o7777, size: bytes.byteLength };
}

/** A file is taken for binary as git does: a NUL among its first 8,000 bytes. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0);
}
