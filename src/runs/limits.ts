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

/** The settings' names where they differ from the members', with what one of their units is in the member's. */
const settingNames: Readonly<Record<string, readonly [keyof RunLimits, number]>> = {
  timeMs: ['timeoutMs', 1],
  sourceKb: ['sourceBytes', 1024],
  argumentsKb: ['argumentBytes', 1024],
  resultKb: ['resultBytes', 1024],
  valueKb: ['valueBytes', 1024],
  consoleKb: ['consoleBytes', 1024],
};

/**
 * The default limits with some of them set, by member or by setting name.
 * @throws {RangeError} for a limit there is not, or one that is no positive number.
 */
export function limitsFrom(values: Readonly<Record<string, number>>): RunLimits {
  const limits: Record<string, number> = { ...defaultRunLimits };
  for (const [name, value] of Object.entries(values)) {
    const [member, unit] = Object.hasOwn(settingNames, name) ? (settingNames[name] as readonly [string, number]) : [name, 1];
    if (!Object.hasOwn(defaultRunLimits, member)) throw new RangeError(`There is no limit "${name}". Limits are: ${Object.keys(defaultRunLimits).join(', ')}.`);
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw new RangeError(`The limit "${name}" must be a positive number, not ${String(value)}.`);
    limits[member] = value * unit;
  }
  return limits as unknown as RunLimits;
}
