import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory, syncFile } from './durable.js';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes by their SHA-256, in a directory. What is returned by {@link put} would survive the process; {@link settle} makes it survive a power cut. */
export class Blobs {
  /** Put by this process, and so known to be whole. */
  private readonly known = new Set<string>();
  private readonly unsettled = new Set<string>();

  constructor(readonly directory: string) {}

  path(hash: string): string {
    return path.join(this.directory, hash.slice(0, 2), hash);
  }

  async put(bytes: Uint8Array): Promise<string> {
    const hash = sha256(bytes);
    if (this.known.has(hash)) return hash;
    const target = this.path(hash);
    // What a power cut left under this name may be anything.
    if (!(await readFile(target).then((found) => sha256(found) === hash, () => false))) await write(target, bytes);
    this.known.add(hash);
    this.unsettled.add(hash);
    return hash;
  }

  async get(hash: string): Promise<Uint8Array> {
    const bytes = await readFile(this.path(hash));
    if (sha256(bytes) !== hash) throw new Error(`Stored content ${hash.slice(0, 12)} is damaged: the file it belongs to cannot be restored from it.`);
    return bytes;
  }

  /** Resolves when all that was put so far would survive a power cut: needed before anything that relies on it. */
  async settle(): Promise<void> {
    const due = [...this.unsettled];
    if (due.length === 0) return;
    for (const hash of due) await syncFile(this.path(hash));
    for (const directory of new Set([...due.map((hash) => path.dirname(this.path(hash))), this.directory, path.dirname(this.directory)])) await syncDirectory(directory);
    for (const hash of due) this.unsettled.delete(hash);
  }
}

async function write(target: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
