import type { JsonObject } from '../../json.js';
import { looksSecret, urlSecrets } from '../redaction.js';
import type { InputDefinition } from './definition.js';

/** What a person typed, as a server: how it would be written, a name for it, and the inputs that keep its secrets out of the file. */
export interface NewServer {
  readonly name: string;
  readonly definition: JsonObject;
  readonly inputs: readonly InputDefinition[];
}

/** Splits a command line as a shell does: quotes, backslashes; no expansion of anything. */
export function splitCommandLine(line: string): readonly string[] {
  const words: string[] = [];
  const word = /\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+)/gs;
  for (const [, text] of line.trim().matchAll(word)) {
    if (text === undefined) continue;
    words.push(text.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, double: string | undefined, single: string | undefined, escaped: string | undefined) => double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? (escaped !== undefined && /[\s"'\\]/.test(escaped) ? escaped : `\\${escaped}`)));
  }
  return words;
}

/** A short name out of a package, a host or a program: `@scope/server-files@1` is `files`. */
export function nameFor(source: string): string {
  const last = source.replace(/@[\w.^~-]+$/, '').split(/[/\\]/).filter(Boolean).at(-1) ?? source;
  const plain = last.replace(/\.(m?js|c?js|py|exe|cmd|sh)$/i, '').replace(/^(?:mcp-server-|server-|mcp-)|(?:-mcp-server|-server|-mcp)$/gi, '');
  return plain.replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-+|-+$/g, '') || 'server';
}

function input(id: string, description: string): InputDefinition {
  return { id, type: 'promptString', description, password: true };
}

function fromUrl(text: string): NewServer {
  const url = new URL(text);
  const inputs: InputDefinition[] = [];
  let address = text;
  const labels = url.hostname.split('.').filter((label) => !/^(www|mcp|api|com|org|net|io|dev|ai|app|co)$/.test(label));
  const name = nameFor(labels.at(-1) ?? url.hostname);
  for (const secret of new Set(urlSecrets(text))) {
    const id = `${name}-${inputs.length === 0 ? 'key' : `key-${inputs.length + 1}`}`;
    inputs.push(input(id, `Secret in the address of ${name}`));
    address = address.replace(secret, `\${input:${id}}`).replace(encodeURIComponent(secret), `\${input:${id}}`);
  }
  return { name, definition: { type: /\/sse\/?$/.test(url.pathname) ? 'sse' : 'http', url: address }, inputs };
}

/** Programs that run a package: its name is the one that says something. */
const runners = new Set(['npx', 'bunx', 'pnpx', 'uvx', 'pipx', 'npm', 'pnpm', 'yarn', 'bun', 'uv', 'docker', 'podman', 'node', 'python', 'python3', 'deno', 'dlx', 'exec', 'run', 'x', 'tool']);

function fromCommandLine(words: readonly string[]): NewServer {
  const inputs: InputDefinition[] = [];
  const env: Record<string, string> = {};
  const rest = [...words];
  // `NAME=value command …`, as shells and documentation have it.
  while (rest.length > 1 && /^[A-Za-z_]\w*=/.test(rest[0]!)) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(rest.shift()!) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
  }
  const [command = '', ...args] = rest;
  const telling = rest.find((word, index) => !word.startsWith('-') && !(index < 3 && runners.has(word.replace(/\.(exe|cmd)$/i, '').split(/[/\\]/).at(-1) ?? ''))) ?? command;
  const name = nameFor(telling);
  const hide = (label: string, value: string): string => {
    const id = `${name}-${label.replace(/^-+/, '').toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
    if (!inputs.some((known) => known.id === id)) inputs.push(input(id, `${label.replace(/^-+/, '')} of ${name}`));
    return value === '' ? value : `\${input:${id}}`;
  };
  for (const [variable, value] of Object.entries(env)) if (looksSecret(variable, value)) env[variable] = hide(variable, value);
  const safe = args.map((argument, index) => {
    const [, flag, value] = /^(--?[\w-]+)=(.+)$/s.exec(argument) ?? [];
    if (flag !== undefined && value !== undefined && looksSecret(flag, value)) return `${flag}=${hide(flag, value)}`;
    const before = args[index - 1];
    return before !== undefined && /^--?[\w-]+$/.test(before) && !argument.startsWith('-') && looksSecret(before, argument) ? hide(before, argument) : argument;
  });
  return { name, definition: { type: 'stdio', command, args: safe, ...(Object.keys(env).length === 0 ? {} : { env }) }, inputs };
}

/** What a person says it is; left out, it is told by how it looks. */
export type NewServerForm = 'package' | 'command' | 'address';

/** One word with a scope or a version, or that says it is a server. Any other word is a program. */
function looksLikePackage(word: string): boolean {
  return /^@[\w.-]+\/[\w.-]+(@[\w.^~-]+)?$/.test(word) || /^[a-z][\w.-]*@[\w.^~-]+$/.test(word) || /^[a-z][\w.-]*(?:mcp|server)[\w.-]*$/.test(word);
}

/**
 * Reads what a person gives for "Add Server": an address, an npm package, or a command line. Secrets in it become
 * inputs, so that none is written to a file. `undefined` for nothing.
 */
export function parseNewServer(text: string, form?: NewServerForm): NewServer | undefined {
  const trimmed = text.trim().replace(/^\$\s+/, '');
  if (trimmed === '') return undefined;
  if (form !== 'command' && form !== 'package' && /^https?:\/\/\S+$/i.test(trimmed) && URL.canParse(trimmed)) return fromUrl(trimmed);
  if (form === 'address') return undefined;
  const words = splitCommandLine(trimmed);
  const [first] = words;
  if (first === undefined) return undefined;
  // Whoever pastes a whole command where a package was asked for means that command.
  const isPackage = form === 'package' ? !runners.has(first) : form === undefined && words.length === 1 && looksLikePackage(first);
  return fromCommandLine(isPackage ? ['npx', '-y', ...words] : words);
}
