// Remote servers with certificates, and a proxy that alone knows where they are.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import type { McpServer } from '../../src/mcp/servers.js';
import { eventually, outcomeOf, workspaceFolder, type Inside } from './inside.js';

const results: Readonly<Record<string, unknown>> = {
  initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'far', version: '1' } },
  'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
  'tools/call': { content: [{ type: 'text', text: 'from afar' }] },
};

type Listening = Server | TlsServer;
const portOf = (server: Listening): number => (server.address() as AddressInfo).port;

/** What a proxy does with whoever asks for a host of this name; the others are led to a server. */
const refusals: Readonly<Record<string, string>> = {
  'forbidden.example': 'HTTP/1.1 403 Forbidden\r\n\r\n',
  // A scheme that nobody can be asked about in a dialog.
  'asking.example': 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Digest realm="proxy", nonce="n"\r\n\r\n',
  'closing.example': '',
  'hollow.example': 'HTTP/1.1 200 Connection Established\r\n\r\n',
};

export class Far {
  /** Host and port of every tunnel that was asked for at the proxy, with the credentials that came along. */
  readonly tunnels: { readonly to: string; readonly credentials: string | undefined }[] = [];
  /** Requests to servers: method of HTTP, host and headers. */
  readonly requests: IncomingMessage[] = [];
  /** Answers an exchange in place of the ordinary server; true when it did. */
  override: (request: IncomingMessage, response: ServerResponse, body: string) => boolean = () => false;

  /** Its certificate is of a private authority. */
  private readonly tls: TlsServer;
  /** It signed its certificate itself. */
  private readonly odd: TlsServer;
  private readonly plain: Server;
  private readonly onSocket: Server;
  private readonly proxy: Server;
  /** Whoever is connected to the proxy, and of these the ones that are led on, with where to. */
  private readonly asking = new Set<Socket>();
  private readonly led = new Set<readonly [Socket, Socket]>();

  private constructor() {
    const certificate = (variable: string): Buffer => readFileSync(process.env[variable]!);
    const [pem, own] = [certificate('CODE_MODE_SERVER_PEM'), certificate('CODE_MODE_SELF_SIGNED')];
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.answer(request, response);
    this.tls = createTlsServer({ key: pem, cert: pem }, answer);
    this.odd = createTlsServer({ key: own, cert: own }, answer);
    this.plain = createServer(answer);
    this.onSocket = createServer(answer);
    this.proxy = createServer((_, response) => void response.writeHead(501).end());
    this.proxy.on('connect', (request, socket: Socket) => this.lead(request, socket));
  }

  /** @param proxyPort where the proxy listens; left out, anywhere. */
  static async open(proxyPort = 0): Promise<Far> {
    const far = new Far();
    for (const server of [far.tls, far.odd, far.plain]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await far.openProxy(proxyPort);
    return far;
  }

  /** Address of a server that listens at this path. */
  async openSocket(file: string): Promise<string> {
    await new Promise<void>((resolve) => this.onSocket.listen(file, resolve));
    return `unix://${file}#/mcp`;
  }

  async openProxy(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => this.proxy.once('error', reject).listen(port, '127.0.0.1', resolve));
  }

  async closeProxy(): Promise<void> {
    for (const socket of this.asking) socket.destroy();
    await new Promise((resolve) => this.proxy.close(resolve));
  }

  async close(): Promise<void> {
    if (this.proxy.listening) await this.closeProxy();
    for (const server of [this.tls, this.odd, this.plain, this.onSocket]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  get proxyPort(): number {
    return portOf(this.proxy);
  }

  /** Addresses that lead there without a proxy. */
  readonly direct = {
    tls: (): string => `https://127.0.0.1:${portOf(this.tls)}/mcp`,
    odd: (): string => `https://127.0.0.1:${portOf(this.odd)}/mcp`,
    /** This machine, by an address for which VS Code takes a proxy as for any other. */
    plain: (): string => `http://0.0.0.0:${portOf(this.plain)}/mcp`,
  };

  tunnelsTo(host: string): number {
    return this.tunnels.filter(({ to }) => to.startsWith(`${host}:`)).length;
  }

  /** Nothing goes on in the tunnels that are open, until what is returned is called. */
  hush(): () => void {
    const pairs = [...this.led];
    for (const [near, target] of pairs) {
      near.unpipe(target).pause();
      target.unpipe(near).pause();
    }
    return () => pairs.forEach(([near, target]) => near.pipe(target).pipe(near));
  }

  private lead(request: IncomingMessage, socket: Socket): void {
    const to = String(request.url);
    this.tunnels.push({ to, credentials: request.headers['proxy-authorization'] });
    this.asking.add(socket);
    socket.on('error', () => undefined).on('close', () => this.asking.delete(socket));
    const [host = '', port] = to.split(':');
    const refusal = refusals[host];
    if (refusal !== undefined) {
      if (refusal === '') socket.destroy();
      else socket.end(refusal);
      return;
    }
    const target = connect(host === '0.0.0.0' ? Number(port) : portOf(host === 'odd.example' ? this.odd : this.tls), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    const pair = [socket, target] as const;
    this.led.add(pair);
    const over = (): void => {
      this.led.delete(pair);
      pair.forEach((each) => each.destroy());
    };
    for (const each of pair) each.on('error', over).on('close', over);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (this.override(request, response, body)) return;
    const { id, method = '' } = (request.method === 'POST' ? JSON.parse(body) : {}) as { id?: number; method?: string };
    if (id === undefined) return void response.writeHead(request.method === 'POST' ? 202 : 405).end();
    const result = results[method];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(result === undefined ? { error: { code: -32_601, message: 'Method not found' } } : { result }) }));
  }
}

/**
 * VS Code 1.106 keeps the first proxy that anything went through for as long as a window is open, whatever is set later:
 * what follows a change of it cannot be seen there.
 */
export const keepsFirstProxy = vscode.version.startsWith('1.106.');

/** A setting of the user's, below `http`. */
export const configure = async (name: string, value: unknown): Promise<void> => vscode.workspace.getConfiguration('http').update(name, value, vscode.ConfigurationTarget.Global);

/** Writes this as the workspace's servers. */
export async function configureServers(inside: Inside, servers: Readonly<Record<string, object>>): Promise<void> {
  writeFileSync(path.join(workspaceFolder(), '.vscode/mcp.json'), JSON.stringify({ servers }));
  await inside.servers.reload();
}

/** The state of a server once it was started, or could not be. */
export async function stateOf(inside: Inside, name: string, definition: object): Promise<McpServer['state']> {
  await configureServers(inside, { [name]: definition });
  const server = await eventually(() => inside.servers.find(name));
  await server.start().catch(() => undefined);
  return server.state;
}

export const stateAt = (inside: Inside, name: string, url: string): Promise<McpServer['state']> => stateOf(inside, name, { type: 'http', url });

/** Why a server at this address cannot be used. */
export async function failureAt(inside: Inside, name: string, url: string): Promise<string> {
  const state = await stateAt(inside, name, url);
  assert.equal(state.kind, 'failed');
  return state.kind === 'failed' ? state.message : '';
}

/** Why a script does not end well. */
export async function failureOf(inside: Inside, source: string): Promise<string> {
  const outcome = await outcomeOf(inside, source);
  assert.equal(outcome.status, 'failed', JSON.stringify(outcome));
  return JSON.stringify(outcome);
}
