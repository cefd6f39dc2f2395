import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '../../json.js';
import { readHandshake } from './incoming.js';

/** Requests whose results are taken as sent: one odd member must not cost the whole answer. What the SDK sees instead. */
const placeholders: Readonly<Record<string, JsonObject>> = {
  'tools/list': { tools: [] },
  'tools/call': { content: [] },
  'resources/list': { resources: [] },
  'resources/templates/list': { resourceTemplates: [] },
  'resources/read': { contents: [] },
  'prompts/list': { prompts: [] },
  'prompts/get': { messages: [] },
  'completion/complete': { completion: { values: [] } },
};
const handshakes: ReadonlySet<string> = new Set(['initialize', 'server/discover']);
const marker = 'codemode/raw';

/**
 * Keeps results as the server sent them while the SDK sees a valid empty one in their place.
 * The SDK parses results strictly and as a whole; real servers send tools without a schema type, unknown content and
 * more, and a tool that ran must not lose its answer to that.
 */
export class RawResults {
  private readonly methods = new Map<number | string, string>();
  private readonly kept = new Map<number, unknown>();
  private next = 0;
  /** Answers so far that ask for something before the call goes on. */
  asked = 0;

  sent(message: JSONRPCMessage): void {
    if ('method' in message && 'id' in message) this.methods.set(message.id, message.method);
  }

  /** What the SDK is to see in place of a message. */
  received(message: JSONRPCMessage): JSONRPCMessage {
    if ('method' in message || message.id === undefined) return message;
    const method = this.methods.get(message.id);
    if (method === undefined) return message;
    this.methods.delete(message.id);
    if (!('result' in message) || !isJsonObject(message.result)) return message;
    if (handshakes.has(method)) return { ...message, result: readHandshake(message.result) };
    const placeholder = placeholders[method];
    const { resultType, _meta } = message.result;
    if (placeholder === undefined) return _meta === undefined || isJsonObject(_meta) ? message : { ...message, result: { ...message.result, _meta: {} } };
    // The server asks for something first (2026-07-28): the SDK answers and calls again.
    if (resultType !== undefined && resultType !== 'complete') {
      this.asked++;
      return message;
    }
    const key = this.next++;
    this.kept.set(key, message.result);
    return { jsonrpc: '2.0', id: message.id, result: { ...placeholder, resultType: 'complete', ttlMs: 0, cacheScope: 'private', _meta: { [marker]: key } } };
  }

  forget(id: number | string): void {
    this.methods.delete(id);
  }

  /** The result that a placeholder stands for; it is handed out once. */
  take(placeholder: unknown): JsonObject {
    if (!isJsonObject(placeholder) || !isJsonObject(placeholder._meta)) return {};
    const key = placeholder._meta[marker];
    if (typeof key !== 'number') return placeholder;
    const raw = this.kept.get(key);
    this.kept.delete(key);
    return isJsonObject(raw) ? raw : {};
  }

  clear(): void {
    this.methods.clear();
    this.kept.clear();
  }
}
