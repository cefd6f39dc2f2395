import { createHash } from 'node:crypto';
import type { JsonValue } from '../../json.js';
import type { Recorded } from '../events.js';
import type { Blobs } from './blobs.js';
import type { Redactor } from './redact.js';

/** Larger values (bytes of JSON) are kept as blobs, so that a journal stays quick to open. */
const inlineBytes = 4096;
const previewCharacters = 400;

/** The key of a value that is recorded already. */
export function keyOfRecorded(recorded: Recorded): string {
  return recorded.kind === 'blob' ? recorded.key : hash(JSON.stringify(recorded.value ?? null));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Puts values into the form the journal holds, and gets them back. */
export interface Recorder {
  /** `json`: the text of the value, where it is known already. */
  record(value: JsonValue | undefined, json?: string): Recorded;
  /** What the value has in common with a recorded one that is the same: the hash of its redacted JSON, as blobs have it. */
  key(value: JsonValue): string;
  /** Undefined where the blob is no longer kept. */
  read(recorded: Recorded): Promise<JsonValue | undefined>;
}

export function createRecorder(blobs: Blobs, redact: Redactor): Recorder {
  return {
    record(value, json) {
      const text = value === undefined ? undefined : (json ?? JSON.stringify(value));
      if (text === undefined || text.length <= inlineBytes) return { kind: 'inline', value };
      const clean = JSON.stringify(redact.value(value, text));
      const bytes = Buffer.from(clean);
      const holds = [...new Set(Array.from(clean.matchAll(/"handle":"blob:([0-9a-f]{64})"/g), ([, key]) => key!))].map((key) => ({ key }));
      return { kind: 'blob', key: blobs.put(bytes), bytes: bytes.length, preview: clean.slice(0, previewCharacters), ...(holds.length > 0 && { holds }) };
    },
    key(value) {
      const text = JSON.stringify(value);
      const clean = redact.value(value, text);
      return hash(clean === value ? text : JSON.stringify(clean));
    },
    async read(recorded) {
      if (recorded.kind === 'inline') return recorded.value;
      const bytes = await blobs.get(recorded.key);
      return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonValue);
    },
  };
}
