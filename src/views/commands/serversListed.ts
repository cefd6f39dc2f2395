import * as vscode from 'vscode';

/** Longest wait (ms) of a command for servers nobody decided on yet: what it does is possible without them. */
const patienceMs = 10_000;
/** Below this (ms) a wait is not worth a notification. */
const unnoticedMs = 400;

/** Waits until the servers have listed their tools; whoever cancels goes on with what there is. */
export async function serversListed(ready: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const listed = ready(AbortSignal.any([stop.signal, AbortSignal.timeout(patienceMs)]));
  let timer: NodeJS.Timeout | undefined;
  const isQuick = await Promise.race([
    listed.then(() => true),
    new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), unnoticedMs);
    }),
  ]);
  clearTimeout(timer);
  if (isQuick) return;
  const title = 'Waiting for MCP servers: new ones need your answer, and a moment to start. Cancel goes on without them.';
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (_progress, token) => {
    const listening = token.onCancellationRequested(() => stop.abort());
    await listed.finally(() => void listening.dispose());
  });
}
