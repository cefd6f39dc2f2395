import type { JsonSchema, JsonValue } from '../json.js';
import type { Event } from '../lifecycle/event.js';
import type { Effect, ToolAnnotations, ToolRef, ToolSource } from './source.js';

/** A tool as scripts know it. */
export interface CatalogTool {
  readonly ref: ToolRef;
  /** Name of the global that holds it. */
  readonly namespace: string;
  /** Name of the member on that global. */
  readonly member: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** The shape of results seen, where the tool declares no output schema. */
  readonly inferredOutput?: { readonly schema: JsonSchema; readonly results: number };
  readonly annotations?: ToolAnnotations;
  /** Known for built-ins, claimed by annotations for others (see {@link Effect}). */
  readonly effect: Effect;
  readonly oddities: readonly string[];
  /** Its texts hold what a person does not see or what imitates instructions to a model. */
  readonly suspicious: boolean;
  /** Hash of name, description and schemas: what an approval was given for. */
  readonly toolHash: string;
}

export interface CatalogServer {
  readonly source: ToolSource;
  readonly namespace: string;
  readonly tools: readonly CatalogTool[];
}

/** An immutable picture of the catalog; a run pins one. */
export interface CatalogSnapshot {
  /** Grows with every change. */
  readonly version: number;
  readonly servers: readonly CatalogServer[];
  find(namespace: string, member: string): CatalogTool | undefined;
  byRef(ref: ToolRef): CatalogTool | undefined;
}

/** All tools of all enabled sources with their TypeScript names; the only place that maps names. */
export interface Catalog {
  readonly current: CatalogSnapshot;
  /** Namespaces whose tools changed, came or went. */
  readonly onDidChange: Event<{ readonly namespaces: readonly string[] }>;
  setSources(sources: readonly ToolSource[]): void;
  /** Feeds a result's shape (never its values) for a tool without an output schema. */
  observe(ref: ToolRef, value: JsonValue | undefined): void;
  forgetShapes(): Promise<void>;
  dispose(): void;
}
