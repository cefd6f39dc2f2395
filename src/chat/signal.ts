import type { CancellationToken, Disposable } from 'vscode';

/** The token as a signal; `dispose` when the work is over. */
export function signalOf(token: CancellationToken): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const listening: Disposable = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, dispose: () => void listening.dispose() };
}
