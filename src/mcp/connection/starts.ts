import type { Session } from './session.js';

interface Start {
  readonly promise: Promise<Session>;
  readonly abort: AbortController;
  readonly person: boolean;
}

/** One start at a time, shared by all who wait for it; a caller that gives up leaves it to the others. */
export class Starts {
  private current: Start | undefined;

  /** @param begin starts in earnest; with `person` there is somebody to be asked. */
  constructor(private readonly begin: (signal: AbortSignal, person: boolean) => Promise<Session>) {}

  /** Resolves once no start is under way that has nobody to be asked: it is not one to wait for with a person there. */
  async attended(): Promise<void> {
    if (this.current?.person === false) await this.current.promise.catch(() => undefined);
  }

  /** The session of the start that is under way, or of a new one. */
  join(signal: AbortSignal, person: boolean): Promise<Session> {
    const { promise } = (this.current ??= this.start(person));
    return new Promise<Session>((resolve, reject) => {
      const give = (): void => reject(new Error('Cancelled.'));
      if (signal.aborted) give();
      signal.addEventListener('abort', give, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
    });
  }

  /** Gives up the one that is under way, for everybody; resolves when nothing of it is left. */
  async end(): Promise<void> {
    const { current } = this;
    current?.abort.abort();
    await current?.promise.then((late) => late.close());
  }

  private start(person: boolean): Start {
    const abort = new AbortController();
    const promise = this.begin(abort.signal, person).finally(() => {
      if (this.current?.abort === abort) this.current = undefined;
    });
    promise.catch(() => undefined);
    return { promise, abort, person };
  }
}
