import MiniSearch from 'minisearch';
import { stemmer } from 'stemmer';
import type { CatalogTool } from '../catalog/catalog.js';
import { isJsonObject, type JsonSchema, type JsonValue } from '../json.js';

/** Ranks the tools of a catalog for a query in words. */
export interface SearchIndex {
  /** Every match, best first. */
  search(query: string): readonly CatalogTool[];
}

/** Words of a text: camelCase, snake_case and kebab-case are taken apart. */
export function wordsOf(text: string): string[] {
  return text
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly server: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: string;
}

export function createSearchIndex(tools: readonly CatalogTool[]): SearchIndex {
  const index = new MiniSearch<Entry>({
    fields: ['name', 'server', 'title', 'description', 'parameters'],
    tokenize: wordsOf,
    processTerm: (term) => stemmer(term),
    searchOptions: {
      boost: { name: 4, title: 2, server: 2, parameters: 0.7 },
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      prefix: (term) => term.length > 2,
      weights: { fuzzy: 0.4, prefix: 0.5 },
    },
  });
  index.addAll(
    tools.map((tool, id) => ({
      id,
      name: tool.ref.name,
      server: tool.namespace,
      title: tool.title ?? '',
      description: tool.description ?? '',
      parameters: parameterWords(tool.inputSchema),
    })),
  );
  return {
    search(query) {
      return index.search(query).flatMap((hit) => tools[hit.id as number] ?? []);
    },
  };
}

/** Names, descriptions and enum values of the parameters, to a depth where they still say what the tool does. */
function parameterWords(schema: JsonSchema, depth = 0): string {
  if (!isJsonObject(schema) || depth > 2) return '';
  const words: string[] = [];
  const properties = schema['properties'];
  if (isJsonObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      words.push(name);
      if (!isJsonObject(property)) continue;
      if (typeof property['description'] === 'string') words.push(property['description']);
      words.push(...strings(property['enum']), parameterWords(property, depth + 1));
      const items = property['items'];
      if (isJsonObject(items)) words.push(...strings(items['enum']), parameterWords(items, depth + 1));
    }
  }
  return words.join(' ');
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
