import type { Memento } from 'vscode';
import type { JsonValue } from '../json.js';
import type { Memory } from '../mcp/ports.js';

/** Small facts that belong to this workspace; forgotten with it. */
export function createMemory(state: Memento): Memory {
  const name = (key: string): string => `codemode.${key}`;
  return {
    get: (key) => state.get<JsonValue>(name(key)),
    set: async (key, value) => state.update(name(key), value),
  };
}
