import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchOptions, BenchRow } from '../main.js';
import { ours, type Engine } from './engine.js';
import { installedPeers } from './peers.js';
import { measureCalls, measureCold, measureCpu } from './speed.js';
import { measureAttacks, measureCancel, measureMemory, measureStops } from './stops.js';

export const name = 'sandbox';
export const describe = 'calls, starts, CPU work, stopping and memory of the sandbox, against bare workers, Node and peers in the same run';

/** Figures of one engine as rows, each against a bare worker's round trip measured between its rounds. */
async function callRows(engine: Engine, rounds: number): Promise<BenchRow[]> {
  const { bare, figures } = await measureCalls(engine, rounds);
  const row = (measure: string, value: number, against: number, bar: number): BenchRow => {
    const ratio = value / against;
    return { measure: `${engine.name}: ${measure}`, value, unit: 'µs', reference: `bare round trip ${against.toFixed(0)} µs`, ratio, bar: `≤ ${bar} ×`, ok: ratio <= bar };
  };
  return [
    row('a call, 1,000 in sequence, 100 B', figures.small, bare.small, 5),
    row('a call of 1,000 at once', figures.together, bare.small, 1),
    row('a call, 10 kB each way', figures.large, bare.large, 8),
    { measure: `${engine.name}: 20 calls of 20 ms at once`, value: figures.fanOut, unit: '×', reference: 'one such call', ratio: figures.fanOut, bar: '≤ 1.25 ×', ok: figures.fanOut <= 1.25 },
    row('a warm run of return 1, one after the other', figures.warm, bare.small, 15),
    row('a warm run of return 1, after a pause of 5 ms', figures.rested, bare.small, 15),
    // Threads that slept take a while to wake, whatever they are woken for.
    { measure: `${engine.name}: the same, of a round trip after the same pause`, value: figures.rested, unit: 'µs', reference: `bare round trip after 5 ms ${bare.rested.toFixed(0)} µs`, ratio: figures.rested / bare.rested },
  ];
}

/** Measures a peer in a process of its own: some end theirs. */
function peerRows(name: string, rounds: number, log: (text: string) => void): readonly BenchRow[] {
  const done = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--peer', name, String(rounds)], { encoding: 'utf8', timeout: 300_000, maxBuffer: 64 * 1024 * 1024 });
  const line = done.stdout.split('\n').find((text) => text.startsWith('['));
  if (line !== undefined) return (JSON.parse(line) as BenchRow[]).map(({ bar: _bar, ok: _ok, ...row }) => row);
  log(`${name} did not get through: ${done.error?.message ?? done.stderr.split('\n').find((text) => /Error|Abort|assert/i.test(text)) ?? `its process ended with ${done.status ?? done.signal}`}`);
  return [];
}

/** In the process of a peer. */
async function printPeer(peer: string, rounds: number): Promise<void> {
  const engine = (await installedPeers(() => undefined)).find((candidate) => candidate.name === peer);
  if (engine === undefined) throw new Error(`${peer} is not installed.`);
  console.log(JSON.stringify(await callRows(engine, rounds)));
  process.exit(0);
}

export async function run(options: BenchOptions): Promise<{ rows: BenchRow[] }> {
  const rounds = options.quick ? 2 : 7;
  const rows: BenchRow[] = [];
  rows.push(...(await measureCold(ours, rounds)));
  options.log('calls');
  rows.push(...(await callRows(ours, rounds)));
  for (const peer of await installedPeers(options.log)) {
    options.log(`calls of ${peer.name}`);
    rows.push(...peerRows(peer.name, 1, options.log));
  }
  options.log('CPU work');
  rows.push(...(await measureCpu(ours, rounds)));
  options.log('stops, attacks and memory');
  rows.push(...(await measureStops(ours, options.quick ? 1 : 3)), ...(await measureCancel(ours, 10)), ...(await measureAttacks(ours, options)), ...(await measureMemory(ours)));
  return { rows };
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === '--peer') await printPeer(process.argv[3]!, Number(process.argv[4]));
