import type { CallId, QuestionId, RunId } from '../ids.js';
import type { JsonObject, JsonSchema } from '../json.js';
import type { Event } from '../lifecycle/event.js';
import type { CallPreview, Effect, ToolAnnotations, ToolRef } from '../catalog/source.js';
import type { Decision, GrantScope, ReachTool } from './events.js';
import type { Leak } from './policy/flow.js';
import type { RuleName } from './policy/ruleName.js';
import type { Trace } from './policy/traces.js';

/** One call that waits for a person. */
export interface AskedCall {
  readonly call: CallId;
  readonly tool: ToolRef;
  readonly namespace: string;
  readonly member: string;
  readonly effect: Effect;
  readonly annotations?: ToolAnnotations;
  readonly inputSchema: JsonSchema;
  readonly args: JsonObject;
  readonly line?: number;
  /** What the tool was when it was last approved, where that has changed since. */
  readonly previous?: JsonObject;
  /** Where its arguments hold private data that the run has read, when it could be sent to somebody. */
  readonly carries?: readonly Trace[];
  /** It can be told what the call would make of files: see {@link Approvals.preview}. */
  readonly hasPreview?: true;
}

export type Question =
  | {
      readonly kind: 'start';
      readonly id: QuestionId;
      readonly run: RunId;
      readonly title: string;
      readonly source: string;
      readonly tools: readonly ReachTool[];
      readonly dynamic: boolean;
      readonly why: string;
    }
  | {
      readonly kind: 'calls';
      readonly id: QuestionId;
      readonly run: RunId;
      /** Same tool, asked for together; grows while the question stands. */
      readonly calls: readonly AskedCall[];
      /** Why this was asked, as a sentence. */
      readonly why: string;
      /** The line of the policy that asks. */
      readonly rule: RuleName;
      /** What the run has seen, where that is the reason: what could leave with these calls, and where to. */
      readonly leak?: Leak;
      /** How long a yes may hold here; a longer scope in an answer is narrowed to the longest of these. */
      readonly scopes: readonly GrantScope[];
    };

export type StartAnswer = { readonly kind: 'start'; readonly allowed: boolean; readonly grants: readonly ToolRef[] };
export type CallsAnswer = {
  readonly kind: 'calls';
  /**
   * For all calls of the question, or one for some of them. Edited `args` are for one call alone.
   * A view names in `only` the calls it showed: a question may have grown since.
   */
  readonly decision: Decision;
  readonly only?: readonly CallId[];
};
export type Answer = StartAnswer | CallsAnswer;

/** Questions that wait for the developer, wherever they are shown. Only an answer ends one; time never does. */
export interface Approvals {
  readonly pending: readonly Question[];
  readonly onDidChange: Event<void>;
  /**
   * False when the question is no longer pending, the answer is not of its kind, names a call that is not in it, or
   * carries edited arguments that the tool would not take: nothing happened.
   */
  answer(id: QuestionId, answer: Answer): boolean;
  /** What is wrong with edited arguments; empty when they may be sent, or when the call is no longer asked for. */
  validate(id: QuestionId, call: CallId, args: JsonObject): readonly { readonly path: string; readonly message: string }[];
  /** What a call that waits would make of files, as they are now; with `args` as if it were edited to these. Undefined where nobody can tell, or it does not wait any more. */
  preview(id: QuestionId, call: CallId, args?: JsonObject): Promise<CallPreview | undefined>;
}
