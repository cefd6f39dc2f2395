import type { ToolRef } from '../catalog/source.js';
import type { ConversationId, RunId } from '../ids.js';
import type { JsonValue } from '../json.js';
import type { Event } from '../lifecycle/event.js';
import type { GrantScope, ReachTool, RunEvent, RunOrigin, RunOutcome } from './events.js';

export interface RunRequest {
  readonly source: string;
  readonly origin: RunOrigin;
  readonly conversation: ConversationId;
  /** What the run is for, in a few words, as its author put it. */
  readonly title: string;
  readonly params?: JsonValue;
  readonly signal?: AbortSignal;
  /** Calls allowed ahead, for this run only. */
  readonly grants?: readonly ToolRef[];
  readonly toolInvocationToken?: unknown;
}

export type RunPhase = 'checking' | 'deciding' | 'running' | 'waiting' | 'ended';

/** One execution of one script; everything about it is in its events. */
export interface Run {
  readonly id: RunId;
  readonly request: Pick<RunRequest, 'source' | 'origin' | 'conversation' | 'title'>;
  readonly phase: RunPhase;
  readonly events: readonly RunEvent[];
  readonly onDidAppend: Event<RunEvent>;
  /** Settles when the script has ended; never rejects. Review and Apply come after it. */
  readonly outcome: Promise<RunOutcome>;
  /** The whole final value, also where the journal holds only a preview. */
  value(): Promise<JsonValue | undefined>;
  stop(): void;
}

export interface Runs {
  /** Newest first; those of earlier sessions are read by {@link RunHistory}. */
  readonly runs: readonly Run[];
  readonly onDidStart: Event<Run>;
  start(request: RunRequest): Run;
  get(id: RunId): Run | undefined;
  dispose(): Promise<void>;
}

/** A run of this or an earlier session, as the history lists it. */
export interface RunSummary {
  readonly id: RunId;
  readonly title: string;
  readonly origin: RunOrigin;
  readonly startedAt: number;
  readonly durationMs?: number;
  readonly status: RunOutcome['status'] | 'running' | 'interrupted';
  readonly calls: number;
}

export interface RunHistory {
  list(): Promise<readonly RunSummary[]>;
  /** Whatever of the journal is readable, in order. */
  open(id: RunId): Promise<readonly RunEvent[]>;
}

export type { GrantScope, ReachTool };
