import type { Position, TextEdit } from './knowledge.js';

/**
 * Applies edits whose positions all mean the text as it is, like an editor does.
 * @throws {Error} when two edits overlap or one lies outside the text.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const lines = lineStarts(text);
  const placed = edits.map((edit) => ({ start: offsetOf(text, lines, edit.range.start), end: offsetOf(text, lines, edit.range.end), text: edit.text }));
  // Insertions at one place keep the order they were given in.
  const ordered = placed.map((edit, index) => ({ ...edit, index })).sort((a, b) => a.start - b.start || a.end - b.end || a.index - b.index);
  let result = '';
  let done = 0;
  for (const edit of ordered) {
    if (edit.start < done || edit.end < edit.start) throw new Error('The editor gave edits that overlap; nothing was staged.');
    result += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return result + text.slice(done);
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** A column past the end of its line means the end, and a line past the last means the end of the text, as in VS Code. */
function offsetOf(text: string, starts: readonly number[], position: Position): number {
  const start = starts[position.line - 1];
  if (start === undefined) return text.length;
  const next = starts[position.line] ?? text.length + 1;
  const lineEnd = next - 1 <= text.length && next !== text.length + 1 ? next - (text[next - 2] === '\r' && text[next - 1] === '\n' ? 2 : 1) : text.length;
  return Math.min(start + position.column - 1, Math.max(start, lineEnd));
}
