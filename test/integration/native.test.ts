import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, approving, eventually, workspaceFolder, type Inside } from './inside.js';

const secret = 'integration-secret-of-the-native-server';

/** What VS Code itself holds of all providers: proposed API, there in the VS Code from npm alone. */
const known = (): readonly vscode.McpServerDefinition[] | undefined => (vscode.lm as { readonly mcpServerDefinitions?: readonly vscode.McpServerDefinition[] }).mcpServerDefinitions;
const offered = (): readonly string[] | undefined => known()?.map(({ label }) => label).filter((label) => ['both', 'only', 'later'].includes(label)).sort();

describe('servers offered to agent mode natively', () => {
  let inside: Inside;
  let answers: { dispose(): void };
  const configuration = (): vscode.Uri => vscode.Uri.file(path.join(workspaceFolder(), '.cursor', 'mcp.json'));
  const labels = async (): Promise<string[]> => (await inside.native.definitions()).map(({ label }) => label);

  before(async () => {
    answers = approving();
    inside = await activated();
    void vscode.commands.executeCommand('codemode.reloadServers');
    await eventually(() => (inside.servers.find('only')?.state.kind === 'running' && inside.servers.find('both')?.state.kind === 'running' ? true : undefined));
  });

  after(() => answers.dispose());

  it('are those that VS Code does not read itself', async () => {
    assert.deepEqual(await labels(), ['only']);
    // VS Code reads its own file in its own time.
    if (known() !== undefined) await eventually(() => (['both', 'only'].every((label) => offered()?.includes(label)) ? true : undefined));
    assert.equal(offered()?.filter((label) => label === 'both').length ?? 1, 1, 'a server of VS Code is offered a second time');
  });

  it('have Stop over them in their file while they run, and Start when they do not', async () => {
    await vscode.window.showTextDocument(configuration());
    const over = async (first: string): Promise<vscode.CodeLens[]> => eventually(async () => {
      const lenses = (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', configuration())).filter((lens) => lens.command?.command.startsWith('codemode.'));
      return lenses[0]?.command?.title === first ? lenses : undefined;
    });
    const press = async (lens: vscode.CodeLens | undefined): Promise<unknown> => vscode.commands.executeCommand(lens?.command?.command ?? '', ...((lens?.command?.arguments as unknown[] | undefined) ?? []));
    const running = await over('Code Mode: Stop');
    assert.deepEqual(running.map((lens) => lens.command?.title.replace(/^\d+/, 'n')), ['Code Mode: Stop', 'Restart', 'n tools']);
    await press(running[0]);
    await press((await over('Code Mode: Start'))[0]);
    await over('Code Mode: Stop');
    assert.equal(inside.servers.find('only')?.state.kind, 'running');
  });

  it('hold no secret until one is started, and then everything it needs', async () => {
    const [definition] = await inside.native.definitions();
    assert.ok(definition instanceof vscode.McpStdioServerDefinition);
    assert.ok(!JSON.stringify([definition, known()]).includes(secret));
    const resolved = await inside.native.resolve(definition);
    assert.ok(resolved instanceof vscode.McpStdioServerDefinition);
    assert.equal(resolved.env['NATIVE_TOKEN'], secret);
    assert.equal(resolved.args[1], 'plain');
    assert.equal(resolved.cwd?.fsPath, workspaceFolder());
    assert.equal(resolved.version, definition.version);
  });

  it('change when their file does, and VS Code is told', async () => {
    await vscode.workspace.fs.writeFile(configuration(), new TextEncoder().encode(JSON.stringify({ mcpServers: { later: { url: 'http://127.0.0.1:9/mcp', headers: { 'X-Key': secret } } } })));
    await eventually(async () => ((await labels()).join() === 'later' ? true : undefined));
    if (known() !== undefined) await eventually(() => (offered()?.includes('later') === true && !offered()!.includes('only') ? true : undefined));
    assert.ok(!JSON.stringify(known() ?? []).includes(secret));
    const [definition] = await inside.native.definitions();
    const resolved = await inside.native.resolve(definition!);
    assert.ok(resolved instanceof vscode.McpHttpServerDefinition);
    assert.deepEqual([resolved.uri.toString(), resolved.headers['X-Key']], ['http://127.0.0.1:9/mcp', secret]);
  });

  it('that are gone when they are to be started are not', async () => {
    assert.equal(await inside.native.resolve(new vscode.McpStdioServerDefinition('only', 'only')), undefined);
  });

  it('are none once the setting says so', async () => {
    await vscode.workspace.getConfiguration().update('codemode.servers.offerNatively', false, vscode.ConfigurationTarget.Workspace);
    assert.deepEqual(await labels(), []);
    if (known() !== undefined) await eventually(() => (offered()?.includes('later') === false ? true : undefined));
  });
});
