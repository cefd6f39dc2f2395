import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/json.js';
import { readConfiguration, type ConfigurationFile } from '../../../src/mcp/configuration/file.js';
import { readEnvironmentFile } from '../../../src/mcp/configuration/envFile.js';
import { socketOf } from '../../../src/mcp/network/socket.js';
import { Room, stdio } from './room.js';

const vscodeFile: ConfigurationFile = { path: '/w/.vscode/mcp.json', label: 'workspace', format: 'vscode' };
const foreignFile: ConfigurationFile = { path: '/home/.cursor/mcp.json', label: 'cursor', format: 'mcpServers' };

function definitions(file: ConfigurationFile, text: string): Record<string, unknown> {
  return Object.fromEntries(readConfiguration(file, text).servers.map((server) => [server.name, server.definition]));
}

describe('a configuration file', () => {
  it('is JSON with comments and trailing commas', () => {
    const text = `{
      // the tools of this project
      "servers": {
        "files": { "command": "npx", "args": ["-y", "server-filesystem",], "env": { "A": "x", "N": 3, "GONE": null }, "cwd": "sub" },
        "remote": { "type": "http", "url": "https://example.org/mcp", "headers": { "X": "1" } }, /* and more */
      },
    }`;
    expect(definitions(vscodeFile, text)).toEqual({
      files: { transport: 'stdio', command: 'npx', args: ['-y', 'server-filesystem'], env: { A: 'x', N: 3, GONE: null }, cwd: 'sub' },
      remote: { transport: 'http', url: 'https://example.org/mcp', headers: { X: '1' } },
    });
    expect(readConfiguration(vscodeFile, text).problems).toEqual([]);
  });

  it('may be empty, absent of servers, or start with a byte order mark', () => {
    expect(definitions(vscodeFile, '')).toEqual({});
    expect(definitions(vscodeFile, '{}')).toEqual({});
    expect(definitions(vscodeFile, '\uFEFF{"servers":{"a":{"command":"x"}}}')).toHaveProperty('a');
  });

  it('tells where it is malformed and why, and still gives the servers that are whole', () => {
    const { servers, problems } = readConfiguration(vscodeFile, '{\n  "servers": {\n    "good": { "command": "x" },\n    "bad": { "command": "y" "args": [] }\n  }\n}');
    expect(servers.map((server) => server.name)).toEqual(['good']);
    expect(problems).toEqual([{ file: vscodeFile.path, message: 'A comma was expected.', line: 3, column: 28, endLine: 3, endColumn: 34 }]);
  });

  it.each([
    ['{"servers": []}', /An object was expected/],
    ['[]', /An object with "servers" was expected/],
    ['{"servers": {"a": 3}}', /must be an object with "command" or "url"/],
    ['{"servers": {"a": {}}}', /needs "command" \(a program to start\) or "url"/],
    ['{"servers": {"a": {"type":"http"}}}', /needs "url"/],
    ['{"servers": {"a": {"type":"ftp","url":"ftp://x"}}}', /"type" must be "stdio", "http" or "sse"; "ftp" is none of them/],
    ['{"servers": {"a": {"url":"javascript:alert(1)"}}}', /must be an http or https address/],
    ...['unix:', 'unix:///', 'unix:///a%zz', 'unix://host', 'pipe:', 'file:///a'].map((url) => [JSON.stringify({ servers: { a: { url } } }), /must be an http or https address, or that of a socket/] as [string, RegExp]),
    ['{"servers": {"a": {"command":3}}}', /"command" must be a string/],
    ['{"servers": {"a": {"command":"x","args":"y"}}}', /"args" must be a list of strings/],
    ['{"servers": {"a": {"command":"x","env":{"A":true}}}}', /"A" in "env" must be a string, a number, or null/],
    ['{"servers": {"": {"command":"x"}}}', /A server needs a name/],
    ['{"servers": {"a":{"command":"x"},"a":{"command":"y"}}}', /"a" is defined twice/],
    ['{"inputs": [{"type":"promptString"}]}', /An input needs an "id"/],
    ['{"inputs": [{"id":"a","type":"pickString"}]}', /needs "options"/],
    ['{"inputs": [{"id":"a","type":"guess"}]}', /"promptString", "pickString" or "command"/],
    ['nonsense', /./],
  ])('tells of %s', (text, message) => {
    expect(readConfiguration(vscodeFile, text).problems.map((problem) => problem.message).join('\n')).toMatch(message);
  });

  it.each(['unix:///tmp/a%20server.sock', 'unix:///tmp/server.sock#/mcp', 'unix:///tmp/server.sock#//elsewhere.example/mcp', 'pipe:///pipe/server'])('takes %s as the address of a server', (url) => {
    const { servers, problems } = readConfiguration(vscodeFile, JSON.stringify({ servers: { a: { url } } }));
    expect(servers[0]?.definition).toMatchObject({ transport: 'http', url });
    expect(problems).toEqual([]);
    expect(socketOf(new URL(url))?.url.origin).toBe('http://localhost');
  });

  it('never throws, whatever it holds', () => {
    for (const text of ['{', '"', '{"servers":{"a":', '\u0000', '{"servers":{"__proto__":{"command":"x"},"constructor":{"command":"y"}}}', '['.repeat(5_000)]) expect(() => readConfiguration(vscodeFile, text)).not.toThrow();
    expect(readConfiguration(vscodeFile, '{"servers":{"__proto__":{"command":"x"}}}').servers.map((server) => server.name)).toEqual(['__proto__']);
  });

  it('of another client says the same in other words', () => {
    expect(definitions(foreignFile, '{"mcpServers":{"a":{"command":"x"},"b":{"url":"https://b.example/mcp"},"c":{"serverUrl":"https://c.example/sse","type":"sse"},"d":{"httpUrl":"https://d.example"},"off":{"command":"x","disabled":true},"e":{"type":"streamable-http","url":"https://e.example"}}}')).toEqual({
      a: { transport: 'stdio', command: 'x', args: [], env: {} },
      b: { transport: 'http', url: 'https://b.example/mcp', headers: {} },
      c: { transport: 'sse', url: 'https://c.example/sse', headers: {} },
      d: { transport: 'http', url: 'https://d.example', headers: {} },
      e: { transport: 'http', url: 'https://e.example', headers: {} },
    });
  });

  it('of a workspace holds them under settings', () => {
    expect(definitions({ ...vscodeFile, path: '/w/my.code-workspace' }, '{"folders":[],"settings":{"mcp":{"servers":{"a":{"command":"x"}}}}}')).toHaveProperty('a');
  });

  it('.mcp.json knows no variables, and a server that uses them says so', () => {
    const [server] = readConfiguration({ path: '/w/.mcp.json', label: '.mcp.json', format: 'mcpServers' }, '{"mcpServers":{"a":{"command":"${HOME}/x"}}}').servers;
    expect(server).toMatchObject({ variables: false, notices: [expect.stringContaining('mean nothing in .mcp.json')] });
  });

  it('may ask for a sandbox, server by server', () => {
    const { servers } = readConfiguration(vscodeFile, '{"servers":{"a":{"command":"x","sandboxEnabled":true},"b":{"command":"x","sandboxEnabled":false}},"sandbox":{"network":{}}}');
    expect(servers.map(({ definition }) => definition.transport === 'stdio' && definition.sandbox)).toEqual([{ network: {} }, undefined]);
  });
});

