import type { CallId } from '../../ids.js';
import type { Run } from '../../runs/run.js';

/** A tool whose calls no review holds, and how often it ran. */
export interface DoneHeading {
  /** As scripts write it. */
  readonly name: string;
  readonly times: number;
}

interface Tally {
  /** Events that were counted. */
  next: number;
  /** Something of its conversation was decided on: what was done before then was known when that was. */
  decided: boolean;
  readonly under: Map<CallId, string>;
  readonly done: Map<string, number>;
}

const tallies = new WeakMap<Run, Tally>();

/**
 * What the runs of a conversation (newest first) have done, or may have, that waits for no review and that none takes
 * back, since changes of theirs were decided on last.
 */
export function alreadyDone(runs: readonly Run[]): readonly DoneHeading[] {
  const done = new Map<string, number>();
  for (const run of runs) {
    const tally = counted(run);
    for (const [name, times] of tally.done) done.set(name, (done.get(name) ?? 0) + times);
    if (tally.decided) break;
  }
  return [...done].map(([name, times]) => ({ name, times }));
}

/** A journal only grows: what is new of it is added to what was counted. */
function counted(run: Run): Tally {
  const tally: Tally = tallies.get(run) ?? { next: 0, decided: false, under: new Map(), done: new Map() };
  tallies.set(run, tally);
  for (; tally.next < run.events.length; tally.next++) {
    const event = run.events[tally.next]!;
    switch (event.type) {
      case 'callRequested':
        if (event.effect !== 'read' && event.effect !== 'staged') tally.under.set(event.call, event.name ?? `${event.tool.source}.${event.tool.name}`);
        break;
      case 'callReturned':
      case 'callFailed': {
        const name = tally.under.get(event.call);
        tally.under.delete(event.call);
        if (name !== undefined && !(event.type === 'callFailed' && event.sent === 'no')) tally.done.set(name, (tally.done.get(name) ?? 0) + 1);
        break;
      }
      case 'callDecided':
        if (event.decision !== 'allow') tally.under.delete(event.call);
        break;
      case 'applied':
      case 'discarded':
        tally.done.clear();
        tally.decided = true;
        break;
      default:
    }
  }
  return tally;
}
