import * as vscode from 'vscode';
import type { ServerApproval } from '../../mcp/ports.js';

type Verdicts = ReadonlyMap<string, 'allow' | 'deny'>;

/**
 * Asks before configured servers are started for the first time, or after their definition changed: first a
 * notification, which may stand as long as it likes, then the definitions themselves to choose from.
 */
export async function approveServers(servers: readonly ServerApproval[]): Promise<Verdicts> {
  const [only] = servers;
  if (only === undefined) return new Map();
  const names = servers.map((server) => server.name).join(', ');
  const review = servers.length === 1 ? 'Review Server' : 'Review Servers';
  const answer = await vscode.window.showInformationMessage(
    servers.length === 1
      ? `Code Mode wants to start the MCP server “${only.name}”${only.previous === undefined ? '' : ', whose definition changed'}. It runs with your rights on this machine.`
      : `Code Mode wants to start ${servers.length} MCP servers: ${names}. They run with your rights on this machine.`,
    review,
    'Not Now',
  );
  if (answer !== review) return new Map();
  return servers.length === 1 ? approveOne(only) : approveSome(servers);
}

async function approveOne(server: ServerApproval): Promise<Verdicts> {
  const detail = [
    server.previous === undefined ? undefined : `Was:\n${server.previous}\n\nIs now:`,
    server.definition,
    '',
    `Configured in ${server.origin}.`,
    'Your answer holds until this definition changes.',
  ];
  const answer = await vscode.window.showWarningMessage(
    `Start the MCP server “${server.name}”?`,
    { modal: true, detail: detail.filter((line) => line !== undefined).join('\n') },
    'Start Server',
    'Never Start It',
  );
  if (answer === undefined) return new Map();
  return new Map([[server.id, answer === 'Start Server' ? 'allow' : 'deny']]);
}

async function approveSome(servers: readonly ServerApproval[]): Promise<Verdicts> {
  const items = servers.map((server) => ({
    label: server.name,
    description: server.previous === undefined ? server.origin : `${server.origin} · definition changed`,
    detail: oneLine(server.previous === undefined ? server.definition : `${server.definition} (was: ${server.previous})`),
    picked: true,
    server,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    ignoreFocusOut: true,
    matchOnDetail: true,
    title: 'Which of these MCP servers may Code Mode start?',
    placeHolder: 'Each is one command or address. Your answer holds until its definition changes.',
  });
  if (picked === undefined) return new Map();
  return new Map(servers.map((server) => [server.id, picked.some((item) => item.server === server) ? 'allow' : 'deny']));
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' · ');
}