describe('an environment file', () => {
  it('holds a variable a line', () => {
    expect(readEnvironmentFile('A=1\n# B=2\nexport C = three # not this\nD="a\\nb"\nE=\'x # y\'\nF=\nnonsense\n  G=https://x/?a=b#c\r\n')).toEqual({ A: '1', C: 'three', D: 'a\nb', E: 'x # y', F: '', G: 'https://x/?a=b#c' });
  });
});

describe('variables of a definition', () => {
  it('are filled in', async () => {
    const env = { FROM_CONFIG: '${config:my.setting}', FROM_ENV: '${env:OUTSIDE}', HOME_HERE: '${userHome}', UNSET: '${env:NOT_SET}', LITERAL: '${unknown:thing} $HOME', REMOVED: null, FOLDER: '${workspaceFolder:workspace}', NUMBER: 7 };
    const room = await Room.open({
      config: { servers: { a: { ...stdio(), env, envFile: '${workspaceFolder}/.env', cwd: '${workspaceFolder}' } } },
      environment: { PATH: process.env.PATH, OUTSIDE: 'from outside', REMOVED: 'there' },
      settings: { 'my.setting': 'a setting' },
    });
    await writeFile(path.join(room.folder, '.env'), 'FROM_FILE=filed\nFROM_ENV=overruled\n');
    const value = async (name: string): Promise<unknown> => ((await room.call('a', 'environment', { name })) as { value: unknown }).value;
    await room.server('a').restart();
    expect(await value('FROM_CONFIG')).toBe('a setting');
    expect(await value('FROM_ENV')).toBe('from outside');
    expect(await value('FROM_FILE')).toBe('filed');
    expect(await value('HOME_HERE')).toBe(path.dirname(room.folder));
    expect(await value('UNSET')).toBe('');
    expect(await value('LITERAL')).toBe('${unknown:thing} $HOME');
    expect(await value('REMOVED')).toBe('(not set)');
    expect(await value('FOLDER')).toBe(room.folder);
    expect(await value('NUMBER')).toBe(7);
    expect(await room.call('a', 'pid')).toMatchObject({ value: { cwd: room.folder } });
  });

  it.each([
    [{ ...stdio(), env: { A: '${input:nobody}' } }, /"a" was not started: it asks for the input "nobody", which its file does not define/],
    [{ ...stdio(), envFile: '/no/such.env' }, /its envFile \/no\/such.env could not be read \(ENOENT\)/],
    [{ ...stdio(), cwd: '/no/such/folder' }, /its working folder \/no\/such\/folder does not exist/],
    [{ ...stdio(), env: { A: '${config:no.such}' } }, /the setting "no.such" has no text/],
    [{ ...stdio(), env: { A: '${workspaceFolder:other}' } }, /there is no workspace folder "other"/],
    [{ url: 'http://127.0.0.1/', headers: { 'bad header': 'x' } }, /header "bad header" has a name or value that HTTP does not allow/],
    [{ url: '${config:address}' }, /"not an address" is not an address of a server \(http, https, unix or pipe\)/],
  ])('that cannot be filled in are told: %j', async (definition, message) => {
    const room = await Room.open({ config: { servers: { a: definition } }, settings: { address: 'not an address' } });
    expect(await room.failure('a', 'echo')).toMatchObject({ sent: 'no', message: expect.stringMatching(message) as string });
    expect(room.server('a').state.kind).toBe('failed');
  });

  it('inputs of all three kinds are asked once, kept with the secrets, and asked by one server for all', async () => {
    const inputs = [
      { id: 'token', type: 'promptString', description: 'A token', password: true },
      { id: 'mode', type: 'pickString', options: ['fast', 'slow'], default: 'slow' },
      { id: 'made', type: 'command', command: 'my.command', args: { a: 1 } },
    ];
    const env = { TOKEN: '${input:token}', MODE: '${input:mode}', MADE: '${input:made}' };
    const answers: Record<string, string> = { token: 'tok-12345', mode: 'fast', made: 'made up' };
    const questions = { input: async ({ id }: { id: string }) => answers[id] };
    const room = await Room.open({ config: { inputs: inputs as unknown as JsonValue, servers: { a: { ...stdio(), env }, b: { ...stdio(), env } } }, questions });
    await Promise.all([room.until('a', 'running'), room.until('b', 'running')]);
    expect(room.inputs).toEqual([
      { id: 'token', kind: 'promptString', description: 'A token', password: true },
      { id: 'mode', kind: 'pickString', password: false, options: ['fast', 'slow'], default: 'slow' },
      { id: 'made', kind: 'command', password: false, command: 'my.command', args: { a: 1 } },
    ]);
    expect(await room.call('b', 'environment', { name: 'MODE' })).toEqual({ ok: true, value: 'fast' });
    await room.server('a').restart();
    expect(room.inputs).toHaveLength(3);
    const again = await Room.open({ after: room });
    await again.server('a').start();
    expect(again.inputs).toEqual([]);
  });

  it('an input that is not given leaves the server unstarted, and is asked for again the next time', async () => {
    const room = await Room.open({ config: { inputs: [{ id: 'token', type: 'promptString', password: true }], servers: { a: { ...stdio(), env: { T: '${input:token}' } } } } });
    await room.until('a', 'failed');
    expect((await room.failure('a', 'echo')).message).toBe('"a" was not started: it needs the input "token", which was not given.');
    expect(room.inputs).toHaveLength(2);
  });
});

