import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { HttpServer } from './httpServer.js';
import { ProtectedServer } from './oauthServer.js';
import { Room, stdio, type RoomOptions } from './room.js';

const open = (url: string, oauth: JsonObject, options: RoomOptions = {}): Promise<Room> => Room.open({ ...options, config: { inputs: [{ id: 'secret', type: 'promptString', password: true }], servers: { a: { url, oauth }, good: stdio() } } });

const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };

async function file(text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'grants-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'file'), text);
  return path.join(folder, 'file');
}

describe('a client with an account of its own', () => {
  it('gets in by the secret that was asked for once, with nobody signing in, and again when its token has expired', async () => {
    const server = await ProtectedServer.open({ clients: [{ ...machine, client_id: 'robot', client_secret: 'robots-own-secret', token_endpoint_auth_method: 'client_secret_basic' }] });
    const room = await open(server.resource.url, { grantType: 'client_credentials', clientId: 'robot', clientSecret: '${input:secret}', scopes: ['mcp:read'] }, { questions: { input: async () => 'robots-own-secret' } });
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true, value: expect.stringContaining('scopes: mcp:read') as string });
    server.expired.add(server.usedTokens.at(-1)!);
    expect((await Promise.all(Array.from({ length: 4 }, () => room.call('a', 'echo')))).every((result) => result.ok)).toBe(true);
    expect(server.grants).toEqual(['client_credentials', 'client_credentials']);
    expect(room.inputs.map((input) => input.id)).toEqual(['secret']);
    expect(JSON.stringify([room.server('a').log, room.approvals, [...room.memory]])).not.toContain('robots-own-secret');
    expect(room.approvals[0]?.find((asked) => asked.name === 'a')?.definition).toContain('signs in by client_credentials as robot');
  });

  it('is asked for more where a tool wants more', async () => {
    const server = await ProtectedServer.open({ clients: [{ ...machine, client_id: 'robot', client_secret: 'robots-own-secret', token_endpoint_auth_method: 'client_secret_basic' }] });
    const room = await open(server.resource.url, { grantType: 'client_credentials', clientId: 'robot', clientSecret: 'robots-own-secret' });
    expect(await room.call('a', 'trouble')).toMatchObject({ ok: true, value: expect.stringContaining('scopes: mcp:read mcp:write') as string });
  });

  it.each(['pkcs8', 'sec1'] as const)('gets in by a private key in a file (%s)', async (type) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwks = { keys: [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), kty: 'EC', alg: 'ES256', use: 'sig' }] };
    const server = await ProtectedServer.open({ clients: [{ ...machine, client_id: 'robot', token_endpoint_auth_method: 'private_key_jwt', jwks }] });
    const room = await open(server.resource.url, { grantType: 'client_credentials', clientId: 'robot', privateKeyFile: await file(privateKey.export({ type, format: 'pem' }).toString()) });
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect(server.grants).toEqual(['client_credentials']);
  });

  it('that is refused says why and what to check, and is not asked about in circles', async () => {
    const server = await ProtectedServer.open({ clients: [{ ...machine, client_id: 'robot', client_secret: 'another-secret', token_endpoint_auth_method: 'client_secret_basic' }] });
    const room = await open(server.resource.url, { grantType: 'client_credentials', clientId: 'robot', clientSecret: 'wrong-secret-1234' });
    const { message, sent } = await room.failure('a', 'echo');
    expect(sent).toBe('no');
    expect(message).toMatch(/^"a" gave no access to what is configured \(.*invalid_client.*\); check "oauth" in its configuration/);
    expect(message).not.toContain('wrong-secret-1234');
    expect(await room.call('good', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
  });

  it.each([
    [{ privateKey: 'no key at all' }, /its "privateKey" is no private key/],
    [{ privateKeyFile: '/no/such/file.pem' }, /the file \/no\/such\/file.pem of "privateKeyFile" could not be read \(ENOENT\)/],
  ])('with a key that is none says so', async (oauth, sentence) => {
    const server = await ProtectedServer.open();
    const room = await open(server.resource.url, { grantType: 'client_credentials', clientId: 'robot', ...oauth });
    expect((await room.failure('a', 'echo')).message).toMatch(sentence);
  });

  it('sends its secret to the authority it is for and to no other', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server.resource.url, { grantType: 'client_credentials', clientId: 'robot', clientSecret: 'robots-own-secret', issuer: 'https://authority.example' });
    expect((await room.failure('a', 'echo')).message).toMatch(/^"a" wants to be signed in to at http:\/\/127.0.0.1:\d+, but its credentials are for https:\/\/authority.example and were not sent; if that is right, put "issuer"/);
    expect(server.grants).toEqual([]);
  });

  it('does not follow a server that names another authority than the first time', async () => {
    const [server, thief] = [await ProtectedServer.open({ clients: [{ ...machine, client_id: 'robot', client_secret: 'robots-own-secret', token_endpoint_auth_method: 'client_secret_basic' }] }), await HttpServer.open()];
    const room = await open(server.resource.url, { grantType: 'client_credentials', clientId: 'robot', clientSecret: 'robots-own-secret' });
    await room.call('a', 'echo');
    server.closed = true;
    server.namedIssuer = new URL(thief.url).origin;
    expect((await room.failure('a', 'echo')).message).toMatch(/were not sent/);
    expect(thief.requests.every((request) => request.method === 'GET' && request.headers.authorization === undefined)).toBe(true);
  });
});

