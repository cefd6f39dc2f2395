/**
 * Blocks of Unicode that were full long ago. The engine, TypeScript and the sandbox each have tables of their own age, and a
 * letter that one of them is too young for would break every script and declaration it stands in. Joiners are left out as well:
 * they cannot be seen.
 */
const settled = String.raw`\u0000-\u052f\u0531-\u0587\u05d0-\u05ea\u0620-\u0669\u066e-\u06d3\u0900-\u0b7f\u0e01-\u0e4e\u10a0-\u10ff\u1e00-\u1fff\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u3105-\u312d\u3400-\u4db5\u4e00-\u9fa5\uac00-\ud7a3`;
const start = `[[\\p{ID_Start}$_]&&[${settled}]]`;
const part = `[[\\p{ID_Continue}$]&&[${settled}]]`;

const whole = new RegExp(`^${start}${part}*$`, 'v');
const beginning = new RegExp(`^${start}`, 'v');
const others = new RegExp(`(?:(?!${part})[^])+`, 'gv');

/** Whether a text is an identifier to everything that reads scripts. */
export function isIdentifier(text: string): boolean {
  return whole.test(text);
}

/** Whether an identifier may begin like this text. */
export function beginsIdentifier(text: string): boolean {
  return beginning.test(text);
}

/** The text with each run of characters that no identifier has as `by`. */
export function replaceOthers(text: string, by: string): string {
  return text.replace(others, by);
}