describe('servers from several places', () => {
  it('keep their names by precedence; the others are told apart by where they come from', async () => {
    const room = await Room.open({ config: { servers: { files: stdio(), repo: stdio() } }, folders: { second: { servers: { files: stdio('pages') } } } });
    expect(room.servers.servers.map((server) => [server.source.id, server.origin.label])).toEqual([
      ['files', 'workspace'],
      ['repo_workspace', 'workspace'],
      ['files_second', 'second'],
    ]);
  });

  it('that are the same server are one', async () => {
    const room = await Room.open({ config: { servers: { files: { command: 'x' } } }, folders: { second: { servers: { files: { command: 'x' } } } } });
    expect(room.servers.servers.map((server) => server.source.id)).toEqual(['files']);
  });

  it('of other clients come after, with their origin', async () => {
    const home = await Room.open();
    const file = path.join(path.dirname(home.folder), 'cursor.json');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ mcpServers: { files: stdio(), only: stdio() } }));
    const room = await Room.open({ config: { servers: { files: stdio('pages') } }, configurationFiles: [{ path: file, label: 'Cursor', format: 'mcpServers' }, { path: '/no/such/file.json', label: 'none', format: 'mcpServers' }] });
    expect(room.servers.servers.map((server) => [server.source.id, server.name, server.origin.file === file])).toEqual([
      ['files', 'files', false],
      ['files_Cursor', 'files', true],
      ['only', 'only', true],
    ]);
    expect(room.servers.problems).toEqual([]);
  });
});

