import { extractWWWAuthenticateParams, InsufficientScopeError, OAuthError, UnauthorizedError } from '@modelcontextprotocol/client';
import { causes } from '../causes.js';

/** What a server said it wants when it refused a request (RFC 9728, RFC 6750, RFC 9449). */
export interface Challenge {
  readonly resourceMetadataUrl?: URL;
  readonly scope?: string;
  /** The token is good, but not for this: more must be asked for. */
  readonly stepUp: boolean;
  /** It wants tokens that only the holder of a key can use. */
  readonly bound?: boolean;
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

export function challengeOf(response: Response): Challenge {
  const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
  const bound = /(?:^|,)\s*dpop(?:\s|,|$)/i.test(response.headers.get('www-authenticate') ?? '');
  return { stepUp: false, ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }), ...(scope === undefined ? {} : { scope }), ...(bound ? { bound } : {}) };
}

/** What an authority, or the way to it, said went wrong: one line, without a full stop. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name.endsWith('ZodError')) return 'what its authority says of itself is not what the OAuth specifications ask for';
  // "fetch failed" is what Node says of whatever it was, which is at the bottom.
  const { message } = error.message === 'fetch failed' ? ([...causes(error)].at(-1) ?? error) : error;
  const text = error instanceof OAuthError && !message.startsWith(error.code) ? `${error.code}${message === '' ? '' : `: ${message}`}` : message;
  return text.replace(/\s+/g, ' ').trim().slice(0, 400).replace(/\.$/, '');
}

/** The sign-in an error asks for, however it was wrapped on its way; `undefined` for any other error. */
export function signInNeeded(error: unknown): Challenge | undefined {
  for (const cause of causes(error)) {
    if (cause instanceof SignInNeeded) return cause.challenge;
    if (cause instanceof InsufficientScopeError) {
      const { requiredScope, resourceMetadataUrl } = cause;
      return { stepUp: true, ...(requiredScope === undefined ? {} : { scope: requiredScope }), ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }) };
    }
    if (cause instanceof UnauthorizedError) return { stepUp: false };
  }
  return undefined;
}

/** The sign-in that failed below an error. */
export function signInFailed(error: unknown): SignInFailed | undefined {
  for (const cause of causes(error)) if (cause instanceof SignInFailed) return cause;
  return undefined;
}
