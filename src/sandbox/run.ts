import type { ValuePointer } from './engine/binding.js';
import type { CallPlace, CallPlaces } from './callPlaces.js';
import type { BrokenLimit } from './limits.js';
import type { FlatCalls, ForgottenCall, StartMessage } from './protocol.js';
import type { ConsoleEntry } from './sandbox.js';
import type { ScriptText } from './wrapping.js';

/** What a {@link StartMessage} says. */
export function startOf([source, config, timeoutMs, memoryMb, stackKb, calls, consoleBytes, argumentBytes, valueBytes, params, now, seed]: StartMessage) {
  return { source, config, timeoutMs, memoryMb, stackKb, calls, consoleBytes, argumentBytes, valueBytes, params, now, seed };
}

type Start = ReturnType<typeof startOf>;

/** What the worker keeps of the run that is going on. */
export interface Run {
  readonly start: Start;
  readonly text: ScriptText;
  readonly calls: FlatCalls;
  console: ConsoleEntry[];
  consoleBytes: number;
  /** id → what to say of it if it is never answered, and the size of its arguments. */
  readonly inFlight: Map<number, ForgottenCall & { readonly bytes: number }>;
  /** Of the arguments of calls in flight. */
  waitingBytes: number;
  /** Of those that were not sent yet. */
  unsentBytes: number;
  readonly places: CallPlaces;
  /** Calls by their ids: what to say where nobody waited for them. */
  readonly made: Map<number, { readonly tool: number; readonly place: CallPlace }>;
  promise?: ValuePointer;
  /** Why the run must stop, once it must. */
  stop?: BrokenLimit;
  flushedAt: number;
  flushes: number;
  readonly timers: Map<number, NodeJS.Timeout>;
  /** How far the guest's clock has moved, where it does not show the real time. */
  clockMs: number;
}