/** An MCP server that takes the token `good`, and an authority that answers its token endpoint as told. */
async function authority(token: (params: URLSearchParams, calls: number) => JsonObject | undefined): Promise<{ readonly url: string; readonly asked: URLSearchParams[] }> {
  const asked: URLSearchParams[] = [];
  const server: HttpServer = await HttpServer.open(({ request, response, body }) => {
    const { origin } = new URL(server.url);
    const json = (status: number, value: JsonObject): true => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      return true;
    };
    switch (request.url) {
      case '/.well-known/oauth-protected-resource/mcp':
        return json(200, { resource: server.url, authorization_servers: [origin], scopes_supported: ['mcp'] });
      case '/.well-known/oauth-authorization-server':
        return json(200, { issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token`, response_types_supported: ['code'], token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'] });
      case '/token': {
        const params = new URLSearchParams(body);
        asked.push(params);
        const given = token(params, asked.length);
        return given === undefined ? json(400, { error: 'invalid_grant', error_description: 'Nobody knows this workload.' }) : json(200, given);
      }
      default:
        if (request.headers.authorization === 'Bearer good-token') return false;
        response.writeHead(401, { 'www-authenticate': 'Bearer scope="mcp"' }).end();
        return true;
    }
  });
  return { url: server.url, asked };
}

describe('a workload', () => {
  it('gets in by what it is known by, read anew from its file each time', async () => {
    const server = await authority((params) => (params.get('assertion') === 'header.first.signature' ? { access_token: 'good-token', token_type: 'Bearer' } : undefined));
    const room = await open(server.url, { grantType: 'jwt-bearer', clientId: 'workload', assertionFile: await file('header.first.signature\n') });
    expect(await room.call('a', 'echo', { text: 'in' })).toEqual({ ok: true, value: 'in' });
    expect(Object.fromEntries(server.asked[0]!)).toMatchObject({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id: 'workload', scope: 'mcp', resource: server.url });
  });

  it('that is refused is not tried again, nor by any other grant', async () => {
    const server = await authority(() => undefined);
    const room = await open(server.url, { grantType: 'jwt-bearer', assertion: 'header.unknown.signature' });
    await room.until('a', 'failed');
    const before = server.asked.length;
    expect((await room.failure('a', 'echo')).message).toMatch(/^"a" gave no access to what is configured \(invalid_grant: Nobody knows this workload\); check "oauth"/);
    expect(server.asked.length - before).toBe(1);
  });
});

describe('an organisation that decides for its people', () => {
  /** Its identity provider: a real one signs people in; its word for them is made out by a stand-in. */
  const organisation = async (): Promise<{ readonly provider: ProtectedServer; readonly exchange: HttpServer; readonly exchanges: URLSearchParams[] }> => {
    const provider = await ProtectedServer.open({ clients: [{ client_id: 'desk', redirect_uris: ['http://127.0.0.1/callback'], application_type: 'native', token_endpoint_auth_method: 'none' }] });
    const exchanges: URLSearchParams[] = [];
    const exchange = await HttpServer.open(({ response, body }) => {
      const params = new URLSearchParams(body);
      exchanges.push(params);
      const { sub } = JSON.parse(Buffer.from(params.get('subject_token')!.split('.')[1]!, 'base64url').toString()) as { sub: string };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ access_token: `word.for.${sub}`, issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag', token_type: 'N_A' }));
      return true;
    });
    return { provider, exchange, exchanges };
  };

  it('has them sign in once for all its servers, over windows', async () => {
    const { provider, exchange, exchanges } = await organisation();
    const takes = (params: URLSearchParams): JsonObject | undefined => (params.get('assertion') === 'word.for.somebody' ? { access_token: 'good-token', token_type: 'Bearer' } : undefined);
    const [one, two] = [await authority(takes), await authority(takes)];
    const oauth = { grantType: 'token-exchange', clientId: 'code-mode', clientSecret: 'desk-secret-1', identityProvider: { issuer: provider.issuer, tokenEndpoint: exchange.url, clientId: 'desk' } };
    const config = { servers: { one: { url: one.url, oauth }, two: { url: two.url, oauth } } };
    const room = await Room.open({ config, signIn: provider.browser });
    expect(await room.call('one', 'echo', { text: 'in' })).toEqual({ ok: true, value: 'in' });
    expect(await room.call('two', 'echo', { text: 'in' })).toEqual({ ok: true, value: 'in' });
    expect(provider.opened).toHaveLength(1);
    expect(new URL(provider.opened[0]!).searchParams.get('scope')).toContain('openid');
    expect(exchanges.at(-1)?.get('audience')).toBe(new URL(two.url).origin);
    expect(exchanges.at(-1)?.get('resource')).toBe(two.url);
    await room.servers.close();
    const again = await Room.open({ config, signIn: provider.browser, after: room });
    expect(await again.call('one', 'echo', { text: 'in' })).toEqual({ ok: true, value: 'in' });
    expect(provider.opened).toHaveLength(1);
  });

  it('is the one that VS Code was set up with, for servers whose entry says no more than that', async () => {
    const { provider } = await organisation();
    const described = await HttpServer.open(({ request, response }) => {
      if (request.url !== '/.well-known/openid-configuration') {
        response.writeHead(404).end();
        return true;
      }
      const { origin } = new URL(described.url);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ issuer: origin, authorization_endpoint: `${provider.issuer}/auth`, token_endpoint: `${provider.issuer}/token`, jwks_uri: `${provider.issuer}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'] }));
      return true;
    });
    const server = await authority(() => undefined);
    const issuer = new URL(described.url).origin;
    const managed = { clientId: 'code-mode', enterpriseManaged: true };
    const room = await open(server.url, managed, { signIn: provider.browser, settings: { 'mcp.enterpriseManagedAuth.idp': { issuer, clientId: 'desk' } } });
    await room.failure('a', 'echo');
    // The real provider signs in and does not know the exchange; that it was asked is what the setting decides.
    expect(provider.opened.map((url) => new URL(url).searchParams.get('client_id'))).toEqual(['desk']);
    const without = await open(server.url, managed, { signIn: provider.browser });
    expect((await without.failure('a', 'echo')).message).toMatch(/"a" was not started: it is managed by your organisation, and the setting mcp.enterpriseManagedAuth.idp does not name its identity provider/);
  });

  it('whose people say no is told so, and nothing is sent', async () => {
    const { provider, exchange } = await organisation();
    const server = await authority(() => undefined);
    const room = await open(server.url, { grantType: 'token-exchange', clientId: 'code-mode', identityProvider: { issuer: provider.issuer, tokenEndpoint: exchange.url, clientId: 'desk' } }, { signIn: { open: async () => false } });
    expect(await room.failure('a', 'echo')).toMatchObject({ sent: 'no', message: expect.stringMatching(/^"a" was not signed in to/) as string });
    expect(server.asked).toEqual([]);
  });
});

