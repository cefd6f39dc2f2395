import { expect, test } from 'vitest';
import { attachmentsIn, attachmentsSaid } from '../../../media/webview/panel/attachments.js';

const handle = (index: number): string => `blob:${index.toString(16).padStart(64, '0')}`;
const image = (index: number, mimeType = 'image/png') => ({ handle: handle(index), mimeType, bytes: 5 });

test('pictures and sounds of a value are found in order, each once, and what could run or point elsewhere is none', () => {
  const value = { first: image(1), list: [image(2, 'audio/wav'), image(1), { deep: { name: 'x', other: image(3, 'image/webp') } }], text: 'blob:', svg: image(4, 'image/svg+xml'), page: image(5, 'text/html'), odd: image(6, 'image/png;x="') };
  expect(attachmentsIn(value).map((each) => [each.handle, each.kind])).toEqual([[handle(1), 'image'], [handle(2), 'audio'], [handle(3), 'image']]);
  expect(attachmentsIn([{ handle: 'https://example.com/x.png', mimeType: 'image/png', bytes: 1 }, { handle: handle(1), mimeType: 'image/png' }, 7, null])).toEqual([]);
  expect(attachmentsIn(undefined)).toEqual([]);
});

test('of very many only some are shown, and a value without end is not walked to it', () => {
  expect(attachmentsIn(Array.from({ length: 100 }, (_, index) => image(index)))).toHaveLength(12);
  expect(attachmentsIn([...Array.from({ length: 20_000 }, () => 0), image(1)])).toEqual([]);
});

test('bytes beside structured values are found in what is said of them', () => {
  expect(attachmentsSaid([`It also answered with bytes, kept as ${JSON.stringify(image(1))}.`, `and {"handle":"${handle(2)}", broken}`, 'nothing'])).toMatchObject([{ handle: handle(1), kind: 'image' }]);
  expect(attachmentsSaid(undefined)).toEqual([]);
});
