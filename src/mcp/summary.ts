import type { McpServer } from './servers.js';

/** How all servers stand, in a few words. */
export interface ServersSummary {
  /** What matters most of it: somebody has to decide, something failed, or all is well. */
  readonly kind: 'decide' | 'failed' | 'changed' | 'running' | 'quiet';
  readonly count: number;
  /** A line for each state there is. */
  readonly lines: readonly string[];
}

const words: Readonly<Record<McpServer['state']['kind'], string>> = {
  unapproved: 'waiting for your yes',
  crashed: 'crashed',
  failed: 'failed',
  starting: 'starting',
  running: 'running',
  stopped: 'stopped',
  outOfReach: 'out of reach',
};

/** `undefined` where no server is configured: there is nothing to say. */
export function summarise(servers: readonly Pick<McpServer, 'name' | 'state' | 'source'>[]): ServersSummary | undefined {
  if (servers.length === 0) return undefined;
  const named = (kind: McpServer['state']['kind']): readonly string[] => servers.filter((server) => server.state.kind === kind).map((server) => server.name);
  const changed = servers.filter(({ source }) => source.tools.some((tool) => source.pins?.approved(tool.name) !== undefined)).map((server) => server.name);
  const lines = (Object.keys(words) as (keyof typeof words)[]).flatMap((kind) => (named(kind).length === 0 ? [] : [`${named(kind).length} ${words[kind]}: ${named(kind).join(', ')}`]));
  if (changed.length > 0) lines.push(`${changed.length} with tools that changed since you approved them: ${changed.join(', ')}`);
  const failed = named('failed').length + named('crashed').length;
  const decide = named('unapproved').length;
  const running = named('running').length + named('starting').length;
  if (decide > 0) return { kind: 'decide', count: decide, lines };
  if (failed > 0) return { kind: 'failed', count: failed, lines };
  if (changed.length > 0) return { kind: 'changed', count: changed.length, lines };
  return running > 0 ? { kind: 'running', count: running, lines } : { kind: 'quiet', count: servers.length, lines };
}
