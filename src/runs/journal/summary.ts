import type { ChangeSetId } from '../../ids.js';
import type { RunEvent } from '../events.js';
import type { RunSummary } from '../run.js';

/** One line of the history, from a run's events. Undefined where not even its beginning is readable. */
export function summarise(events: readonly RunEvent[], isActive: boolean): RunSummary | undefined {
  const created = events[0];
  if (created?.type !== 'created') return undefined;
  let calls = 0;
  let ended: Extract<RunEvent, { type: 'ended' }> | undefined;
  for (const event of events) {
    if (event.type === 'callRequested') calls += 1;
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
  };
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
