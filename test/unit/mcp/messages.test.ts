import { describe, expect, it, onTestFinished } from 'vitest';
import { createServer, type AddressInfo } from 'node:net';
import type { JsonObject, JsonValue } from '../../../src/json.js';
import { HttpServer, isTrouble } from './httpServer.js';
import { Room, stdio } from './room.js';

const result = '"result":{"content":[{"type":"text","text":"said"}]}';

/** What a call is answered with: lines of a process, or bodies of HTTP, with `$id` for the id of the call. */
const answers: readonly (readonly [what: string, lines: readonly string[], outcome: object])[] = [
  ['has an error of null beside its result', [`{"jsonrpc":"2.0","id":$id,${result},"error":null}`], { ok: true, value: 'said' }],
  ['has a member that no specification knows', [`{"jsonrpc":"2.0","id":$id,"took":7,${result}}`], { ok: true, value: 'said' }],
  ['does not name its protocol', [`{"id":$id,${result}}`], { ok: true, value: 'said' }],
  ['has its id as a text', [`{"jsonrpc":"2.0","id":"$id",${result}}`], { ok: true, value: 'said' }],
  ['has a result of null', ['{"jsonrpc":"2.0","id":$id,"result":null}'], { ok: true }],
  ['has a text for an error', ['{"jsonrpc":"2.0","id":$id,"error":"too tired"}'], { ok: false, message: 'too tired' }],
  ['has a text for the code of its error', ['{"jsonrpc":"2.0","id":$id,"error":{"code":"E_TIRED","message":"too tired"}}'], { ok: false, message: 'too tired' }],
  ['has an error without a word', ['{"jsonrpc":"2.0","id":$id,"error":{"code":-32000,"message":""}}'], { ok: false, message: 'The server answered with an error and did not say why.' }],
  ['has what a strict parser says for its message', [JSON.stringify({ jsonrpc: '2.0', id: '$id', error: { code: -32602, message: `Bad arguments: ${JSON.stringify([{ expected: 'string', code: 'invalid_type', path: ['a', 0], message: 'Invalid input: expected string, received undefined' }, { code: 'invalid_union', errors: [[{ code: 'invalid_value', path: ['c'], message: 'Invalid option' }]], path: ['b'], message: 'Invalid input' }], undefined, 2)}` } }).replace('"$id"', '$id')], { ok: false, message: 'Bad arguments: a.0: expected string, and it is missing; b.c: Invalid option' }],
  ['has one of our own codes', ['{"jsonrpc":"2.0","id":$id,"error":{"code":-1002,"message":"mine"}}'], { ok: false, message: 'mine' }],
  ['has a list for a result', ['{"jsonrpc":"2.0","id":$id,"result":[1]}'], { sent: 'unknown', message: '"bad" lost the call: its result is a list, not an object; whether it took effect is not known. Look before trying again.' }],
  ['has neither a result nor an error', ['{"jsonrpc":"2.0","id":$id}'], { sent: 'unknown', message: '"bad" lost the call: its answer has neither a result nor an error; whether it took effect is not known. Look before trying again.' }],
];

const outcomeOf = async (room: Room, args: JsonObject = {}): Promise<unknown> => room.call('bad', 'trouble', args).catch((error: unknown) => error);

