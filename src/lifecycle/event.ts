import { toDisposable, type Disposable } from './disposable.js';

/** Subscribes a listener; assignable to and from `vscode.Event`. */
export type Event<T> = (listener: (event: T) => unknown) => Disposable;

/** The sending end of an {@link Event}. A listener that throws does not keep others from hearing. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<{ readonly call: (event: T) => unknown }>();

  readonly event: Event<T> = (listener) => {
    const entry = { call: listener };
    this.listeners.add(entry);
    return toDisposable(() => this.listeners.delete(entry));
  };

  fire(event: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener.call(event);
      } catch (error) {
        // Rethrown outside this turn: it must be seen, but not by the one who fired.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
