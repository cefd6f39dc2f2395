import * as vscode from 'vscode';
import type { LateServers } from '../../editor/lateServers.js';
import type { Logs } from '../../editor/log.js';
import { openConfiguration } from '../../editor/userFiles.js';
import type { OptionalPlace } from '../../mcp/configuration/places.js';
import type { McpServer } from '../../mcp/servers.js';
import type { ServerNode } from '../lists/servers.js';
import { chooseAccount, signOut } from './accounts.js';
import { askForServer } from './addServer.js';

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

interface ServerCommandRooms {
  /** Where the user's own `mcp.json` stands. */
  readonly userFile: () => string;
  /** Shows a server in the tree. */
  readonly reveal: (id: string) => Promise<void>;
}

/** Turns a place on for the user: a file of another client belongs to the person, not to the workspace. */
async function readPlace(place: OptionalPlace): Promise<void> {
  const settings = vscode.workspace.getConfiguration('codemode');
  const before = settings.inspect<Readonly<Record<string, boolean>>>('servers.sources')?.globalValue ?? {};
  await settings.update('servers.sources', { ...before, [place]: true }, vscode.ConfigurationTarget.Global);
}

export function registerServerCommands(servers: LateServers, logs: Logs, rooms: ServerCommandRooms): vscode.Disposable {
  const act = (command: string, title: string, run: (server: McpServer) => Promise<unknown> | void): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (argument: unknown) => {
      const server = await serverOf(argument, servers, title);
      if (server === undefined) return;
      try {
        await run(server);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const answer = await vscode.window.showErrorMessage(message.startsWith(`"${server.name}" `) ? message : `${server.name}: ${message}`, 'Show Server Log');
        if (answer !== undefined) logs.show(server);
      }
    });
  return vscode.Disposable.from(
    act('codemode.startServer', 'Start Server', async (server) => server.start()),
    act('codemode.stopServer', 'Stop Server', async (server) => server.stop()),
    act('codemode.restartServer', 'Restart Server', async (server) => server.restart()),
    act('codemode.signOutServer', 'Sign Out of Server', signOut),
    act('codemode.chooseAccount', 'Choose Account of Server', chooseAccount),
    act('codemode.showServerLog', 'Show Server Log', (server) => logs.show(server)),
    act('codemode.openServerConfiguration', 'Open Server Configuration', async ({ origin }) => openConfiguration(origin)),
    act('codemode.revealServer', 'Show Server in Tree', async (server) => rooms.reveal(server.source.id)),
    vscode.commands.registerCommand('codemode.readPlace', async (place: OptionalPlace) => readPlace(place)),
    vscode.commands.registerCommand('codemode.chooseNativeTools', async () => vscode.commands.executeCommand('workbench.action.chat.configureTools')),
    vscode.commands.registerCommand('codemode.reloadServers', async () => servers.reload()),
    vscode.commands.registerCommand('codemode.addServer', async () => askForServer(servers, rooms.userFile)),
  );
}
