import type { SignIn, SignInRedirect } from '../ports.js';
import { SignInFailed } from './challenge.js';
import { listenOnLoopback } from './loopback.js';

/** Where a browser or a token may go: `https`, or this very machine. */
export function isSafeAddress(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname));
}

/**
 * Has the browser come back to an address of ours while `work` runs: that of the editor where it has one, else a port
 * on loopback, the one of `before` where it is free.
 */
export async function withRedirect<T>(signIn: SignIn | undefined, before: string | undefined, work: (redirect: SignInRedirect, signIn: SignIn) => Promise<T>): Promise<T> {
  if (signIn === undefined) throw new SignInFailed('wants a sign-in, and there is no browser here to sign in with');
  const elsewhere = await signIn.redirect?.();
  if (elsewhere !== undefined) return work(elsewhere, signIn);
  const loopback = await listenOnLoopback(before === undefined ? 0 : Number(new URL(before).port));
  try {
    return await work(loopback, signIn);
  } finally {
    loopback.close();
  }
}

/** Opens a sign-in page on a person's yes and resolves with what the browser came back with. */
export async function visit(address: URL, server: string, redirect: SignInRedirect, signIn: SignIn, signal: AbortSignal): Promise<{ readonly code: string; readonly iss?: string }> {
  if (!isSafeAddress(address)) throw new SignInFailed(`wants a sign-in at ${address.protocol}//${address.host}, which is not a safe address`);
  const given = new AbortController();
  const answered = redirect.answer(address.searchParams.get('state') ?? '', AbortSignal.any([signal, given.signal]));
  answered.catch(() => undefined);
  try {
    if (!(await signIn.open({ server, host: address.host, url: address.href }, signal))) throw new SignInFailed('was not signed in to');
    const query = await answered.catch(() => {
      throw new SignInFailed('was not signed in to: the browser did not come back in time');
    });
    const code = query.get('code');
    if (query.has('error') || code === null) throw new SignInFailed('was not signed in to: the sign-in page refused');
    const iss = query.get('iss');
    return { code, ...(iss === null ? {} : { iss }) };
  } finally {
    given.abort();
  }
}
