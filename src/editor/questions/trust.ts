import * as vscode from 'vscode';
import type { ServerApproval } from '../../mcp/ports.js';
import { pick } from './pick.js';

type Verdicts = ReadonlyMap<string, 'allow' | 'deny'>;

/** Two texts a person compares, under the name of what they describe. */
export interface Comparison {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Shows texts beside each other, differences marked: one pair as a diff, several in one editor. */
export type Compare = (title: string, pairs: readonly Comparison[]) => Promise<void>;

/**
 * Asks before configured servers are started for the first time, or after their definition changed: first a
 * notification, which may stand as long as it likes, then the definitions themselves to choose from. One that somebody
 * wants to start is asked about at once.
 */
export async function approveServers(servers: readonly ServerApproval[], wanted: boolean, compare: Compare): Promise<Verdicts> {
  const [only] = servers;
  if (only === undefined) return new Map();
  if (wanted && servers.length === 1) return approveOne(only, compare);
  const names = servers.map((server) => server.name).join(', ');
  const changed = servers.filter(({ previous }) => previous !== undefined).length;
  const review = servers.length === 1 ? 'Review Server' : 'Review Servers';
  const answer = await vscode.window.showInformationMessage(
    servers.length === 1
      ? `Code Mode wants to start the MCP server “${only.name}”${changed === 0 ? '' : ', whose definition changed'}. It runs with your rights on this machine.`
      : `Code Mode wants to start ${servers.length} MCP servers: ${names}.${changed === 0 ? '' : ` The definition of ${changed === 1 ? 'one' : changed} of them changed.`} They run with your rights on this machine.`,
    review,
    'Not Now',
  );
  if (answer !== review) return new Map();
  return servers.length === 1 ? approveOne(only, compare) : approveSome(servers, compare);
}

async function approveOne(server: ServerApproval, compare: Compare): Promise<Verdicts> {
  const detail = [
    ...(server.previous === undefined || server.previous === server.definition ? [] : [`What changed:\n${changes(server.previous, server.definition).join('\n')}`, '', 'Is now:']),
    server.definition,
    ...server.notices.map((notice) => `\n${notice}`),
    '',
    `Configured in ${server.origin}.`,
    'Your answer holds until this definition changes.',
  ];
  const question = `Start the MCP server “${server.name}”?`;
  const show = server.previous === undefined ? [] : ['Show Difference'];
  let answer = await vscode.window.showWarningMessage(question, { modal: true, detail: detail.join('\n') }, 'Start Server', 'Never Start It', ...show);
  if (answer === 'Show Difference') {
    await compareChanged([server], compare);
    // Nothing can be looked at behind a dialog: the question stands beside the difference.
    answer = await vscode.window.showWarningMessage(`${question} Its definition changed as shown.`, 'Start Server', 'Never Start It');
  }
  if (answer === undefined) return new Map();
  return new Map([[server.id, answer === 'Start Server' ? 'allow' : 'deny']]);
}

interface ServerItem extends vscode.QuickPickItem {
  readonly server: ServerApproval;
}

async function approveSome(servers: readonly ServerApproval[], compare: Compare): Promise<Verdicts> {
  const difference: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('diff'), tooltip: 'Show Difference' };
  // A row has two lines, each cut where it is too long: what to know comes first in one, what would run in the other.
  const items = servers.map((server): ServerItem => ({
    label: server.name,
    description: [...(server.previous === undefined ? [] : ['definition changed']), ...server.notices.map((notice) => `$(warning) ${notice}`), server.origin].join(' · '),
    detail: (server.previous === undefined ? server.definition.split('\n') : changes(server.previous, server.definition)).join(' · '),
    ...(server.previous === undefined ? {} : { buttons: [difference] }),
    server,
  }));
  const changed = servers.filter(({ previous }) => previous !== undefined);
  const picked = await pick({
    items,
    at: items,
    several: true,
    title: 'Which of these MCP servers may Code Mode start?',
    placeholder: 'Each is one command or address. Your answer holds until its definition changes.',
    buttons: changed.length === 0 ? [] : [{ iconPath: new vscode.ThemeIcon('diff-multiple'), tooltip: 'Show What Changed' }],
    onButton: (item) => void compareChanged(item === undefined ? changed : [item.server], compare),
    signal: new AbortController().signal,
  });
  if (picked === undefined) return new Map();
  return new Map(servers.map((server) => [server.id, picked.some((item) => item.server === server) ? 'allow' : 'deny']));
}

async function compareChanged(servers: readonly ServerApproval[], compare: Compare): Promise<void> {
  const pairs = servers.map(({ name, previous = '', definition }) => ({ name, before: `${previous}\n`, after: `${definition}\n` }));
  await compare(servers.length === 1 ? `${servers[0]!.name} (allowed ↔ now)` : 'Definitions of servers (allowed ↔ now)', pairs);
}

/** The lines that went and came, marked; of two that begin alike, from a little before they part. */
function changes(before: string, after: string): readonly string[] {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const gone = was.filter((line) => !is.includes(line));
  const come = is.filter((line) => !was.includes(line));
  const [one, other] = [gone[0] ?? '', come[0] ?? ''];
  let alike = 0;
  while (gone.length === 1 && come.length === 1 && alike < one.length && one[alike] === other[alike]) alike++;
  const from = Math.max(0, alike - shownBefore);
  const shown = (line: string): string => (from > 0 ? `…${line.slice(from)}` : line);
  return [...gone.map((line) => `− ${shown(line)}`), ...come.map((line) => `+ ${shown(line)}`)];
}

const shownBefore = 24;
