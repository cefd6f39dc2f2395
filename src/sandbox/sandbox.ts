import type { JsonValue } from '../json.js';

export type LimitName = 'time' | 'memory' | 'stack' | 'output' | 'calls' | 'deadlock';

export interface ConsoleEntry {
  readonly level: 'log' | 'info' | 'warn' | 'error' | 'debug';
  readonly text: string;
}

/** Where in the submitted text a call was made, as far as the engine can tell. */
export interface CallSite {
  readonly line?: number;
  readonly column?: number;
}

export interface SandboxError {
  readonly name: string;
  readonly message: string;
  readonly limit?: LimitName;
  /** 1-based, in the submitted text. */
  readonly line?: number;
  readonly column?: number;
}

export type SandboxResult =
  | { readonly ok: true; readonly value: unknown; readonly console: readonly ConsoleEntry[] }
  | { readonly ok: false; readonly error: SandboxError; readonly console: readonly ConsoleEntry[] };

/** Every limit of a run; sizes in bytes of UTF-8 JSON or text unless named otherwise. */
export interface SandboxLimits {
  readonly stackKb: number;
  readonly sourceBytes: number;
  readonly argumentBytes: number;
  readonly resultBytes: number;
  readonly valueBytes: number;
  readonly depth: number;
  readonly calls: number;
  readonly inFlight: number;
  readonly consoleBytes: number;
  /** Wall time in ms, not counting while {@link SandboxRunOptions.isPersonWaiting} is true. */
  readonly wallMs: number;
}

export interface SandboxRunOptions {
  /** Global name → member names; each member is a function of one object argument. */
  readonly namespaces: Readonly<Record<string, readonly string[]>>;
  /**
   * Answers a call. What it resolves to crosses as JSON; what it throws crosses with name and message only.
   * Calls of `codemode` functions come as namespace `codemode`, the dotted name, and the array of arguments.
   */
  call(namespace: string, tool: string, args: unknown, site?: CallSite): Promise<unknown>;
  /** Compute time: stops while everything pending is outside. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly limits?: Partial<SandboxLimits>;
  readonly signal?: AbortSignal;
  /** Functions of the global `codemode`, dotted where nested: `search`, `resources.read`. */
  readonly codemode?: readonly string[];
  /** Global `params` of a saved script. */
  readonly params?: JsonValue;
  /**
   * Start of the script's clock in ms since the epoch, and the seed of its random numbers, for replay. The clock then
   * moves by the script's own timers, by a microsecond at each reading, and to `elapsed()` (ms since the start) whenever
   * a call is answered: a replay that gives what was recorded shows the script the same times.
   */
  readonly clock?: { readonly now: number; readonly seed: string; elapsed?(): number };
  /**
   * Turns a result over `resultBytes` into what the script gets in its place. `bytes` is the least it is known to take;
   * `value` is what the call gave, whole. Without it such a call fails in the script.
   */
  readonly onLargeResult?: (large: { readonly namespace: string; readonly tool: string; readonly value: unknown; readonly bytes: number }) => JsonValue | Promise<JsonValue>;
  /**
   * Turns the JSON text of a final value over `valueBytes` into what stands in its place. Without it such a run fails.
   * Above 64 MB it fails all the same.
   */
  readonly onLargeValue?: (json: string) => JsonValue | Promise<JsonValue>;
  readonly isPersonWaiting?: () => boolean;
  readonly onConsole?: (entry: ConsoleEntry) => void;
}

/** Runs scripts that can reach nothing but what they are given. */
export interface Sandbox {
  /** A run is about to come: makes a worker ready meanwhile. */
  prepare?(): void;
  run(source: string, options: SandboxRunOptions): Promise<SandboxResult>;
  dispose(): Promise<void>;
}
