import { describe, expect, it } from 'vitest';
import { addServer, freeName } from '../../../src/mcp/configuration/edit.js';
import { readConfiguration } from '../../../src/mcp/configuration/file.js';
import { parseNewServer, splitCommandLine } from '../../../src/mcp/configuration/newServer.js';

describe('adding a server to a file', () => {
  it('keeps comments, order and indentation', () => {
    const text = '{\n  // ours\n  "servers": {\n    "a": { "command": "x" }, // the first\n  },\n  "inputs": [],\n}\n';
    const after = addServer({ text, format: 'vscode' }, 'b', { type: 'http', url: 'https://b.example' }, [{ id: 'key', type: 'promptString', password: true, description: 'A key' }]);
    expect(after).toContain('// ours');
    expect(after).toContain('// the first');
    expect(after).toContain('\n    "b": {\n      "type": "http",');
    const read = readConfiguration({ path: '/w/mcp.json', label: 'w', format: 'vscode' }, after);
    expect(read.problems).toEqual([]);
    expect(read.servers.map((server) => server.name)).toEqual(['a', 'b']);
    expect([...(read.servers[0]?.inputs.values() ?? [])]).toEqual([{ id: 'key', type: 'promptString', password: true, description: 'A key' }]);
  });

  it.each([
    ['without a comma', '{\n  "servers": {\n    "a": { "command": "x", "args": ["1"] } // the last\n  }\n}\n', '{\n  "servers": {\n    "a": { "command": "x", "args": ["1"] }, // the last\n    "b": {\n      "command": "y"\n    }\n  }\n}\n'],
    ['with one, and a comment after', '{\n\t"servers": {\n\t\t"a": { "command": "x" }, /* one */ // two\n\t\t// the end\n\t},\n}\n', '{\n\t"servers": {\n\t\t"a": { "command": "x" }, /* one */ // two\n\t\t"b": {\n\t\t\t"command": "y"\n\t\t},\n\t\t// the end\n\t},\n}\n'],
    ['with carriage returns', '{\r\n  "servers": {\r\n    "a": { "command": "x" }\r\n  }\r\n}\r\n', '{\r\n  "servers": {\r\n    "a": { "command": "x" },\r\n    "b": {\r\n      "command": "y"\r\n    }\r\n  }\r\n}\r\n'],
  ])('leaves what is there byte for byte: %s', (_, text, after) => {
    expect(addServer({ text, format: 'vscode' }, 'b', { command: 'y' })).toBe(after);
  });

  it.each(['{"servers":{"a":{"command":"x"}}}', '{ "servers": { "a": { "command": "x" } } } // end', '{\n  "servers": { "a": { "command": "x" },\n "z": { "command": "z" } }\n}', '{\n  "servers": {\n    // none yet\n  }\n}'])('is right however the file is written: %j', (text) => {
    const read = readConfiguration({ path: '/w/mcp.json', label: 'w', format: 'vscode' }, addServer({ text, format: 'vscode' }, 'b', { command: 'y' }, [{ id: 'k', type: 'promptString', password: true }]));
    expect(read.problems).toEqual([]);
    expect(read.servers.at(-1)).toMatchObject({ name: 'b', definition: { command: 'y' } });
    expect(read.servers.at(-1)?.inputs.get('k')).toMatchObject({ password: true });
  });

  it('makes a file that was not there, empty, or of another client', () => {
    for (const text of [undefined, '', '  \n', '{}']) expect(JSON.parse(addServer({ text, format: 'vscode' }, 'a', { command: 'x' }))).toEqual({ servers: { a: { command: 'x' } } });
    expect(JSON.parse(addServer({ text: '{"mcpServers":{"z":{"command":"z"}}}', format: 'mcpServers' }, 'a', { command: 'x' }))).toEqual({ mcpServers: { z: { command: 'z' }, a: { command: 'x' } } });
    expect(JSON.parse(addServer({ text: '{"folders":[]}', format: 'vscode', workspaceFile: true }, 'a', { command: 'x' }))).toEqual({ folders: [], settings: { mcp: { servers: { a: { command: 'x' } } } } });
  });

  it('does not ask for an input twice', () => {
    const input = { id: 'key', type: 'promptString', password: true } as const;
    const once = addServer({ text: undefined, format: 'vscode' }, 'a', { command: 'x' }, [input]);
    const twice = addServer({ text: once, format: 'vscode' }, 'b', { command: 'y' }, [input, { ...input, id: 'other' }]);
    expect((JSON.parse(twice) as { inputs: { id: string }[] }).inputs.map(({ id }) => id)).toEqual(['key', 'other']);
  });

  it('finds a name that is free', () => {
    const edit = { text: '{"servers":{"a":{"command":"x"},"a-2":{"command":"y"}} /* end */}', format: 'vscode' } as const;
    expect([freeName(edit, 'a'), freeName(edit, 'b'), freeName({ text: undefined, format: 'vscode' }, 'a')]).toEqual(['a-3', 'b', 'a']);
  });
});

