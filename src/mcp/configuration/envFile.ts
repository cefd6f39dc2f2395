/**
 * Variables of a `.env` file: `NAME=value` a line, `export` and comments allowed, values bare or quoted;
 * double quotes know `\n`. Lines that say nothing of this form are skipped.
 */
export function readEnvironmentFile(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const entry = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\r\n]*))/gm;
  for (const [, name, single, double, bare] of text.replace(/^\uFEFF/, '').matchAll(entry)) {
    if (name === undefined) continue;
    found[name] = single ?? double?.replace(/\\([nrt"\\$])/g, (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter) ?? bare?.replace(/\s+#.*$/, '').trim() ?? '';
  }
  return found;
}
