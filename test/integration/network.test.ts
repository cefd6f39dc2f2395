// Servers behind a proxy, and with certificates of a private authority, as VS Code is set up for them.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import type { McpServer } from '../../src/mcp/servers.js';
import { activated, answering, approving, eventually, valueOf, workspaceFolder, type Inside } from './inside.js';

const results: Readonly<Record<string, unknown>> = {
  initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'far', version: '1' } },
  'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
  'tools/call': { content: [{ type: 'text', text: 'from afar' }] },
};

describe('servers behind a proxy and a private authority', () => {
  let inside: Inside;
  let answers: readonly { dispose(): void }[] = [];
  let far: TlsServer;
  let odd: TlsServer;
  let proxy: Server;
  /** Host and port of every tunnel that was asked for. */
  const tunnels: string[] = [];
  const port = (server: Server | TlsServer): number => (server.address() as AddressInfo).port;

  before(async () => {
    const pem = readFileSync(process.env['CODE_MODE_SERVER_PEM']!);
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { id, method = '' } = (request.method === 'POST' ? JSON.parse(body) : {}) as { id?: number; method?: string };
      if (id === undefined) return void response.writeHead(request.method === 'POST' ? 202 : 405).end();
      const result = results[method];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(result === undefined ? { error: { code: -32_601, message: 'Method not found' } } : { result }) }));
    };
    far = createTlsServer({ key: pem, cert: pem }, (request, response) => void answer(request, response));
    const own = readFileSync(process.env['CODE_MODE_SELF_SIGNED']!);
    odd = createTlsServer({ key: own, cert: own }, (request, response) => void answer(request, response));
    proxy = createServer((_, response) => void response.writeHead(501).end());
    proxy.on('connect', (request, socket) => {
      tunnels.push(String(request.url));
      const target = connect(port(far), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    for (const server of [far, odd, proxy]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const servers = approving();
    inside = await activated();
    answers = [servers, answering(inside)];
    await vscode.commands.executeCommand('codemode.writeTypings');
  });

  after(async () => {
    answers.forEach((each) => each.dispose());
    await configure('proxy', undefined);
    for (const server of [far, odd, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  });

  const configure = async (name: string, value: unknown): Promise<void> => vscode.workspace.getConfiguration('http').update(name, value, vscode.ConfigurationTarget.Global);

  /** The state of a server at this address, once it runs or has failed. */
  async function stateAt(name: string, url: string): Promise<McpServer['state']> {
    writeFileSync(path.join(workspaceFolder(), '.vscode/mcp.json'), JSON.stringify({ servers: { [name]: { type: 'http', url } } }));
    await inside.servers.reload();
    return eventually(() => {
      const state = inside.servers.find(name)?.state;
      return state?.kind === 'running' || state?.kind === 'failed' ? state : undefined;
    });
  }

  it('are reached by the proxy that VS Code is set to, with an authority that the system trusts', async () => {
    await configure('proxy', `http://127.0.0.1:${port(proxy)}`);
    assert.deepEqual(await stateAt('far', 'https://mcp.example/mcp'), { kind: 'running' });
    assert.equal(await valueOf(inside, 'return await far.echo({});'), 'from afar');
    assert.ok(tunnels.length > 0 && tunnels.every((tunnel) => tunnel === 'mcp.example:443'), tunnels.join());
  });

  it('are reached past it where VS Code is set to', async () => {
    await configure('noProxy', ['127.0.0.1']);
    const before = tunnels.length;
    assert.deepEqual(await stateAt('near', `https://127.0.0.1:${port(far)}/mcp`), { kind: 'running' });
    assert.equal(tunnels.length, before);
    await configure('noProxy', undefined);
  });

  it('say what is wrong where there is no proxy that knows their name', async () => {
    await configure('proxy', undefined);
    assert.match(JSON.stringify(await stateAt('lost', 'https://lost.mcp.example/mcp')), /\\"lost\\" was not found: its host name does not resolve/);
  });

  it('say what is wrong with the certificate of an authority that nobody trusts', async () => {
    assert.match(JSON.stringify(await stateAt('odd', `https://127.0.0.1:${port(odd)}/mcp`)), /\\"odd\\" has a certificate that it signed itself; add it to the trusted certificates/);
  });

  it('and programs that are started inherit what the editor was started with', async () => {
    const { CODE_MODE_FIXTURE: fixture = '', SSL_CERT_FILE: authority } = process.env;
    writeFileSync(path.join(workspaceFolder(), '.vscode/mcp.json'), JSON.stringify({ servers: { program: { command: 'node', args: [fixture, 'plain'] } } }));
    await inside.servers.reload();
    await eventually(() => (inside.servers.find('program')?.state.kind === 'running' ? true : undefined));
    assert.equal(await valueOf(inside, `return await program.environment({ name: 'SSL_CERT_FILE' });`), authority);
  });
});
