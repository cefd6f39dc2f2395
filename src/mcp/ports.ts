import type { JsonObject, JsonValue } from '../json.js';
import type { Disposable } from '../lifecycle/disposable.js';

/** Encrypted storage of the editor; in the harness, memory. */
export interface Secrets {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Small remembered facts, per workspace. */
export interface Memory {
  get(key: string): JsonValue | undefined;
  set(key: string, value: JsonValue | undefined): Promise<void>;
}

export interface ServerApproval {
  readonly id: string;
  readonly name: string;
  readonly origin: string;
  /** Command line or URL, with secrets masked. */
  readonly definition: string;
  readonly hash: string;
  /** What a person should know before the yes, a sentence each. */
  readonly notices: readonly string[];
  /** The definition a yes was given to before, when it has changed since. */
  readonly previous?: string;
}

export interface InputRequest {
  readonly id: string;
  readonly kind: 'promptString' | 'pickString' | 'command';
  readonly description?: string;
  readonly default?: string;
  readonly password: boolean;
  readonly options?: readonly string[];
  readonly command?: string;
  readonly args?: JsonValue;
}

export type ElicitationRequest =
  | { readonly mode: 'form'; readonly server: string; readonly message: string; readonly schema: JsonObject }
  | { readonly mode: 'url'; readonly server: string; readonly message: string; readonly url: string };

export type ElicitationAnswer =
  | { readonly action: 'accept'; readonly content?: JsonObject }
  | { readonly action: 'decline' }
  | { readonly action: 'cancel' };

export interface SamplingRequest {
  readonly server: string;
  readonly systemPrompt?: string;
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
  readonly maxTokens: number;
  /** Names, or parts of names, of models the server would like, best first (MCP 2025-11-25, Sampling, model preferences). */
  readonly models?: readonly string[];
}

/** What a server may need of a person. Every one may be answered with nothing, which is a no. */
export interface Questions {
  /** One question for several servers, at once where they are wanted just now. Ids left out were not decided. */
  approveServers(servers: readonly ServerApproval[], wanted: boolean): Promise<ReadonlyMap<string, 'allow' | 'deny'>>;
  input(request: InputRequest): Promise<string | undefined>;
  elicit(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationAnswer>;
  /** Waits until a person is done with pages that were opened for a server; false where they give up. Aborting withdraws the question. */
  finished(server: string, signal: AbortSignal): Promise<boolean>;
  /** `cut`: the model had more to say than `maxTokens`. */
  sample(request: SamplingRequest, signal: AbortSignal): Promise<{ readonly model: string; readonly text: string; readonly cut?: boolean } | undefined>;
}

/** Where the browser comes back to after a sign-in, when that is not a loopback address. */
export interface SignInRedirect {
  readonly url: string;
  /** Resolves with the query of the address the browser came back to with this `state`. */
  answer(state: string, signal: AbortSignal): Promise<URLSearchParams>;
}

/** The editor's part in an OAuth sign-in. */
export interface SignIn {
  /**
   * Says which server asks for a sign-in at which host and, on a yes, opens the address in a browser.
   * False is a no. `url` is always `https:`, or `http:` on loopback.
   */
  open(request: { readonly server: string; readonly host: string; readonly url: string }, signal: AbortSignal): Promise<boolean>;
  /** Shows that a sign-in page is waited for, until `signal` aborts; false when the person gives it up before. */
  waiting?(request: { readonly server: string; readonly host: string }, signal: AbortSignal): Promise<boolean>;
  /** For remote and web windows, where a loopback address of ours cannot be reached; `undefined` means loopback. */
  redirect?(): Promise<SignInRedirect | undefined>;
}

/** A configuration file to read. */
export interface ConfigurationPlace {
  readonly path: string;
  /** A word for people, and the suffix of a name that is taken. */
  readonly label: string;
  readonly format: 'vscode' | 'mcpServers';
  /** It belongs to no folder: its programs start in the home folder. */
  readonly isUserWide?: boolean;
  /** Set for a file of another machine: how it is read, and why programs it names cannot be started here, half a sentence. */
  readonly elsewhere?: { readonly read: () => Promise<string | undefined>; readonly reason: string };
}

/** Where the editor is and what it was told. */
export interface Surroundings {
  readonly trusted: boolean;
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  /** False where only `configurationFiles` are to be read, and no folder's own. */
  readonly folderFiles?: boolean;
  /** Files besides each folder's `.vscode/mcp.json`, in order of precedence. */
  readonly configurationFiles: readonly ConfigurationPlace[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userHome: string;
  setting(key: string): JsonValue | undefined;
  /** Trust, folders, files or settings changed. */
  onDidChange(listener: () => unknown): Disposable;
}

export interface McpPorts {
  readonly secrets: Secrets;
  readonly memory: Memory;
  readonly questions: Questions;
  readonly surroundings: Surroundings;
  /** Left out where no browser can be opened: servers that want a sign-in then fail with a sentence that says so. */
  readonly signIn?: SignIn;
}
