import { mkdir, open, readFile, rename, rm, stat, utimes, writeFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** The disk, as far as journals and blobs need it; tests put a full or failing one in its place. */
export interface JournalFiles {
  /** Opens a file for writing from `size` on; what stands after `size` is overwritten. */
  openAt(file: string, size: number): Promise<JournalFile>;
  read(file: string): Promise<Uint8Array>;
  /** Whole or not at all. */
  replace(file: string, bytes: Uint8Array): Promise<void>;
  remove(file: string): Promise<void>;
  /** Names in a folder; empty when it does not exist. */
  list(folder: string): Promise<readonly string[]>;
  stat(file: string): Promise<{ readonly size: number; readonly modified: number } | undefined>;
  /** Marks a file as used just now. */
  touch(file: string): Promise<void>;
}

export interface JournalFile {
  /** Appends; after a failure the next append starts where the last successful one ended. */
  append(text: string): Promise<void>;
  /** Resolves when everything appended is on the disk itself. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const nodeFiles: JournalFiles = {
  async openAt(file, size) {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(file, size === 0 ? 'w' : 'r+');
    let end = size;
    await handle.truncate(end);
    return {
      async append(text) {
        const bytes = Buffer.from(text);
        let done = 0;
        while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done, end + done)).bytesWritten;
        end += bytes.length;
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  read: (file) => readFile(file),
  async replace(file, bytes) {
    await mkdir(path.dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, bytes);
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  },
  remove: (file) => rm(file, { force: true }),
  list: async (folder) => readdir(folder).catch(() => []),
  async stat(file) {
    const found = await stat(file).catch(() => undefined);
    return found === undefined ? undefined : { size: found.size, modified: found.mtimeMs };
  },
  async touch(file) {
    const now = new Date();
    await utimes(file, now, now);
  },
};
