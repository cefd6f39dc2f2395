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
  /** What is in use after a collection, heap and buffers together, in MB: after a tenth of the calls, and at the end. */
  readonly memory: { readonly early: number; readonly late: number };
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

function memoryMb(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}

/** Processes that were started with this word, whoever knows them; where the system has no such list, of those that answered. */
function running(word: string, answered: Iterable<number>): readonly number[] {
  if (process.platform !== 'linux') return [...answered].filter(alive);
  return readdirSync('/proc').flatMap((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(word) ? [Number(entry)] : [];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

/** What became of a call; one byte each, so that keeping it does not look like a leak. */
const ends = { none: 0, answered: 1, notSent: 2, unknown: 3 } as const;

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
  const outcome = new Uint8Array(calls);
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
      if (number === Math.floor(calls / 10)) early = memoryMb();
      try {
        const result = await source.call('enter', { number }, context);
        const value = (result.ok ? result.value : undefined) as { readonly number?: number; readonly pid?: number } | undefined;
        if (value?.number !== number) wrong.push(`call ${number} was answered with ${JSON.stringify(result).slice(0, 100)}`);
        if (outcome[number] !== ends.none) wrong.push(`call ${number} ended twice`);
        outcome[number] = ends.answered;
        if (value?.pid !== undefined) {
          pids.add(value.pid);
          current.set(server, value.pid);
        }
      } catch (error) {
        if (outcome[number] !== ends.none) wrong.push(`call ${number} ended twice`);
        if (!isCallFailure(error)) wrong.push(`call ${number}: ${String(error)}`);
        outcome[number] = isCallFailure(error) && error.sent === 'no' ? ends.notSent : ends.unknown;
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
  const late = memoryMb();
  await room.close();
  await new Promise((resolve) => setTimeout(resolve, 200));

  const entered = new Uint8Array(calls);
  for (const ledger of ledgers) for (const line of readFileSync(ledger, 'utf8').split('\n').filter(Boolean)) entered[Number(line)]!++;
  const ended = (end: number): number => outcome.filter((each) => each === end).length;
  const result: SoakResult = {
    answered: ended(ends.answered),
    notSent: ended(ends.notSent),
    unknown: ended(ends.unknown),
    wrong,
    lost: outcome.filter((end, number) => end === ends.none || (end === ends.answered && entered[number] === 0) || (end === ends.notSent && entered[number] !== 0)).length,
    doubled: entered.filter((times) => times > 1).length,
    kills,
    processesLeft: running(place, pids).length,
    handlesLeft: Math.max(0, handles() - handlesBefore),
    listenersLeft: Math.max(0, listeners() - listenersBefore) + getEventListeners(signal, 'abort').length,
    memory: { early, late },
    milliseconds,
  };
  rmSync(place, { recursive: true, force: true });
  return result;
}
