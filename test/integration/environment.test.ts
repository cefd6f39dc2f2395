// Servers behind the proxy that the environment of the editor names, and with the authorities that Node is told of there.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { configure, configureServers, failureAt, failureOf, Far, keepsFirstProxy, stateAt } from './far.js';
import { activated, answering, approving, eventually, valueOf, type Inside } from './inside.js';

describe('servers behind the proxy of the environment', () => {
  let inside: Inside;
  let answers: readonly { dispose(): void }[] = [];
  let far: Far;
  const { host, port } = new URL(process.env['HTTPS_PROXY'] ?? 'http://nowhere');
  const named = `the proxy ${host} (HTTPS_PROXY of the environment)`;

  before(async () => {
    far = await Far.open(Number(port));
    const servers = approving();
    inside = await activated();
    answers = [servers, answering(inside)];
    // Those of the system, where VS Code asks for them, take the place of those that Node is told of.
    await configure('systemCertificates', false);
  });

  after(async () => {
    answers.forEach((each) => each.dispose());
    await configure('systemCertificates', undefined);
    await far.close();
  });

  it('are reached and called through it, with its credentials', async () => {
    assert.deepEqual(await stateAt(inside, 'far', 'https://mcp.example/mcp'), { kind: 'running' });
    assert.equal(await valueOf(inside, 'return await far.echo({});'), 'from afar');
    const credentials = `Basic ${Buffer.from('name:password-of-the-proxy').toString('base64')}`;
    assert.ok(far.tunnels.length > 0 && far.tunnels.every((tunnel) => tunnel.credentials === credentials || !tunnel.to.startsWith('mcp.example')), JSON.stringify(far.tunnels));
    assert.ok(far.requests.every(({ headers }) => headers['proxy-authorization'] === undefined));
  });

  it('are reached past it where the environment says so', async () => {
    assert.deepEqual(await stateAt(inside, 'past', far.direct.plain()), { kind: 'running' });
    assert.equal(far.tunnelsTo('0.0.0.0'), 0);
    assert.match(await failureAt(inside, 'left', 'https://left-out.example/mcp'), /"left" was not found: its host name does not resolve/);
    assert.equal(far.tunnelsTo('left-out.example'), 0);
  });

  it('say what is wrong at the proxy, and which it is, without its credentials', async () => {
    for (const [name, what] of [['forbidden', 'does not lead there (HTTP 403)'], ['closing', 'closes the connection and does not lead there']] as const) {
      const message = await failureAt(inside, name, `https://${name}.example/mcp`);
      assert.ok(message.startsWith(`"${name}" was not reached: ${named} ${what}`), message);
      assert.ok(![message, ...(inside.servers.find(name)?.log ?? [])].some((text) => text.includes('password-of-the-proxy')));
    }
  });

  it('end a call that gets no answer in the time the server has, and name the proxy', async () => {
    await vscode.workspace.getConfiguration('codemode').update('servers.timeouts', { far: 2 }, vscode.ConfigurationTarget.Global);
    assert.deepEqual(await stateAt(inside, 'far', 'https://mcp.example/mcp'), { kind: 'running' });
    const hear = far.hush();
    const failure = await failureOf(inside, 'return await far.echo({});');
    assert.ok(failure.includes('did not answer echo within 2 s and was told to stop; whether it took effect is not known'), failure);
    assert.ok(failure.includes(`The way to it leads through ${named}, which may be what is silent.`), failure);
    hear();
    await vscode.workspace.getConfiguration('codemode').update('servers.timeouts', undefined, vscode.ConfigurationTarget.Global);
    assert.equal(await valueOf(inside, 'return await far.echo({});'), 'from afar');
  });

  it('are reached by the proxy that VS Code is set to before that of the environment', async function () {
    if (keepsFirstProxy) this.skip();
    await configure('proxy', 'http://127.0.0.1:9');
    assert.match(await failureAt(inside, 'set', 'https://mcp.example/mcp'), /the proxy 127\.0\.0\.1:9 \(the setting http\.proxy\) refuses connections/);
    await configure('proxy', undefined);
  });

  it('fail with a proxy that is gone, and programs go on', async () => {
    await far.closeProxy();
    const message = await failureAt(inside, 'behind', 'https://gone.example/mcp');
    assert.ok(message.startsWith(`"behind" was not reached: ${named} refuses connections`), message);
    await configureServers(inside, { program: { command: 'node', args: [process.env['CODE_MODE_FIXTURE'] ?? '', 'plain'] } });
    await eventually(() => (inside.servers.find('program')?.state.kind === 'running' ? true : undefined));
    assert.equal(await valueOf(inside, `return await program.environment({ name: 'NO_PROXY' });`), process.env['NO_PROXY']);
    await far.openProxy(Number(port));
    assert.deepEqual(await stateAt(inside, 'back', 'https://mcp.example/mcp'), { kind: 'running' });
  });

  it('are trusted by the authorities that Node is told of only where VS Code is not to ask the system', async () => {
    assert.deepEqual(await stateAt(inside, 'told', 'https://mcp.example/mcp'), { kind: 'running' });
    await configure('systemCertificates', true);
    assert.match(await failureAt(inside, 'asked', 'https://mcp.example/mcp'), /has a certificate from an authority that is not trusted here; add it to the trusted certificates/);
    // So it is for whatever VS Code fetches, its own MCP servers among it.
    await assert.rejects(fetch('https://mcp.example/mcp'));
  });
});
