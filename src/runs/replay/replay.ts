import type { ScriptDiagnostic } from '../../checker/checker.js';
import type { JsonValue } from '../../json.js';
import type { ConsoleEntry, SandboxError } from '../../sandbox/sandbox.js';
import { codemodeFunctions } from '../codemode.js';
import type { RunEvent } from '../events.js';
import { argumentsOf } from '../invocation.js';
import type { RunParts } from '../parts.js';
import { Divergence, Recording } from './recording.js';

export interface ReplayOptions {
  /** Another script to hold against the same world; the recorded one if left out. */
  readonly source?: string;
  readonly signal?: AbortSignal;
}

export type ReplayEnd =
  | { readonly status: 'finished'; readonly value: JsonValue | undefined }
  | { readonly status: 'failed'; readonly error: SandboxError }
  | { readonly status: 'rejected'; readonly diagnostics: readonly ScriptDiagnostic[] }
  /** `message`: `diverges at call 7: other arguments`. */
  | { readonly status: 'diverged'; readonly call: number; readonly message: string }
  /** All that was recorded is used up: an interrupted run comes no further. */
  | { readonly status: 'exhausted'; readonly message: string };

export type ReplayResult = ReplayEnd & {
  readonly console: readonly ConsoleEntry[];
  /** Calls answered from the record. */
  readonly calls: number;
  /** Recorded calls that were not made, as scripts write them. */
  readonly unmade: readonly string[];
};

/** Runs a script again with the recorded inputs and results. Nothing is asked, sent, staged or recorded. */
export async function replay(parts: RunParts, events: readonly RunEvent[], options: ReplayOptions = {}): Promise<ReplayResult> {
  const created = events[0];
  const started = events.find((event) => event.type === 'started');
  if (created?.type !== 'created' || started === undefined) throw new RangeError('This run cannot be replayed: its script never started.');
  const recording = new Recording(events);
  const source = options.source ?? created.source;
  parts.checker.setTypings(parts.typings());
  const checked = await parts.checker.check(source, options.signal === undefined ? {} : { signal: options.signal });
  const nothing = { console: [], calls: 0, unmade: recording.rest.map((call) => call.name) };
  // The recorded script passed when it ran; what has become of the tools since is no matter to its replay.
  if (checked.code === '' || (options.source !== undefined && !checked.ok)) return { status: 'rejected', diagnostics: checked.diagnostics, ...nothing };
  const params = created.params === undefined ? undefined : await parts.recorder.read(created.params);
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  options.signal?.addEventListener('abort', stop, { once: true });
  let calls = 0;
  let ended: ReplayEnd | undefined;
  const give = async (namespace: string, member: string, given: unknown): Promise<unknown> => {
    const args = argumentsOf(namespace, member, given);
    const call = recording.take(`${namespace}.${member}`, parts.recorder.key(args));
    if (call === undefined || (call.end.kind !== 'returned' && call.end.kind !== 'threw')) {
      const where = call === undefined ? `${recording.calls.length} calls` : `call ${call.number}, which had no answer`;
      ended = { status: 'exhausted', message: `The record ends after ${where}: ${namespace}.${member} has no recorded answer.` };
      stop();
      return new Promise(() => undefined);
    }
    await recording.turn(call);
    calls += 1;
    if (call.end.kind === 'threw') throw Object.assign(new Error(call.end.message), { name: call.end.name });
    const value = await parts.recorder.read(call.end.value);
    if (value === undefined && call.end.value.kind === 'blob') throw new Divergence(`The recorded answer of call ${call.number} is no longer kept.`, call.number);
    return value;
  };
  try {
    const limits = parts.limits();
    const result = await parts.sandbox.run(checked.code, {
      namespaces: namespacesOf(parts, recording),
      codemode: codemodeFunctions,
      call: async (namespace, member, given) => {
        try {
          return await give(namespace, member, given);
        } catch (error) {
          if (!(error instanceof Divergence)) throw error;
          ended ??= { status: 'diverged', call: error.call, message: error.message };
          stop();
          throw error;
        }
      },
      timeoutMs: limits.timeoutMs,
      memoryMb: limits.memoryMb,
      limits: { ...limits, inFlight: limits.calls },
      signal: stopper.signal,
      clock: { now: started.now, seed: started.seed },
      ...(params !== undefined && { params }),
    });
    const end: ReplayEnd = ended ?? (result.ok ? { status: 'finished', value: result.value as JsonValue | undefined } : { status: 'failed', error: result.error });
    return { ...end, console: result.console, calls, unmade: recording.rest.map((call) => call.name) };
  } finally {
    options.signal?.removeEventListener('abort', stop);
    recording.dispose();
  }
}

/** The tools of now and those of then: a script may still name one that is gone. */
function namespacesOf(parts: RunParts, recording: Recording): Record<string, readonly string[]> {
  const namespaces = new Map<string, Set<string>>();
  const add = (namespace: string, member: string): void => void (namespaces.get(namespace) ?? namespaces.set(namespace, new Set()).get(namespace))?.add(member);
  for (const server of parts.catalog.current.servers) for (const tool of server.tools) add(server.namespace, tool.member);
  for (const { name } of recording.calls) {
    const [namespace, member] = name.split('.') as [string, string | undefined];
    if (namespace !== 'codemode' && member !== undefined) add(namespace, member);
  }
  return Object.fromEntries([...namespaces].map(([namespace, members]) => [namespace, [...members]]));
}
