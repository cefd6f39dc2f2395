import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignInRedirect } from '../ports.js';

const page = (title: string, text: string): string => `<!doctype html><meta charset="utf-8"><title>${title}</title><body style="font-family:system-ui;margin:4rem auto;max-width:30rem"><h1>${title}</h1><p>${text}</p>`;

/** Listens on a loopback port for the browser to come back (RFC 8252, 7.3); the wished-for port, else any free one. */
export async function listenOnLoopback(port: number): Promise<SignInRedirect & { close(): void }> {
  const waiting = new Map<string, (query: URLSearchParams) => void>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const found = url.pathname === '/callback' ? waiting.get(url.searchParams.get('state') ?? '') : undefined;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('connection', 'close');
    if (found === undefined) {
      // Somebody guessing, or a sign-in that was given up: nothing of it is taken.
      response.writeHead(404).end(page('Nothing to do here', 'This sign-in is not one that is waited for. Start it again from the editor.'));
      return;
    }
    const refused = url.searchParams.has('error');
    response.writeHead(200).end(refused ? page('Not signed in', 'The sign-in was refused. You can close this page.') : page('Signed in', 'You can close this page and go back to the editor.'));
    found(url.searchParams);
  });
  await listen(server, port).catch(() => listen(server, 0));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    answer: (state, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => reject(new Error('The sign-in was not finished in time.'));
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop, { once: true });
        waiting.set(state, (query) => {
          signal.removeEventListener('abort', stop);
          waiting.delete(state);
          resolve(query);
        });
      }),
    close: () => {
      server.close();
      // Answers on their way out are short; what stays open is a browser that asked for nothing.
      setTimeout(() => server.closeAllConnections(), 500).unref();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
