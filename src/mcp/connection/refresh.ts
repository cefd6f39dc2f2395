/** Does something for a key once announcements of it pause, one at a time; what is announced meanwhile is done after. */
export class Refresh<Key> {
  private readonly under = new Map<Key, { timer: NodeJS.Timeout | undefined; again: boolean }>();

  constructor(
    private readonly delay: number,
    private readonly refresh: (key: Key) => Promise<void>,
  ) {}

  announce(key: Key): void {
    const known = this.under.get(key);
    if (known !== undefined) {
      known.again ||= known.timer === undefined;
      return;
    }
    const entry = { timer: undefined as NodeJS.Timeout | undefined, again: false };
    this.under.set(key, entry);
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      void this.refresh(key).finally(() => {
        if (this.under.get(key) !== entry) return;
        this.under.delete(key);
        if (entry.again) this.announce(key);
      });
    }, this.delay);
  }

  /** Forgets what was announced and not begun. */
  clear(): void {
    for (const { timer } of this.under.values()) clearTimeout(timer);
    this.under.clear();
  }
}
