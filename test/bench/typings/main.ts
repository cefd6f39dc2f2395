import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nameNamespaces } from '../../../src/catalog/names.js';
import { callsOf, type Calls } from './instances.js';
import { errorsTogether, measureCorpus, measureSuite, medianTime, rawTokens, type CorpusServer } from './measure.js';
import { loadPeers, ours, type BenchTool, type Generator } from './peers.js';
import { measureSoundness } from './soundness.js';
import { readSuite } from './suite.js';

export const name = 'typings';
export const describe = 'Schema to TypeScript: fidelity on the JSON Schema Test Suite and on real tools, tokens and time, beside other generators.';

interface Row {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly reference?: string;
  readonly ratio?: number;
  readonly bar?: string;
  readonly ok?: boolean;
}

interface Options {
  readonly corpus?: string;
  readonly suite?: string;
  readonly quick: boolean;
  readonly log: (text: string) => void;
}

export async function run(options: Options): Promise<{ rows: Row[] }> {
  const peers = await loadPeers(options.log);
  const rows: Row[] = [];
  const { schemas, instances, rejected, crashed } = measureSoundness(options.quick ? 500 : 10_000);
  rows.push(atMost(`generated schemas (${schemas} with ${instances} valid instances): valid instances rejected`, rejected, '', 0));
  rows.push(atMost('generated schemas: crashes and declarations that do not compile', crashed, '', 0));
  if (options.suite === undefined) options.log('Without --suite DIR (the tests folder of the JSON Schema Test Suite) its figures are left out.');
  else rows.push(...(await suiteRows(options.suite, peers, options.log)));
  if (options.corpus === undefined) options.log('Without --corpus DIR (a folder of tool lists) the figures of real tools are left out.');
  else rows.push(...(await corpusRows(options.corpus, options.quick, peers, options.log)));
  return { rows };
}

async function suiteRows(directory: string, peers: readonly Generator[], log: Options['log']): Promise<Row[]> {
  const cases = readSuite(directory);
  const rows: Row[] = [];
  for (const mode of ['root', 'argument'] as const) {
    const own = await measureSuite(ours, cases, mode);
    for (const failure of own.failures) log(`${mode}: ${failure.slice(0, 500)}`);
    rows.push(atLeast(`suite, ${mode}: valid on the type accepted`, own.validAccepted, '%', 100));
    rows.push(atLeast(`suite, ${mode}: core invalid rejected`, own.coreRejected, '%', 96));
    rows.push(atLeast(`suite, ${mode}: fidelity`, own.fidelity, '', 95));
    rows.push(atMost(`suite, ${mode}: crashes and broken declarations`, own.crashed + own.broken, '', 0));
    for (const peer of peers.filter(({ type }) => type !== undefined)) {
      const figures = await measureSuite(peer, cases, mode);
      rows.push({
        measure: `suite, ${mode}: fidelity of ${peer.label}`,
        value: figures.fidelity,
        unit: '',
        reference: `${figures.validAccepted.toFixed(1)} % accepted, ${figures.coreRejected.toFixed(1)} % rejected, ${figures.crashed} crashes, ${figures.broken} broken`,
      });
    }
  }
  return rows;
}

async function corpusRows(directory: string, quick: boolean, peers: readonly Generator[], log: Options['log']): Promise<Row[]> {
  const servers = readServers(directory);
  const known = new Map<BenchTool, Calls | undefined>();
  const calls = (tool: BenchTool): Calls | undefined => {
    if (!known.has(tool)) known.set(tool, callsOf(tool.inputSchema));
    return known.get(tool);
  };
  const raw = rawTokens(servers);
  const perServer = quick ? 3 : 12;
  const own = await measureCorpus(ours, servers, calls, perServer);
  for (const failure of own.failures) log(failure.slice(0, 500));
  const together = await errorsTogether(ours, servers);
  for (const error of together) log(error);
  const time = await medianTime(ours, servers);
  const rows = [
    atLeast('real tools: valid calls accepted', own.validAccepted, '%', 99.95),
    atLeast('real tools: expressible invalid calls rejected', own.invalidRejected, '%', 99.9),
    atLeast('real tools: invented parameters caught', own.inventedCaught, '%', 88),
    atMost('real tools: declared maps rejected', own.mapsRejected, '', 0),
    atMost(`servers whose file does not compile, of ${servers.length}`, own.serversBroken, '', 0),
    atMost('errors with all servers in one program', together.length, '', 0),
    atLeast('tool descriptions kept', own.toolDescriptions, '%', 100),
    atLeast('property descriptions kept', own.propertyDescriptions, '%', 100),
    atMost('tokens of the declarations, of the raw definitions', (100 * own.tokens) / raw, '%', 75),
  ];
  for (const peer of peers) {
    const figures = await measureCorpus(peer, servers, peer.label === 'mcporter' ? () => undefined : calls, perServer);
    const reference = [
      `${figures.validAccepted.toFixed(2)} % valid accepted`,
      `${figures.invalidRejected.toFixed(2)} % invalid rejected`,
      `${figures.inventedCaught.toFixed(1)} % invented caught`,
      `${figures.serversBroken} servers broken`,
      `${figures.toolDescriptions.toFixed(1)} / ${figures.propertyDescriptions.toFixed(1)} % descriptions kept`,
    ];
    rows.push({
      measure: `tokens of ${peer.label}, of the raw definitions`,
      value: (100 * figures.tokens) / raw,
      unit: '%',
      // mcporter's calls are positional, so one-object calls cannot be tried on them.
      reference: (peer.label === 'mcporter' ? reference.slice(3) : reference).join(', '),
    });
    const peerTime = await medianTime(peer, servers);
    rows.push({ measure: `median time a tool, ${peer.label}`, value: peerTime, unit: 'ms' });
    if (peer.label.startsWith('@cloudflare')) {
      const ratio = time / peerTime;
      rows.push({ measure: 'median time a tool', value: time, unit: 'ms', reference: peer.label, ratio, bar: '≤ 2 ×', ok: ratio <= 2 });
    }
  }
  return rows;
}

function readServers(directory: string): readonly CorpusServer[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.json')).sort();
  const servers = files.flatMap((file) => {
    const { tools } = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as { readonly tools?: readonly BenchTool[] };
    return Array.isArray(tools) ? [{ id: path.basename(file, '.json'), tools: tools as readonly BenchTool[] }] : [];
  });
  const namespaces = nameNamespaces(servers.map(({ id }) => id));
  return servers.map((server, index) => ({ ...server, namespace: namespaces[index]! }));
}

function atLeast(measure: string, value: number, unit: string, bar: number): Row {
  return { measure, value, unit, bar: `≥ ${bar}`, ok: value >= bar };
}

function atMost(measure: string, value: number, unit: string, bar: number): Row {
  return { measure, value, unit, bar: `≤ ${bar}`, ok: value <= bar };
}
