import type { FetchLike } from '@modelcontextprotocol/client';
import { networkFetch } from '../network/fetch.js';
import { SignInFailed } from './challenge.js';

/** `fetch` for the authorization server: no headers of the MCP server, no redirect to another origin. */
export const plainFetch: FetchLike = async (input, init) => {
  let url = new URL(input);
  for (let hop = 0; hop < 5; hop++) {
    const response = await networkFetch(url, { ...init, redirect: 'manual', signal: init?.signal ?? AbortSignal.timeout(30_000) });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    const next = new URL(location, url);
    if (next.origin !== url.origin || (init?.method ?? 'GET') !== 'GET') throw new SignInFailed(`sends its sign-in on to another host (${next.host}), which is not followed`);
    url = next;
  }
  throw new SignInFailed('sends its sign-in in circles');
};
