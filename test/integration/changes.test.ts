import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, git, outcomeOf, staged, valueOf, workspaceFolder, type Inside } from './inside.js';

describe('a script without any model', () => {
  let inside: Inside;
  let folder: string;

  before(async () => {
    inside = await activated();
    folder = workspaceFolder();
  });

  it('is refused by the type check before anything runs, with the nearest name', async () => {
    const outcome = await outcomeOf(inside, `await repo.raed({ path: 'package.json' });`);
    assert.equal(outcome.status, 'rejected');
    assert.match(JSON.stringify(outcome), /repo\.read|'read'/);
  });

  it('asks the editor for the symbols of a closed file', async () => {
    const found = await valueOf<{ basis: string; functions: number }>(inside, `
      const { paths } = await repo.glob({ pattern: 'src/**/*.ts' });
      const { basis, symbols } = await analysis.documentSymbols({ path: paths[0]! });
      return { basis, functions: symbols.filter((symbol) => symbol.kind === 'function').length };`);
    assert.equal(found.basis, 'disk');
    assert.ok(found.functions > 0);
  });

  it('says of every file whether it was checked', async () => {
    const found = await valueOf<{ asked: number; answered: number; unsaid: number }>(inside, `
      const { paths } = await repo.glob({ pattern: 'src/**/*.ts' });
      const { files } = await analysis.diagnostics({ paths });
      return { asked: paths.length, answered: files.length, unsaid: files.filter((file) => file.status === 'notChecked' && file.reason === undefined).length };`);
    assert.equal(found.answered, found.asked);
    assert.equal(found.unsaid, 0);
  });

  it('stages, applies exactly what was staged as one commit, and is undone whole', async () => {
    const head = git('rev-parse', 'HEAD');
    const before = readFileSync(path.join(folder, 'package.json'), 'utf8');
    const seen = await valueOf(inside, `
      await repo.create({ path: 'docs/new.md', text: 'new\\n' });
      await repo.write({ path: 'src/added.ts', text: 'export const added = 1;\\n' });
      await git.commit({ message: 'Add two files', all: true });
      const status = await git.status();
      return { seen: (await repo.read({ path: 'docs/new.md' })).text, basis: (await repo.read({ path: 'docs/new.md' })).basis, commits: status.stagedCommits };`);
    assert.deepEqual(seen, { seen: 'new\n', basis: 'staged', commits: 1 });
    assert.equal(existsSync(path.join(folder, 'docs/new.md')), false, 'nothing is on disk before Apply');
    assert.equal(git('rev-parse', 'HEAD'), head);

    const set = staged(inside);
    assert.ok(set);
    const applied = await set.apply();
    assert.ok(applied.ok, applied.ok ? '' : applied.message);
    assert.equal(git('log', '-1', '--format=%s'), 'Add two files');
    assert.deepEqual(git('show', '--name-only', '--format=', 'HEAD').split('\n').sort(), ['docs/new.md', 'src/added.ts']);
    assert.equal(git('status', '--porcelain', '--untracked-files=no'), '');

    const undone = await inside.changeSets.undo();
    assert.ok(undone.ok, undone.ok ? '' : undone.message);
    assert.equal(git('rev-parse', 'HEAD'), head);
    assert.equal(existsSync(path.join(folder, 'docs/new.md')), false);
    assert.equal(readFileSync(path.join(folder, 'package.json'), 'utf8'), before);
  });

  it('does not overwrite a file that changed between staging and Apply', async () => {
    await valueOf(inside, `await repo.write({ path: 'README.md', text: 'mine\\n' }); return 1;`);
    const file = vscode.Uri.file(path.join(folder, 'README.md'));
    await vscode.workspace.fs.writeFile(file, Buffer.from('theirs\n'));
    const set = staged(inside);
    assert.ok(set);
    const applied = await set.apply();
    assert.equal(applied.ok, false);
    assert.deepEqual(applied.ok ? [] : applied.conflicts.map(({ path: name, reason }) => [name, reason]), [['README.md', 'changed']]);
    assert.equal(readFileSync(file.fsPath, 'utf8'), 'theirs\n');
    await set.discard();
    git('checkout', '--', 'README.md');
    // What was seen of a file through a set that is gone is no reason to refuse the next write.
    await valueOf(inside, `await repo.write({ path: 'README.md', text: 'again\\n' }); return 1;`);
    await staged(inside)?.discard();
  });

  it('writes typings into the workspace, git-ignored by a file of their own', async () => {
    await vscode.commands.executeCommand('codemode.writeTypings');
    assert.match(readFileSync(path.join(folder, '.codemode/api/repo.d.ts'), 'utf8'), /declare const repo/);
    assert.equal(git('status', '--porcelain', '.codemode'), '');
  });
});
