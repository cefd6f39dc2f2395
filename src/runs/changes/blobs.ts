import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes by their SHA-256, in a directory. What is returned by {@link put} is on disk. */
export class Blobs {
  constructor(readonly directory: string) {}

  path(hash: string): string {
    return path.join(this.directory, hash.slice(0, 2), hash);
  }

  /** `durable` also survives a power cut: needed before an effect that relies on it. */
  async put(bytes: Uint8Array, options: { readonly durable?: boolean } = {}): Promise<string> {
    const hash = sha256(bytes);
    const target = this.path(hash);
    const existing = await stat(target).catch(() => undefined);
    if (existing?.size === bytes.byteLength && options.durable !== true) return hash;
    await mkdir(path.dirname(target), { recursive: true });
    const temporary = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      if (options.durable === true) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    return hash;
  }

  async get(hash: string): Promise<Uint8Array> {
    const bytes = await readFile(this.path(hash));
    if (sha256(bytes) !== hash) throw new Error(`Stored content ${hash.slice(0, 12)} is damaged: the file it belongs to cannot be restored from it.`);
    return bytes;
  }
}
