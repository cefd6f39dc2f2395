/** At most so many at once; the rest wait in order. */
export class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(count: number) {
    this.free = Math.max(1, count);
  }

  /** Resolves with what gives the slot back; rejects when the signal ends the wait. */
  acquire(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new Error('Stopped.'));
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(this.release());
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(new Error('Stopped.'));
      };
      if (this.free > 0) {
        this.free -= 1;
        return resolve(this.release());
      }
      this.waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  private release(): () => void {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    };
  }
}
