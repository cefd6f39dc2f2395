import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationPlaces, optionalPlaces, userFileOf, type OptionalPlace, type PlacesOptions } from '../../../src/mcp/configuration/places.js';
import { serverLines } from '../../../src/mcp/configuration/lines.js';
import type { ConfigurationPlace } from '../../../src/mcp/ports.js';
import { Room, stdio } from './room.js';

const everything: PlacesOptions = {
  folders: [{ name: 'app', path: '/w/app' }],
  userHome: '/home/me',
  environment: {},
  platform: 'linux',
  workspaceFile: '/w/all.code-workspace',
  userFile: '/data/User/mcp.json',
  remoteFile: '/server/User/mcp.json',
  isOn: () => true,
};

const shown = (options: Partial<PlacesOptions>): string[] => configurationPlaces({ ...everything, ...options }).map((place) => `${place.label}: ${place.path}`);

describe('the places servers are configured in', () => {
  it('come in VS Code’s precedence: folders, workspace file, remote machine, user, other clients', () => {
    expect(shown({})).toEqual([
      '.mcp.json: /w/app/.mcp.json',
      'Cursor: /w/app/.cursor/mcp.json',
      'workspace file: /w/all.code-workspace',
      'remote: /server/User/mcp.json',
      'user: /data/User/mcp.json',
      'Claude Desktop: /home/me/.config/Claude/claude_desktop_config.json',
      'Copilot CLI: /home/me/.copilot/mcp-config.json',
      'Cursor: /home/me/.cursor/mcp.json',
      'Windsurf: /home/me/.codeium/windsurf/mcp_config.json',
    ]);
  });

  it('are named by their folder where there are several', () => {
    const folders = [{ name: 'app', path: '/w/app' }, { name: 'lib', path: '/w/lib' }];
    expect(shown({ folders }).slice(0, 2)).toEqual(['app .mcp.json: /w/app/.mcp.json', 'lib .mcp.json: /w/lib/.mcp.json']);
  });

  it.each([
    ['darwin', {}, '/home/me/Library/Application Support/Claude/claude_desktop_config.json'],
    ['linux', { XDG_CONFIG_HOME: '/xdg' }, '/xdg/Claude/claude_desktop_config.json'],
    ['linux', {}, '/home/me/.config/Claude/claude_desktop_config.json'],
  ] as const)('follow the system: Claude Desktop on %s with %j', (platform, environment, file) => {
    expect(shown({ platform, environment, isOn: (place) => place === 'claude-desktop' })).toContain(`Claude Desktop: ${file}`);
  });

  it('follow COPILOT_HOME', () => {
    expect(shown({ environment: { COPILOT_HOME: '/elsewhere' }, isOn: (place) => place === 'copilot' })).toContain('Copilot CLI: /elsewhere/mcp-config.json');
  });

  it.each(optionalPlaces.map((place) => [place]))('are each read or not: %s', (place: OptionalPlace) => {
    const all = shown({});
    const rest = shown({ isOn: (each) => each !== place });
    expect(all.length - rest.length).toBe(1);
  });
});

describe('the user’s own file', () => {
  const profile = '/data/User/profiles/4a2f/globalStorage/code-mode.code-mode';
  it('stands beside the storage of the default profile', () => {
    expect(userFileOf('/data/User/globalStorage/code-mode.code-mode', undefined)).toBe(path.resolve('/data/User/mcp.json'));
  });

  it.each([
    ['has a file of its own', undefined, '/data/User/profiles/4a2f/mcp.json'],
    ['is not in the list', '{"userDataProfiles":[]}', '/data/User/profiles/4a2f/mcp.json'],
    ['is listed without sharing', '{"userDataProfiles":[{"location":"4a2f","name":"Work"}]}', '/data/User/profiles/4a2f/mcp.json'],
    ['shares the default one', '{"userDataProfiles":[{"location":"4a2f","useDefaultFlags":{"mcp":true}}]}', '/data/User/mcp.json'],
    ['shares, told as an address', '{"userDataProfiles":[{"location":{"path":"/data/User/profiles/4a2f"},"useDefaultFlags":{"mcp":true}}]}', '/data/User/mcp.json'],
    ['stands in a damaged list', '{"userDataProfiles":', '/data/User/profiles/4a2f/mcp.json'],
  ])('of another profile, which %s', (_, list, file) => {
    expect(userFileOf(profile, list)).toBe(path.resolve(file));
  });
});

