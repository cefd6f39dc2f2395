import { mkdir, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alone } from '../../../src/mcp/authorization/lock.js';

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'lock-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

describe('work that one window at a time does', () => {
  it('is done one after the other, also after work that failed', async () => {
    const at = await folder();
    const events: string[] = [];
    const work = (name: string, fails = false): Promise<void> =>
      alone(at, 'x', async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 30));
        events.push(`${name} ends`);
        if (fails) throw new Error('Failed.');
      });
    await Promise.allSettled([work('a', true), work('b'), work('c')]);
    expect(events.filter((_, index) => index % 2 === 0).map((text) => text[0])).toEqual(events.filter((_, index) => index % 2 === 1).map((text) => text[0]));
    expect(events).toHaveLength(6);
    await expect(stat(path.join(at, 'x.lock'))).rejects.toThrow(/ENOENT/);
  });

  it('is not kept from being done by a window that is gone', async () => {
    const at = await folder();
    await mkdir(path.join(at, 'x.lock'));
    const long = new Date(Date.now() - 60_000);
    await utimes(path.join(at, 'x.lock'), long, long);
    expect(await alone(at, 'x', async () => 'done')).toBe('done');
  });

  it('is done without a lock where none can be kept', async () => {
    expect(await alone('/dev/null/nowhere', 'x', async () => 'done')).toBe('done');
  });
});
