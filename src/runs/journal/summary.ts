import type { ChangeSetId } from '../../ids.js';
import type { Effect } from '../../catalog/source.js';
import type { ReachTool, RunEvent } from '../events.js';
import type { RunSummary } from '../run.js';

/** One line of the history, from a run's events. Undefined where not even its beginning is readable. */
export function summarise(events: readonly RunEvent[], isActive: boolean): RunSummary | undefined {
  const created = events[0];
  if (created?.type !== 'created') return undefined;
  let calls = 0;
  let reach: RunSummary['reach'];
  let ended: Extract<RunEvent, { type: 'ended' }> | undefined;
  for (const event of events) {
    if (event.type === 'callRequested') calls += 1;
    else if (event.type === 'checked') reach = reachOf(event.tools);
    else if (event.type === 'ended') ended = event;
    else if (event.type === 'resumed') ended = undefined;
  }
  return {
    id: created.run,
    title: created.title,
    origin: created.origin,
    startedAt: created.at,
    ...(ended !== undefined && { durationMs: ended.durationMs }),
    status: ended?.outcome.status ?? (isActive ? 'running' : 'interrupted'),
    calls,
    ...(reach !== undefined && { reach }),
  };
}

/** More than anybody reads in a line of a list. */
const mostServers = 20;

function reachOf(tools: readonly ReachTool[]): RunSummary['reach'] {
  const servers = (effect: Effect): readonly string[] => [...new Set(tools.filter((tool) => tool.effect === effect).map((tool) => tool.namespace))].slice(0, mostServers);
  return Object.fromEntries((['read', 'staged', 'write', 'outward', 'unknown'] as const).flatMap((effect) => (servers(effect).length > 0 ? [[effect, servers(effect)]] : [])));
}

/** Keys of the blobs that a run's events name. */
export function blobKeys(events: readonly RunEvent[]): ReadonlySet<string> {
  const keys = new Set<string>();
  const text = JSON.stringify(events);
  for (const match of text.matchAll(/"(?:key":"|handle":"blob:)([0-9a-f]{64})"/g)) keys.add(match[1] as string);
  return keys;
}

/** Change sets that a run's events name. */
export function changeSetsOf(events: readonly RunEvent[]): ReadonlySet<ChangeSetId> {
  return new Set(events.flatMap((event) => ('changeSet' in event ? [event.changeSet] : [])));
}
