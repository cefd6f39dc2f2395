import type { CatalogTool } from '../catalog/catalog.js';
import { wordsOf } from './words.js';

/** How a question begins, and what only looks: `get rid`, `check out` and `tell Bob` do more. */
const question = new RegExp(
  [
    '^(?:(?:from|in|on|to|for|of|by|at|with) )?(?:what|which|who|whose|whom|where|why|how)\\b',
    '^(?:is|are|was|were|does|did|has|when (?:is|are|was|were|do|does|did|has|have|will))\\b',
    '^(?:am|do|have) (?:i|we|you|they|any|the|these|those|our|my)\\b',
    '^(?:show|find|list|get(?! rid)|look|see|check(?! (?:out|in|off))|search|count|read|view|fetch|(?:tell|give) me)\\b',
    '^(?:let me|i need to|i want to) (?:see|know)\\b',
  ].join('|'),
  'i',
);
/** A request, however politely it is put. */
const request = /^(?:can|could|would|will)\b|\b(?:can|could|would|will) you\b|\bplease\b/i;

/** Whether a query asks for what there is, so that a tool which changes something is hardly meant. */
export function asks(query: string): boolean {
  const words = query.trim();
  return question.test(words) || (words.includes('?') && !request.test(words));
}

const changing = new Set('create add insert update edit set put delete remove send post write upload'.split(' '));

/** Whether a tool changes something: what it claims, else what it is called. */
export function changes({ annotations, ref }: CatalogTool): boolean {
  return annotations?.readOnlyHint === undefined ? wordsOf(ref.name).some((word) => changing.has(word)) : !annotations.readOnlyHint;
}
