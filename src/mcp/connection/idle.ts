/** Ends what nobody has used for a while. */
export class IdleStop {
  private inUse = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Time without use (ms) after which it ends; 0 for never. Asked anew each time it falls idle. */
    private readonly after: () => number,
    private readonly stop: () => void,
  ) {}

  /** Call what is returned when the use is over. */
  begin(): () => void {
    this.inUse++;
    this.cancel();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.inUse--;
      this.arm();
    };
  }

  /** It began to run, or was used: the time counts from now. */
  arm(): void {
    this.cancel();
    const after = this.after();
    if (this.inUse > 0 || after <= 0) return;
    this.timer = setTimeout(() => this.stop(), Math.min(after, 2 ** 31 - 1));
    this.timer.unref();
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
