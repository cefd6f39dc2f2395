import { AsyncLocalStorage } from 'node:async_hooks';
import { SSEClientTransport, StreamableHTTPClientTransport, type AuthProvider, type FetchLike, type SSEClientTransportOptions, type StreamableHTTPClientTransportOptions, type Transport } from '@modelcontextprotocol/client';
import type { Limits } from '../limits.js';
import { networkFetch } from '../network/fetch.js';
import { socketFetch, socketOf } from '../network/socket.js';
import { readMessage } from './incoming.js';

export interface Remote {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization?: Authorization;
}

/** Tokens for requests, and what else proves that they are ours. */
export interface Authorization extends AuthProvider {
  wrap(fetch: FetchLike): FetchLike;
}

/** Fails a body once it holds more than `maxBytes` in one piece: an event of a stream, or all of any other body. */
function bounded(response: Response, maxBytes: number): Response {
  if (response.body === null) return response;
  const events = response.headers.get('content-type')?.includes('text/event-stream') === true;
  let held = 0;
  let last = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      held += chunk.length;
      if (events) {
        // An empty line ends an event: what came before it has been handed on.
        for (let index = chunk.length - 1; index >= 0; index--) {
          const before = index > 0 ? chunk[index - 1] : last;
          const ends = chunk[index] === 10 && (before === 10 || (before === 13 && (index > 1 ? chunk[index - 2] === 10 : true)));
          if (ends) {
            held = chunk.length - 1 - index;
            break;
          }
        }
        last = chunk[chunk.length - 1] ?? last;
      }
      if (held > maxBytes) controller.error(new Error(`The answer is larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`));
      else controller.enqueue(chunk);
    },
  });
  const copy = new Response(response.body.pipeThrough(counting), { status: response.status, statusText: response.statusText, headers: response.headers });
  // Read by the SDK to tell where a redirect led.
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}

function retryAfter(response: Response): number | undefined {
  const header = response.headers.get('retry-after');
  if (header === null) return undefined;
  const seconds = Number(header);
  const time = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(time) ? Math.max(0, time) : undefined;
}

function pause(time: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('Cancelled.'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, time);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

/** `fetch` that bounds bodies and waits when a server says it is busy and for how long. */
export function patientFetch(limits: Limits, onLog: (text: string) => void, fetch: FetchLike): FetchLike {
  return async (url, init) => {
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(url, init);
      const busy = response.status === 429 || (response.status === 503 && response.headers.has('retry-after'));
      const wait = retryAfter(response);
      if (!busy || attempt >= limits.retries || wait === undefined || wait > limits.retryAfter) return bounded(response, limits.messageBytes);
      await response.body?.cancel().catch(() => undefined);
      onLog(`The server is busy (HTTP ${response.status}); trying again in ${Math.ceil(wait / 1000)} s`);
      await pause(wait, init?.signal);
    }
  };
}

/** A transport to a remote server; both refuse redirects to another origin, so credentials never travel there. */
export function httpTransport(kind: 'http' | 'sse', remote: Remote, limits: Limits, onLog: (text: string) => void): Transport {
  const { authorization } = remote;
  const socket = socketOf(remote.url);
  const url = socket?.url ?? remote.url;
  const plain = socket === undefined ? networkFetch : socketFetch(socket.path);
  const options = {
    requestInit: { headers: { ...remote.headers } },
    // Innermost, since no proof may be used for a second request.
    fetch: patientFetch(limits, onLog, authorization?.wrap(plain) ?? plain),
    ...(authorization === undefined ? {} : { authProvider: authorization }),
  };
  return kind === 'http' ? streamableTransport(url, options) : sseTransport(url, options);
}

interface TransportOptions {
  readonly fetch: FetchLike;
}

/**
 * The transport of the SDK, which tells when a stream ended without an answer, but not when any other body did, and takes
 * no message with a member too many.
 */
function streamableTransport(url: URL, options: StreamableHTTPClientTransportOptions & TransportOptions): Transport {
  const exchanges = new AsyncLocalStorage<{ whole: boolean }>();
  const fetch: FetchLike = async (input, init) => {
    const response = await options.fetch(input, init);
    const exchange = exchanges.getStore();
    // Who signs in asks others meanwhile, and by the same way.
    if (exchange === undefined || init?.method !== 'POST' || new Headers(init.headers).get('accept')?.includes('text/event-stream') !== true) return response;
    exchange.whole = response.ok && /^\s*application\/json\s*(;|$)/i.test(response.headers.get('content-type') ?? '');
    if (!exchange.whole) return response;
    const json = response.json.bind(response);
    response.json = async () => {
      const body: unknown = await json();
      return Array.isArray(body) ? body.map((item: unknown) => readMessage(item) ?? item) : (readMessage(body) ?? body);
    };
    return response;
  };
  const transport = new StreamableHTTPClientTransport(url, { ...options, fetch });
  const send = transport.send.bind(transport);
  transport.send = async (message, sending) => {
    const exchange = { whole: false };
    await exchanges.run(exchange, () => send(message, sending));
    if (exchange.whole) sending?.onRequestStreamEnd?.();
  };
  return transport;
}

/** An event stream names an address to post to that is none, or another server's. */
export class ForeignAddress extends Error {
  override readonly name = 'ForeignAddress';
}

/**
 * The SSE transport says of a connection that failed only that it did: what failed is what its requests failed with. Of
 * an address that it cannot post to it says so in words of its own.
 */
function sseTransport(url: URL, options: SSEClientTransportOptions & TransportOptions): Transport {
  let cause: unknown;
  const fetch: FetchLike = async (...request) => options.fetch(...request).catch((error: unknown) => {
    throw (cause = error);
  });
  const transport = new SSEClientTransport(url, { ...options, fetch });
  const start = transport.start.bind(transport);
  transport.start = async () => start().catch((error: unknown) => {
    if (error instanceof Error && /^(?:Invalid URL$|Endpoint origin does not match)/.test(error.message)) throw new ForeignAddress(error.message, { cause: error });
    throw error instanceof Error && error.cause === undefined ? Object.assign(error, { cause }) : error;
  });
  return transport;
}
