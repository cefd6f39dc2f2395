import { open } from 'node:fs/promises';

/** Resolves when the bytes of a file would survive a power cut. */
export async function syncFile(absolute: string): Promise<void> {
  // Windows flushes only what may be written.
  const file = await open(absolute, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What systems say that do not sync directories. */
const unsupported = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOTSUP', 'ENOSYS'];

/** Resolves when the names in a directory would survive a power cut, where the system can be asked for that. */
export async function syncDirectory(absolute: string): Promise<void> {
  try {
    const directory = await open(absolute, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    if (!unsupported.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
