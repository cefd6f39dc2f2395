import { describe, expect, it } from 'vitest';
import { HttpServer } from './httpServer.js';
import { browse, ProtectedServer } from './oauthServer.js';
import { Room, stdio, type RoomOptions } from './room.js';

const open = (server: ProtectedServer, options: RoomOptions & { readonly oauth?: Record<string, string> } = {}): Promise<Room> =>
  Room.open({ signIn: server.browser, ...options, config: { servers: { a: { url: server.resource.url, ...(options.oauth === undefined ? {} : { oauth: options.oauth }) }, good: stdio() } } });

describe('a server that wants a sign-in', () => {
  it('is signed in to when it is called, once, and remembers it over windows', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    const result = await room.call('a', 'echo');
    expect(result).toMatchObject({ ok: true, value: expect.stringContaining('scopes: mcp:read; token •••') as string });
    await room.call('a', 'echo');
    expect(server.opened).toHaveLength(1);
    expect(new URL(server.opened[0]!).searchParams.get('code_challenge_method')).toBe('S256');
    await room.servers.close();
    const again = await open(server, { after: room });
    expect(await again.call('a', 'echo')).toMatchObject({ ok: true });
    expect(server.opened).toHaveLength(1);
    expect(server.grants).toEqual(['authorization_code']);
  });

  it('does not open a browser by itself', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    expect(await room.until('a', 'failed')).toMatchObject({ message: '"a" wants a sign-in. Start it or call it to sign in.' });
    expect(server.opened).toEqual([]);
    await room.server('a').start();
    expect(server.opened).toHaveLength(1);
  });

  it('is asked about once, however many calls wait for it', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await Promise.all(Array.from({ length: 5 }, () => room.call('a', 'echo')));
    expect(server.opened).toHaveLength(1);
  });

  it('has its token renewed when it has expired, with nobody asked', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    server.expired.add(server.usedTokens.at(-1)!);
    expect(await Promise.all(Array.from({ length: 5 }, () => room.call('a', 'echo')))).toHaveLength(5);
    expect(server.grants).toEqual(['authorization_code', 'refresh_token']);
    expect(server.opened).toHaveLength(1);
  });

  it('has its token renewed by one of two windows, and both go on', async () => {
    const server = await ProtectedServer.open();
    const one = await open(server);
    await one.call('a', 'echo');
    const two = await open(server, { after: one });
    await two.call('a', 'echo');
    for (let round = 0; round < 3; round++) {
      server.expired.add(server.usedTokens.at(-1)!);
      const results = await Promise.all([one.call('a', 'echo'), two.call('a', 'echo'), one.call('a', 'echo'), two.call('a', 'echo')]);
      expect(results.every((result) => result.ok)).toBe(true);
    }
    expect(server.grants).toEqual(['authorization_code', 'refresh_token', 'refresh_token', 'refresh_token']);
    expect(server.opened).toHaveLength(1);
  });

  it('that revoked everything is signed in to anew', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    await server.revokeAll();
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect(server.opened).toHaveLength(2);
  });

  it('that wants more for one tool is asked for more, keeping what it gave', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    expect(await room.call('a', 'trouble')).toMatchObject({ ok: true, value: expect.stringContaining('scopes: mcp:read mcp:write') as string });
    expect(server.opened.map((url) => new URL(url).searchParams.get('scope'))).toEqual(['mcp:read', 'mcp:read mcp:write']);
    await room.call('a', 'trouble');
    expect(server.opened).toHaveLength(2);
  });

  it('knows the client that was registered before, and its secret is shown nowhere', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server, { oauth: { clientId: 'registered-before', clientSecret: 'its-own-secret' } });
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect(new URL(server.opened[0]!).searchParams.get('client_id')).toBe('registered-before');
    expect(JSON.stringify([room.server('a').log, room.approvals, [...room.memory]])).not.toContain('its-own-secret');
  });

  it('takes the address of a client document as the client it is', async () => {
    const server = await described((origin) => ({
      '/resource': { resource: `${origin}/mcp`, authorization_servers: [origin] },
      '/.well-known/oauth-authorization-server': { issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token`, response_types_supported: ['code'], code_challenge_methods_supported: ['S256'], client_id_metadata_document_supported: true },
    }));
    const opened: URL[] = [];
    const room = await Room.open({ config: { servers: { a: { url: server.url, oauth: { clientId: 'https://client.example/metadata.json' } } } }, signIn: { open: async ({ url }) => (opened.push(new URL(url)), false) } });
    await room.failure('a', 'echo');
    expect(opened[0]?.searchParams.get('client_id')).toBe('https://client.example/metadata.json');
    expect(opened[0]?.searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(server.requests.some((request) => request.url.includes('register'))).toBe(false);
  });

  it('that nobody signs in to fails with what to do, and asks again the next time', async () => {
    const server = await ProtectedServer.open();
    let asked = 0;
    const room = await open(server, { signIn: { open: async () => ++asked > 1 && server.browser.open({ server: '', host: '', url: '' }, new AbortController().signal).catch(() => false) } });
    expect(await room.failure('a', 'echo')).toMatchObject({ sent: 'no', message: '"a" was not signed in to. Start it or call it again to be asked again.' });
    await room.failure('a', 'echo');
    expect(asked).toBe(2);
  });

  it('that refuses every token is not asked about in circles', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    server.closed = true;
    const failure = await room.failure('a', 'echo');
    expect(failure).toMatchObject({ sent: 'no', message: expect.stringContaining('wants a sign-in') as string });
    expect(server.opened).toHaveLength(1);
    expect(await room.call('good', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
  });

  it('can be signed out of', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    await room.server('a').signOut?.();
    expect([...room.secrets.keys()]).toEqual([]);
    await room.call('a', 'echo');
    expect(server.opened).toHaveLength(2);
  });

  it.each([
    ['a client that registered itself', {}],
    ['a client with a secret', { clientId: 'registered-before', clientSecret: 'its-own-secret' }],
  ])('has its tokens revoked by signing out, as %s', async (_, oauth) => {
    const server = await ProtectedServer.open();
    const room = await open(server, { oauth });
    await room.call('a', 'echo');
    const token = server.usedTokens.at(-1)!;
    expect(await server.knows(token)).toBe(true);
    expect(await room.server('a').signOut?.()).toBeUndefined();
    expect(server.revoked).toContain('refresh token');
    expect(await server.knows(token)).toBe(false);
  });

  it.each([
    ['refuses', 503, /could not be told to revoke them: it answered HTTP 503\. End the access/],
    ['sends elsewhere', 307, /could not be told to revoke them: .*HTTP 307/],
    ['never answers', 'never', /it did not answer within 0 s/],
  ] as const)('is signed out of here where its authority %s, and that is said', async (_, answer, said) => {
    const server = await ProtectedServer.open();
    const room = await open(server, { limits: { revocationTimeout: 300 } });
    await room.call('a', 'echo');
    server.revocation = answer;
    expect(await room.server('a').signOut?.()).toMatch(said);
    expect([...room.secrets.keys()]).toEqual([]);
    expect(await room.logged('a', said)).toBeDefined();
    await room.call('a', 'echo');
    expect(server.opened).toHaveLength(2);
  });

  it('can be signed out of in the next window, before it was used there', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    await room.servers.close();
    const again = await open(server, { after: room });
    await again.server('a').signOut?.();
    expect([...again.secrets.keys()]).toEqual([]);
    await again.call('a', 'echo');
    expect(server.opened).toHaveLength(2);
    expect(server.grants).toEqual(['authorization_code', 'authorization_code']);
  });

  it('is used as whom one chooses of several accounts, each with tokens of its own, and one is signed out alone', async () => {
    const server = await ProtectedServer.open({ people: ['ada', 'bert'], identified: true });
    const room = await open(server);
    await room.call('a', 'echo');
    const accounts = room.server('a').accounts!;
    expect(await accounts.list()).toMatchObject([{ label: 'ada', current: true }]);
    await accounts.add(new AbortController().signal);
    expect(new URL(server.opened[1]!).searchParams.get('prompt')).toBe('login');
    const both = await accounts.list();
    expect(both).toMatchObject([{ label: 'ada', current: false }, { label: 'bert', current: true }]);
    const tokens = async (): Promise<string> => (await room.call('a', 'echo'), server.usedTokens.at(-1)!);
    const bert = await tokens();
    await accounts.use(both[0]!.id);
    const ada = await tokens();
    expect(ada).not.toBe(bert);
    // Also in the next window of this workspace, and with each renewed by itself.
    await room.servers.close();
    const again = await open(server, { after: room });
    await again.call('a', 'echo');
    expect(server.usedTokens.at(-1)).toBe(ada);
    server.expired.add(ada);
    await again.call('a', 'echo');
    await again.server('a').accounts!.use(both[1]!.id);
    await again.call('a', 'echo');
    expect(server.usedTokens.at(-1)).toBe(bert);
    await again.server('a').signOut!();
    expect(await again.server('a').accounts!.list()).toMatchObject([{ label: 'ada', current: true }]);
    expect([...again.secrets.values()].join()).not.toContain(bert);
    await again.call('a', 'echo');
    expect(server.opened).toHaveLength(2);
  });

  it('goes on as it is used when somebody else is signed out', async () => {
    const server = await ProtectedServer.open({ people: ['ada', 'bert'], identified: true });
    const room = await open(server);
    await room.call('a', 'echo');
    const { accounts } = room.server('a');
    const [ada] = await accounts!.list();
    await accounts!.add(new AbortController().signal);
    const states: string[] = [];
    room.server('a').onDidChangeState(() => void states.push(room.server('a').state.kind));
    await room.server('a').signOut!(ada!.id);
    expect(states).toEqual([]);
    expect(await accounts!.list()).toMatchObject([{ label: 'bert', current: true }]);
    expect(server.revoked).toEqual(['refresh token']);
    await room.call('a', 'echo');
    expect(server.opened).toHaveLength(2);
  });

  it('keeps its account where signing in with another one does not work, and has one entry for one person', async () => {
    const server = await ProtectedServer.open({ people: ['ada'], identified: true });
    let willing = true;
    const room = await open(server, { signIn: { open: async (request, signal) => willing && server.browser.open(request, signal) } });
    await room.call('a', 'echo');
    const { accounts } = room.server('a');
    await accounts!.add(new AbortController().signal);
    expect(await accounts!.list()).toMatchObject([{ label: 'ada', current: true }]);
    willing = false;
    await expect(accounts!.add(new AbortController().signal)).rejects.toThrow('"a" was not signed in to. Its accounts are as they were.');
    expect(await accounts!.list()).toMatchObject([{ label: 'ada', current: true }]);
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect([...room.secrets.keys()]).toHaveLength(2);
  });

  it('at one address is two servers with an account each', async () => {
    const server = await ProtectedServer.open({ people: ['ada', 'bert'], identified: true });
    const room = await Room.open({ signIn: server.browser, config: { servers: { work: { url: server.resource.url }, home: { url: server.resource.url } } } });
    await room.call('work', 'echo');
    await room.server('home').accounts!.add(new AbortController().signal);
    const used = async (name: string): Promise<string> => (await room.call(name, 'echo'), server.usedTokens.at(-1)!);
    expect(await used('work')).not.toBe(await used('home'));
  });

  it('tells the call that a person is asked for as long as one is', async () => {
    const server = await ProtectedServer.open();
    const events: string[] = [];
    const room = await open(server, { signIn: { open: async (request, signal) => (events.push('asked'), server.browser.open(request, signal)) } });
    const asking = (): (() => void) => (events.push('begins'), () => void events.push('ends'));
    let held = 0;
    await room.source('a').call('echo', {}, { ...room.context(), asking });
    expect(events).toEqual(['begins', 'asked', 'ends']);
    await server.revokeAll();
    await room.source('a').call('echo', {}, { ...room.context(), asking: () => (events.push(held === 1 ? 'held' : 'sent'), asking()), unsent: () => (held++, () => void held--) });
    expect(events.slice(3)).toEqual(['held', 'begins', 'asked', 'ends']);
    expect(held).toBe(0);
    expect(room.progress.map((progress) => progress.message)).toContain('waits for a sign-in');
  });

  it('is not asked about any longer when the last call that waits is cancelled, and anew by the next', async () => {
    const server = await ProtectedServer.open();
    const signals: AbortSignal[] = [];
    const room = await open(server, { signIn: { open: async (request, signal) => (signals.push(signal), signals.length === 2 ? new Promise<boolean>(() => undefined) : server.browser.open(request, signal)) } });
    await room.call('a', 'echo');
    await server.revokeAll();
    const [first, second] = [new AbortController(), new AbortController()];
    const calls = [room.failure('a', 'echo', {}, first.signal), room.failure('a', 'echo', {}, second.signal)];
    await expect.poll(() => signals.length).toBe(2);
    first.abort();
    expect((await calls[0])?.message).toMatch(/cancelled/);
    expect(signals[1]?.aborted).toBe(false);
    second.abort();
    expect((await calls[1])?.message).toMatch(/cancelled/);
    expect(signals[1]?.aborted).toBe(true);
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect(server.opened).toHaveLength(2);
  });

  it('may come back by another address than a loopback one', async () => {
    const server = await ProtectedServer.open();
    const redirect = 'http://127.0.0.1:9/signed-in';
    let arrive: (query: URLSearchParams) => void = () => undefined;
    const arrived = new Promise<URLSearchParams>((resolve) => (arrive = resolve));
    const states: string[] = [];
    const room = await open(server, {
      signIn: {
        // As in a window in a browser: the authority sends the browser to an address of the editor, which hands it on.
        open: async ({ url }) => {
          const { url: end } = (await (await browse(url, redirect)).json()) as { url: string };
          arrive(new URL(end).searchParams);
          return true;
        },
        redirect: async () => ({ url: redirect, answer: async (state) => (states.push(state), arrived) }),
      },
    });
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect((await arrived).get('state')).toBe(states[0]);
    expect([...room.secrets.values()].join()).toContain('signed-in');
  });

  it('leaves tokens with the secrets and nowhere else', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    const token = server.usedTokens.at(-1)!;
    expect([...room.secrets.values()].join()).toContain(token);
    expect(JSON.stringify([room.server('a').log, room.source('a').tools, [...room.memory]])).not.toContain(token);
  });

  it('is not signed in to by somebody who only knows the port', async () => {
    const server = await ProtectedServer.open();
    const statuses: number[] = [];
    const room = await open(server, {
      signIn: {
        open: async ({ url }) => {
          const callback = new URL(new URL(url).searchParams.get('redirect_uri')!);
          for (const query of ['?code=mine', '?code=mine&state=guess']) statuses.push((await fetch(`${callback.href}${query}`)).status);
          await browse(url);
          return true;
        },
      },
    });
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect(statuses).toEqual([404, 404]);
  });
});

const redirects = [301, 302, 303, 307, 308];

describe('a token', () => {
  it('is asked for, and renewed, for the one server it is for', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    server.expired.add(server.usedTokens.at(-1)!);
    await room.call('a', 'echo');
    expect(new URL(server.opened[0]!).searchParams.get('resource')).toBe(server.resource.url);
    expect(server.grants).toEqual(['authorization_code', 'refresh_token']);
    expect(server.resources).toEqual([server.resource.url, server.resource.url]);
  });

  it('does not come along when a definition changes to another address: that one is signed in to anew', async () => {
    const [before, after] = [await ProtectedServer.open(), await ProtectedServer.open()];
    const room = await open(before, { signIn: { open: async (request, signal) => (request.host === new URL(before.issuer).host ? before : after).browser.open(request, signal) } });
    await room.call('a', 'echo');
    const token = before.usedTokens.at(-1)!;
    const asked = before.resource.requests.length;
    await room.configure({ servers: { a: { url: after.resource.url } } });
    await room.servers.reload();
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect(after.opened).toHaveLength(1);
    expect(after.usedTokens).not.toContain(token);
    expect(JSON.stringify(after.resource.requests.map(({ headers, url }) => [headers, url]))).not.toContain(token);
    expect(before.resource.requests).toHaveLength(asked);
    // And back: what was signed in to there is good there still.
    await room.configure({ servers: { a: { url: before.resource.url } } });
    await room.servers.reload();
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
    expect(before.usedTokens.at(-1)).toBe(token);
    expect(before.opened).toHaveLength(1);
  });

  it('does not come along to another resource of the same host, for which none is asked where the host says it is for something else', async () => {
    const server = await ProtectedServer.open();
    const room = await open(server);
    await room.call('a', 'echo');
    const token = server.usedTokens.at(-1)!;
    const url = new URL('/other', server.resource.url).href;
    await room.configure({ servers: { a: { url } } });
    await room.servers.reload();
    const failure = await room.failure('a', 'echo');
    expect(failure).toMatchObject({ sent: 'no', message: expect.stringMatching(/^"a" could not be signed in to: Protected resource .*\/mcp does not match expected .*\/other/) as string });
    expect(server.resource.requests.filter(({ url: path }) => path === '/other').map(({ headers }) => headers.authorization)).not.toContain(`Bearer ${token}`);
    expect(server.opened).toHaveLength(1);
  });

  it('is not asked for where a server says it is another one', async () => {
    const asked: string[] = [];
    const server = await described((origin) => ({ '/resource': { resource: 'https://somebody-else.example/mcp', authorization_servers: [origin] } }));
    const room = await Room.open({ config: { servers: { a: { url: server.url } } }, signIn: { open: async ({ url }) => (asked.push(url), true) } });
    expect((await room.failure('a', 'echo')).message).toMatch(/Protected resource https:\/\/somebody-else\.example\/mcp does not match expected/);
    expect(asked).toEqual([]);
  });

  it.each(redirects)('does not follow a redirect to another host (HTTP %i)', async (status) => {
    const [server, elsewhere] = [await ProtectedServer.open(), await HttpServer.open()];
    const room = await open(server);
    await room.call('a', 'echo');
    server.moved = { status, to: elsewhere.url };
    expect((await room.failure('a', 'echo')).message).toMatch(/^"a" redirects to another address/);
    expect(elsewhere.requests).toEqual([]);
    server.moved = undefined;
    expect(await room.call('a', 'echo')).toMatchObject({ ok: true });
  });
});

/** An MCP server whose sign-in is described by the given documents. */
async function described(documents: (origin: string) => Record<string, unknown>): Promise<HttpServer> {
  const server: HttpServer = await HttpServer.open(({ request, response }) => {
    const { origin } = new URL(server.url);
    const found = documents(origin)[request.url ?? ''];
    if (typeof found === 'string') response.writeHead(302, { location: found }).end();
    else if (found !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    else if (request.url === '/mcp') response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${origin}/resource"` }).end();
    else response.writeHead(404).end();
    return true;
  });
  return server;
}

describe('a sign-in that leads elsewhere', () => {
  const metadata = (origin: string, authorization: string): Record<string, unknown> => ({
    '/resource': { resource: `${origin}/mcp`, authorization_servers: [origin] },
    '/.well-known/oauth-authorization-server': { issuer: origin, authorization_endpoint: authorization, token_endpoint: `${origin}/token`, registration_endpoint: `${origin}/register`, response_types_supported: ['code'], code_challenge_methods_supported: ['S256'] },
    '/register': { client_id: 'x', redirect_uris: ['http://127.0.0.1/callback'] },
  });

  it.each(['http://sign-in.example/authorize', 'javascript:alert(1)', 'file:///etc/passwd'])('to %s is refused unseen', async (address) => {
    const server = await described((origin) => metadata(origin, address));
    const opened: string[] = [];
    const room = await Room.open({ config: { servers: { a: { url: server.url }, good: stdio() } }, signIn: { open: async ({ url }) => (opened.push(url), false) } });
    const failure = await room.failure('a', 'echo');
    expect(failure.sent).toBe('no');
    expect(failure.message).toMatch(/^"a" (wants a sign-in at .* not a safe address|could not be signed in to)/);
    expect(opened).toEqual([]);
    expect(await room.call('good', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
  });

  it('to another host shows that host to the person who decides', async () => {
    const server = await described((origin) => metadata(origin, 'https://unexpected.example/authorize'));
    const asked: string[] = [];
    const room = await Room.open({ config: { servers: { a: { url: server.url } } }, signIn: { open: async ({ server: name, host }) => (asked.push(`${name} → ${host}`), false) } });
    await room.failure('a', 'echo');
    expect(asked).toEqual(['a → unexpected.example']);
  });

  it.each(['/resource', '/.well-known/oauth-authorization-server'])('by a redirect of %s to another host is not followed', async (path) => {
    const elsewhere = await HttpServer.open();
    const server = await described((origin) => ({ ...metadata(origin, `${origin}/authorize`), [path]: elsewhere.url }));
    const room = await Room.open({ config: { servers: { a: { url: server.url } } }, signIn: { open: async () => false } });
    expect((await room.failure('a', 'echo')).message).toMatch(path === '/resource' ? /"a" was not signed in to/ : /"a" sends its sign-in on to another host \(127.0.0.1:\d+\), which is not followed/);
    expect(elsewhere.requests).toEqual([]);
  });
});
