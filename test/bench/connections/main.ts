import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CallContext } from '../../../src/catalog/source.js';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { createMcpServers } from '../../../src/mcp/main.js';
import { headlessPorts } from '../../../src/mcp/headless.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import type { BenchOptions, BenchRow } from '../main.js';

export const name = 'connections';
export const describe = 'The first useful catalog of ten cold servers, and a call through a connection, beside the SDK client of the same run';

const modules = path.resolve('node_modules');
const program = (file: string, ...args: readonly string[]): { readonly command: string; readonly args: string[] } => ({ command: process.execPath, args: [path.join(modules, file), ...args] });

/** Ten servers of npm on stdio; some twice, as two folders of one workspace have them. */
function tenServers(place: string): Readonly<Record<string, { readonly command: string; readonly args: string[]; readonly env?: Record<string, string> }>> {
  return {
    everything: program('@modelcontextprotocol/server-everything/dist/index.js'),
    filesystem: program('@modelcontextprotocol/server-filesystem/dist/index.js', place),
    memory: { ...program('@modelcontextprotocol/server-memory/dist/index.js'), env: { MEMORY_FILE_PATH: path.join(place, 'memory.json') } },
    thinking: program('@modelcontextprotocol/server-sequential-thinking/dist/index.js'),
    time: program('time-mcp/dist/index.js'),
    runner: program('mcp-server-code-runner/dist/cli.js'),
    pdf: program('@modelcontextprotocol/server-pdf/dist/index.js', '--stdio'),
    eslint: program('@eslint/mcp/src/mcp-cli.js'),
    filesystem2: program('@modelcontextprotocol/server-filesystem/dist/index.js', place),
    time2: program('time-mcp/dist/index.js'),
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const environment = (): Record<string, string> => Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/**
 * Our servers are sessions of their own, so that all they start can be ended. A busy system gives those their turns
 * differently, and it is not that what is measured.
 */
function alike<T extends { readonly command: string; readonly args: string[] }>(definition: T): T {
  return process.platform === 'linux' ? { ...definition, command: 'setsid', args: [definition.command, ...definition.args] } : definition;
}

/** All of them at once by the SDK's own client; milliseconds until each had listed its tools. */
async function bySdk(servers: ReturnType<typeof tenServers>): Promise<readonly number[]> {
  const started = performance.now();
  return Promise.all(
    Object.values(servers).map(alike).map(async ({ command, args, env }) => {
      const client = new Client({ name: 'bench', version: '1' });
      await client.connect(new StdioClientTransport({ command, args, env: { ...environment(), ...env }, stderr: 'ignore' }));
      await client.listTools();
      const time = performance.now() - started;
      await client.close();
      return time;
    }),
  );
}

/** The same by our connections: milliseconds until the catalog has the tools of all, searchable. */
async function byUs(servers: ReturnType<typeof tenServers>, place: string): Promise<number> {
  const configFile = path.join(place, 'mcp.json');
  writeFileSync(configFile, JSON.stringify({ servers }));
  const started = performance.now();
  const room = createMcpServers(headlessPorts({ configFile, folders: [], environment: process.env, approve: true }), { clientVersion: '0' });
  await room.settled();
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  catalog.setSources(room.servers.map(({ source }) => source));
  const discovery = createDiscovery(catalog);
  discovery.surface(600);
  const time = performance.now() - started;
  const silent = catalog.current.servers.filter(({ tools }) => tools.length === 0).map(({ namespace }) => namespace);
  if (silent.length > 0 || catalog.current.servers.length !== 10) throw new Error(`No tools of ${silent.join(', ')}.`);
  discovery.dispose();
  catalog.dispose();
  await room.close();
  return time;
}

async function start(place: string, quick: boolean, log: (text: string) => void): Promise<BenchRow> {
  const servers = tenServers(place);
  await bySdk(servers);
  const ours: number[] = [];
  const slowest: number[] = [];
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    // In turns, and the other one first each time: what a machine does besides, it does to both.
    const measure = [async () => void slowest.push(Math.max(...(await bySdk(servers)))), async () => void ours.push(await byUs(servers, place))];
    for (const one of round % 2 === 0 ? measure : measure.reverse()) await one();
    log(`round ${round}: catalog after ${Math.round(ours.at(-1)!)} ms, slowest server by the SDK ${Math.round(slowest.at(-1)!)} ms`);
  }
  const ratio = median(ours) / median(slowest);
  return { measure: 'first catalog of ten cold servers', value: median(ours), unit: 'ms', reference: `slowest of the ten, started by the SDK client: ${Math.round(median(slowest))} ms`, ratio, bar: '≤ 1.2 ×', ok: ratio <= 1.2 };
}

async function call(place: string, quick: boolean, log: (text: string) => void): Promise<BenchRow> {
  const definition = program('@modelcontextprotocol/server-everything/dist/index.js');
  const configFile = path.join(place, 'mcp.json');
  writeFileSync(configFile, JSON.stringify({ servers: { everything: definition } }));
  const room = createMcpServers(headlessPorts({ configFile, folders: [], environment: process.env, approve: true }), { clientVersion: '0' });
  await room.settled();
  const { source } = room.servers[0]!;
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(new StdioClientTransport({ ...alike(definition), env: environment(), stderr: 'ignore' }));
  await client.listTools();
  const context = { signal: new AbortController().signal, onProgress: () => undefined, keep: () => ({ handle: '', mimeType: '', bytes: 0 }) } as unknown as CallContext;
  const batch = quick ? 200 : 500;
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    for (let count = 0; count < batch; count++) await work();
    return ((performance.now() - started) / batch) * 1_000;
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < (quick ? 6 : 25); round++) {
    const measure = [
      async () => void theirs.push(await timed(() => client.callTool({ name: 'echo', arguments: { message: 'hello' } }))),
      async () => void ours.push(await timed(() => source.call('echo', { message: 'hello' }, context))),
    ];
    for (const one of round % 2 === 0 ? measure : measure.reverse()) await one();
    // The first round warms both up.
    if (round === 0) [ours.length, theirs.length] = [0, 0];
    else log(`round ${round}: ${Math.round(ours.at(-1)!)} µs a call, by the SDK client ${Math.round(theirs.at(-1)!)} µs`);
  }
  await client.close();
  await room.close();
  const ratio = median(ours.map((value, index) => value / theirs[index]!));
  return { measure: 'a call through a connection', value: median(ours), unit: 'µs', reference: `the SDK client’s own: ${Math.round(median(theirs))} µs`, ratio, bar: '≤ 1.15 ×', ok: ratio <= 1.15 };
}

export async function run({ quick, log }: BenchOptions): Promise<{ readonly rows: readonly BenchRow[] }> {
  const place = mkdtempSync(path.join(tmpdir(), 'bench-connections-'));
  try {
    return { rows: [await start(place, quick, log), await call(place, quick, log)] };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
