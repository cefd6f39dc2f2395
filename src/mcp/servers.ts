import type { ToolSource } from '../catalog/source.js';
import type { Disposable } from '../lifecycle/disposable.js';
import type { Event } from '../lifecycle/event.js';

/** A problem in a configuration file, where the developer can see it. Positions are 0-based. */
export interface ConfigurationProblem {
  readonly file: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type ServerState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'unapproved' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly message: string }
  /** Configured for another machine than the one this window works on. */
  | { readonly kind: 'outOfReach'; readonly message: string }
  /** Restarted too often; only a person starts it again. */
  | { readonly kind: 'crashed'; readonly message: string };

/** How a server is started or reached, every variable filled in: it holds secrets. */
export type ResolvedServer =
  | { readonly kind: 'stdio'; readonly launch: { readonly command: string; readonly args: readonly string[]; readonly cwd?: string; readonly environment: Readonly<Record<string, string>> } }
  | { readonly kind: 'http' | 'sse'; readonly url: URL; readonly headers: Readonly<Record<string, string>> };

/** Who signed in at a remote server, each with tokens of their own. */
export interface ServerAccounts {
  /** Everybody who did, in this window or another; `current` is who this server is called as. */
  list(): Promise<readonly { readonly id: string; readonly label: string; readonly current: boolean }[]>;
  /** From now on it is called as this one. */
  use(id: string): Promise<void>;
  /**
   * Has a person sign in as somebody else, whom it is called as from then on.
   * @throws an error that says why nobody did; everything is as it was then.
   */
  add(signal: AbortSignal): Promise<void>;
}

/** One configured server. */
export interface McpServer {
  readonly source: ToolSource;
  readonly name: string;
  /** Where it is configured: file path and a word for people ("workspace", "user"). */
  readonly origin: { readonly file: string; readonly label: string; readonly line: number };
  readonly transport: 'stdio' | 'http' | 'sse';
  readonly state: ServerState;
  readonly onDidChangeState: Event<void>;
  /** Last lines of its log, oldest first. */
  readonly log: readonly string[];
  readonly onDidLog: Event<string>;
  /** What a person should know about it, one sentence each: sandbox not honoured, tools left out, odd names. */
  readonly notices: readonly string[];
  /**
   * Forgets tokens and client registration of an account, left out the one in use, and has the tokens revoked; only
   * offered for remote servers. Resolves with why they may not be revoked, a sentence.
   */
  signOut?(account?: string): Promise<string | undefined>;
  /** Only for remote servers that a person signs in to. */
  readonly accounts?: ServerAccounts;
  /**
   * For somebody else who is to start it; asks for inputs that are missing. Undefined where its definition was not approved.
   * @throws an error that says which variable cannot be filled in.
   */
  resolve(): Promise<ResolvedServer | undefined>;
  start(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/** Every configured MCP server as a source. */
export interface McpServers extends Disposable {
  readonly servers: readonly McpServer[];
  readonly problems: readonly ConfigurationProblem[];
  /** Values of inputs, environment, headers and sign-ins that no journal, log or model may get. Only ever grows. */
  readonly secrets: ReadonlySet<string>;
  /** Servers came, went or were redefined. */
  readonly onDidChange: Event<void>;
  /** Reads the configuration again and reconnects exactly what changed. */
  reload(): Promise<void>;
  /** Resolves when what is new was asked about and every allowed server has listed its tools, remembered them, or failed. */
  settled(): Promise<void>;
  /** Ends every connection and process; resolves when they are gone. */
  close(): Promise<void>;
}
