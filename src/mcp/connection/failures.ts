import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, SseError, UnauthorizedError } from '@modelcontextprotocol/client';
import { signInFailed } from '../authorization/challenge.js';
import { causes } from '../causes.js';
import { WayClosed } from '../network/fetch.js';
import type { Proxy } from '../network/proxy.js';
import { ForeignAddress } from './http.js';
import { lostCode, oversizedCode } from './incoming.js';
import { NotSent } from './stdio.js';

/** Why something with a server failed: half a sentence that follows its name, and whether a call may have run. */
export interface Failure {
  readonly reason: string;
  readonly sent: 'no' | 'unknown';
  /** An MCP error answer, which is an answer: the server said no to this request. */
  readonly answer?: { readonly code: number; readonly message: string; readonly data: unknown };
  /** The server no longer knows the session, or it was over before anything was sent. */
  readonly sessionLost?: boolean;
  /** A sign-in is what is missing. */
  readonly unauthorized?: boolean;
}

/** Errors of connecting: nothing was sent. */
const unsent: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections; check that it runs and that its address is right',
  ENOTFOUND: 'was not found: its host name does not resolve; check the address and the network',
  EAI_AGAIN: 'was not found: its host name does not resolve just now; check the network',
  EHOSTUNREACH: 'cannot be reached from here; check the network',
  ENETUNREACH: 'cannot be reached from here; check the network',
  UND_ERR_CONNECT_TIMEOUT: 'did not accept a connection in time; check the address and the network',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a certificate that it signed itself; add it to the trusted certificates',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate from an authority that is not trusted here; add it to the trusted certificates',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate that could not be verified; add its authority to the trusted certificates',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate that could not be verified; add its authority to the trusted certificates',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS there; check whether its address should begin with http:',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'does not speak TLS there; check whether its address should begin with http:',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another host name',
  ENOENT: 'could not be started: the command was not found; check "command" and PATH',
  EACCES: 'could not be started: the command may not be executed; check its permissions',
};

/** Errors of connections that were there: what was sent may have arrived. */
const broken: Readonly<Record<string, string>> = {
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  UND_ERR_SOCKET: 'closed the connection',
  UND_ERR_HEADERS_OVERFLOW: 'answered with headers that are larger than can be taken',
  UND_ERR_HEADERS_TIMEOUT: 'did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'did not answer in time',
  Z_DATA_ERROR: 'answered with what cannot be decompressed',
};

/** The same of connecting to a socket. */
const unsentToSocket: Readonly<Record<string, string>> = {
  ENOENT: 'was not found: there is no socket at its address; check that it runs and that its address is right',
  EACCES: 'cannot be connected to: its socket may not be opened; check the permissions of the socket',
};

/** Those of finding and connecting to a host. */
const unconnected: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

function code(error: unknown): string | undefined {
  for (const cause of causes(error)) {
    const found = (cause as NodeJS.ErrnoException).code;
    if (typeof found === 'string' && (found in unsent || /^(?:E[A-Z0-9]+$|UND_ERR|ERR_|CERT_|HPE_|Z_)/.test(found))) return found;
  }
  return undefined;
}

/** How Node says that a connection ended in the middle of its TLS handshake. */
const unsecured = /disconnected before secure TLS connection was established/;

/** A proxy as a sentence names it. */
export function nameOf(proxy: Proxy | undefined): string {
  return proxy === undefined ? 'the proxy' : `the proxy ${proxy.host} (${proxy.from})`;
}

/** What to do where a proxy does not lead to a server. */
const orLeaveOut = 'ask whoever runs it, or leave the host of this server out with http.noProxy or NO_PROXY';

/** What went wrong at the proxy, where it was there: half a sentence that follows the server's name. */
function atProxy(error: unknown, systemCode: string | undefined, proxy: Proxy | undefined): string | undefined {
  const says = (what: string): string => `was not reached: ${nameOf(proxy)} ${what}`;
  for (const cause of causes(error)) {
    if (cause instanceof WayClosed || (cause as NodeJS.ErrnoException).code === 'UND_ERR_PRX_CONN') return says(`closes the connection and does not lead there; ${orLeaveOut}`);
    if (proxy !== undefined && unsecured.test(cause.message)) return says('leads to what closes the connection before it is secure; check that the address is one of https');
    const status = /^Proxy response \((\d{3})\)/.exec(cause.message)?.[1];
    if (status === '407') return says('wants credentials (HTTP 407); put them into its address, as in http://name:password@host:port');
    if (status !== undefined) return says(`does not lead there (HTTP ${status}); ${orLeaveOut}`);
  }
  // Behind a proxy nothing else is connected to, nor is any other name looked up.
  return proxy !== undefined && systemCode !== undefined && unconnected.has(systemCode) ? says(unsent[systemCode]!) : undefined;
}

