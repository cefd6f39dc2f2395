import { ProtocolErrorCode } from '@modelcontextprotocol/client';
import type { ToolDescription } from '../../catalog/source.js';
import type { JsonValue } from '../../json.js';
import { readFailure } from '../connection/failures.js';
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

/** JSON-RPC: the server has no such method. */
const methodNotFound: number = ProtocolErrorCode.MethodNotFound;

interface RawList {
  readonly items: readonly JsonValue[];
  readonly notices: readonly string[];
}

/** A list that may fail without costing the others. Nothing where the server says that it knows no such list. */
async function optional(method: string, list: Promise<RawList>, ending: () => string | undefined): Promise<Partial<RawList>> {
  try {
    return await list;
  } catch (error) {
    const failure = readFailure(error, { ended: ending() });
    return failure.answer?.code === methodNotFound ? { items: [] } : { notices: [`Its list (${method}) could not be read: it ${failure.reason}. Restart it to try again.`] };
  }
}

const kinds: readonly ListKind[] = ['tools', 'resources', 'prompts'];

/** Reads all that a server offers. Only what it says it has is asked for. */
export async function readOffer(session: Session, limits: Limits, signal: AbortSignal): Promise<Offer> {
  const lists = await readLists(session, limits, signal, kinds);
  const instructions = session.instructions === undefined ? undefined : neutralise(session.instructions.slice(0, limits.description)).text;
  return {
    tools: [],
    ...(session.offers('resources') ? { resources: [], templates: [] } : {}),
    ...(session.offers('prompts') ? { prompts: [] } : {}),
    ...lists,
    ...(session.completes ? { completes: true } : {}),
    ...(session.watches ? { watches: true } : {}),
    era: session.era,
    ...(session.transport === 'stdio' ? {} : { transport: session.transport }),
    ...(instructions === undefined ? {} : { instructions }),
  };
}

/** The lists of some kinds, those that could be read; and what is to be said of each, that it could not be read too. */
export async function readLists(session: Session, limits: Limits, signal: AbortSignal, wanted: readonly ListKind[]): Promise<Partial<Offer> & Pick<Offer, 'notices'>> {
  const isWanted = (kind: ListKind): boolean => wanted.includes(kind) && session.offers(kind);
  const list = (kind: ListKind, method: string, key: string, most: number): Promise<RawList> | undefined => (isWanted(kind) ? session.list(method, key, most, signal) : undefined);
  const other = async (kind: 'resources' | 'prompts', method: string, key: string): Promise<Partial<RawList>> => {
    const asked = list(kind, method, key, limits[kind]);
    return asked === undefined ? {} : optional(method, asked, () => session.ending);
  };
  const [tools, resources, templates, prompts] = await Promise.all([
    list('tools', 'tools/list', 'tools', limits.tools),
    other('resources', 'resources/list', 'resources'),
    other('resources', 'resources/templates/list', 'resourceTemplates'),
    other('prompts', 'prompts/list', 'prompts'),
  ]);
  const all = tools === undefined ? undefined : readTools(tools.items, limits);
  const headers = session.era === 'modern' && session.transport === 'http';
  const read = all === undefined || !headers ? all : withoutFaultyHeaders(all);
  return {
    ...(read === undefined ? {} : { tools: read.items }),
    ...(resources.items === undefined ? {} : { resources: readResources(resources.items, limits) }),
    ...(templates.items === undefined ? {} : { templates: readTemplates(templates.items, limits) }),
    ...(prompts.items === undefined ? {} : { prompts: readPrompts(prompts.items, limits) }),
    notices: {
      ...(isWanted('tools') ? { tools: [...(tools?.notices ?? []), ...(read?.notices ?? [])] } : {}),
      ...(isWanted('resources') ? { resources: [...(resources.notices ?? []), ...(templates.notices ?? [])] } : {}),
      ...(isWanted('prompts') ? { prompts: prompts.notices ?? [] } : {}),
    },
  };
}
