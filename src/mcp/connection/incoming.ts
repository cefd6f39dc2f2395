import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';

/** Codes of answers that are made here in place of the server's; what a server sends by that number becomes another. */
export const oversizedCode = -1_001;
export const lostCode = -1_002;

const internalError = -32_603;

function errorOf(error: JsonValue): { readonly code: number; readonly message: string; readonly data?: JsonValue } {
  if (!isJsonObject(error)) return { code: internalError, message: typeof error === 'string' ? error : JSON.stringify(error).slice(0, 500) };
  const { code, message, data } = error;
  const isCode = typeof code === 'number' && Number.isSafeInteger(code) && code !== oversizedCode && code !== lostCode;
  return { code: isCode ? code : internalError, message: typeof message === 'string' ? message : '', ...(data === undefined ? {} : { data }) };
}

/**
 * What a server sent as a message that the SDK takes; `undefined` where it is none. The SDK refuses a message for one
 * member too many (`"error": null` beside a result), and whoever waits for it would wait for ever.
 */
export function readMessage(value: unknown): JSONRPCMessage | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, method, params, result, error } = value;
  const named = typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id)) ? { id } : undefined;
  if (typeof method === 'string') {
    return id !== undefined && named === undefined ? undefined : { jsonrpc: '2.0', ...named, method, ...(isJsonObject(params) ? { params } : {}) };
  }
  if (named === undefined) return undefined;
  if (isJsonObject(result)) return { jsonrpc: '2.0', ...named, result };
  if (error !== undefined && error !== null) return { jsonrpc: '2.0', ...named, error: errorOf(error) };
  if (result === null) return { jsonrpc: '2.0', ...named, result: {} };
  return { jsonrpc: '2.0', ...named, error: { code: lostCode, message: result === undefined ? 'its answer has neither a result nor an error' : `its result is a ${Array.isArray(result) ? 'list' : typeof result}, not an object` } };
}

/** The capabilities that are made use of; `true` stands for one without particulars, as some servers write it. */
function capabilitiesOf(value: JsonValue | undefined): JsonObject {
  const given = isJsonObject(value) ? value : {};
  const read: Record<string, JsonObject> = {};
  for (const kind of ['tools', 'resources', 'prompts', 'logging', 'completions'] as const) {
    const one = given[kind];
    if (one === undefined || one === null || one === false) continue;
    read[kind] = Object.fromEntries(['listChanged', 'subscribe'].filter((flag) => isJsonObject(one) && one[flag] === true).map((flag) => [flag, true]));
  }
  return read;
}

/** The answer to a handshake without what is not needed of it: an odd icon or capability must not cost the server. */
export function readHandshake({ capabilities, serverInfo, instructions, _meta, ...rest }: JsonObject): JsonObject {
  const { name, version } = isJsonObject(serverInfo) ? serverInfo : {};
  return {
    ...rest,
    capabilities: capabilitiesOf(capabilities),
    serverInfo: { name: typeof name === 'string' ? name : '', version: typeof version === 'string' ? version : '' },
    ...(typeof instructions === 'string' ? { instructions } : {}),
    ...(isJsonObject(_meta) ? { _meta } : {}),
  };
}
