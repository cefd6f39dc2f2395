import type { ToolDescription } from '../../catalog/source.js';
import type { Session } from '../connection/session.js';
import type { ListKind } from '../connection/wire.js';
import type { Limits } from '../limits.js';
import { neutralise } from '../neutralise.js';
import type { Offer } from './cache.js';
import { readPrompts, readResources, readTemplates } from './otherLists.js';
import { headerFault } from './headerDeclarations.js';
import { readTools, type ReadList } from './toolList.js';

function withoutFaultyHeaders(list: ReadList<ToolDescription>): ReadList<ToolDescription> {
  const notices = [...list.notices];
  const items = list.items.filter((tool) => {
    const fault = headerFault(tool.inputSchema);
    if (fault !== undefined) notices.push(`The tool "${tool.name}" was left out: it wants an argument sent as a header, and ${fault}.`);
    return fault === undefined;
  });
  return { items, notices };
}

/** Reads what a server offers, or one kind of it into what is known. Only what it says it has is asked for. */
export async function readOffer(session: Session, limits: Limits, signal: AbortSignal, known?: Offer, only?: ListKind): Promise<Offer> {
  const wanted = (kind: ListKind): boolean => (only === undefined || only === kind) && session.offers(kind);
  const notices: string[] = [];
  // One list failing must not cost the others; the tools are what everything stands on.
  const optional = async <T>(list: Promise<T>): Promise<T | undefined> => list.catch(() => undefined);
  const [tools, resources, templates, prompts] = await Promise.all([
    wanted('tools') ? session.list('tools/list', 'tools', limits.tools, signal) : undefined,
    wanted('resources') ? optional(session.list('resources/list', 'resources', limits.resources, signal)) : undefined,
    wanted('resources') ? optional(session.list('resources/templates/list', 'resourceTemplates', limits.resources, signal)) : undefined,
    wanted('prompts') ? optional(session.list('prompts/list', 'prompts', limits.prompts, signal)) : undefined,
  ]);
  const all = tools === undefined ? undefined : readTools(tools.items, limits);
  const headers = session.era === 'modern' && session.transport === 'http';
  const read = all === undefined || !headers ? all : withoutFaultyHeaders(all);
  for (const list of [tools, resources, templates, prompts]) notices.push(...(list?.notices ?? []));
  notices.push(...(read?.notices ?? []));
  const instructions = session.instructions === undefined ? undefined : neutralise(session.instructions.slice(0, limits.description)).text;
  return {
    tools: read?.items ?? known?.tools ?? [],
    ...(session.offers('resources') ? { resources: resources === undefined ? (known?.resources ?? []) : readResources(resources.items, limits), templates: templates === undefined ? (known?.templates ?? []) : readTemplates(templates.items, limits) } : {}),
    ...(session.offers('prompts') ? { prompts: prompts === undefined ? (known?.prompts ?? []) : readPrompts(prompts.items, limits) } : {}),
    ...(session.completes ? { completes: true } : {}),
    ...(session.watches ? { watches: true } : {}),
    notices: only === undefined ? notices : [...new Set([...(known?.notices ?? []), ...notices])],
    era: session.era,
    ...(session.transport === 'stdio' ? {} : { transport: session.transport }),
    ...(instructions === undefined ? {} : { instructions }),
  };
}
