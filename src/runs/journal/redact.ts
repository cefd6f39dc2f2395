import { spellingsOf } from '../../spellings.js';

/** Shapes of well-known tokens. Every repetition is bounded, so that no text can make the search slow. */
const tokenShapes = [
  'gh[pousr]_[A-Za-z0-9]{30,255}',
  'github_pat_[A-Za-z0-9_]{22,255}',
  'glpat-[A-Za-z0-9_-]{20,100}',
  'sk-[A-Za-z0-9_-]{20,200}',
  'xox[abeprs]-[A-Za-z0-9-]{10,250}',
  '(?:AKIA|ASIA)[0-9A-Z]{16}',
  'AIza[0-9A-Za-z_-]{35}',
  'npm_[A-Za-z0-9]{36}',
  'eyJ[A-Za-z0-9_-]{10,2000}\\.eyJ[A-Za-z0-9_-]{10,4000}\\.[A-Za-z0-9_-]{10,2000}',
  '-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^"]{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----',
  '(?<=[Bb]earer )[A-Za-z0-9._~+/-]{16,2000}={0,2}',
];

/** What stands in place of a secret. */
export const redacted = '[redacted]';

/** Shorter values are too common in ordinary text to be taken out by value. */
const shortestSecret = 4;

export interface Redactor {
  /** Text without the secrets: by value, also as JSON, Base64, URLs and others write them, and by the shape of known tokens. */
  text(text: string): string;
  /** A JSON value without the secrets in its strings and keys; the same value where there are none. `json` is its text. */
  value<T>(value: T, json: string): T;
  /** As {@link value} but by value alone: what may be taken out of a result that a script goes on working with. */
  known<T>(value: T): T;
  /** As {@link known}, for bytes of any kind; the same bytes where there is nothing to take out. */
  knownBytes(bytes: Uint8Array): Uint8Array;
}

export function createRedactor(secrets: () => readonly string[]): Redactor {
  let known: readonly string[] = [];
  let byValue: RegExp | undefined;
  let inBytes: RegExp | undefined;
  let byValueInJson: RegExp | undefined;
  let byBoth = new RegExp(tokenShapes.join('|'), 'g');
  let byBothInJson = byBoth;

  const refresh = (): void => {
    const now = secrets();
    if (now.length === known.length && now.every((secret, index) => secret === known[index])) return;
    known = [...now];
    // Longest first: a secret that begins with another one must go as a whole.
    const spellings = [...new Set(known.filter((secret) => secret.length >= shortestSecret).flatMap(spellingsOf))].sort((a, b) => b.length - a.length);
    const found = (texts: readonly string[], more: readonly string[] = []): RegExp | undefined => {
      const alternatives = [...new Set(texts.map(escape)), ...more];
      return alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'g') : undefined;
    };
    // In the text of a JSON value every spelling is written as JSON once more.
    const asJson = [...spellings, ...spellings.map((text) => JSON.stringify(text).slice(1, -1))];
    byValue = found(spellings);
    byValueInJson = found(asJson);
    inBytes = found([...spellings, ...spellings.map((text) => Buffer.from(text).toString('latin1'))]);
    byBoth = found(spellings, tokenShapes)!;
    byBothInJson = found(asJson, tokenShapes)!;
  };

  return {
    text(text) {
      refresh();
      return text.replace(byBoth, redacted);
    },
    value(value, json) {
      refresh();
      // Searching the text is cheap and nearly always finds nothing. Where it does, strings are replaced one by one:
      // a secret made of digits must not be cut out of a number and break the JSON.
      return json.search(byBothInJson) === -1 ? value : (replaceStrings(value, byBoth) as typeof value);
    },
    known(value) {
      refresh();
      if (byValue === undefined || byValueInJson === undefined || value === undefined || JSON.stringify(value).search(byValueInJson) === -1) return value;
      return replaceStrings(value, byValue) as typeof value;
    },
    knownBytes(bytes) {
      refresh();
      if (inBytes === undefined) return bytes;
      // One character a byte, so that nothing else is touched, whatever the bytes are.
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      return text.search(inBytes) === -1 ? bytes : Buffer.from(text.replace(inBytes, redacted), 'latin1');
    },
  };
}

function replaceStrings(value: unknown, pattern: RegExp): unknown {
  if (typeof value === 'string') return value.replace(pattern, redacted);
  if (Array.isArray(value)) return value.map((item) => replaceStrings(item, pattern));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.replace(pattern, redacted), replaceStrings(item, pattern)]));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
