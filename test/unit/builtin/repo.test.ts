import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRepoSource } from '../../../src/builtin/repo/source.js';
import { Desk } from './desk.js';

interface Found {
  readonly matches: readonly { readonly path: string; readonly line: number; readonly column: number; readonly text: string; readonly before: readonly string[]; readonly after: readonly string[]; readonly basis: string }[];
  readonly truncated: boolean;
}

let desk: Desk;
beforeEach(() => { desk = new Desk(createRepoSource()); });
afterEach(() => desk.dispose());

const paths = async (pattern: string | readonly string[], more: object = {}): Promise<readonly string[]> => (await desk.call<{ paths: string[] }>('glob', { pattern: pattern as string, ...more })).paths;
const found = async (args: { readonly pattern: string } & Record<string, string | number | boolean | readonly string[]>): Promise<readonly string[]> => (await desk.call<Found>('search', args as never)).matches.map((match) => `${match.path}:${match.line}:${match.column} ${match.text}`);

test('every tool has schemas, annotations, an effect and a description', () => {
  expect(desk.source.tools.map((tool) => tool.name)).toEqual(['list', 'glob', 'read', 'search', 'write', 'create', 'replace', 'rename', 'delete']);
  for (const tool of desk.source.tools) {
    expect(tool.inputSchema, tool.name).toMatchObject({ type: 'object', additionalProperties: false });
    expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object' });
    expect(tool.description?.length, tool.name).toBeGreaterThan(20);
    expect(tool.annotations?.readOnlyHint, tool.name).toBe(tool.effect === 'read');
    expect(['read', 'staged']).toContain(tool.effect);
  }
});

describe('reading', () => {
  test('a file whole or in part, with its basis', async () => {
    desk.write('a.txt', '\ufeffone\r\ntwo\nthree');
    expect(await desk.call('read', { path: 'a.txt' })).toEqual({ path: 'a.txt', text: 'one\r\ntwo\nthree', basis: 'disk', dirty: false, startLine: 1, endLine: 3, totalLines: 3 });
    expect(await desk.call('read', { path: 'a.txt', startLine: 2, endLine: 99 })).toMatchObject({ text: 'two\nthree', startLine: 2, endLine: 3 });
    expect(await desk.refusal('read', { path: 'a.txt', startLine: 4 })).toBe("'a.txt' has 3 lines; there is no line 4.");
    expect(await desk.refusal('read', { path: 'a.txt', startLine: 3, endLine: 2 })).toBe('endLine 2 comes before startLine 3.');
    desk.dirty.set(desk.path('a.txt'), 'typed');
    expect(await desk.call('read', { path: 'a.txt' })).toMatchObject({ text: 'typed', basis: 'editor', dirty: true });
    desk.write('empty.txt', '');
    expect(await desk.call('read', { path: 'empty.txt' })).toMatchObject({ text: '', totalLines: 0 });
  });

  test('what is no text, not there, or not here is refused with a sentence', async () => {
    desk.write('b.bin', Buffer.from([1, 0, 2]));
    desk.write('latin.txt', Buffer.from([0x63, 0xe9]));
    mkdirSync(desk.path('dir'));
    symlinkSync('/etc/hostname', desk.path('out'));
    expect(await desk.refusal('read', { path: 'b.bin' })).toBe("'b.bin' is a binary file of 3 bytes, not text.");
    expect(await desk.refusal('read', { path: 'latin.txt' })).toContain('is not UTF-8 text');
    expect(await desk.refusal('read', { path: 'dir' })).toContain('is a directory, not a file');
    expect(await desk.refusal('read', { path: 'B.bin' })).toBe("'B.bin' does not exist; there is 'b.bin'.");
    for (const outside of ['../x', '/etc/passwd', 'out', 'dir/../../x', '\0']) expect(await desk.refusal('read', { path: outside }), outside).not.toBe('');
  });

  test('a list of what is in a folder, as the staging leaves it', async () => {
    desk.write('src/a.ts', 'a');
    desk.write('src/deep/b.ts', 'b');
    await desk.call('create', { path: 'src/new/c.ts', text: 'c' });
    await desk.call('delete', { path: 'src/a.ts' });
    expect(await desk.call('list', { path: 'src' })).toEqual({ entries: [{ path: 'src/deep', type: 'directory', size: expect.any(Number) as number, basis: 'disk' }, { path: 'src/new', type: 'directory', size: 0, basis: 'staged' }] });
    expect(await desk.refusal('list', { path: 'nowhere' })).toContain('list the directory above it');
  });
});

