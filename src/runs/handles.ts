import type { Attachment, Handle } from '../catalog/source.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import type { Blobs } from './journal/blobs.js';

const previewCharacters = 2000;
const largestRead = 1024 * 1024;
const mostImages = 4;
const largestImage = 2 * 1024 * 1024;
const seenByModels = /^image\/(?:png|jpeg|gif|webp)$/;
const handleShape = /^blob:([0-9a-f]{64})$/;

/** Bytes a script holds by name only. A handle is named by its content, so it reads the same in a replay and the next script. */
export class Handles {
  constructor(private readonly blobs: Blobs) {}

  keep(attachment: Attachment): Handle {
    const key = this.blobs.put(attachment.data);
    return { handle: `blob:${key}`, mimeType: attachment.mimeType, bytes: attachment.data.length, ...(attachment.name !== undefined && { name: attachment.name }) };
  }

  /** Stands for a result too large to hand over. `json` is its text. */
  keepLarge(value: JsonValue, json: string): Handle {
    const isText = typeof value === 'string';
    const text = isText ? value : json;
    const handle = this.keep({ mimeType: isText ? 'text/plain' : 'application/json', data: Buffer.from(text) });
    return { ...handle, preview: text.slice(0, previewCharacters) };
  }

  /**
   * Bytes `start` to `end` of a handle.
   * @throws {RangeError | TypeError} in a sentence for the script's author.
   */
  async read(handle: unknown, range: unknown): Promise<JsonObject> {
    const name = isJsonObject(handle) ? handle['handle'] : handle;
    const key = typeof name === 'string' ? handleShape.exec(name)?.[1] : undefined;
    if (key === undefined) throw new TypeError('codemode.read takes a handle, as a tool returned it ({ handle, mimeType, bytes }), or its `handle` text.');
    const bytes = await this.blobs.get(key);
    if (bytes === undefined) throw new RangeError('What this handle stands for is no longer kept. Call the tool again for a new one.');
    const wanted = isJsonObject(range) ? range : {};
    const start = bound(wanted['start'], 0, bytes.length);
    const end = bound(wanted['end'], Math.min(bytes.length, start + largestRead), bytes.length);
    if (end - start > largestRead) throw new RangeError(`codemode.read returns at most ${largestRead} bytes at once; read in parts with { start, end }.`);
    const part = Buffer.from(bytes.subarray(start, Math.max(start, end)));
    const text = wanted['as'] === 'base64' ? undefined : textOf(part, wanted['as'] === 'text' || isCut(bytes, start, end));
    const place = { start, end: start + part.length, bytes: bytes.length };
    return text === undefined ? { base64: part.toString('base64'), ...place } : { text, ...place };
  }

  /** All bytes that a name stands for; undefined where they are no longer kept. */
  async bytes(name: string): Promise<Uint8Array | undefined> {
    const key = handleShape.exec(name)?.[1];
    return key === undefined ? undefined : this.blobs.get(key);
  }

  /** The images that a value holds handles of, in order: a few, and none that would be too much for a model. */
  async images(value: JsonValue | undefined): Promise<readonly Attachment[]> {
    const found = new Map<string, string>();
    const stack: (JsonValue | undefined)[] = [value];
    for (let steps = 0; stack.length > 0 && found.size < mostImages && steps < 10_000; steps++) {
      const next = stack.pop();
      if (Array.isArray(next)) stack.push(...[...(next as readonly JsonValue[])].reverse());
      else if (isJsonObject(next)) {
        const key = typeof next['handle'] === 'string' ? handleShape.exec(next['handle'])?.[1] : undefined;
        if (key === undefined) stack.push(...Object.values(next).reverse());
        else if (typeof next['mimeType'] === 'string' && seenByModels.test(next['mimeType'])) found.set(key, next['mimeType']);
      }
    }
    const images = await Promise.all([...found].map(async ([key, mimeType]) => ({ mimeType, data: await this.blobs.get(key) })));
    return images.flatMap(({ mimeType, data }) => (data === undefined || data.length > largestImage ? [] : [{ mimeType, data }]));
  }
}

function bound(value: unknown, otherwise: number, most: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return otherwise;
  return Math.min(Math.max(0, Math.trunc(value)), most);
}

/** A part may begin or end inside a character. */
function isCut(bytes: Uint8Array, start: number, end: number): boolean {
  const continues = (index: number): boolean => ((bytes[index] ?? 0) & 0xc0) === 0x80;
  return (start > 0 && continues(start)) || (end < bytes.length && continues(end));
}

function textOf(bytes: Buffer, lenient: boolean): string | undefined {
  if (bytes.includes(0)) return lenient ? bytes.toString('utf8') : undefined;
  try {
    return new TextDecoder('utf-8', { fatal: !lenient, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
