import type { JournalFiles } from '../../../src/runs/journal/files.js';

export interface MemoryFiles extends JournalFiles {
  /** What is on the disk itself: synced, and so there after a crash. */
  readonly synced: Map<string, string>;
}

/** A disk in memory that tells what was synced from what was only written. */
export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Buffer>();
  const synced = new Map<string, string>();
  return {
    synced,
    async openAt(file, size) {
      let content = Buffer.from((contents.get(file) ?? Buffer.alloc(0)).subarray(0, size));
      contents.set(file, content);
      return {
        async append(text) {
          content = Buffer.concat([content, Buffer.from(text)]);
          contents.set(file, content);
        },
        sync: async () => void synced.set(file, content.toString()),
        close: async () => undefined,
      };
    },
    async read(file) {
      const content = contents.get(file);
      if (content === undefined) throw new Error('no such file');
      return content;
    },
    replace: async (file, bytes) => void contents.set(file, Buffer.from(bytes)),
    remove: async (file) => void contents.delete(file),
    list: async (folder) => [...contents.keys()].filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1).split('/')[0] as string),
    stat: async (file) => (contents.has(file) ? { size: contents.get(file)?.length ?? 0, modified: 0 } : undefined),
    touch: async () => undefined,
  };
}
