import type { Configuration, Provider } from 'oidc-provider';
import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished, vi } from 'vitest';
import type { SignIn } from '../../../src/mcp/ports.js';
import { HttpServer, isTrouble, type Exchange } from './httpServer.js';

export interface ProtectedServerOptions {
  /** It takes only tokens that are bound to a key, with a proof for each request (RFC 9449). */
  readonly bound?: boolean;
  /** Its tokens say who they are of. */
  readonly identified?: boolean;
  /** Clients that were registered before, besides the one that always is. */
  readonly clients?: Configuration['clients'];
  /** Who closes it, where that is not the test that opened it. */
  readonly whenDone?: (close: () => Promise<void>) => void;
  /** Who signs in, in order; the last one from then on. */
  readonly people?: readonly string[];
}

/** A real authorization server (oidc-provider) on loopback, and an MCP server that takes only its tokens. */
export class ProtectedServer {
  /** Grants of the token endpoint, in order. */
  readonly grants: string[] = [];
  /** What those tokens were asked for (RFC 8707), in order. */
  readonly resources: string[] = [];
  /** Grants that were refused, with why: a refresh token that was used before, for one. */
  readonly refused: string[] = [];
  /** Access tokens the MCP server no longer takes, as if they had expired. */
  readonly expired = new Set<string>();
  /** What it names as its authority, in place of the real one. */
  namedIssuer: string | undefined;
  /** Answers of its revocation endpoint, in place of the real ones: a status, or none at all. */
  revocation: number | 'never' | undefined;
  /** Kinds of tokens that it revoked. */
  readonly revoked: string[] = [];
  /** Its sign-in page never comes to an end. */
  silent = false;
  /** Where calls are sent on to. */
  moved: { readonly status: number; readonly to: string } | undefined;
  /** Refuse everything, whatever the token. */
  closed = false;

  private constructor(
    readonly resource: HttpServer,
    private readonly provider: Provider,
    readonly issuer: string,
    private readonly options: ProtectedServerOptions,
  ) {}