describe('finding', () => {
  test('globs leave out what git ignores, and see staged files', async () => {
    desk.init({ '.gitignore': '*.log\nbuild/\n!keep.log\n', 'src/a.ts': 'a', 'src/b.tsx': 'b', 'src/.hidden.ts': 'h', 'keep.log': 'k' });
    desk.write('x.log', 'x');
    desk.write('build/out.ts', 'o');
    desk.write('src/.gitignore', 'local.ts\n');
    desk.write('src/local.ts', 'l');
    await desk.call('create', { path: 'src/staged.ts', text: 's' });
    await desk.call('rename', { from: 'src/a.ts', to: 'lib/a.ts' });
    expect(await paths('**/*.{ts,tsx}')).toEqual(['lib/a.ts', 'src/.hidden.ts', 'src/b.tsx', 'src/staged.ts']);
    expect(await paths('**/*.log')).toEqual(['keep.log']);
    expect(await paths(['src/*.ts', 'lib/**'], { exclude: '**/.*' })).toEqual(['lib/a.ts', 'src/staged.ts']);
    expect(await desk.call('glob', { pattern: '**', limit: 2 })).toMatchObject({ truncated: true });
    expect(await paths('.git/**')).toEqual([]);
  });

  test('text and regular expressions, with lines around them, in disk, editor and staged text alike', async () => {
    desk.write('a.ts', 'const one = 1;\r\nconst Two = 2;\n// two (2)\n');
    desk.write('b.ts', 'nothing\n');
    desk.write('c.bin', Buffer.from('two\0'));
    expect(await found({ pattern: 'two' })).toEqual(['a.ts:3:4 // two (2)']);
    expect(await found({ pattern: 'two', caseSensitive: false })).toEqual(['a.ts:2:7 const Two = 2;', 'a.ts:3:4 // two (2)']);
    expect(await found({ pattern: '(2)' })).toEqual(['a.ts:3:8 // two (2)']);
    expect(await found({ pattern: '^const \\w+ = \\d;$', regex: true })).toEqual(['a.ts:1:1 const one = 1;', 'a.ts:2:1 const Two = 2;']);
    expect((await desk.call<Found>('search', { pattern: 'Two', contextLines: 1 })).matches[0]).toMatchObject({ before: ['const one = 1;'], after: ['// two (2)'], basis: 'disk' });
    await desk.call('write', { path: 'b.ts', text: 'two, staged\n' });
    desk.dirty.set(desk.path('a.ts'), 'typed two\n');
    const { matches } = await desk.call<Found>('search', { pattern: 'two' });
    expect(matches.map((match) => [match.path, match.basis])).toEqual([['a.ts', 'editor'], ['b.ts', 'staged']]);
    expect(await desk.call('search', { pattern: 'two', limit: 1 })).toMatchObject({ truncated: true });
    expect(await found({ pattern: 'two', include: '**/*.ts', exclude: ['a.*'] })).toEqual(['b.ts:1:1 two, staged']);
  });

  test('patterns that are none, or would take for ever, cost a sentence or nothing', async () => {
    desk.write('a.txt', `${'a'.repeat(50_000)}!\n`);
    expect(await desk.refusal('search', { pattern: '(?=x)', regex: true })).toContain('RE2');
    expect(await desk.refusal('search', { pattern: '' })).toContain('empty');
    const { matches } = await desk.call<Found>('search', { pattern: '(a+)+$', regex: true });
    expect(matches).toEqual([]);
    expect((await desk.call<Found>('search', { pattern: '!' })).matches[0]?.text.length).toBeLessThan(2_100);
  });

  test('with ripgrep the answers are those without', async () => {
    const places = ['rg', ...(process.env['CODE_MODE_RIPGREP'] === undefined ? [] : [process.env['CODE_MODE_RIPGREP']])];
    const engine = places.find((place) => {
      try {
        return execFileSync(place, ['--version']).length > 0;
      } catch {
        return false;
      }
    });
    // A stand-in that knows what ripgrep is asked for, where there is none.
    const program = engine ?? path.join(desk.base, 'rg');
    if (engine === undefined) {
      writeFileSync(program, `#!/bin/sh\nfor last; do :; done\ncase "$*" in *--files\\ --null*) git ls-files -z --cached --others --exclude-standard;; *) git grep -l -z --untracked -F -e two;; esac\n`, { mode: 0o755 });
    }
    desk.init({ 'a.ts': 'one two\n', 'deep/b.ts': 'two\n', 'c.ts': 'three\n', '.gitignore': 'ignored.ts\n' });
    desk.write('ignored.ts', 'two\n');
    await desk.call('write', { path: 'c.ts', text: 'two staged\n' });
    desk.dirty.set(desk.path('deep/b.ts'), 'no more\n');
    const slow = await found({ pattern: 'two' });
    const fast = new Desk(createRepoSource({ ripgrep: async () => program }));
    Object.assign(fast, { folders: desk.folders });
    try {
      expect(slow).toEqual(['a.ts:1:5 one two', 'c.ts:1:1 two staged']);
      const context = desk.view();
      const answer = await fast.source.call('search', { pattern: 'two' }, { workspace: context, signal: new AbortController().signal } as never);
      expect(answer.ok && (answer.value as unknown as Found).matches.map((match) => `${match.path}:${match.line}:${match.column} ${match.text}`)).toEqual(slow);
    } finally {
      await fast.dispose();
    }
  });
});

