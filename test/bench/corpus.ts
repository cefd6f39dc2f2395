import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Catalog } from '../../src/catalog/catalog.js';
import { createCatalog } from '../../src/catalog/catalogOf.js';
import type { ToolDescription, ToolSource } from '../../src/catalog/source.js';
import { inferSchema, mergeSchemas } from '../../src/typings/infer.js';

/** One server's tool list as it was answered to `tools/list`. */
export interface CorpusServer {
  readonly id: string;
  readonly tools: readonly ToolDescription[];
}

/** Every `*.json` of a folder that holds `{"tools": […]}`, in name order. */
export function readCorpus(folder: string | undefined): readonly CorpusServer[] {
  if (folder === undefined) throw new Error('This benchmark measures real tool lists: name their folder with --corpus DIR.');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const list = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { readonly tools?: readonly ToolDescription[] };
      return Array.isArray(list.tools) ? [{ id: path.basename(file, '.json'), tools: list.tools }] : [];
    });
}

export function catalogOf(servers: readonly CorpusServer[]): Catalog {
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  catalog.setSources(servers.map(sourceOf));
  return catalog;
}

function sourceOf({ id, tools }: CorpusServer): ToolSource {
  const silent = (): { dispose(): void } => ({ dispose: () => undefined });
  return {
    id,
    kind: 'mcp',
    title: id,
    definitionHash: id,
    trusted: false,
    state: { kind: 'ready' },
    tools,
    onDidChangeTools: silent,
    onDidChangeState: silent,
    call: () => Promise.reject(new Error('A list of tools cannot be called.')),
  };
}

/** The corpus, repeated under other server names until it has `count` tools. */
export function enlarged(servers: readonly CorpusServer[], count: number): readonly CorpusServer[] {
  const result: CorpusServer[] = [];
  let total = 0;
  for (let round = 0; total < count; round++) {
    for (const server of servers) {
      if (total >= count) break;
      const tools = server.tools.slice(0, count - total);
      result.push({ id: round === 0 ? server.id : `${server.id}_${round}`, tools });
      total += tools.length;
    }
  }
  return result;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
