import type { BenchOptions, BenchRow } from '../main.js';
import { soak } from './soak.js';

export const name = 'soak';
export const describe = '20 servers, 100,000 calls, one server killed every second, and again twenty a second: no call lost or doubled, nothing left behind';

export async function run({ quick, log }: BenchOptions): Promise<{ readonly rows: readonly BenchRow[] }> {
  const rows = [];
  for (const killEvery of [1_000, 50]) rows.push(...(await soaked(quick ? 20_000 : 100_000, killEvery, log)));
  return { rows };
}

async function soaked(calls: number, killEvery: number, log: BenchOptions['log']): Promise<readonly BenchRow[]> {
  const result = await soak({ servers: 20, calls, killEvery, inFlight: 4 });
  for (const line of result.wrong.slice(0, 10)) log(line);
  log(`${result.kills} kills in ${Math.round(result.milliseconds / 1000)} s; ${result.notSent} calls failed as not sent, ${result.unknown} as not known`);
  const named = (measure: string): string => `${measure}, a kill every ${killEvery / 1_000} s`;
  const none = (measure: string, value: number, unit: string): BenchRow => ({ measure: named(measure), value, unit, bar: '0', ok: value === 0 });
  const ends = result.answered + result.notSent + result.unknown;
  return [
    { measure: named('calls with an end'), value: ends, unit: 'calls', reference: `${calls} made`, ok: ends === calls },
    none('ends that are none, or of another call', result.wrong.length, 'calls'),
    none('results lost', result.lost, 'calls'),
    none('calls that took effect twice', result.doubled, 'calls'),
    none('processes left', result.processesLeft, ''),
    none('file handles left', result.handlesLeft, ''),
    none('listeners left', result.listenersLeft, ''),
    { measure: named('memory at the end'), value: result.memory.late, unit: 'MB', reference: `${result.memory.early.toFixed(1)} MB after a tenth of the calls`, ratio: result.memory.late / result.memory.early, bar: 'at most 3 MB more', ok: result.memory.late - result.memory.early < 3 },
    { measure: named('servers killed'), value: result.kills, unit: '' },
    { measure: named('calls a second'), value: calls / (result.milliseconds / 1000), unit: '' },
  ];
}
