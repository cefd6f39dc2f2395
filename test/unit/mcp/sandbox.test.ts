import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/json.js';
import { bubblewrapArguments, findConfiner, seatbeltProfile, type Confinement } from '../../../src/mcp/sandbox/confiner.js';
import { isAllowed, startProxy } from '../../../src/mcp/sandbox/proxy.js';
import { sandboxRules } from '../../../src/mcp/sandbox/rules.js';
import { sandboxNotices } from '../../../src/mcp/sandbox/sandbox.js';
import { fixture, Room } from './room.js';

const confinement: Confinement = { cwd: '/w', allowWrite: ['/home/me/.npm', '/data'], denyWrite: ['/w/.git'], denyRead: ['/home/me/.ssh', '/w/.env'], network: 'none' };

describe('what a sandbox of an mcp.json asks for', () => {
  it('is where it may write and not read, and npm’s cache as in VS Code', () => {
    expect(sandboxRules({ filesystem: { allowWrite: ['./out', 3, ''] as JsonValue, denyRead: ['~/.ssh'], denyWrite: ['.git'] }, network: { allowedDomains: [] } }, true)).toEqual({
      allowWrite: ['~/.npm', './out'],
      denyRead: ['~/.ssh'],
      denyWrite: ['.git'],
      network: 'none',
      notices: [],
    });
  });

  it.each([
    [true, /does not limit the network/],
    [{ network: { allowedDomains: ['example.org'] } }, /names domains, which cannot be told apart on this system: it reaches the whole network/],
    [{ network: { deniedDomains: ['evil.example'] } }, /names domains/],
    [{ network: { allowedDomains: ['*'] } }, /does not limit the network/],
    [{ filesystem: [], network: 'none' }, /does not limit the network/],
  ] as [JsonValue, RegExp][])('and what of it cannot be had is said: %j', (sandbox, notice) => {
    expect(sandboxRules(sandbox, false)).toMatchObject({ network: 'open', notices: [expect.stringMatching(notice)] });
  });

  it('is said not to be applied where the system has none, with the reason', () => {
    const definition = { transport: 'stdio', command: 'x', args: [], env: {}, sandbox: true } as const;
    expect(sandboxNotices(definition, { kind: 'none', why: 'bubblewrap is not installed' })).toEqual(['A sandbox is asked for and not applied, because bubblewrap is not installed: the server runs with your rights.']);
    expect(sandboxNotices({ ...definition, sandbox: undefined }, { kind: 'none', why: 'x' })).toEqual([]);
  });
});

describe('the means of the system', () => {
  it('of Linux: everything is read-only, then what may be written, then what may not', () => {
    const args = bubblewrapArguments(confinement, (file) => file.endsWith('.ssh'));
    expect(args.join(' ')).toBe(
      `--die-with-parent --unshare-pid --unshare-ipc --unshare-net --ro-bind / / --dev /dev --proc /proc --tmpfs /run --ro-bind-try /run/systemd/resolve /run/systemd/resolve --ro-bind-try /run/current-system /run/current-system ${[...new Set(['/tmp', tmpdir()])].map((folder) => `--tmpfs ${folder}`).join(' ')} --bind-try /w /w --bind-try /home/me/.npm /home/me/.npm --bind-try /data /data --ro-bind-try /w/.git /w/.git --tmpfs /home/me/.ssh --ro-bind /dev/null /w/.env`,
    );
    expect(bubblewrapArguments({ ...confinement, network: 'open' }, () => false)).not.toContain('--unshare-net');
  });

  it('of macOS: a profile whose last rule that fits decides', () => {
    expect(seatbeltProfile({ ...confinement, denyRead: ['/a "quoted" \\ place'] }, ['/private/tmp']).split('\n')).toEqual([
      '(version 1)',
      '(allow default)',
      '(deny file-write*)',
      '(allow file-write* (literal "/dev/null") (literal "/dev/tty") (regex #"^/dev/fd/"))',
      '(allow file-write* (subpath "/private/tmp") (subpath "/w") (subpath "/home/me/.npm") (subpath "/data"))',
      '(deny file-write* (subpath "/w/.git"))',
      '(deny file-read* file-write* (subpath "/a \\"quoted\\" \\\\ place"))',
      '(deny network*)',
    ]);
  });

  it.runIf(process.platform === 'linux')('are found only where they work', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mcp-bwrap-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    expect(await findConfiner({ PATH: folder })).toEqual({ kind: 'none', why: 'bubblewrap is not installed' });
    expect(await findConfiner({})).toMatchObject({ kind: 'none' });
    await writeFile(path.join(folder, 'bwrap'), '#!/bin/sh\nexit 1\n');
    await chmod(path.join(folder, 'bwrap'), 0o755);
    expect(await findConfiner({ PATH: folder })).toEqual({ kind: 'none', why: expect.stringContaining('may not make a sandbox') as string });
    expect(await findConfiner({}, 'win32')).toEqual({ kind: 'none', why: 'this system has none' });
  });
});

