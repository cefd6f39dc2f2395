import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { Room, stdio } from './room.js';

const everything = path.resolve(import.meta.dirname, '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js');
const sdk2 = path.resolve(import.meta.dirname, '../../fixtures/mcp/sdk2.mjs');
const node = (...args: readonly string[]): JsonObject => ({ command: process.execPath, args: [...args] });

async function opened(definition: JsonObject, settings: Readonly<Record<string, string>> = {}): Promise<Room> {
  const room = await Room.open({ config: { servers: { a: definition } }, settings });
  await room.until('a', 'running');
  return room;
}

/** Resolves at the next change of a resource. */
function changed(room: Room, uri: string): { readonly told: Promise<void>; dispose(): void } {
  const { watch } = room.source('a').resources!;
  let tell: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (tell = resolve));
  const watching = watch!(uri, () => tell());
  onTestFinished(() => watching.dispose());
  return { told, dispose: () => watching.dispose() };
}

describe('what server-everything offers besides tools', () => {
  it('is listed, read, and templates are filled in', async () => {
    const room = await opened(node(everything));
    const { resources, prompts } = room.source('a');
    const [first] = resources!.resources;
    expect(await resources!.read(first!.uri, room.context())).toMatchObject({ ok: true, value: expect.stringContaining('#') as string });
    const template = resources!.templates.find(({ uriTemplate }) => uriTemplate.includes('/text/'))!.uriTemplate;
    expect(resources!.variables(template)).toEqual(['resourceId']);
    expect(await resources!.read(resources!.expand(template, { resourceId: '7' }), room.context())).toMatchObject({ ok: true, value: expect.stringContaining('7') as string });
    expect(prompts!.prompts.map(({ name }) => name)).toContain('completable-prompt');
    expect(room.source('a').instructions).toMatch(/\w/);
  });

  it('has proposals for the arguments of prompts and the variables of templates', async () => {
    const room = await opened(node(everything));
    const { resources, prompts } = room.source('a');
    const context = room.context();
    expect(await prompts!.complete!('completable-prompt', 'department', 'En', {}, context)).toEqual({ ok: true, value: ['Engineering'] });
    expect(await prompts!.complete!('completable-prompt', 'name', '', { department: 'Engineering' }, context)).toMatchObject({ value: expect.arrayContaining(['Alice']) as string[] });
    const template = resources!.templates.find(({ uriTemplate }) => uriTemplate.includes('/text/'))!.uriTemplate;
    expect(await resources!.complete!(template, 'resourceId', '3', {}, context)).toEqual({ ok: true, value: ['3'] });
    expect(await prompts!.complete!('no such prompt', 'x', '', {}, context)).toMatchObject({ ok: false, message: expect.stringContaining('no such prompt') as string });
  });

  it('tells of changes of a resource that is watched', async () => {
    const room = await opened(node(everything));
    const uri = 'demo://resource/dynamic/text/1';
    const watching = changed(room, uri);
    await room.logged('a', /Received Subscribe Resource request/);
    await room.call('a', 'toggle-subscriber-updates');
    await watching.told;
    watching.dispose();
    await room.logged('a', /Received Unsubscribe Resource request/);
  });

  it('tells of changes below what is watched, and of no other, however it answers to that', async () => {
    const room = await Room.open({ config: { servers: { a: stdio('watched') } } });
    await room.until('a', 'running');
    let told = 0;
    const watching = room.source('a').resources?.watch?.('file:///dir', () => told++);
    await room.logged('a', /resources\/subscribe file:\/\/\/dir$/);
    await room.call('a', 'trouble');
    expect(told).toBe(2);
    watching?.dispose();
    await room.logged('a', /resources\/unsubscribe file:\/\/\/dir$/);
    await room.call('a', 'trouble');
    expect(told).toBe(2);
    expect(room.server('a').log.filter((line) => line.includes('are not told'))).toEqual([]);
  });

  it('is told which log level is wanted', async () => {
    const room = await opened(node(everything), { 'codemode.servers.logLevel': 'emergency' });
    expect(await room.call('a', 'toggle-simulated-logging')).toMatchObject({ ok: true });
    changed(room, 'demo://resource/dynamic/text/1');
    await room.call('a', 'echo', { message: 'x' });
    expect(room.server('a').log.filter((line) => line.includes('[info]'))).toEqual([]);
  });
});

