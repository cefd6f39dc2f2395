import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { request as httpRequest } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { openEndpoint, type Endpoint } from '../../../src/mcp/expose/main.js';
import type { ExposedAnswer, ExposedCaller, ExposedRooms } from '../../../src/mcp/expose/ports.js';

const token = 'a-token-of-this-workspace';
type Call = { readonly tool: string; readonly args: JsonObject; readonly caller: ExposedCaller };

async function open(answer: (call: Call) => Promise<string | ExposedAnswer> = async ({ tool }) => `answer of ${tool}`): Promise<{ readonly endpoint: Endpoint; readonly calls: Call[] }> {
  const calls: Call[] = [];
  const rooms: ExposedRooms = {
    tools: [
      { name: 'codemode_search', title: 'Search', description: 'Searches', inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] }, readOnly: true },
      { name: 'codemode_run', description: 'Runs', inputSchema: { type: 'object' }, readOnly: false },
    ],
    instructions: async () => 'One typed API.',
    call: async (tool, args, caller) => {
      const call = { tool, args, caller };
      calls.push(call);
      const answered = await answer(call);
      return typeof answered === 'string' ? { text: answered } : answered;
    },
  };
  const endpoint = await openEndpoint(rooms, { token, port: 0, version: '0.0.0', onLog: () => undefined });
  onTestFinished(() => endpoint.close());
  return { endpoint, calls };
}

interface AnyClient {
  listTools(): Promise<{ tools: { name: string; description?: string; annotations?: { readOnlyHint?: boolean } }[] }>;
  callTool(params: { name: string; arguments?: Record<string, unknown> }, options: { signal?: AbortSignal; onprogress?: (progress: { message?: string }) => void }): Promise<unknown>;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

const headers = { Authorization: `Bearer ${token}` };
const clients: Readonly<Record<string, (url: string) => Promise<AnyClient>>> = {
  'the first SDK': async (url) => {
    const client = new ClientV1({ name: 'first', version: '1' });
    await client.connect(new HttpV1(new URL(url), { requestInit: { headers } }));
    return {
      listTools: () => client.listTools(),
      callTool: (params, options) => client.callTool(params, undefined, options),
      getInstructions: () => client.getInstructions(),
      close: () => client.close(),
    };
  },
  'the second SDK, protocol 2026-07-28': async (url) => {
    const client = new ClientV2({ name: 'second', title: 'Second Client', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new HttpV2(new URL(url), { requestInit: { headers } }));
    return { listTools: () => client.listTools(), callTool: (params, options) => client.callTool(params, options), getInstructions: () => client.getInstructions(), close: () => client.close() };
  },
};

async function connected(kind: string, url: string): Promise<AnyClient> {
  const client = await clients[kind]!(url);
  onTestFinished(() => client.close());
  return client;
}

describe.each(Object.keys(clients))('Code Mode as a server, for a client of %s', (kind) => {
  it('offers the tools, tells what they are for, and answers calls', async () => {
    const { endpoint, calls } = await open();
    const client = await connected(kind, endpoint.url);
    expect(client.getInstructions()).toBe('One typed API.');
    expect((await client.listTools()).tools.map(({ name, description, annotations }) => [name, description, annotations?.readOnlyHint])).toEqual([
      ['codemode_search', 'Searches', true],
      ['codemode_run', 'Runs', false],
    ]);
    expect(await client.callTool({ name: 'codemode_search', arguments: { query: 'x' } }, {})).toMatchObject({ content: [{ type: 'text', text: 'answer of codemode_search' }] });
    expect(calls.map(({ tool, args, caller }) => [tool, args, caller.client])).toEqual([['codemode_search', { query: 'x' }, kind.includes('first') ? 'first' : 'Second Client']]);
  });

  it('hands on the images of an answer as what they are', async () => {
    const { endpoint } = await open(async () => ({ text: 'Status: finished', images: [{ mimeType: 'image/png', data: new Uint8Array([1, 2, 3]) }] }));
    const client = await connected(kind, endpoint.url);
    expect(await client.callTool({ name: 'codemode_run', arguments: {} }, {})).toMatchObject({ content: [{ type: 'text', text: 'Status: finished' }, { type: 'image', data: 'AQID', mimeType: 'image/png' }] });
  });

  it('tells what went wrong as the answer of the call', async () => {
    const { endpoint } = await open(async () => {
      throw new Error('Expected { "title": string, "script": string }.');
    });
    const client = await connected(kind, endpoint.url);
    expect(await client.callTool({ name: 'codemode_run' }, {})).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('Expected') as string }] });
  });

  it('cancels the run whose call is cancelled, and answers the next one', async () => {
    let cancelled: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (cancelled = resolve));
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    const { endpoint } = await open(({ args, caller }) => {
      if (args.script !== 'long') return Promise.resolve('short');
      return new Promise((_, reject) => {
        started();
        caller.signal.addEventListener('abort', () => {
          cancelled();
          reject(new Error('stopped'));
        });
      });
    });
    const client = await connected(kind, endpoint.url);
    const abort = new AbortController();
    const call = client.callTool({ name: 'codemode_run', arguments: { script: 'long' } }, { signal: abort.signal });
    await running;
    abort.abort();
    await expect(call).rejects.toThrow();
    await ended;
    expect(await client.callTool({ name: 'codemode_run', arguments: {} }, {})).toMatchObject({ content: [{ text: 'short' }] });
  });

  it('tells how a long run gets on', async () => {
    const { endpoint } = await open(async ({ caller }) => {
      caller.onProgress({ message: 'repo.read' });
      caller.onProgress({ message: 'The developer is asked' });
      return 'done';
    });
    const client = await connected(kind, endpoint.url);
    const told: (string | undefined)[] = [];
    await client.callTool({ name: 'codemode_run' }, { onprogress: ({ message }) => void told.push(message) });
    expect(told).toEqual(['repo.read', 'The developer is asked']);
  });

  it('keeps the calls of one client together, and those of two apart', async () => {
    const { endpoint, calls } = await open();
    const client = await connected(kind, endpoint.url);
    await client.callTool({ name: 'codemode_run' }, {});
    await client.callTool({ name: 'codemode_run' }, {});
    const other = await connected(Object.keys(clients).find((each) => each !== kind)!, endpoint.url);
    await other.callTool({ name: 'codemode_run' }, {});
    const [first, second, third] = calls.map(({ caller }) => caller.conversation);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });
});