/** What a refusal says of itself: the message of an error of JSON-RPC, OAuth or the like. */
function wordsOf(body: unknown): string {
  try {
    const { error, message, error_description: description } = JSON.parse(String(body)) as { error?: { message?: unknown } | string | null; message?: unknown; error_description?: unknown };
    const said = [typeof error === 'object' ? error?.message : undefined, description, message, error].find((each) => typeof each === 'string' && each.trim() !== '');
    return typeof said === 'string' ? `: ${said.replace(/\s+/g, ' ').trim().slice(0, 300).replace(/\.$/, '')}` : '';
  } catch {
    return '';
  }
}

function describeStatus(status: number, body?: unknown): string {
  if (status === 401) return 'wants a sign-in or other credentials (HTTP 401)';
  if (status === 403) return 'denies access (HTTP 403); check the account and its permissions';
  if (status === 404) return 'has nothing at that address (HTTP 404); check the URL';
  if (status === 429) return 'is getting too many requests (HTTP 429); try again later';
  if (status >= 500) return `has a problem of its own (HTTP ${status})${wordsOf(body)}; try again later`;
  if (status >= 300 && status < 400) return `redirects to another address (HTTP ${status}), which is not followed because credentials would go there; put the new address into the configuration`;
  return `refused the request (HTTP ${status})${wordsOf(body)}`;
}

interface Issue {
  readonly path?: readonly PropertyKey[];
  readonly message?: string;
  readonly errors?: readonly (readonly Issue[])[];
}

/** More than anybody mends at once. */
const mostIssues = 5;

/** What a strict parser found, each with where it is and what was expected there; of several readings the first counts. */
function worded(issues: readonly Issue[], above: readonly PropertyKey[] = []): readonly string[] {
  return issues.slice(0, mostIssues).flatMap(({ path = [], message = 'Invalid input', errors: [inner] = [] }) => {
    const place = [...above, ...path];
    if (inner !== undefined && inner.length > 0) return worded(inner, place);
    const expected = message.replace(/^Invalid input: /, '').replace(/, received undefined$/, ', and it is missing');
    return [place.length === 0 ? expected : `${place.map(String).join('.')}: ${expected}`];
  });
}

