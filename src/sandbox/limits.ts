import type { LimitName, SandboxLimits } from './sandbox.js';

/** What a run may use when its caller says nothing else. Sizes in bytes of UTF-8. */
export const defaultLimits: SandboxLimits = {
  stackKb: 256,
  sourceBytes: 256 * 1024,
  argumentBytes: 1024 * 1024,
  resultBytes: 8 * 1024 * 1024,
  valueBytes: 256 * 1024,
  depth: 1_000,
  calls: 10_000,
  inFlight: 32,
  consoleBytes: 256 * 1024,
  wallMs: 5 * 60_000,
};

export const defaultMemoryMb = 128;

/** Larger than any limit: what the host reads from a guest in one piece, whoever set which limit. */
export const hardTextBytes = 64 * 1024 * 1024;

/** How long after its deadline a run that outlasts the interrupt handler is ended with its worker. */
export const graceMs = 250;

/** A limit that was broken, as the script or its author is told. */
export interface BrokenLimit {
  readonly limit: LimitName;
  readonly message: string;
}

const kb = (bytes: number): string => `${bytes / 1024} KB`;

/** One sentence a limit: what was too much, the value, the setting, and what to do. */
export const broken = {
  time: (ms: number): BrokenLimit => ({
    limit: 'time',
    message: `The script computed for longer than ${ms} ms (codemode.limits.timeMs). Do less work in the script, or raise the setting.`,
  }),
  wall: (ms: number): BrokenLimit => ({
    limit: 'time',
    message: `The run took longer than ${ms} ms, waiting included (codemode.limits.wallMs). What it waited for did not come; split the script, or raise the setting.`,
  }),
  memory: (mb: number): BrokenLimit => ({
    limit: 'memory',
    message: `The script needed more than ${mb} MB of memory (codemode.limits.memoryMb). Keep less at once, or raise the setting.`,
  }),
  waiting: (mb: number): BrokenLimit => ({
    limit: 'memory',
    message: `The arguments of calls that wait for their answers take more than ${mb} MB of memory (codemode.limits.memoryMb). Await calls before making more, or raise the setting.`,
  }),
  stack: (stackKb: number): BrokenLimit => ({
    limit: 'stack',
    message: `The script used more than ${stackKb} KB of stack (codemode.limits.stackKb): a recursion is too deep or does not end.`,
  }),
  source: (bytes: number): BrokenLimit => ({
    limit: 'output',
    message: `The script is longer than ${kb(bytes)} (codemode.limits.sourceKb). Pass data as params or read it with a tool.`,
  }),
  arguments: (bytes: number): BrokenLimit => ({
    limit: 'output',
    message: `The arguments of this call are larger than ${kb(bytes)} (codemode.limits.argumentsKb). Send less, or in parts.`,
  }),
  result: (bytes: number): BrokenLimit => ({
    limit: 'output',
    message: `The result of this call is larger than ${kb(bytes)} (codemode.limits.resultMb, ${bytes / 1024 / 1024} MB). Ask the tool for less.`,
  }),
  value: (bytes: number): BrokenLimit => ({
    limit: 'output',
    message: `The script ran, but the value it returned is larger than ${kb(bytes)} (codemode.limits.valueKb). Return only what is needed.`,
  }),
  console: (bytes: number): BrokenLimit => ({
    limit: 'output',
    message: `Console output beyond ${kb(bytes)} was left out (codemode.limits.consoleKb).`,
  }),
  depth: (levels: number): BrokenLimit => ({
    limit: 'output',
    message: `The value is nested deeper than ${levels} levels (codemode.limits.depth), or contains itself.`,
  }),
  calls: (count: number): BrokenLimit => ({
    limit: 'calls',
    message: `The script made more than ${count} calls (codemode.limits.calls). Use a tool that takes many items at once, or raise the setting.`,
  }),
  deadlock: (): BrokenLimit => ({
    limit: 'deadlock',
    message: 'The script waits for a promise that nothing can settle: no call is in flight and no timer is set.',
  }),
} as const;
