import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../src/ids.js';
import { createMcpServers } from '../../../src/mcp/main.js';
import { headlessPorts } from '../../../src/mcp/headless.js';
import type { McpServers } from '../../../src/mcp/servers.js';
import { writeFile } from 'node:fs/promises';
import { realRooms, type RealRooms } from './realRooms.js';

const everything = path.resolve(import.meta.dirname, '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js');

const changing = path.resolve(import.meta.dirname, '../../fixtures/mcp/stdio.mjs');

/** Resources and prompts of a real server, from a script through check, sandbox, policy and journal. */
describe('resources and prompts in a script', () => {
  let place: string;
  let servers: McpServers;
  let rooms: RealRooms;
  const run = async (source: string): Promise<{ readonly outcome: string; readonly value?: unknown; readonly errors: readonly string[]; readonly calls: readonly string[] }> => {
    const started = rooms.runs.start({ source, origin: 'chat', conversation: 'offers' as ConversationId, title: 'offers' });
    const outcome = await started.outcome;
    return {
      outcome: outcome.status,
      ...(outcome.status === 'finished' ? { value: await started.value() } : {}),
      errors: outcome.status === 'rejected' ? outcome.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message) : outcome.status === 'failed' ? [outcome.error.message] : [],
      calls: started.events.flatMap((event) => (event.type === 'callSent' ? started.events.flatMap((each) => (each.type === 'callRequested' && each.call === event.call ? [`${each.tool.kind} ${each.tool.source} ${each.tool.name}`] : [])) : [])),
    };
  };

  beforeAll(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'offers-'));
    const configFile = path.join(place, 'mcp.json');
    await writeFile(configFile, JSON.stringify({ servers: { everything: { command: process.execPath, args: [everything] }, changing: { command: process.execPath, args: [changing, 'changing-prompts'] } } }));
    servers = createMcpServers(headlessPorts({ configFile, folders: [], environment: process.env, approve: true }), { clientVersion: '0' });
    await servers.settled();
    rooms = await realRooms(path.join(place, 'work'), path.join(place, 'storage'), servers.servers.map(({ source }) => source), {
      rules: () => ({ user: [{ effect: 'allow', server: 'everything' }, { effect: 'allow', server: 'changing' }], workspace: [] }),
    });
  });

  afterAll(async () => {
    await rooms.close();
    await servers.close();
    await rm(place, { recursive: true, force: true });
  });

  it('are listed and read', async () => {
    const found = await run(`
      const [first] = await codemode.resources.list('everything');
      const templates = await codemode.resources.templates('everything');
      const text = await codemode.resources.read('everything', first!.uri);
      const dynamic = await codemode.resources.read('everything', 'demo://resource/dynamic/text/7');
      const blob = await codemode.resources.read('everything', 'demo://resource/dynamic/blob/2');
      const bytes = await codemode.read(blob, { as: 'base64' });
      return { templates: templates.length > 0, text: text.length > 0, dynamic, mime: blob.mimeType, bytes: (bytes.base64 ?? '').length > 0 };`);
    expect(found).toMatchObject({ outcome: 'finished', value: { templates: true, text: true, dynamic: expect.stringContaining('Resource 7') as string, bytes: true } });
    expect(found.calls).toContain('resource everything demo://resource/dynamic/text/7');
  });

  it('are typed: a prompt is filled in with the arguments it takes', async () => {
    const found = await run(`
      const simple = await codemode.prompts.get('everything', 'simple-prompt');
      const { messages } = await codemode.prompts.get('everything', 'args-prompt', { city: 'Bern' });
      const names = (await codemode.prompts.list('everything')).map((prompt) => prompt.name);
      const again = await codemode.prompts.get('everything', names[0]!);
      return { simple: simple.messages.length, asked: messages[0]!.content, role: messages[0]!.role, again: again.messages.length > 0 };`);
    expect(found).toMatchObject({ outcome: 'finished', value: { simple: 1, asked: expect.stringContaining('Bern') as string, role: 'user', again: true } });
    expect(found.calls).toContain('prompt everything args-prompt');
  });

  it('are completed as servers propose, under the rules that hold for reading them', async () => {
    const found = await run(`
      const departments = await codemode.prompts.complete('everything', 'completable-prompt', 'department', 'En');
      const names = await codemode.prompts.complete('everything', 'completable-prompt', 'name', 'A', { department: departments[0]! });
      const template = (await codemode.resources.templates('everything')).find(({ uriTemplate }) => uriTemplate.includes('/text/'))!.uriTemplate;
      const ids = await codemode.resources.complete('everything', template, 'resourceId', '3');
      return { departments, names, ids };`);
    expect(found).toMatchObject({ outcome: 'finished', value: { departments: ['Engineering'], names: ['Alice'], ids: ['3'] } });
    expect(found.calls).toContain('prompt everything completable-prompt');
  });

  it.each([
    ["codemode.prompts.complete('everything', 'completable-prompt', 'city', '')", /department|city/],
    ["codemode.prompts.get('everything', 'arg-prompt')", /args-prompt|arg-prompt/],
    ["codemode.prompts.get('everything', 'args-prompt', {})", /city/],
    ["codemode.prompts.get('everything', 'args-prompt', { city: 7 })", /number|string/],
    ["codemode.prompts.get('nothing', 'args-prompt', { city: 'Bern' })", /nothing|everything/],
  ])('are refused by the check where they are wrong: %s', async (call, message) => {
    const found = await run(`return await ${call};`);
    expect(found).toMatchObject({ outcome: 'rejected', calls: [] });
    expect(found.errors.join('\n')).toMatch(message);
  });

  it('that are not there fail in the script, which can catch that', async () => {
    const found = await run(`
      try {
        return await codemode.resources.read('everything', 'demo://nothing');
      } catch (error) {
        return String(error);
      }`);
    expect(found).toMatchObject({ outcome: 'finished', value: expect.stringMatching(/ToolError/) as string });
  });

  it('that became others since they were approved ask before they are filled in, with what they were', async () => {
    const get = `return (await codemode.prompts.get('changing', 'review', { file: 'a.ts' })).messages[0]!.content;`;
    expect(await run(get)).toMatchObject({ outcome: 'finished', value: 'Review a.ts' });
    const { source } = servers.servers.find(({ name }) => name === 'changing')!;
    const changed = new Promise<void>((resolve) => source.onDidChangeTools(() => resolve()));
    await run(`await changing.trouble();`);
    await changed;
    const asked: unknown[] = [];
    const listening = rooms.approvals.onDidChange(() => {
      for (const question of rooms.approvals.pending) {
        asked.push(...(question.kind === 'start' ? ['start'] : question.calls.map(({ previous }) => previous)));
        rooms.approvals.answer(question.id, question.kind === 'start' ? { kind: 'start', allowed: true, grants: [] } : { kind: question.kind, decision: { kind: 'allow', scope: 'once', breadth: 'tool' } });
      }
    });
    expect(await run(get)).toMatchObject({ outcome: 'finished', value: 'Review a.ts' });
    expect(asked).toEqual([expect.objectContaining({ name: 'review', description: 'Reviews' })]);
    // What was shown and allowed is what it is held to from now on.
    expect(await run(get)).toMatchObject({ outcome: 'finished' });
    expect(asked).toHaveLength(1);
    listening.dispose();
  });

  it('that are images stay outside the script and reach a model that can see, where the script returns them', async () => {
    const started = rooms.runs.start({ source: `return { told: await everything.get_tiny_image(), twice: [await everything.get_tiny_image()] };`, origin: 'chat', conversation: 'images' as ConversationId, title: 'images' });
    expect(JSON.stringify(await started.value())).not.toContain('iVBORw0KGgo');
    const images = await started.images();
    expect(images.map(({ mimeType, data }) => [mimeType, Buffer.from(data.slice(1, 4)).toString()])).toEqual([['image/png', 'PNG']]);
    const blob = rooms.runs.start({ source: `return await codemode.resources.read('everything', 'demo://resource/dynamic/blob/2');`, origin: 'chat', conversation: 'images' as ConversationId, title: 'bytes' });
    expect(await blob.images()).toEqual([]);
  });

  it('come with what the server says of itself, on hover and for a model', async () => {
    expect(servers.servers[0]?.source.instructions).toMatch(/\w/);
    const { outcome, value } = await run(`return await codemode.describe('everything.echo');`);
    expect([outcome, typeof value]).toEqual(['finished', 'string']);
  });
});
