import { mkdir, rmdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

/** Whoever works says so this often; a lock nobody spoke for that long belongs to a window that is gone. */
const beat = 3_000;
const stale = 15_000;
/** Work under a lock is a few requests with time-outs of their own. */
const longest = 180_000;

/**
 * Runs `work` while no other window runs any under the same name. A folder is the lock: making one is atomic on every
 * file system. Where locks cannot be kept, the work is done without.
 */
export async function alone<T>(directory: string | undefined, name: string, work: () => Promise<T>): Promise<T> {
  if (directory === undefined) return work();
  const lock = path.join(directory, `${name}.lock`);
  let held = false;
  for (const start = Date.now(); !held && Date.now() - start < longest; ) {
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
  const alive = held ? setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), beat) : undefined;
  try {
    return await work();
  } finally {
    clearInterval(alive);
    if (held) await rmdir(lock).catch(() => undefined);
  }
}
