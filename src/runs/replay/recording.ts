import type { Effect, ToolRef } from '../../catalog/source.js';
import type { CallId } from '../../ids.js';
import type { Recorded, RunEvent } from '../events.js';
import { keyOfRecorded } from '../journal/recorded.js';

/** How far a recorded call came. */
export type RecordedEnd =
  | { readonly kind: 'returned'; readonly value: Recorded }
  | { readonly kind: 'threw'; readonly name: string; readonly message: string }
  /** Requested or asked; nobody had decided. */
  | { readonly kind: 'undecided' }
  /** Allowed and not sent; `args` where they were edited. */
  | { readonly kind: 'allowed'; readonly args?: Recorded }
  /** Sent, and no answer recorded. */
  | { readonly kind: 'sent'; readonly args?: Recorded };

export interface RecordedCall {
  readonly id: CallId;
  /** From 1. */
  readonly number: number;
  /** As scripts write it. */
  readonly name: string;
  /** The same for the same arguments; see `Recorder.key`. */
  readonly key: string;
  readonly end: RecordedEnd;
  readonly tool: ToolRef;
  readonly args: Recorded;
  readonly effect?: Effect;
  readonly line?: number;
}

/** The script does not do what was recorded. */
export class Divergence extends Error {
  override readonly name = 'Divergence';
  constructor(
    message: string,
    /** Number of the recorded call. */
    readonly call: number,
  ) {
    super(message);
  }
}

interface Entry extends RecordedCall {
  /** How many calls had been requested when this one ended. */
  readonly requestedBefore: number;
  readonly endedAt: number;
}

/** Wait (ms) for a call that the recording had by now, before a changed script is taken not to make it. */
const patienceMs = 200;

/** The calls of a run as its journal has them, given back in the order in which they were made and answered. */
export class Recording {
  readonly calls: readonly RecordedCall[];
  private readonly entries: readonly Entry[];
  private readonly unmade: Map<string, Entry[]>;
  private readonly left: Set<Entry>;
  /** Ended calls in the order of their ends. */
  private readonly endings: readonly Entry[];
  private readonly ready = new Map<Entry, () => void>();
  private readonly delivered = new Set<Entry>();
  private made = 0;
  private nextEnding = 0;
  private patience: NodeJS.Timeout | undefined;
  private pumping: NodeJS.Immediate | undefined;

  constructor(events: readonly RunEvent[]) {
    this.entries = entriesOf(events);
    this.calls = this.entries;
    this.left = new Set(this.entries);
    this.unmade = new Map();
    for (const entry of this.entries) {
      const same = this.unmade.get(entry.name + entry.key);
      if (same === undefined) this.unmade.set(entry.name + entry.key, [entry]);
      else same.push(entry);
    }
    this.endings = this.entries.filter((entry) => isEnded(entry.end)).sort((a, b) => a.endedAt - b.endedAt);
  }

  /**
   * The recorded call that this one is, or undefined when all that was recorded has been made.
   * @throws {Divergence} when it is none of them.
   */
  take(name: string, key: string): RecordedCall | undefined {
    const [expected] = this.left;
    if (expected === undefined) return undefined;
    const entry = this.unmade.get(name + key)?.shift();
    if (entry === undefined) {
      const what = expected.name === name ? 'other arguments' : `${name} instead of ${expected.name}`;
      throw new Divergence(`diverges at call ${expected.number}: ${what}`, expected.number);
    }
    this.left.delete(entry);
    this.made += 1;
    this.schedule();
    return entry;
  }

  /** Resolves when it is this call's turn to be answered. */
  turn(call: RecordedCall): Promise<void> {
    return new Promise((resolve) => {
      this.ready.set(call as Entry, resolve);
      this.schedule();
    });
  }

  get isUsedUp(): boolean {
    return this.left.size === 0;
  }

  /** Calls that were recorded and not made. */
  get rest(): readonly RecordedCall[] {
    return [...this.left];
  }

  dispose(): void {
    clearTimeout(this.patience);
    clearImmediate(this.pumping);
    for (const resolve of this.ready.values()) resolve();
    this.ready.clear();
  }

