import { createPrivateKeyJwtAuth, discoverAndRequestJwtAuthGrant, discoverOAuthServerInfo, fetchToken, requestJwtAuthorizationGrant, selectResourceURL, type OAuthClientProvider } from '@modelcontextprotocol/client';
import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { OAuthDefinition } from '../configuration/definition.js';
import type { Redactor } from '../redaction.js';
import { reasonOf, SignInFailed, SignInNeeded, type Challenge } from './challenge.js';
import type { CredentialStore } from './credentials.js';
import type { IdentityProvider } from './identityProvider.js';
import { plainFetch } from './plainFetch.js';

export interface GrantOptions {
  readonly url: URL;
  /** Variables filled in, paths absolute. */
  readonly oauth: OAuthDefinition;
  readonly redactor: Redactor;
  readonly identityProvider?: IdentityProvider;
  /** A key for tokens bound to it, where the server wants such tokens. */
  readonly dpop: NonNullable<OAuthClientProvider['dpop']>;
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Whether tokens come by what is configured, and not by a person who agrees in a browser. */
export function isGranted(oauth: OAuthDefinition | undefined): boolean {
  return oauth?.grantType !== undefined;
}

/**
 * Tokens for what is configured: a client of its own (`client_credentials`), a workload somebody else vouches for
 * (`jwt-bearer`), or whoever signed in at an organisation's identity provider (`token-exchange`). Asked for once:
 * a refusal is told and not tried again with anything else.
 * @throws {SignInNeeded} where a person must sign in at the identity provider first.
 */
export async function grant(options: GrantOptions, store: CredentialStore, challenge: Challenge, scope: string | undefined): Promise<void> {
  const { url, oauth, redactor } = options;
  try {
    const info = await discoverOAuthServerInfo(url, { fetchFn: plainFetch, ...(challenge.resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: challenge.resourceMetadataUrl }) });
    const { authorizationServerUrl, authorizationServerMetadata: metadata, resourceMetadata } = info;
    const issuer = metadata?.issuer ?? authorizationServerUrl;
    const now = await store.read();
    refuseOther(issuer, oauth, now.client?.issuer);
    await store.update((before) => ({ ...before, discovery: { authorizationServerUrl, ...(metadata === undefined ? {} : { authorizationServerMetadata: metadata }), ...(resourceMetadata === undefined ? {} : { resourceMetadata }) } }));
    const provider = providerOf(options, issuer, resourceMetadata?.resource ?? url.href, challenge);
    const wanted = scope ?? resourceMetadata?.scopes_supported?.join(' ');
    const allowed = await selectResourceURL(url, provider, resourceMetadata);
    const tokens = await fetchToken(provider, authorizationServerUrl, {
      fetchFn: plainFetch,
      ...(metadata === undefined ? {} : { metadata }),
      // As it is written there: `URL` would add a slash.
      ...(allowed === undefined || resourceMetadata === undefined ? {} : { resource: resourceMetadata.resource as unknown as URL }),
      ...(wanted === undefined || wanted === '' ? {} : { scope: wanted }),
    });
    await store.update((before) => ({ ...before, tokens: { ...tokens, issuer }, client: { client_id: oauth.clientId ?? '', issuer } }));
  } catch (error) {
    if (error instanceof SignInFailed || error instanceof SignInNeeded) throw error;
    throw new SignInFailed(`gave no access to what is configured (${redactor.text(reasonOf(error))}); check "oauth" in its configuration`, { cause: error });
  }
}

/** A secret goes to one authority: the configured one, else the one it went to first. */
export function refuseOther(issuer: string, oauth: OAuthDefinition, before: string | undefined): void {
  const expected = oauth.issuer ?? before;
  const plain = (text: string): string => text.replace(/\/$/, '');
  if (expected === undefined || plain(expected) === plain(issuer)) return;
  throw new SignInFailed(`wants to be signed in to at ${issuer}, but its credentials are for ${expected} and were not sent; if that is right, put "issuer": "${issuer}" into its "oauth"`);
}

