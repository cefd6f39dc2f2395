import type { Node } from 'jsonc-parser';
import { isJsonObject, type JsonValue } from '../../json.js';
import { isServerAddress } from '../network/socket.js';
import { isStringRecord, type Definition, type InputDefinition, type RemoteDefinition, type StdioDefinition } from './definition.js';
import { member, valueOf, type Complain } from './nodes.js';
import { readOAuth } from './oauth.js';

/** A member that must be a string; told and left out where it is something else. */
function text(node: Node, name: string, complain: Complain): string | undefined {
  const found = member(node, name);
  if (found === undefined || found.type === 'string') return found?.value as string | undefined;
  complain(found, `"${name}" must be a string.`);
  return undefined;
}

function strings(node: Node, name: string, complain: Complain): readonly string[] | undefined {
  const found = member(node, name);
  if (found === undefined) return undefined;
  const value = valueOf(found);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  complain(found, `"${name}" must be a list of strings.`);
  return undefined;
}

function environment(node: Node, complain: Complain): StdioDefinition['env'] {
  const found = member(node, 'env');
  if (found === undefined) return {};
  const value = valueOf(found);
  if (!isJsonObject(value)) {
    complain(found, '"env" must be an object of strings, numbers or null.');
    return {};
  }
  const kept: Record<string, string | number | null> = {};
  for (const [name, item] of Object.entries(value)) {
    if (item === null || typeof item === 'string' || typeof item === 'number') kept[name] = item;
    else complain(member(found, name) ?? found, `"${name}" in "env" must be a string, a number, or null to remove it.`);
  }
  return kept;
}

function remote(node: Node, url: string, type: 'http' | 'sse', complain: Complain): RemoteDefinition | undefined {
  if (!url.includes('${') && !isServerAddress(url)) {
    complain(member(node, 'url') ?? node, `"url" must be an http or https address, or that of a socket (unix:///path, pipe:///pipe/name); "${url.slice(0, 100)}" is not one.`);
    return undefined;
  }
  const headersNode = member(node, 'headers');
  const headers = valueOf(headersNode);
  if (headersNode !== undefined && !isStringRecord(headers)) complain(headersNode, '"headers" must be an object of strings.');
  return {
    transport: type,
    url,
    headers: isStringRecord(headers) ? { ...headers } : {},
    ...readOAuth(member(node, 'oauth'), complain),
  };
}

/**
 * Reads one server's entry. Takes what the formats in use say the same thing by: `serverUrl` and `httpUrl` for `url`,
 * `transport` and `streamable-http` for `type`.
 */
export function readEntry(node: Node, sandbox: JsonValue | undefined, complain: Complain): Definition | 'disabled' | undefined {
  if (node.type !== 'object') {
    complain(node, 'A server must be an object with "command" or "url".');
    return undefined;
  }
  if (valueOf(member(node, 'disabled')) === true) return 'disabled';
  const type = text(node, 'type', complain) ?? text(node, 'transport', complain);
  const command = text(node, 'command', complain);
  const url = text(node, 'url', complain) ?? text(node, 'serverUrl', complain) ?? text(node, 'httpUrl', complain);
  switch (type) {
    case undefined:
    case 'stdio':
    case 'http':
    case 'sse':
    case 'streamable-http':
    case 'streamableHttp':
      break;
    default:
      complain(member(node, 'type') ?? member(node, 'transport') ?? node, `"type" must be "stdio", "http" or "sse"; "${type}" is none of them.`);
      return undefined;
  }
  if (type === 'stdio' || (type === undefined && command !== undefined)) {
    if (command === undefined || command.trim() === '') {
      complain(member(node, 'command') ?? node, 'A stdio server needs "command": the program to start.');
      return undefined;
    }
    const cwd = text(node, 'cwd', complain);
    const envFile = text(node, 'envFile', complain);
    const wanted = valueOf(member(node, 'sandboxEnabled')) === true ? (sandbox ?? true) : undefined;
    return {
      transport: 'stdio',
      command,
      args: strings(node, 'args', complain) ?? [],
      env: environment(node, complain),
      ...(cwd === undefined ? {} : { cwd }),
      ...(envFile === undefined ? {} : { envFile }),
      ...(wanted === undefined ? {} : { sandbox: wanted }),
    };
  }
  if (url === undefined) {
    complain(node, type === undefined ? 'A server needs "command" (a program to start) or "url" (a remote server).' : 'A remote server needs "url".');
    return undefined;
  }
  return remote(node, url, type === 'sse' ? 'sse' : 'http', complain);
}

export function readInput(node: Node, complain: Complain): InputDefinition | undefined {
  const id = member(node, 'id')?.type === 'string' ? text(node, 'id', complain) : undefined;
  const type = text(node, 'type', complain);
  if (id === undefined) {
    complain(node, 'An input needs an "id".');
    return undefined;
  }
  if (type !== 'promptString' && type !== 'pickString' && type !== 'command') {
    complain(member(node, 'type') ?? node, '"type" of an input must be "promptString", "pickString" or "command".');
    return undefined;
  }
  const description = text(node, 'description', complain);
  const preset = text(node, 'default', complain);
  const command = text(node, 'command', complain);
  const args = valueOf(member(node, 'args'));
  const options = valueOf(member(node, 'options'));
  const choices = Array.isArray(options) ? (options as readonly JsonValue[]).map((option) => (isJsonObject(option) ? option.value : option)).filter((option): option is string => typeof option === 'string') : undefined;
  if (type === 'pickString' && (choices === undefined || choices.length === 0)) {
    complain(node, 'A "pickString" input needs "options".');
    return undefined;
  }
  if (type === 'command' && command === undefined) {
    complain(node, 'A "command" input needs "command".');
    return undefined;
  }
  return {
    id,
    type,
    password: valueOf(member(node, 'password')) === true,
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
    ...(choices === undefined ? {} : { options: choices }),
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
  };
}