describe('the way out of a sandbox', () => {
  it.each([
    ['example.org', true],
    ['EXAMPLE.org.', true],
    ['a.example.org', false],
    ['a.b.wild.org', true],
    ['wild.org', false],
    ['no.wild.org', false],
    ['example.org.evil.org', false],
    ['', false],
  ])('%s is open: %s', (host, open) => {
    expect(isAllowed(host, { allowed: ['example.org', '*.wild.org'], denied: ['no.wild.org'] })).toBe(open);
  });

  it('survives sites and programs that break off in the middle', async () => {
    const { createServer } = await import('node:http');
    const { request } = await import('node:http');
    const { connect } = await import('node:net');
    const site = createServer((asked, answer) => {
      answer.writeHead(200, { 'content-length': '1000' });
      answer.write('half');
      setTimeout(() => asked.socket.destroy(), 20);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => site.once('listening', resolve));
    const { port } = site.address() as { port: number };
    const socket = path.join(await mkdtemp(path.join(tmpdir(), 'proxy-')), 'in', 'proxy');
    const log: string[] = [];
    const stop = await startProxy(socket, { allowed: ['localhost'], denied: [] }, (text) => log.push(text));
    onTestFinished(async () => {
      stop();
      site.close();
      await rm(path.dirname(path.dirname(socket)), { recursive: true, force: true });
    });
    const said = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let answer = '';
        const client = connect(socket, () => client.write(text));
        client.on('data', (chunk) => (answer += String(chunk)));
        client.on('error', () => undefined);
        client.on('close', () => resolve(answer));
      });
    expect(await said(`GET http://localhost:${port}/ HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 [^]*half/);
    expect(await said('CONNECT localhost:1 HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 502/);
    expect(await said('CONNECT \u0000 HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 40\d/);
    expect(await said('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    // Gone before the name was looked up.
    const early = request({ socketPath: socket, method: 'CONNECT', path: `localhost:${port}` }).on('error', () => undefined);
    early.end();
    early.destroy();
    expect(await said('CONNECT other.org:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 403/);
    expect(log).toEqual(expect.arrayContaining([expect.stringContaining('"other.org"') as string]));
  });
});

const confiner = await findConfiner(process.env);

/** A server whose `run` tool gives what a line of JavaScript inside it gives, or the error. */
const program = `
  const { createInterface } = require('node:readline');
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const { id, method, params } = JSON.parse(line);
    const send = (result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
    if (method === 'initialize') send({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } });
    else if (method === 'tools/list') send({ tools: [{ name: 'run', inputSchema: { type: 'object' } }] });
    else if (method === 'tools/call') send({ content: [{ type: 'text', text: String(await (async () => eval(params.arguments.code))().catch((error) => error.code ?? error.message)) }] });
    else if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } }));
  });