describe('an answer that', () => {
  it.each(answers)('%s is taken for what it is, or its call fails at once, from a process', async (_what, lines, outcome) => {
    const room = await Room.open({ config: { servers: { bad: stdio('says') } } });
    expect(await outcomeOf(room, { lines })).toMatchObject(outcome);
    expect(await room.call('bad', 'echo', { text: 'well again' })).toEqual({ ok: true, value: 'well again' });
  });

  it('is in such a shape is taken so by HTTP too', async () => {
    let lines: readonly string[] = [];
    const server = await HttpServer.open(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(200, { 'content-type': 'application/json' }).end(lines.join('').replaceAll('$id', String(message.id)));
      return true;
    });
    const room = await Room.open({ config: { servers: { bad: { url: server.url } } } });
    for (const [what, said, outcome] of answers) {
      lines = said;
      expect(await outcomeOf(room), what).toMatchObject(outcome);
    }
    lines = [`{"jsonrpc":"2.0","id":999,${result}}`];
    expect(await outcomeOf(room)).toMatchObject({ sent: 'unknown', message: '"bad" lost the call: the server ended the exchange without an answer; whether it took effect is not known. Look before trying again.' });
    expect(await room.call('bad', 'echo', { text: 'well again' })).toEqual({ ok: true, value: 'well again' });
  });

  it('comes with a request that is none: that is refused, and whoever asked does not wait', async () => {
    const room = await Room.open({ config: { servers: { bad: stdio('ask-oddly') } } });
    expect(await room.call('bad', 'ask', { method: 'roots/list', params: { _meta: 7 } })).toMatchObject({ ok: true, value: { answer: { error: { code: -32_600 } } } });
    expect(await room.call('bad', 'ask', { method: 'roots/list', params: 7 })).toMatchObject({ ok: true, value: { answer: { result: { roots: [{ name: 'workspace' }] } } } });
  });
});

describe('a handshake', () => {
  const odd: readonly (readonly [string, JsonObject])[] = [
    ['capabilities', { capabilities: { tools: true, logging: 'yes', resources: null, prompts: false, experimental: 7 } }],
    ['flags', { capabilities: { tools: { listChanged: 'yes' } } }],
    ['a name', { serverInfo: null }],
    ['icons', { serverInfo: { name: 'odd', version: 7, icons: { src: 'x' } } }],
    ['instructions', { instructions: ['a', 'b'] }],
    ['particulars', { _meta: 'none', nextCursor: 7 }],
  ];

  it.each(odd)('with odd %s does not cost the server', async (_what, particulars) => {
    const room = await Room.open({ config: { servers: { bad: stdio('handshake', JSON.stringify(particulars)) } } });
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });

  it('that is none is said in words', async () => {
    const said = async (particulars: JsonValue): Promise<string> => {
      const room = await Room.open({ config: { servers: { bad: stdio('handshake', JSON.stringify(particulars)) } } });
      return (await room.failure('bad', 'echo')).message;
    };
    expect(await said({ protocolVersion: null })).toBe('"bad" answered with what is not MCP: Invalid result for initialize: protocolVersion: expected string, received null; see its log.');
  });

  it('that a web page answers is said in words, by HTTP', async () => {
    const server = await HttpServer.open(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
      return true;
    });
    const room = await Room.open({ config: { servers: { bad: { url: server.url } } } });
    expect((await room.failure('bad', 'echo')).message).toBe('"bad" answered with what is not MCP: Unexpected content type: text/html; see its log.');
  });

  it.each([
    [400, '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"No such tenant."}}', 'refused the request (HTTP 400): No such tenant; see its log'],
    [422, '{"error":"bad_thing","error_description":"The tenant\\nis gone"}', 'refused the request (HTTP 422): The tenant is gone; see its log'],
    [500, '{"message":"Database is down"}', 'has a problem of its own (HTTP 500): Database is down; try again later'],
    [422, '<h1>No</h1>', 'refused the request (HTTP 422); see its log'],
  ])('that is refused (HTTP %i) is told with what the refusal says: %s', async (status, body, said) => {
    const server = await HttpServer.open(({ response }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      return true;
    });
    const room = await Room.open({ config: { servers: { bad: { url: server.url } } } });
    expect((await room.failure('bad', 'echo')).message).toBe(`"bad" ${said}.`);
  });

  it.each([
    ['with a text', (id: unknown) => ['text/plain', `what is ${String(id)}?`]],
    ['with no message of MCP', () => ['application/json', '{"oops":true}']],
    ['with nothing', () => ['application/json', '']],
  ] as const)('of an earlier protocol goes on where a server answers the question of a later one %s', async (_what, body) => {
    const server = await HttpServer.open(({ message, response }) => {
      if (message.method !== 'server/discover') return false;
      const [type, text] = body(message.id);
      response.writeHead(200, { 'content-type': type }).end(text);
      return true;
    });
    const room = await Room.open({ config: { servers: { bad: { url: server.url } } } });
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });

  it('of an earlier protocol goes on where a server is silent on the question of a later one', async () => {
    const server = await HttpServer.open(({ message }) => message.method === 'server/discover');
    const room = await Room.open({ limits: { startTimeout: 1_000 }, config: { servers: { bad: { url: server.url } } } });
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
    await room.logged('bad', /It was silent when asked for its protocol version; taking it for a server of an earlier protocol/);
  });

  // Every address of this machine but the one of loopback, to which no proxy leads.
  it.skipIf(process.platform === 'win32')('that a proxy may be silent on names the proxy', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    const room = await Room.open({
      limits: { startTimeout: 1_000 },
      settings: { 'http.proxySupport': 'override', 'http.proxy': 'http://name:password@proxy.example:3128' },
      config: { servers: { bad: { url: `http://0.0.0.0:${(server.address() as AddressInfo).port}/mcp` } } },
    });
    expect((await room.failure('bad', 'echo')).message).toBe('"bad" did not answer within 1 s of starting; see its log. The way to it leads through the proxy proxy.example:3128 (the setting http.proxy), which may be what is silent.');
  });
});

