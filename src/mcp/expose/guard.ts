import { localhostAllowedHostnames, localhostAllowedOrigins, validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Why a request may not come in. A page in a browser is kept out twice: its `Host` names a site that was made to
 * resolve to this machine (DNS rebinding), or its `Origin` names the site it is of.
 */
export function refusalOf(headers: IncomingHttpHeaders, token: string): Refusal | undefined {
  if (!validateHostHeader(headers.host, localhostAllowedHostnames()).ok) return { status: 403, message: 'This server answers only to its loopback address.' };
  if (!validateOriginHeader(headers.origin, localhostAllowedOrigins()).ok) return { status: 403, message: 'Pages of other sites may not call this server.' };
  const given = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  // Compared by hash: neither length nor content of the token can be told from the time it takes.
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return undefined;
  return { status: 401, message: 'The bearer token is missing or not that of this workspace. Copy the configuration again from the editor ("Code Mode: Copy MCP Server Configuration").' };
}