describe('changing', () => {
  test('exact text is replaced once, everywhere, or not at all', async () => {
    desk.write('a.ts', 'one\r\ntwo\r\none\r\n');
    expect(await desk.refusal('replace', { path: 'a.ts', oldText: 'one', newText: '1' })).toBe("'a.ts' contains the text 2 times (lines 1, 3): give more of its surroundings, or all: true.");
    expect(await desk.refusal('replace', { path: 'a.ts', oldText: 'four', newText: '4' })).toContain('does not contain the text to replace');
    expect(await desk.refusal('replace', { path: 'a.ts', oldText: '  two  ', newText: '2' })).toContain('with other white space around it');
    expect(await desk.call('replace', { path: 'a.ts', oldText: 'one\ntwo', newText: '1\n2' })).toEqual({ staged: true, path: 'a.ts', replaced: 1 });
    expect(await desk.call('read', { path: 'a.ts' })).toMatchObject({ text: '1\r\n2\r\none\r\n', basis: 'staged' });
    expect(await desk.call('replace', { path: 'a.ts', oldText: '\r\n', newText: '\n', all: true })).toMatchObject({ replaced: 3 });
    expect(await desk.refusal('replace', { path: 'gone.ts', oldText: 'a', newText: 'b' })).toContain('does not exist: create it first');
    expect(desk.text('a.ts')).toBe('one\r\ntwo\r\none\r\n');
  });

  test('what exists is not created, and nothing is moved over it', async () => {
    desk.write('a.txt', 'a');
    desk.write('b.txt', 'b');
    expect(await desk.refusal('create', { path: 'a.txt', text: '' })).toContain('exists already');
    expect(await desk.refusal('rename', { from: 'a.txt', to: 'b.txt' })).toContain('exists already');
    expect(await desk.refusal('rename', { from: 'a.txt', to: 'a.txt' })).toContain('that name already');
    expect(await desk.refusal('rename', { from: 'gone.txt', to: 'c.txt' })).toContain('does not exist');
    expect(await desk.refusal('delete', { path: 'gone.txt' })).toContain('does not exist');
    expect(await desk.refusal('write', { path: 'a.txt/b', text: '' })).toContain('is a file');
    for (const own of ['.git/config', 'sub/.git/hooks/x']) expect(await desk.refusal('write', { path: own, text: 'x' })).toContain('belongs to git itself');
    expect(await desk.call('delete', { path: 'a.txt' })).toEqual({ staged: true, path: 'a.txt' });
    expect(await desk.call('rename', { from: 'b.txt', to: 'a.txt' })).toEqual({ staged: true, from: 'b.txt', to: 'a.txt' });
    expect(await desk.call('read', { path: 'a.txt' })).toMatchObject({ text: 'b', basis: 'staged' });
  });

  test('many edits of one file at once all take', async () => {
    desk.write('a.txt', Array.from({ length: 50 }, (_, n) => `<${n}>`).join('\n'));
    await Promise.all(Array.from({ length: 50 }, async (_, n) => desk.call('replace', { path: 'a.txt', oldText: `<${n}>`, newText: `[${n}]` })));
    expect(await desk.call('read', { path: 'a.txt' })).toMatchObject({ text: Array.from({ length: 50 }, (_, n) => `[${n}]`).join('\n') });
  });

  test('a file that changed after it was read is not overwritten unseen', async () => {
    desk.write('a.txt', 'one');
    await desk.call('read', { path: 'a.txt' });
    desk.write('a.txt', 'theirs');
    expect(await desk.refusal('write', { path: 'a.txt', text: 'mine' })).toContain('is not what was read of it here before: it was changed meanwhile');
    await desk.call('read', { path: 'a.txt' });
    expect(await desk.call('write', { path: 'a.txt', text: 'mine' })).toMatchObject({ staged: true });
  });
});

