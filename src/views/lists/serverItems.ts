import * as vscode from 'vscode';
import type { CatalogServer, CatalogTool } from '../../catalog/catalog.js';
import { isNative } from '../../editor/nativeServers.js';
import type { McpServer } from '../../mcp/servers.js';
import { effectWords } from '../api/effectWords.js';
import { plainText } from '../plainText.js';

interface Look {
  readonly word: string;
  readonly icon: string;
  readonly color?: string;
}

const stateLooks: Readonly<Record<McpServer['state']['kind'], Look>> = {
  stopped: { word: 'starts when called', icon: 'circle-outline' },
  unapproved: { word: 'waits for your yes', icon: 'shield', color: 'notificationsWarningIcon.foreground' },
  starting: { word: 'starting', icon: 'loading~spin' },
  running: { word: 'running', icon: 'pass-filled', color: 'testing.iconPassed' },
  failed: { word: 'failed', icon: 'error', color: 'testing.iconFailed' },
  outOfReach: { word: 'out of reach', icon: 'circle-slash', color: 'disabledForeground' },
  crashed: { word: 'crashed', icon: 'error', color: 'testing.iconFailed' },
};

const warning = new vscode.ThemeIcon('warning', new vscode.ThemeColor('notificationsWarningIcon.foreground'));

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A source that is built in, or the tools of other extensions. */
export function builtInItem(id: string, server: CatalogServer | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(server?.namespace ?? id, vscode.TreeItemCollapsibleState.Collapsed);
  const count = counted(server?.tools.length ?? 0, 'tool');
  const isEditor = server?.source.kind === 'editor';
  item.id = `server:${id}`;
  item.description = isEditor ? `from other extensions · ${count}` : `built in · ${count}`;
  item.iconPath = new vscode.ThemeIcon(isEditor ? 'extensions' : 'tools');
  item.contextValue = 'server.builtin';
  item.tooltip = server?.source.title;
  return item;
}

/** A configured server: how it stands, what it offers, where it comes from. */
export function serverItem(id: string, configured: McpServer, server: CatalogServer | undefined): vscode.TreeItem {
  const { state, origin } = configured;
  const look = stateLooks[state.kind];
  const tools = server?.tools ?? [];
  const changed = tools.filter((tool) => isChanged(tool, server)).length;
  const suspicious = tools.filter((tool) => tool.suspicious).length;
  const isEmpty = tools.length === 0 && configured.notices.length === 0;
  const item = new vscode.TreeItem(configured.name, isEmpty ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `server:${id}`;
  const parts = [
    'message' in state ? `${look.word}: ${withoutName(state.message, configured.name)}` : look.word,
    tools.length > 0 && counted(tools.length, 'tool'),
    changed > 0 && `${changed} changed`,
    suspicious > 0 && `${suspicious} suspicious`,
    origin.label,
  ].filter((part) => part !== false);
  item.description = parts.join(' · ');
  item.iconPath = state.kind === 'running' && changed + suspicious > 0 ? warning : new vscode.ThemeIcon(look.icon, look.color === undefined ? undefined : new vscode.ThemeColor(look.color));
  item.contextValue = `server.mcp.${state.kind}${isNative(configured) ? '.native' : ''}`;
  item.tooltip = serverTooltip(configured, look.word, { changed, suspicious });
  item.accessibilityInformation = { label: [configured.name, ...parts].join(', ') };
  return item;
}

/** The row begins with the name already. */
function withoutName(message: string, name: string): string {
  const start = `"${name}" `;
  return message.startsWith(start) ? message.slice(start.length) : message;
}

function serverTooltip(configured: McpServer, word: string, { changed, suspicious }: { readonly changed: number; readonly suspicious: number }): vscode.MarkdownString {
  const { state, origin, notices } = configured;
  const tooltip = new vscode.MarkdownString(undefined, true);
  tooltip.appendMarkdown(`**${configured.transport}** · ${word}\n\n`);
  if ('message' in state) tooltip.appendMarkdown(`${plainText(state.message)}\n\n`);
  if (changed > 0) tooltip.appendMarkdown(`$(warning) ${counted(changed, 'tool')} changed since you approved ${changed === 1 ? 'it' : 'them'}: asked before the next call.\n\n`);
  if (suspicious > 0) tooltip.appendMarkdown(`$(warning) ${counted(suspicious, 'tool')} with texts that hide something or speak to the model.\n\n`);
  for (const notice of notices) tooltip.appendMarkdown(`$(info) ${plainText(notice)}\n\n`);
  tooltip.appendMarkdown(plainText(`${origin.label}: ${origin.file}`));
  if (isNative(configured)) tooltip.appendMarkdown('\n\nAlso native: VS Code offers its tools to agent mode too. Choose there which of them it keeps.');
  return tooltip;
}

function isChanged(tool: CatalogTool, server: CatalogServer | undefined): boolean {
  return server?.source.pins?.approved(tool.ref.name) !== undefined;
}

export function toolItem(tool: CatalogTool, server: CatalogServer | undefined): vscode.TreeItem {
  const look = effectWords[tool.effect];
  const changed = isChanged(tool, server);
  const item = new vscode.TreeItem(tool.member);
  item.id = `tool:${tool.ref.source}/${tool.ref.name}`;
  const marks = [changed && 'changed since you approved it', tool.suspicious && 'suspicious'].filter((mark) => mark !== false);
  const about = tool.title ?? tool.description?.split('\n')[0];
  item.description = [...marks, about].filter((part) => part !== undefined).join(' · ');
  item.iconPath = marks.length > 0 ? warning : new vscode.ThemeIcon(look.icon, new vscode.ThemeColor(look.color));
  item.contextValue = changed ? 'tool.changed' : 'tool';
  const tooltip = new vscode.MarkdownString(undefined, true);
  tooltip.appendMarkdown(`**${look.word}**. ${look.hint}\n\n`);
  if (changed) tooltip.appendMarkdown('$(warning) Its definition changed since you approved it: it asks before its next call, whatever you allowed before.\n\n');
  for (const oddity of tool.oddities) {
    tooltip.appendMarkdown(`$(${tool.suspicious ? 'warning' : 'info'}) ${plainText(oddity)}\n\n`);
  }
  if (tool.description !== undefined) tooltip.appendMarkdown(plainText(tool.description));
  item.tooltip = tooltip;
  item.accessibilityInformation = { label: [tool.member, look.word, ...marks].join(', ') };
  item.command = changed
    ? { command: 'codemode.showChangedDefinition', title: 'Show Changed Definition', arguments: [tool.ref] }
    : { command: 'codemode.openDeclaration', title: 'Open Declaration', arguments: [tool.ref] };
  return item;
}

export function noticeItem(id: string, text: string): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.id = `notice:${id}`;
  item.iconPath = new vscode.ThemeIcon('info');
  item.tooltip = text;
  return item;
}

/** Stands where servers would: what a person without any can do. */
export function addItem(): vscode.TreeItem {
  const item = new vscode.TreeItem('No MCP server is configured');
  item.id = 'add';
  item.description = 'Add one…';
  item.iconPath = new vscode.ThemeIcon('add');
  item.tooltip = 'Add a server from a command line, an address or an npm package. The built-in tools work without any.';
  item.command = { command: 'codemode.addServer', title: 'Add Server' };
  return item;
}
