import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, eventually, workspaceFolder, type Inside } from './inside.js';

describe('an mcp.json with mistakes', () => {
  const file = (): vscode.Uri => vscode.Uri.file(path.join(workspaceFolder(), '.vscode', 'mcp.json'));
  let inside: Inside;

  before(async () => {
    inside = await activated();
    // The command ends when the servers are settled, which the one that is fine only is once somebody allowed it.
    void vscode.commands.executeCommand('codemode.reloadServers');
  });

  it('gets a problem where each mistake is, in that file', async () => {
    const problems = await eventually(() => {
      const ours = vscode.languages.getDiagnostics(file()).filter((problem) => problem.source === 'Code Mode');
      return ours.length >= 2 ? ours : undefined;
    });
    assert.deepEqual([...new Set(problems.map((problem) => problem.range.start.line))].sort(), [3, 4], problems.map((problem) => `${problem.range.start.line}: ${problem.message}`).join('; '));
    for (const problem of problems) assert.ok(problem.message.trim().length > 10, problem.message);
  });

  it('leaves the servers without a mistake as they are, and starts none unasked', async () => {
    const fine = await eventually(() => inside.servers.servers.find((server) => server.name === 'fine'));
    assert.equal(fine.state.kind, 'unapproved');
  });

  it('is clean again once it is mended', async () => {
    await vscode.workspace.fs.writeFile(file(), new TextEncoder().encode('{ "servers": { "fine": { "command": "node", "args": ["--version"] } } }\n'));
    await eventually(() => (vscode.languages.getDiagnostics(file()).some((problem) => problem.source === 'Code Mode') ? undefined : true));
  });
});
