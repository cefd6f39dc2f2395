import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { likelyPreview } from '../../../src/runs/likelyPreview.js';
import { Workshop } from '../changes/workshop.js';

let shop: Workshop;
beforeEach(() => { shop = new Workshop(); });
afterEach(() => shop.dispose());

const likely = async (args: JsonObject) => likelyPreview(args, { workspace: shop.view() });

test('a tool that takes a path and a text is held against the file of that name, and hides no argument', async () => {
  shop.write('a.txt', 'one\n');
  expect(await likely({ path: 'a.txt', content: 'two\n' })).toEqual({ files: [{ path: 'a.txt', before: Buffer.from('one\n'), after: Buffer.from('two\n') }], shows: [], note: "Going by its arguments, this call writes 'a.txt'." });
  expect((await likely({ file_path: shop.path('a.txt'), text: 'two\n', mode: 'w' }))?.files).toHaveLength(1);
});

test('what is no such call, or no such file, is not guessed at', async () => {
  shop.write('a.txt', 'one\n');
  await shop.view().write('staged.txt', Buffer.from('x'), 'any');
  for (const args of [{}, { path: 'a.txt' }, { path: 'gone.txt', content: 'x' }, { path: '../../etc/passwd', content: 'x' }, { path: 'a.txt', content: 7 }, { path: 'a.txt', content: 'x', text: 'y' }, { path: 'staged.txt', content: 'x' }, { path: '', content: 'x' }, { title: 'a.txt', content: 'x' }] as JsonObject[]) {
    expect(await likely(args), JSON.stringify(args)).toBeUndefined();
  }
});
