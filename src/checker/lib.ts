import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CheckerGlobals } from './protocol.js';

const reference = /^\/\/\/ <reference lib="([\w.]+)" \/>\s*$/gm;
/** What `RegExp` remembers of the last match, which the engine does not. */
const legacyMembers = /^ +(?:\/\*\*(?:(?!\*\/)[^])*\*\/\s*)?"(?:\$[^"]+|input|lastMatch|lastParen|leftContext|rightContext)": string;$/gm;
/** Nothing a script may use; TypeScript itself does without them. */
const leftOut = new Set(['decorators', 'decorators.legacy', 'dom', 'scripthost', 'webworker.importscripts']);

/**
 * The ambient library a script is checked against, as one text: ECMAScript 2023 less what the sandbox lacks.
 * One file rather than sixty, because TypeScript merges declarations of one file once and those of
 * several files again for every check.
 * @throws {Error} when the library files cannot be read.
 */
export function libText(libDirectory: string, removed: readonly string[]): string {
  const seen = new Set<string>();
  const parts: string[] = [];
  const visit = (name: string): void => {
    if (seen.has(name) || leftOut.has(name)) return;
    seen.add(name);
    const text = readFileSync(path.join(libDirectory, `lib.${name}.d.ts`), 'utf8');
    for (const match of text.matchAll(reference)) if (match[1] !== undefined) visit(match[1]);
    parts.push(text.replace(reference, ''));
  };
  visit('es2023');
  return withoutValues(parts.join('\n').replace(legacyMembers, ''), removed);
}

/** Removes the values of the named globals; interfaces of the same name stay, since other types are made of them. */
export function withoutValues(text: string, removed: readonly string[]): string {
  if (removed.length === 0) return text;
  const plain = removed.filter((name) => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)).map((name) => name.replace(/\$/g, '\\$&'));
  if (plain.length === 0) return text;
  const names = plain.join('|');
  return (
    text
      // The standard library writes each of its values on one line.
      .replace(new RegExp(`^declare (?:var|let|const|function) (?:${names})\\b.*$`, 'gm'), '')
      .replace(new RegExp(`^declare namespace (?:${names}) \\{[^]*?^\\}`, 'gm'), (block) =>
        block.replace(/^( +)(?:var|let|const|function) \w+\b.*$/gm, '').replace(/^ +(?:var|let|const) \w+: \{[^]*?^ {4}\};?/gm, ''),
      )
  );
}

/** Declarations of the sandbox's own globals; those the checker itself relies on are added where they are missing. */
export function globalsText(globals: CheckerGlobals): string {
  const has = (pattern: RegExp): boolean => pattern.test(globals.declarations);
  const own: string[] = [];
  if (!has(/\btype\s+Unchecked\b/)) own.push('/** A value whose shape nobody has seen yet. */\ntype Unchecked = any;');
  if (!has(/\b(?:const|let|var)\s+params\b/)) own.push('/** What the script was started with. */\ndeclare const params: Unchecked;');
  return `${own.join('\n')}\n${globals.declarations}`;
}
