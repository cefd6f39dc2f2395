import { createInterface } from 'node:readline';
import { nameMembers, nameNamespaces } from '../catalog/names.js';
import type { JsonSchema } from '../json.js';
import { isJsonObject } from '../json.js';
import { declareServer, type ServerToDeclare, type ToolToDeclare } from './server.js';
import { declareType } from './type.js';

/**
 * The `types` door of the headless harness: one request a line, one answer a line, in order.
 * - `{ id, op: 'hello' }` → `{ id, label }`
 * - `{ id, op: 'type', name, schema }` → `{ id, declarations, typeName }`
 * - `{ id, op: 'server', server, tools }` → `{ id, declarations, inputs, outputs }`: per tool, in order, a type expression
 *   that is valid after the declarations
 *
 * Whatever cannot be answered gives `{ id, error }`.
 */
export async function typesJsonl(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const text = `${JSON.stringify(answer(line))}\n`;
    if (!output.write(text)) await new Promise((resolve) => output.once('drain', resolve));
  }
}

/** Declarations of every server of a file `{ server, tools }`, or a list of such, as one program. */
export function typesOfFile(json: unknown): string {
  const servers = (Array.isArray(json) ? json : [json]).filter(isJsonObject).map((server, index) => ({
    name: typeof server['server'] === 'string' ? server['server'] : `server${index + 1}`,
    tools: server['tools'],
  }));
  const namespaces = nameNamespaces(servers.map(({ name }) => name));
  return servers.map(({ tools }, index) => declareServer({ ...serverOf(tools), namespace: namespaces[index]! }).text).join('\n');
}

function answer(line: string): unknown {
  let id: unknown = null;
  try {
    const request = JSON.parse(line) as Record<string, unknown>;
    id = request['id'] ?? null;
    switch (request['op']) {
      case 'hello':
        return { id, label: 'code-mode' };
      case 'type': {
        const name = typeof request['name'] === 'string' ? request['name'] : 'Type';
        return { id, ...declareType(name, request['schema'] as JsonSchema) };
      }
      case 'server': {
        const [namespace] = nameNamespaces([typeof request['server'] === 'string' ? request['server'] : 'server']);
        const { text, inputs, outputs } = declareServer({ ...serverOf(request['tools']), namespace: namespace! });
        return { id, declarations: text, inputs, outputs };
      }
      default:
        return { id, error: `Unknown op ${JSON.stringify(request['op'])}: expected hello, type or server.` };
    }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** `any` by its own name: these declarations stand alone, without the checker's library that declares `Unchecked`. */
function serverOf(tools: unknown): Omit<ServerToDeclare, 'namespace'> {
  const given = (Array.isArray(tools) ? tools : []).map((tool) => (isJsonObject(tool) ? tool : {}));
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const members = nameMembers(given.map((tool) => text(tool['name']) ?? ''));
  return {
    unchecked: 'any',
    tools: given.map((tool, index): ToolToDeclare => ({
      name: text(tool['name']) ?? '',
      member: members[index]!,
      title: text(tool['title']),
      description: text(tool['description']),
      inputSchema: (tool['inputSchema'] ?? {}) as JsonSchema,
      ...(tool['outputSchema'] === undefined ? {} : { outputSchema: tool['outputSchema'] as JsonSchema }),
    })),
  };
}