function providerOf(options: GrantOptions, issuer: string, resource: string, challenge: Challenge): OAuthClientProvider {
  const { oauth, redactor, dpop } = options;
  const { clientId, clientSecret } = oauth;
  const unused = (): never => {
    throw new Error('Nobody signs in here.');
  };
  const base: OAuthClientProvider = {
    redirectUrl: undefined,
    clientMetadata: { client_name: 'Code Mode', redirect_uris: [], grant_types: [oauth.grantType === 'client_credentials' ? 'client_credentials' : jwtBearer] },
    clientInformation: () => (clientId === undefined ? undefined : { client_id: clientId, issuer, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }) }),
    tokens: () => undefined,
    saveTokens: unused,
    redirectToAuthorization: unused,
    saveCodeVerifier: unused,
    codeVerifier: unused,
    dpop,
  };
  const withScope = (scope: string | undefined, params: Record<string, string>): URLSearchParams => new URLSearchParams({ ...params, ...(scope === undefined ? {} : { scope }) });
  if (oauth.grantType === 'client_credentials') {
    const prepareTokenRequest = (scope?: string): URLSearchParams => withScope(scope, { grant_type: 'client_credentials' });
    if (oauth.privateKey === undefined && oauth.privateKeyFile === undefined) return { ...base, prepareTokenRequest };
    return {
      ...base,
      prepareTokenRequest,
      addClientAuthentication: async (...args) => {
        const key = await privateKey(oauth, redactor);
        const sign = createPrivateKeyJwtAuth({ issuer: clientId ?? '', subject: clientId ?? '', alg: oauth.algorithm ?? algorithmOf(key), privateKey: key.export({ format: 'jwk' }) });
        await sign(...args);
      },
    };
  }
  return {
    ...base,
    prepareTokenRequest: async (scope) => {
      const assertion = oauth.grantType === 'jwt-bearer' ? await written('assertion', oauth.assertion, oauth.assertionFile, redactor) : await exchanged(options, issuer, resource, challenge, scope);
      return withScope(scope, { grant_type: jwtBearer, assertion });
    },
  };
}

/** The identity provider's word for the person, made out to the server's authority (enterprise-managed authorization). */
async function exchanged({ oauth, redactor, identityProvider }: GrantOptions, audience: string, resource: string, challenge: Challenge, scope: string | undefined): Promise<string> {
  const provider = oauth.identityProvider;
  if (provider === undefined) throw new SignInFailed('has no "identityProvider" in its "oauth"');
  const isWritten = provider.idToken !== undefined || provider.idTokenFile !== undefined;
  const idToken = isWritten ? await written('idToken', provider.idToken, provider.idTokenFile, redactor) : await identityProvider?.idToken();
  if (idToken === undefined) throw new SignInNeeded(challenge);
  const request = { audience, resource, idToken, clientId: provider.clientId, fetchFn: plainFetch, ...(provider.clientSecret === undefined ? {} : { clientSecret: provider.clientSecret }), ...(scope === undefined ? {} : { scope }) };
  const { tokenEndpoint } = provider;
  const asked = tokenEndpoint === undefined ? discoverAndRequestJwtAuthGrant({ ...request, idpUrl: provider.issuer }) : requestJwtAuthorizationGrant({ ...request, tokenEndpoint });
  const { jwtAuthGrant } = await asked.catch(async (error: unknown) => {
    if (isWritten || !/invalid_grant/.test(String(error))) throw error;
    // Withdrawn there meanwhile: who it was is asked again.
    await identityProvider?.forget();
    throw new SignInNeeded(challenge);
  });
  redactor.add(jwtAuthGrant);
  return jwtAuthGrant;
}

/** A secret from the configuration, or from a file that somebody else keeps fresh. */
async function written(name: string, text: string | undefined, file: string | undefined, redactor: Redactor): Promise<string> {
  const value =
    text ??
    (file === undefined
      ? undefined
      : await readFile(file, 'utf8').catch((error: unknown) => {
          throw new SignInFailed(`was not signed in to: the file ${file} of "${name}File" could not be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
        }));
  if (value === undefined || value.trim() === '') throw new SignInFailed(`was not signed in to: its "oauth" needs "${name}" or "${name}File"`);
  redactor.add(value.trim());
  return value.trim();
}

async function privateKey(oauth: OAuthDefinition, redactor: Redactor): Promise<KeyObject> {
  const text = await written('privateKey', oauth.privateKey, oauth.privateKeyFile, redactor);
  try {
    return text.startsWith('{') ? createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' }) : createPrivateKey(text.replaceAll('\\n', '\n'));
  } catch {
    throw new SignInFailed('was not signed in to: its "privateKey" is no private key; it must be PEM text or a JWK, and not encrypted');
  }
}

function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA';
  return { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'RS256';
}
