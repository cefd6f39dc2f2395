import { isJsonObject, type JsonValue } from '../../json.js';

/** What `sandbox` of an `mcp.json` asks for, as far as it can be had. Paths as they are written, variables unresolved. */
export interface SandboxRules {
  readonly allowWrite: readonly string[];
  readonly denyWrite: readonly string[];
  readonly denyRead: readonly string[];
  readonly network: 'open' | 'none';
  /** What is asked for and cannot be had, a sentence each. */
  readonly notices: readonly string[];
}

function texts(value: JsonValue | undefined): readonly string[] | undefined {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((item): item is string => typeof item === 'string' && item.trim() !== '') : undefined;
}

/** VS Code reads the same members; there each domain is let through or not, which takes more than the system's own tools. */
export function sandboxRules(sandbox: JsonValue): SandboxRules {
  const { filesystem, network } = isJsonObject(sandbox) ? sandbox : {};
  const files = isJsonObject(filesystem) ? filesystem : {};
  const notices: string[] = [];
  const allowed = isJsonObject(network) ? texts(network.allowedDomains) : undefined;
  const denied = isJsonObject(network) ? texts(network.deniedDomains) : undefined;
  const isClosed = allowed?.length === 0;
  if (!isClosed) {
    const asked = (allowed?.length ?? 0) + (denied?.length ?? 0) > 0 && allowed?.includes('*') !== true;
    notices.push(
      asked
        ? 'Its sandbox names domains, which cannot be told apart here: it reaches the whole network. An empty "allowedDomains" would cut it off.'
        : 'Its sandbox does not limit the network. An empty "allowedDomains" would cut it off.',
    );
  }
  return {
    // As in VS Code: without it no package could be run.
    allowWrite: ['~/.npm', ...(texts(files.allowWrite) ?? [])],
    denyWrite: texts(files.denyWrite) ?? [],
    denyRead: texts(files.denyRead) ?? [],
    network: isClosed ? 'none' : 'open',
    notices,
  };
}