describe('a server of the older SSE transport', () => {
  it('whose stream breaks off is connected to anew: no call waits for an answer that cannot come', async () => {
    let ends: () => void = () => undefined;
    let stream: { write(text: string): unknown; end(): unknown } | undefined;
    const server = await HttpServer.open(({ request, response, message }) => {
      if (request.method === 'GET') {
        stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
        stream.write('event: endpoint\ndata: /messages\n\n');
        return true;
      }
      response.writeHead(202).end();
      if (isTrouble(message)) {
        ends();
        stream?.end();
        return true;
      }
      const results: Record<string, unknown> = { initialize: { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo: { name: 'old', version: '1' } }, 'tools/list': { tools: [{ name: 'trouble', inputSchema: { type: 'object' } }] }, 'tools/call': { content: [{ type: 'text', text: 'anew' }] } };
      if (message.id !== undefined) stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: results[message.method ?? ''] ?? {} })}\n\n`);
      return true;
    });
    const broke = new Promise<void>((resolve) => (ends = resolve));
    const room = await Room.open({ config: { servers: { bad: { type: 'sse', url: server.url } } } });
    expect((await room.failure('bad', 'trouble')).message).toBe('"bad" closed the connection during trouble; whether it took effect is not known. Look before trying again.');
    await broke;
    // As often as it breaks off: nothing crashed.
    for (let time = 0; time < 3; time++) {
      expect(room.server('bad').state.kind).toBe('stopped');
      expect(await room.call('bad', 'other')).toEqual({ ok: true, value: 'anew' });
      expect((await room.failure('bad', 'trouble')).sent).toBe('unknown');
    }
    expect(server.methods.filter((method) => method === 'initialize')).toHaveLength(4);
  });

  it.each([
    ['elsewhere', 'https://elsewhere.example/messages'],
    ['nowhere', 'http://['],
  ])('that wants messages posted %s is not told anything', async (_what, address) => {
    const server = await HttpServer.open(({ request, response }) => {
      if (request.method !== 'GET') return false;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`event: endpoint\ndata: ${address}\n\n`);
      return true;
    });
    const room = await Room.open({ config: { servers: { bad: { type: 'sse', url: server.url } } } });
    expect((await room.failure('bad', 'echo')).message).toBe('"bad" names an address to post to that is not one of its own, where nothing is sent; check its configuration.');
    expect(server.methods).toEqual([]);
  });
});
