import * as vscode from 'vscode';
import type { Catalog } from '../catalog/catalog.js';
import type { LateServers } from '../editor/lateServers.js';
import { PerServer } from '../editor/perServer.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import { summarise, type ServersSummary } from '../mcp/summary.js';
import { serversViewId } from './lists/servers.js';
import { plainText } from './plainText.js';

const servers = (count: number): string => `${count} ${count === 1 ? 'server' : 'servers'}`;

const looks: Readonly<Record<ServersSummary['kind'], { readonly icon: string; readonly label: (count: number) => string; readonly background?: string }>> = {
  decide: { icon: 'shield', label: (count) => `${servers(count)} to allow`, background: 'statusBarItem.warningBackground' },
  failed: { icon: 'error', label: (count) => `${servers(count)} failed`, background: 'statusBarItem.warningBackground' },
  changed: { icon: 'warning', label: (count) => `${servers(count)} changed`, background: 'statusBarItem.warningBackground' },
  running: { icon: 'server', label: String },
  quiet: { icon: 'server', label: String },
};

/** Says in the status bar how the MCP servers stand; a click opens their tree. */
export class ServerStatus implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly item = this.store.add(vscode.window.createStatusBarItem('codemode.servers', vscode.StatusBarAlignment.Right, 90));
  private readonly followed = this.store.add(new PerServer((server) => server.onDidChangeState(() => this.refresh())));

  constructor(
    private readonly servers: LateServers,
    catalog: Catalog,
  ) {
    this.item.name = 'Code Mode: MCP servers';
    this.item.command = `${serversViewId}.focus`;
    this.store.add(servers.onDidChange(() => this.follow()));
    this.store.add(catalog.onDidChange(() => this.refresh()));
    this.follow();
  }

  dispose(): void {
    this.store.dispose();
  }

  private follow(): void {
    this.followed.follow(this.servers.servers);
    this.refresh();
  }

  private refresh(): void {
    const summary = summarise(this.servers.servers);
    if (summary === undefined) {
      this.item.hide();
      return;
    }
    const look = looks[summary.kind];
    this.item.text = `$(${look.icon}) ${look.label(summary.count)}`;
    this.item.backgroundColor = look.background === undefined ? undefined : new vscode.ThemeColor(look.background);
    const tooltip = new vscode.MarkdownString('**Code Mode: MCP servers**\n\n');
    for (const line of summary.lines) tooltip.appendMarkdown(`${plainText(line)}\n\n`);
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: `Code Mode, MCP servers: ${summary.lines.join('; ')}` };
    this.item.show();
  }
}
