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
  const tokens = new RegExp(tokenShapes.join('|'), 'g');
  let byValue: Search = nothing;
  let inBytes: Search = nothing;
  let byBoth: Search = { holds: (text) => text.search(tokens) !== -1, pattern: tokens };
  /** In the text of a JSON value every spelling is written as JSON once more. */
  let inJson: Search['holds'] = nothing.holds;

  const refresh = (): void => {
    const now = secrets();
    if (now.length === known.length && now.every((secret, index) => secret === known[index])) return;
    known = [...now];
    const spellings = [...new Set(known.filter((secret) => secret.length >= shortestSecret).flatMap(spellingsOf))];
    byValue = searchFor(spellings);
    inBytes = searchFor([...spellings, ...spellings.map((text) => Buffer.from(text).toString('latin1'))]);
    inJson = searchFor([...spellings, ...spellings.map((text) => JSON.stringify(text).slice(1, -1))]).holds;
    const values = byValue;
    byBoth = { holds: (text) => values.holds(text) || text.search(tokens) !== -1, pattern: new RegExp([values.pattern.source, ...tokenShapes].join('|'), 'g') };
  };

  return {
    text(text) {
      refresh();
      return byBoth.holds(text) ? text.replace(byBoth.pattern, redacted) : text;
    },
    value(value, json) {
      refresh();
      // Searching the text is cheap and nearly always finds nothing. Where it does, strings are replaced one by one:
      // a secret made of digits must not be cut out of a number and break the JSON.
      return inJson(json) || json.search(tokens) !== -1 ? (replaceStrings(value, byBoth.pattern) as typeof value) : value;
    },
    known(value) {
      refresh();
      if (byValue === nothing || value === undefined || !inJson(JSON.stringify(value))) return value;
      return replaceStrings(value, byValue.pattern) as typeof value;
    },
    knownBytes(bytes) {
      refresh();
      if (inBytes === nothing) return bytes;
      // One character a byte, so that nothing else is touched, whatever the bytes are.
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      return inBytes.holds(text) ? Buffer.from(text.replace(inBytes.pattern, redacted), 'latin1') : bytes;
    },
  };
}

/** Whether a text holds something at all, which is nearly always answered with no, and what to take out where it does. */
interface Search {
  readonly holds: (text: string) => boolean;
  readonly pattern: RegExp;
}

const nothing: Search = { holds: () => false, pattern: /(?!)/g };

/** One after the other, plain texts are found ten times as fast as by one expression of all of them. */
function searchFor(texts: readonly string[]): Search {
  // Longest first: a secret that begins with another one must go as a whole.
  const distinct = [...new Set(texts)].sort((a, b) => b.length - a.length);
  if (distinct.length === 0) return nothing;
  return { holds: (text) => distinct.some((each) => text.includes(each)), pattern: new RegExp(distinct.map(escape).join('|'), 'g') };
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