`;

describe.skipIf(confiner.kind === 'none')('a server in a sandbox', () => {
  const open = async (sandbox: JsonObject | undefined): Promise<{ room: Room; run: (code: string) => Promise<unknown> }> => {
    const room = await Room.open({ config: { servers: { a: { command: process.execPath, args: ['-e', program], sandboxEnabled: true } }, ...(sandbox === undefined ? {} : { sandbox }) } });
    await room.until('a', 'running', 'crashed');
    return { room, run: async (code) => ((await room.call('a', 'run', { code })) as { value: unknown }).value };
  };
  const write = (file: string): string => `require('node:fs').writeFileSync(${JSON.stringify(file)}, 'x'), 'written'`;
  const read = (file: string): string => `require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8')`;

  it('writes in its own folder and where it may, and nowhere else', async () => {
    const { room, run } = await open({ filesystem: { allowWrite: ['${userHome}/data'], denyWrite: ['.vscode'] } });
    const home = path.dirname(room.folder);
    expect(await run(write(path.join(room.folder, 'here')))).toBe('written');
    expect(await readFile(path.join(room.folder, 'here'), 'utf8')).toBe('x');
    expect(await run(write(path.join(home, 'outside')))).toMatch(/EROFS|EPERM|EACCES/);
    expect(await run(write(path.join(room.folder, '.vscode', 'mcp.json')))).toMatch(/EROFS|EPERM|EACCES/);
    await mkdir(path.join(home, 'data'));
    await room.server('a').restart();
    expect(await run(write(path.join(home, 'data', 'there')))).toBe('written');
    expect(await run(write('/dev/null'))).toBe('written');
    expect(await run(`${write('x')}.length, require('node:fs').mkdtempSync(require('node:os').tmpdir() + '/x') !== ''`)).toBe(true);
  });

  it('does not read what is denied, be it a file or a folder', async () => {
    const { room, run } = await open({ filesystem: { denyRead: ['secret.txt', 'keys'] } });
    await writeFile(path.join(room.folder, 'secret.txt'), 'hush');
    await writeFile(path.join(room.folder, 'open.txt'), 'hello');
    await mkdir(path.join(room.folder, 'keys'));
    await writeFile(path.join(room.folder, 'keys', 'id'), 'hush');
    await room.server('a').restart();
    expect(await run(read('open.txt'))).toBe('hello');
    expect(String(await run(read('secret.txt')))).not.toContain('hush');
    expect(await run(read('keys/id'))).toMatch(/ENOENT|EPERM|EACCES/);
  });

  const connect = (port: number): string => `await new Promise((done) => { const s = require('node:net').connect(${port}, '127.0.0.1', () => { s.destroy(); done('connected'); }); s.on('error', (error) => done(error.code)); })`;

  it('reaches no network where no domain is allowed, and says nothing else of it', async () => {
    const { createServer } = await import('node:net');
    const listening = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    onTestFinished(() => void listening.close());
    await new Promise((resolve) => listening.once('listening', resolve));
    const { port } = listening.address() as { port: number };
    const closed = await open({ network: { allowedDomains: [] } });
    expect(await closed.run(`(async () => ${connect(port)})()`)).toMatch(/ECONNREFUSED|EPERM|ENETUNREACH/);
    expect(closed.room.server('a').notices).toEqual([]);
    const opened = await open(undefined);
    expect(await opened.run(`(async () => ${connect(port)})()`)).toBe('connected');
    expect(opened.room.server('a').notices).toEqual([expect.stringContaining('does not limit the network')]);
  });

  const web = async (): Promise<number> => {
    const { createServer } = await import('node:http');
    const site = createServer((request, response) => response.end(`${request.headers.host} ${request.url}`)).listen(0, '127.0.0.1');
    onTestFinished(() => void site.close());
    await new Promise((resolve) => site.once('listening', resolve));
    return (site.address() as { port: number }).port;
  };
  /** Asks the proxy that the environment names, by a plain request and by a tunnel. */
  const get = (url: string): string => `await new Promise((done) => { const p = new URL(process.env.HTTP_PROXY); require('node:http').get({ host: p.hostname, port: p.port, path: ${JSON.stringify(url)}, headers: { host: new URL(${JSON.stringify(url)}).host } }, (r) => { let t = ''; r.on('data', (c) => (t += c)); r.on('end', () => done(r.statusCode + ' ' + t)); }).on('error', (e) => done(e.code)); })`;
  const tunnel = (place: string): string => `await new Promise((done) => { const p = new URL(process.env.HTTPS_PROXY); const r = require('node:http').request({ host: p.hostname, port: p.port, method: 'CONNECT', path: ${JSON.stringify(place)} }); r.on('connect', (a, s) => { if (a.statusCode !== 200) { done(a.statusCode); return s.destroy(); } s.on('data', (c) => { done(String(c).split('\\r\\n')[0]); s.destroy(); }); s.write('GET /in HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); }); r.on('error', (e) => done(e.code)); r.end(); })`;
  const inside = (code: string): string => `(async () => ${code})()`;

  it.skipIf(confiner.kind !== 'bubblewrap')('reaches the domains it names, by a proxy, and nothing else by any way', async () => {
    const port = await web();
    const { room, run } = await open({ network: { allowedDomains: ['localhost', '*.example.invalid'], deniedDomains: ['no.example.invalid'] } });
    const asked = async (code: string): Promise<string> => String(await run(inside(code)));
    expect(await run(inside(get(`http://localhost:${port}/a?b`)))).toBe(`200 localhost:${port} /a?b`);
    expect(await run(inside(tunnel(`localhost:${port}`)))).toBe('HTTP/1.1 200 OK');
    // Another name of the same place, an address, a denied name, one nobody named, one that is none.
    for (const place of [`127.0.0.1:${port}`, `[::1]:${port}`, 'no.example.invalid:443', 'example.invalid:443', 'other.org:443', '', '\u0000']) {
      expect(await asked(tunnel(place)), place).toMatch(/^(?:4\d\d|ECONNRESET|ERR_)/);
    }
    expect(await asked(get(`http://127.0.0.1:${port}/`))).toMatch(/^403/);
    expect(await asked(get('ftp://localhost/'))).toMatch(/^403/);
    expect(await run(inside(connect(port)))).toMatch(/ECONNREFUSED|ENETUNREACH/);
    await room.logged('a', /Its sandbox kept it from "other\.org": it is none of the domains/);
    expect(room.server('a').notices).toEqual(['Its sandbox reaches of the network only localhost, *.example.invalid, but not no.example.invalid, and that only through a proxy; programs that know none reach nothing.']);
  });

  it.skipIf(confiner.kind !== 'bubblewrap')('does not reach this machine by a name that merely leads to it', async () => {
    const port = await web();
    const { room, run } = await open({ network: { deniedDomains: ['somewhere.example'] } });
    expect(String(await run(inside(get(`http://localhost:${port}/`))))).toMatch(/^403/);
    await room.logged('a', /Its sandbox kept it from "localhost": it leads to this machine/);
  });

  it.skipIf(confiner.kind !== 'bubblewrap')('sees no socket of others among temporary files, and leaves none behind', async () => {
    const { createServer } = await import('node:net');
    const place = await mkdtemp(path.join(tmpdir(), 'other-'));
    const socket = path.join(place, 'socket');
    const other = createServer((client) => client.end('escaped')).listen(socket);
    onTestFinished(async () => {
      other.close();
      await rm(place, { recursive: true, force: true });
    });
    const { room, run } = await open({ network: { allowedDomains: ['localhost'] } });
    expect(await run(inside(`await new Promise((done) => { const s = require('node:net').connect(${JSON.stringify(socket)}); s.on('data', (c) => done(String(c))); s.on('error', (e) => done(e.code)); })`))).toBe('ENOENT');
    const proxies = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => /^code-mode-[0-9a-f-]{36}$/.test(name));
    const before = await proxies();
    expect(before.length).toBeGreaterThan(0);
    await room.server('a').stop();
    await expect.poll(async () => (await proxies()).length, { timeout: 20_000 }).toBe(before.length - 1);
  });

  it('is shown as one before the yes, with what it holds back', async () => {
    const { room } = await open({ network: { allowedDomains: ['example.org'] } });
    expect(room.approvals[0]?.[0]).toMatchObject({ definition: expect.stringMatching(/\nin a sandbox: \{"network":\{"allowedDomains":\["example\.org"\]\}\}$/) as string, notices: [confiner.kind === 'bubblewrap' ? expect.stringMatching(/only example\.org, and that only through a proxy/) : expect.stringMatching(/cannot be told apart on this system/)] });
  });

  it('is ended with all it started', async () => {
    const room = await Room.open({ config: { servers: { a: { command: process.execPath, args: [fixture, 'family'], sandboxEnabled: true } } } });
    await room.until('a', 'running');
    const { value } = (await room.call('a', 'pid')) as unknown as { value: { children: readonly number[] } };
    expect(value.children).toHaveLength(1);
    const { execFileSync } = await import('node:child_process');
    const left = (): string => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(room.folder) || (line.includes('bwrap') && line.includes(path.dirname(room.folder)))).join('\n');
    expect(left()).not.toBe('');
    await room.server('a').stop();
    expect(left()).toBe('');
  });
});
