import { monotonicMs } from './protocol.js';

/**
 * Whether to wait awake for what the other thread says next. A thread that fell asleep takes longer to wake than a
 * quick answer to come; one that waits awake for a slow answer uses a core for nothing. So the first is waited for, and
 * after that whoever was slow last is not, until it has been quick again.
 */
export class Attention {
  private isQuick = true;
  /** 0: nothing is waited for. */
  private since = 0;

  /** @param windowMs what counts as quick, and the longest that is waited awake */
  constructor(private readonly windowMs: number) {}

  /** Begins to wait. @returns until when to stay awake, on the clock of `monotonicMs`; 0 for not at all */
  expect(): number {
    this.since = monotonicMs();
    return this.isQuick ? this.since + this.windowMs : 0;
  }

  /** What came unasked for says nothing of how quick an answer is. */
  heard(): void {
    if (this.since !== 0) this.isQuick = monotonicMs() - this.since < this.windowMs;
    this.since = 0;
  }
}
