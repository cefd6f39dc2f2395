import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('what servers offer besides tools', () => {
  before(async () => {
    await vscode.extensions.getExtension('code-mode.code-mode')?.activate();
  });

  it('has commands, and a resource whose server is gone says so', async () => {
    const commands = await vscode.commands.getCommands(true);
    for (const name of ['openResource', 'usePrompt', 'signOutServer', 'chooseAccount', 'chooseNativeTools']) assert.ok(commands.includes(`codemode.${name}`), name);
    assert.ok(commands.includes('workbench.action.chat.configureTools'), 'the tools picker has another name now');
    const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: 'codemode-resource', authority: 'gone', path: '/a', query: 'a://a' }));
    assert.match(document.getText(), /not there any more/);
  });
});
