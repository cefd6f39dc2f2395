import { createMcpHandler, isLegacyRequest, WebStandardStreamableHTTPServerTransport, type Server } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { refusalOf } from './guard.js';
import type { ExposedRooms } from './ports.js';
import { conversationName, exposedServer } from './server.js';

export interface EndpointOptions {
  /** Bearer token that every request must carry. */
  readonly token: string;
  /** The wished-for port; any free one where it is taken. */
  readonly port: number;
  readonly version: string;
  readonly onLog: (text: string) => void;
}

/** Code Mode as an MCP server on a loopback address. */
export interface Endpoint {
  readonly url: string;
  readonly port: number;
  /** Clients that hold a session now. */
  readonly sessions: number;
  /** Cancels what runs and stops listening. */
  close(): Promise<void>;
}

/** Scripts are short; larger bodies are nobody's script. */
const bodyBytes = 4 * 1024 * 1024;
/** A client that forgets to end its sessions costs its oldest ones. */
const mostSessions = 32;
/** Clients give up on an answer that sends nothing for minutes, and a run may wait for a person. */
const keepAliveMs = 15_000;

/** Starts listening on loopback, for both protocol generations. */
export async function openEndpoint(rooms: ExposedRooms, options: EndpointOptions): Promise<Endpoint> {
  const sessions = new Sessions(rooms, options);
  const http = createServer((request, response) => {
    void serve(request, response, sessions, options.token).catch((error: unknown) => {
      options.onLog(`A request could not be answered: ${error instanceof Error ? error.message : String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  // A run may take minutes, and its answer comes on the same response.
  http.requestTimeout = 60_000;
  await listen(http, options.port).catch(() => listen(http, 0));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    get sessions() {
      return sessions.count;
    },
    async close() {
      // Nobody new is let in while those within are told to go.
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await sessions.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** Earlier protocols keep a session between requests, so that a call can be cancelled; 2026-07-28 needs none. */
class Sessions {
  private readonly transports = new Map<string, { readonly transport: WebStandardStreamableHTTPServerTransport; readonly server: Server }>();
  private readonly modern: ReturnType<typeof createMcpHandler>;

  constructor(
    private readonly rooms: ExposedRooms,
    private readonly options: EndpointOptions,
  ) {
    const started = randomUUID();
    this.modern = createMcpHandler(() => exposedServer(rooms, options.version, (client) => conversationName(started, client)), { legacy: 'reject', responseMode: 'sse', keepAliveMs, maxRequestBodySize: bodyBytes });
  }

  get count(): number {
    return this.transports.size;
  }

  async answer(request: Request): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id !== null) {
      const known = this.transports.get(id);
      if (known !== undefined) return known.transport.handleRequest(request);
      return Response.json({ jsonrpc: '2.0', id: null, error: { code: -32_001, message: 'Session not found' } }, { status: 404 });
    }
    if (!(await isLegacyRequest(request, undefined, { maxRequestBodySize: bodyBytes }))) return this.modern.fetch(request);
    return this.open(request);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.modern.close(), ...[...this.transports.values()].map(({ server }) => server.close())]);
    this.transports.clear();
  }

  private async open(request: Request): Promise<Response> {
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      keepAliveMs,
      maxRequestBodySize: bodyBytes,
      onsessioninitialized: (id) => {
        this.transports.set(id, { transport, server });
        const oldest = this.transports.size > mostSessions ? this.transports.keys().next().value : undefined;
        if (oldest !== undefined) void this.end(oldest);
      },
      onsessionclosed: (id) => void this.transports.delete(id),
    });
    const server = await exposedServer(this.rooms, this.options.version, (client, session) => conversationName(client, session ?? ''));
    await server.connect(transport);
    const response = await transport.handleRequest(request);
    // Not the beginning of a session: nothing of it is kept.
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  private async end(id: string): Promise<void> {
    const found = this.transports.get(id);
    this.transports.delete(id);
    await found?.server.close();
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, sessions: Sessions, token: string): Promise<void> {
  const refusal = refusalOf(request.headers, token);
  if (refusal !== undefined) {
    const headers = { 'content-type': 'application/json', connection: 'close', ...(refusal.status === 401 ? { 'www-authenticate': 'Bearer realm="Code Mode"' } : {}) };
    response.writeHead(refusal.status, headers).end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_000, message: refusal.message } }));
    return;
  }
  if (new URL(request.url ?? '/', 'http://127.0.0.1').pathname !== '/mcp') {
    response.writeHead(404).end();
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const answer = await sessions.answer(webRequest(request, gone.signal));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    response.end();
    return;
  }
  response.flushHeaders();
  const body = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
  body.on('error', () => response.destroy());
  response.on('close', () => body.destroy());
  body.pipe(response);
}

function webRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/' } = request;
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) for (const each of Array.isArray(value) ? value : [value ?? '']) headers.append(name, each);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`http://127.0.0.1${url}`, { method, headers, signal, ...(hasBody ? { body: Readable.toWeb(request) as unknown as BodyInit, duplex: 'half' } : {}) });
}

function listen(server: HttpServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
