import { auth, computeScopeUnion, extractWWWAuthenticateParams, InsufficientScopeError, UnauthorizedError, type AuthProvider, type FetchLike, type OAuthClientMetadata, type OAuthClientProvider } from '@modelcontextprotocol/client';
import { randomBytes } from 'node:crypto';
import type { Limits } from '../limits.js';
import type { McpPorts, SignInRedirect } from '../ports.js';
import type { Redactor } from '../redaction.js';
import { CredentialStore, type Credentials } from './credentials.js';
import { alone } from './lock.js';
import { listenOnLoopback } from './loopback.js';

/** What a server said it wants when it refused a request (RFC 9728, RFC 6750). */
export interface Challenge {
  readonly resourceMetadataUrl?: URL;
  readonly scope?: string;
  /** The token is good, but not for this: more must be asked for. */
  readonly stepUp: boolean;
}

/** A request was refused and only a person can help; nothing was done. */
export class SignInNeeded extends Error {
  override readonly name = 'SignInNeeded';
  constructor(readonly challenge: Challenge) {
    super('A sign-in is needed.');
  }
}

/** The sign-in did not happen; the message says why and goes after the server's name. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
}

export interface SignInOptions {
  readonly server: string;
  readonly url: URL;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
  readonly ports: McpPorts;
  readonly limits: Limits;
  readonly redactor: Redactor;
  /** Where windows agree whose turn it is to refresh. */
  readonly lockDirectory?: string;
  readonly clientMetadataUrl?: string;
  readonly onLog: (text: string) => void;
}

/** `fetch` for the authorization server: no headers of the MCP server, no redirect to another origin. */
const plainFetch: FetchLike = async (input, init) => {
  let url = new URL(input);
  for (let hop = 0; hop < 5; hop++) {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: init?.signal ?? AbortSignal.timeout(30_000) });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    const next = new URL(location, url);
    if (next.origin !== url.origin || (init?.method ?? 'GET') !== 'GET') throw new SignInFailed(`sends its sign-in on to another host (${next.host}), which is not followed`);
    url = next;
  }
  throw new SignInFailed('sends its sign-in in circles');
};

/** Where a browser or a token may go: `https`, or this very machine. */
export function isSafeAddress(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname));
}

/**
 * OAuth for one remote server: bearer tokens for its requests, refreshed when refused, and a sign-in in the browser
 * when that is not enough. What the flow is made of (discovery, registration, PKCE, exchange) is the SDK's.
 */
export class SignInFlow implements AuthProvider {
  private readonly store: CredentialStore;
  private refreshing: Promise<boolean> | undefined;
  private asking: Promise<void> | undefined;

  constructor(private readonly options: SignInOptions) {
    this.store = new CredentialStore(options.ports.secrets, options.url, options.clientId, options.redactor);
  }

  async token(): Promise<string | undefined> {
    return (await this.store.read()).tokens?.access_token;
  }