  static async open(options: ProtectedServerOptions = {}): Promise<ProtectedServer> {
    const opened: { server?: ProtectedServer } = {};
    const resource = await HttpServer.open((exchange) => {
      if (opened.server === undefined) return false;
      void opened.server.guard(exchange);
      return true;
    }, options.whenDone === undefined ? {} : { whenDone: options.whenDone });
    const authorization = createServer((request, response) => void opened.server?.authorize(request, response));
    await new Promise<void>((resolve) => authorization.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(authorization.address() as AddressInfo).port}`;
    const configuration: Configuration = {
      clients: [{ client_id: 'registered-before', client_secret: 'its-own-secret', redirect_uris: ['http://127.0.0.1/callback'], application_type: 'native', token_endpoint_auth_method: 'client_secret_basic', grant_types: ['authorization_code', 'refresh_token'] }, ...(options.clients ?? [])],
      scopes: ['openid', 'mcp:read', 'mcp:write'],
      features: {
        devInteractions: { enabled: false },
        registration: { enabled: true },
        revocation: { enabled: true },
        clientCredentials: { enabled: true },
        dPoP: { enabled: options.bound === true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => resource.url,
          getResourceServerInfo: () => ({ scope: 'mcp:read mcp:write', audience: resource.url, accessTokenTTL: 3600, accessTokenFormat: 'opaque' }),
          useGrantedResource: () => true,
        },
      },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      issueRefreshToken: () => true,
      rotateRefreshToken: true,
      // Whoever signs in next in the same browser leaves everybody else signed in.
      expiresWithSession: () => false,
      ttl: { AccessToken: 3600, RefreshToken: 86_400, Grant: 86_400, Interaction: 600, Session: 86_400 },
      cookies: { keys: ['a key for tests'] },
    };
    // It warns of what a test server need not have: other runtimes, stores and keys.
    for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
    const { default: OidcProvider } = await import('oidc-provider');
    const provider = new OidcProvider(issuer, configuration);
    const made = new ProtectedServer(resource, provider, issuer, options);
    opened.server = made;
    provider.on('grant.error', (context, error) => made.refused.push(`${String(context.oidc.params?.grant_type)}: ${error.message}`));
    provider.on('refresh_token.destroyed', () => made.revoked.push('refresh token'));
    provider.on('grant.success', ({ oidc: { params } }) => {
      made.grants.push(String(params?.grant_type));
      made.resources.push(String(params?.resource));
    });
    (options.whenDone ?? onTestFinished)(
      () =>
        new Promise<void>((resolve) => {
          authorization.closeAllConnections();
          authorization.close(() => resolve());
        }),
    );
    return made;
  }

  /** Access tokens that were used, newest last. */
  get usedTokens(): readonly string[] {
    return this.resource.requests.flatMap((request) => (request.headers.authorization === undefined ? [] : [request.headers.authorization.replace(/^\w+ /, '')]));
  }

  /** A person at a browser who agrees to everything. */
  readonly browser: SignIn = {
    open: async ({ url }) => {
      this.opened.push(url);
      await browse(url);
      return true;
    },
  };

  readonly opened: string[] = [];

  /** Whether the authority takes an access token as good. */
  async knows(token: string): Promise<boolean> {
    return (await this.provider.AccessToken.find(token)) !== undefined;
  }

  async revokeAll(): Promise<void> {
    for (const token of this.usedTokens) {
      const found = await this.provider.AccessToken.find(token);
      if (found?.grantId !== undefined) await this.provider.RefreshToken.revokeByGrantId(found.grantId);
      this.expired.add(token);
    }
  }

  private async guard({ request, response, message, answer }: Exchange): Promise<void> {
    const metadata = new URL('/.well-known/oauth-protected-resource/mcp', this.resource.url).href;
    if (request.url?.startsWith('/.well-known/')) {
      if (!request.url.startsWith('/.well-known/oauth-protected-resource')) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...(this.options.bound === true ? { dpop_bound_access_tokens_required: true } : {}), resource: this.resource.url, authorization_servers: [this.namedIssuer ?? this.issuer], scopes_supported: ['mcp:read'] }));
      return;
    }
    const [scheme, token] = request.headers.authorization?.split(' ') ?? [];
    const known = token === undefined || this.expired.has(token) || this.closed ? undefined : ((await this.provider.AccessToken.find(token)) ?? (await this.provider.ClientCredentials.find(token)));
    const found = this.options.bound !== true || (scheme === 'DPoP' && known !== undefined && this.isProven(request, token!, known.jkt)) ? known : undefined;
    if (found?.isExpired !== false) {
      response.writeHead(401, { 'www-authenticate': `${this.options.bound === true ? 'DPoP' : 'Bearer'} resource_metadata="${metadata}", scope="${this.options.identified === true ? 'openid ' : ''}mcp:read"` }).end();
      return;
    }
    if (isTrouble(message) && found.scopes.has('mcp:write') !== true) {
      response.writeHead(403, { 'www-authenticate': `Bearer error="insufficient_scope", scope="mcp:write", resource_metadata="${metadata}"` }).end();
      return;
    }
    if (this.moved !== undefined && message.method === 'tools/call') return void response.writeHead(this.moved.status, { location: this.moved.to }).end();
    if (request.method !== 'POST') return void response.writeHead(405).end();
    if (message.id === undefined) return void response.writeHead(202).end();
    switch (message.method) {
      case 'initialize':
        return answer({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'protected', version: '1' } });
      case 'tools/list':
        return answer({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }, { name: 'trouble', inputSchema: { type: 'object' } }] });
      case 'tools/call':
        return answer({ content: [{ type: 'text', text: `scopes: ${[...found.scopes].sort().join(' ')}; token ${token}` }] });
      default:
        response.writeHead(404).end();
    }
  }

  /** Proofs that were used; none is good twice. */
  private readonly proofs = new Set<string>();

  private isProven(request: IncomingMessage, token: string, thumbprint: string | undefined): boolean {
    const [header = '', payload = '', signature = ''] = String(request.headers.dpop ?? '').split('.');
    const parse = (text: string): Record<string, unknown> => JSON.parse(Buffer.from(text, 'base64url').toString('utf8') || '{}') as Record<string, unknown>;
    const { jwk, typ } = parse(header) as { jwk?: JsonWebKey; typ?: string };
    const { htm, htu, ath, jti } = parse(payload) as Record<string, string>;
    if (jwk === undefined || typ !== 'dpop+jwt' || this.proofs.has(jti!)) return false;
    this.proofs.add(jti!);
    const { crv, kty, x, y } = jwk;
    return (
      createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url') === thumbprint &&
      createHash('sha256').update(token).digest('base64url') === ath &&
      htm === request.method &&
      htu === this.resource.url &&
      verify('sha256', Buffer.from(`${header}.${payload}`), { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
    );
  }

  private people = 0;

  private async authorize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/token/revocation' && this.revocation !== undefined) {
      if (this.revocation !== 'never') response.writeHead(this.revocation).end();
      return;
    }
    if (request.url?.startsWith('/interaction/') !== true) {
      await this.provider.callback()(request, response);
      return;
    }
    if (this.silent) {
      response.end('Somebody thinks about it.');
      return;
    }
    const { prompt, params, session } = await this.provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      const { people = ['somebody'] } = this.options;
      await this.provider.interactionFinished(request, response, { login: { accountId: people[this.people++] ?? people.at(-1)! } });
      return;
    }
    const grant = new this.provider.Grant({ accountId: session!.accountId, clientId: params.client_id as string });
    grant.addOIDCScope('openid mcp:read mcp:write');
    grant.addResourceScope(this.resource.url, params.scope as string);
    await this.provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }
}

/** Follows redirects as a browser does, cookies and all, to their end, or to the address that somebody else opens. */
export async function browse(start: string, stopAt?: string): Promise<Response> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let hop = 0; hop < 12; hop++) {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined) cookies.set(name, value ?? '');
    }
    const location = response.headers.get('location');
    if (location === null) return response;
    url = new URL(location, url).href;
    if (stopAt !== undefined && url.startsWith(stopAt)) return Response.json({ url });
  }
  throw new Error('Redirected in circles.');
}
