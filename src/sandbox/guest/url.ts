import type { Ask } from './ask.js';
import type { Kit } from './kit.js';

/** URL and URLSearchParams, parsed by the worker's own implementation of the URL standard. */
export function defineUrl(kit: Kit, ask: Ask): void {
  const { define, global, String: toText, typeError } = kit;
  type Pair = [name: string, value: string];
  interface Parts {
    readonly href: string;
    readonly origin: string;
    readonly protocol: string;
    readonly username: string;
    readonly password: string;
    readonly host: string;
    readonly hostname: string;
    readonly port: string;
    readonly pathname: string;
    readonly search: string;
    readonly hash: string;
  }

  class URLSearchParams {
    #pairs: Pair[] = [];
    #changed: ((text: string) => void) | undefined;
    constructor(init: unknown = '') {
      if (typeof init === 'object' && init !== null) {
        const pairs = Symbol.iterator in init ? [...(init as Iterable<readonly unknown[]>)] : Object.entries(init);
        for (const pair of pairs) {
          const [name, value, ...rest] = [...pair];
          if (pair.length < 2 || rest.length > 0) throw typeError('Each query pair takes a name and a value.');
          this.#pairs.push([toText(name), toText(value)]);
        }
      } else this.#pairs = ask<Pair[]>('parseQuery', toText(init));
    }
    /** Follows the query of a URL. */
    static follow(params: URLSearchParams, text: string, changed: (text: string) => void): void {
      params.#pairs = ask<Pair[]>('parseQuery', text);
      params.#changed = changed;
    }
    #change(): void {
      this.#changed?.(this.toString());
    }
    get size(): number {
      return this.#pairs.length;
    }
    append(name: unknown, value: unknown): void {
      this.#pairs.push([toText(name), toText(value)]);
      this.#change();
    }
    delete(name: unknown, value?: unknown): void {
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== toText(name) || (value !== undefined && pair[1] !== toText(value)));
      this.#change();
    }
    get(name: unknown): string | null {
      return this.#pairs.find((pair) => pair[0] === toText(name))?.[1] ?? null;
    }
    getAll(name: unknown): string[] {
      return this.#pairs.filter((pair) => pair[0] === toText(name)).map((pair) => pair[1]);
    }
    has(name: unknown, value?: unknown): boolean {
      return this.#pairs.some((pair) => pair[0] === toText(name) && (value === undefined || pair[1] === toText(value)));
    }
    set(name: unknown, value: unknown): void {
      const first = this.#pairs.find((pair) => pair[0] === toText(name));
      if (first === undefined) this.#pairs.push([toText(name), toText(value)]);
      else {
        first[1] = toText(value);
        this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== toText(name));
      }
      this.#change();
    }
    sort(): void {
      this.#pairs.sort((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0));
      this.#change();
    }
    forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
      for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
    }
    *entries(): Generator<Pair> {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    *keys(): Generator<string> {
      for (const pair of this.#pairs) yield pair[0];
    }
    *values(): Generator<string> {
      for (const pair of this.#pairs) yield pair[1];
    }
    [Symbol.iterator](): Generator<Pair> {
      return this.entries();
    }
    toString(): string {
      return ask<string>('printQuery', this.#pairs);
    }
    toJSON(): string {
      return this.toString();
    }
  }
  const follow = URLSearchParams.follow.bind(URLSearchParams);
  delete (URLSearchParams as { follow?: unknown }).follow;

  class URL {
    #parts: Parts;
    #params: URLSearchParams | undefined;
    constructor(input: unknown, base?: unknown) {
      this.#parts = ask<Parts>('parseUrl', { input: toText(input), ...(base === undefined ? {} : { base: toText(base) }) });
    }
    static canParse(input: unknown, base?: unknown): boolean {
      try {
        return new URL(input, base) !== undefined;
      } catch {
        return false;
      }
    }
    static parse(input: unknown, base?: unknown): URL | null {
      try {
        return new URL(input, base);
      } catch {
        return null;
      }
    }
    static read(url: URL, key: keyof Parts): string {
      return url.#parts[key];
    }
    static write(url: URL, key: keyof Parts, value: unknown): void {
      url.#parts = ask<Parts>('changeUrl', { href: url.#parts.href, key, value: toText(value) });
      if ((key === 'search' || key === 'href') && url.#params !== undefined) follow(url.#params, url.#parts.search, (text) => url.#setSearch(text));
    }
    #setSearch(text: string): void {
      this.#parts = ask<Parts>('changeUrl', { href: this.#parts.href, key: 'search', value: text });
    }
    get searchParams(): URLSearchParams {
      if (this.#params === undefined) {
        this.#params = new URLSearchParams();
        follow(this.#params, this.#parts.search, (text) => this.#setSearch(text));
      }
      return this.#params;
    }
    toString(): string {
      return this.#parts.href;
    }
    toJSON(): string {
      return this.#parts.href;
    }
  }
  const read = URL.read.bind(URL);
  const write = URL.write.bind(URL);
  delete (URL as { read?: unknown }).read;
  delete (URL as { write?: unknown }).write;
  const keys: readonly (keyof Parts)[] = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
  for (const key of keys) {
    kit.defineProperty(URL.prototype, key, {
      get(this: URL) {
        return read(this, key);
      },
      ...(key === 'origin'
        ? {}
        : {
            set(this: URL, value: unknown) {
              write(this, key, value);
            },
          }),
      enumerable: true,
      configurable: true,
    });
  }
  define(global, 'URL', URL);
  define(global, 'URLSearchParams', URLSearchParams);
}
