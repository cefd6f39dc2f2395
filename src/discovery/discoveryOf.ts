import type { Catalog, CatalogServer, CatalogSnapshot, CatalogTool } from '../catalog/catalog.js';
import { declareTools, signature } from '../typings/server.js';
import { toDeclare } from '../typings/workspace/snapshot.js';
import type { Disposable } from '../lifecycle/disposable.js';
import type { Discovery, FoundTool, SearchPage } from './discovery.js';
import { nearest } from './nearest.js';
import { createSearchIndex, type SearchIndex } from './searchIndex.js';
import { firstSentence } from './sentence.js';
import { surfaceOf } from './surface.js';

const pageSize = 10;
const largestPage = 50;

/** Tools indexed in one turn of the event loop: a few milliseconds. */
const indexedAtOnce = 50;

/** Discovery over a live catalog: everything is derived from its current snapshot and remembered for as long as that stands. */
export function createDiscovery(catalog: Pick<Catalog, 'current' | 'onDidChange'>): Discovery & Disposable {
  let index: { readonly tools: readonly unknown[]; readonly search: SearchIndex } | undefined;
  let disposed = false;

  /** The index stands while every server's list does, whatever else changed in the snapshot. */
  const indexOf = (snapshot: CatalogSnapshot): SearchIndex => {
    const tools = snapshot.servers.flatMap((server) => [server.namespace, server.source.tools]);
    if (index === undefined || index.tools.length !== tools.length || index.tools.some((each, at) => each !== tools[at])) {
      index = { tools, search: createSearchIndex(snapshot.servers.flatMap((server) => server.tools)) };
    }
    return index.search;
  };
  const inBackground = async (): Promise<void> => {
    for (;;) {
      const search = indexOf(catalog.current);
      if (disposed || !search.advance(indexedAtOnce)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const subscription = catalog.onDidChange(() => void inBackground());
  const surfaces = new Map<number, { readonly snapshot: CatalogSnapshot; readonly text: string }>();

  return {
    surface(budget) {
      const snapshot = catalog.current;
      let known = surfaces.get(budget);
      if (known?.snapshot !== snapshot) {
        known = { snapshot, text: surfaceOf(snapshot, budget) };
        surfaces.set(budget, known);
      }
      return known.text;
    },

    search(query, options = {}): SearchPage {
      const snapshot = catalog.current;
      const limit = Math.min(Math.max(1, Math.trunc(options.limit ?? pageSize)), largestPage);
      const offset = Math.max(0, Math.trunc(options.offset ?? 0));
      let hits = indexOf(snapshot).search(query);
      if (options.server !== undefined) hits = hits.filter((tool) => tool.namespace === options.server);
      const results = hits.slice(offset, offset + limit).map((tool) => found(snapshot, snapshot.find(tool.namespace, tool.member) ?? tool));
      const end = offset + results.length;
      return { results, total: hits.length, ...(end < hits.length ? { nextOffset: end } : {}) };
    },

    describe(names) {
      const snapshot = catalog.current;
      const wanted = typeof names === 'string' ? [names] : [...names];
      const unknown: string[] = [];
      const members = new Map<CatalogServer, string[]>();
      for (const name of wanted) {
        const hits = resolve(snapshot, name);
        if (hits.length === 0) unknown.push(name);
        for (const { server, member } of hits) {
          const list = members.get(server) ?? [];
          members.set(server, list);
          if (!list.includes(member)) list.push(member);
        }
      }
      const parts = [...members].map(([server, list]) => declareTools(toDeclare(server), list).trim());
      for (const name of unknown) parts.push(`// ${unknownName(snapshot, name)}`);
      return parts.join('\n');
    },

    servers() {
      return catalog.current.servers.map((server) => ({
        name: server.namespace,
        title: server.source.title,
        tools: server.tools.length,
        state: server.source.state.kind,
      }));
    },

    dispose() {
      disposed = true;
      subscription.dispose();
    },
  };
}

function found(snapshot: CatalogSnapshot, tool: CatalogTool): FoundTool {
  const server = snapshot.servers.find((candidate) => candidate.namespace === tool.namespace);
  return {
    name: `${tool.namespace}.${tool.member}`,
    summary: firstSentence(tool.description ?? tool.title ?? ''),
    signature: server === undefined ? '' : signatureOf(server, tool),
  };
}

const signatures = new WeakMap<CatalogTool, string>();

/** Only this tool is put into the generator's words: a page of hits must not cost whole servers. */
function signatureOf(server: CatalogServer, tool: CatalogTool): string {
  let text = signatures.get(tool);
  if (text === undefined) signatures.set(tool, (text = signature(toDeclare({ ...server, tools: [tool] }), tool.member)));
  return text;
}

/** A name is `server.member`, `server.original name`, a server alone (all of it), or a member alone where only one server has it. */
function resolve(snapshot: CatalogSnapshot, name: string): { readonly server: CatalogServer; readonly member: string }[] {
  const all = snapshot.servers.flatMap((server) => server.tools.map((tool) => ({ server, tool })));
  const exact = all.filter(({ server, tool }) => name === `${server.namespace}.${tool.member}` || name === `${server.namespace}.${tool.ref.name}`);
  if (exact.length > 0) return exact.map(({ server, tool }) => ({ server, member: tool.member }));
  const server = snapshot.servers.find((candidate) => candidate.namespace === name);
  if (server !== undefined) return server.tools.map((tool) => ({ server, member: tool.member }));
  const alone = all.filter(({ tool }) => tool.member === name || tool.ref.name === name);
  return alone.length === 1 ? alone.map(({ server: only, tool }) => ({ server: only, member: tool.member })) : [];
}

function unknownName(snapshot: CatalogSnapshot, name: string): string {
  const names = snapshot.servers.flatMap((server) => server.tools.map((tool) => `${server.namespace}.${tool.member}`));
  const close = [...new Set([...nearest(name, names), ...nearest(name.split('.').at(-1) ?? name, names)])].slice(0, 3);
  return `There is no tool "${name}".${close.length > 0 ? ` Nearest: ${close.join(', ')}.` : ' codemode.search finds tools by what they do.'}`;
}
