const longestLine = 160;

/**
 * The submitted line with one above and below, numbered, and a mark under the column:
 * ```
 *   3 | const issue =
 * > 4 |   await github.create_isue({ title });
 *     |                ^
 * ```
 */
export function codeFrame(source: string, at: { readonly line?: number; readonly column?: number }): string {
  const { line, column } = at;
  const lines = source.split(/\r\n|\n|\r/);
  if (line === undefined || line < 1 || line > lines.length) return '';
  const width = String(Math.min(line + 1, lines.length)).length;
  const shown: string[] = [];
  for (let number = Math.max(1, line - 1); number <= Math.min(lines.length, line + 1); number++) {
    const text = (lines[number - 1] ?? '').replaceAll('\t', ' ');
    shown.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text.length > longestLine ? `${text.slice(0, longestLine)}…` : text}`);
    if (number === line && column !== undefined && column >= 1 && column <= longestLine) shown.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`);
  }
  return shown.join('\n');
}
