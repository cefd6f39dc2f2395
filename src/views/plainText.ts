/** A text as Markdown that shows exactly it: nothing of it is markup, a link or an icon, and it wraps as prose does. */
export function plainText(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+\-.!~|$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/\r?\n/g, '\n\n');
}
