import type { Limits } from '../limits.js';

/** Counts ends that nobody asked for: a server is started again a few times, each later than the last, then no more. */
export class Crashes {
  private count = 0;
  private startedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: Limits,
    private readonly restart: () => void,
  ) {}

  started(): void {
    this.startedAt = Date.now();
  }

  /** It ran and ended: after a good while, earlier crashes say nothing any more. */
  ended(): void {
    if (Date.now() - this.startedAt > this.limits.healthyAfter) this.count = 0;
  }

  /** A person wants it to run. */
  forgive(): void {
    this.count = 0;
  }

  /** One more; how many in a row, where that is too many to try again. */
  add(): number | undefined {
    this.count++;
    return this.count >= this.limits.crashes ? this.count : undefined;
  }

  again(): void {
    this.cancel();
    this.timer = setTimeout(() => this.restart(), this.limits.restartDelay * 4 ** (this.count - 1));
    this.timer.unref();
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
