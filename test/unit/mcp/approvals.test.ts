import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerApproval } from '../../../src/mcp/ports.js';
import { Room, stdio } from './room.js';

const nobody = { approveServers: async () => new Map<string, 'allow' | 'deny'>() };
const no = { approveServers: async (servers: readonly ServerApproval[]) => new Map(servers.map((server) => [server.id, 'deny'] as const)) };

describe('approval of servers', () => {
  it('is one question for all new ones, and shows what would run', async () => {
    const room = await Room.open({
      config: {
        servers: {
          local: { command: 'node', args: ['server.js', '--token', 'abcdefgh1234', '--name=my files'], env: { GITHUB_TOKEN: 'ghp_secret', PLACE: 'here', ASKED: '${input:x}' }, envFile: '.env' },
          remote: { url: 'https://user:pw@example.invalid/mcp?api_key=abcd1234efgh', headers: { Authorization: 'Bearer abc', 'X-Asked': '${input:x}' } },
        },
        inputs: [{ id: 'x', type: 'promptString' }],
      },
      questions: nobody,
    });
    await room.until('local', 'unapproved');
    expect(room.approvals).toHaveLength(1);
    expect(room.approvals[0]?.map((server) => [server.id, server.definition])).toEqual([
      ['local', 'node server.js --token ••• "--name=my files"\nenv GITHUB_TOKEN: •••\nenv PLACE: here\nenv ASKED: ${input:x}\nenv from .env'],
      ['remote', 'https://user:hidden@example.invalid/mcp?api_key=hidden\nheader Authorization: •••\nheader X-Asked: ${input:x}'],
    ]);
    expect(JSON.stringify([...room.memory])).not.toMatch(/ghp_secret|abcdefgh1234|Bearer abc/);
  });

  it('that is taken back while a server starts ends it, and what is shown is that it waits for a yes', async () => {
    const room = await Room.open({ config: { servers: { a: stdio('never-initializes') } } });
    await room.until('a', 'starting');
    room.memory.clear();
    await room.servers.reload();
    await room.logged('a', /^"a" was stopped while it was starting\.$/);
    expect(room.server('a').state).toEqual({ kind: 'unapproved' });
  });

  it('comes before anything runs, and a yes is for that definition', async () => {
    let decide: (decisions: Map<string, 'allow' | 'deny'>) => void = () => undefined;
    const room = await Room.open({ config: { servers: { a: stdio(), b: stdio() } }, questions: { approveServers: () => new Promise((resolve) => (decide = resolve)) } });
    expect(room.servers.servers.map((server) => server.state.kind)).toEqual(['unapproved', 'unapproved']);
    expect(room.servers.servers.flatMap((server) => server.log)).toEqual([]);
    decide(new Map([['a', 'allow'], ['b', 'deny']]));
    await room.until('a', 'running');
    expect(room.server('b').state.kind).toBe('unapproved');
    expect((await room.failure('b', 'echo')).message).toBe('"b" was not approved to run. Start it from the servers view to be asked again.');
    expect(room.approvals).toHaveLength(1);
  });

  it('of a server that a person starts is asked at once, once, while a question about all of them still stands', async () => {
    const asked: string[] = [];
    let decide: (decisions: Map<string, 'allow' | 'deny'>) => void = () => undefined;
    const approveServers = async (servers: readonly ServerApproval[], wanted: boolean): Promise<Map<string, 'allow' | 'deny'>> => {
      asked.push(`${servers.map(({ id }) => id).join()}${wanted ? ' now' : ''}`);
      return wanted ? new Map([[servers[0]!.id, 'allow']]) : new Promise((resolve) => (decide = resolve));
    };
    const room = await Room.open({ config: { servers: { a: stdio(), b: stdio() } }, questions: { approveServers } });
    await Promise.all([room.server('a').start(), room.server('a').start()]);
    expect(room.server('a').state.kind).toBe('running');
    expect(asked).toEqual(['a,b', 'a now']);
    // Who answers the old question late decides on what it left open alone.
    decide(new Map([['a', 'deny'], ['b', 'allow']]));
    await room.until('b', 'running');
    await room.server('a').restart();
    expect(room.server('a').state.kind).toBe('running');
    expect(asked).toEqual(['a,b', 'a now']);
  });

  it('is remembered in the workspace, a no as well', async () => {
    const room = await Room.open({ config: { servers: { a: stdio(), b: stdio() } }, questions: { approveServers: async () => new Map([['a', 'allow'], ['b', 'deny']]) } });
    await room.until('a', 'running');
    const again = await Room.open({ after: room, questions: no });
    expect(await again.call('a', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect((await again.failure('b', 'echo')).message).toContain('was not approved');
    expect(again.approvals).toEqual([]);
  });

  it('is asked again for a changed definition, with the one before', async () => {
    const room = await Room.open({ config: { servers: { a: { ...stdio(), env: { PLACE: 'here' } } } } });
    await room.until('a', 'running');
    await room.configure({ servers: { a: { ...stdio(), env: { PLACE: 'there' } } } });
    await room.servers.reload();
    await room.until('a', 'running');
    const [asked] = room.approvals.at(-1) ?? [];
    expect(asked?.previous).toMatch(/env PLACE: here$/);
    expect(asked?.definition).toMatch(/env PLACE: there$/);
  });

  it('says that a value which is not shown has changed', async () => {
    const room = await Room.open({ config: { servers: { a: { ...stdio(), env: { MY_TOKEN: 'one-one-one' } } } } });
    await room.until('a', 'running');
    await room.configure({ servers: { a: { ...stdio(), env: { MY_TOKEN: 'two-two-two' } } } });
    await room.servers.reload();
    await room.until('a', 'running');
    expect(room.approvals.at(-1)?.[0]?.notices).toEqual(['A value that is not shown here has changed.']);
  });

  it('left open is asked again when the server is called', async () => {
    let asked = 0;
    const room = await Room.open({ config: { servers: { a: stdio() } }, questions: { approveServers: async (servers) => (++asked === 1 ? new Map() : new Map(servers.map((server) => [server.id, 'allow']))) } });
    await room.until('a', 'unapproved');
    expect(await room.call('a', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect(asked).toBe(2);
  });

  it('refused is asked again when a person starts the server', async () => {
    let answer: 'allow' | 'deny' = 'deny';
    const room = await Room.open({ config: { servers: { a: stdio() } }, questions: { approveServers: async (servers) => new Map(servers.map((server) => [server.id, answer])) } });
    await room.failure('a', 'echo');
    answer = 'allow';
    await room.server('a').start();
    expect(room.server('a').state.kind).toBe('running');
  });

  it.runIf(process.platform === 'linux')('of one in its sandbox is none for it without', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mcp-bwrap-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    // A sandbox that holds nothing back runs on every machine of ours.
    await writeFile(path.join(folder, 'bwrap'), '#!/bin/sh\nwhile [ $# -gt 1 ] && [ "$1" != -- ]; do shift; done\n[ "$1" = -- ] && shift\nexec "$@"\n');
    await chmod(path.join(folder, 'bwrap'), 0o755);
    const environment = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
    const config = { servers: { boxed: { ...stdio(), sandboxEnabled: true }, plain: stdio() } };
    const room = await Room.open({ config, environment });
    await room.until('boxed', 'running');
    await room.servers.close();
    const same = await Room.open({ after: room, environment });
    expect(await same.call('boxed', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect(same.approvals).toEqual([]);
    await same.servers.close();
    const without = { ...process.env, PATH: path.join(folder, 'none') };
    const lost = await Room.open({ after: room, environment: without, questions: nobody });
    expect((await lost.failure('boxed', 'echo')).message).toMatch(/was not approved to run/);
    expect(lost.server('boxed').log).toEqual([]);
    expect(await lost.call('plain', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect(lost.approvals[0]).toMatchObject([{ id: 'boxed', notices: [expect.stringMatching(/not applied, because bubblewrap/) as string, 'You allowed it in its sandbox, which it would run without now.'] }]);
    await lost.servers.close();
    // A yes to that stands, also once there is a sandbox again.
    const again = await Room.open({ after: room, environment: without });
    expect(await again.call('boxed', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect(again.approvals).toHaveLength(1);
    await again.servers.close();
    const back = await Room.open({ after: room, environment });
    expect(await back.call('boxed', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect(back.approvals).toEqual([]);
  });

  it('is nothing in a workspace that is not trusted: nothing is asked, nothing runs', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } }, trusted: false });
    expect(await room.failure('a', 'echo')).toMatchObject({ sent: 'no', message: expect.stringContaining('this workspace is not trusted. Trust the workspace') as string });
    expect(room.approvals).toEqual([]);
    expect(room.server('a').log).toEqual([]);
    room.trusted = true;
    room.changed.fire();
    await room.until('a', 'running');
    room.trusted = false;
    room.changed.fire();
    await room.until('a', 'stopped');
    expect((await room.failure('a', 'echo')).message).toContain('not trusted');
  });
});

describe('servers that settle', () => {
  it('have listed their tools or failed, whoever reloads meanwhile', async () => {
    const room = await Room.open({ config: { servers: { a: stdio(), b: stdio('exits'), c: stdio('never-initializes') } }, limits: { startTimeout: 3_000, probeTimeout: 1_000 } });
    await Promise.all([room.servers.settled(), room.servers.reload(), room.servers.settled()]);
    expect(room.servers.servers.map((server) => server.state.kind)).toEqual(['running', 'failed', 'failed']);
    expect(room.source('a').tools).not.toEqual([]);
  });
});

describe('remembered tools', () => {
  it('stand before anything is started; the first call starts the server', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } } });
    await room.until('a', 'running');
    const tools = room.source('a').tools;
    await room.servers.close();
    const again = await Room.open({ after: room });
    expect(again.source('a').state).toEqual({ kind: 'cached' });
    expect(again.source('a').tools).toEqual(tools);
    expect(again.source('a').instructions).toBe('Be gentle.');
    expect(again.server('a').log).toEqual([]);
    expect(await again.call('a', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect(again.source('a').state).toEqual({ kind: 'ready' });
  });

  it('are those of exactly one definition', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } } });
    await room.until('a', 'running');
    await room.servers.close();
    const again = await Room.open({ after: room, config: { servers: { a: stdio('pages') } }, questions: nobody });
    expect(again.source('a').tools).toEqual([]);
  });
});
