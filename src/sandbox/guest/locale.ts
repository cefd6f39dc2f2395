import type { Ask } from './ask.js';
import type { Kit } from './kit.js';

/** `Intl.Locale`, `Intl.Segmenter` and `Intl.supportedValuesOf`; see `intl.ts`. */
export function defineLocale(kit: Kit, ask: Ask): void {
  const { define, String: toText } = kit;
  const Intl = kit.global.Intl as object;
  interface LocaleParts {
    readonly text: string;
    readonly maximal: string;
    readonly minimal: string;
    readonly values: Record<string, unknown>;
  }

  class Locale {
    readonly #parts: LocaleParts;
    constructor(tag: unknown, options?: unknown) {
      if (typeof tag !== 'string' && (typeof tag !== 'object' || tag === null)) throw kit.typeError('A locale is made from a language tag or another locale.');
      this.#parts = ask<LocaleParts>('locale', { tag: toText(tag), options });
    }
    toString(): string {
      return this.#parts.text;
    }
    /** How it reaches what formats with it. */
    toJSON(): string {
      return this.#parts.text;
    }
    maximize(): Locale {
      return new Locale(this.#parts.maximal);
    }
    minimize(): Locale {
      return new Locale(this.#parts.minimal);
    }
    static read(locale: Locale, key: string): unknown {
      return locale.#parts.values[key];
    }
  }
  const read = Locale.read.bind(Locale);
  delete (Locale as { read?: unknown }).read;
  for (const key of ['baseName', 'calendar', 'caseFirst', 'collation', 'hourCycle', 'language', 'numberingSystem', 'numeric', 'region', 'script']) {
    kit.defineProperty(Locale.prototype, key, {
      get(this: Locale) {
        return read(this, key);
      },
      configurable: true,
    });
  }
  define(Intl, 'Locale', Locale);

  type Segment = { segment: string; index: number; input: string; isWordLike?: boolean };
  class Segmenter {
    readonly #spec: readonly [type: string, locales: unknown, options: unknown];
    constructor(locales?: unknown, options?: unknown) {
      this.#spec = ['Segmenter', locales, options];
      ask('intl', { spec: this.#spec, method: 'resolvedOptions', values: [] });
    }
    segment(text: unknown): { [Symbol.iterator](): Generator<Segment>; containing(index?: unknown): Segment | undefined } {
      const input = toText(text);
      const found = ask<Omit<Segment, 'input'>[]>('segments', { spec: this.#spec, text: input });
      const whole = (at: number): Segment => ({ ...found[at]!, input });
      return {
        *[Symbol.iterator]() {
          for (let at = 0; at < found.length; at++) yield whole(at);
        },
        containing(index: unknown = 0) {
          for (let at = 0; at < found.length; at++) {
            const { segment, index: from } = found[at]!;
            if ((index as number) >= from && (index as number) < from + segment.length) return whole(at);
          }
          return undefined;
        },
      };
    }
    resolvedOptions(): unknown {
      return ask('intl', { spec: this.#spec, method: 'resolvedOptions', values: [] });
    }
    static supportedLocalesOf(locales: unknown): unknown {
      return ask('locales', locales);
    }
  }
  define(Intl, 'Segmenter', Segmenter);
  define(Intl, 'supportedValuesOf', { supportedValuesOf: (key: unknown) => ask('supportedValues', toText(key)) }.supportedValuesOf);
}
