import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { RunId } from '../../ids.js';
import { isJsonObject } from '../../json.js';

/**
 * Which window makes the calls of which run. Without it, a run that goes on in one window would look interrupted in
 * another one on the same folder, and resuming it there would make its calls twice.
 */
export interface Claims {
  /** False when another living window has the run. */
  take(id: RunId): Promise<boolean>;
  release(id: RunId): Promise<void>;
  /** Runs that other living windows have. */
  elsewhere(): Promise<ReadonlySet<RunId>>;
}

const ending = '.lock';
/** Seconds by which two readings of the time of boot may differ. */
const bootTolerance = 60;

interface Owner {
  readonly window: string;
  readonly pid: number;
  /** When the machine was started, in s: process ids are given anew after that. */
  readonly boot: number;
}

/** Claims as files beside the journals, each with the process that holds it. */
export function createClaims(folder: string): Claims {
  const own: Owner = { window: randomUUID(), pid: process.pid, boot: Math.round(Date.now() / 1000 - os.uptime()) };
  const fileOf = (id: RunId): string => path.join(folder, `${id}${ending}`);
  /** One after the other for each run: a run may end before its claim is on the disk. */
  const queues = new Map<RunId, Promise<unknown>>();
  const inTurn = <T>(id: RunId, act: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(id) ?? Promise.resolve()).then(act, act);
    const done = turn.finally(() => queues.get(id) === done && queues.delete(id)).catch(() => undefined);
    queues.set(id, done);
    return turn;
  };

  const isElsewhere = async (id: RunId): Promise<boolean> => {
    const owner = ownerOf(await readFile(fileOf(id), 'utf8').catch(() => ''));
    if (owner === undefined || owner.window === own.window) return false;
    return Math.abs(owner.boot - own.boot) <= bootTolerance && isAlive(owner.pid);
  };

  return {
    take: (id) =>
      inTurn(id, async () => {
        if (await isElsewhere(id)) return false;
        await mkdir(folder, { recursive: true });
        await rm(fileOf(id), { force: true });
        // Of two windows that come here at once, one finds the other's file.
        return writeFile(fileOf(id), JSON.stringify(own), { flag: 'wx' }).then(
          () => true,
          (error: NodeJS.ErrnoException) => {
            if (error.code === 'EEXIST') return false;
            throw error;
          },
        );
      }),
    release: (id) => inTurn(id, async () => ((await isElsewhere(id)) ? undefined : rm(fileOf(id), { force: true }))),
    async elsewhere() {
      const names = await readdir(folder).catch(() => []);
      const ids = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length) as RunId);
      const found = await Promise.all(ids.map(async (id) => ((await isElsewhere(id)) ? id : undefined)));
      return new Set(found.filter((id) => id !== undefined));
    },
  };
}

function ownerOf(text: string): Owner | undefined {
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