describe('a file that changes', () => {
  it('touches exactly the servers it redefines', async () => {
    const room = await Room.open({ config: { servers: { same: stdio(), other: stdio() } } });
    await Promise.all([room.until('same', 'running'), room.until('other', 'running')]);
    const { value: before } = (await room.call('same', 'pid')) as unknown as { value: { pid: number } };
    let changes = 0;
    room.servers.onDidChange(() => changes++);
    await room.configure({ servers: { added: stdio(), same: stdio(), other: stdio('pages') } });
    room.changed.fire();
    await room.servers.reload();
    expect(room.servers.servers.map((server) => server.name)).toEqual(['added', 'same', 'other']);
    expect(await room.call('same', 'pid')).toMatchObject({ value: { pid: before.pid } });
    expect(changes).toBeGreaterThan(0);
    expect(room.approvals.at(-1)?.map((server) => server.id)).toEqual(['added', 'other']);
  });

  it('is broken for a moment: nothing is ended, and it says where it is broken', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } } });
    const { value: before } = (await room.call('a', 'pid')) as unknown as { value: { pid: number } };
    await room.configure('{ "servers": { "a": ');
    await room.servers.reload();
    expect(room.servers.problems).not.toEqual([]);
    expect(await room.call('a', 'pid')).toMatchObject({ value: { pid: before.pid } });
  });

  it('loses a server: its process is ended', async () => {
    const room = await Room.open({ config: { servers: { a: stdio(), b: stdio() } } });
    const source = room.source('a');
    await room.call('a', 'pid');
    await room.configure({ servers: { b: stdio() } });
    await room.servers.reload();
    await expect(source.call('echo', {}, room.context())).rejects.toThrow(/"a" is no longer configured/);
    expect(await room.call('b', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });
});