  /** A 401: refreshes without asking anybody, or says that somebody must be asked. */
  async onUnauthorized({ response }: { readonly response: Response }): Promise<void> {
    const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
    const challenge: Challenge = { stepUp: false, ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }), ...(scope === undefined ? {} : { scope }) };
    const refused = await this.token();
    this.refreshing ??= this.refresh(refused, challenge).finally(() => (this.refreshing = undefined));
    if (!(await this.refreshing)) throw new SignInNeeded(challenge);
  }

  async signOut(): Promise<void> {
    await this.store.forget();
  }

  /** Asks a person to sign in; one question for all calls that wait for it. */
  signIn(challenge: Challenge, signal: AbortSignal): Promise<void> {
    this.asking ??= this.ask(challenge, AbortSignal.timeout(this.options.limits.signInTimeout)).finally(() => (this.asking = undefined));
    const { asking } = this;
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new SignInFailed('was not signed in: the call was cancelled'));
      signal.addEventListener('abort', stop, { once: true });
      asking.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** True when there is another token than the one that was refused. One window at a time: a refresh token is good once. */
  private refresh(refused: string | undefined, challenge: Challenge): Promise<boolean> {
    return alone(this.options.lockDirectory, this.store.name, async () => {
      const now = await this.store.readFresh();
      if (now.tokens?.access_token !== undefined && now.tokens.access_token !== refused) return true;
      if (now.tokens?.refresh_token === undefined || now.client === undefined) return false;
      try {
        const result = await auth(this.provider(now.redirect ?? 'http://127.0.0.1/callback', () => undefined), this.authOptions(challenge));
        return result === 'AUTHORIZED';
      } catch (error) {
        this.options.onLog(`Its sign-in could not be renewed: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`);
        return false;
      }
    });
  }

  private async ask(challenge: Challenge, signal: AbortSignal): Promise<void> {
    const { ports, onLog } = this.options;
    const { signIn } = ports;
    if (signIn === undefined) throw new SignInFailed('wants a sign-in, and there is no browser here to sign in with');
    const before = await this.store.readFresh();
    const elsewhere = await signIn.redirect?.();
    const loopback = elsewhere === undefined ? await listenOnLoopback(before.redirect === undefined ? 0 : Number(new URL(before.redirect).port)) : undefined;
    const redirect = elsewhere ?? loopback!;
    try {
      // A client is registered with its redirect address; with another address it is another client.
      if (before.redirect !== redirect.url && this.options.clientId === undefined) await this.store.update(({ client: _, ...rest }) => rest);
      await this.store.update((now) => ({ ...now, redirect: redirect.url }));
      await this.authorize(challenge, redirect, signal);
      onLog('Signed in');
    } catch (error) {
      if (error instanceof SignInFailed) throw error;
      throw new SignInFailed(`could not be signed in to: ${this.options.redactor.text(error instanceof Error ? error.message.slice(0, 400).replace(/\.$/, '') : String(error))}`);
    } finally {
      loopback?.close();
    }
  }

  private async authorize(challenge: Challenge, redirect: SignInRedirect, signal: AbortSignal): Promise<void> {
    const { ports, server } = this.options;
    let address: URL | undefined;
    const provider = this.provider(redirect.url, (url) => (address = url));
    const granted = (await this.store.read()).tokens?.scope;
    const scope = challenge.stepUp ? computeScopeUnion(granted, challenge.scope) : challenge.scope;
    // A client registered for less may not ask for more: it is registered anew.
    const registered = ((await this.store.read()).client as { scope?: string } | undefined)?.scope?.split(' ');
    if (registered !== undefined && scope?.split(' ').every((name) => registered.includes(name)) === false) await this.store.update(({ client: _, ...rest }) => rest);
    // A sign-in always starts from what the server says now, not from what it said another day.
    await this.store.update(({ discovery: _, ...rest }) => rest);
    const result = await auth(provider, { ...this.authOptions({ ...challenge, ...(scope === undefined ? {} : { scope }) }), forceReauthorization: true });
    if (result === 'AUTHORIZED' || address === undefined) return;
    if (!isSafeAddress(address)) throw new SignInFailed(`wants a sign-in at ${address.protocol}//${address.host}, which is not a safe address`);
    const state = address.searchParams.get('state') ?? '';
    const answered = redirect.answer(state, signal);
    answered.catch(() => undefined);
    if (!(await ports.signIn!.open({ server, host: address.host, url: address.href }, signal))) throw new SignInFailed('was not signed in to');
    const query = await answered.catch(() => {
      throw new SignInFailed('was not signed in to: the browser did not come back in time');
    });
    const code = query.get('code');
    if (query.has('error') || code === null) throw new SignInFailed('was not signed in to: the sign-in page refused');
    const iss = query.get('iss');
    await auth(provider, { ...this.authOptions(challenge), authorizationCode: code, ...(iss === null ? {} : { iss }) });
  }

  private authOptions(challenge: Challenge): Parameters<typeof auth>[1] {
    const scope = computeScopeUnion(this.options.scopes?.join(' '), challenge.scope);
    return {
      serverUrl: this.options.url,
      fetchFn: plainFetch,
      ...(challenge.resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: challenge.resourceMetadataUrl }),
      ...(scope === undefined ? {} : { scope }),
    };
  }

  /** The SDK's view of the store, for one pass through its flow. */
  private provider(redirectUrl: string, onAddress: (url: URL) => void): OAuthClientProvider {
    const { store } = this;
    const { clientId, clientSecret } = this.options;
    let verifier = '';
    const clientMetadata: OAuthClientMetadata = {
      client_name: 'Code Mode',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: clientSecret === undefined ? 'none' : 'client_secret_basic',
      application_type: 'native',
    };
    const drop = (...names: readonly (keyof Credentials)[]): Promise<void> => store.update((now) => Object.fromEntries(Object.entries(now).filter(([name]) => !names.includes(name as keyof Credentials))));
    return {
      redirectUrl,
      clientMetadata,
      ...(this.options.clientMetadataUrl === undefined ? {} : { clientMetadataUrl: this.options.clientMetadataUrl }),
      state: () => randomBytes(24).toString('base64url'),
      clientInformation: async () => (clientId === undefined ? (await store.read()).client : { client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }) }),
      saveClientInformation: (client) => store.update((now) => ({ ...now, client })),
      tokens: async () => (await store.read()).tokens,
      // A refresh that brings no new refresh token leaves the old one good (RFC 6749, 6).
      saveTokens: (tokens) => store.update((now) => ({ ...now, tokens: { ...(tokens.refresh_token === undefined && now.tokens?.refresh_token !== undefined ? { refresh_token: now.tokens.refresh_token } : {}), ...tokens } })),
      redirectToAuthorization: (url) => onAddress(url),
      saveCodeVerifier: (code) => void (verifier = code),
      codeVerifier: () => verifier,
      saveDiscoveryState: (discovery) => store.update((now) => ({ ...now, discovery })),
      discoveryState: async () => (await store.read()).discovery,
      invalidateCredentials: (scope) => {
        switch (scope) {
          case 'all':
            return drop('tokens', 'client', 'discovery');
          case 'verifier':
            return undefined;
          default:
            return drop(scope);
        }
      },
    };
  }
}

/** The sign-in an error asks for, however it was wrapped on its way; `undefined` for any other error. */
export function signInNeeded(error: unknown): Challenge | undefined {
  for (let next: unknown = error, depth = 0; next instanceof Error && depth < 5; next = next.cause, depth++) {
    if (next instanceof SignInNeeded) return next.challenge;
    if (next instanceof InsufficientScopeError) {
      const { requiredScope, resourceMetadataUrl } = next;
      return { stepUp: true, ...(requiredScope === undefined ? {} : { scope: requiredScope }), ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }) };
    }
    if (next instanceof UnauthorizedError) return { stepUp: false };
  }
  return undefined;
}
