import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Progress } from '../../../src/catalog/source.js';
import type { JsonObject } from '../../../src/json.js';
import type { Connection } from '../../../src/mcp/connection/connection.js';
import { Room } from './room.js';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/mcp');
const program = (name: string, file = 'dist/index.js'): string => path.resolve(import.meta.dirname, '../../../node_modules', name, file);
const installed = (name: string): string => program(`@modelcontextprotocol/${name}`);
const node = (...args: readonly string[]): JsonObject => ({ command: process.execPath, args: [...args] });

/** Starts a server that listens, and ends it with the test; resolves with what the pattern finds in what it says. */
async function listening(args: readonly string[], pattern: RegExp, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = pattern.exec(text);
      if (found !== null) resolve(found[1] ?? '');
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(`It ended: ${text}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startedEverything(transport: 'streamableHttp' | 'sse'): Promise<number> {
  const port = await freePort();
  await listening([installed('server-everything'), transport], /(?:listening|running) on port (\d+)/, { PORT: String(port) });
  return port;
}

describe('a real server from npm', () => {
  it('everything, by stdio', async () => {
    const room = await Room.open({ config: { servers: { a: node(installed('server-everything')) } } });
    expect(await room.call('a', 'echo', { message: 'hi' })).toEqual({ ok: true, value: 'Echo: hi' });
    expect(await room.call('a', 'get-structured-content', { location: 'New York' })).toMatchObject({ ok: true, value: { conditions: expect.any(String) as string } });
    expect(await room.call('a', 'get-tiny-image')).toMatchObject({ value: [expect.any(String), { mimeType: 'image/png' }, expect.any(String)] });
    expect(await room.call('a', 'get-sum', { a: 'x' })).toMatchObject({ ok: false, message: expect.stringContaining('Invalid arguments') as string });
    await room.call('a', 'trigger-long-running-operation', { duration: 0.2, steps: 2 });
    expect(room.progress.at(-1)).toMatchObject({ done: 2, total: 2 });
  });

  it('everything, by streamable HTTP', async () => {
    const port = await startedEverything('streamableHttp');
    const room = await Room.open({ config: { servers: { a: { type: 'http', url: `http://127.0.0.1:${port}/mcp` } } } });
    expect(await room.call('a', 'echo', { message: 'hi' })).toEqual({ ok: true, value: 'Echo: hi' });
    expect(room.server('a').transport).toBe('http');
  });

  it('everything, by SSE, found by falling back', async () => {
    const port = await startedEverything('sse');
    const room = await Room.open({ config: { servers: { a: { url: `http://127.0.0.1:${port}/sse` } } } });
    expect(await room.call('a', 'echo', { message: 'hi' })).toEqual({ ok: true, value: 'Echo: hi' });
    expect(room.server('a').transport).toBe('sse');
  });

  it('filesystem', async () => {
    const room = await Room.open({ config: { servers: { a: node(installed('server-filesystem'), '${workspaceFolder}') } } });
    await writeFile(path.join(room.folder, 'a.txt'), 'contents');
    expect(await room.call('a', 'read_text_file', { path: path.join(room.folder, 'a.txt') })).toEqual({ ok: true, value: { content: 'contents' } });
    expect(await room.call('a', 'read_text_file', { path: '/etc/hostname' })).toMatchObject({ ok: false, message: expect.stringContaining('Access denied') as string });
    expect(room.source('a').tools.every((tool) => tool.outputSchema !== undefined && tool.oddities === undefined)).toBe(true);
  });

  it('memory', async () => {
    const room = await Room.open({ config: { servers: { a: { ...node(installed('server-memory')), env: { MEMORY_FILE_PATH: '${workspaceFolder}/memory.json' } } } } });
    const entities = [{ name: 'A', entityType: 'note', observations: ['one'] }];
    expect(await room.call('a', 'create_entities', { entities })).toEqual({ ok: true, value: { entities } });
    expect(await room.call('a', 'read_graph')).toEqual({ ok: true, value: { entities, relations: [] } });
  });

  it('sequential-thinking', async () => {
    const room = await Room.open({ config: { servers: { a: node(installed('server-sequential-thinking')) } } });
    expect(await room.call('a', 'sequentialthinking', { thought: 'x', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 })).toMatchObject({ ok: true, value: { thoughtNumber: 1, thoughtHistoryLength: 1 } });
  });
});

/** A folder with a repository of one commit and a file that ESLint finds fault with. */
async function repository(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'bad.js'), 'const unused = 1;\n');
  await writeFile(path.join(folder, 'eslint.config.js'), "module.exports = [{ rules: { 'no-unused-vars': 'error' } }];\n");
  const git = (...args: readonly string[]): unknown => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: folder });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--no-gpg-sign', '--message', 'Begin');
  return folder;
}

