import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { activated, staged, valueOf, workspaceFolder, type Inside } from './inside.js';

describe('a folder that is no repository', () => {
  let inside: Inside;

  before(async () => {
    inside = await activated();
    assert.equal(existsSync(path.join(workspaceFolder(), '.git')), false);
  });

  it('tells a script that there is none, as an error it can catch', async () => {
    const said = await valueOf<string[]>(inside, `
      const failure = (error: Error) => error.name + ': ' + error.message;
      return [await git.status().then(() => 'answered', failure), await git.commit({ message: 'No', all: true }).then(() => 'answered', failure)];`);
    for (const sentence of said) assert.match(sentence, /^ToolError: .*repository/i);
  });

  it('stages, applies and undoes files all the same', async () => {
    const before = readFileSync(path.join(workspaceFolder(), 'README.md'), 'utf8');
    await valueOf(inside, `
      await repo.write({ path: 'README.md', text: 'new\\n' });
      await repo.create({ path: 'docs/added.md', text: 'added\\n' });
      return (await repo.search({ pattern: 'added' })).matches.length;`);
    const set = staged(inside);
    assert.ok(set);
    const applied = await set.apply();
    assert.ok(applied.ok, applied.ok ? '' : applied.message);
    assert.equal(readFileSync(path.join(workspaceFolder(), 'README.md'), 'utf8'), 'new\n');
    const undone = await inside.changeSets.undo();
    assert.ok(undone.ok, undone.ok ? '' : undone.message);
    assert.equal(readFileSync(path.join(workspaceFolder(), 'README.md'), 'utf8'), before);
    assert.equal(existsSync(path.join(workspaceFolder(), 'docs/added.md')), false);
  });
});
