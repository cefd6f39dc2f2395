import { structuredPatch } from 'diff';

/** A part of a text that differs, with the lines around it. */
export interface DiffHunk {
  /** Number of its first line, 1-based, before and after. */
  readonly before: number;
  readonly after: number;
  /** Each with ` `, `-` or `+` before it; `\` begins what is said of the line above. */
  readonly lines: readonly string[];
}

export interface TextDiff {
  readonly insertions: number;
  readonly deletions: number;
  readonly hunks: readonly DiffHunk[];
  /** What the lines do not show. */
  readonly note?: string;
}

/** Beyond this many differing lines, or this long (ms), texts are shown one after the other: looking further would hold everything up. */
const mostEdits = 1_000;
const longestLook = 200;
/** Lines of one file that are shown; what is more is opened in a diff editor. */
export const mostLines = 1_000;

/** What of a text differs, line by line; undefined is a text that is not there. Line endings alone are told, not shown. `context` is lines around. */
export function textDiff(before: string | undefined, after: string | undefined, context = 3): TextDiff {
  const [was, is] = [endingsOf(before), endingsOf(after)];
  const isChanged = was !== undefined && is !== undefined && was !== is;
  const plain = (text = ''): string => (isChanged || was === 'CRLF' || is === 'CRLF' ? text.replaceAll('\r\n', '\n') : text);
  const [a, b] = [plain(before), plain(after)];
  const patch = structuredPatch('', '', a, b, undefined, undefined, { context, maxEditLength: mostEdits, timeout: longestLook });
  const hunks = patch === undefined ? [wholly(a, b)] : patch.hunks.map((hunk) => ({ before: hunk.oldStart, after: hunk.newStart, lines: hunk.lines }));
  const count = (sign: string): number => hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.startsWith(sign)).length, 0);
  const { kept, cut } = firstLines(hunks);
  const notes = [
    ...(isChanged ? [`Lines end with ${is}; they ended with ${was}.`] : []),
    ...(cut > 0 ? [`${cut.toLocaleString('en')} more lines are not shown here.`] : []),
  ];
  return { insertions: count('+'), deletions: count('-'), hunks: kept, ...(notes.length > 0 && { note: notes.join(' ') }) };
}

function endingsOf(text = ''): 'CRLF' | 'LF' | 'CRLF and LF' | undefined {
  const hasLf = /(^|[^\r])\n/.test(text);
  if (!text.includes('\r\n')) return hasLf ? 'LF' : undefined;
  return hasLf ? 'CRLF and LF' : 'CRLF';
}

/** What is to be is what is decided on: it comes before the rest of what was, so that the cut does not take it. */
function wholly(before: string, after: string): DiffHunk {
  const signed = (text: string, sign: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n').map((line) => sign + line));
  const removed = signed(before, '-');
  const first = mostLines / 4;
  return { before: 1, after: 1, lines: [...removed.slice(0, first), ...signed(after, '+'), ...removed.slice(first)] };
}

function firstLines(hunks: readonly DiffHunk[]): { readonly kept: readonly DiffHunk[]; readonly cut: number } {
  const kept: DiffHunk[] = [];
  let room = mostLines;
  let cut = 0;
  for (const hunk of hunks) {
    const lines = hunk.lines.slice(0, room);
    if (lines.length > 0) kept.push({ ...hunk, lines });
    cut += hunk.lines.length - lines.length;
    room -= lines.length;
  }
  return { kept, cut };
}