/** How to reach one server of npm that is not of the protocol's own authors, and a call of it that proves it works. */
interface Foreign {
  readonly stdio: (folder: string) => JsonObject;
  readonly http?: (port: number, folder: string) => { readonly args: readonly string[]; readonly environment?: Readonly<Record<string, string>>; readonly ready: RegExp };
  readonly tool: string;
  readonly args: (folder: string) => JsonObject;
  readonly expected: unknown;
}

const foreign: Readonly<Record<string, Foreign>> = {
  '@cyanheads/git-mcp-server': {
    stdio: (folder) => ({ ...node(program('@cyanheads/git-mcp-server')), env: { MCP_TRANSPORT_TYPE: 'stdio', GIT_BASE_DIR: folder, MCP_LOG_LEVEL: 'error' } }),
    http: (port, folder) => ({ args: [program('@cyanheads/git-mcp-server')], environment: { MCP_TRANSPORT_TYPE: 'http', MCP_HTTP_PORT: String(port), GIT_BASE_DIR: folder, MCP_LOG_LEVEL: 'info', NODE_ENV: 'production' }, ready: /HTTP transport started/ }),
    tool: 'git_status',
    args: (folder) => ({ path: folder }),
    expected: { ok: true, value: { success: true, currentBranch: 'main' } },
  },
  '@eslint/mcp': {
    stdio: (folder) => ({ ...node(program('@eslint/mcp', 'src/mcp-cli.js')), cwd: folder }),
    tool: 'lint-files',
    args: (folder) => ({ filePaths: [path.join(folder, 'bad.js')] }),
    expected: { ok: true, value: expect.arrayContaining([expect.objectContaining({ messages: [expect.objectContaining({ ruleId: 'no-unused-vars' })] })]) as unknown },
  },
  'time-mcp': {
    stdio: () => node(program('time-mcp')),
    tool: 'days_in_month',
    args: () => ({ date: '2028-02-01' }),
    expected: { ok: true, value: 'The number of days in month is 29.' },
  },
  'mcp-server-code-runner': {
    stdio: () => node(program('mcp-server-code-runner', 'dist/cli.js')),
    tool: 'run-code',
    args: () => ({ code: 'console.log(6 * 7)', languageId: 'javascript' }),
    expected: { ok: true, value: 42 },
  },
  // Built with the second generation of the SDK.
  '@modelcontextprotocol/server-pdf': {
    stdio: () => node(installed('server-pdf'), '--stdio'),
    http: (port) => ({ args: [installed('server-pdf')], environment: { PORT: String(port) }, ready: /listening on/ }),
    tool: 'list_pdfs',
    args: () => ({}),
    expected: { ok: true, value: { localFiles: [] } },
  },
};

describe.each(Object.entries(foreign))('%s', (_, server) => {
  it('by stdio', async () => {
    const folder = await repository(await mkdtemp(path.join(tmpdir(), 'mcp-matrix-')));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const room = await Room.open({ config: { servers: { a: server.stdio(folder) } } });
    expect(await room.call('a', server.tool, server.args(folder))).toMatchObject(server.expected as object);
  });

  it.runIf(server.http !== undefined)('by streamable HTTP', async () => {
    const folder = await repository(await mkdtemp(path.join(tmpdir(), 'mcp-matrix-')));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const port = await freePort();
    const { args, environment, ready } = server.http!(port, folder);
    await listening(args, ready, environment);
    const room = await Room.open({ config: { servers: { a: { type: 'http', url: `http://localhost:${port}/mcp` } } } });
    expect(await room.call('a', server.tool, server.args(folder))).toMatchObject(server.expected as object);
    expect(room.server('a').transport).toBe('http');
  });
});

