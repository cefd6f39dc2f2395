import { signInNeeded, type Challenge } from '../authorization/challenge.js';
import type { Limits } from '../limits.js';
import type { Offer } from '../offers/cache.js';
import { readOffer } from '../offers/readOffer.js';
import { EndedError, Session, type SessionOptions, type Target } from './session.js';

export interface Opening {
  readonly target: Target;
  /** @param session the one they are for, once there is one. */
  readonly options: (session: () => Session | undefined) => SessionOptions;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** Left out where nobody can sign in, or be asked to. */
  readonly signIn?: ((challenge: Challenge) => Promise<void>) | undefined;
}

/** A session and what its server offers, after a sign-in where that is wanted. Nothing is left behind when it fails. */
export async function openSession(opening: Opening, signIns = 0): Promise<readonly [Session, Offer]> {
  const { target, options, limits, signal, signIn } = opening;
  let opened: Session | undefined;
  try {
    opened = await Session.open(target, options(() => opened), signal);
    const offer = await readOffer(opened, limits, signal);
    if (signal.aborted) throw new Error('Cancelled.');
    if (opened.ending !== undefined) throw new EndedError(opened.ending, undefined);
    return [opened, offer];
  } catch (error) {
    const challenge = signInNeeded(error);
    // A second time only where the first one worked: the server may have moved to another authority meanwhile.
    const again = signIns === 0 || (signIns === 1 && opened !== undefined);
    if (challenge === undefined || !again || signIn === undefined || signal.aborted) {
      void opened?.close();
      throw error;
    }
    await opened?.close();
    await signIn(challenge);
    return openSession(opening, signIns + 1);
  }
}
