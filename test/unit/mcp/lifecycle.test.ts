import { describe, expect, it } from 'vitest';
import { summarise } from '../../../src/mcp/summary.js';
import { Room, stdio } from './room.js';

const pidOf = async (room: Room, server: string): Promise<number> => ((await room.call(server, 'pid')) as unknown as { value: { pid: number } }).value.pid;

describe('a server nobody uses', () => {
  it('is stopped after the minutes that are set, and started again by the next call', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } }, settings: { 'codemode.servers.idleMinutes': 0.002 } });
    await room.until('a', 'running');
    const first = await pidOf(room, 'a');
    await room.until('a', 'stopped');
    await room.logged('a', /nobody used it for a while. The next call starts it again/);
    expect(room.source('a').state).toEqual({ kind: 'cached' });
    expect(room.source('a').tools).not.toEqual([]);
    expect(await pidOf(room, 'a')).not.toBe(first);
    expect(() => process.kill(first, 0)).toThrow('ESRCH');
  });

  it('is kept while a call is under way, however long', async () => {
    const room = await Room.open({ config: { servers: { a: stdio('hangs') } }, settings: { 'codemode.servers.idleMinutes': 0.001 }, limits: { callTimeout: 400 } });
    await room.until('a', 'running');
    const before = room.server('a').log.length;
    expect((await room.failure('a', 'trouble')).message).toMatch(/did not answer trouble/);
    expect(room.server('a').log.slice(before).filter((line) => line.startsWith('Stopped'))).toEqual([]);
    await room.until('a', 'stopped');
  });

  it('runs on where 0 is set, and where it was never set', async () => {
    for (const settings of [{ 'codemode.servers.idleMinutes': 0 }, { other: 1 }] as Record<string, number>[]) {
      const room = await Room.open({ config: { servers: { a: stdio() } }, settings });
      await room.until('a', 'running');
      const pid = await pidOf(room, 'a');
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(await pidOf(room, 'a')).toBe(pid);
    }
  });

  it('is not started by having fallen idle, once a person stopped it', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } }, settings: { 'codemode.servers.idleMinutes': 0.001 } });
    await room.until('a', 'running');
    await room.server('a').stop();
    expect((await room.failure('a', 'echo')).message).toMatch(/was stopped. Start it again/);
  });
});

describe('what is said of all servers', () => {
  const room = async (): Promise<Room> =>
    Room.open({
      config: { servers: { good: stdio(), bad: stdio('exits'), asked: stdio('pages') } },
      questions: { approveServers: async () => new Map([['good', 'allow'], ['bad', 'allow']]) },
    });

  it('is first that somebody must decide, then what failed, then what runs', async () => {
    const { servers } = await room();
    await servers.settled();
    const [good, bad, asked] = servers.servers;
    expect(summarise(servers.servers)).toEqual({ kind: 'decide', count: 1, lines: ['1 waiting for your yes: asked', '1 failed: bad', '1 running: good'] });
    expect(summarise([good!, bad!])).toMatchObject({ kind: 'failed', count: 1 });
    expect(summarise([good!])).toMatchObject({ kind: 'running', count: 1 });
    await good!.stop();
    expect(summarise([good!])).toEqual({ kind: 'quiet', count: 1, lines: ['1 stopped: good'] });
    expect(summarise([asked!])).toMatchObject({ kind: 'decide' });
  });

  it('is nothing where none is configured', () => {
    expect(summarise([])).toBeUndefined();
  });

  it('names servers whose tools changed since they were approved', async () => {
    const opened = await Room.open({ config: { servers: { a: stdio('changes') } } });
    await opened.until('a', 'running');
    const seen = new Promise<void>((resolve) => opened.source('a').onDidChangeTools(() => resolve()));
    await opened.call('a', 'trouble', { name: 'echo' });
    await seen;
    expect(summarise(opened.servers.servers)).toEqual({ kind: 'changed', count: 1, lines: ['1 running: a', '1 with tools that changed since you approved them: a'] });
  });
});
