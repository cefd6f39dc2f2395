import type { CatalogServer, CatalogSnapshot } from '../catalog/catalog.js';
import { declareServer, signature } from '../typings/server.js';
import { toDeclare } from '../typings/workspace/snapshot.js';
import { firstSentence } from './sentence.js';
import { tokensOf } from './tokens.js';

/**
 * The text a model is always shown of the catalog. Complete declarations when they fit `budget` tokens, else
 * signatures, else every name with its first sentence, else as many names as fit, shared out in turns so that no
 * server is starved.
 * Every server has its line whatever the budget. The same catalog always gives the same bytes.
 */
export function surfaceOf(snapshot: CatalogSnapshot, budget: number): string {
  const servers = [...snapshot.servers].sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  if (servers.length === 0) {
    return 'No tools are connected. Say so, and that "Code Mode: Add Server" connects one.';
  }
  const tools = servers.reduce((sum, server) => sum + server.tools.length, 0);

  const declarations = whole(servers, budget, 'Everything there is, complete:', (server) => declareServer(toDeclare(server)).text.trim());
  if (declarations !== undefined) return declarations;
  const signatures = whole(
    servers,
    budget,
    `All ${tools} tools, complete, without their documentation. codemode.describe("server.tool") gives it.`,
    (server) => {
      const declared = toDeclare(server);
      return server.tools.map((tool) => signature(declared, tool.member)).join('\n');
    },
  );
  if (signatures !== undefined) return signatures;
  const summaries = whole(
    servers,
    budget,
    `All ${tools} tools by name. Read declarations with codemode.describe("server.tool") before using them.`,
    (server) => [`${server.namespace}:`, ...server.tools.map((tool) => `- ${tool.member}: ${firstSentence(tool.description ?? tool.title ?? '')}`)].join('\n'),
  );
  if (summaries !== undefined) return summaries;
  return names(servers, tools, budget);
}

/** The text when all of it fits; stops counting as soon as it cannot. */
function whole(
  servers: readonly CatalogServer[],
  budget: number,
  heading: string,
  textOf: (server: CatalogServer) => string,
): string | undefined {
  const parts = [heading];
  let used = tokensOf(heading);
  for (const server of servers) {
    // A declaration is at least a few tokens: a server of thousands need not be generated to know that it is too big.
    if (used + server.tools.length * 5 > budget) return undefined;
    const text = textOf(server);
    used += tokensOf(text) + 1;
    if (used > budget) return undefined;
    parts.push(text);
  }
  return parts.join('\n');
}

function names(servers: readonly CatalogServer[], total: number, budget: number): string {
  const shown = new Map(servers.map((server) => [server, [] as string[]]));
  const head = (count: number): string =>
    `${count} of ${total} tools of ${servers.length} ${servers.length === 1 ? 'server' : 'servers'} are named here` +
    `${count < total ? '; the list is NOT complete' : ''}. ` +
    `Find others with codemode.search("what you need"), read declarations with codemode.describe("server.tool"), before using them.`;
  let used = tokensOf(head(total));
  // What servers say of themselves has a part of the budget: names are what cannot be guessed.
  const about = new Map<CatalogServer, string>();
  let left = budget / 5;
  for (const server of servers) {
    const said = firstSentence(server.source.instructions ?? '').slice(0, 100);
    const cost = said === '' ? 0 : tokensOf(` (${said})`);
    if (said === '' || cost > left) continue;
    about.set(server, said);
    left -= cost;
    used += cost;
  }
  let count = 0;
  // Round by round, one tool a server, so that a large server cannot crowd out a small one.
  for (let round = 0, open = true; open && used < budget; round++) {
    open = false;
    for (const server of servers) {
      const tool = server.tools[round];
      if (tool === undefined) continue;
      const cost = tokensOf(`, ${tool.member}`);
      if (used + cost > budget) continue;
      shown.get(server)?.push(tool.member);
      used += cost;
      count++;
      open = true;
    }
  }
  const lines = servers.map((server) => {
    const said = about.get(server);
    const members = shown.get(server) ?? [];
    const rest = server.tools.length - members.length;
    const list = members.join(', ');
    return `${server.namespace}${said === undefined ? '' : ` (${said})`}: ${list}${rest === 0 ? '' : list === '' ? `${rest} tools` : `, … ${rest} more`}`;
  });
  return [head(count), ...lines].join('\n');
}
