import * as vscode from 'vscode';
import type { Catalog, CatalogServer, CatalogTool } from '../../catalog/catalog.js';
import type { LateServers } from '../../editor/lateServers.js';
import { isNative } from '../../editor/nativeServers.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { McpServer } from '../../mcp/servers.js';
import { effectWords } from '../api/effectWords.js';

/** One row of the tree: a server, configured or built in, or one of its tools. */
export type ServerNode =
  | { readonly kind: 'server'; readonly id: string; readonly server?: CatalogServer; readonly configured?: McpServer }
  | { readonly kind: 'tool'; readonly tool: CatalogTool }
  | { readonly kind: 'notice'; readonly text: string; readonly id: string };

export const serversViewId = 'codemode.servers';

/** Servers and their tools, with what each does and how each server stands. */
export class ServersTree implements vscode.TreeDataProvider<ServerNode>, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly states = new Map<McpServer, { dispose(): void }>();

  constructor(
    private readonly catalog: Catalog,
    private readonly servers: LateServers,
  ) {
    const view = this.store.add(vscode.window.createTreeView(serversViewId, { treeDataProvider: this, showCollapseAll: true }));
    // Showing the servers is a first use of them.
    this.store.add(view.onDidChangeVisibility((event) => void (event.visible && servers.ready())));
    if (view.visible) void servers.ready();
    this.store.add(catalog.onDidChange(() => this.changed.fire()));
    this.store.add(servers.onDidChange(() => this.follow()));
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire()));
    this.follow();
  }

  getChildren(node?: ServerNode): ServerNode[] {
    if (node === undefined) return this.roots();
    if (node.kind !== 'server') return [];
    const notices = (node.configured?.notices ?? []).map((text): ServerNode => ({ kind: 'notice', text, id: `${node.id}/${text}` }));
    return [...notices, ...(node.server?.tools ?? []).map((tool): ServerNode => ({ kind: 'tool', tool }))];
  }

  getTreeItem(node: ServerNode): vscode.TreeItem {
    switch (node.kind) {
      case 'server':
        return serverItem(node);
      case 'tool':
        return toolItem(node.tool);
      case 'notice': {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon('info');
        item.tooltip = node.text;
        return item;
      }
    }
  }

  dispose(): void {
    for (const each of this.states.values()) each.dispose();
    this.store.dispose();
  }

  private roots(): ServerNode[] {
    if (!vscode.workspace.isTrusted) return [];
    const named = this.catalog.current.servers;
    const configured = this.servers.servers.map((server): ServerNode => ({
      kind: 'server',
      id: server.source.id,
      configured: server,
      server: named.find((each) => each.source.id === server.source.id),
    }));
    const others = named
      .filter((server) => server.source.kind !== 'mcp')
      .map((server): ServerNode => ({ kind: 'server', id: server.source.id, server }));
    return [...configured, ...others];
  }

  private follow(): void {
    for (const [server, listening] of this.states) {
      if (this.servers.servers.includes(server)) continue;
      listening.dispose();
      this.states.delete(server);
    }
    for (const server of this.servers.servers) {
      if (!this.states.has(server)) this.states.set(server, server.onDidChangeState(() => this.changed.fire()));
    }
    this.changed.fire();
  }
}

function serverItem(node: Extract<ServerNode, { kind: 'server' }>): vscode.TreeItem {
  const { configured, server } = node;
  const item = new vscode.TreeItem(configured?.name ?? server?.namespace ?? node.id, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `server:${node.id}`;
  const tools = server?.tools.length ?? 0;
  const count = `${tools} ${tools === 1 ? 'tool' : 'tools'}`;
  if (configured === undefined) {
    item.description = server?.source.kind === 'editor' ? `from other extensions · ${count}` : `built in · ${count}`;
    item.iconPath = new vscode.ThemeIcon(server?.source.kind === 'editor' ? 'extensions' : 'tools');
    item.contextValue = 'server.builtin';
    item.tooltip = server?.source.title;
    return item;
  }
  const { state } = configured;
  const look = stateLooks[state.kind];
  item.description = [look.word, tools > 0 && count].filter(Boolean).join(' · ');
  item.iconPath = new vscode.ThemeIcon(look.icon, look.color === undefined ? undefined : new vscode.ThemeColor(look.color));
  item.contextValue = `server.mcp.${state.kind}${isNative(configured) ? '.native' : ''}`;
  const tooltip = new vscode.MarkdownString();
  tooltip.appendMarkdown(`**${configured.transport}** · ${look.word}\n\n`);
  if ('message' in state) tooltip.appendText(`${state.message}\n\n`);
  tooltip.appendText(`${configured.origin.label}: ${configured.origin.file}`);
  if (isNative(configured)) tooltip.appendText('\n\nAlso native: VS Code offers its tools to agent mode too. Choose there which of them it keeps.');
  item.tooltip = tooltip;
  if ('message' in state) item.description = `${look.word}: ${state.message}`;
  return item;
}

const stateLooks: Readonly<Record<McpServer['state']['kind'], { readonly word: string; readonly icon: string; readonly color?: string }>> = {
  stopped: { word: 'starts when called', icon: 'circle-outline' },
  unapproved: { word: 'waits for your yes', icon: 'shield', color: 'notificationsWarningIcon.foreground' },
  starting: { word: 'starting', icon: 'loading~spin' },
  running: { word: 'running', icon: 'pass-filled', color: 'testing.iconPassed' },
  failed: { word: 'failed', icon: 'error', color: 'testing.iconFailed' },
  crashed: { word: 'crashed', icon: 'error', color: 'testing.iconFailed' },
};

function toolItem(tool: CatalogTool): vscode.TreeItem {
  const look = effectWords[tool.effect];
  const item = new vscode.TreeItem(tool.member);
  item.id = `tool:${tool.ref.source}/${tool.ref.name}`;
  item.description = tool.title ?? tool.description?.split('\n')[0];
  item.iconPath = new vscode.ThemeIcon(look.icon, new vscode.ThemeColor(look.color));
  item.contextValue = 'tool';
  const tooltip = new vscode.MarkdownString(`**${look.word}**. ${look.hint}\n\n`);
  if (tool.description !== undefined) tooltip.appendText(tool.description);
  for (const oddity of tool.oddities) tooltip.appendText(`\n\n${oddity}`);
  item.tooltip = tooltip;
  item.accessibilityInformation = { label: `${tool.member}, ${look.word}` };
  item.command = { command: 'codemode.openDeclaration', title: 'Open Declaration', arguments: [tool.ref] };
  return item;
}
