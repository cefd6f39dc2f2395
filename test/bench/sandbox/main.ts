import type { BenchOptions, BenchRow } from '../main.js';
import { ours } from './engine.js';
import { measureCalls, measureCold, measureCpu } from './speed.js';
import { measureAttacks, measureCancel, measureMemory, measureStops } from './stops.js';

export const name = 'sandbox';
export const describe = 'calls, starts, CPU work, stopping and memory of the sandbox, against bare workers, Node and peers in the same run';

export async function run(options: BenchOptions): Promise<{ rows: BenchRow[] }> {
  const rounds = options.quick ? 2 : 7;
  const rows: BenchRow[] = [];
  rows.push(...(await measureCold(ours, rounds)));
  const engines = [ours];
  options.log(`calls, ${rounds} rounds of ${engines.map((engine) => engine.name).join(', ')}`);
  const { bare, figures } = await measureCalls(engines, rounds);
  for (const [engine, figure] of figures) {
    if (typeof figure === 'string') {
      options.log(`${engine} did not get through: ${figure}`);
      continue;
    }
    const row = (measure: string, value: number, against: number, bar: number): BenchRow => {
      const ratio = value / against;
      return { measure: `${engine}: ${measure}`, value, unit: 'µs', reference: `bare round trip ${against.toFixed(0)} µs`, ratio, bar: `≤ ${bar} ×`, ok: ratio <= bar };
    };
    rows.push(
      row('a call, 1,000 in sequence, 100 B', figure.small, bare.small, 5),
      row('a call of 1,000 at once', figure.together, bare.small, 1),
      row('a call, 10 kB each way', figure.large, bare.large, 8),
      { measure: `${engine}: 20 calls of 20 ms at once`, value: figure.fanOut, unit: '×', reference: 'one such call', ratio: figure.fanOut, bar: '≤ 1.25 ×', ok: figure.fanOut <= 1.25 },
      row('a warm run of return 1', figure.warm, bare.small, 15),
    );
  }
  rows.push(...(await measureCpu(ours, rounds)));
  options.log('stops, attacks and memory');
  rows.push(...(await measureStops(ours, options.quick ? 1 : 3)), ...(await measureCancel(ours, 10)), ...(await measureAttacks(ours, options)), ...(await measureMemory(ours)));
  return { rows };
}
