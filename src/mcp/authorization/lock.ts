import { mkdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** A lock this old belongs to nobody who still works. */
const stale = 30_000;

/**
 * Runs `work` while no other window runs any under the same name. A folder is the lock: making one is atomic on every
 * file system. Where locks cannot be kept, the work is done without.
 */
export async function alone<T>(directory: string | undefined, name: string, work: () => Promise<T>): Promise<T> {
  if (directory === undefined) return work();
  const lock = path.join(directory, `${name}.lock`);
  let held = false;
  for (const start = Date.now(); !held && Date.now() - start < stale; ) {
    try {
      await mkdir(directory, { recursive: true });
      await mkdir(lock);
      held = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') break;
      const age = await stat(lock).then((found) => Date.now() - found.mtimeMs, () => 0);
      if (age > stale) await rmdir(lock).catch(() => undefined);
      else await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  try {
    return await work();
  } finally {
    if (held) await rmdir(lock).catch(() => undefined);
  }
}
