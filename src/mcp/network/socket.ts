import type { FetchLike } from '@modelcontextprotocol/client';
import { request } from 'node:http';
import { Readable } from 'node:stream';

/** An HTTP server that listens on no port: which socket or pipe, and what it is asked by there. */
export interface SocketAddress {
  readonly path: string;
  readonly url: URL;
}

/** Whether an address is one that servers are reached by: HTTP, or as in VS Code a Unix socket or a pipe of Windows. */
export function isServerAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) || socketOf(url) !== undefined;
}

/** Reads `unix:///path/to/socket` and `pipe:///pipe/name`, with a path below it as the fragment; `undefined` for anything else. */
export function socketOf({ protocol, pathname, hash }: URL): SocketAddress | undefined {
  if (protocol !== 'unix:' && protocol !== 'pipe:') return undefined;
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (!/^\/./.test(path)) return undefined;
  const url = new URL(`http://localhost/${hash.replace(/^#?\/*/, '')}`);
  return { path: protocol === 'pipe:' && process.platform === 'win32' ? `\\\\.${path.replaceAll('/', '\\')}` : path, url };
}

/** Bodies that a `Response` may not have (Fetch, null body status). */
const bodiless: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** `fetch` over one socket, which Node's own cannot do. Redirects are handed back. */
export function socketFetch(path: string): FetchLike {
  return async (input, init) => {
    const wanted = new Request(input, init);
    const body = wanted.body === null ? undefined : Buffer.from(await wanted.arrayBuffer());
    const { pathname, search } = new URL(wanted.url);
    return new Promise<Response>((resolve, reject) => {
      // A connection each: one that was kept may have been closed there meanwhile.
      const sending = request({ agent: false, socketPath: path, path: `${pathname}${search}`, method: wanted.method, headers: { ...Object.fromEntries(wanted.headers), ...(body === undefined ? {} : { 'content-length': body.length }) }, ...(init?.signal == null ? {} : { signal: init.signal }) }, (response) => {
        const { statusCode: status = 0 } = response;
        const headers = new Headers();
        for (const [name, value] of Object.entries(response.headersDistinct)) for (const each of value ?? []) headers.append(name, each);
        try {
          if (bodiless.has(status)) response.resume();
          resolve(new Response(bodiless.has(status) ? null : (Readable.toWeb(response) as ReadableStream), { status, headers }));
        } catch (error) {
          // A status that is none.
          sending.destroy();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      sending.on('error', (error) => reject(init?.signal?.aborted === true ? (init.signal.reason as Error) : error));
      sending.end(body);
    });
  };
}
