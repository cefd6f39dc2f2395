import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activated, outcomeOf, type Inside } from './inside.js';

describe('without a folder', () => {
  let inside: Inside;

  before(async () => {
    inside = await activated();
    assert.equal(vscode.workspace.workspaceFolders, undefined);
  });

  it('runs nothing of a script that wants a file', async () => {
    const outcome = await outcomeOf(inside, `console.log('begun'); return await repo.read({ path: 'package.json' });`);
    assert.ok(outcome.status === 'rejected' || outcome.status === 'failed', JSON.stringify(outcome));
    assert.match(JSON.stringify(outcome), /repo|folder/);
  });

  it('still runs what needs none', async () => {
    const outcome = await outcomeOf(inside, 'return [1, 2, 3].reduce((sum, each) => sum + each);');
    assert.equal(outcome.status, 'finished', JSON.stringify(outcome));
  });
});
