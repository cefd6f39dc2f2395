import type { Attachment, Progress } from '../../catalog/source.js';
import type { JsonObject, JsonSchema } from '../../json.js';

/** A tool as other clients see it. */
export interface ExposedTool {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** It only looks things up. */
  readonly readOnly: boolean;
}

/** Who calls: one MCP session of one client, or one client where its protocol knows no sessions. */
export interface ExposedCaller {
  /** What the client calls itself, for people; from a stranger. */
  readonly client: string;
  /** Calls of one of these see each other's staged changes. */
  readonly conversation: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** What a model is told, and shown. */
export interface ExposedAnswer {
  readonly text: string;
  readonly images?: readonly Attachment[];
}

/** What stands behind the tools that other clients are offered. */
export interface ExposedRooms {
  readonly tools: readonly ExposedTool[];
  /** What a client is told of the whole (MCP `instructions`). */
  instructions(): Promise<string>;
  /**
   * Answers one call, for the model.
   * @throws an error whose message is for the model.
   */
  call(tool: string, args: JsonObject, caller: ExposedCaller): Promise<ExposedAnswer>;
}
