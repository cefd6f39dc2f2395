import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/json.js';

export interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: JsonObject;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The JSON-RPC message of a POST. */
  readonly message: Message;
  readonly body: string;
  readonly answer: (result: JsonValue) => void;
}

/** Handles an exchange in place of the ordinary server; true when it did. */
export type Override = (exchange: Exchange) => boolean | void;

/** A streamable HTTP server of protocol 2025-11-25 on loopback that can be made to misbehave. */
export class HttpServer {
  readonly requests: { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers']; readonly message: Message }[] = [];
  url = '';
  private stop: () => Promise<void> = () => Promise.resolve();

  static async open(override: Override = () => false, options: { readonly tls?: 'self-signed' | 'private authority'; readonly port?: number; readonly socket?: string; readonly whenDone?: (close: () => Promise<void>) => void } = {}): Promise<HttpServer> {
    const made = new HttpServer();
    const handle = (request: IncomingMessage, response: ServerResponse): void => void made.serve(request, response, override);
    const pem = options.tls === undefined ? undefined : readFileSync(path.resolve(import.meta.dirname, '../../fixtures/mcp', options.tls === 'self-signed' ? 'self-signed.pem' : 'private-ca/server.pem'));
    const server = pem === undefined ? createServer(handle) : createTlsServer({ key: pem, cert: pem }, handle);
    const place = options.socket === undefined ? { port: options.port ?? 0, host: '127.0.0.1' } : { path: options.socket };
    await new Promise<void>((resolve) => server.listen(place, resolve));
    made.url = options.socket !== undefined ? `unix://${options.socket}#/mcp` : `${options.tls !== undefined ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    made.stop = () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    (options.whenDone ?? onTestFinished)(() => made.close());
    return made;
  }

  close(): Promise<void> {
    return this.stop();
  }

  /** Methods of the messages it was sent, in order. */
  get methods(): readonly string[] {
    return this.requests.flatMap((request) => (request.message.method === undefined ? [] : [request.message.method]));
  }

  private async serve(request: IncomingMessage, response: ServerResponse, override: Override): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const message = (body.startsWith('{') ? JSON.parse(body) : {}) as Message;
    this.requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, message });
    const answer = (result: JsonValue): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    };
    if (override({ request, response, message, body, answer }) === true) return;
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    if (message.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    switch (message.method) {
      case 'initialize':
        return answer({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'http fixture', version: '1' } });
      case 'tools/list':
        return answer({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }, { name: 'trouble', inputSchema: { type: 'object' } }] });
      case 'tools/call':
        return answer({ content: [{ type: 'text', text: (message.params?.arguments as JsonObject | undefined)?.text ?? 'no text' }] });
      default:
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32_601, message: 'Method not found' } }));
    }
  }
}

/** True for the call that is meant to go wrong. */
export function isTrouble(message: Message): boolean {
  return message.method === 'tools/call' && message.params?.name === 'trouble';
}
