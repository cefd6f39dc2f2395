import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ConversationId } from '../../src/ids.js';
import type { Runs } from '../../src/runs/run.js';

describe('without a folder', () => {
  let runs: Runs;

  before(async () => {
    const extension = vscode.extensions.getExtension<{ readonly runs: { readonly runs: Runs } }>('code-mode.code-mode');
    assert.ok(extension);
    runs = (await extension.activate()).runs.runs;
    assert.equal(vscode.workspace.workspaceFolders, undefined);
  });

  const run = (source: string) => runs.start({ source, origin: 'palette', conversation: 'none' as ConversationId, title: 'Test', params: {} }).outcome;

  it('runs nothing of a script that wants a file', async () => {
    const outcome = await run(`console.log('begun'); return await repo.read({ path: 'package.json' });`);
    assert.ok(outcome.status === 'rejected' || outcome.status === 'failed', JSON.stringify(outcome));
    assert.match(JSON.stringify(outcome), /repo|folder/);
  });

  it('still runs what needs none', async () => {
    const outcome = await run('return [1, 2, 3].reduce((sum, each) => sum + each);');
    assert.equal(outcome.status, 'finished', JSON.stringify(outcome));
  });
});
