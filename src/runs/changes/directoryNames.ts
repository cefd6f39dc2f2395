import { readdir } from 'node:fs/promises';

/**
 * Names in a directory; none where there is no such directory.
 * @throws where it cannot be read: what is in it is not known then, which is not that nothing is.
 */
export async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
