import path from 'node:path';
import * as vscode from 'vscode';
import type { LateServers } from '../../editor/lateServers.js';
import { PerServer } from '../../editor/perServer.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import { serverLines } from '../../mcp/configuration/lines.js';
import { clients, type OptionalPlace } from '../../mcp/configuration/places.js';
import type { McpServer } from '../../mcp/servers.js';

/** Files of other clients. Where VS Code runs their servers too it has lenses of its own there, for its own connection: ours say whose they are. */
const selector: vscode.DocumentSelector = ['**/.mcp.json', '**/.cursor/mcp.json', '**/claude_desktop_config.json', '**/.codeium/windsurf/mcp_config.json', '**/.copilot/mcp-config.json'].map((pattern) => ({ scheme: 'file', pattern }));

/** `Start | Stop | Restart | n tools` over every server in files of other clients. */
export class ServerLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly followed = this.store.add(
    new PerServer((server) => {
      const store = new DisposableStore();
      store.add(server.onDidChangeState(() => this.changed.fire()));
      store.add(server.source.onDidChangeTools(() => this.changed.fire()));
      return store;
    }),
  );

  constructor(private readonly servers: LateServers) {
    this.store.add(vscode.languages.registerCodeLensProvider(selector, this));
    this.store.add(servers.onDidChange(() => this.follow()));
    this.follow();
  }

  dispose(): void {
    this.store.dispose();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!vscode.workspace.isTrusted) return [];
    await this.servers.ready();
    const found = serverLines(document.getText());
    const own = this.servers.servers.filter((server) => path.normalize(server.origin.file) === path.normalize(document.uri.fsPath));
    const lenses = found.flatMap(({ name, line }) => {
      const server = own.find((each) => each.name === name);
      return server === undefined ? [] : lensesOf(server, new vscode.Range(line, 0, line, 0));
    });
    const place = placeOf(document.uri.fsPath);
    if (lenses.length > 0 || found.length === 0 || place === undefined) return lenses;
    const top = new vscode.Range(0, 0, 0, 0);
    return [new vscode.CodeLens(top, { title: 'Code Mode does not read this file. Read It', command: 'codemode.readPlace', arguments: [place], tooltip: 'Turns on this file in the setting codemode.servers.sources. Its servers start only after you said yes to each.' })];
  }

  private follow(): void {
    this.followed.follow(this.servers.servers);
    this.changed.fire();
  }
}

function lensesOf(server: McpServer, range: vscode.Range): vscode.CodeLens[] {
  const { state, source } = server;
  const lens = (title: string, command: string, argument: unknown = source.id): vscode.CodeLens => new vscode.CodeLens(range, { title, command: `codemode.${command}`, arguments: [argument], ...('message' in state ? { tooltip: state.message } : {}) });
  const count = source.tools.length;
  const tools = count === 0 ? [] : [lens(`${count} ${count === 1 ? 'tool' : 'tools'}`, 'revealServer')];
  switch (state.kind) {
    case 'running':
      return [lens('Code Mode: Stop', 'stopServer'), lens('Restart', 'restartServer'), ...tools];
    case 'starting':
      return [lens('$(loading~spin) Code Mode: Starting', 'showServerLog'), lens('Stop', 'stopServer'), ...tools];
    case 'stopped':
      return [lens('Code Mode: Start', 'startServer'), ...tools];
    case 'unapproved':
      return [lens('$(shield) Code Mode: Review and Start', 'startServer')];
    case 'failed':
    case 'crashed':
      return [lens(state.kind === 'failed' ? '$(error) Code Mode: Failed' : '$(error) Code Mode: Crashed', 'showServerLog'), lens('Restart', 'restartServer'), ...tools];
    case 'outOfReach':
      return [lens('$(circle-slash) Code Mode: Out of reach', 'showServerLog')];
  }
}

function placeOf(file: string): OptionalPlace | undefined {
  const normal = file.replaceAll('\\', '/');
  if (normal.endsWith('/.mcp.json')) return 'workspace-root';
  const isInWorkspace = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file)) !== undefined;
  const names: Readonly<Record<(typeof clients)[number], boolean>> = {
    'claude-desktop': normal.endsWith('/claude_desktop_config.json'),
    copilot: normal.endsWith('/mcp-config.json'),
    'cursor-workspace': normal.endsWith('/.cursor/mcp.json') && isInWorkspace,
    'cursor-global': normal.endsWith('/.cursor/mcp.json') && !isInWorkspace,
    windsurf: normal.endsWith('/mcp_config.json'),
  };
  return clients.find((client) => names[client]);
}
