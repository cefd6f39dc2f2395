import type { CallId, ConversationId, RunId } from '../ids.js';
import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import type { Disposable } from '../lifecycle/disposable.js';
import type { Event } from '../lifecycle/event.js';
import type { WorkspaceView } from './workspace.js';

/**
 * What a call does to the world, as far as it is known.
 * - `read`: changes nothing.
 * - `staged`: changes only the change set, so nothing until review and Apply.
 * - `write`: changes something that cannot be held back, inside the developer's own systems.
 * - `outward`: reaches an open world of other parties (MCP `openWorldHint`).
 * - `unknown`: nobody said; treated like the worst.
 */
export type Effect = 'read' | 'staged' | 'write' | 'outward' | 'unknown';

/** Hints of an MCP tool (spec 2025-11-25, Tool annotations). From a stranger: never an authorisation. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export interface ToolDescription {
  /** The tool's own name, untouched; with the source id it identifies the tool for ever. */
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations?: ToolAnnotations;
  /** Set by built-ins, whose effect is known rather than claimed. */
  readonly effect?: Effect;
  /** What was odd about the definition as the server sent it, one sentence each. */
  readonly oddities?: readonly string[];
  /** Its texts hold what a person does not see or what imitates instructions to a model; `oddities` say what. */
  readonly suspicious?: boolean;
}

export type SourceKind = 'mcp' | 'builtin' | 'editor';

export type SourceState =
  | { readonly kind: 'ready' }
  /** The tool list is the remembered one; the first call starts the server. */
  | { readonly kind: 'cached' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'stopped' }
  /** Waits for the developer's yes to this definition. */
  | { readonly kind: 'unapproved' }
  | { readonly kind: 'failed'; readonly message: string };

/** Something that offers tools. An MCP connection, a built-in and the editor's own tools all look like this. */
export interface ToolSource {
  /** Stable id, unique among sources; the wished-for namespace in scripts. */
  readonly id: string;
  readonly kind: SourceKind;
  readonly title: string;
  /** What the source says about itself for a model (MCP `instructions`). */
  readonly instructions?: string;
  /** Hash of the launch definition: grants and remembered shapes are bound to it. */
  readonly definitionHash: string;
  /** The developer marked this source as trusted: its annotations may be believed. */
  readonly trusted: boolean;
  readonly state: SourceState;
  readonly tools: readonly ToolDescription[];
  readonly resources?: ResourceOffer;
  readonly prompts?: PromptOffer;
  /** Set where tools may change behind the developer's back: what they were when last approved. */
  readonly pins?: DefinitionPins;
  /** Fires when tools, resources or prompts changed. */
  readonly onDidChangeTools: Event<void>;
  readonly onDidChangeState: Event<void>;
  /**
   * Calls a tool by its own name.
   * @throws {CallFailure} when no answer came; its `sent` says whether the tool may have run.
   */
  call(tool: string, args: JsonObject, context: CallContext): Promise<ToolResult>;
  /** What a call would make of files, for whoever is asked about it; undefined where it is nothing that can be told. Changes nothing. */
  preview?(tool: string, args: JsonObject, context: Pick<CallContext, 'workspace' | 'signal'>): Promise<CallPreview | undefined>;
}

/** A file as a call would find it and as it would leave it; undefined where there is none. */
export interface FilePreview {
  /** Display path, after the call. */
  readonly path: string;
  /** Set where the call would move it. */
  readonly from?: string;
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
}

/** What a call would make of files, were it made now. */
export interface CallPreview {
  readonly files: readonly FilePreview[];
  /** Names of the arguments that the files say better than their own text does. */
  readonly shows: readonly string[];
  /** What else is to be known: that the call would fail, or that there are more files. */
  readonly note?: string;
}

export interface DefinitionPins {
  /** What the tool was when the developer last approved it, where it is something else now. */
  approved(tool: string): ToolDescription | undefined;
  /** The developer approved the tool as it is described here, which was shown. */
  approve(tool: Omit<ToolDescription, 'oddities' | 'suspicious' | 'effect'>): void;
}

