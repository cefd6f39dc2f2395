/**
 * What the guest library asks of the worker: pure functions of JSON, with the worker's own Intl and URL. They hold no
 * state of a run, reach nothing outside themselves, and everything they are given is the guest's.
 */
const operations: Readonly<Record<string, (input: never) => unknown>> = {
  encode: (text: string) => [...Buffer.from(text, 'utf8')],
  encoding: (label: string) => new TextDecoder(label).encoding,
  decode: ({ encoding, fatal, ignoreBOM, bytes }: { encoding: string; fatal: boolean; ignoreBOM: boolean; bytes: unknown }) =>
    // A script can answer for JSON of an object: `{ length: 2 ** 31 }` is no list.
    new TextDecoder(encoding, { fatal, ignoreBOM }).decode(Uint8Array.from(Array.isArray(bytes) ? bytes : [])),
  btoa: (text: string) => btoa(text),
  atob: (text: string) => atob(text),
  parseUrl: ({ input, base }: { input: string; base?: string }) => partsOf(newUrl(input, base)),
  changeUrl: ({ href, key, value }: { href: string; key: string; value: string }) => {
    if (key === 'href') return partsOf(newUrl(value));
    const url = newUrl(href);
    if (urlKeys.includes(key as keyof URL)) (url as unknown as Record<string, unknown>)[key] = value;
    return partsOf(url);
  },
  parseQuery: (text: string) => [...new URLSearchParams(text)],
  printQuery: (pairs: [string, string][]) => String(new URLSearchParams(pairs)),
  locales: (locales: string | string[]) => Intl.getCanonicalLocales(locales),
  intl: askIntl,
  locale: ({ tag, options }: { tag: string; options?: Intl.LocaleOptions }) => {
    const locale = new Intl.Locale(tag, options);
    const values = Object.fromEntries(localeKeys.map((key) => [key, locale[key]]));
    return { text: String(locale), maximal: String(locale.maximize()), minimal: String(locale.minimize()), values };
  },
  segments: ({ spec, text }: { spec: IntlSpec['spec']; text: string }) => {
    const segmenter = formatterOf(spec) as unknown as Intl.Segmenter;
    return Array.from(segmenter.segment(text), ({ segment, index, isWordLike }) => ({ segment, index, isWordLike }));
  },
  supportedValues: (key: string) => Intl.supportedValuesOf(key as 'calendar'),
  dateText: ({ ms, method, locales, options }: { ms: number; method: string; locales?: string; options?: Intl.DateTimeFormatOptions }) => {
    const date = new Date(ms);
    const settings = { timeZone: 'UTC', ...options };
    if (method === 'toLocaleDateString') return date.toLocaleDateString(locales ?? 'en-US', settings);
    if (method === 'toLocaleTimeString') return date.toLocaleTimeString(locales ?? 'en-US', settings);
    return date.toLocaleString(locales ?? 'en-US', settings);
  },
  numberText: ({ value, locales, options }: { value: string; locales?: string; options?: Intl.NumberFormatOptions }) =>
    new Intl.NumberFormat(locales ?? 'en-US', options).format(toNumber(value)),
  weights: () => asciiWeights(),
};

/** @returns `+` and JSON of the answer, or `-` and JSON of an error's name and message. Never throws. */
export function answer(operation: string, input: string): string {
  try {
    const operate = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (operate === undefined) throw new TypeError(`There is no ${operation}.`);
    return `+${JSON.stringify(operate(JSON.parse(input) as never)) ?? 'null'}`;
  } catch (error) {
    const { name, message } = error as Error;
    return `-${JSON.stringify({ name: String(name), message: String(message) })}`;
  }
}

const localeKeys = ['baseName', 'calendar', 'caseFirst', 'collation', 'hourCycle', 'language', 'numberingSystem', 'numeric', 'region', 'script'] as const;

const urlKeys: readonly (keyof URL)[] = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

function newUrl(input: string, base?: string): URL {
  try {
    return new URL(input, base);
  } catch {
    throw new TypeError(`Invalid URL: ${input.slice(0, 200)}`);
  }
}

function partsOf(url: URL): Record<string, unknown> {
  return Object.fromEntries(urlKeys.map((key) => [key, Reflect.get(url, key) as unknown]));
}

interface IntlSpec {
  readonly spec: readonly [type: string, locales: string | undefined, options: object | undefined];
  readonly method: string;
  readonly values: readonly unknown[];
}

type Formatter = Record<string, (...values: unknown[]) => unknown>;
const makers: Readonly<Record<string, (locales: string, options: object) => unknown>> = {
  NumberFormat: (locales, options) => new Intl.NumberFormat(locales, options),
  DateTimeFormat: (locales, options) => new Intl.DateTimeFormat(locales, { timeZone: 'UTC', ...options }),
  PluralRules: (locales, options) => new Intl.PluralRules(locales, options),
  RelativeTimeFormat: (locales, options) => new Intl.RelativeTimeFormat(locales, options),
  Collator: (locales, options) => new Intl.Collator(locales, options),
  ListFormat: (locales, options) => new Intl.ListFormat(locales, options),
  Segmenter: (locales, options) => new Intl.Segmenter(locales, options),
  DisplayNames: (locales, options) => new Intl.DisplayNames(locales, options as Intl.DisplayNamesOptions),
};
const methods = new Set(['format', 'formatToParts', 'formatRange', 'formatRangeToParts', 'resolvedOptions', 'select', 'compare', 'of']);
/** Making a formatter costs a hundred times what using it does. */
const formatters = new Map<string, Formatter>();
const mostFormatters = 64;
/** What a script may have kept here of each, in characters. */
const mostKey = 1024;

function askIntl({ spec, method, values }: IntlSpec): unknown {
  const [type] = spec;
  const formatter = formatterOf(spec);
  if (!methods.has(method)) throw new TypeError(`Intl.${type} has no ${method}.`);
  const isNumeric = type === 'NumberFormat' || type === 'PluralRules';
  const given = values.map((value, index) => (isNumeric || (type === 'RelativeTimeFormat' && index === 0) ? toNumber(String(value)) : value));
  return formatter[method]!(...given);
}

function formatterOf(spec: IntlSpec['spec']): Formatter {
  const [type, locales, options] = spec;
  const key = JSON.stringify(spec);
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    if (!Object.hasOwn(makers, type)) throw new TypeError(`There is no Intl.${type}.`);
    formatter = makers[type]!(locales ?? 'en-US', options ?? {}) as Formatter;
    if (formatters.size >= mostFormatters) formatters.clear();
    if (key.length <= mostKey) formatters.set(key, formatter);
  }
  return formatter;
}

/** A number or BigInt from its text; long integers are BigInts, which format without loss. */
function toNumber(text: string): number | bigint {
  const number = Number(text);
  return /^-?\d{16,}$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

/** Primary weight of each printable ASCII character, and whether it sorts after its lower case. */
function asciiWeights(): Record<string, readonly [primary: number, upper: number]> {
  const base = new Intl.Collator('en-US', { sensitivity: 'base' });
  const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).sort((one, other) => base.compare(one, other));
  const weights: Record<string, readonly [number, number]> = {};
  let primary = 0;
  characters.forEach((character, index) => {
    if (index > 0 && base.compare(characters[index - 1]!, character) !== 0) primary++;
    weights[character] = [primary, /[A-Z]/.test(character) ? 1 : 0];
  });
  return weights;
}
