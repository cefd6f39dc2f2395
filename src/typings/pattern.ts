import { RE2JS } from 're2js';
import safeRegex from 'safe-regex2';

/** Texts up to this long meet the engine of JavaScript where a pattern repeats little; longer ones RE2, which takes linear time. */
const shortText = 200;
const longestPattern = 2_000;

/**
 * A stranger's regular expression, which meets strangers' texts where nothing can interrupt it: one that may take more than
 * a moment is never tried.
 */
export class Pattern {
  private linear: RE2JS | null | undefined;
  private readonly isBrief: boolean;

  private constructor(
    readonly source: string,
    private readonly native: RegExp,
  ) {
    this.isBrief = isBrief(source);
  }

  /** `undefined` for what is no regular expression, or too long to be one that is meant. */
  static of(source: string): Pattern | undefined {
    try {
      return source.length > longestPattern ? undefined : new Pattern(source, new RegExp(source, 'u'));
    } catch {
      return undefined;
    }
  }

  /** Whether every text gets an answer in JavaScript's own engine that is short enough to be {@link isShort}. */
  get isTame(): boolean {
    return this.isBrief;
  }

  /** Whether it is found in the text; `undefined` where finding out could take for ever. */
  test(text: string): boolean | undefined {
    if (this.isBrief && isShort(text)) return this.native.test(text);
    if (this.linear === undefined) {
      try {
        this.linear = RE2JS.compile(this.source);
      } catch {
        // Look-around and back references are beyond RE2.
        this.linear = null;
      }
    }
    return this.linear?.matcher(text).find();
  }
}

export function isShort(text: string): boolean {
  return text.length <= shortText;
}

/** Takes at most some millions of steps for a short text: at most two repetitions without end, none of them around a choice or another. */
function isBrief(source: string): boolean {
  const plain = source.replace(/\\[^]|\[(?:\\[^]|[^\]\\])*\]/g, 'x');
  const isRepeatedGroup = /\)(?:[*+]|\{\d*,?\d*\})/.test(plain);
  if (/\\[1-9k]/.test(source) || !safeRegex(source)) return false;
  return !isRepeatedGroup && (plain.match(/[*+]|\{\d+,(?:\}|\d{2,}\})/g)?.length ?? 0) <= 2;
}
