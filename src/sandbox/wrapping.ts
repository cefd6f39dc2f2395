import type { Engine, Thrown } from './engine/engine.js';

/** Before the first line of the script. */
const head = '(async()=>{\n';

/** The body as a function. */
export function scriptText(body: string): string {
  return `${head}${body}\n})`;
}

/**
 * Looks that the text is one function body, not `} … {` around something else: what closes an arrow function and what
 * closes a method cannot be continued by the same text. The arrow function is what {@link scriptText} makes of it, and
 * is compiled here for the place of its error alone.
 *
 * @returns the SyntaxError when it is not. A text that closes nothing is left to its evaluation.
 */
export function syntaxErrorOf(engine: Engine, body: string): Thrown | undefined {
  if (!body.includes('}')) return undefined;
  const asMethod = engine.compile(`({async a(){\n${body}\n}})`);
  return asMethod === undefined ? undefined : (engine.compile(`${head}${body}\n})`) ?? asMethod);
}

export interface Place {
  /** 1-based; absent: the engine does not say. */
  readonly line?: number;
  /** 1-based, in UTF-16 units like those of editors. */
  readonly column?: number;
  /** The engine only found out behind the last line. */
  readonly isEnd?: true;
}

/** A loop calls from the same place again and again; so many places are remembered. */
const mostPlaces = 256;

/** Reads places of a submitted text out of the engine's stacks. */
export class ScriptText {
  private lines: readonly string[] | undefined;
  private readonly places = new Map<string, Place>();

  constructor(private readonly text: string) {}

  /** The innermost place of a stack. */
  placeOf(stack: string): Place {
    let place = this.places.get(stack);
    if (place === undefined) {
      place = this.read(stack);
      if (this.places.size >= mostPlaces) this.places.clear();
      this.places.set(stack, place);
    }
    return place;
  }

  private read(stack: string): Place {
    const match = /([( ])script:(\d+)(?::(\d+))?/.exec(stack);
    if (match === null) return {};
    // A frame's line is counted from the script's first, a syntax error's from that before it.
    const isFrame = match[1] === '(';
    const line = Number(match[2]) - (isFrame ? 0 : 1);
    this.lines ??= this.text.split(/\r?\n/);
    const text = this.lines[line - 1];
    if (text === undefined) return { line: this.lines.length, column: this.lines.at(-1)!.length + 1, isEnd: true };
    if (match[3] === undefined) return { line };
    const column = unitsOf(text, Math.max(0, Number(match[3]) - 1)) + 1;
    // A frame's place is that of the call's parenthesis or of the dot; a syntax error's is that of its token.
    return { line, column: isFrame ? namedColumn(text, column) : column };
  }
}

/** The engine counts code points. No place is outside of its line, whatever stack a script wrote. */
function unitsOf(text: string, points: number): number {
  if (!/[\ud800-\udbff]/.test(text)) return Math.min(points, text.length);
  let units = 0;
  for (let at = 0; at < points && units < text.length; at++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

/** `return`, names with dots, and a call that ends the statement; of what is between its parentheses, what is simple. */
const returnedCall = /^(return\s+(?:[\w$#\u0080-\uffff]+\??\.)*)[\w$#\u0080-\uffff]+\((?:[^()'"`]|'[^'\\]*'|"[^"\\]*"|\((?:[^()'"`]|'[^'\\]*'|"[^"\\]*")*\))*\)\s*(?:[;}]|$)/;

/** Where editors and V8 point: at the name that is called, at `new`, at the member that is read. */
function namedColumn(text: string, column: number): number {
  const sign = text[column - 1];
  if (sign === '.') return column + 1;
  // The place of a call that is returned as it is, is that of the word: the last call of what follows.
  if (sign === 'r') return column + (returnedCall.exec(text.slice(column - 1))?.[1]!.length ?? 0);
  if (sign !== '(') return column;
  let end = column - 1;
  while (end > 0 && text[end - 1] === ' ') end--;
  let start = end;
  while (start > 0 && /[\w$#\u0080-\uffff]/.test(text[start - 1]!)) start--;
  if (start === end) return column;
  const before = text.slice(Math.max(0, start - 60), start);
  const construct = /\bnew\s+(?:[\w$]+\.)*$/.exec(before);
  return start + 1 - (construct === null ? 0 : construct[0].length);
}
