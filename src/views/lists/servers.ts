import * as vscode from 'vscode';
import type { Catalog, CatalogServer, CatalogTool } from '../../catalog/catalog.js';
import type { LateServers } from '../../editor/lateServers.js';
import { PerServer } from '../../editor/perServer.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { McpServer } from '../../mcp/servers.js';
import { addItem, builtInItem, noticeItem, serverItem, toolItem } from './serverItems.js';

/** One row of the tree: a server, configured or built in, or one of its tools. */
export type ServerNode =
  | { readonly kind: 'server'; readonly id: string; readonly server?: CatalogServer; readonly configured?: McpServer }
  | { readonly kind: 'tool'; readonly tool: CatalogTool; readonly owner?: CatalogServer }
  | { readonly kind: 'add' }
  | { readonly kind: 'notice'; readonly text: string; readonly id: string };

export const serversViewId = 'codemode.servers';

/** Servers and their tools, with what each does and how each server stands. */
export class ServersTree implements vscode.TreeDataProvider<ServerNode>, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<ServerNode>;
  private readonly states = this.store.add(new PerServer((server) => server.onDidChangeState(() => this.changed.fire())));

  constructor(
    private readonly catalog: Catalog,
    private readonly servers: LateServers,
  ) {
    const view = this.store.add(vscode.window.createTreeView(serversViewId, { treeDataProvider: this, showCollapseAll: true }));
    this.view = view;
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
    return [...notices, ...(node.server?.tools ?? []).map((tool): ServerNode => ({ kind: 'tool', tool, ...(node.server === undefined ? {} : { owner: node.server }) }))];
  }

  getParent(): undefined {
    // Only roots are ever revealed.
    return undefined;
  }

  /** Shows a server and its tools. */
  async reveal(id: string): Promise<void> {
    const node = this.roots().find((each) => each.kind === 'server' && each.id === id);
    if (node !== undefined) await this.view.reveal(node, { select: true, focus: true, expand: true });
  }

  getTreeItem(node: ServerNode): vscode.TreeItem {
    switch (node.kind) {
      case 'server':
        return node.configured === undefined ? builtInItem(node.id, node.server) : serverItem(node.id, node.configured, node.server);
      case 'tool':
        return toolItem(node.tool, node.owner);
      case 'notice':
        return noticeItem(node.id, node.text);
      case 'add':
        return addItem();
    }
  }

  dispose(): void {
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
    const none: readonly ServerNode[] = this.servers.loaded && configured.length === 0 && others.length > 0 ? [{ kind: 'add' }] : [];
    return [...configured, ...none, ...others];
  }

  private follow(): void {
    this.states.follow(this.servers.servers);
    this.changed.fire();
  }
}
