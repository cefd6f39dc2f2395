import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { applyEdits, findNodeAtLocation, modify, parseTree, type ParseError } from 'jsonc-parser';
import * as vscode from 'vscode';
import type { LateServers } from '../../editor/lateServers.js';
import type { Logs } from '../../editor/log.js';
import { localFolders } from '../../editor/surroundings.js';
import type { JsonObject } from '../../json.js';
import type { McpServer } from '../../mcp/servers.js';
import type { ServerNode } from '../lists/servers.js';

/** The server a menu, a command argument or a person names. */
async function serverOf(argument: unknown, servers: LateServers, title: string): Promise<McpServer | undefined> {
  await servers.ready();
  const node = argument as Partial<Extract<ServerNode, { kind: 'server' }>> | undefined;
  if (node?.configured !== undefined) return node.configured;
  if (typeof argument === 'string') return servers.find(argument);
  if (servers.servers.length === 0) {
    void vscode.window.showInformationMessage('No MCP server is configured.', 'Add Server').then(async (answer) => {
      if (answer !== undefined) await vscode.commands.executeCommand('codemode.addServer');
    });
    return undefined;
  }
  const items = servers.servers.map((server) => ({ label: server.name, description: server.state.kind, detail: server.origin.file, server }));
  return (await vscode.window.showQuickPick(items, { title }))?.server;
}

export function registerServerCommands(servers: LateServers, logs: Logs): vscode.Disposable {
  const act = (command: string, title: string, run: (server: McpServer) => Promise<unknown> | void): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (argument: unknown) => {
      const server = await serverOf(argument, servers, title);
      if (server === undefined) return;
      try {
        await run(server);
      } catch (error) {
        const answer = await vscode.window.showErrorMessage(`${server.name}: ${error instanceof Error ? error.message : String(error)}`, 'Show Server Log');
        if (answer !== undefined) logs.show(server);
      }
    });
  return vscode.Disposable.from(
    act('codemode.startServer', 'Start Server', async (server) => server.start()),
    act('codemode.stopServer', 'Stop Server', async (server) => server.stop()),
    act('codemode.restartServer', 'Restart Server', async (server) => server.restart()),
    act('codemode.showServerLog', 'Show Server Log', (server) => logs.show(server)),
    act('codemode.openServerConfiguration', 'Open Server Configuration', async ({ origin }) => {
      const at = new vscode.Position(origin.line, 0);
      await vscode.window.showTextDocument(vscode.Uri.file(origin.file), { selection: new vscode.Range(at, at) });
    }),
    vscode.commands.registerCommand('codemode.chooseNativeTools', async () => vscode.commands.executeCommand('workbench.action.chat.configureTools')),
    vscode.commands.registerCommand('codemode.reloadServers', async () => servers.reload()),
    vscode.commands.registerCommand('codemode.addServer', async () => addServer(servers)),
  );
}

/** Asks for one server and adds it to the folder's `.vscode/mcp.json`, keeping its comments and layout. */
async function addServer(servers: LateServers): Promise<void> {
  const [folder] = localFolders();
  if (folder === undefined) {
    void vscode.window.showWarningMessage('Open a folder first: servers are configured in its .vscode/mcp.json.');
    return;
  }
  const picked = await vscode.window.showQuickPick(
    [
      { label: '$(package) npm package', description: 'run with npx', form: 'npm' as const },
      { label: '$(terminal) Command', description: 'a program that speaks over standard input and output', form: 'stdio' as const },
      { label: '$(globe) Address', description: 'a server reached over HTTP', form: 'http' as const },
    ],
    { title: 'Add Server (1 of 3): what kind of server?' },
  );
  if (picked === undefined) return;
  const prompts = { npm: 'Package, and arguments after it', stdio: 'Command line', http: 'Address' };
  const examples = { npm: '@modelcontextprotocol/server-memory', stdio: 'python -m my_server', http: 'https://example.com/mcp' };
  const line = await vscode.window.showInputBox({
    title: 'Add Server (2 of 3)',
    prompt: prompts[picked.form],
    placeHolder: examples[picked.form],
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? 'Expected something to start or reach.' : picked.form === 'http' && !/^https?:\/\//.test(value) ? 'Expected an address that begins with http:// or https://.' : undefined),
  });
  if (line === undefined) return;
  const name = await vscode.window.showInputBox({
    title: 'Add Server (3 of 3)',
    prompt: 'Name; scripts use it as the name of the global',
    value: suggestName(line),
    ignoreFocusOut: true,
    validateInput: (value) => (/^[\w.-]+$/.test(value) ? (servers.find(value) === undefined ? undefined : 'There is a server of that name.') : 'Expected letters, digits, dots and dashes.'),
  });
  if (name === undefined) return;
  const file = path.join(folder.path, '.vscode', 'mcp.json');
  const offset = await addToFile(file, name, definitionOf(picked.form, line.trim()));
  if (offset === undefined) {
    void vscode.window.showErrorMessage('The file .vscode/mcp.json is not valid JSON; mend it first.');
    await vscode.window.showTextDocument(vscode.Uri.file(file));
    return;
  }
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const at = document.positionAt(offset);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
  await servers.reload();
}

function definitionOf(kind: 'npm' | 'stdio' | 'http', line: string): JsonObject {
  if (kind === 'http') return { type: 'http', url: line };
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');
  const [command = '', ...args] = kind === 'npm' ? ['npx', '-y', ...words] : words;
  return { type: 'stdio', command, args };
}

function suggestName(line: string): string {
  const word = /^https?:\/\/([^/:]+)/.exec(line)?.[1]?.split('.').slice(-2, -1)[0] ?? line.split(/\s/)[0]?.split('/').at(-1) ?? 'server';
  return word.replace(/^(mcp-server|server|mcp)-/, '').replace(/-(mcp-server|server|mcp)$/, '').replaceAll(/[^\w.-]/g, '') || 'server';
}

/** @returns where the new entry begins; undefined for a file that is not valid. */
async function addToFile(file: string, name: string, definition: JsonObject): Promise<number | undefined> {
  const before = await readFile(file, 'utf8').catch(() => '{\n  "servers": {}\n}\n');
  const errors: ParseError[] = [];
  const tree = parseTree(before, errors, { allowTrailingComma: true });
  if (errors.length > 0 || tree?.type !== 'object') return undefined;
  const after = applyEdits(before, modify(before, ['servers', name], definition, { formattingOptions: { insertSpaces: true, tabSize: 2 } }));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, after);
  const written = parseTree(after);
  return written === undefined ? 0 : (findNodeAtLocation(written, ['servers', name])?.parent?.offset ?? 0);
}