  /** Not at once: answers come in order only to callers that already wait for them. */
  private schedule(): void {
    this.pumping ??= setImmediate(() => {
      this.pumping = undefined;
      this.pump();
    });
  }

  private pump(): void {
    clearTimeout(this.patience);
    for (;;) {
      const entry = this.endings[this.nextEnding];
      if (entry === undefined) return;
      if (this.delivered.has(entry)) {
        this.nextEnding += 1;
        continue;
      }
      const resolve = this.ready.get(entry);
      // What the script had asked for when this answer came, it must have asked for again: answers steer what it does next.
      if (resolve === undefined || this.made < entry.requestedBefore) break;
      this.deliver(entry, resolve);
    }
    if (this.ready.size > 0) {
      this.patience = setTimeout(() => {
        const [first] = [...this.ready].sort((a, b) => a[0].endedAt - b[0].endedAt);
        if (first !== undefined) this.deliver(...first);
        this.pump();
      }, patienceMs);
    }
  }

  private deliver(entry: Entry, resolve: () => void): void {
    this.ready.delete(entry);
    this.delivered.add(entry);
    resolve();
  }
}

function isEnded(end: RecordedEnd): boolean {
  return end.kind === 'returned' || end.kind === 'threw';
}

type Draft = { -readonly [K in keyof Entry]: Entry[K] };

function entriesOf(events: readonly RunEvent[]): readonly Entry[] {
  const drafts = new Map<CallId, Draft>();
  for (const event of events) {
    if (!('call' in event)) continue;
    if (event.type === 'callRequested') {
      const { call: id, tool, name = `${tool.source}.${tool.name}`, args, effect, line } = event;
      drafts.set(id, {
        ...{ id, tool, name, args },
        number: drafts.size + 1,
        key: keyOfRecorded(args),
        end: { kind: 'undecided' },
        requestedBefore: 0,
        endedAt: event.seq,
        ...(effect !== undefined && { effect }),
        ...(line !== undefined && { line }),
      });
      continue;
    }
    const draft = drafts.get(event.call);
    if (draft === undefined) continue;
    const end = endOf(draft, event);
    if (end === undefined) continue;
    draft.end = end;
    draft.endedAt = event.seq;
    draft.requestedBefore = drafts.size;
  }
  return [...drafts.values()];
}

function endOf(draft: Draft, event: RunEvent): RecordedEnd | undefined {
  switch (event.type) {
    case 'callDecided':
      if (event.decision === 'allow') return { kind: 'allowed', ...(event.args !== undefined && { args: event.args }) };
      return event.decision === 'deny' ? { kind: 'threw', ...denied(draft.name, event.why) } : { kind: 'threw', ...skipped(draft.name, event.why) };
    case 'callSent':
      return { ...(draft.end.kind === 'allowed' ? draft.end : {}), kind: 'sent' };
    case 'callReturned':
      return { kind: 'returned', value: event.value };
    case 'callFailed':
      return { kind: 'threw', ...failedAs(event.name ?? (event.sent === 'answered' ? 'ToolError' : 'CallFailure'), event.message, event.sent) };
    default:
      return undefined;
  }
}

/** An error as the script gets it. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
}

export const skippedByDeveloper = 'Skipped by the developer.';
export const notSentAgain = 'Not sent again; whether it took effect before the interruption is not known.';

export function denied(name: string, why: string): Thrown {
  return { name: 'DeniedError', message: `${name} is not allowed and was not called. ${why}` };
}

export function skipped(name: string, why: string): Thrown {
  if (why === notSentAgain) return { name: 'SkippedError', message: `The developer skipped ${name}. ${why}` };
  return { name: 'SkippedError', message: `The developer skipped ${name}; it was not called.${why === skippedByDeveloper ? '' : ` ${why}`}` };
}

export function failedAs(name: string, message: string, sent: 'no' | 'unknown' | 'answered'): Thrown {
  const isOpen = name === 'CallFailure' && sent === 'unknown' && !/took effect|taken effect/.test(message);
  const effect = isOpen ? ' It was sent, and whether it took effect is not known: look before trying again.' : '';
  return { name, message: `${message}${effect}` };
}
