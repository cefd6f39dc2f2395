import type { FilePreview } from '../../catalog/source.js';
import { isBinary } from './content.js';
import { textDiff, type TextDiff } from './textDiff.js';

/** What becomes of one file, as a person reads it. */
export interface FileDiff extends TextDiff {
  readonly path: string;
  /** Set for `renamed`. */
  readonly from?: string;
  readonly kind: 'modified' | 'added' | 'deleted' | 'renamed';
  /** It has no lines that could be shown. */
  readonly binary?: true;
}

/** Largest text, in bytes, that is compared where somebody waits for it. */
const largestText = 2_000_000;
/** Longest line that is shown, in characters. */
const longestLine = 2_000;

/** What differs between the two sides of a file; what is no text, or too much of it, is told by its size. */
export function fileDiff({ path, from, before, after }: FilePreview): FileDiff {
  const kind = from !== undefined ? 'renamed' : before === undefined ? 'added' : after === undefined ? 'deleted' : 'modified';
  const named = { path, ...(from !== undefined && { from }), kind } as const;
  const nothing = { ...named, insertions: 0, deletions: 0, hunks: [] };
  const sides = [before, after].filter((side) => side !== undefined);
  const sizes = sides.map((side) => sizeOf(side.byteLength)).join(' → ');
  if (sides.some(isBinary)) return { ...nothing, binary: true, note: `Binary, ${sizes}.` };
  if (sides.some((side) => side.byteLength > largestText)) return { ...nothing, note: `Too large to compare here (${sizes}).` };
  const diff = textDiff(...(textsOf(before, after)));
  const isSame = kind === 'modified' && diff.hunks.length === 0 && diff.note === undefined;
  return { ...named, ...diff, hunks: diff.hunks.map((hunk) => ({ ...hunk, lines: hunk.lines.map(cutLine) })), ...(isSame && { note: 'Holds this already: nothing changes.' }) };
}

/** UTF-8 where both sides are; else byte by byte, so that no difference is lost. */
function textsOf(before: Uint8Array | undefined, after: Uint8Array | undefined): [string | undefined, string | undefined] {
  const decoded = (encoding: string, bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes));
  try {
    return [decoded('utf-8', before), decoded('utf-8', after)];
  } catch {
    return [decoded('latin1', before), decoded('latin1', after)];
  }
}

function cutLine(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine)}… (${(line.length - longestLine).toLocaleString('en')} more characters)`;
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** The same as a unified diff, where only text can be shown. */
export function patchText({ path, from, kind, hunks, note }: FileDiff): string {
  const head = [`--- ${kind === 'added' ? 'no such file' : (from ?? path)}`, `+++ ${kind === 'deleted' ? 'no such file' : path}`];
  return [...head, ...(note === undefined ? [] : [`# ${note}`]), ...hunks.flatMap((hunk) => [`@@ -${hunk.before} +${hunk.after} @@`, ...hunk.lines])].join('\n');
}