describe('what a call would make of files, said before it is made', () => {
  const preview = async (tool: string, args: object, workspace = desk.view()) => {
    const found = await desk.source.preview?.(tool, args as never, { workspace, signal: new AbortController().signal });
    const text = (bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : Buffer.from(bytes).toString());
    return found && { ...found, files: found.files.map(({ before, after, ...file }) => ({ ...file, before: text(before), after: text(after) })) };
  };

  test('is the file before and after, from the disk, an editor or what is staged', async () => {
    desk.write('.env', 'A=1\n');
    expect(await preview('write', { path: './.env', text: 'A=2\n' })).toEqual({ files: [{ path: '.env', before: 'A=1\n', after: 'A=2\n' }], shows: ['path', 'text'] });
    desk.dirty.set(desk.path('.env'), 'typed');
    expect((await preview('write', { path: '.env', text: 'A=2\n' }))?.files[0]?.before).toBe('typed');
    desk.dirty.clear();
    await desk.call('write', { path: '.env', text: 'staged\n' });
    expect((await preview('write', { path: '.env', text: 'A=2\n' }))?.files[0]?.before).toBe('staged\n');
    expect((await preview('create', { path: 'new.env', text: 'x' }))?.files).toEqual([{ path: 'new.env', before: undefined, after: 'x' }]);
    expect((await preview('replace', { path: '.env', oldText: 'staged', newText: 'B=1' }))?.files).toEqual([{ path: '.env', before: 'staged\n', after: 'B=1\n' }]);
    expect((await preview('delete', { path: '.env' }))?.files).toEqual([{ path: '.env', before: 'staged\n', after: undefined }]);
    expect((await preview('rename', { from: '.env', to: 'old.env' }))?.files).toEqual([{ path: 'old.env', from: '.env', before: 'staged\n', after: 'staged\n' }]);
  });

  test('names the file that is really written through a link', async () => {
    desk.write('.env', 'A=1\n');
    symlinkSync('.env', desk.path('notes.txt'));
    expect((await preview('write', { path: 'notes.txt', text: 'A=2\n' }))?.files).toEqual([{ path: '.env', before: 'A=1\n', after: 'A=2\n' }]);
    expect(await preview('delete', { path: 'notes.txt' })).toEqual({ files: [], shows: ['path'], note: "'notes.txt' is a symbolic link; what it points to stays." });
  });

  test('is every file of a folder, up to what anybody looks at', async () => {
    for (let n = 0; n < 60; n++) desk.write(`.github/workflows/${String(n).padStart(2, '0')}.yml`, `n: ${n}\n`);
    const gone = await preview('delete', { path: '.github' });
    expect(gone?.files).toHaveLength(50);
    expect(gone?.files[3]).toEqual({ path: '.github/workflows/03.yml', before: 'n: 3\n', after: undefined });
    expect(gone?.note).toBe("10 more files are in '.github', and not shown here.");
    expect((await preview('rename', { from: '.github', to: 'gone' }))?.files[3]).toMatchObject({ path: 'gone/workflows/03.yml', from: '.github/workflows/03.yml' });
  });

  test('says of a call that would fail that it would, and of other tools nothing', async () => {
    desk.write('a.txt', 'one\none\n');
    expect(await preview('create', { path: 'a.txt', text: 'x' })).toMatchObject({ note: "It would fail: 'a.txt' exists already.", files: [{ before: 'one\none\n' }] });
    expect((await preview('replace', { path: 'a.txt', oldText: 'one', newText: 'x' }))?.note).toMatch(/^It would fail: 'a\.txt' contains the text 2 times/);
    expect((await preview('replace', { path: 'gone.txt', oldText: 'one', newText: 'x' }))?.note).toBe("It would fail: 'gone.txt' does not exist.");
    expect((await preview('write', { path: '../outside', text: 'x' }))?.note).toMatch(/^It would fail: .*outside the workspace/);
    expect((await preview('delete', { path: 'gone.txt' }))?.note).toBe("It would fail: 'gone.txt' does not exist.");
    expect((await preview('rename', { from: 'a.txt', to: 'a.txt' }))?.note).toMatch(/exists already/);
    expect(await preview('write', { path: 'a.txt', text: 7 })).toEqual({ files: [], shows: [], note: 'It would fail: "text" must be a string.' });
    for (const tool of ['read', 'glob', 'toString']) expect(await preview(tool, { path: 'a.txt' })).toBeUndefined();
  });

  test('changes nothing, and does not count as having read the file', async () => {
    desk.write('a.txt', 'one\n');
    await desk.call('read', { path: 'a.txt' });
    desk.write('a.txt', 'changed meanwhile\n');
    await preview('write', { path: 'a.txt', text: 'two\n' });
    expect(desk.set.files).toEqual([]);
    expect(await desk.refusal('write', { path: 'a.txt', text: 'two\n' })).toContain('it was changed meanwhile');
  });
});
