import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileDiff, patchText } from '../../../src/runs/changes/fileDiff.js';
import { mostLines, textDiff, type TextDiff } from '../../../src/runs/changes/textDiff.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const numbered = (from: number, to: number, word = 'line'): string => Array.from({ length: to - from + 1 }, (_, index) => `${word} ${from + index}\n`).join('');

/** The text before with the parts that differ put in. */
function patched(before: string, diff: TextDiff): string {
  const lines = before === '' ? [] : before.split(/(?<=\n)/);
  const made: string[] = [];
  let at = 0;
  for (const hunk of diff.hunks) {
    const begin = hunk.lines.some((line) => /^[ -]/.test(line)) ? hunk.before - 1 : hunk.before;
    made.push(...lines.slice(at, begin));
    at = begin;
    for (const [index, line] of hunk.lines.entries()) {
      const text = line.slice(1) + (hunk.lines[index + 1]?.startsWith('\\') === true ? '' : '\n');
      if (line.startsWith('+') || line.startsWith(' ')) made.push(text);
      if (line.startsWith('-') || line.startsWith(' ')) at++;
    }
  }
  return [...made, ...lines.slice(at)].join('');
}

describe('what differs in a file', () => {
  test('is the lines, with those around them and their numbers', () => {
    expect(fileDiff({ path: 'a.txt', before: bytes(numbered(1, 20)), after: bytes(numbered(1, 20).replace('line 10\n', 'changed\nand more\n')) })).toEqual({
      path: 'a.txt',
      kind: 'modified',
      insertions: 2,
      deletions: 1,
      hunks: [{ before: 7, after: 7, lines: [' line 7', ' line 8', ' line 9', '-line 10', '+changed', '+and more', ' line 11', ' line 12', ' line 13'] }],
    });
  });

  test('is all of a file that is new, or goes', () => {
    expect(fileDiff({ path: 'a', after: bytes('x\ny\n') })).toMatchObject({ kind: 'added', insertions: 2, deletions: 0, hunks: [{ lines: ['+x', '+y'] }] });
    expect(fileDiff({ path: 'a', before: bytes('x\n') })).toMatchObject({ kind: 'deleted', insertions: 0, deletions: 1, hunks: [{ lines: ['-x'] }] });
    expect(fileDiff({ path: 'b', from: 'a', before: bytes('x\n'), after: bytes('x\n') })).toMatchObject({ kind: 'renamed', from: 'a', hunks: [] });
  });

  test('turns the one text into the other, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a\n', 'b\n', '\n', 'c'), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = textDiff(before, after);
        expect(patched(before, diff)).toBe(after);
      }),
    );
  });

  test('says of line endings that they change, and shows the lines that change otherwise', () => {
    expect(fileDiff({ path: 'a', before: bytes('a\r\nb\r\n'), after: bytes('a\nc\n') })).toMatchObject({ insertions: 1, deletions: 1, note: 'Lines end with LF; they ended with CRLF.' });
    expect(fileDiff({ path: 'a', before: bytes('a\r\nb\r\n'), after: bytes('a\nb\n') })).toMatchObject({ hunks: [], note: 'Lines end with LF; they ended with CRLF.' });
    expect(fileDiff({ path: 'a', before: bytes('a\r\nb\r\n'), after: bytes('a\r\nc\r\n') })).toMatchObject({ hunks: [{ lines: [' a', '-b', '+c'] }] });
    expect(fileDiff({ path: 'a', before: bytes('a\r\nb\n'), after: bytes('a\nb\r\n') }).insertions).toBe(2);
  });

  test('says so where nothing does', () => {
    expect(fileDiff({ path: 'a', before: bytes('a\n'), after: bytes('a\n') }).note).toBe('Holds this already: nothing changes.');
  });

  test('shows the end of a text without a line break for what it is', () => {
    expect(fileDiff({ path: 'a', before: bytes('a\n'), after: bytes('a') }).hunks[0]?.lines).toEqual(['-a', '+a', String.raw`\ No newline at end of file`]);
  });

  test('is told by size where there is no text, or very much of it', () => {
    expect(fileDiff({ path: 'a', before: Uint8Array.of(1, 0, 2), after: bytes('now text\n') })).toMatchObject({ hunks: [], note: 'Binary, 3 bytes → 9 bytes.' });
    expect(fileDiff({ path: 'a', after: Buffer.alloc(3_000_000, 'a') })).toMatchObject({ hunks: [], note: 'Too large to compare here (2.9 MB).' });
  });

  test('compares what is not UTF-8 byte by byte', () => {
    expect(fileDiff({ path: 'a', before: Uint8Array.of(0xe4, 10), after: Uint8Array.of(0xe5, 10) }).hunks[0]?.lines).toEqual(['-ä', '+å']);
  });

  test('keeps what is to be where two long texts have nothing in common', () => {
    const diff = textDiff(numbered(1, 30_000, 'before'), numbered(1, 30_000, 'after'));
    const shown = diff.hunks.flatMap((hunk) => hunk.lines);
    expect(shown).toHaveLength(mostLines);
    expect(shown.filter((line) => line.startsWith('+'))).toHaveLength(750);
    expect(diff.note).toBe('59,000 more lines are not shown here.');
  });

  test('cuts a line that nobody reads to its end', () => {
    expect(fileDiff({ path: 'a', after: bytes('x'.repeat(5_000)) }).hunks[0]?.lines[0]).toMatch(/^\+x+… \(3,001 more characters\)$/);
  });

  test('is a patch where only text can be shown', () => {
    expect(patchText(fileDiff({ path: 'a', before: bytes('one\r\n'), after: bytes('two\n') }))).toBe('--- a\n+++ a\n# Lines end with LF; they ended with CRLF.\n@@ -1 +1 @@\n-one\n+two');
    expect(patchText(fileDiff({ path: 'a', after: bytes('two\n') }))).toBe('--- no such file\n+++ a\n@@ -1 +1 @@\n+two');
  });
});
