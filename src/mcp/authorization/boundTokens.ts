import { DpopSession, generateDpopKeyPair, withDpop, type FetchLike } from '@modelcontextprotocol/client';
import { createHash, webcrypto } from 'node:crypto';
import type { Challenge } from './challenge.js';
import type { Credentials } from './credentials.js';

type Key = webcrypto.JsonWebKey;

const algorithm = 'ES256';

/** A key for tokens that nobody else can use (RFC 9449); it is kept with the tokens, which are worth nothing without it. */
export async function newKey(): Promise<Key> {
  const { privateKey } = await generateDpopKeyPair({ alg: algorithm, extractable: true });
  return webcrypto.subtle.exportKey('jwk', privateKey);
}

/**
 * Whether the MCP server wants tokens bound to a key. An authorization server alone does not decide that: many offer
 * it to all, and an MCP server that has never heard of it would refuse the tokens.
 */
export function wantsBoundTokens(challenge: Challenge, { discovery }: Credentials): boolean {
  const resource = discovery?.resourceMetadata as { dpop_bound_access_tokens_required?: unknown; dpop_signing_alg_values_supported?: unknown } | undefined;
  const offered = (discovery?.authorizationServerMetadata as { dpop_signing_alg_values_supported?: unknown } | undefined)?.dpop_signing_alg_values_supported;
  const asked = challenge.bound === true || resource?.dpop_bound_access_tokens_required === true || (Array.isArray(resource?.dpop_signing_alg_values_supported) && resource.dpop_signing_alg_values_supported.includes(algorithm));
  return asked && (!Array.isArray(offered) || offered.includes(algorithm));
}

/** Sessions by key: each remembers the nonces that servers handed out for it. */
export class BoundTokens {
  private key: Key | undefined;
  private session: Promise<DpopSession> | undefined;

  sessionOf(key: Key | undefined): Promise<DpopSession> | undefined {
    if (key === undefined) return undefined;
    if (this.session === undefined || this.key?.x !== key.x || this.key?.y !== key.y) {
      this.key = key;
      this.session = open(key);
    }
    return this.session;
  }

  /** `fetch` that proves with each request that it holds the key of a token that is bound to one. */
  wrap(credentials: () => Promise<Credentials>, fetch: FetchLike): FetchLike {
    return withDpop(
      async () => this.sessionOf((await credentials()).key),
      async () => {
        const { tokens } = await credentials();
        return tokens?.token_type.toLowerCase() === 'dpop' ? tokens.access_token : undefined;
      },
    )(fetch);
  }
}

async function open(key: Key): Promise<DpopSession> {
  const { kty, crv, x, y } = key;
  const publicJwk = { kty: kty!, crv: crv!, x: x!, y: y! };
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const privateKey = await webcrypto.subtle.importKey('jwk', key, curve, false, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('jwk', publicJwk, curve, true, ['verify']);
  // RFC 7638: the members a key needs, by name.
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return DpopSession.create({ alg: algorithm, keyPair: { alg: algorithm, privateKey, publicKey, publicJwk, thumbprint } });
}