describe('@modelcontextprotocol/server-gitlab, whose list the SDK refuses as a whole', () => {
  it('loads tool by tool, with the odd ones marked', async () => {
    // As npm installs it where another package brings zod 4: it does not name its own.
    const folder = await mkdtemp(path.join(tmpdir(), 'mcp-gitlab-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await cp(program('@modelcontextprotocol/server-gitlab', '.'), folder, { recursive: true, filter: (source) => path.basename(source) !== 'node_modules' });
    await mkdir(path.join(folder, 'node_modules'));
    for (const name of ['zod', 'zod-to-json-schema', 'node-fetch']) await symlink(program(name, '.'), path.join(folder, 'node_modules', name), 'junction');
    await symlink(program('@modelcontextprotocol/server-gitlab', 'node_modules/@modelcontextprotocol'), path.join(folder, 'node_modules/@modelcontextprotocol'), 'junction');
    const room = await Room.open({ config: { servers: { a: { ...node(path.join(folder, 'dist/index.js')), env: { GITLAB_PERSONAL_ACCESS_TOKEN: 'glpat-0123456789', GITLAB_API_URL: 'http://127.0.0.1:1/api/v4' } } } } });
    await room.until('a', 'running');
    const { tools } = room.source('a');
    expect(tools).toHaveLength(9);
    expect(tools.filter((tool) => tool.oddities?.some((oddity) => oddity.includes('has no type')))).toHaveLength(9);
    expect(await room.call('a', 'search_repositories', { search: 'x' })).toMatchObject({ ok: false });
  });
});

describe.each(['sdk1', 'sdk2'])('a server built with %s', (generation) => {
  const reached = async (transport: string): Promise<JsonObject> => {
    const file = path.join(fixtures, `${generation}.mjs`);
    return transport === 'stdio' ? node(file, 'stdio') : { type: 'http', url: `http://127.0.0.1:${await listening([file, 'http'], /port (\d+)/)}/mcp` };
  };

  it.each(['stdio', 'http'])('by %s', async (transport) => {
    const room = await Room.open({ config: { servers: { a: await reached(transport) } }, questions: { elicit: async () => ({ action: 'accept', content: { colour: 'green' } }) } });
    expect(await room.call('a', 'greet', { name: 'you' })).toEqual({ ok: true, value: { greeting: 'Hello you' } });
    expect(await room.call('a', 'ask')).toEqual({ ok: true, value: 'accept: green' });
    expect(room.elicitations).toMatchObject([{ mode: 'form', server: 'a', message: 'Which colour?' }]);
    expect(await room.call('a', 'fail')).toMatchObject({ ok: false, message: expect.stringContaining('on purpose') as string });
    expect(await room.call('a', 'nothing-like-it')).toMatchObject({ ok: false });
    expect(await room.source('a').prompts?.get('review', { file: 'a.ts' }, room.context())).toEqual({ ok: true, value: { messages: [{ role: 'user', content: 'Review a.ts' }] } });
    expect(await room.source('a').resources?.read('note://one', room.context())).toEqual({ ok: true, value: 'noted' });
    expect(room.server('a').log.at(-1)).toContain(generation === 'sdk2' ? '2026-07-28)' : 'protocol before 2026-07-28');
  });

  it('ends while a person answers what it asks: the call is not made anew, since what it had done by then is not known', async () => {
    const asked: string[] = [];
    const room: Room = await Room.open({
      config: { servers: { a: await reached('stdio') } },
      questions: {
        elicit: async ({ message }) => {
          asked.push(message);
          process.kill((room.server('a') as Connection).pid!, 'SIGKILL');
          await room.until('a', 'failed');
          return { action: 'accept', content: { colour: 'green' } };
        },
      },
    });
    expect(await room.failure('a', 'ask')).toMatchObject({ sent: 'unknown', message: expect.stringMatching(/"a" .*not known/) as string });
    expect(asked).toEqual(['Which colour?']);
  });

  it.each(['stdio', 'http'])('tells by %s how far a call is, and hears that it is given up', async (transport) => {
    const room = await Room.open({ config: { servers: { a: await reached(transport) } } });
    const abort = new AbortController();
    const under = new Promise<void>((resolve) => {
      const context = { ...room.context(abort.signal), onProgress: (progress: Progress) => (room.progress.push(progress), resolve()) };
      void room.source('a').call('wait', {}, context).catch(() => undefined);
    });
    await under;
    expect(room.progress).toEqual([{ done: 1, total: 2, message: 'waits' }]);
    abort.abort();
    for (let given: unknown; given !== 1; ) given = ((await room.call('a', 'given_up')) as unknown as { readonly value: unknown }).value;
  });

  it.each(['stdio', 'http'])('tells by %s of a tool, a prompt and a resource that were added', async (transport) => {
    const room = await Room.open({ config: { servers: { a: await reached(transport) } } });
    await room.until('a', 'running');
    const { source } = room.server('a');
    const grown = (): readonly boolean[] => [source.tools.some(({ name }) => name === 'grown'), source.prompts?.prompts.some(({ name }) => name === 'grown') === true, source.resources?.resources.some(({ name }) => name === 'grown') === true];
    expect(grown()).toEqual([false, false, false]);
    await new Promise<void>((resolve) => {
      source.onDidChangeTools(() => grown().every(Boolean) && resolve());
      void room.call('a', 'grow');
    });
  });
});