/** An address of a server of protocol 2026-07-28. */
async function modern(): Promise<JsonObject> {
  const child = spawn(process.execPath, [sdk2, 'http'], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const port = await new Promise<string>((resolve) => child.stderr.on('data', (chunk: Buffer) => resolve(/port (\d+)/.exec(chunk.toString())?.[1] ?? '')));
  return { type: 'http', url: `http://127.0.0.1:${port}/mcp` };
}

describe('a server of protocol 2026-07-28', () => {
  it.each(['stdio', 'http'])('tells of changes of a resource that is watched, by %s', async (transport) => {
    const room = await opened(transport === 'http' ? await modern() : node(sdk2, 'stdio'));
    const other = changed(room, 'note://other');
    let others = 0;
    void other.told.then(() => others++);
    const watching = changed(room, 'note://one');
    let told = false;
    void watching.told.then(() => (told = true));
    // The subscription is under way when the first change comes, or it is not: changes go on until one is told.
    while (!told) await room.call('a', 'touch');
    expect(others).toBe(0);
  });

  it('is asked again for changes when its stream breaks off, and what changed in between is not missed', async () => {
    const room = await opened(await modern());
    const { source } = room.server('a');
    const watching = changed(room, 'note://one');
    // Nothing is told of what grew, nor of the note: only that the streams ended.
    const grown = new Promise<void>((resolve) => source.onDidChangeTools(() => source.tools.some(({ name }) => name === 'grown') && resolve()));
    await room.call('a', 'hang_up', { streams: 2, times: 5 });
    await Promise.all([grown, watching.told]);
    const again = changed(room, 'note://one');
    let told = false;
    void again.told.then(() => (told = true));
    while (!told) await room.call('a', 'touch');
  });

  it('that ends every such stream is not asked for ever, and its log says so', async () => {
    const room = await opened(await modern());
    await room.call('a', 'hang_up', { streams: 1, times: 1_000 });
    expect(await room.logged('a', /Changes of its lists are not told/)).toMatch(/stream/);
    expect(await room.call('a', 'greet', { name: 'you' })).toMatchObject({ ok: true });
  });
});

describe('what is watched', () => {
  it('is watched again once the server was started again', async () => {
    const room = await opened(node(everything));
    const watching = changed(room, 'demo://resource/dynamic/text/1');
    await room.logged('a', /Received Subscribe/);
    await room.server('a').restart();
    await room.call('a', 'toggle-subscriber-updates');
    await watching.told;
    expect(room.server('a').log.filter((line) => line.includes('Received Subscribe'))).toHaveLength(2);
  });

  it('cannot be asked for where the server does not tell of changes, nor proposals where it has none', async () => {
    const room = await opened(stdio('offers'));
    const { resources, prompts } = room.source('a');
    expect([resources?.watch, resources?.complete, prompts?.complete]).toEqual([undefined, undefined, undefined]);
    expect(resources?.variables('{unclosed')).toEqual([]);
  });
});

describe('the lists of what is offered', () => {
  it('are read to their end, page by page', async () => {
    const room = await opened(stdio('pages'));
    const { tools, resources, prompts } = room.source('a');
    expect(tools).toHaveLength(6);
    expect(resources?.resources.map(({ name }) => name)).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    expect(resources?.templates.map(({ name }) => name)).toEqual(['any file0', 'any file1', 'any file2']);
    expect(prompts?.prompts.map(({ name }) => name)).toEqual(['review0', 'review1', 'review2']);
    expect(room.server('a').notices).toEqual([]);
  });

  it('that cannot be read are told, cost no other, and are told no longer once they can', async () => {
    const room = await opened(stdio('broken-offers'));
    const { source } = room.server('a');
    expect([source.tools.length, source.resources?.resources, source.resources?.templates, source.prompts?.prompts]).toEqual([6, [], [], []]);
    // A server that knows no templates has none; that is nothing to be told.
    expect(room.server('a').notices).toEqual(['resources/list', 'prompts/list'].map((method) => `Its list (${method}) could not be read: it answered with an error: No ${method} today. Restart it to try again.`));
    await new Promise<void>((resolve) => {
      source.onDidChangeTools(() => room.server('a').notices.length === 0 && resolve());
      void room.call('a', 'trouble');
    });
    expect([source.resources?.resources.length, source.resources?.templates.length, source.prompts?.prompts.length]).toEqual([2, 1, 1]);
  });

  it('that change while the server starts are read again', async () => {
    const room = await opened(stdio('grows-while-listed'));
    const { source } = room.server('a');
    const grown = (): boolean => source.tools.some(({ name }) => name === 'grown');
    if (!grown()) await new Promise<void>((resolve) => source.onDidChangeTools(() => grown() && resolve()));
    expect(grown()).toBe(true);
  });
});
