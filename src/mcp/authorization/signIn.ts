import { auth, computeScopeUnion, type AuthProvider, type FetchLike, type OAuthClientMetadata, type OAuthClientProvider } from '@modelcontextprotocol/client';
import { randomBytes } from 'node:crypto';
import type { OAuthDefinition } from '../configuration/definition.js';
import type { Limits } from '../limits.js';
import type { McpPorts, SignInRedirect } from '../ports.js';
import type { Redactor } from '../redaction.js';
import { Accounts } from './accounts.js';
import { BoundTokens, newKey, wantsBoundTokens } from './boundTokens.js';
import { visit, withRedirect } from './browser.js';
import { challengeOf, reasonOf, SignInFailed, SignInNeeded, type Challenge } from './challenge.js';
import type { CredentialStore } from './credentials.js';
import { grant, isGranted, refuseOther } from './grants.js';
import { IdentityProvider } from './identityProvider.js';
import { alone } from './lock.js';
import { plainFetch } from './plainFetch.js';
import { revoke } from './revocation.js';

export interface SignInOptions {
  readonly server: string;
  /** The server among those of this workspace. */
  readonly serverId: string;
  readonly url: URL;
  /** What is configured of it, variables filled in and paths absolute. */
  readonly oauth: OAuthDefinition;
  readonly ports: McpPorts;
  readonly limits: Limits;
  readonly redactor: Redactor;
  /** Where windows agree whose turn it is to refresh. */
  readonly lockDirectory?: string;
  readonly clientMetadataUrl?: string;
  readonly onLog: (text: string) => void;
}

/**
 * OAuth for one remote server: tokens for its requests, refreshed when refused, and a sign-in in the browser, or the
 * configured grant, when that is not enough. What the flow is made of (discovery, registration, PKCE, exchange) is the
 * SDK's.
 */
export class SignInFlow implements AuthProvider {
  readonly accounts: Accounts;
  private readonly boundTokens = new BoundTokens();
  private readonly identityProvider: IdentityProvider | undefined;
  private refreshing: Promise<boolean> | undefined;
  private asking: { readonly done: Promise<void>; readonly stop: AbortController; waiting: number } | undefined;

  constructor(private readonly options: SignInOptions) {
    const { ports, redactor, serverId, url, oauth, server, lockDirectory } = options;
    this.accounts = new Accounts(ports.secrets, ports.memory, redactor, serverId, url.href, oauth.clientId ?? '', ...(oauth.grantType === undefined ? [] : [oauth.grantType]));
    const at = oauth.identityProvider;
    if (at !== undefined && at.idToken === undefined && at.idTokenFile === undefined) {
      this.identityProvider = new IdentityProvider({ ...at, server, ports, redactor, ...(lockDirectory === undefined ? {} : { lockDirectory }) });
    }
  }

  async token(): Promise<string | undefined> {
    return (await this.accounts.current.read()).tokens?.access_token;
  }

  /** `fetch` to the MCP server, for tokens that are bound to a key. */
  wrap(fetch: FetchLike): FetchLike {
    return this.boundTokens.wrap(() => this.accounts.current.read(), fetch);
  }

  /** A 401: refreshes without asking anybody, or says that somebody must be asked. */
  async onUnauthorized({ response }: { readonly response: Response }): Promise<void> {
    const challenge = challengeOf(response);
    const refused = await this.token();
    this.refreshing ??= this.refresh(this.accounts.current, refused, challenge).finally(() => (this.refreshing = undefined));
    if (!(await this.refreshing)) throw new SignInNeeded(challenge);
  }

  /** Forgets an account, left out the one in use, and has its tokens revoked. Resolves with why they may not be, a sentence. */
  async signOut(account = this.accounts.chosen): Promise<string | undefined> {
    const { limits, oauth } = this.options;
    const had = await this.accounts.forget(account);
    await this.identityProvider?.forget();
    return revoke(had, { timeout: limits.revocationTimeout, ...(oauth.clientSecret === undefined ? {} : { clientSecret: oauth.clientSecret }) });
  }

  /** Signs in with one more account, in use from then on. */
  async addAccount(signal: AbortSignal): Promise<void> {
    const challenge = await this.whatItWants(signal);
    await this.accounts.add(() => this.ask(challenge, signal, true));
  }

