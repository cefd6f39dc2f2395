import type { CatalogSnapshot } from '../catalog/catalog.js';
import type { Reach } from '../checker/checker.js';
import type { RunId } from '../ids.js';
import type { ReachTool, RunOrigin } from './events.js';
import { marksOf, type FlowMarks } from './policy/flow.js';
import { policyCallOf, type PolicyEngine } from './policy/policy.js';

const strictness = { allow: 0, ask: 1, deny: 2 } as const;

/** The tools a script names, each once, with what policy says of it before anything ran: the strictest over its places. */
export function reachTools(
  reach: Reach,
  options: { readonly snapshot: CatalogSnapshot; readonly policy: PolicyEngine; readonly run: RunId; readonly origin: RunOrigin; readonly marks: () => FlowMarks },
): readonly ReachTool[] {
  const { snapshot, policy, run, origin } = options;
  const tools = new Map<string, ReachTool>();
  for (const { namespace, member, line, inLoop, literals, beginnings } of reach.entries) {
    const tool = snapshot.find(namespace, member);
    const server = snapshot.servers.find((entry) => entry.namespace === namespace);
    if (tool === undefined || server === undefined) continue;
    const args = (literals ?? {});
    const verdict = policy.decide(policyCallOf(tool, server, { args, inReach: true, run, origin, marks: marksOf(tool.ref, options.marks()) }));
    const label = `${namespace}.${member}`;
    const before = tools.get(label);
    const isStricter = before === undefined || strictness[verdict.effect] > strictness[before.decision];
    tools.set(label, {
      ref: tool.ref,
      namespace,
      member,
      effect: tool.effect,
      decision: isStricter ? verdict.effect : before.decision,
      why: isStricter ? verdict.why : before.why,
      lines: [...new Set([...(before?.lines ?? []), line])],
      inLoop: inLoop || before?.inLoop === true,
      ...placesOf(before, literals, beginnings),
    });
  }
  return [...tools.values()];
}

const longestPlace = 60;
const mostPlaces = 8;

/** The literal texts of a call that fit a line, besides those of its other places; and whether there are more than these. */
function placesOf(before: ReachTool | undefined, literals: Reach['entries'][number]['literals'] = {}, beginnings: Reach['entries'][number]['beginnings'] = {}): Pick<ReachTool, 'places' | 'morePlaces'> {
  const texts = [
    ...Object.values(literals).filter((value) => typeof value === 'string'),
    ...Object.values(beginnings).map((beginning) => `${beginning}…`),
  ];
  const said = texts.filter((text) => text.trim() !== '' && text.length <= longestPlace && !/[\r\n]/.test(text));
  const all = [...new Set([...(before?.places ?? []), ...said])];
  const places = all.slice(0, mostPlaces);
  // A call that says no place may be anywhere: what the others say is not all of it.
  const more = before?.morePlaces === true || said.length === 0 || all.length > mostPlaces;
  return { ...(places.length > 0 && { places }), ...(more && { morePlaces: true }) };
}
