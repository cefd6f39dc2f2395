import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { afterEach, expect, test } from 'vitest';
import { needlesOf } from '../../../src/builtin/repo/needles.js';
import { createRepoSource } from '../../../src/builtin/repo/source.js';
import type { JsonObject } from '../../../src/json.js';
import type { Progress, ToolSource } from '../../../src/catalog/source.js';
import { Desk } from './desk.js';

/*
 * Whoever looks for candidates (ripgrep, git, or nobody), the answers are the same: dialects, letters of other cases,
 * line ends, encodings, hidden and ignored files, repositories in repositories and staged text do not make a difference.
 */
const ripgrep = [...(process.env['CODE_MODE_RIPGREP'] === undefined ? [] : [process.env['CODE_MODE_RIPGREP']]), 'rg'].find((place) => {
  try {
    return execFileSync(place, ['--version']).length > 0;
  } catch {
    return false;
  }
});

let desk: Desk;
afterEach(() => desk.dispose());

async function everywhere(inRepository: boolean): Promise<void> {
  desk = new Desk(createRepoSource());
  if (inRepository) desk.init({ '.gitignore': '*.log\nbuild/\n!keep.log\nforced.txt\n' });
  else desk.write('.gitignore', '*.log\nbuild/\n!keep.log\nforced.txt\n');
  desk.write('a.ts', '\ufefffoo one\r\nbar foo\r\ncaf\u00e9 noir\r\n');
  desk.write('.hidden/b.ts', 'foo bar\nkelvin \u212a and long \u017f\n\u00c9T\u00c9\n');
  desk.write('keep.log', 'foo in a kept log\n');
  desk.write('other.log', 'foo in an ignored log\n');
  desk.write('build/out.ts', 'foo in a build\n');
  desk.write('forced.txt', 'foo of a file that is tracked and ignored\n');
  if (inRepository) desk.git('add', '-f', 'forced.txt');
  desk.write('latin.txt', Buffer.from('foo caf\u00e9\n', 'latin1'));
  desk.write('wide.txt', Buffer.from('\ufefffoo wide\n', 'utf16le'));
  desk.write('binary.bin', Buffer.from('foo\0foo\n'));
  desk.write('odd [name] \u00fc.txt', 'foo? (x) {2} a|b $1 ^up\\down\n');
  desk.write('lone.txt', 'foo\rbar\n\n');
  if (inRepository) {
    mkdirSync(desk.path('vendor/lib'), { recursive: true });
    desk.init({ 'inner.ts': 'foo of an inner repository\n', 'untracked.ts': 'bar\n' }, desk.path('vendor/lib'));
    desk.write('tracked.ts', 'foo that was tracked\n');
    desk.git('add', 'tracked.ts');
    desk.write('gone.ts', 'foo\n');
  }
  await desk.call('write', { path: 'staged.ts', text: 'foo staged\n' });
  await desk.call('rename', { from: 'keep.log', to: 'moved/kept.txt' });
  desk.dirty.set(desk.path('lone.txt'), 'typed foo\n');
}

const sensitive = (pattern: string, more: JsonObject = {}): JsonObject[] => [{ pattern, ...more }, { pattern, caseSensitive: false, ...more }];
const patterns: readonly JsonObject[] = [
  ...['foo', '\u00e9', 'caf\u00e9', '(x) {2}', 'up\\down', '$1'].flatMap((pattern) => sensitive(pattern)),
  ...['FOO', 'K', 'S', 'KELVIN', '\u00e9t\u00e9', 'k and long s'].map((pattern) => ({ pattern, caseSensitive: false })),
  ...['^foo', 'foo$', '^bar foo$', 'caf\\b', 'caf\\W', '\\bfoo\\b', 'fo*', 'fo{1,2}', 'x?foo|bar', 'noir|one', '(foo|bar)', '\\S+ noir', '[^\\w]one', '[[:alpha:]]{5,}', '\\pL{6}', 'foo.bar', '\\Afoo', 'foo\\z', '\\Qfoo?\\E', '(?i)FOO', '^$', '\\d', '.', 'caf.', 'a\\|b', '[]x]\\)']
    .flatMap((pattern) => sensitive(pattern, { regex: true })),
];

test('where every file has to be read, it says how far it is, is stopped at once, and does not read for ever', { timeout: 60_000 }, async () => {
  desk = new Desk(createRepoSource());
  for (let n = 0; n < 2_500; n++) desk.write(`${n % 50}/${n}.txt`, `line of ${n}\n`);
  const view = desk.view();
  const told: Progress[] = [];
  const look = async (source: ToolSource, onProgress: (progress: Progress) => void, signal = new AbortController().signal) =>
    source.call('search', { pattern: '^\\w+ \\w+ (\\d)\\d*$', regex: true, limit: 10_000 }, { workspace: view, signal, onProgress } as never);
  const found = await look(createRepoSource(), (progress) => told.push(progress));
  expect(found).toMatchObject({ ok: true, value: { truncated: false } });
  expect(told).toEqual([{ message: 'Files read', done: 1_024, total: 2_500 }, { message: 'Files read', done: 2_048, total: 2_500 }]);
  const stop = new AbortController();
  const stopped: Progress[] = [];
  await expect(look(createRepoSource(), (progress) => { stopped.push(progress); stop.abort(); }, stop.signal)).rejects.toThrow();
  expect(stopped).toHaveLength(1);
  const bounded = (await look(createRepoSource({ mostFiles: 1_500 }), () => undefined)) as unknown as { readonly value: { readonly matches: readonly unknown[]; readonly truncated: boolean } };
  expect([bounded.value.matches.length, bounded.value.truncated]).toEqual([1_500, true]);
});