describe('a file of another machine', () => {
  const elsewhere = (servers: object): ConfigurationPlace => ({
    path: 'mcp.json on your own machine',
    label: 'local user',
    format: 'vscode',
    elsewhere: { read: async () => JSON.stringify({ servers }), reason: 'is configured on your own machine and cannot be started here. Add it to the workspace.' },
  });

  it('lists its programs as out of reach with the reason: nothing is asked and nothing started', async () => {
    const room = await Room.open({ configurationFiles: [elsewhere({ local: stdio() })] });
    await room.servers.settled();
    expect(room.server('local').state).toEqual({ kind: 'outOfReach', message: '"local" is configured on your own machine and cannot be started here. Add it to the workspace.' });
    expect(room.source('local').state).toMatchObject({ kind: 'failed' });
    expect(room.approvals).toEqual([]);
    expect(await room.failure('local', 'echo')).toMatchObject({ sent: 'no', message: expect.stringMatching(/cannot be started here/) as string });
    await expect(room.server('local').start()).rejects.toThrow(/Add it to the workspace/);
    expect(room.server('local').log).toEqual([]);
  });

  it('still gives its remote servers, which are reached from anywhere', async () => {
    const room = await Room.open({ configurationFiles: [elsewhere({ remote: { url: 'http://127.0.0.1:9/mcp' } })], questions: { approveServers: async () => new Map() } });
    expect(room.server('remote').state.kind).toBe('unapproved');
  });

  it('stands back where the same server is configured here as well', async () => {
    const room = await Room.open({ configurationFiles: [elsewhere({ files: stdio() })], folders: { second: { servers: { files: stdio() } } } });
    expect(room.servers.servers.map((server) => [server.source.id, server.origin.label])).toEqual([['files', 'second']]);
    await room.until('files', 'running');
  });
});

describe('the lines of a file of another client that name servers', () => {
  it.each([
    ['{\n  // mine\n  "mcpServers": {\n    "a": { "command": "x" },\n    "b": {\n      "url": "https://b"\n    },\n  }\n}', [['a', 3], ['b', 4]]],
    ['{"mcpServers":{"a":{},"b":{}}}', [['a', 0], ['b', 0]]],
    ['{\n"mcpServers":{\n"a":{"comm', [['a', 2]]],
    ['{"servers":{"a":{}}}', []],
    ['{"mcpServers":[]}', []],
    ['nonsense', []],
    ['', []],
  ])('%j', (text, lines) => {
    expect(serverLines(text).map(({ name, line }) => [name, line])).toEqual(lines);
  });
});

describe('a configuration file is watched', () => {
  /** Resolves at the next change of the servers. */
  const changed = (room: Room): Promise<void> => new Promise((resolve) => {
    const subscription = room.servers.onDidChange(() => {
      subscription.dispose();
      resolve();
    });
  });

  it('while neither it nor its folder exists', async () => {
    const room = await Room.open();
    await mkdir(room.folder, { recursive: true });
    const seen = changed(room);
    await room.configure({ servers: { a: stdio() } });
    await seen;
    expect(room.servers.servers.map((server) => server.name)).toEqual(['a']);
  });

  it('and what it changes is reconnected, nothing else', async () => {
    const room = await Room.open({ config: { servers: { same: stdio(), other: stdio() } } });
    await Promise.all([room.until('same', 'running'), room.until('other', 'running')]);
    const pid = await room.call('same', 'pid');
    const seen = changed(room);
    await room.configure({ servers: { same: stdio(), other: stdio('pages') } });
    await seen;
    expect(room.approvals.flat().map((server) => server.id)).toEqual(['same', 'other', 'other']);
    expect(await room.call('same', 'pid')).toEqual(pid);
  });

  it('outside the workspace too, when it is replaced by another one as editors do, and when it goes', async () => {
    const place = await Room.open();
    const file = path.join(path.dirname(place.folder), 'client', 'mcp.json');
    const room = await Room.open({ configurationFiles: [{ path: file, label: 'Cursor', format: 'mcpServers', isUserWide: true }] });
    let seen = changed(room);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify({ mcpServers: { a: stdio() } }));
    await rename(`${file}.new`, file);
    await seen;
    await room.until('a', 'running');
    const { value } = (await room.call('a', 'pid')) as unknown as { value: { cwd: string } };
    expect(path.basename(value.cwd)).not.toBe('workspace');
    seen = changed(room);
    await rm(path.dirname(file), { recursive: true });
    await seen;
    expect(room.servers.servers).toEqual([]);
  });
});
