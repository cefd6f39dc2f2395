import type { Catalog, CatalogServer, CatalogSnapshot, CatalogTool } from '../catalog/catalog.js';
import { declareTools, signature, type TextLimits } from '../typings/server.js';
import { toDeclare } from '../typings/workspace/snapshot.js';
import { inSlices } from '../typings/steps.js';
import type { Disposable } from '../lifecycle/disposable.js';
import type { Discovery, FoundTool, SearchPage } from './discovery.js';
import { nearest } from './nearest.js';
import { createSearchIndex, type SearchIndex } from './searchIndex.js';
import { firstSentence } from './sentence.js';
import { surfaceOf } from './surface.js';
import { tokensOf } from './tokens.js';

const pageSize = 10;
const largestPage = 50;

/** Discovery over a live catalog: everything is derived from its current snapshot and remembered for as long as that stands. */
export function createDiscovery(catalog: Pick<Catalog, 'current' | 'onDidChange'>): Discovery & Disposable {
  let index: { readonly snapshot: CatalogSnapshot; readonly tools: readonly unknown[]; readonly search: SearchIndex } | undefined;
  let disposed = false;

  /** The index stands while every server's list does, whatever else changed in the snapshot. */
  const indexOf = (snapshot: CatalogSnapshot): SearchIndex => {
    // A source may make its list anew at every look: within one snapshot it is the same all the same.
    if (index?.snapshot === snapshot) return index.search;
    const tools = snapshot.servers.flatMap((server) => [server.namespace, server.source.tools]);
    const same = index !== undefined && index.tools.length === tools.length && index.tools.every((each, at) => each === tools[at]);
    const search = same && index !== undefined ? index.search : createSearchIndex(snapshot.servers.flatMap((server) => server.tools));
    index = { snapshot, tools, search };
    return search;
  };
  let working: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    const slice = { endsAt: 0 };
    for (let done: unknown; !disposed; ) {
      const { indexing } = indexOf(catalog.current);
      if (done === indexing) return;
      await inSlices(whileWanted(indexing, () => !disposed && indexOf(catalog.current).indexing === indexing), slice);
      done = indexing;
    }
  };
  const settled = (): Promise<void> => (working ??= work().finally(() => (working = undefined)));
  const subscription = catalog.onDidChange(() => void settled());
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
      const { server } = options;
      const { tools, total } = indexOf(snapshot).search(query, { offset, limit, ...(server === undefined ? {} : { accept: (tool) => tool.namespace === server }) });
      const results = tools.map((tool) => found(snapshot, snapshot.find(tool.namespace, tool.member) ?? tool));
      const end = offset + results.length;
      return { results, total, ...(end < total ? { nextOffset: end } : {}) };
    },

    describe(names, { full = false } = {}) {
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
      const parts = [...members].map(([server, list]) => (full ? declareTools(toDeclare(server), list).trim() : inBrief(server, list)));
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

    settled,

    dispose() {
      disposed = true;
      subscription.dispose();
    },
  };
}

function* whileWanted(steps: Generator<void, void>, isWanted: () => boolean): Generator<void, void> {
  while (isWanted() && steps.next().done !== true) yield;
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

/** What a description may cost of what the tools' own definitions do. */
const shareOfNative = 0.57;
/** Beyond this many characters of definitions, counting tokens to choose how brief to be would hold up the host. */
const countedCharacters = 100_000;
const brevity: readonly TextLimits[] = [{ tool: 1_500, member: 500 }, { tool: 800, member: 250 }, { tool: 500, member: 160 }, { tool: 300, member: 110 }];

/** With whole texts where they fit into the share, else with as much of them as does. */
function inBrief(server: CatalogServer, members: readonly string[]): string {
  const declared = toDeclare(server);
  const names = new Set(server.tools.filter(({ member }) => members.includes(member)).map(({ ref }) => ref.name));
  const native = JSON.stringify(server.source.tools.filter(({ name }) => names.has(name)));
  const shortest = brevity.at(-1);
  if (native.length > countedCharacters) return declareTools(declared, members, shortest).trim();
  const budget = tokensOf(native) * shareOfNative;
  for (const limits of [undefined, ...brevity]) {
    const text = declareTools(declared, members, limits).trim();
    if (limits === shortest || tokensOf(text) <= budget) return text;
  }
  return '';
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
