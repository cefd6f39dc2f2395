import { expect, test } from 'vitest';
import { splitHidden, withoutHidden } from '../../../src/hidden.js';

test('characters that nobody sees are said by their number, and everything else stays as it is', () => {
  const rlo = String.fromCodePoint(0x202e);
  expect(splitHidden(`rm ${rlo}txt.exe`)).toEqual(['rm ', 'U+202E', 'txt.exe']);
  expect(withoutHidden(`a${String.fromCodePoint(0x200b)}${String.fromCodePoint(0x1b)}[31mb${String.fromCodePoint(0xe0041)}`)).toBe('a<U+200B><U+001B>[31mb<U+E0041>');
  const joiner = String.fromCodePoint(0x200d);
  expect(splitHidden(`a${joiner}b`)).toEqual(['a', 'U+200D', 'b']);
  const plain = `const a = "ä 日本 👩${joiner}🚀";\n\tb\n`;
  expect(splitHidden(plain)).toEqual([plain]);
});
