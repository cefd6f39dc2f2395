const hooks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once when the signal aborts, at once if it has; the result takes the callback back. One listener serves
 * all: taking a listener off an event target with ten thousand of them walks them all.
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) {
    call();
    return () => undefined;
  }
  let calls = hooks.get(signal);
  if (calls === undefined) {
    const created = new Set<() => void>();
    hooks.set(signal, (calls = created));
    signal.addEventListener(
      'abort',
      () => {
        const waiting = [...created];
        created.clear();
        for (const hook of waiting) hook();
      },
      { once: true },
    );
  }
  const all = calls;
  all.add(call);
  return () => all.delete(call);
}