/** A POST as written, whatever a browser or a client would have made of it. */
function post(url: string, given: Readonly<Record<string, string>>, body = '{"jsonrpc":"2.0","id":1,"method":"ping"}'): Promise<{ readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, unknown>> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...given } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    request.on('error', reject).end(body);
  });
}

describe('Code Mode as a server', () => {
  const initialize = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}';

  it.each([
    ['no token', {}, 401],
    ['another token', { authorization: 'Bearer a-token-of-that-workspace' }, 401],
    ['the beginning of the token', { authorization: 'Bearer a-token' }, 401],
    ['the token in another scheme', { authorization: `Basic ${token}` }, 401],
    ['a host name that was made to resolve here', { authorization: `Bearer ${token}`, host: 'evil.example:80' }, 403],
    ['a page of another site', { authorization: `Bearer ${token}`, origin: 'https://evil.example' }, 403],
    ['a page of nowhere', { authorization: `Bearer ${token}`, origin: 'null' }, 403],
  ])('refuses a request with %s', async (_, given, status) => {
    const { endpoint, calls } = await open();
    const answer = await post(endpoint.url, given, initialize);
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.text) as { error: { message: string } }).error.message).toMatch(/\.$/);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="Code Mode"' : undefined);
    expect(JSON.stringify(answer)).not.toContain(token);
    expect([calls, endpoint.sessions]).toEqual([[], 0]);
  });

  it('listens on loopback alone, at one path', async () => {
    const { endpoint } = await open();
    expect(new URL(endpoint.url).hostname).toBe('127.0.0.1');
    expect((await post(endpoint.url.replace('/mcp', '/'), headers)).status).toBe(404);
  });

  it('takes no body larger than a script can be', async () => {
    const { endpoint } = await open();
    expect((await post(endpoint.url, headers, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(5_000_000) } }))).status).toBe(413);
  });

  it.each(['', '{', '[]', '"text"', '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'])('answers %j with an error and goes on', async (body) => {
    const { endpoint } = await open();
    expect((await post(endpoint.url, headers, body)).status).toBeGreaterThanOrEqual(400);
    expect((await post(endpoint.url, { ...headers, 'mcp-session-id': 'guessed' }, body)).status).toBe(404);
    expect((await post(endpoint.url, headers, initialize)).status).toBe(200);
  });

  it('keeps a bounded number of sessions', async () => {
    const { endpoint } = await open();
    for (let count = 0; count < 40; count++) await post(endpoint.url, headers, initialize);
    expect(endpoint.sessions).toBe(32);
  });

  it('takes another port where its own is taken, and cancels what runs when it stops', async () => {
    let cancelled = false;
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    const { endpoint } = await open(
      ({ caller }) =>
        new Promise((_, reject) => {
          started();
          caller.signal.addEventListener('abort', () => {
            cancelled = true;
            reject(new Error('stopped'));
          });
        }),
    );
    const second = await openEndpoint({ tools: [], instructions: async () => '', call: async () => ({ text: '' }) }, { token, port: endpoint.port, version: '0.0.0', onLog: () => undefined });
    onTestFinished(() => second.close());
    expect(second.port).not.toBe(endpoint.port);
    const client = await connected('the first SDK', endpoint.url);
    const call = client.callTool({ name: 'codemode_run' }, {}).catch((error: unknown) => error);
    await running;
    await endpoint.close();
    expect(cancelled).toBe(true);
    await client.close();
    expect(await call).toBeInstanceOf(Error);
  });
});
