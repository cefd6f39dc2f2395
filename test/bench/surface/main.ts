import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { countTokens as tokensOf } from 'gpt-tokenizer/encoding/o200k_base';
import { createTypings } from '../../../src/typings/workspace/snapshot.js';
import { catalogOf, enlarged, percentile, readCorpus } from '../corpus.js';
import type { BenchOptions, BenchRow } from '../main.js';

export const name = 'surface';
export const describe = 'tokens a model is shown (o200k_base), against the native tool definitions';

export async function run(options: BenchOptions): Promise<{ readonly rows: readonly BenchRow[] }> {
  const servers = readCorpus(options.corpus);
  const catalog = catalogOf(servers);
  const discovery = createDiscovery(catalog);
  const tools = catalog.current.servers.flatMap((server) => server.tools);
  /** A definition as the server listed it. */
  const listed = new Map(catalog.current.servers.flatMap((server) => server.source.tools.map((tool) => [`${server.namespace} ${tool.name}`, tool])));
  const native = (tool: (typeof tools)[number]): number => tokensOf(JSON.stringify(listed.get(`${tool.namespace} ${tool.ref.name}`)));
  const sample = tools.filter((_, at) => at % 5 === 0);
  const rows: BenchRow[] = [];

  const nativeTotal = tools.reduce((sum, tool) => sum + native(tool), 0);
  const surface = discovery.surface(600);
  const perServer = surface.split('\n').length - 1;
  const tokens = tokensOf(surface);
  rows.push({ measure: `surface of ${tools.length} tools, ${servers.length} servers`, value: tokens, unit: 'tokens', reference: `native ${nativeTotal.toLocaleString('en-US')}`, ratio: tokens / nativeTotal, bar: '600 + a line a server', ok: tokens <= 600 + perServer * 15 });

  let described = 0;
  let whole = 0;
  let nativeSample = 0;
  for (const tool of sample) {
    described += tokensOf(discovery.describe(`${tool.namespace}.${tool.member}`));
    whole += tokensOf(discovery.describe(`${tool.namespace}.${tool.member}`, { full: true }));
    nativeSample += native(tool);
  }
  rows.push({ measure: `describe one tool, mean of ${sample.length}`, value: described / sample.length, unit: 'tokens', reference: `native ${Math.round(nativeSample / sample.length)}`, ratio: described / nativeSample, bar: '≤ 0.6 ×', ok: described / nativeSample <= 0.6 });
  rows.push({ measure: '… with long texts whole', value: whole / sample.length, unit: 'tokens', reference: `native ${Math.round(nativeSample / sample.length)}`, ratio: whole / nativeSample });

  const large = catalogOf(enlarged(servers, 5000));
  let longest = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 1);
    last = performance.now();
  }, 1);
  const started = performance.now();
  const typings = createTypings(large);
  await new Promise<void>((resolve) => typings.onDidChange(() => resolve()));
  const ready = performance.now() - started;
  clearInterval(watch);
  rows.push({ measure: 'catalog of 5,000 tools, to all typings', value: ready, unit: 'ms', bar: '≤ 1,500 ms', ok: ready <= 1500 });
  rows.push({ measure: '… longest hold of the event loop', value: longest, unit: 'ms', bar: '≤ 50 ms', ok: longest <= 50 });

  const largeDiscovery = createDiscovery(large);
  const text = largeDiscovery.surface(600);
  const lines = text.split('\n').length - 1;
  rows.push({ measure: `surface of 5,000 tools, ${lines} servers`, value: tokensOf(text), unit: 'tokens', bar: '600 + a line a server', ok: tokensOf(text) <= 600 + lines * 15 });
  const times = Array.from({ length: 20 }, (_, at) => {
    const begun = performance.now();
    largeDiscovery.surface(600 + at);
    return performance.now() - begun;
  });
  rows.push({ measure: 'making it, 95th percentile', value: percentile(times, 0.95), unit: 'ms' });
  typings.dispose();
  large.dispose();
  catalog.dispose();
  return { rows };
}
