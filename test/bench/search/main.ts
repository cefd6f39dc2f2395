import { readFileSync } from 'node:fs';
import path from 'node:path';
import MiniSearch from 'minisearch';
import { stemmer } from 'stemmer';
import type { CatalogTool } from '../../../src/catalog/catalog.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { wordsOf } from '../../../src/discovery/words.js';
import { isJsonObject } from '../../../src/json.js';
import { catalogOf, enlarged, percentile, readCorpus } from '../corpus.js';
import type { BenchOptions, BenchRow } from '../main.js';

export const name = 'search';
export const describe = 'tools found for hand-written queries, against stemmed BM25 over names, descriptions and parameters';

interface Query {
  readonly kind: string;
  readonly text: string;
  readonly answer: RegExp;
}

const kinds: Readonly<Record<string, string>> = { nl: 'natural language', syn: 'synonyms', prod: 'product-scoped', typo: 'typos' };

/** One query a line: kind, query, and the names that answer it as alternatives of a regular expression. */
function readQueries(): readonly Query[] {
  return readFileSync(path.resolve('test/bench/search/queries.tsv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [kind = '', text = '', names = ''] = line.split('\t');
      return { kind, text, answer: new RegExp(`^(?:${names})$`) };
    });
}

export async function run(options: BenchOptions): Promise<{ readonly rows: readonly BenchRow[] }> {
  const servers = readCorpus(options.corpus);
  const queries = readQueries();
  const catalog = catalogOf(servers);
  const tools = catalog.current.servers.flatMap((server) => server.tools);
  options.log(`${queries.length} queries over ${tools.length} tools of ${servers.length} servers`);

  const discovery = createDiscovery(catalog);
  await discovery.settled();
  const byName = new Map(tools.map((tool) => [`${tool.namespace}.${tool.member}`, tool.ref.name]));
  const ours = (query: string): readonly string[] => discovery.search(query, { limit: 5 }).results.map((hit) => byName.get(hit.name) ?? '');
  const reference = bm25(tools);

  const rows: BenchRow[] = [];
  for (const kind of [...Object.keys(kinds), 'all']) {
    const chosen = queries.filter((query) => kind === 'all' || query.kind === kind);
    const hits = (search: (query: string) => readonly string[]): number => chosen.filter((query) => search(query.text).some((hit) => query.answer.test(hit))).length;
    const value = (100 * hits(ours)) / chosen.length;
    const theirs = (100 * hits(reference)) / chosen.length;
    const bar = kind === 'all' ? 85 : kind === 'nl' ? 60 : undefined;
    rows.push({
      measure: `hit@5, ${kinds[kind] ?? 'all'} (${chosen.length})`,
      value,
      unit: '%',
      reference: `stemmed BM25 ${theirs.toFixed(1)} %`,
      ratio: value / theirs,
      ...(bar === undefined ? {} : { bar: `≥ ${bar} %`, ok: value >= bar }),
    });
  }
  const guessed = tools.filter((_, at) => at % 7 === 0);
  const found = guessed.filter((tool) => ours(tool.ref.name).includes(tool.ref.name)).length;
  rows.push({ measure: `hit@5, a tool's own name (${guessed.length})`, value: (100 * found) / guessed.length, unit: '%', bar: '100 %', ok: found === guessed.length });

  const large = catalogOf(enlarged(servers, 5000));
  const largeDiscovery = createDiscovery(large);
  await largeDiscovery.settled();
  largeDiscovery.search('warm up');
  const times = queries.map((query) => {
    const started = performance.now();
    largeDiscovery.search(query.text);
    return performance.now() - started;
  });
  const p95 = percentile(times, 0.95);
  rows.push({ measure: 'one search over 5,000 tools, 95th percentile', value: p95, unit: 'ms', bar: '< 5 ms', ok: p95 < 5 });
  catalog.dispose();
  large.dispose();
  return { rows };
}

/** The reference: one field of everything, word forms folded, nothing else. */
function bm25(tools: readonly CatalogTool[]): (query: string) => readonly string[] {
  const index = new MiniSearch<{ readonly id: number; readonly text: string }>({ fields: ['text'], tokenize: wordsOf, processTerm: (term) => stemmer(term) });
  index.addAll(
    tools.map((tool, id) => {
      const properties = isJsonObject(tool.inputSchema) ? tool.inputSchema['properties'] : undefined;
      return { id, text: [tool.ref.source, tool.ref.name, tool.description ?? '', ...(isJsonObject(properties) ? Object.keys(properties) : [])].join(' ') };
    }),
  );
  return (query) => index.search(query).slice(0, 5).map((hit) => tools[hit.id as number]?.ref.name ?? '');
}
