import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { Room } from './room.js';

const require = createRequire(import.meta.url);
const fixtures = path.resolve(import.meta.dirname, '../../fixtures/mcp');
const installed = (name: string): string => path.join(path.dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js');
const node = (...args: readonly string[]): JsonObject => ({ command: process.execPath, args: [...args] });

/** Starts a server that listens, and ends it with the test; resolves with what the pattern finds on its stderr. */
async function listening(args: readonly string[], pattern: RegExp, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...environment } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text);
      if (found !== null) resolve(found[1] ?? '');
    });
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

describe.each(['sdk1', 'sdk2'])('a server built with %s', (generation) => {
  it.each(['stdio', 'http'])('by %s', async (transport) => {
    const file = path.join(fixtures, `${generation}.mjs`);
    const definition = transport === 'stdio' ? node(file, 'stdio') : { type: 'http', url: `http://127.0.0.1:${await listening([file, 'http'], /port (\d+)/)}/mcp` };
    const room = await Room.open({ config: { servers: { a: definition } }, questions: { elicit: async () => ({ action: 'accept', content: { colour: 'green' } }) } });
    expect(await room.call('a', 'greet', { name: 'you' })).toEqual({ ok: true, value: { greeting: 'Hello you' } });
    expect(await room.call('a', 'ask')).toEqual({ ok: true, value: 'accept: green' });
    expect(room.elicitations).toMatchObject([{ mode: 'form', server: 'a', message: 'Which colour?' }]);
    expect(await room.call('a', 'fail')).toMatchObject({ ok: false, message: expect.stringContaining('on purpose') as string });
    expect(await room.call('a', 'nothing-like-it')).toMatchObject({ ok: false });
    expect(await room.source('a').prompts?.get('review', { file: 'a.ts' }, room.context())).toEqual({ ok: true, value: { messages: [{ role: 'user', content: 'Review a.ts' }] } });
    expect(await room.source('a').resources?.read('note://one', room.context())).toEqual({ ok: true, value: 'noted' });
    expect(room.server('a').log.at(-1)).toContain(generation === 'sdk2' ? '2026-07-28)' : 'protocol before 2026-07-28');
  });

  it('tells of a tool that was added', async () => {
    const room = await Room.open({ config: { servers: { a: node(path.join(fixtures, `${generation}.mjs`), 'stdio') } } });
    await room.call('a', 'grow');
    await new Promise<void>((resolve) => {
      const seen = (): boolean => room.source('a').tools.some((tool) => tool.name === 'grown');
      if (seen()) resolve();
      else room.source('a').onDidChangeTools(() => seen() && resolve());
    });
  });
});
