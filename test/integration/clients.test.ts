import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, eventually, workspaceFolder, type Inside } from './inside.js';

describe('files of other clients', () => {
  let inside: Inside;
  const file = (...parts: string[]): vscode.Uri => vscode.Uri.file(path.join(workspaceFolder(), ...parts));
  const names = (): string[] => inside.servers.servers.map((server) => `${server.name} (${server.origin.label})`);
  const write = async (uri: vscode.Uri, content: unknown): Promise<void> => vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`${JSON.stringify(content, undefined, 2)}\n`));
  const lenses = async (uri: vscode.Uri): Promise<string[]> => {
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    return found.map((lens) => `${lens.range.start.line}: ${lens.command?.title}`);
  };

  before(async () => {
    inside = await activated();
    void vscode.commands.executeCommand('codemode.reloadServers');
    await eventually(() => (inside.servers.servers.length > 0 ? true : undefined));
  });

  it('are read where they are turned on, and only those', async () => {
    await write(file('.cursor', 'mcp.json'), { mcpServers: { second: { command: 'node', args: ['--version'] } } });
    assert.deepEqual(names(), ['first (.mcp.json)']);
    const settings = vscode.workspace.getConfiguration('codemode');
    await settings.update('servers.sources', { 'cursor-workspace': true }, vscode.ConfigurationTarget.Workspace);
    await eventually(() => (names().length === 2 ? true : undefined));
    assert.deepEqual(names(), ['first (.mcp.json)', 'second (Cursor)']);
    for (const server of inside.servers.servers) assert.equal(server.state.kind, 'unapproved');
  });

  it('that change are read again by themselves', async () => {
    await write(file('.cursor', 'mcp.json'), { mcpServers: { second: { command: 'node', args: ['--version'] }, third: { command: 'node' } } });
    await eventually(() => (names().includes('third (Cursor)') ? true : undefined));
  });

  it('have Start and Stop over each server', async () => {
    await vscode.window.showTextDocument(file('.mcp.json'));
    const shown = await eventually(async () => {
      const found = (await lenses(file('.mcp.json'))).filter((lens) => lens.includes('Code Mode'));
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(shown, ['2: $(shield) Code Mode: Review and Start']);
    // VS Code has its own there.
    await write(file('.vscode', 'mcp.json'), { servers: {} });
    // Lenses are given for documents alone.
    await vscode.workspace.openTextDocument(file('.vscode', 'mcp.json'));
    assert.deepEqual((await lenses(file('.vscode', 'mcp.json'))).filter((lens) => lens.includes('Code Mode')), []);
  });

  it('have a schema: hover, completion and problems', async () => {
    const uri = file('.mcp.json');
    const document = await vscode.workspace.openTextDocument(uri);
    const at = document.positionAt(document.getText().indexOf('command') + 2);
    await eventually(async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, at);
      const text = hovers.flatMap((hover) => hover.contents).map((content) => (typeof content === 'string' ? content : content.value)).join('\n');
      // The JSON language of older releases writes every blank so that markdown keeps it.
      return text.replaceAll('&nbsp;', ' ').includes('The program to start') ? true : undefined;
    });
    await eventually(async () => {
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, document.positionAt(document.getText().indexOf('"command"')));
      const proposed = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return ['cwd', 'env'].every((name) => proposed.includes(name)) ? true : undefined;
    });
    await write(uri, { mcpServers: { first: { command: 7 } } });
    await eventually(() => (vscode.languages.getDiagnostics(uri).some((problem) => problem.source !== 'Code Mode' && /string/.test(problem.message)) ? true : undefined));
  });

  it('are joined by a server that is added, in a file whose comments stay', async () => {
    const uri = file('.vscode', 'mcp.json');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('{\n  // kept by hand\n  "servers": {}\n}\n'));
    const document = await vscode.workspace.openTextDocument(uri);
    await eventually(() => (document.getText().includes('kept by hand') ? true : undefined));
    const { showQuickPick, showInputBox } = vscode.window;
    const lines = ['node --version', 'added'];
    const pick = async (items: readonly vscode.QuickPickItem[], { title }: vscode.QuickPickOptions): Promise<vscode.QuickPickItem | undefined> => items.find(({ label }) => label.includes(title?.includes('what kind') === true ? 'Command' : 'workspace'));
    Object.assign(vscode.window, { showQuickPick: pick, showInputBox: async () => lines.shift() });
    try {
      void vscode.commands.executeCommand('codemode.addServer');
      await eventually(() => (names().some((name) => name.startsWith('added ')) ? true : undefined));
    } finally {
      Object.assign(vscode.window, { showQuickPick, showInputBox });
    }
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    assert.match(text, /\/\/ kept by hand/);
    assert.deepEqual((JSON.parse(text.replace('// kept by hand', '')) as { servers: unknown }).servers, { added: { type: 'stdio', command: 'node', args: ['--version'] } });
    await eventually(() => (vscode.window.activeTextEditor?.document.uri.fsPath === uri.fsPath ? true : undefined));
  });
});
