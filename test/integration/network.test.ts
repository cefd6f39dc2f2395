// Servers behind a proxy, and with certificates of a private authority, as VS Code is set up for them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { configure, configureServers, Far, failureAt, keepsFirstProxy, stateAt, stateOf } from './far.js';
import { activated, answering, approving, eventually, valueOf, type Inside } from './inside.js';

describe('servers behind a proxy and a private authority', () => {
  let inside: Inside;
  let answers: readonly { dispose(): void }[] = [];
  let far: Far;
  const proxied = (credentials = ''): Promise<void> => configure('proxy', `http://${credentials}127.0.0.1:${far.proxyPort}`);

  before(async () => {
    far = await Far.open();
    const servers = approving();
    inside = await activated();
    answers = [servers, answering(inside)];
    await vscode.commands.executeCommand('codemode.writeTypings');
  });

  afterEach(async () => {
    for (const name of ['proxy', 'noProxy', 'proxyAuthorization', 'proxySupport', 'proxyStrictSSL', 'systemCertificates']) await configure(name, undefined);
  });

  after(async () => {
    answers.forEach((each) => each.dispose());
    await far.close();
  });

  it('are reached by the proxy that VS Code is set to, with an authority that the system trusts', async () => {
    await proxied();
    assert.deepEqual(await stateAt(inside, 'far', 'https://mcp.example/mcp'), { kind: 'running' });
    assert.equal(await valueOf(inside, 'return await far.echo({});'), 'from afar');
    assert.ok(far.tunnels.length > 0 && far.tunnels.every(({ to, credentials }) => to === 'mcp.example:443' && credentials === undefined), JSON.stringify(far.tunnels));
  });

  it('are reached by one that wants credentials, which stand in its address and nowhere else', async function () {
    if (keepsFirstProxy) this.skip();
    await proxied('name:its-password@');
    assert.deepEqual(await stateAt(inside, 'known', 'https://known.mcp.example/mcp'), { kind: 'failed', message: '"known" has a certificate for another host name.' });
    assert.deepEqual([...new Set(far.tunnels.filter(({ to }) => to.startsWith('known.')).map(({ credentials }) => credentials))], [`Basic ${Buffer.from('name:its-password').toString('base64')}`]);
    assert.ok(far.requests.every(({ headers }) => headers['proxy-authorization'] === undefined));
    const message = await failureAt(inside, 'forbidden', 'https://forbidden.example/mcp');
    assert.ok(message.includes(`127.0.0.1:${far.proxyPort}`) && !message.includes('password'), message);
  });

  it('are reached past it where VS Code is set to', async () => {
    await proxied();
    const { host, hostname } = new URL(far.direct.plain());
    assert.deepEqual(await stateAt(inside, 'through', far.direct.plain()), { kind: 'running' });
    const before = far.tunnels.filter(({ to }) => to === host).length;
    assert.ok(before > 0);
    await configure('noProxy', [hostname]);
    assert.deepEqual(await stateAt(inside, 'past', far.direct.plain()), { kind: 'running' });
    await configure('noProxy', undefined);
    await configure('proxySupport', 'off');
    assert.deepEqual(await stateAt(inside, 'around', far.direct.plain()), { kind: 'running' });
    assert.equal(far.tunnels.filter(({ to }) => to === host).length, before);
  });

  it('are reached by their socket, which no proxy leads to', async function () {
    if (process.platform === 'win32') this.skip();
    await proxied();
    const folder = mkdtempSync(path.join(tmpdir(), 'code-mode-socket-'));
    try {
      assert.deepEqual(await stateAt(inside, 'socket', await far.openSocket(path.join(folder, 'server'))), { kind: 'running' });
      assert.equal(await valueOf(inside, 'return await socket.echo({});'), 'from afar');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('say what is wrong at the proxy, and which it is', async () => {
    await proxied();
    const proxy = `the proxy 127\\.0\\.0\\.1:${far.proxyPort} \\(the setting http\\.proxy\\)`;
    const says = async (name: string, url: string, what: string): Promise<void> => assert.match(await failureAt(inside, name, url), new RegExp(`^"${name}" was not reached: ${proxy} ${what}`));
    await says('forbidden', 'https://forbidden.example/mcp', 'does not lead there \\(HTTP 403\\); ask whoever runs it, or leave the host of this server out with http\\.noProxy or NO_PROXY\\.');
    // VS Code sends it for itself alone.
    await configure('proxyAuthorization', 'Basic bm9ib2R5');
    await says('asking', 'https://asking.example/mcp', 'wants credentials \\(HTTP 407\\); put them into its address');
    assert.ok(far.tunnels.every(({ to, credentials }) => !to.startsWith('asking.') || credentials === undefined));
    await says('closing', 'https://closing.example/mcp', 'closes the connection and does not lead there');
    await says('hollow', 'https://hollow.example/mcp', 'leads to what closes the connection before it is secure');
    // The HTTP client would have gone on for ever, some hundred times a second.
    const tried = far.tunnelsTo('closing.example');
    await stateAt(inside, 'far', 'https://mcp.example/mcp');
    assert.equal(far.tunnelsTo('closing.example'), tried);
    assert.ok(tried < 40, String(tried));
    const { proxyPort } = far;
    await far.closeProxy();
    await says('gone', 'https://gone.example/mcp', 'refuses connections; check that it runs and that its address is right');
    await far.openProxy(proxyPort);
  });

  it('say what is wrong where there is no proxy that knows their name', async () => {
    assert.match(await failureAt(inside, 'lost', 'https://lost.mcp.example/mcp'), /"lost" was not found: its host name does not resolve/);
  });

  it('say what is wrong with the certificate of an authority that nobody trusts, whatever is set for proxies', async () => {
    // VS Code looks at this setting for what it asks for itself; to its own MCP servers it goes by the `fetch` that we do.
    for (const strict of [true, false]) {
      await configure('proxyStrictSSL', strict);
      assert.match(await failureAt(inside, `near${strict}`, far.direct.odd()), /has a certificate that it signed itself; add it to the trusted certificates/);
      await assert.rejects(fetch(far.direct.odd()));
      await proxied();
      assert.match(await failureAt(inside, `behind${strict}`, 'https://odd.example/mcp'), /has a certificate that it signed itself; add it to the trusted certificates/);
      await assert.rejects(fetch('https://odd.example/mcp'));
      await configure('proxy', undefined);
    }
    assert.ok(far.tunnelsTo('odd.example') > 0);
  });

  it('are not trusted by what the system trusts where VS Code is not to ask it', async () => {
    await configure('systemCertificates', false);
    assert.match(await failureAt(inside, 'unknown', far.direct.tls()), /"unknown" has a certificate that could not be verified; add its authority to the trusted certificates/);
    await configure('systemCertificates', undefined);
    assert.deepEqual(await stateAt(inside, 'asked', far.direct.tls()), { kind: 'running' });
  });

  it('that send on to another host take nothing of ours there, through a proxy neither', async () => {
    await proxied();
    for (const status of [301, 302, 307, 308]) {
      far.override = (request, response) => {
        if (request.headers.host !== 'mcp.example') return false;
        response.writeHead(status, { location: 'https://elsewhere.example/mcp' }).end();
        return true;
      };
      const state = await stateOf(inside, `moved${status}`, { url: 'https://mcp.example/mcp', headers: { Authorization: 'Bearer not-for-others' } });
      assert.match(JSON.stringify(state), new RegExp(`redirects to another address \\(HTTP ${status}\\), which is not followed because credentials would go there`));
    }
    far.override = () => false;
    assert.ok(far.tunnelsTo('mcp.example') > 0);
    assert.equal(far.tunnelsTo('elsewhere.example'), 0);
  });

  it('and programs that are started inherit what the editor was started with', async () => {
    const { CODE_MODE_FIXTURE: fixture = '', SSL_CERT_FILE: authority } = process.env;
    await configureServers(inside, { program: { command: 'node', args: [fixture, 'plain'] } });
    await eventually(() => (inside.servers.find('program')?.state.kind === 'running' ? true : undefined));
    assert.equal(await valueOf(inside, `return await program.environment({ name: 'SSL_CERT_FILE' });`), authority);
  });
});
