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

const gaveUp = new SignInFailed('was not signed in to: it was cancelled while the sign-in page was open');

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new SignInFailed('was not signed in to: the call was cancelled'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

interface Visit {
  readonly server: string;
  readonly redirect: SignInRedirect;
  readonly signIn: SignIn;
  /** How long an open page is waited for (ms); the question before it may wait for ever. */
  readonly timeout: number;
}

/** Opens a sign-in page on a person's yes and resolves with what the browser came back with. */
export async function visit(address: URL, { server, redirect, signIn, timeout }: Visit, signal: AbortSignal): Promise<{ readonly code: string; readonly iss?: string }> {
  if (!isSafeAddress(address)) throw new SignInFailed(`wants a sign-in at ${address.protocol}//${address.host}, which is not a safe address`);
  const over = new AbortController();
  const answered = redirect.answer(address.searchParams.get('state') ?? '', AbortSignal.any([signal, over.signal]));
  answered.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  try {
    if (!(await unlessAborted(signIn.open({ server, host: address.host, url: address.href }, signal), signal))) throw new SignInFailed('was not signed in to');
    timer = setTimeout(() => over.abort(), timeout);
    // Whoever closed the page, or changed their mind there, says so here.
    const goesOn = signIn.waiting?.({ server, host: address.host }, over.signal) ?? Promise.resolve(true);
    void goesOn.then((stays) => (stays ? undefined : over.abort(gaveUp)));
    const query = await answered.catch(() => {
      if (over.signal.reason === gaveUp) throw gaveUp;
      throw new SignInFailed(signal.aborted ? 'was not signed in to: the call was cancelled' : 'was not signed in to: the browser did not come back in time');
    });
    const code = query.get('code');
    if (query.has('error') || code === null) throw new SignInFailed('was not signed in to: the sign-in page refused');
    const iss = query.get('iss');
    return { code, ...(iss === null ? {} : { iss }) };
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}
