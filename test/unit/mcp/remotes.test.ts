import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { HttpServer, isTrouble, type Override } from './httpServer.js';
import { Room, stdio, type RoomOptions } from './room.js';
import { Window } from './window.js';

async function against(override: Override, options: RoomOptions & { readonly definition?: JsonObject } = {}): Promise<{ room: Room; server: HttpServer }> {
  const server = await HttpServer.open(override);
  const room = await Room.open({ ...options, config: { servers: { bad: { url: server.url, ...options.definition }, good: stdio() } } });
  return { room, server };
}

async function healthy(room: Room): Promise<void> {
  expect(await room.call('good', 'echo', { text: 'still well' })).toEqual({ ok: true, value: 'still well' });
}

async function works(room: Room): Promise<void> {
  expect(await room.call('bad', 'echo', { text: 'well again' })).toEqual({ ok: true, value: 'well again' });
}

/** A server that speaks the older SSE transport alone, and answers calls with a text. */
function sse(text: string): Override {
  let stream: { write(text: string): unknown } | undefined;
  return ({ request, response, message }) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: endpoint\ndata: /messages\n\n');
      stream = response;
      return true;
    }
    if (request.url !== '/messages') {
      response.writeHead(404).end();
      return true;
    }
    response.writeHead(202).end();
    const results: Record<string, unknown> = {
      initialize: { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo: { name: 'old', version: '1' } },
      'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
      'tools/call': { content: [{ type: 'text', text }] },
    };
    if (message.id !== undefined) stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: results[message.method ?? ''] ?? {} })}\n\n`);
    return true;
  };
}

describe('a remote server that misbehaves', () => {
  it('redirects to another host: nothing follows, no credential and no request', async () => {
    const elsewhere = await HttpServer.open();
    const { room } = await against(
      ({ response }) => {
        response.writeHead(301, { location: elsewhere.url }).end();
        return true;
      },
      { definition: { headers: { Authorization: 'Bearer not-for-others' } } },
    );
    const failure = await room.failure('bad', 'echo');
    expect(failure.sent).toBe('no');
    expect(failure.message).toMatch(/"bad" redirects to another address \(HTTP 301\), which is not followed because credentials would go there; put the new address into the configuration/);
    expect(elsewhere.requests).toEqual([]);
    await healthy(room);
  });

  it.each([307, 308])('redirects a call to another host (HTTP %i)', async (status) => {
    const elsewhere = await HttpServer.open();
    const { room } = await against(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(status, { location: elsewhere.url }).end();
      return true;
    });
    expect((await room.failure('bad', 'trouble')).message).toMatch(/redirects to another address/);
    expect(elsewhere.requests).toEqual([]);
    await works(room);
  });

  it('answers 401 for ever and there is nobody to sign in', async () => {
    const { room, server } = await against(({ response }) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      return true;
    });
    const failure = await room.failure('bad', 'echo');
    expect(failure).toMatchObject({ sent: 'no', message: expect.stringMatching(/"bad" wants a sign-in or other credentials \(HTTP 401\)/) as string });
    expect(server.requests.length).toBeLessThan(10);
    await healthy(room);
  });

  it('answers 429 and says when to come back: it is waited for', async () => {
    let refusals = 2;
    const { room } = await against(({ message, response, answer }) => {
      if (!isTrouble(message)) return false;
      if (refusals-- > 0) response.writeHead(429, { 'retry-after': '0' }).end();
      else answer({ content: [{ type: 'text', text: 'at last' }] });
      return true;
    });
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'at last' });
    expect(room.server('bad').log.filter((line) => line.includes('The server is busy (HTTP 429)'))).toHaveLength(2);
  });

  it.each([
    ['for ever', '0'],
    ['until some other day', '86400'],
  ])('answers 429 %s: the call fails and says so', async (_, after) => {
    const { room } = await against(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(429, { 'retry-after': after }).end();
      return true;
    });
    expect(await room.failure('bad', 'trouble')).toMatchObject({ sent: 'no', message: expect.stringMatching(/getting too many requests \(HTTP 429\); try again later/) as string });
    await works(room);
  });

  it('answers 500: whether the call took effect is not known', async () => {
    const { room } = await against(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(500).end('stack trace');
      return true;
    });
    const failure = await room.failure('bad', 'trouble');
    expect(failure).toMatchObject({ sent: 'unknown' });
    expect(failure.message).toMatch(/"bad" has a problem of its own \(HTTP 500\); try again later during trouble; whether it took effect is not known/);
    await works(room);
  });

  it('has a certificate that nobody vouches for', async () => {
    const server = await HttpServer.open(undefined, { tls: 'self-signed' });
    const room = await Room.open({ config: { servers: { bad: { url: server.url }, good: stdio() } } });
    const failure = await room.failure('bad', 'echo');
    expect(failure).toMatchObject({ sent: 'no', message: expect.stringMatching(/"bad" has a certificate that it signed itself; add it to the trusted certificates/) as string });
    expect(server.requests).toEqual([]);
    await healthy(room);
  });

  it('has a certificate of an authority that is not known here, and is reached where Node was told of it', async () => {
    const server = await HttpServer.open(undefined, { tls: 'private authority' });
    const room = await Room.open({ config: { servers: { bad: { url: server.url }, good: stdio() } } });
    expect(await room.failure('bad', 'echo')).toMatchObject({ sent: 'no', message: expect.stringMatching(/"bad" has a certificate that could not be verified; add its authority to the trusted certificates/) as string });
    expect(server.requests).toEqual([]);
    await healthy(room);
    // What a process trusts is settled when it starts.
    const window = new Window(path.dirname(room.folder), server.url, { NODE_EXTRA_CA_CERTS: path.resolve(import.meta.dirname, '../../fixtures/mcp/private-ca/authority.pem') });
    expect(await window.round(0)).toEqual({ results: [true, true, true], asked: 0 });
  });

  // Node has it of itself from 24 on, when it is told to.
  it.skipIf(Number(process.versions.node.split('.')[0]) < 24)('is behind the proxy that the environment names, in plain Node', async () => {
    const server = await HttpServer.open(undefined, { tls: 'private authority' });
    const room = await Room.open();
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(String(request.url));
      if (request.url?.startsWith('closing.') === true) return void socket.destroy();
      const target = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const environment = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, NODE_EXTRA_CA_CERTS: path.resolve(import.meta.dirname, '../../fixtures/mcp/private-ca/authority.pem') };
    const window = new Window(path.join(path.dirname(room.folder), 'behind'), 'https://mcp.example/mcp', environment);
    expect(await window.round(0)).toEqual({ results: [true, true, true], asked: 0 });
    expect(new Set(tunnels)).toEqual(new Set(['mcp.example:443']));
    const past = new Window(path.join(path.dirname(room.folder), 'past'), server.url, { ...environment, NO_PROXY: new URL(server.url).hostname });
    const before = tunnels.length;
    expect((await past.round(0)).results).toEqual([true, true, true]);
    expect(tunnels).toHaveLength(before);
    const closing = new Window(path.join(path.dirname(room.folder), 'closing'), 'https://closing.example/mcp', environment);
    expect((await closing.round(0)).results[0]).toBe(`"a" was not reached: the proxy ${new URL(environment.HTTPS_PROXY).host} (HTTPS_PROXY of the environment) closes the connection and does not lead there; ask whoever runs it, or leave the host of this server out with http.noProxy or NO_PROXY.`);
  });

  it('sends a body that never ends: it is cut at the bound', async () => {
    let stop = false;
    const { room } = await against(
      ({ message, response }) => {
        if (!isTrouble(message)) return false;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(`{"jsonrpc":"2.0","id":${message.id},"result":{"content":[{"type":"text","text":"`);
        response.on('close', () => (stop = true));
        const piece = 'x'.repeat(1024 * 1024);
        const more = (): void => {
          while (!stop) if (!response.write(piece)) return void response.once('drain', more);
        };
        more();
        return true;
      },
      { limits: { messageBytes: 8 * 1024 * 1024 } },
    );
    const failure = await room.failure('bad', 'trouble');
    expect(failure).toMatchObject({ sent: 'unknown', message: expect.stringContaining('The answer is larger than 8 MB') as string });
    await works(room);
    expect(stop).toBe(true);
  });

  it('trickles a body that never ends: the call ends at its timeout and so does the request', async () => {
    let closed: () => void;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const { room } = await against(
      ({ message, response }) => {
        if (!isTrouble(message)) return false;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const timer = setInterval(() => response.write(': still thinking\n\n'), 20);
        response.on('close', () => {
          clearInterval(timer);
          closed();
        });
        return true;
      },
      { limits: { callTimeout: 150 } },
    );
    expect((await room.failure('bad', 'trouble')).message).toMatch(/did not answer trouble within/);
    await gone;
    await works(room);
  });

  it('sends one event that is too large, after many that are not', async () => {
    const { room } = await against(
      ({ message, response }) => {
        if (!isTrouble(message)) return false;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let index = 0; index < 40; index++) response.write(`data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${'y'.repeat(100_000)}"}}\n\n`);
        response.write(`data: {"jsonrpc":"2.0","id":${message.id},"result":{"content":[{"type":"text","text":"${'x'.repeat(3_000_000)}"}]}}\n\n`);
        response.end();
        return true;
      },
      { limits: { messageBytes: 1024 * 1024 } },
    );
    expect(await room.failure('bad', 'trouble')).toMatchObject({ sent: 'unknown', message: expect.stringContaining('ended the exchange without an answer') as string });
    await works(room);
  });

  it('closes the stream of a call without an answer', async () => {
    const { room } = await against(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(': goodbye\n\n');
      return true;
    });
    expect(await room.failure('bad', 'trouble')).toMatchObject({ sent: 'unknown', message: expect.stringContaining('whether it took effect is not known') as string });
    await works(room);
  });

  it('cuts the connection in the middle of a call', async () => {
    const { room } = await against(({ message, request }) => {
      if (!isTrouble(message)) return false;
      request.socket.destroy();
      return true;
    });
    expect(await room.failure('bad', 'trouble')).toMatchObject({ sent: 'unknown' });
    await works(room);
  });

  it.each([
    ['text/html', '<h1>Log in</h1>'],
    ['application/json', '{"hello":"world"}'],
    ['application/json', '{ not json'],
  ])('answers a call with %s that is not MCP (%s)', async (type, body) => {
    const { room } = await against(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(200, { 'content-type': type }).end(body);
      return true;
    });
    const failure = await room.failure('bad', 'trouble');
    expect(failure).toMatchObject({ sent: 'unknown' });
    expect(failure.message).toMatch(/^"bad" answered with what is not MCP/);
    await works(room);
  });

  it.each([
    [403, /^"bad" denies access \(HTTP 403\); check the account and its permissions\.$/],
    [404, /^"bad" has nothing at that address \(HTTP 404\); check the URL\.$/],
    [418, /^"bad" refused the request \(HTTP 418\); see its log\.$/],
    [500, /^"bad" has a problem of its own \(HTTP 500\); try again later\.$/],
  ])('answers everything with HTTP %i', async (status, said) => {
    const { room } = await against(({ response }) => (response.writeHead(status).end('<h1>No</h1>'), true));
    expect(await room.failure('bad', 'echo')).toMatchObject({ sent: 'no', message: expect.stringMatching(said) as string });
    await healthy(room);
  });

  it('answers with a protocol version nobody knows', async () => {
    const { room } = await against(({ message, answer }) => {
      if (message.method !== 'initialize') return false;
      answer({ protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 'old', version: '1' } });
      return true;
    });
    expect(await room.failure('bad', 'echo')).toMatchObject({ sent: 'no', message: '"bad" speaks protocol 1999-01-01, which is not known here; update the server.' });
    await healthy(room);
  });

  it('is called by TLS and does not speak it, or the other way about', async () => {
    const [plain, tls] = [await HttpServer.open(), await HttpServer.open(undefined, { tls: 'self-signed' })];
    const room = await Room.open({ config: { servers: { bad: { url: plain.url.replace('http:', 'https:') }, worse: { url: tls.url.replace('https:', 'http:') }, good: stdio() } } });
    expect(await room.failure('bad', 'echo')).toMatchObject({ sent: 'no', message: '"bad" does not speak TLS there; check whether its address should begin with http:.' });
    expect((await room.failure('worse', 'echo')).message).toMatch(/^"worse" /);
    expect([plain.requests, tls.requests]).toEqual([[], []]);
    await healthy(room);
  });

  it('never answers initialize', async () => {
    const { room } = await against(() => true, { limits: { startTimeout: 200 } });
    expect((await room.failure('bad', 'echo')).message).toMatch(/"bad" did not answer within 1 s of starting/);
    await healthy(room);
  });

  it('answers with ids nobody asked under, and with an answer a second time: the right one is taken, once', async () => {
    const { room } = await against(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const answer = (id: unknown, text: string): unknown => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } })}\n\n`);
      answer(987_654, 'of nothing');
      answer('another', 'of nothing');
      answer(message.id, 'the right one');
      answer(message.id, 'once more');
      response.end();
      return true;
    });
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'the right one' });
    expect(room.server('bad').log.filter((line) => line.includes('An answer to nothing that was asked')).length).toBeGreaterThanOrEqual(2);
    await works(room);
    await healthy(room);
  });

  it('never ends the body of a refusal', async () => {
    const { room } = await against(
      ({ message, response }) => {
        if (!isTrouble(message)) return false;
        response.writeHead(500, { 'content-type': 'text/plain' });
        const timer = setInterval(() => response.write('more '), 10);
        response.on('close', () => clearInterval(timer));
        return true;
      },
      { limits: { callTimeout: 300 } },
    );
    expect(await room.failure('bad', 'trouble')).toMatchObject({ sent: 'unknown', message: expect.stringMatching(/^"bad" /) as string });
    await works(room);
    await healthy(room);
  });

  it.each([502, 503, 504])('answers %i: the sentence says whose problem it is', async (status) => {
    const { room } = await against(({ message, response }) => {
      if (!isTrouble(message)) return false;
      response.writeHead(status).end('<h1>Bad gateway</h1>');
      return true;
    });
    expect((await room.failure('bad', 'trouble')).message).toMatch(new RegExp(`^"bad" has a problem of its own \\(HTTP ${status}\\); try again later`));
    await works(room);
    await healthy(room);
  });

  it('is not there', async () => {
    const gone = await HttpServer.open();
    await gone.close();
    const room = await Room.open({ config: { servers: { bad: { url: gone.url }, good: stdio() } } });
    expect(await room.failure('bad', 'echo')).toMatchObject({ sent: 'no', message: expect.stringMatching(/"bad" refuses connections; check that it runs and that its address is right/) as string });
    await healthy(room);
  });

  it('has a host name that does not resolve', async () => {
    const room = await Room.open({ config: { servers: { bad: { url: 'http://no-such-host.invalid/mcp' }, good: stdio() } } });
    expect(await room.failure('bad', 'echo')).toMatchObject({ sent: 'no', message: expect.stringMatching(/"bad" was not found: its host name does not resolve/) as string });
    await healthy(room);
  });
});

describe('a remote server', () => {
  it('that fails when it is asked for its protocol version is taken as one of an earlier protocol', async () => {
    const { room, server } = await against(({ message, response }) => {
      if (message.method !== 'server/discover') return false;
      response.writeHead(500).end();
      return true;
    });
    expect(await room.call('bad', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
    expect(server.methods.slice(0, 2)).toEqual(['server/discover', 'initialize']);
  });

  it('that forgot the session is connected to again, and the call is made once', async () => {
    let expired = false;
    let calls = 0;
    const { room, server } = await against(({ message, request, response, answer }) => {
      if (message.method === 'initialize') {
        response.setHeader('mcp-session-id', expired ? 'second' : 'first');
        return false;
      }
      if (expired && request.headers['mcp-session-id'] === 'first') {
        response.writeHead(404).end();
        return true;
      }
      if (!isTrouble(message)) return false;
      calls++;
      answer({ content: [], structuredContent: { session: String(request.headers['mcp-session-id']) } });
      return true;
    });
    expect(await room.call('bad', 'trouble')).toMatchObject({ value: { session: 'first' } });
    expired = true;
    expect(await room.call('bad', 'trouble')).toMatchObject({ value: { session: 'second' } });
    expect(calls).toBe(2);
    expect(server.methods.filter((method) => method === 'initialize')).toHaveLength(2);
  });

  it('whose stream breaks off is asked for the rest from the last event on, and the call is made once', async () => {
    let calls = 0;
    const resumed: unknown[] = [];
    const { room } = await against(({ message, request, response }) => {
      if (message.method === 'initialize') {
        response.setHeader('mcp-session-id', 'one');
        return false;
      }
      if (isTrouble(message)) {
        calls++;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`retry: 10\nid: event-7\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'before the break' } })}\n\n`);
        setTimeout(() => request.socket.destroy(), 20);
        trouble = message.id;
        return true;
      }
      if (request.method !== 'GET' || request.headers['last-event-id'] === undefined) return false;
      resumed.push(request.headers['last-event-id']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`id: event-8\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: trouble, result: { content: [{ type: 'text', text: 'after the break' }] } })}\n\n`);
      return true;
    });
    let trouble: unknown;
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'after the break' });
    expect(calls).toBe(1);
    expect(resumed).toEqual(['event-7']);
    await healthy(room);
  });

  it('has a stream of its own, by which it tells and asks, opened again where it breaks off', async () => {
    let stream: ServerResponse | undefined;
    const resumed: unknown[] = [];
    const { room, server } = await against(({ message, request, response, answer }) => {
      if (request.method === 'GET') {
        resumed.push(request.headers['last-event-id']);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('retry: 10\n\n');
        stream = response;
        return true;
      }
      if (message.method === 'tools/list' && resumed.length > 1) {
        answer({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }, { name: 'grown', inputSchema: { type: 'object' } }] });
        return true;
      }
      if (message.method !== undefined) return false;
      response.writeHead(202).end();
      return true;
    });
    await room.call('bad', 'echo');
    await expect.poll(() => stream).toBeDefined();
    stream!.write(`id: event-1\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: 'where', method: 'roots/list' })}\n\n`);
    await expect.poll(() => server.requests.find(({ message }) => message.id === 'where')?.message).toMatchObject({ result: { roots: [{ name: 'workspace' }] } });
    const before = stream;
    before!.end();
    await expect.poll(() => stream !== before).toBe(true);
    expect(resumed).toEqual([undefined, 'event-1']);
    stream!.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })}\n\n`);
    await expect.poll(() => room.source('bad').tools.map(({ name }) => name)).toEqual(['echo', 'grown']);
  });

  it('that forgets every session is not connected to in circles', async () => {
    const { room, server } = await against(({ message, response }) => {
      if (message.method === 'initialize') response.setHeader('mcp-session-id', 'any');
      if (!isTrouble(message)) return false;
      response.writeHead(404).end();
      return true;
    });
    expect(await room.failure('bad', 'trouble')).toMatchObject({ sent: 'no', message: expect.stringMatching(/^"bad" /) as string });
    expect(server.methods.filter((method) => method === 'initialize').length).toBeLessThanOrEqual(3);
    await works(room);
    await healthy(room);
  });

  it('gets its headers with every request, and nothing it echoes of them comes back', async () => {
    const { room, server } = await against(
      ({ message, request, answer }) => {
        if (!isTrouble(message)) return false;
        answer({ content: [{ type: 'text', text: `You sent ${request.headers.authorization} and ${request.headers['x-api-key'] as string}` }] });
        return true;
      },
      { definition: { headers: { Authorization: 'Bearer abcdef123456', 'X-Api-Key': '${env:MY_KEY}' } }, environment: { ...process.env, MY_KEY: 'k-99887766' } },
    );
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'You sent ••• and •••' });
    expect(server.requests.every((request) => request.headers.authorization === 'Bearer abcdef123456' && request.headers['x-api-key'] === 'k-99887766')).toBe(true);
  });

  it.skipIf(process.platform === 'win32').each(['http', 'sse'])('is reached by its socket as in VS Code, by %s, and where it is no more that is said', async (transport) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mcp-socket-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const asked: string[] = [];
    const answer = sse('by the socket');
    const server = await HttpServer.open((exchange) => (asked.push(`${exchange.request.method} ${exchange.request.url} ${String(exchange.request.headers['x-key'])}`), transport === 'sse' && answer(exchange)), { socket: path.join(folder, 'a server.sock') });
    const room = await Room.open({ config: { servers: { bad: { type: 'http', url: server.url, headers: { 'X-Key': 'of mine' } }, good: stdio() } } });
    expect(await room.call('bad', 'echo', { text: 'by the socket' })).toEqual({ ok: true, value: 'by the socket' });
    expect(room.server('bad').transport).toBe(transport);
    expect(asked).toContain('POST /mcp of mine');
    await server.close();
    await room.server('bad').stop();
    await expect(room.server('bad').start()).rejects.toThrow('"bad" was not found: there is no socket at its address; check that it runs and that its address is right.');
    await healthy(room);
  });

  it.skipIf(process.platform === 'win32')('behind a socket that misbehaves costs its own calls', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mcp-socket-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const elsewhere = await HttpServer.open();
    let trouble: Override = () => false;
    const server = await HttpServer.open((exchange) => isTrouble(exchange.message) && trouble(exchange), { socket: path.join(folder, 'server.sock') });
    const room = await Room.open({ config: { servers: { bad: { url: server.url }, good: stdio() } }, limits: { callTimeout: 300, messageBytes: 1024 * 1024 } });
    const ways: readonly (readonly [Override, RegExp])[] = [
      [() => true, /did not answer trouble within 1 s/],
      [({ request }) => (request.socket.destroy(), true), /whether it took effect is not known/],
      [({ response }) => (response.writeHead(200, { 'content-type': 'application/json' }).end('x'.repeat(2 * 1024 * 1024)), true), /larger than 1 MB/],
      [({ response }) => (response.writeHead(401, { 'www-authenticate': 'Bearer' }).end(), true), /wants a sign-in or other credentials \(HTTP 401\)/],
      [({ response }) => (response.writeHead(307, { location: elsewhere.url }).end(), true), /redirects to another address \(HTTP 307\)/],
      [({ request }) => (request.socket.end('HTTP/1.1 999 Odd\r\n\r\n'), true), /^"bad" /],
      [({ request }) => (request.socket.end('no HTTP at all'), true), /^"bad" /],
    ];
    for (const [way, said] of ways) {
      trouble = way;
      expect((await room.failure('bad', 'trouble')).message).toMatch(said);
      await works(room);
    }
    expect(elsewhere.requests).toEqual([]);
    await healthy(room);
  });

  it.each([301, 302, 303, 307, 308])('that sends on within its own host (HTTP %i) is followed where a request keeps what it is, with what it was sent', async (status) => {
    const { room, server } = await against(
      ({ request, response }) => {
        if (request.url !== '/mcp') return false;
        response.writeHead(status, { location: '/v2/mcp' }).end();
        return true;
      },
      { definition: { headers: { 'X-Api-Key': 'k-99887766' } } },
    );
    if (status < 307) {
      expect((await room.failure('bad', 'echo')).message).toMatch(new RegExp(`^"bad" redirects to another address \\(HTTP ${status}\\)`));
      return;
    }
    expect(await room.call('bad', 'echo', { text: 'moved' })).toEqual({ ok: true, value: 'moved' });
    expect(server.requests.filter(({ url }) => url === '/v2/mcp').every(({ headers }) => headers['x-api-key'] === 'k-99887766')).toBe(true);
  });

  it('that speaks only the older SSE transport is reached by it', async () => {
    const { room, server } = await against(sse('by SSE'));
    expect(await room.call('bad', 'echo')).toEqual({ ok: true, value: 'by SSE' });
    expect(room.server('bad').transport).toBe('sse');
    await server.close();
    await room.server('bad').stop();
    // A connection that was kept for the next request may only find out with it that it is closed.
    await vi.waitFor(() => expect(room.server('bad').start()).rejects.toThrow('"bad" refuses connections; check that it runs and that its address is right.'), { timeout: 10_000 });
  });
});
