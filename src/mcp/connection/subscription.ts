import { ProtocolError, SdkError, type McpSubscription } from '@modelcontextprotocol/client';
import type { Disposable } from '../../lifecycle/disposable.js';

export interface SubscriptionOptions {
  /** Asks the server for it; rejects where it does not take it. */
  readonly listen: () => Promise<McpSubscription>;
  /** It stands again after it broke off: what changed in between was not told. */
  readonly onMissed: () => void;
  /** It does not stand and is not asked for any more, for this reason. */
  readonly onLost: (why: string) => void;
  /** Before it is asked for the second time (ms); doubles each time. */
  readonly delay: number;
}

/** A stream that stood this long (ms) broke off for a reason of its own: proxies end those on which nothing is said. */
const steadyAfter = 10_000;
const longestDelay = 60_000;
const mostAttempts = 8;

/** A subscription of protocol 2026-07-28, kept: a stream that breaks off is asked for anew, each time later. */
export class Subscription implements Disposable {
  private current: McpSubscription | undefined;
  private over = false;
  private wake: () => void = () => undefined;
  private settle: () => void = () => undefined;
  /** Resolves once it stands for the first time, or does not. */
  readonly settled = new Promise<void>((resolve) => (this.settle = resolve));

  constructor(private readonly options: SubscriptionOptions) {
    void this.keep().finally(this.settle);
  }

  dispose(): void {
    this.abandon();
    void this.current?.close().catch(() => undefined);
  }

  /** What carries it is closed; there is nobody to tell. */
  abandon(): void {
    this.over = true;
    this.wake();
  }

  private async keep(): Promise<void> {
    const { listen, onMissed, onLost, delay } = this.options;
    let why = 'its stream breaks off';
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      try {
        this.current = await listen();
        const since = Date.now();
        if (this.over) return this.dispose();
        if (attempt > 1) onMissed();
        this.settle();
        if ((await this.current.closed) !== 'remote' || this.over) return;
        if (Date.now() - since >= steadyAfter) attempt = 1;
      } catch (error) {
        why = error instanceof Error ? error.message.slice(0, 300) : String(error);
        // A server that says no is not asked again; one that was lost is.
        if (attempt === 1 && (error instanceof ProtocolError || error instanceof SdkError)) break;
      }
      await this.pause(Math.min(delay * 2 ** (attempt - 1), longestDelay));
      if (this.over) return;
    }
    if (!this.over) onLost(why);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
