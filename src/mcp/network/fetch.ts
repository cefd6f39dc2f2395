import type { FetchLike } from '@modelcontextprotocol/client';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** A proxy on the way to a server closed the connection, again and again, before it led there: nothing was sent. */
export class WayClosed extends Error {
  override readonly name = 'WayClosed';
  constructor() {
    super('A proxy on the way closes the connection.');
  }
}

// What the HTTP client tells of its connections (undici, "Diagnostics Channel Support"), in plain Node as in the editor.
interface Told {
  readonly 'undici:client:connectError': { readonly connectParams: { readonly host: string }; readonly error: { readonly code?: string } };
  readonly 'undici:client:connected': { readonly connectParams: { readonly host: string } };
  readonly 'undici:client:sendHeaders': { readonly request: { readonly method: string; readonly path: string }; readonly socket: Socket };
}

const on = <T extends keyof Told>(channel: T, take: (message: Told[T]) => void): void => subscribe(channel, (message) => take(message as Told[T]));

/** One may be closed for a reason that is gone the next time. */
const mostAttempts = 3;

/** Hosts that requests of ours go to, each with how often the way there was closed since it last was open. */
const closings = new Map<string, number>();

/**
 * Ends what would go on for ever: where a proxy closes the connection in place of an answer, the HTTP client connects
 * anew at once, hundreds of times a second, whether or not anybody still waits for it (nodejs/undici#3897). An error
 * that is not of a closed socket is one it does not try again after.
 */
function watch(): void {
  on('undici:client:connectError', ({ connectParams: { host }, error }) => {
    if (closings.has(host)) closings.set(host, error.code === 'UND_ERR_SOCKET' ? closings.get(host)! + 1 : 0);
  });
  on('undici:client:connected', ({ connectParams: { host } }) => {
    if (closings.has(host)) closings.set(host, 0);
  });
  on('undici:client:sendHeaders', ({ request: { method, path }, socket }) => {
    if (method !== 'CONNECT' || (closings.get(path) ?? closings.get(path.replace(/:(80|443)$/, '')) ?? 0) < mostAttempts) return;
    // Not while it is being written to.
    setImmediate(() => socket.destroy(new WayClosed()));
  });
}

/** `fetch` of whoever runs us, by the proxy and with the certificates they are set to: in the editor, VS Code's own. */
export const networkFetch: FetchLike = (input, init) => {
  if (closings.size === 0) watch();
  const { host } = new URL(input);
  if (!closings.has(host)) closings.set(host, 0);
  return fetch(input, init);
};
