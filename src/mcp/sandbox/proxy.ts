import { lookup } from 'node:dns/promises';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { BlockList, connect, type Socket } from 'node:net';
import path from 'node:path';
import { pipeline, type Duplex } from 'node:stream';

/** Domains as VS Code writes them: `example.org`, `*.example.org`, `*`. A denied one is denied whatever is allowed. */
export interface Domains {
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
}

/** This machine and its links: reached by a name that is allowed as such, never by one that merely leads here. */
const here = new BlockList();
here.addSubnet('127.0.0.0', 8);
here.addSubnet('169.254.0.0', 16);
here.addAddress('0.0.0.0');
here.addAddress('::1', 'ipv6');
here.addAddress('::', 'ipv6');
here.addSubnet('fe80::', 10, 'ipv6');

function plain(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function fits(pattern: string, host: string): boolean {
  const wanted = plain(pattern.trim());
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
}

export function isAllowed(name: string, { allowed, denied }: Domains): boolean {
  const host = plain(name);
  return host !== '' && !denied.some((pattern) => fits(pattern, host)) && allowed.some((pattern) => fits(pattern, host));
}

/** The address of an allowed host. @throws an error that says why it is not reached. */
async function addressOf(name: string, domains: Domains): Promise<string> {
  const host = plain(name);
  if (!isAllowed(host, domains)) throw new Error('it is none of the domains its sandbox allows');
  const { address, family } = await lookup(host);
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  const isHere = here.check(mapped ?? address, mapped === undefined && family === 6 ? 'ipv6' : 'ipv4');
  if (isHere && !domains.allowed.some((pattern) => plain(pattern.trim()) === host)) throw new Error('it leads to this machine, which its sandbox does not allow by name');
  return address;
}

/**
 * The only way out of a sandbox without a network: an HTTP proxy on a socket that is a file, which lets through what is
 * allowed. Resolves with what ends it.
 */
export async function startProxy(socket: string, domains: Domains, onLog: (text: string) => void): Promise<() => void> {
  const open = new Set<Duplex>();
  const follow = <T extends Duplex>(stream: T): T => {
    open.add(stream);
    stream.once('close', () => open.delete(stream));
    stream.on('error', () => stream.destroy());
    return stream;
  };
  const refused = (host: string, error: unknown): void => onLog(`Its sandbox kept it from ${JSON.stringify(host.slice(0, 200))}: ${error instanceof Error ? error.message : String(error)}`);
  const server = createServer((asked, answer) => void forward(asked, answer));

  server.maxConnections = 512;
  server.on('connection', (client: Socket) => follow(client));
  server.on('connect', (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    const { hostname, port } = target(`http://${asked.url ?? ''}`);
    addressOf(hostname, domains).then(
      (address) => {
        if (client.destroyed) return;
        const out = follow(connect(Number(port || 443), address));
        out.once('connect', () => {
          client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
          out.write(head);
          client.pipe(out).pipe(client);
        });
        out.once('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
        client.once('close', () => out.destroy());
        out.once('close', () => client.destroy());
      },
      (error: unknown) => {
        refused(hostname, error);
        client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      },
    );
  });

  async function forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = target(asked.url ?? '');
    try {
      if (url.protocol !== 'http:') throw new Error('only addresses of the web are reached');
      const host = await addressOf(url.hostname, domains);
      const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = asked.headers;
      const out = request({ host, port: url.port || 80, path: `${url.pathname}${url.search}`, method: asked.method, headers: { ...headers, host: url.host } }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        pipeline(got, answer, () => undefined);
      });
      answer.once('close', () => out.destroy());
      pipeline(asked, out, (error) => {
        if (error) answer.destroy();
      });
    } catch (error) {
      refused(url.hostname, error);
      answer.writeHead(403).end();
    }
  }

  await mkdir(path.dirname(socket), { recursive: true, mode: 0o700 });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  await chmod(socket, 0o600);
  return () => {
    server.close();
    for (const stream of open) stream.destroy();
    void rm(path.dirname(socket), { recursive: true, force: true });
  };
}

function target(text: string): { readonly hostname: string; readonly port: string; readonly protocol: string; readonly host: string; readonly pathname: string; readonly search: string } {
  return URL.canParse(text) ? new URL(text) : { hostname: '', port: '', protocol: '', host: '', pathname: '', search: '' };
}

/**
 * Runs inside the sandbox, before the program and around it: gives the sandbox's own loopback a proxy that leads to the
 * socket. JavaScript for `node -e`: it must run where nothing of ours is installed.
 */
export const bridge = `
const net = require('node:net');
const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const [socket, command, ...args] = process.argv.slice(1);
const server = net.createServer((client) => {
  const out = net.connect(socket);
  const end = () => { client.destroy(); out.destroy(); };
  for (const stream of [client, out]) stream.on('error', end).on('close', end);
  client.pipe(out).pipe(client);
});
server.listen(0, '127.0.0.1', () => {
  const proxy = 'http://127.0.0.1:' + server.address().port;
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1', NO_PROXY: 'localhost,127.0.0.1', no_proxy: 'localhost,127.0.0.1' };
  delete env.ELECTRON_RUN_AS_NODE;
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) env[name] = env[name.toLowerCase()] = proxy;
  const child = spawn(command, args, { stdio: 'inherit', env });
  child.on('error', (error) => { console.error(error.message); process.exit(127); });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
});
`;
