import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, outcomeOf, workspaceFolder, type Inside } from './inside.js';

describe('a folder nobody trusts yet', () => {
  let inside: Inside;

  before(async () => {
    inside = await activated();
    assert.equal(vscode.workspace.isTrusted, false);
  });

  it('has no tools, and reads no configuration of servers', async () => {
    await vscode.commands.executeCommand('codemode.reloadServers');
    assert.deepEqual(inside.catalog.current.servers.map(({ namespace }) => namespace), []);
    assert.deepEqual(inside.servers.servers, []);
  });

  it('runs nothing of a script that wants one', async () => {
    const outcome = await outcomeOf(inside, `return await repo.read({ path: 'package.json' });`);
    assert.equal(outcome.status, 'rejected', JSON.stringify(outcome));
  });

  it('gets no file of ours', () => {
    assert.equal(existsSync(path.join(workspaceFolder(), '.codemode')), false);
  });
});