describe('tokens that are bound to a key', () => {
  it('are used with a fresh proof for each request, renewed, and good in the next window', async () => {
    const server = await ProtectedServer.open({ bound: true });
    const config = { servers: { a: { url: server.resource.url } } };
    const room = await Room.open({ config, signIn: server.browser });
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    server.expired.add(server.usedTokens.at(-1)!);
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    await room.servers.close();
    const again = await Room.open({ config, signIn: server.browser, after: room });
    expect(await again.call('a', 'echo')).toMatchObject({ ok: true });
    expect(server.grants).toEqual(['authorization_code', 'refresh_token']);
    const used = server.resource.requests.filter((request) => request.headers.authorization !== undefined);
    expect(used.every((request) => request.headers.authorization!.startsWith('DPoP '))).toBe(true);
    const key = [...room.secrets.values()].map((text) => (JSON.parse(text) as { key?: { d?: string } }).key?.d).find((found) => found !== undefined);
    expect(key).toMatch(/^[\w-]{40,}$/);
    expect(again.servers.secrets.has(key!)).toBe(true);
  });

  it('are not asked for where the server never spoke of them, whatever its authority offers', async () => {
    const server = await authority(() => ({ access_token: 'good-token', token_type: 'Bearer' }));
    const room = await open(server.url, { grantType: 'client_credentials', clientId: 'robot', clientSecret: 'robots-own-secret' });
    expect(await room.call('a', 'echo', { text: 'in' })).toEqual({ ok: true, value: 'in' });
    expect([...room.secrets.values()].join()).not.toContain('"key"');
  });
});

describe('an oauth entry that is not whole', () => {
  it.each([
    [{ grantType: 'password' }, /"grantType" must be "authorization_code"/],
    [{ grantType: 'client_credentials' }, /needs "clientId"/],
    [{ grantType: 'client_credentials', clientId: 'x' }, /needs "clientSecret", or "privateKey"/],
    [{ grantType: 'jwt-bearer' }, /needs "assertion" or "assertionFile"/],
    [{ grantType: 'token-exchange', clientId: 'x' }, /needs "identityProvider"/],
    [{ grantType: 'token-exchange', clientId: 'x', identityProvider: { issuer: 'https://x.example' } }, /"identityProvider" needs "issuer", its address, and "clientId"/],
    [{ clientId: 7 }, /"clientId" of "oauth" must be a string/],
    ['yes', /"oauth" must be an object/],
  ] as const)('%j is a problem in its file', async (oauth, sentence) => {
    const room = await Room.open({ config: { servers: { a: { url: 'http://127.0.0.1:9/mcp', oauth } } }, trusted: false });
    expect(room.servers.problems.map((problem) => problem.message).join('\n')).toMatch(sentence);
  });
});