describe('what a person gives for a new server', () => {
  it.each([
    ['https://mcp.sentry.dev/mcp', 'sentry', { type: 'http', url: 'https://mcp.sentry.dev/mcp' }],
    ['https://example.org/sse', 'example', { type: 'sse', url: 'https://example.org/sse' }],
    ['@modelcontextprotocol/server-filesystem', 'filesystem', { type: 'stdio', command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem'] }],
    ['my-mcp-server@1.2.3', 'my', { type: 'stdio', command: 'npx', args: ['-y', 'my-mcp-server@1.2.3'] }],
    ['$ npx -y @playwright/mcp --headless', 'mcp', { type: 'stdio', command: 'npx', args: ['-y', '@playwright/mcp', '--headless'] }],
    ['uvx mcp-server-git --repository "/my repo"', 'git', { type: 'stdio', command: 'uvx', args: ['mcp-server-git', '--repository', '/my repo'] }],
    ['python3 ./tools/server.py', 'server', { type: 'stdio', command: 'python3', args: ['./tools/server.py'] }],
    ['DEBUG=1 mytool serve', 'mytool', { type: 'stdio', command: 'mytool', args: ['serve'], env: { DEBUG: '1' } }],
  ])('%s', (text, name, definition) => {
    expect(parseNewServer(text)).toEqual({ name, definition, inputs: [] });
  });

  it('holds secrets: they become inputs and none is written', () => {
    const { definition, inputs } = parseNewServer('GITHUB_TOKEN=ghp_abcdef npx -y server-github --api-key=k-123456 --password hunter22')!;
    expect(definition).toEqual({ type: 'stdio', command: 'npx', args: ['-y', 'server-github', '--api-key=${input:github-api-key}', '--password', '${input:github-password}'], env: { GITHUB_TOKEN: '${input:github-github-token}' } });
    expect(inputs.map(({ id, password }) => [id, password])).toEqual([['github-github-token', true], ['github-api-key', true], ['github-password', true]]);
    const remote = parseNewServer('https://mcp.example.org/mcp?api_key=abcd1234efgh&view=all')!;
    expect(remote.definition).toEqual({ type: 'http', url: 'https://mcp.example.org/mcp?api_key=${input:example-key}&view=all' });
  });

  it.each([
    ['package', 'files /tmp --mode ro', { type: 'stdio', command: 'npx', args: ['-y', 'files', '/tmp', '--mode', 'ro'] }],
    ['package', 'npx -y @playwright/mcp', { type: 'stdio', command: 'npx', args: ['-y', '@playwright/mcp'] }],
    ['package', 'uvx mcp-server-git', { type: 'stdio', command: 'uvx', args: ['mcp-server-git'] }],
    ['command', 'my-mcp-server', { type: 'stdio', command: 'my-mcp-server', args: [] }],
    ['command', '"C:\\Program Files\\x.exe" a', { type: 'stdio', command: 'C:\\Program Files\\x.exe', args: ['a'] }],
    ['address', 'https://example.org/mcp', { type: 'http', url: 'https://example.org/mcp' }],
  ] as const)('said to be a %s: %s', (form, text, definition) => {
    expect(parseNewServer(text, form)?.definition).toEqual(definition);
  });

  it('said to be an address and none is refused', () => {
    expect(parseNewServer('npx server', 'address')).toBeUndefined();
  });

  it('may be nothing', () => {
    expect(parseNewServer('  ')).toBeUndefined();
  });

  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['a "b c" \'d "e"\' f\\ g', ['a', 'b c', 'd "e"', 'f g']],
    ['a "b \\"c\\"" C:\\dir\\x.exe', ['a', 'b "c"', 'C:\\dir\\x.exe']],
    ['--x="a b"', ['--x=a b']],
    ['a ""', ['a', '']],
  ])('is split as a shell splits it: %s', (line, words) => {
    expect(splitCommandLine(line)).toEqual(words);
  });
});
