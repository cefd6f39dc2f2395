import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { isJsonObject, type JsonValue } from '../json.js';
import { toDisposable } from '../lifecycle/disposable.js';
import type { McpPorts } from './ports.js';

export interface HeadlessOptions {
  /** A file with `servers` or `mcpServers`; the only one that is read. */
  readonly configFile: string;
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the servers of that file may run: there is nobody to ask. */
  readonly approve: boolean;
  readonly userHome?: string;
}

function formatOf(file: string): 'vscode' | 'mcpServers' {
  try {
    const content = parse(readFileSync(file, 'utf8')) as JsonValue | undefined;
    return isJsonObject(content) && content.mcpServers !== undefined && content.servers === undefined ? 'mcpServers' : 'vscode';
  } catch {
    return 'vscode'; // Told when it is read in earnest.
  }
}

/** Ports without an editor: secrets and memory for this process alone, and no to whatever would need a person. */
export function headlessPorts(options: HeadlessOptions): McpPorts {
  const secrets = new Map<string, string>();
  const memory = new Map<string, JsonValue>();
  const configFile = path.resolve(options.configFile);
  return {
    secrets: {
      get: async (key) => secrets.get(key),
      set: async (key, value) => void secrets.set(key, value),
      delete: async (key) => void secrets.delete(key),
    },
    memory: {
      get: (key) => memory.get(key),
      set: async (key, value) => void (value === undefined ? memory.delete(key) : memory.set(key, value)),
    },
    questions: {
      approveServers: async (servers) => new Map(servers.map((server) => [server.id, options.approve ? 'allow' : 'deny'])),
      input: async (request) => request.default,
      elicit: async () => ({ action: 'decline' }),
      finished: async () => false,
      sample: async () => undefined,
    },
    surroundings: {
      trusted: options.approve,
      folders: options.folders,
      folderFiles: false,
      configurationFiles: [{ path: configFile, label: 'config', format: formatOf(configFile) }],
      environment: options.environment,
      userHome: options.userHome ?? options.environment.HOME ?? options.environment.USERPROFILE ?? homedir(),
      setting: () => undefined,
      onDidChange: () => toDisposable(() => undefined),
    },
  };
}
