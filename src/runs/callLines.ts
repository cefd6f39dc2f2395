/** A call as far as the line it was made from is concerned; times in ms. */
export interface TimedCall {
  readonly line?: number;
  readonly startedAt: number;
  /** Left out while it goes on. */
  readonly endedAt?: number;
  readonly isFailed: boolean;
}

/** What was called from one line of a script. */
export interface LineCalls {
  readonly calls: number;
  readonly failed: number;
  readonly running: number;
  /** Time during which at least one of them was under way: calls made together count once. */
  readonly ms: number;
}

/** The calls of a run by the lines they were made from. */
export function callLines(calls: Iterable<TimedCall>): ReadonlyMap<number, LineCalls> {
  const byLine = new Map<number, TimedCall[]>();
  for (const call of calls) {
    if (call.line === undefined) continue;
    const there = byLine.get(call.line);
    if (there === undefined) byLine.set(call.line, [call]);
    else there.push(call);
  }
  return new Map([...byLine].map(([line, made]) => [line, { calls: made.length, failed: made.filter((call) => call.isFailed).length, running: made.filter((call) => call.endedAt === undefined).length, ms: timeUnderWay(made) }]));
}

function timeUnderWay(calls: readonly TimedCall[]): number {
  const ended = calls.filter((call): call is TimedCall & { endedAt: number } => call.endedAt !== undefined).sort((a, b) => a.startedAt - b.startedAt);
  let sum = 0;
  let until = -Infinity;
  for (const { startedAt, endedAt } of ended) {
    sum += Math.max(0, endedAt - Math.max(startedAt, until));
    until = Math.max(until, endedAt);
  }
  return sum;
}
