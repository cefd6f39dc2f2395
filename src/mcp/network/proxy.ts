import type { JsonValue } from '../../json.js';
import type { Surroundings } from '../ports.js';

/** A proxy on the way to a server. */
export interface Proxy {
  /** Host and port, without credentials. */
  readonly host: string;
  /** Where it is named: a setting or a variable of the environment. */
  readonly from: string;
}

const loopback = /^(localhost|127\.0\.0\.1|\[::1\]|\[::ffff:7f00:1\])$/;

/**
 * The proxy that requests to an address go through, to be named where it fails. The way itself is chosen by whoever
 * gives us `fetch`: VS Code by its settings `http.*`, then the environment; Node, told to by NODE_USE_ENV_PROXY, by the
 * environment. `undefined` too for one that only the system knows of, which extensions are not told.
 */
export function proxyTo(url: URL, { setting, environment }: Pick<Surroundings, 'setting' | 'environment'>): Proxy | undefined {
  if (!/^https?:$/.test(url.protocol)) return undefined;
  const support = setting('http.proxySupport');
  // Outside the editor nothing is set.
  if (support === undefined) {
    if (environment.NODE_USE_ENV_PROXY !== '1' || isLeftOut(url, environment.no_proxy ?? environment.NO_PROXY)) return undefined;
    return named(environment, url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']);
  }
  if (support === 'off' || setting('http.fetchAdditionalSupport') === false || loopback.test(url.hostname)) return undefined;
  const leftOut = setting('http.noProxy');
  const isListed = Array.isArray(leftOut) && leftOut.length > 0;
  if (isLeftOut(url, isListed ? (leftOut as readonly JsonValue[]).filter((entry) => typeof entry === 'string').join(',') : (environment.no_proxy ?? environment.NO_PROXY))) return undefined;
  return proxyAt(setting('http.proxy'), 'the setting http.proxy') ?? named(environment, ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']);
}

function named(environment: Surroundings['environment'], names: readonly string[]): Proxy | undefined {
  const name = names.find((candidate) => environment[candidate] !== undefined && environment[candidate] !== '');
  return name === undefined ? undefined : proxyAt(environment[name], `${name} of the environment`);
}

function proxyAt(address: JsonValue | undefined, from: string): Proxy | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const { host, protocol } = new URL(address);
  return /^(https?|socks)/.test(protocol) && host !== '' ? { host, from } : undefined;
}

/** Whether a list of hosts, each perhaps with a port, takes an address out; a host stands for those below it too. */
function isLeftOut(url: URL, list: string | undefined): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return (list ?? '')
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [name = '', onlyPort] = entry.split(':', 2);
      return `.${url.hostname}`.endsWith(name.startsWith('.') ? name : `.${name}`) && (onlyPort === undefined || onlyPort === port);
    });
}
