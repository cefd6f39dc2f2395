import { describe, expect, it } from 'vitest';
import { isReadByEditor } from '../../../src/mcp/configuration/native.js';
import { Room, stdio } from './room.js';

describe('a server is native', () => {
  it.each([
    ['/w/.vscode/mcp.json', undefined, true],
    ['/w/.mcp.json', undefined, true],
    ['/home/me/.config/Code/User/mcp.json', undefined, true],
    ['/w/my.code-workspace', undefined, true],
    ['/w/.cursor/mcp.json', undefined, false],
    ['/w/.cursor/mcp.json', { 'cursor-workspace': true }, true],
    ['/w/.cursor/mcp.json', { 'cursor-global': true }, false],
    ['/home/me/.cursor/mcp.json', { 'cursor-global': true }, true],
    ['C:\\Users\\me\\AppData\\Roaming\\Claude\\claude_desktop_config.json', { 'claude-desktop': false }, false],
    ['/home/me/.codeium/windsurf/mcp_config.json', true, true],
    ['/home/me/.copilot/mcp-config.json', {}, false],
  ])('%s, discovery %j: %s', (file, discovery, expected) => {
    expect(isReadByEditor(file, '/home/me', discovery)).toBe(expected);
  });
});

describe('a server that somebody else is to start', () => {
  it('is told with every variable filled in', async () => {
    const room = await Room.open({
      config: {
        servers: { a: { ...stdio(), cwd: '${workspaceFolder}', env: { PLACE: '${config:my.place}', PATH: null } }, b: { url: 'http://127.0.0.1:1/mcp', headers: { 'X-Key': '${input:key}' } } },
        inputs: [{ id: 'key', type: 'promptString', password: true }],
      },
      settings: { 'my.place': 'here' },
      questions: { input: async () => 'k-12345678' },
    });
    const local = await room.server('a').resolve();
    expect(local).toMatchObject({ kind: 'stdio', launch: { command: process.execPath, cwd: room.folder, environment: { PLACE: 'here' } } });
    expect(local?.kind === 'stdio' && 'PATH' in local.launch.environment).toBe(false);
    expect(await room.server('b').resolve()).toMatchObject({ kind: 'http', headers: { 'X-Key': 'k-12345678' } });
  });

  it('is not told before it was approved', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } }, questions: { approveServers: async (servers) => new Map(servers.map(({ id }) => [id, 'deny'])) } });
    expect(await room.server('a').resolve()).toBeUndefined();
  });
});
