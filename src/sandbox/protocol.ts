import type { EngineBuild } from './engine/module.js';
import type { BrokenLimit } from './limits.js';
import type { ConsoleEntry } from './sandbox.js';

/**
 * What host and worker say to each other. Values cross as JSON text inside these messages and nowhere else.
 */
export type ToWorker =
  /** The first one: what the worker makes its engine from. */
  | { readonly type: 'build'; readonly build: EngineBuild; readonly memoryMb: number }
  | StartMessage
  /**
   * `batch` is a JSON list of one item for each id, and `kinds` has a letter for each: `v` a value, `u` undefined, `t`
   * `[value, paths]`, `e` an error. The `texts` belong at the paths, in this order: long texts cross outside of JSON,
   * which the engine is slow at.
   */
  | { readonly type: 'replies'; readonly ids: readonly number[]; readonly kinds: string; readonly batch: string; readonly texts: readonly string[]; readonly elapsedMs?: number };

/**
 * A list, because the names of an object are written and read each time, which a short run can tell.
 *
 * `config` is JSON of {@link GuestConfig}, `params` JSON of the global of that name. `now` is the start of the guest's
 * clock in ms since the epoch (absent: the real one), `seed` four 32-bit words (absent: random ones).
 */
export type StartMessage = readonly [
  source: string,
  config: string,
  timeoutMs: number,
  memoryMb: number,
  stackKb: number,
  calls: number,
  consoleBytes: number,
  argumentBytes: number,
  valueBytes: number,
  params: string | undefined,
  now: number | undefined,
  seed: readonly number[] | undefined,
];

/** What the guest is told before its script starts, and ahead of a next run: nothing in it belongs to one run. */
export interface GuestConfig {
  readonly namespaces: readonly (readonly [name: string, tools: readonly string[]])[];
  readonly codemode?: readonly string[];
  readonly argumentBytes: number;
  readonly valueBytes: number;
  readonly depth: number;
}

/** id, index of the tool, JSON of its arguments (`''`: none), line and column (0: unknown), repeated. */
export type FlatCalls = (number | string)[];

export type FromWorker =
  /** Ready for a run. */
  | { readonly type: 'ready' }
  | { readonly type: 'output'; readonly calls: FlatCalls; readonly console: readonly ConsoleEntry[] }
  /** JSON of the value of a run that ended well and left nothing to be said; otherwise: */
  | string
  /** `isSpent`: this worker's engine cannot be put back; otherwise `ready` follows. */
  | { readonly type: 'ended'; readonly end: GuestEnd; readonly console: readonly ConsoleEntry[]; readonly isSpent: boolean };

export type GuestEnd =
  /** `json` is `''` for undefined. */
  | { readonly type: 'value'; readonly json: string; readonly left: LeftUndone }
  | { readonly type: 'error'; readonly error: GuestError; readonly left: LeftUndone }
  | { readonly type: 'limit'; readonly broken: BrokenLimit; readonly line?: number; readonly column?: number }
  /** The engine itself failed; the worker must be replaced. */
  | { readonly type: 'crash'; readonly message: string };

/** What a script did not wait for. */
export interface LeftUndone {
  readonly calls: readonly ForgottenCall[];
  /** Of promises that nothing handled, other than those of calls; at most {@link mostRejections}. */
  readonly rejections: readonly GuestError[];
}

export const mostRejections = 5;

/** A call whose outcome the script did not wait for. */
export interface ForgottenCall {
  readonly tool: number;
  readonly line: number;
  state: 'unsent' | 'sent' | 'failed' | 'answered';
  /** Why it failed. */
  readonly message?: string;
}

/** What the guest library says of something thrown. */
export interface Description {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** A limit of the bridge, or the engine's own error. */
  readonly kind?: 'limit' | 'engine';
  /** Index of the tool whose call failed with it. */
  readonly tool?: number;
}

export interface GuestError {
  readonly name: string;
  readonly message: string;
  readonly limit?: 'output';
  readonly line?: number;
  readonly column?: number;
}

/** Slots of the shared state a host and its worker see without messages. */
export const shared = {
  /** Int32 0: 1 when the run must stop. */
  cancel: 0,
  /** Int32 1: counts the messages to the worker, which waits for it to change. */
  posted: 1,
  /** Float64 1: compute ms before the current stretch. */
  computed: 1,
  /** Float64 2: monotonic ms when the current stretch began; 0 while waiting. */
  since: 2,
  bytes: 24,
} as const;

/** Milliseconds on a clock that all threads of the process share. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** What a worker is started with. */
export interface WorkerData {
  readonly shared: SharedArrayBuffer;
  /** Only when the extension is built: boot an engine, write its memory to `quickjs.image` beside the worker, and end. */
  readonly writesImage?: boolean;
}