/** A message without the list that a strict parser puts into one: what is wrong, in a line. */
export function inWords(message: string): string {
  const start = message.search(/\[\s*\{\s*"/);
  const end = message.lastIndexOf(']');
  if (start === -1 || end === -1 || !message.includes('"message"')) return message;
  try {
    return `${message.slice(0, start)}${worded(JSON.parse(message.slice(start, end + 1)) as readonly Issue[]).slice(0, mostIssues).join('; ')}${message.slice(end + 1)}`;
  } catch {
    return message;
  }
}

/** Errors whose text is a parser's. */
const unparsed: ReadonlySet<string> = new Set(['ZodError', '$ZodError', 'SyntaxError']);

/** Whether an answer came and was not one that can be read. */
export function isUnreadable(error: unknown): boolean {
  return [...causes(error)].some((cause) => unparsed.has(cause.name) || (cause instanceof SdkError && cause.code === SdkErrorCode.ClientHttpUnexpectedContent));
}

/** What is known of the server that something failed with. */
export interface About {
  /** How its process ended, if it has. */
  readonly ended?: string | undefined;
  /** The one its requests go through. */
  readonly proxy?: Proxy | undefined;
}

/** Reads what the SDK, the transport or the system threw. */
export function readFailure(error: unknown, { ended, proxy }: About = {}): Failure {
  if (error instanceof ProtocolError) {
    if (error.code === oversizedCode) return { reason: `answered with more than can be taken. ${error.message} The call may have taken effect`, sent: 'unknown' };
    if (error.code === lostCode) return { reason: `lost the call: ${error.message}; whether it took effect is not known`, sent: 'unknown' };
    const message = inWords(error.message).trim();
    return { reason: message === '' ? 'answered with an error and did not say why' : `answered with an error: ${message.slice(0, 2_000).replace(/\.$/, '')}`, sent: 'unknown', answer: { code: error.code, message: message === '' ? 'The server answered with an error and did not say why.' : message, data: error.data } };
  }
  const unsigned = signInFailed(error);
  if (unsigned !== undefined) return { reason: unsigned.message, sent: 'no', unauthorized: true };
  if (error instanceof UnauthorizedError) return { reason: describeStatus(401), sent: 'no', unauthorized: true };
  if (error instanceof SdkHttpError) {
    const { status, text } = error.data as { status: number; text?: unknown };
    if (status === 401) return { reason: describeStatus(401), sent: 'no', unauthorized: true };
    const lost = status === 404 || (status === 400 && typeof text === 'string' && /session/i.test(text));
    return { reason: describeStatus(status, text), sent: status >= 500 ? 'unknown' : 'no', ...(lost ? { sessionLost: true } : {}) };
  }
  const systemCode = code(error);
  const unled = atProxy(error, systemCode, proxy);
  if (unled !== undefined) return { reason: unled, sent: 'no' };
  if ([...causes(error)].some(({ message }) => unsecured.test(message))) return { reason: 'closes the connection before it is secure; check that its address is one of https', sent: 'no' };
  const ofSocket = systemCode !== undefined && [...causes(error)].some((cause) => (cause as NodeJS.ErrnoException).syscall === 'connect') ? unsentToSocket[systemCode] : undefined;
  if (ofSocket !== undefined) return { reason: ofSocket, sent: 'no' };
  if (systemCode !== undefined && systemCode in unsent) return { reason: unsent[systemCode]!, sent: 'no' };
  if (systemCode !== undefined && /CERT|TLS|SSL/.test(systemCode)) return { reason: `has a certificate or connection that is not safe (${systemCode})`, sent: 'no' };
  if (error instanceof SdkError) {
    switch (error.code) {
      case SdkErrorCode.RequestTimeout:
        return { reason: 'did not answer in time', sent: 'unknown' };
      case SdkErrorCode.ConnectionClosed:
        return { reason: ended ?? 'closed the connection', sent: 'unknown' };
      case SdkErrorCode.NotConnected:
        return { reason: ended ?? 'is not connected', sent: 'no', sessionLost: true };
      case SdkErrorCode.InvalidResult:
      case SdkErrorCode.UnsupportedResultType:
      case SdkErrorCode.ClientHttpUnexpectedContent:
        return { reason: `answered with what is not MCP: ${inWords(error.message).slice(0, 300)}`, sent: 'unknown' };
      default:
    }
  }
  if (systemCode?.startsWith('HPE_') === true) return { reason: 'answered with what is not HTTP; check its address', sent: 'unknown' };
  if (systemCode !== undefined && systemCode in broken) return { reason: ended ?? broken[systemCode]!, sent: 'unknown' };
  if (error instanceof SseError) return { reason: error.code === undefined ? 'closed the stream of its answers' : describeStatus(error.code), sent: 'unknown' };
  const text = error instanceof Error ? error.message : String(error);
  // The session was over before anything was sent through it.
  if (text === 'Not connected' || error instanceof NotSent) return { reason: ended ?? 'is not connected', sent: 'no', sessionLost: true };
  if (error instanceof ForeignAddress) return { reason: 'names an address to post to that is not one of its own, where nothing is sent; check its configuration', sent: 'no' };
  const version = /protocol version is not supported: ([\w.-]{1,40})/i.exec(text)?.[1];
  if (version !== undefined) return { reason: `speaks protocol ${version}, which is not known here; update the server`, sent: 'no' };
  if (isUnreadable(error)) return { reason: 'answered with what is not MCP', sent: 'unknown' };
  // What is at the bottom says most: "fetch failed" is what Node says of whatever it was.
  const said = [...causes(error)].map((cause) => inWords(cause.message)).filter((message) => message !== '').at(-1) ?? text;
  return { reason: ended ?? `failed: ${said.slice(0, 500).replace(/\.$/, '')}`, sent: 'unknown' };
}
