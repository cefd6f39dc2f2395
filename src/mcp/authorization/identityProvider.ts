import { discoverAuthorizationServerMetadata, exchangeAuthorization, refreshAuthorization, startAuthorization, type StoredOAuthTokens } from '@modelcontextprotocol/client';
import { createHash, randomBytes } from 'node:crypto';
import type { McpPorts } from '../ports.js';
import type { Redactor } from '../redaction.js';
import { claimsOf } from './accounts.js';
import { visit, withRedirect } from './browser.js';
import { SignInFailed } from './challenge.js';
import { CredentialStore } from './credentials.js';
import { alone } from './lock.js';
import { plainFetch } from './plainFetch.js';

export interface IdentityProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly server: string;
  readonly ports: McpPorts;
  readonly redactor: Redactor;
  readonly lockDirectory?: string;
}

/** An ID token that ends sooner than this is taken as ended (milliseconds). */
const margin = 30_000;

/** Where an organisation's people sign in, once for every server that takes its word (OpenID Connect). */
export class IdentityProvider {
  private readonly store: CredentialStore;

  constructor(private readonly options: IdentityProviderOptions) {
    const { ports, issuer, clientId, redactor } = options;
    this.store = new CredentialStore(ports.secrets, `mcp.identity.${createHash('sha256').update(`${issuer}\n${clientId}`).digest('hex').slice(0, 32)}`, redactor);
  }

  /** Who the person is, as they said before; renewed where that can be done without them. */
  idToken(): Promise<string | undefined> {
    return alone(this.options.lockDirectory, this.store.name, async () => {
      const { tokens } = await this.store.readFresh();
      if (holds(tokens?.id_token)) return tokens?.id_token;
      if (tokens?.refresh_token === undefined) return undefined;
      const { issuer } = this.options;
      const renewed = await refreshAuthorization(issuer, { metadata: await this.metadata(), clientInformation: this.client, refreshToken: tokens.refresh_token, fetchFn: plainFetch }).catch(() => undefined);
      if (renewed?.id_token === undefined) return undefined;
      await this.keep(renewed);
      return renewed.id_token;
    });
  }

  /** What it said is not taken: the person is asked the next time. */
  forget(): Promise<void> {
    return this.store.forget();
  }

  signIn(timeout: number, signal: AbortSignal): Promise<void> {
    const { issuer, ports, server } = this.options;
    return withRedirect(ports.signIn, undefined, async (redirect, signIn) => {
      const metadata = await this.metadata();
      const scope = ['openid', 'email', 'offline_access'].filter((name) => name === 'openid' || metadata.scopes_supported?.includes(name) === true).join(' ');
      const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, { metadata, clientInformation: this.client, state: randomBytes(24).toString('base64url'), redirectUrl: redirect.url, scope });
      const { code, iss } = await visit(authorizationUrl, { server, redirect, signIn, timeout }, signal);
      const tokens = await exchangeAuthorization(issuer, { metadata, clientInformation: this.client, authorizationCode: code, codeVerifier, redirectUri: redirect.url, fetchFn: plainFetch, ...(iss === undefined ? {} : { iss }) });
      if (tokens.id_token === undefined) throw new SignInFailed(`was not signed in to: the identity provider ${new URL(issuer).host} did not say who signed in`);
      await this.keep(tokens);
    });
  }

  private get client(): { readonly client_id: string; readonly client_secret?: string } {
    const { clientId, clientSecret } = this.options;
    return { client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }) };
  }

  private async metadata(): Promise<NonNullable<Awaited<ReturnType<typeof discoverAuthorizationServerMetadata>>>> {
    const found = await discoverAuthorizationServerMetadata(this.options.issuer, { fetchFn: plainFetch });
    if (found === undefined) throw new SignInFailed(`was not signed in to: the identity provider ${this.options.issuer} does not describe itself; check "issuer" of "identityProvider"`);
    return found;
  }

  private keep(tokens: StoredOAuthTokens): Promise<void> {
    return this.store.update((now) => ({ ...now, tokens: { ...(now.tokens?.refresh_token === undefined ? {} : { refresh_token: now.tokens.refresh_token }), ...tokens } }));
  }
}

function holds(token: string | undefined): boolean {
  const expires = claimsOf(token)?.exp;
  return token !== undefined && (typeof expires !== 'number' || expires * 1000 > Date.now() + margin);
}
