import { onAbort } from './onAbort.js';

/** At most so many at once; the rest wait in order. */
export class Slots {
  private free: number;
  private readonly waiting = new Set<() => void>();

  constructor(count: number) {
    this.free = Math.max(1, count);
  }

  /** Resolves with what gives the slot back; rejects when the signal ends the wait. */
  acquire(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new Error('Stopped.'));
      if (this.free > 0) {
        this.free -= 1;
        return resolve(this.release());
      }
      const enter = (): void => {
        stay();
        resolve(this.release());
      };
      this.waiting.add(enter);
      const stay = onAbort(signal, () => {
        this.waiting.delete(enter);
        reject(new Error('Stopped.'));
      });
    });
  }

  private release(): () => void {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      const [next] = this.waiting;
      if (next === undefined) {
        this.free += 1;
        return;
      }
      this.waiting.delete(next);
      next();
    };
  }
}
