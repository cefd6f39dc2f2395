import { isJsonObject, type JsonValue } from '../../json.js';
import type { Domains } from './proxy.js';

/** What `sandbox` of an `mcp.json` asks for, as far as it can be had. Paths as they are written, variables unresolved. */
export interface SandboxRules {
  readonly allowWrite: readonly string[];
  readonly denyWrite: readonly string[];
  readonly denyRead: readonly string[];
  /** Everything, nothing, or only what goes to these domains. */
  readonly network: 'open' | 'none' | Domains;
  /** What is asked for and cannot be had, a sentence each. */
  readonly notices: readonly string[];
}

function texts(value: JsonValue | undefined): readonly string[] | undefined {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((item): item is string => typeof item === 'string' && item.trim() !== '') : undefined;
}

/**
 * VS Code reads the same members.
 * @param filters whether domains can be told apart here: only where the program has no other way out
 */
export function sandboxRules(sandbox: JsonValue, filters: boolean): SandboxRules {
  const { filesystem, network } = isJsonObject(sandbox) ? sandbox : {};
  const files = isJsonObject(filesystem) ? filesystem : {};
  const reach = networkOf(isJsonObject(network) ? texts(network.allowedDomains) : undefined, (isJsonObject(network) ? texts(network.deniedDomains) : undefined) ?? []);
  const isNamed = typeof reach === 'object';
  return {
    // As in VS Code: without it no package could be run.
    allowWrite: ['~/.npm', ...(texts(files.allowWrite) ?? [])],
    denyWrite: texts(files.denyWrite) ?? [],
    denyRead: texts(files.denyRead) ?? [],
    network: isNamed && !filters ? 'open' : reach,
    notices: reach === 'none' ? [] : [isNamed ? (filters ? reached(reach) : told) : 'Its sandbox does not limit the network. An empty "allowedDomains" would cut it off.'],
  };
}

const told = 'Its sandbox names domains, which cannot be told apart on this system: it reaches the whole network. An empty "allowedDomains" would cut it off.';

function networkOf(allowed: readonly string[] | undefined, denied: readonly string[]): SandboxRules['network'] {
  if (allowed?.length === 0) return 'none';
  if (denied.length === 0 && (allowed === undefined || allowed.includes('*'))) return 'open';
  return { allowed: allowed ?? ['*'], denied };
}

function reached({ allowed, denied }: Domains): string {
  const list = allowed.includes('*') ? `everything but ${denied.join(', ')}` : `${allowed.join(', ')}${denied.length === 0 ? '' : `, but not ${denied.join(', ')}`}`;
  return `Its sandbox reaches of the network only ${list}, and that only through a proxy; programs that know none reach nothing.`;
}
