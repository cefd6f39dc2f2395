import type { RunLimits } from './run.js';

export const defaultRunLimits: RunLimits = {
  timeoutMs: 10_000,
  memoryMb: 128,
  wallMs: 5 * 60_000,
  stackKb: 256,
  sourceBytes: 256 * 1024,
  argumentBytes: 1024 * 1024,
  resultBytes: 8 * 1024 * 1024,
  valueBytes: 256 * 1024,
  depth: 1000,
  calls: 10_000,
  inFlight: 32,
  consoleBytes: 256 * 1024,
};

/** The settings under `codemode.limits`: the limit each of them is, and what one of its units is in that one's (bytes, ms). */
export const limitSettings = {
  timeMs: ['timeoutMs', 1],
  wallMs: ['wallMs', 1],
  memoryMb: ['memoryMb', 1],
  stackKb: ['stackKb', 1],
  sourceKb: ['sourceBytes', 1024],
  argumentsKb: ['argumentBytes', 1024],
  resultMb: ['resultBytes', 1024 * 1024],
  valueKb: ['valueBytes', 1024],
  depth: ['depth', 1],
  calls: ['calls', 1],
  inFlight: ['inFlight', 1],
  consoleKb: ['consoleBytes', 1024],
} as const satisfies Readonly<Record<string, readonly [keyof RunLimits, number]>>;

/**
 * The default limits with some of them set, by member or by setting name.
 * @throws {RangeError} for a limit there is not, or one that is no positive number.
 */
export function limitsFrom(values: Readonly<Record<string, number>>): RunLimits {
  const limits: Record<string, number> = { ...defaultRunLimits };
  for (const [name, value] of Object.entries(values)) {
    const [member, unit] = Object.hasOwn(limitSettings, name) ? limitSettings[name as keyof typeof limitSettings] : [name, 1];
    if (!Object.hasOwn(defaultRunLimits, member)) throw new RangeError(`There is no limit "${name}". Limits are: ${Object.keys(defaultRunLimits).join(', ')}.`);
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw new RangeError(`The limit "${name}" must be a positive number, not ${String(value)}.`);
    limits[member] = value * unit;
  }
  return limits as unknown as RunLimits;
}
