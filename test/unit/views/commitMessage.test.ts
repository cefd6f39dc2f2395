import fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectOf, withSubject } from '../../../src/views/review/commitMessage.js';

test('another first line leaves what stands below it', () => {
  expect(withSubject('First\n\nBody of it.\n\nSigned-off-by: A\n', ' Another ')).toBe('Another\n\nBody of it.\n\nSigned-off-by: A\n');
  expect(withSubject('First\r\n\r\nBody', 'Another')).toBe('Another\r\n\r\nBody');
  expect(withSubject('\nFirst\nSecond', 'Another')).toBe('Another\nSecond');
  expect(withSubject('', 'Another')).toBe('Another');
});

test('the first line as it is changes nothing', () => {
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z :]*$/), { minLength: 1 }), (lines) => {
    const message = lines.join('\n').trim();
    expect(withSubject(message, subjectOf(message)).trim()).toBe(message.replace(/^[^\n]*/, (line) => line.trim()).trim());
  }));
});
