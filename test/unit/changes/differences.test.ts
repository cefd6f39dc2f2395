import { describe, expect, test } from 'vitest';
import type { StagedFile } from '../../../src/runs/changes/changeSet.js';
import { differencesOf } from '../../../src/runs/changes/differences.js';

const staged = (path: string, more: Partial<StagedFile> = {}): StagedFile => ({ kind: 'added', path, absolute: `/w/${path}`, binary: false, insertions: 1, deletions: 0, excluded: false, ...more });

describe('what a set of changes differs in', () => {
  test('is kept up to a size, and names the rest', async () => {
    const files = [staged('a'), staged('b', { insertions: 900 }), ...Array.from({ length: 1_200 }, (_, n) => staged(`c${n}`))];
    const line = `${'x'.repeat(500)}\n`;
    let looked = 0;
    const set = { files, content: async (path: string, side: 'base' | 'staged') => (side === 'base' ? undefined : (looked++, Buffer.from(path === 'b' ? line.repeat(900) : 'short\n'))) };
    const found = await differencesOf(set, { included: true });
    expect(found.files).toHaveLength(1_000);
    expect(found.files[0]).toMatchObject({ path: 'a', hunks: [{ lines: ['+short'] }] });
    expect(found.files[1]).toEqual({ path: 'b', kind: 'added', insertions: 900, deletions: 0, hunks: [], note: 'Its lines are left out: the changes are too many to be kept here.' });
    expect(found.note).toBe('202 more files are not listed.');
    expect(looked).toBe(2);
  });

  test('has what was left out of Apply only where that is wanted', async () => {
    const set = { files: [staged('a', { excluded: true }), staged('b')], content: async (_path: string, side: 'base' | 'staged') => (side === 'base' ? undefined : Buffer.from('x\n')) };
    expect((await differencesOf(set, { included: false })).files.map((file) => file.path)).toEqual(['a', 'b']);
    expect(await differencesOf(set, { included: true })).toMatchObject({ files: [{ path: 'b' }], note: 'Left out by you: a.' });
  });
});
