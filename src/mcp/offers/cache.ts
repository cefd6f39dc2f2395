import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { PromptDescription, ResourceDescription, ResourceTemplate, ToolDescription } from '../../catalog/source.js';
import type { JsonValue } from '../../json.js';
import type { ListKind } from '../connection/wire.js';
import type { Redactor } from '../redaction.js';

/** What a server offers, as it said last. */
export interface Offer {
  readonly instructions?: string;
  readonly tools: readonly ToolDescription[];
  readonly resources?: readonly ResourceDescription[];
  readonly templates?: readonly ResourceTemplate[];
  readonly prompts?: readonly PromptDescription[];
  /** It proposes values for arguments. */
  readonly completes?: boolean;
  /** It tells when a resource changed. */
  readonly watches?: boolean;
  /** What a person should know of each list: what of it was left out or could not be read. */
  readonly notices: Readonly<Partial<Record<ListKind, readonly string[]>>>;
  /** The protocol generation it spoke, so that it need not be probed again. */
  readonly era?: 'legacy' | 'modern';
  /** The transport that answered, where the file leaves it open. */
  readonly transport?: 'http' | 'sse';
}

const version = 2;

/** Writes a file whole or not at all; readable to the user alone. A full disk costs what would be remembered, nothing else. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Remembers offers by definition hash, so that typings stand before anything is started. Never fails. */
export class OfferCache {
  constructor(private readonly directory: string | undefined) {}

  async read(hash: string): Promise<Offer | undefined> {
    if (this.directory === undefined) return undefined;
    try {
      const content = JSON.parse(await readFile(this.file(hash), 'utf8')) as { version?: number; offer?: Offer };
      return content.version === version && Array.isArray(content.offer?.tools) ? content.offer : undefined;
    } catch {
      return undefined; // Nothing remembered, or not readable: the server will be asked.
    }
  }

  async write(hash: string, offer: Offer, redactor: Redactor): Promise<void> {
    if (this.directory === undefined) return;
    await replaceFile(this.file(hash), JSON.stringify({ version, offer: redactor.value(offer as unknown as JsonValue) }));
  }

  private file(hash: string): string {
    return path.join(this.directory ?? '', `${hash}.json`);
  }
}