export interface ResourceDescription {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

export interface ResourceTemplate {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

/** What reading needs of whoever reads: a run, or a person. */
export type ReadContext = Pick<CallContext, 'signal' | 'onProgress' | 'keep' | 'asking' | 'unsent'>;

/** Asks for values that a server proposes for an argument, given what was typed of it and the other arguments: a list of texts. */
export type Complete = (of: string, argument: string, typed: string, given: Readonly<Record<string, string>>, context: ReadContext) => Promise<ToolResult>;

export interface ResourceOffer {
  readonly resources: readonly ResourceDescription[];
  readonly templates: readonly ResourceTemplate[];
  read(uri: string, context: ReadContext): Promise<ToolResult>;
  /** Names of the variables of a template, and the address it stands for with values for them. */
  variables(uriTemplate: string): readonly string[];
  expand(uriTemplate: string, values: Readonly<Record<string, string>>): string;
  /** Tells of changes of one resource until it is disposed; left out where the server does not tell. */
  readonly watch?: (uri: string, onDidChange: () => void) => Disposable;
  /** For the variables of a template; left out where the server proposes nothing. */
  readonly complete?: Complete;
}

export interface PromptDescription {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments: readonly { readonly name: string; readonly description?: string; readonly required?: boolean }[];
}

export interface PromptOffer {
  readonly prompts: readonly PromptDescription[];
  get(name: string, args: Readonly<Record<string, string>>, context: ReadContext): Promise<ToolResult>;
  /** For the arguments of a prompt; left out where the server proposes nothing. */
  readonly complete?: Complete;
}

/** One callable, for ever: policy, approvals and journal hold this and never a TypeScript name. */
export interface ToolRef {
  readonly source: string;
  readonly kind: 'tool' | 'resource' | 'prompt';
  /** Original tool or prompt name; a resource's URI. */
  readonly name: string;
}

export interface Progress {
  readonly message?: string;
  readonly done?: number;
  readonly total?: number;
}

/** Bytes that stay outside the sandbox. */
export interface Attachment {
  readonly mimeType: string;
  readonly data: Uint8Array;
  readonly name?: string;
}

/** What a script gets in place of an {@link Attachment}. */
export interface Handle extends JsonObject {
  readonly handle: string;
  readonly mimeType: string;
  readonly bytes: number;
}

/** Who calls, on whose behalf, seeing which files. */
export interface CallContext {
  readonly runId: RunId;
  readonly callId: CallId;
  readonly conversation: ConversationId;
  readonly signal: AbortSignal;
  /** Disk and open editors, seen through the conversation's change set. */
  readonly workspace: WorkspaceView;
  readonly onProgress: (progress: Progress) => void;
  /** A person is asked before this call can go on, until what is returned is called: that time is not the run's. */
  readonly asking?: () => () => void;
  /** Nothing of this call is with whoever would do it, until what is returned is called: stopped meanwhile, it certainly did not run. */
  readonly unsent?: () => () => void;
  /** Keeps bytes outside the sandbox and returns what stands for them in a value. */
  readonly keep: (attachment: Attachment) => Handle;
  /** For the editor's own tools, when called from chat. */
  readonly toolInvocationToken?: unknown;
}

export type ToolResult =
  /** `value` is what the script gets; `undefined` where a tool returned nothing. */
  | { readonly ok: true; readonly value: JsonValue | undefined; readonly notices?: readonly string[] }
  /** The tool ran and reported a failure (MCP `isError`); a script can catch it. */
  | { readonly ok: false; readonly message: string; readonly detail?: JsonValue };

/** A call that got no answer. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  constructor(
    message: string,
    /** `no`: it certainly did not run. `unknown`: it was sent, and whether it took effect is not known. */
    readonly sent: 'no' | 'unknown',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** True for a {@link CallFailure} of any bundle: chunks loaded at first use carry a class of their own. */
export function isCallFailure(error: unknown): error is CallFailure {
  return error instanceof Error && error.name === 'CallFailure' && 'sent' in error;
}
