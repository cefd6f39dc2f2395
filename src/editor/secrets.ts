import type { SecretStorage } from 'vscode';
import type { Secrets } from '../mcp/ports.js';

/** Secrets in the editor's encrypted storage, under a prefix of ours. */
export function createSecrets(storage: SecretStorage): Secrets {
  const name = (key: string): string => `codemode.${key}`;
  return {
    get: async (key) => storage.get(name(key)),
    set: async (key, value) => storage.store(name(key), value),
    delete: async (key) => storage.delete(name(key)),
  };
}
