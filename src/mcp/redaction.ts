import type { JsonValue } from '../json.js';
import { spellingsOf } from '../spellings.js';

const secretName = /token|secret|passw|passphrase|api[-_]?key|apikey|access[-_]?key|private|credential|auth|cookie|session|bearer|signature|\bpat\b|_key$|^key$|dsn|connection[-_]?string/i;
/** Headers that say nothing of who is calling. */
const plainHeader = /^(accept|accept-.*|content-.*|user-agent|cache-control|connection|host|origin|referer|x-mcp-toolsets|x-mcp-readonly)$/i;
const shortest = 4;
const mask = '•••';

/** Whether a configured value is a secret, going by what it is called and what it looks like. */
export function looksSecret(name: string, value: string): boolean {
  if (value.length < shortest || /^(true|false|\d{1,6})$/i.test(value)) return false;
  if (secretName.test(name) && !/^(\/|[A-Za-z]:\\|\.{1,2}\/)/.test(value)) return true;
  // A long run of letters and digits mixed, as keys have: no word, no version, no path.
  return !/[/\\\s].*[/\\\s]/.test(value) && value.split(/[^A-Za-z0-9]+/).some((run) => run.length >= 16 && /\d/.test(run) && /[A-Za-z]/.test(run));
}

/** The parts of a header value that must not be seen: all of it, and the credential after a scheme. */
export function headerSecrets(name: string, value: string): readonly string[] {
  if (plainHeader.test(name)) return [];
  const credential = /^[A-Za-z][\w-]*\s+(\S+)$/.exec(value)?.[1];
  return credential === undefined ? [value] : [value, credential];
}

/** User, password and secret-looking query values of an address. */
export function urlSecrets(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  const found: string[] = [];
  if (url.password) found.push(decodeURIComponent(url.password), url.password);
  for (const [name, value] of url.searchParams) if (looksSecret(name, value)) found.push(value);
  return found;
}

/**
 * Removes secrets by value from whatever leaves this room: logs, messages, results and cache files.
 * A secret is also found in its other spellings.
 */
export class Redactor {
  private readonly secrets = new Set<string>();
  private pattern: RegExp | undefined;

  /** @param onAdd told of each secret, for what is written outside of this room */
  constructor(private readonly onAdd: (secret: string) => void = () => undefined) {}

  /** Values shorter than four characters cannot be told from ordinary text and are not taken. */
  add(value: string): void {
    if (value.length < shortest) return;
    const before = this.secrets.size;
    for (const form of spellingsOf(value)) this.secrets.add(form);
    if (this.secrets.size === before) return;
    this.onAdd(value);
    const longestFirst = [...this.secrets].sort((a, b) => b.length - a.length);
    this.pattern = new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'g');
  }

  get isEmpty(): boolean {
    return this.pattern === undefined;
  }

  text(text: string): string {
    return this.pattern === undefined ? text : text.replace(this.pattern, mask);
  }

  /** A copy without secrets, in keys too; the value itself where there is nothing to hide. */
  value<T extends JsonValue | undefined>(value: T): T {
    if (this.pattern === undefined || value === undefined) return value;
    return this.walk(value) as T;
  }

  private walk(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => this.walk(item));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.walk(item)]));
  }
}

export { mask as secretMask };
