import { createHash } from 'node:crypto';
import path from 'node:path';
import type { JournalFiles } from './files.js';

/** Content-addressed bytes beside the journals, under a quota. Keys are SHA-256 in hex. */
export interface Blobs {
  /** Takes bytes at once; they are on disk after {@link flush}. */
  put(bytes: Uint8Array): string;
  /** Undefined when no longer kept. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Writes what was put and not yet written. @throws when the disk refuses. */
  flush(): Promise<void>;
  remove(keys: Iterable<string>): Promise<void>;
}

const keyShape = /^[0-9a-f]{64}$/;

export function createBlobs(options: { readonly folder: string; readonly files: JournalFiles; readonly quotaBytes: number }): Blobs {
  const { folder, files, quotaBytes } = options;
  const unwritten = new Map<string, Uint8Array>();
  let kept: Map<string, { size: number; used: number }> | undefined;
  let total = 0;
  let flushing: Promise<void> | undefined;
  const fileOf = (key: string): string => path.join(folder, key.slice(0, 2), key);

  const load = async (): Promise<Map<string, { size: number; used: number }>> => {
    if (kept !== undefined) return kept;
    const found = new Map<string, { size: number; used: number }>();
    for (const shelf of await files.list(folder)) {
      for (const key of await files.list(path.join(folder, shelf))) {
        const stat = keyShape.test(key) ? await files.stat(fileOf(key)) : undefined;
        if (stat !== undefined) found.set(key, { size: stat.size, used: stat.modified });
      }
    }
    total = [...found.values()].reduce((sum, blob) => sum + blob.size, 0);
    kept = found;
    return found;
  };

  const makeRoom = async (known: Map<string, { size: number; used: number }>, size: number): Promise<void> => {
    if (total + size <= quotaBytes) return;
    for (const [key, blob] of [...known].sort((a, b) => a[1].used - b[1].used)) {
      if (total + size <= quotaBytes) return;
      await files.remove(fileOf(key));
      known.delete(key);
      total -= blob.size;
    }
  };

  const writeAll = async (): Promise<void> => {
    const known = await load();
    while (unwritten.size > 0) {
      const [key, bytes] = unwritten.entries().next().value as [string, Uint8Array];
      const blob = known.get(key);
      if (blob !== undefined) {
        await files.touch(fileOf(key));
        blob.used = Date.now();
      } else if (bytes.length <= quotaBytes) {
        await makeRoom(known, bytes.length);
        await files.replace(fileOf(key), bytes);
        known.set(key, { size: bytes.length, used: Date.now() });
        total += bytes.length;
      }
      unwritten.delete(key);
    }
  };

  return {
    put(bytes) {
      const key = createHash('sha256').update(bytes).digest('hex');
      unwritten.set(key, bytes);
      return key;
    },
    async get(key) {
      if (!keyShape.test(key)) return undefined;
      return unwritten.get(key) ?? (await files.read(fileOf(key)).catch(() => undefined));
    },
    async flush() {
      while (unwritten.size > 0 || flushing !== undefined) {
        flushing ??= writeAll().finally(() => (flushing = undefined));
        await flushing;
      }
    },
    async remove(keys) {
      const known = await load();
      for (const key of keys) {
        if (!keyShape.test(key)) continue;
        unwritten.delete(key);
        await files.remove(fileOf(key));
        total -= known.get(key)?.size ?? 0;
        known.delete(key);
      }
    },
  };
}
