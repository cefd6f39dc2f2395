type Begin = () => () => void;

interface Call {
  readonly begin: Begin;
  end?: () => void;
}

function rest(call: Call): void {
  call.end?.();
  delete call.end;
}

/** Tells calls under way while a person is asked something for their server: what they wait for then is that person. */
export class Attention {
  private asking = 0;
  private readonly calls = new Map<symbol, Call>();

  /** A call that is under way until what is returned is called. */
  follow(begin: Begin | undefined): () => void {
    if (begin === undefined) return () => undefined;
    const key = Symbol();
    const call: Call = { begin };
    if (this.asking > 0) call.end = begin();
    this.calls.set(key, call);
    return () => {
      rest(call);
      this.calls.delete(key);
    };
  }

  async during<T>(ask: () => Promise<T>): Promise<T> {
    if (++this.asking === 1) for (const call of this.calls.values()) call.end = call.begin();
    try {
      return await ask();
    } finally {
      if (--this.asking === 0) this.calls.forEach(rest);
    }
  }

  /** The same functions, each of which asks a person. */
  of<T extends object>(questions: T): T {
    return new Proxy(questions, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (...args: unknown[]) => this.during(async () => (value as (...args: unknown[]) => unknown).apply(target, args)) : value;
      },
    });
  }
}
