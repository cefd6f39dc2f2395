import type { Effect, Progress, ToolRef } from '../catalog/source.js';
import type { Reach, ScriptDiagnostic } from '../checker/checker.js';
import type { CallId, ChangeSetId, ConversationId, QuestionId, RunId } from '../ids.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { ConsoleEntry, SandboxError } from '../sandbox/sandbox.js';
import type { RuleName } from './policy/ruleName.js';

/** Who can ask for a run; `mcp` is another client, through the server that Code Mode can be. */
export const runOrigins = ['chat', 'agent', 'palette', 'script', 'mcp', 'headless'] as const;
export type RunOrigin = (typeof runOrigins)[number];

/** A value in the journal: whole when small, else a preview with the key of its content-addressed blob. */
export type Recorded =
  | { readonly kind: 'inline'; readonly value: JsonValue | undefined }
  /** `holds`: blobs that handles in it stand for, which are kept as long as it is. */
  | { readonly kind: 'blob'; readonly key: string; readonly bytes: number; readonly preview: string; readonly holds?: readonly { readonly key: string }[] };

/** One tool of a run's reach with what policy says of it before anything ran. */
export interface ReachTool {
  readonly ref: ToolRef;
  readonly namespace: string;
  readonly member: string;
  readonly effect: Effect;
  readonly decision: 'allow' | 'ask' | 'deny';
  /** Which rule decided, as a sentence. */
  readonly why: string;
  readonly lines: readonly number[];
  readonly inLoop: boolean;
  /** What the script says of where it is called: a path, or the beginning of one with `…` behind it. */
  readonly places?: readonly string[];
  /** There are calls of it whose place only the run tells, or more places than are listed. */
  readonly morePlaces?: boolean;
}

/** How long an answer holds. */
export type GrantScope = 'once' | 'run' | 'session' | 'workspace';

export type Decision =
  | { readonly kind: 'allow'; readonly scope: GrantScope; readonly breadth: 'tool' | 'server'; readonly args?: JsonObject }
  | { readonly kind: 'skip'; readonly reason?: string };

export type RunOutcome =
  | { readonly status: 'finished'; readonly value: Recorded }
  /** The script threw or broke a limit. */
  | { readonly status: 'failed'; readonly error: SandboxError }
  /** The type check found errors: nothing ran. */
  | { readonly status: 'rejected'; readonly diagnostics: readonly ScriptDiagnostic[] }
  /** The developer did not let it start. */
  | { readonly status: 'declined'; readonly reason: string }
  | { readonly status: 'cancelled' };

type RunEventBody =
  | {
      readonly type: 'created';
      readonly origin: RunOrigin;
      readonly conversation: ConversationId;
      readonly title: string;
      readonly source: string;
      readonly catalogVersion: number;
      readonly params?: Recorded;
    }
  /** A run that was interrupted goes on: what is above stays true, completed calls are answered from it. */
  | { readonly type: 'resumed' }
  /** The run stands still because its journal cannot be written; it goes on by itself. */
  | { readonly type: 'paused'; readonly reason: string }
  | { readonly type: 'continued' }
  | { readonly type: 'checked'; readonly ok: boolean; readonly diagnostics: readonly ScriptDiagnostic[]; readonly reach: Reach; readonly tools: readonly ReachTool[] }
  | { readonly type: 'startAsked'; readonly question: QuestionId }
  | { readonly type: 'startDecided'; readonly question: QuestionId; readonly allowed: boolean; readonly granted: readonly ToolRef[] }
  | { readonly type: 'started'; readonly now: number; readonly seed: string }
  /** `name`: as the script wrote it, `github.create_issue`. */
  | { readonly type: 'callRequested'; readonly call: CallId; readonly tool: ToolRef; readonly args: Recorded; readonly line?: number; readonly effect?: Effect; readonly name?: string }
  | { readonly type: 'callAsked'; readonly call: CallId; readonly question: QuestionId; readonly why: string; readonly rule?: RuleName }
  | { readonly type: 'callDecided'; readonly call: CallId; readonly question?: QuestionId; readonly decision: 'allow' | 'skip' | 'deny'; readonly why: string; readonly rule?: RuleName; readonly args?: Recorded; readonly scope?: GrantScope; readonly breadth?: 'tool' | 'server' }
  | { readonly type: 'callSent'; readonly call: CallId }
  | { readonly type: 'callProgressed'; readonly call: CallId; readonly progress: Progress }
  | { readonly type: 'callReturned'; readonly call: CallId; readonly value: Recorded; readonly notices?: readonly string[] }
  /** `sent`: whether the tool may have run; `answered` when the tool itself reported the failure. `name`: of the error in the script. */
  | { readonly type: 'callFailed'; readonly call: CallId; readonly message: string; readonly sent: 'no' | 'unknown' | 'answered'; readonly name?: string }
  | { readonly type: 'console'; readonly entry: ConsoleEntry }
  /** `others`: what is neither file nor commit, in words: “1 branch”. */
  | { readonly type: 'staged'; readonly changeSet: ChangeSetId; readonly files: number; readonly commits: number; readonly others?: string }
  | { readonly type: 'reviewAsked'; readonly changeSet: ChangeSetId; readonly reason: 'checkpoint' | 'end'; readonly message?: string }
  /** `differences`: what was applied or discarded, as it was reviewed (`Differences`). `others`: as in `staged`. */
  | { readonly type: 'applied'; readonly changeSet: ChangeSetId; readonly files: readonly string[]; readonly commits: readonly { readonly sha: string; readonly message: string; readonly repository: string }[]; readonly others?: string; readonly differences?: Recorded }
  | { readonly type: 'applyFailed'; readonly changeSet: ChangeSetId; readonly message: string }
  | { readonly type: 'discarded'; readonly changeSet: ChangeSetId; readonly differences?: Recorded }
  | { readonly type: 'undone'; readonly changeSet: ChangeSetId }
  | { readonly type: 'ended'; readonly outcome: RunOutcome; readonly durationMs: number };

/** One record of a run's journal (schema version 1). Everything shown of a run is read from these. */
export type RunEvent = RunEventBody & {
  readonly v: 1;
  readonly run: RunId;
  /** From 0, no gaps. */
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
};

export type RunEventInput = RunEventBody;
