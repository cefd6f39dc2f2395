import { spawn } from 'node:child_process';
import { getEventListeners, setMaxListeners } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isCallFailure, type CallContext } from '../../../src/catalog/source.js';
import { createMcpServers } from '../../../src/mcp/main.js';
import { headlessPorts } from '../../../src/mcp/headless.js';

export interface SoakOptions {
  readonly servers: number;
  readonly calls: number;
  /** One server is killed this often (ms). */
  readonly killEvery: number;
  /** Calls under way at each server. */
  readonly inFlight: number;
}

export interface SoakResult {
  readonly answered: number;
  /** Failed, and certainly not run. */
  readonly notSent: number;
  /** Failed, and it is not known whether it ran. */
  readonly unknown: number;
  /** Ends of calls that are none of these, or that carry another call's answer. */
  readonly wrong: readonly string[];
  /** Answered and not in the ledger, or failed as not sent and in it. */
  readonly lost: number;
  /** In the ledger more than once. */
  readonly doubled: number;
  readonly kills: number;
  readonly processesLeft: number;
  readonly handlesLeft: number;
  readonly listenersLeft: number;
  /** Heap in use after a collection, in MB: after a tenth of the calls, and at the end. */
  readonly heap: { readonly early: number; readonly late: number };
  readonly milliseconds: number;
}

const fixture = path.resolve('test/fixtures/mcp/ledger.mjs');
const handles = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : process.getActiveResourcesInfo().length);
const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** Calls many servers at once while one after the other is killed, and counts what became of every call. */
export async function soak({ servers: count, calls, killEvery, inFlight }: SoakOptions): Promise<SoakResult> {
  const place = mkdtempSync(path.join(tmpdir(), 'soak-'));
  const ledgers = Array.from({ length: count }, (_, index) => path.join(place, `ledger-${index}`));
  const configFile = path.join(place, 'mcp.json');
  writeFileSync(configFile, JSON.stringify({ servers: Object.fromEntries(ledgers.map((ledger, index) => [`s${index}`, { command: process.execPath, args: [fixture, ledger] }])) }));
  // The first watched file costs one handle for good, and so does the first process.
  watch(place).close();
  await new Promise((resolve) => spawn(process.execPath, ['--version']).once('close', resolve));
  const handlesBefore = handles();
  const started = performance.now();
  // A server that is killed from outside is not one that crashes: what it did before the kill speaks for it.
  const room = createMcpServers(headlessPorts({ configFile, folders: [], environment: process.env, approve: true }), { clientVersion: '0', limits: { healthyAfter: 1, restartDelay: 20, stopGrace: 500 } });
  await room.settled();
  // The one that ends all processes with this one is for good.
  const listenersBefore = listeners();
  const pids = new Set<number>();
  const current = new Map<number, number>();
  const wrong: string[] = [];
  const outcome = new Map<number, 'answered' | 'no' | 'unknown'>();
  // One signal for all, as a run has: whoever listens to it must cease to.
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const context = { signal, onProgress: () => undefined, keep: () => ({ handle: '', mimeType: '', bytes: 0 }) } as unknown as CallContext;
  let next = 0;
  let early = 0;

  const work = async (server: number): Promise<void> => {
    const { source } = room.servers[server]!;
    while (next < calls) {
      const number = next++;
      if (number === Math.floor(calls / 10)) early = heapMb();
      try {
        const result = await source.call('enter', { number }, context);
        const value = (result.ok ? result.value : undefined) as { readonly number?: number; readonly pid?: number } | undefined;
        if (value?.number !== number) wrong.push(`call ${number} was answered with ${JSON.stringify(result).slice(0, 100)}`);
        if (outcome.has(number)) wrong.push(`call ${number} ended twice`);
        outcome.set(number, 'answered');
        if (value?.pid !== undefined) {
          pids.add(value.pid);
          current.set(server, value.pid);
        }
      } catch (error) {
        if (outcome.has(number)) wrong.push(`call ${number} ended twice`);
        if (!isCallFailure(error)) wrong.push(`call ${number}: ${String(error)}`);
        outcome.set(number, isCallFailure(error) && error.sent === 'no' ? 'no' : 'unknown');
        // Starting again is not free; a script would not go on at once either.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  let kills = 0;
  let turn = 0;
  const killer = setInterval(() => {
    const pid = current.get(turn % count);
    turn++;
    if (pid === undefined || !alive(pid)) return;
    process.kill(pid, 'SIGKILL');
    kills++;
  }, killEvery);
  await Promise.all(Array.from({ length: count * inFlight }, (_, index) => work(index % count)));
  clearInterval(killer);
  const milliseconds = performance.now() - started;
  const late = heapMb();
  await room.close();
  await new Promise((resolve) => setTimeout(resolve, 200));

  const entered = new Map<number, number>();
  for (const ledger of ledgers) for (const line of readFileSync(ledger, 'utf8').split('\n').filter(Boolean)) entered.set(Number(line), (entered.get(Number(line)) ?? 0) + 1);
  const ends = [...outcome.entries()];
  const result: SoakResult = {
    answered: ends.filter(([, end]) => end === 'answered').length,
    notSent: ends.filter(([, end]) => end === 'no').length,
    unknown: ends.filter(([, end]) => end === 'unknown').length,
    wrong,
    lost: ends.filter(([number, end]) => (end === 'answered' && !entered.has(number)) || (end === 'no' && entered.has(number))).length + (calls - outcome.size),
    doubled: [...entered.values()].filter((times) => times > 1).length,
    kills,
    processesLeft: [...pids].filter(alive).length,
    handlesLeft: Math.max(0, handles() - handlesBefore),
    listenersLeft: Math.max(0, listeners() - listenersBefore) + getEventListeners(signal, 'abort').length,
    heap: { early, late },
    milliseconds,
  };
  rmSync(place, { recursive: true, force: true });
  return result;
}