test.each([[true], [false]])('ripgrep, git and no engine at all answer alike; in a repository: %s', { timeout: 120_000 }, async (inRepository) => {
  await everywhere(inRepository);
  const plain = createRepoSource();
  const engines = [['git, where there is a repository', plain] as const, ...(ripgrep === undefined ? [] : [['ripgrep', createRepoSource({ ripgrep: async () => ripgrep })] as const])];
  const view = desk.view();
  const signal = new AbortController().signal;
  const nobody = { ...bound(view), git: { repository: async () => Promise.reject(new Error('no repository')) } };
  for (const args of patterns) {
    const expected = await plain.call('search', args, { workspace: nobody, signal } as never);
    expect(expected.ok, JSON.stringify(args)).toBe(true);
    for (const [name, source] of engines) expect(await source.call('search', args, { workspace: view, signal } as never), `${JSON.stringify(args)} with ${name}`).toEqual(expected);
  }
  const all = await plain.call('search', { pattern: 'foo' }, { workspace: nobody, signal } as never);
  expect(all.ok && (all.value as { matches: { path: string }[] }).matches.map((match) => match.path)).toEqual([
    '.hidden/b.ts', 'a.ts', 'a.ts', ...(inRepository ? ['gone.ts'] : []), 'lone.txt', 'moved/kept.txt', 'odd [name] \u00fc.txt', 'staged.ts', ...(inRepository ? ['tracked.ts', 'vendor/lib/inner.ts'] : []),
  ]);
});

/** The same view with its methods on itself, so that one of them can be another. */
function bound<T extends object>(view: T): T {
  const made: Record<string, unknown> = {};
  for (let at: object = view; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const value = (view as Record<string, unknown>)[name];
      made[name] ??= typeof value === 'function' ? (value as () => unknown).bind(view) : value;
    }
  }
  return made as T;
}

test('a search that is stopped ends, whoever is at it', async () => {
  desk = new Desk(createRepoSource());
  desk.init(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`f${n}.txt`, 'foo\n'])));
  for (const args of [{ pattern: 'foo' }, { pattern: '.', regex: true }] as JsonObject[]) {
    const stop = new AbortController();
    const going = desk.call('search', args, stop.signal);
    setImmediate(() => stop.abort(new Error('Stopped by the test.')));
    await expect(going).rejects.toThrow('Stopped by the test.');
  }
});

test('a line that matches holds one of the needles', () => {
  const atom = fc.oneof(
    fc.constantFrom('a', 'b', 'k', '\u00e9', ' ', '-', '.', '^', '$', '\\.', '\\|', '\\(', '\\w', '\\b', '\\d', '\\W', '[ab]', '[^a]', '[]a]', '[\\]b]', '[[:alpha:]]', '{', '}', ']', '"'),
    fc.string({ unit: fc.constantFrom('a', 'b', 'k'), minLength: 1, maxLength: 3 }),
  );
  const piece = fc.tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,1}', '*?', '+?', '{1,}'));
  const branch = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.map((each) => each.join('')).join(''));
  const choice = fc.array(branch, { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|'));
  const pattern = fc.tuple(choice, choice, fc.constantFrom('', '*', '?', '{2}')).chain(([outer, inner, times]) => fc.constantFrom(outer, `${outer}(${inner})${times}`, `(?:${inner})${times}${outer}`, `(${inner})${times}|${outer}`));
  const line = fc.string({ unit: fc.constantFrom('a', 'b', 'k', 'A', 'K', '\u212a', '\u00e9', ' ', '-', '.', '(', '|', '{', '2', ']', '"'), maxLength: 12 });
  let told = 0;
  fc.assert(
    fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 6 }), fc.boolean(), (source, lines, sensitive) => {
      let compiled: RE2JS;
      try {
        compiled = RE2JS.compile(source, sensitive ? 0 : RE2JS.CASE_INSENSITIVE);
      } catch {
        return;
      }
      const needles = needlesOf(source);
      if (needles === undefined) return;
      told += 1;
      const folded = (text: string) => (sensitive ? text : text.toLowerCase());
      for (const each of lines) if (compiled.matcher(each).find()) expect(needles.some((needle) => folded(each).includes(folded(needle))), `${source} in ${each}, by ${needles.join(', ')}`).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(told).toBeGreaterThan(500);
  expect(needlesOf('Need[l]e\\w+')).toEqual(['Need']);
  expect(needlesOf('function\\s+(\\w+)\\(')).toEqual(['function']);
  expect(needlesOf('foo|ba?r')).toEqual(['foo', 'b']);
  expect([needlesOf('\\d+'), needlesOf('(?i)foo'), needlesOf('a?'), needlesOf('foo|'), needlesOf('')]).toEqual([undefined, undefined, undefined, undefined, undefined]);
});
