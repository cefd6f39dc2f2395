import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isJsonObject, type JsonSchema } from '../json.js';

/** The shape of a tool's results so far; never a value. */
export interface SeenShape {
  readonly schema: JsonSchema;
  /** How many results it was merged from. */
  readonly results: number;
}

/**
 * Shapes of results seen, kept per server definition: a server started in another way may answer in another way.
 * One JSON file a definition in `storage`; without `storage` they live as long as the process.
 */
export class SeenShapes {
  private readonly definitions = new Map<string, Map<string, SeenShape>>();
  private readonly dirty = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly storage: string | undefined) {}

  /** Reads what was remembered for a definition; true when there was something new to know. */
  async load(definitionHash: string): Promise<boolean> {
    if (this.definitions.has(definitionHash)) return false;
    const shapes = new Map<string, SeenShape>();
    this.definitions.set(definitionHash, shapes);
    if (this.storage === undefined) return false;
    try {
      const stored: unknown = JSON.parse(await readFile(this.file(definitionHash), 'utf8'));
      if (!isJsonObject(stored)) return false;
      for (const [tool, shape] of Object.entries(stored)) {
        if (!isJsonObject(shape) || typeof shape['results'] !== 'number') continue;
        const schema = shape['schema'];
        if (typeof schema === 'boolean' || isJsonObject(schema)) shapes.set(tool, { schema, results: shape['results'] });
      }
    } catch {
      // Nothing remembered, or unreadable: shapes are only a convenience and grow again.
    }
    return shapes.size > 0;
  }

  get(definitionHash: string, tool: string): SeenShape | undefined {
    return this.definitions.get(definitionHash)?.get(tool);
  }

  set(definitionHash: string, tool: string, shape: SeenShape): void {
    let shapes = this.definitions.get(definitionHash);
    if (shapes === undefined) this.definitions.set(definitionHash, (shapes = new Map<string, SeenShape>()));
    shapes.set(tool, shape);
    this.dirty.add(definitionHash);
    if (this.storage === undefined || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, 500);
    this.timer.unref();
  }

  /** Forgets every shape, on disk too. */
  async clear(): Promise<void> {
    for (const shapes of this.definitions.values()) shapes.clear();
    this.dirty.clear();
    await this.writing;
    if (this.storage !== undefined) await rm(this.storage, { recursive: true, force: true });
  }

  flush(): Promise<void> {
    const { storage } = this;
    if (storage === undefined || this.dirty.size === 0) return this.writing;
    const hashes = [...this.dirty];
    this.dirty.clear();
    this.writing = this.writing.then(async () => {
      try {
        await mkdir(storage, { recursive: true });
        for (const hash of hashes) {
          const file = this.file(hash);
          await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(this.definitions.get(hash) ?? new Map<string, SeenShape>())));
          await rename(`${file}.new`, file);
        }
      } catch {
        // A full or read-only disk costs the memory of shapes and nothing else.
      }
    });
    return this.writing;
  }

  private file(definitionHash: string): string {
    const name = createHash('sha256').update(definitionHash).digest('hex').slice(0, 32);
    return path.join(this.storage ?? '', `${name}.json`);
  }
}
