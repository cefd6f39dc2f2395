import { readFile } from 'node:fs/promises';
import { parse } from 'jsonc-parser';
import type { Catalog } from '../../src/catalog/catalog.js';
import { createCatalog } from '../../src/catalog/catalogOf.js';
import type { ToolDescription, ToolSource } from '../../src/catalog/source.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json.js';
import { inferSchema, mergeSchemas } from '../../src/typings/infer.js';
import { openServers } from './servers.js';

export interface OpenedCatalog {
  readonly catalog: Catalog;
  /** `server.tool` with the names the file uses, for a name as scripts write it. */
  originalName(name: string): string;
  close(): Promise<void>;
}

/** A catalog of a file of tool lists, or of the servers of an `mcp.json`, which are started. */
export async function catalogOfFile(file: string): Promise<OpenedCatalog> {
  const json = parse(await readFile(file, 'utf8'), [], { allowTrailingComma: true }) as JsonValue;
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  const isConfiguration = isJsonObject(json) && (isJsonObject(json['servers']) || isJsonObject(json['mcpServers']));
  if (isConfiguration) {
    const opened = await openServers({ config: file, folders: [] });
    await opened.startAll();
    catalog.setSources(opened.sources());
    return { catalog, originalName: (name) => originalOf(catalog, name), close: () => opened.close() };
  }
  const lists = (Array.isArray(json) ? json : [json]) as readonly JsonValue[];
  catalog.setSources(lists.map((list, at) => sourceOf(list, at)));
  return { catalog, originalName: (name) => originalOf(catalog, name), close: () => Promise.resolve(catalog.dispose()) };
}

function originalOf(catalog: Catalog, name: string): string {
  const dot = name.indexOf('.');
  const tool = catalog.current.find(name.slice(0, dot), name.slice(dot + 1));
  return tool === undefined ? name : `${tool.ref.source}.${tool.ref.name}`;
}

function sourceOf(list: JsonValue, at: number): ToolSource {
  if (!isJsonObject(list) || !Array.isArray(list['tools'])) {
    throw new Error(`Entry ${at} is not {"server": "…", "tools": […]}.`);
  }
  const server = [list['server'], list['package'], `server${at}`].find((name) => typeof name === 'string') as string;
  const tools = list['tools'].filter((tool): tool is JsonObject => isJsonObject(tool) && typeof tool['name'] === 'string');
  const silent = (): { dispose(): void } => ({ dispose: () => undefined });
  return {
    id: server,
    kind: 'mcp',
    title: server,
    instructions: typeof list['instructions'] === 'string' ? list['instructions'] : undefined,
    definitionHash: server,
    trusted: false,
    state: { kind: 'cached' },
    tools: tools as unknown as readonly ToolDescription[],
    onDidChangeTools: silent,
    onDidChangeState: silent,
    call: () => Promise.reject(new Error('A list of tools cannot be called.')),
  };
}
