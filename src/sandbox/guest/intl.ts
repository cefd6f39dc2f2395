import type { Ask } from './ask.js';
import type { Kit } from './kit.js';

/**
 * `Intl` and the locale methods, answered by the worker's own ICU. Without a locale it is en-US, without a time zone
 * UTC: a script formats the same on every machine.
 */
export function defineIntl(kit: Kit, ask: Ask): void {
  const { define, defineAll, global, uncurry, String: toText } = kit;
  const numberOf = uncurry(Number.prototype.valueOf);
  const bigintOf = uncurry(BigInt.prototype.valueOf);
  const timeOf = uncurry(Date.prototype.getTime);
  const { now } = Date;
  const toNumber = Number;
  const DateClass = Date;
  const fromParts = uncurry(Array.prototype.map as (this: unknown, map: (item: unknown) => unknown) => unknown[]);

  /** Numbers as text: JSON has no NaN, no infinity and no BigInt. */
  const numberText = (value: unknown): string => (typeof value === 'bigint' ? toText(value) : toText(value === 0 && 1 / (value as number) < 0 ? '-0' : toNumber(value)));
  const dateMs = (value: unknown): number => {
    const ms = value === undefined ? now() : value instanceof DateClass ? timeOf(value) : toNumber(value);
    if (!(ms >= -8.64e15 && ms <= 8.64e15)) throw kit.rangeError('Invalid time value');
    return ms;
  };
  type Spec = readonly [type: string, locales: unknown, options: unknown];
  const specs = new WeakMap<object, Spec>();
  const getSpec = uncurry(WeakMap.prototype.get as (this: WeakMap<object, Spec>, key: object) => Spec | undefined);
  const setSpec = uncurry(WeakMap.prototype.set as (this: WeakMap<object, Spec>, key: object, spec: Spec) => unknown);
  const convert: Record<string, (value: unknown) => unknown> = {
    NumberFormat: numberText,
    DateTimeFormat: dateMs,
    PluralRules: numberText,
    RelativeTimeFormat: (value) => (typeof value === 'number' ? numberText(value) : toText(value)),
    Collator: toText,
    ListFormat: (value) => fromParts([...(value as Iterable<unknown>)], toText),
    DisplayNames: toText,
  };
  const methods: Record<string, readonly string[]> = {
    NumberFormat: ['format', 'formatToParts', 'formatRange', 'formatRangeToParts', 'resolvedOptions'],
    DateTimeFormat: ['format', 'formatToParts', 'formatRange', 'formatRangeToParts', 'resolvedOptions'],
    PluralRules: ['select', 'resolvedOptions'],
    RelativeTimeFormat: ['format', 'formatToParts', 'resolvedOptions'],
    Collator: ['compare', 'resolvedOptions'],
    ListFormat: ['format', 'formatToParts', 'resolvedOptions'],
    DisplayNames: ['of', 'resolvedOptions'],
  };
  const Intl = {};
  for (const type of Object.keys(methods)) {
    const constructor = {
      [type]: function (this: unknown, locales?: unknown, options?: unknown) {
        const self = new.target === undefined ? (kit.create(prototype) as object) : (this as object);
        const spec: Spec = [type, locales, options];
        ask('intl', { spec, method: 'resolvedOptions', values: [] });
        setSpec(specs, self, spec);
        return self;
      },
    }[type] as unknown as { prototype: object };
    const prototype = constructor.prototype;
    for (const method of methods[type]!) {
      const run = (self: object, values: readonly unknown[]): unknown => {
        const spec = getSpec(specs, self);
        if (spec === undefined) throw kit.typeError(`This is not an Intl.${type}.`);
        const converted: unknown[] = [];
        const count = type === 'DateTimeFormat' && method.startsWith('format') && values.length === 0 ? 1 : values.length;
        for (let at = 0; at < count; at++) define(converted, toText(at), convert[type]!(values[at]), true);
        return ask('intl', { spec, method, values: converted });
      };
      if (method === 'format' || method === 'compare') {
        // A bound function, so that it can be given to `map` and `sort`.
        kit.defineProperty(prototype, method, { get: function (this: object) { return (...values: unknown[]) => run(this, method === 'compare' ? values : values.slice(0, type === 'RelativeTimeFormat' ? 2 : 1)); }, configurable: true });
      } else define(prototype, method, { [method]: function (this: object, ...values: unknown[]) { return run(this, values); } }[method]);
    }
    define(constructor, 'supportedLocalesOf', (locales: unknown) => ask('locales', locales));
    define(Intl, type, constructor);
  }
  define(Intl, 'getCanonicalLocales', (locales: unknown) => ask('locales', locales));
  define(global, 'Intl', Intl);

  const toLocale = (method: string) =>
    ({
      [method]: function (this: unknown, locales?: unknown, options?: unknown): string {
        const ms = timeOf(this);
        return ms !== ms ? 'Invalid Date' : ask('dateText', { ms, method, locales, options });
      },
    })[method];
  for (const method of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) define(Date.prototype, method, toLocale(method));
  // The engine leaves out what V8 says at the end.
  for (const method of ['toString', 'toTimeString'] as const) {
    const plain = uncurry(Date.prototype[method]);
    define(Date.prototype, method, {
      [method](this: Date): string {
        const text = plain(this);
        return text === 'Invalid Date' ? text : text + ' (Coordinated Universal Time)';
      },
    }[method]);
  }
  define(Number.prototype, 'toLocaleString', {
    toLocaleString(this: unknown, locales?: unknown, options?: unknown): string {
      return ask('numberText', { value: numberText(numberOf(this)), locales, options });
    },
  }.toLocaleString);
  define(BigInt.prototype, 'toLocaleString', {
    toLocaleString(this: unknown, locales?: unknown, options?: unknown): string {
      return ask('numberText', { value: toText(bigintOf(this)), locales, options });
    },
  }.toLocaleString);

  // Comparing is what sorts spend their time in: printable ASCII is compared here, by weights that ICU itself gave.
  const weights = ask<Record<string, readonly [primary: number, upper: number]>>('weights', null);
  defineAll(String.prototype, {
    localeCompare(this: unknown, that: unknown, locales?: unknown, options?: unknown): number {
      if (this === undefined || this === null) throw kit.typeError('localeCompare needs a string.');
      const a = toText(this);
      const b = toText(that);
      if (locales === undefined && options === undefined) {
        let upper = 0;
        for (let at = 0; ; at++) {
          if (at === a.length || at === b.length) {
            if (at === a.length && at === b.length) return upper;
            if (isAscii(a, at) && isAscii(b, at)) return a.length < b.length ? -1 : 1;
            break;
          }
          const one = weights[a[at]!];
          const other = weights[b[at]!];
          if (one === undefined || other === undefined) break;
          if (one[0] !== other[0]) {
            if (isAscii(a, at) && isAscii(b, at)) return one[0] < other[0] ? -1 : 1;
            break;
          }
          if (upper === 0) upper = one[1] - other[1];
        }
      }
      return ask('intl', { spec: ['Collator', locales, options], method: 'compare', values: [a, b] });
    },
  });
  /** Whether the rest of a text holds nothing that could combine with what came before. */
  const isAscii = (text: string, from: number): boolean => {
    for (let at = from; at < text.length; at++) if (weights[text[at]!] === undefined) return false;
    return true;
  };
}
