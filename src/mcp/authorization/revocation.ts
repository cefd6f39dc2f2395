import type { OAuthMetadata } from '@modelcontextprotocol/client';
import { isSafeAddress } from './browser.js';
import { reasonOf } from './challenge.js';
import type { Credentials } from './credentials.js';
import { plainFetch } from './plainFetch.js';

export interface Revocation {
  /** The secret of the client, where it is configured and not registered. */
  readonly clientSecret?: string;
  /** Milliseconds for all of it: whoever signs out waits for it. */
  readonly timeout: number;
}

/**
 * Tells the authority that tokens are not wanted any more (RFC 7009), where it names an address for that. They are
 * forgotten here in any case; resolves with why they may be good elsewhere, a sentence, if they may.
 */
export async function revoke({ tokens, client, discovery }: Credentials, { clientSecret, timeout }: Revocation): Promise<string | undefined> {
  // The types of OpenID metadata leave out what its servers say of revocation as any other does.
  const metadata = discovery?.authorizationServerMetadata as Partial<OAuthMetadata> | undefined;
  const endpoint = metadata?.revocation_endpoint;
  if (endpoint === undefined || tokens === undefined) return undefined;
  const secret = clientSecret ?? (client as { readonly client_secret?: string } | undefined)?.client_secret;
  const methods = metadata?.revocation_endpoint_auth_methods_supported ?? metadata?.token_endpoint_auth_methods_supported;
  const signal = AbortSignal.timeout(timeout);
  const ask = async (token: string, hint: string): Promise<void> => {
    const url = new URL(endpoint);
    if (!isSafeAddress(url)) throw new Error('its address is not safe to send a token to');
    const body = new URLSearchParams({ token, token_type_hint: hint });
    const headers: Record<string, string> = {};
    if (secret !== undefined && methods?.includes('client_secret_basic') !== false) {
      headers.authorization = `Basic ${Buffer.from(`${encodeURIComponent(client?.client_id ?? '')}:${encodeURIComponent(secret)}`).toString('base64')}`;
    } else {
      if (client !== undefined) body.set('client_id', client.client_id);
      if (secret !== undefined) body.set('client_secret', secret);
    }
    const response = await plainFetch(url, { method: 'POST', headers, body, signal });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered HTTP ${response.status}`);
  };
  try {
    // With its refresh token, a grant ends for most authorities; one that revokes no access tokens lets them expire.
    const { refresh_token: refresh, access_token: access } = tokens;
    if (refresh !== undefined) await ask(refresh, 'refresh_token');
    await ask(access, 'access_token').catch((error: unknown) => {
      if (refresh === undefined) throw error;
    });
    return undefined;
  } catch (error) {
    const why = signal.aborted ? `it did not answer within ${Math.round(timeout / 1000)} s` : reasonOf(error instanceof TypeError ? (error.cause ?? error) : error);
    return `Its tokens are forgotten here, but ${URL.canParse(endpoint) ? new URL(endpoint).host : 'its authority'} could not be told to revoke them: ${why}. End the access in your account there if it must end before they expire.`;
  }
}
