import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { isJsonObject } from '../json.js';

/**
 * Which window has what, where several share a folder. Without it, a run that goes on in one window would look
 * interrupted in another one, and resuming it there would make its calls twice; so would changes be applied twice.
 */
export interface Claims<Id extends string = string> {
  /** False when another living window has it. */
  take(id: Id): Promise<boolean>;
  release(id: Id): Promise<void>;
  /** What other living windows have. */
  elsewhere(): Promise<ReadonlySet<Id>>;
}

const shape = /^(.+)\.(\d+)\.lock$/;
/** Seconds by which two readings of the time of boot may differ. */
const bootTolerance = 60;
/** How long, in ms, a claim may take to be written whole. */
const writing = 5_000;

interface Owner {
  readonly window: string;
  readonly pid: number;
  /** When the machine was started, in s: process ids are given anew after that. */
  readonly boot: number;
  /** When the process was started, in whatever words the system has for it: ids are given anew also before. */
  readonly started?: string;
}

/**
 * Claims as files, each with the process that holds it. They are numbered: whoever follows a dead owner makes the next
 * one, which only one window can, and never takes away what another has just made.
 */
export function createClaims<Id extends string = string>(folder: string): Claims<Id> {
  const window = randomUUID();
  const own = startOf(process.pid).then((started): Owner => ({ window, pid: process.pid, boot: bootTime(), ...(started !== undefined && { started }) }));
  /** One after the other for each: a run may end before its claim is on the disk. */
  const queues = new Map<Id, Promise<unknown>>();
  const inTurn = <T>(id: Id, act: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(id) ?? Promise.resolve()).then(act, act);
    const done = turn.finally(() => queues.get(id) === done && queues.delete(id)).catch(() => undefined);
    queues.set(id, done);
    return turn;
  };
  const fileOf = (id: Id, number: number): string => path.join(folder, `${id}.${number}.lock`);

  /** Numbers of the claims on each. */
  const claimed = async (): Promise<Map<Id, number[]>> => {
    const found = new Map<Id, number[]>();
    for (const name of await readdir(folder).catch(() => [])) {
      const [, id, number] = shape.exec(name) ?? [];
      if (id !== undefined) found.set(id as Id, [...(found.get(id as Id) ?? []), Number(number)]);
    }
    return found;
  };
  const ownerOf = async (id: Id, number: number): Promise<'own' | 'other' | undefined> => {
    const owner = parse(await readFile(fileOf(id, number), 'utf8').catch(() => ''));
    if (owner === undefined) {
      const { mtimeMs } = (await stat(fileOf(id, number)).catch(() => undefined)) ?? { mtimeMs: 0 };
      return Math.abs(Date.now() - mtimeMs) < writing ? 'other' : undefined;
    }
    if (owner.window === window) return 'own';
    const lives = Math.abs(owner.boot - bootTime()) <= bootTolerance && isAlive(owner.pid) && (owner.started === undefined || owner.started === (await startOf(owner.pid)));
    return lives ? 'other' : undefined;
  };
  const latest = async (id: Id): Promise<{ readonly number: number; readonly owner: 'own' | 'other' | undefined; readonly earlier: readonly number[] }> => {
    const numbers = ((await claimed()).get(id) ?? []).sort((a, b) => a - b);
    const number = numbers.at(-1) ?? 0;
    return { number, owner: numbers.length === 0 ? undefined : await ownerOf(id, number), earlier: numbers.slice(0, -1) };
  };

  return {
    take: (id) =>
      inTurn(id, async () => {
        const { number, owner } = await latest(id);
        if (owner !== undefined) return owner === 'own';
        await mkdir(folder, { recursive: true });
        const mine = number + 1;
        // Of two windows that come here at once, one finds the other's file.
        const file = await open(fileOf(id, mine), 'wx').catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return undefined;
          throw error;
        });
        if (file === undefined) return false;
        try {
          await file.writeFile(JSON.stringify(await own));
        } catch (error) {
          await rm(fileOf(id, mine), { force: true }).catch(() => undefined);
          throw error;
        } finally {
          await file.close();
        }
        const { number: last, earlier } = await latest(id);
        // Somebody was here, and gone, and followed, since we looked.
        if (last !== mine) {
          await rm(fileOf(id, mine), { force: true });
          return false;
        }
        for (const old of earlier) await rm(fileOf(id, old), { force: true });
        return true;
      }),
    release: (id) =>
      inTurn(id, async () => {
        const { number, owner } = await latest(id);
        if (owner === 'own') await rm(fileOf(id, number), { force: true });
      }),
    async elsewhere() {
      const found = await Promise.all([...(await claimed())].map(async ([id, numbers]) => ((await ownerOf(id, Math.max(...numbers))) === 'other' ? id : undefined)));
      return new Set(found.filter((id) => id !== undefined));
    },
  };
}

function bootTime(): number {
  return Math.round(Date.now() / 1000 - os.uptime());
}

function parse(text: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(text);
    return isJsonObject(owner) && typeof owner['pid'] === 'number' && typeof owner['boot'] === 'number' && typeof owner['window'] === 'string' ? (owner as unknown as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There, and of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process was started; undefined where the system does not say. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  // The fields after the name, which may hold anything but ends with the last bracket.
  if (process.platform === 'linux') return readFile(`/proc/${pid}/stat`, 'utf8').then((text) => text.slice(text.lastIndexOf(')') + 2).split(' ')[19], () => undefined);
  return promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).then(({ stdout }) => stdout.trim() || undefined, () => undefined);
}
