import { isJsonObject, type JsonValue } from '../../../src/json.js';

/** Bytes that a value stands for by name, as far as they are shown for what they are. */
export interface ShownBytes {
  readonly handle: string;
  readonly mimeType: string;
  readonly bytes: number;
  readonly name?: string;
  readonly kind: 'image' | 'audio';
}

/** Shown for what they are: pictures that hold no program and point nowhere, and sounds. */
const kinds: readonly (readonly [RegExp, ShownBytes['kind']])[] = [
  [/^image\/(?:png|jpeg|gif|webp|bmp|avif)$/, 'image'],
  [/^audio\/(?:wav|x-wav|wave|mpeg|mp3|mp4|ogg|webm|flac|aac)$/, 'audio'],
];
const most = 12;
const handleShape = /^blob:[0-9a-f]{64}$/;

/** Pictures and sounds in a value, each once, in order: as many as somebody looks at. */
export function attachmentsIn(value: JsonValue | undefined): readonly ShownBytes[] {
  const found = new Map<string, ShownBytes>();
  const stack: (JsonValue | undefined)[] = [value];
  for (let steps = 0; stack.length > 0 && found.size < most && steps < 10_000; steps++) {
    const next = stack.pop();
    if (Array.isArray(next)) stack.push(...[...(next as readonly JsonValue[])].reverse());
    else if (isJsonObject(next)) {
      const { handle, mimeType, bytes, name } = next;
      if (typeof handle !== 'string' || !handleShape.test(handle)) stack.push(...Object.values(next).reverse());
      else if (typeof mimeType === 'string' && typeof bytes === 'number') {
        const kind = kinds.find(([shape]) => shape.test(mimeType))?.[1];
        if (kind !== undefined) found.set(handle, { handle, mimeType, bytes, kind, ...(typeof name === 'string' && { name }) });
      }
    }
  }
  return [...found.values()];
}

/** The same in what is said beside a result: a server may answer with values and with bytes. */
export function attachmentsSaid(notices: readonly string[] | undefined): readonly ShownBytes[] {
  return attachmentsIn((notices ?? []).flatMap((notice) => [...notice.matchAll(/\{"handle":"blob:[0-9a-f]{64}"[^{}]*\}/g)].flatMap(([text]) => parsed(text))));
}

function parsed(text: string): JsonValue[] {
  try {
    return [JSON.parse(text) as JsonValue];
  } catch {
    return [];
  }
}
