import { createScanner, type Node } from 'jsonc-parser';
import type { JsonValue } from '../../json.js';

// Kinds of jsonc-parser's tokens; its enumerations are declared for the compiler only.
const comma = 5;
const lineComment = 12;
const blockComment = 13;
const trivia = 15;

/** What follows an item on its own line: whether a comma does, and where its last comment ends. */
function tail(text: string, from: number): { readonly hasComma: boolean; readonly end: number; readonly atLineEnd: boolean } {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  let hasComma = false;
  let end = from;
  for (;;) {
    const token = scanner.scan() as number;
    if (token === comma && !hasComma) hasComma = true;
    else if (token !== lineComment && token !== blockComment && token !== trivia) return { hasComma, end, atLineEnd: token === 14 };
    if (token !== trivia) end = scanner.getTokenOffset() + scanner.getTokenLength();
  }
}

/**
 * Adds an item after the last one of an object or a list that has a line for each, and touches nothing else of it.
 * `undefined` where it is written otherwise.
 */
export function insertAfterLast(text: string, container: Node, key: string | undefined, value: JsonValue, unit: string, eol: string): string | undefined {
  const last = container.children?.at(-1);
  if (last === undefined) return undefined;
  const lineStart = text.lastIndexOf('\n', last.offset - 1) + 1;
  const indent = text.slice(lineStart, last.offset);
  if (indent.trim() !== '' || lineStart <= container.offset) return undefined;
  const end = last.offset + last.length;
  const after = tail(text, end);
  if (!after.atLineEnd) return undefined;
  const written = JSON.stringify(value, undefined, unit).replaceAll('\n', eol + indent);
  const item = `${eol}${indent}${key === undefined ? '' : `${JSON.stringify(key)}: `}${written}${after.hasComma ? ',' : ''}`;
  return text.slice(0, end) + (after.hasComma ? '' : ',') + text.slice(end, after.end) + item + text.slice(after.end);
}
