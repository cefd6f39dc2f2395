import type { Engine, Thrown } from './engine/engine.js';

const head = '(async()=>{';

/** The body as a function that is called at once; the first line begins after {@link head}. */
export function scriptText(body: string): string {
  return `${head}${body}\n})()`;
}

/**
 * Looks that the text is one function body, not `} … {` around something else: what closes an arrow function and what
 * closes a method cannot be continued by the same text.
 *
 * @returns the SyntaxError when it is not.
 */
export function syntaxErrorOf(engine: Engine, body: string): Thrown | undefined {
  return engine.compile(`${head}${body}\n})`) ?? engine.compile(`({async a(){${body}\n}})`);
}

/** The innermost place of a stack in the submitted text. */
export function scriptFrame(stack: string): { readonly line?: number; readonly column?: number } {
  const match = /[( ]script:(\d+)(?::(\d+))?/.exec(stack);
  if (match === null) return {};
  const line = Number(match[1]);
  if (match[2] === undefined) return { line };
  return { line, column: Math.max(1, line === 1 ? Number(match[2]) - head.length : Number(match[2])) };
}