  /** The challenge for somebody it does not know. */
  private async whatItWants(signal: AbortSignal): Promise<Challenge> {
    try {
      const response = await plainFetch(this.options.url, { headers: { accept: 'text/event-stream' }, signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]) });
      await response.body?.cancel();
      return challengeOf(response);
    } catch {
      // Where it cannot be reached, the sign-in itself says so.
      return { stepUp: false };
    }
  }

  /** Asks a person to sign in; one question for all calls that wait for it. */
  signIn(challenge: Challenge, signal: AbortSignal): Promise<void> {
    const asking = (this.asking ??= this.begin(challenge));
    asking.waiting++;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        reject(new SignInFailed('was not signed in to: the call was cancelled'));
        // With nobody left to wait for it, the question is withdrawn; the next call asks anew.
        if (--asking.waiting > 0) return;
        asking.stop.abort();
        if (this.asking === asking) this.asking = undefined;
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      asking.done.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  private begin(challenge: Challenge): NonNullable<SignInFlow['asking']> {
    const stop = new AbortController();
    const done = this.ask(challenge, stop.signal).finally(() => {
      if (this.asking?.stop === stop) this.asking = undefined;
    });
    done.catch(() => undefined);
    return { done, stop, waiting: 0 };
  }

  /** True when there is another token than the one that was refused. One window at a time: a refresh token is good once. */
  private refresh(store: CredentialStore, refused: string | undefined, challenge: Challenge): Promise<boolean> {
    return alone(this.options.lockDirectory, store.name, async () => {
      const now = await store.readFresh();
      if (now.tokens?.access_token !== undefined && now.tokens.access_token !== refused) return true;
      if (isGranted(this.options.oauth)) return this.granted(store, challenge);
      if (now.tokens?.refresh_token === undefined || now.client === undefined) return false;
      try {
        const result = await auth(this.provider(store, now.redirect ?? 'http://127.0.0.1/callback', challenge, () => undefined), this.authOptions(challenge));
        return result === 'AUTHORIZED';
      } catch (error) {
        this.options.onLog(`Its sign-in could not be renewed: ${reasonOf(error)}`);
        return false;
      }
    });
  }

  private async granted(store: CredentialStore, challenge: Challenge): Promise<true> {
    const { url, oauth, redactor, onLog } = this.options;
    const scope = computeScopeUnion(oauth.scopes?.join(' '), challenge.scope, challenge.stepUp ? (await store.read()).tokens?.scope : undefined);
    const dpop = (): ReturnType<NonNullable<OAuthClientProvider['dpop']>> => this.session(store, challenge);
    await grant({ url, oauth, redactor, dpop, ...(this.identityProvider === undefined ? {} : { identityProvider: this.identityProvider }) }, store, challenge, scope);
    onLog('Signed in');
    return true;
  }

  private async ask(challenge: Challenge, signal: AbortSignal, another = false): Promise<void> {
    const { ports, onLog, oauth, lockDirectory, redactor, limits } = this.options;
    const store = this.accounts.current;
    try {
      if (isGranted(oauth)) {
        await alone(lockDirectory, store.name, () => this.granted(store, challenge)).catch(async (error: unknown) => {
          if (!(error instanceof SignInNeeded) || this.identityProvider === undefined) throw error;
          await this.identityProvider.signIn(limits.signInTimeout, signal);
          await alone(lockDirectory, store.name, () => this.granted(store, challenge));
        });
        return;
      }
      const before = await store.readFresh();
      await withRedirect(ports.signIn, before.redirect, async (redirect) => {
        // A client is registered with its redirect address; with another address it is another client.
        if (before.redirect !== redirect.url && oauth.clientId === undefined) await store.drop('client');
        await store.update((now) => ({ ...now, redirect: redirect.url }));
        await this.authorize(store, challenge, redirect, signal, another);
      });
      if (!another) await this.accounts.signedIn();
      onLog('Signed in');
    } catch (error) {
      if (error instanceof SignInFailed) throw error;
      if (error instanceof SignInNeeded) throw new SignInFailed('wants a sign-in at its identity provider, which did not help', { cause: error });
      throw new SignInFailed(`could not be signed in to: ${redactor.text(reasonOf(error))}`, { cause: error });
    }
  }

  private async authorize(store: CredentialStore, challenge: Challenge, redirect: SignInRedirect, signal: AbortSignal, another: boolean): Promise<void> {
    const { ports, server, limits } = this.options;
    let address: URL | undefined;
    const provider = this.provider(store, redirect.url, challenge, (url) => (address = url));
    const granted = (await store.read()).tokens?.scope;
    const scope = challenge.stepUp ? computeScopeUnion(granted, challenge.scope) : challenge.scope;
    // A client registered for less may not ask for more: it is registered anew.
    const registered = ((await store.read()).client as { scope?: string } | undefined)?.scope?.split(' ');
    if (registered !== undefined && scope?.split(' ').every((name) => registered.includes(name)) === false) await store.drop('client');
    // A sign-in always starts from what the server says now, not from what it said another day.
    await store.drop('discovery');
    const result = await auth(provider, { ...this.authOptions({ ...challenge, ...(scope === undefined ? {} : { scope }) }), forceReauthorization: true });
    if (result === 'AUTHORIZED' || address === undefined) return;
    // Else the browser, signed in already, would come back with the account that is known.
    if (another) address.searchParams.set('prompt', 'login');
    const { code, iss } = await visit(address, { server, redirect, signIn: ports.signIn!, timeout: limits.signInTimeout }, signal);
    await auth(provider, { ...this.authOptions(challenge), authorizationCode: code, ...(iss === undefined ? {} : { iss }) });
  }

  private authOptions(challenge: Challenge): Parameters<typeof auth>[1] {
    const scope = computeScopeUnion(this.options.oauth.scopes?.join(' '), challenge.scope);
    return {
      serverUrl: this.options.url,
      fetchFn: plainFetch,
      ...(challenge.resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: challenge.resourceMetadataUrl }),
      ...(scope === undefined ? {} : { scope }),
    };
  }

  /** The key that tokens are bound to, made where the server wants such tokens and there is none yet. */
  private async session(store: CredentialStore, challenge: Challenge): Promise<Awaited<ReturnType<NonNullable<OAuthClientProvider['dpop']>>>> {
    const now = await store.read();
    if (now.tokens?.token_type.toLowerCase() !== 'dpop' && !wantsBoundTokens(challenge, now)) return undefined;
    const key = now.key ?? (await newKey());
    if (now.key === undefined) await store.update((before) => ({ ...before, key }));
    return this.boundTokens.sessionOf(key);
  }

  /** The SDK's view of a store, for one pass through its flow. */
  private provider(store: CredentialStore, redirectUrl: string, challenge: Challenge, onAddress: (url: URL) => void): OAuthClientProvider {
    const { oauth } = this.options;
    const { clientId, clientSecret } = oauth;
    let verifier = '';
    const clientMetadata: OAuthClientMetadata = {
      client_name: 'Code Mode',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: clientSecret === undefined ? 'none' : 'client_secret_basic',
      application_type: 'native',
    };
    return {
      redirectUrl,
      clientMetadata,
      ...(this.options.clientMetadataUrl === undefined ? {} : { clientMetadataUrl: this.options.clientMetadataUrl }),
      state: () => randomBytes(24).toString('base64url'),
      clientInformation: async (context) => {
        const kept = (await store.read()).client;
        if (clientId === undefined) return kept;
        if (clientSecret !== undefined && context !== undefined) refuseOther(context.issuer, oauth, kept?.client_id === clientId ? kept.issuer : undefined);
        return { client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }) };
      },
      // What is configured is not kept a second time.
      saveClientInformation: (client) => store.update((now) => ({ ...now, client: clientId === undefined ? client : { client_id: clientId, ...(client.issuer === undefined ? {} : { issuer: client.issuer }) } })),
      tokens: async () => (await store.read()).tokens,
      // A refresh that brings no new refresh token leaves the old one good (RFC 6749, 6).
      saveTokens: (tokens) => store.update((now) => ({ ...now, tokens: { ...(tokens.refresh_token === undefined && now.tokens?.refresh_token !== undefined ? { refresh_token: now.tokens.refresh_token } : {}), ...tokens } })),
      redirectToAuthorization: (url) => onAddress(url),
      saveCodeVerifier: (code) => void (verifier = code),
      codeVerifier: () => verifier,
      dpop: () => this.session(store, challenge),
      saveDiscoveryState: (discovery) => store.update((now) => ({ ...now, discovery })),
      discoveryState: async () => (await store.read()).discovery,
      invalidateCredentials: (scope) => {
        switch (scope) {
          case 'all':
            return store.drop('tokens', 'client', 'discovery');
          case 'verifier':
            return undefined;
          default:
            return store.drop(scope);
        }
      },
    };
  }
}
