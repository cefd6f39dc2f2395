import type { Kit } from './kit.js';

/** DOMException, Event, EventTarget, AbortController and AbortSignal, as much of them as scripts use. */
export function defineEvents(kit: Kit, report: (thrown: unknown) => void): void {
  const { define, global, typeError, String: toText } = kit;
  const setTimer = global.setTimeout as (callback: () => void, ms: number) => number;

  class DOMException extends Error {
    readonly #name: string;
    constructor(message: unknown = '', name: unknown = 'Error') {
      super(toText(message));
      define(this, 'stack', kit.scriptStack(this.stack ?? ''));
      this.#name = toText(name);
    }
    override get name(): string {
      return this.#name;
    }
    get code(): number {
      return this.#name === 'AbortError' ? 20 : this.#name === 'TimeoutError' ? 23 : this.#name === 'DataCloneError' ? 25 : 0;
    }
  }

  class Event {
    readonly type: string;
    readonly cancelable: boolean;
    defaultPrevented = false;
    target: EventTarget | null = null;
    constructor(type: unknown, options: { readonly cancelable?: boolean } = {}) {
      this.type = toText(type);
      this.cancelable = options.cancelable === true;
    }
    preventDefault(): void {
      if (this.cancelable) this.defaultPrevented = true;
    }
  }

  interface Listener {
    readonly type: string;
    readonly callback: ((event: Event) => void) | { handleEvent(event: Event): void };
    readonly once: boolean;
  }
  class EventTarget {
    #listeners: Listener[] = [];
    addEventListener(type: unknown, callback: Listener['callback'] | null, options?: { readonly once?: boolean; readonly signal?: AbortSignal } | boolean): void {
      if (callback === null || callback === undefined) return;
      const settings = typeof options === 'object' && options !== null ? options : {};
      if (settings.signal?.aborted === true) return;
      const name = toText(type);
      if (this.#listeners.some((known) => known.type === name && known.callback === callback)) return;
      this.#listeners.push({ type: name, callback, once: settings.once === true });
      settings.signal?.addEventListener('abort', () => this.removeEventListener(name, callback), { once: true });
    }
    removeEventListener(type: unknown, callback: Listener['callback'] | null): void {
      const name = toText(type);
      this.#listeners = this.#listeners.filter((known) => known.type !== name || known.callback !== callback);
    }
    dispatchEvent(event: Event): boolean {
      if (!(event instanceof Event)) throw typeError('dispatchEvent takes an Event.');
      event.target = this;
      const handler = (this as unknown as Record<string, unknown>)[`on${event.type}`];
      const callbacks: Listener['callback'][] = typeof handler === 'function' ? [handler as (event: Event) => void] : [];
      for (const known of this.#listeners.filter((listener) => listener.type === event.type)) {
        if (known.once) this.removeEventListener(known.type, known.callback);
        callbacks.push(known.callback);
      }
      for (const callback of callbacks) {
        try {
          if (typeof callback === 'function') callback.call(this, event);
          else callback.handleEvent(event);
        } catch (error) {
          report(error);
        }
      }
      return !event.defaultPrevented;
    }
  }

  let mayConstruct = false;
  class AbortSignal extends EventTarget {
    #reason: unknown = undefined;
    #aborted = false;
    onabort: ((event: Event) => void) | null = null;
    constructor() {
      if (!mayConstruct) throw typeError('An AbortSignal comes from an AbortController.');
      super();
    }
    get aborted(): boolean {
      return this.#aborted;
    }
    get reason(): unknown {
      return this.#reason;
    }
    throwIfAborted(): void {
      if (this.#aborted) throw this.#reason;
    }
    static make(): AbortSignal {
      mayConstruct = true;
      try {
        return new AbortSignal();
      } finally {
        mayConstruct = false;
      }
    }
    static fire(signal: AbortSignal, reason: unknown): void {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
      signal.dispatchEvent(new Event('abort'));
    }
  }
  const make = AbortSignal.make.bind(AbortSignal);
  const fire = AbortSignal.fire.bind(AbortSignal);
  delete (AbortSignal as { make?: unknown }).make;
  delete (AbortSignal as { fire?: unknown }).fire;
  kit.defineAll(AbortSignal, {
    abort(reason?: unknown) {
      const signal = make();
      fire(signal, reason);
      return signal;
    },
    timeout(ms: number) {
      const signal = make();
      setTimer(() => fire(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
      return signal;
    },
    any(signals: Iterable<AbortSignal>) {
      const all = [...signals];
      const signal = make();
      const first = all.find((other) => other.aborted);
      if (first !== undefined) fire(signal, first.reason);
      else for (const other of all) other.addEventListener('abort', () => fire(signal, other.reason), { once: true });
      return signal;
    },
  });

  class AbortController {
    readonly #signal = make();
    get signal(): AbortSignal {
      return this.#signal;
    }
    abort(reason?: unknown): void {
      fire(this.#signal, reason);
    }
  }
  for (const constructor of [DOMException, Event, EventTarget, AbortSignal, AbortController]) define(global, constructor.name, constructor);
}
