import type { Attachment, Effect, ToolRef } from '../catalog/source.js';
import type { ConversationId, RunId } from '../ids.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { Event } from '../lifecycle/event.js';
import type { SandboxLimits } from '../sandbox/sandbox.js';
import type { GrantScope, ReachTool, Recorded, RunEvent, RunOrigin, RunOutcome } from './events.js';

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
  /** Limits of this run alone, over those of the settings. */
  readonly limits?: Partial<RunLimits>;
}

/** Every limit of a run. Sizes in bytes, times in ms. */
export interface RunLimits extends SandboxLimits {
  /** Compute time; waiting for a tool or a person does not count. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

export type RunPhase = 'checking' | 'deciding' | 'running' | 'waiting' | 'ended';

/** One execution of one script; everything about it is in its events. */
export interface Run {
  readonly id: RunId;
  readonly request: Pick<RunRequest, 'source' | 'origin' | 'conversation' | 'title'>;
  readonly phase: RunPhase;
  readonly events: readonly RunEvent[];
  /** Why the run stands still although nobody is asked: its journal cannot be written. */
  readonly trouble: string | undefined;
  readonly onDidAppend: Event<RunEvent>;
  /** Settles when the script has ended; never rejects. Review and Apply come after it. */
  readonly outcome: Promise<RunOutcome>;
  /** The whole final value, also where the journal holds only a preview. */
  value(): Promise<JsonValue | undefined>;
  /** Images that the final value holds handles of, for a model that can see. */
  images(): Promise<readonly Attachment[]>;
  stop(): void;
}

export interface Runs {
  /** Newest first; those of earlier sessions are read by {@link RunHistory}. */
  readonly runs: readonly Run[];
  readonly onDidStart: Event<Run>;
  start(request: RunRequest): Run;
  get(id: RunId): Run | undefined;
  /**
   * Goes on with an interrupted run of an earlier session: completed calls are answered from its journal, an undecided
   * question stands again, and a call whose outcome is not known is asked for before it is sent again.
   * @throws {RangeError} when there is nothing to resume.
   */
  resume(id: RunId): Promise<Run>;
  dispose(): Promise<void>;
}

/** A run of this or an earlier session, as the history lists it. */
export interface RunSummary {
  readonly id: RunId;
  readonly title: string;
  /** Undefined where the beginning of its record cannot be read. */
  readonly origin?: RunOrigin;
  readonly startedAt: number;
  readonly durationMs?: number;
  /** `damaged`: not even the beginning of its record can be read. */
  readonly status: RunOutcome['status'] | 'running' | 'interrupted' | 'damaged';
  readonly calls: number;
  /** Of which servers it may call tools, by what those do; tools that only the run chooses are not among them. */
  readonly reach?: Readonly<Partial<Record<Effect, readonly string[]>>>;
  /** It goes on in another window on the same folder; only there it can be stopped or answered. */
  readonly elsewhere?: boolean;
}

/** What is readable of a run's journal, and why not more. */
export interface RunRecord {
  readonly events: readonly RunEvent[];
  readonly damage?: string;
  /** What is readable behind the damage: good to be looked at, and for nothing else. */
  readonly beyond?: readonly RunEvent[];
}

export interface RunHistory {
  list(): Promise<readonly RunSummary[]>;
  /** Whatever of the journal is readable, in order. */
  open(id: RunId): Promise<readonly RunEvent[]>;
  /** As {@link open}, with what is wrong with the rest. */
  record(id: RunId): Promise<RunRecord>;
  /** A recorded value in full; undefined where its blob is no longer kept. */
  value(recorded: Recorded): Promise<JsonValue | undefined>;
  /** The bytes that a value stands for by this name; undefined where they are no longer kept. */
  attachment(handle: string): Promise<Uint8Array | undefined>;
  /** The events as JSON lines, blobs put back in where they are kept. */
  exportJsonl(id: RunId): Promise<string>;
  /** The run as an OTLP/JSON trace: one span for the run, one a call. */
  exportTrace(id: RunId): Promise<JsonObject>;
  /** Forgets a run that has ended, with its values. */
  remove(id: RunId): Promise<void>;
  /** Forgets what is older or more than the settings keep. */
  prune(): Promise<void>;
  /** A run was added, changed or went. */
  readonly onDidChange: Event<void>;
}

export type { GrantScope, ReachTool };
