/** Characters that are not seen, or change how the text around them is: whoever decides on a text must know that they are there. */
const hidden = '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200c\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\u{e0000}-\\u{e007f}]|(?<!\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d';
const one = new RegExp(hidden, 'u');

/** A text cut where such characters are: what is seen at even places, the characters, as `U+202E`, at odd ones. */
export function splitHidden(text: string): readonly string[] {
  if (!one.test(text)) return [text];
  return text.split(new RegExp(`(${hidden})`, 'u')).map((part, index) => (index % 2 === 0 ? part : `U+${(part.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`));
}

/** The text with such characters by their number, where nothing but text can be shown. */
export function withoutHidden(text: string): string {
  return splitHidden(text)
    .map((part, index) => (index % 2 === 0 ? part : `<${part}>`))
    .join('');
}
