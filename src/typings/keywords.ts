import type { JsonObject, JsonSchema } from '../json.js';
import { isJsonObject } from '../json.js';

/** Where schemas stand inside schemas, over drafts 4 to 2020-12 (JSON Schema 2020-12 Core 10 and 11; draft 7 Validation 6). */
export const schemaKeywords = [
  'additionalItems', 'additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then',
  'unevaluatedItems', 'unevaluatedProperties',
] as const;
export const schemaListKeywords = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'] as const;
export const schemaMapKeywords = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'] as const;

const single = new Set<string>(schemaKeywords);
const lists = new Set<string>(schemaListKeywords);
const maps = new Set<string>(schemaMapKeywords);

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isJsonObject(value);
}

/** The schemas directly inside a schema; other values under the same keywords are passed over. */
export function* subschemas(schema: JsonObject): Generator<JsonSchema> {
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    if (single.has(keyword) && isSchema(value)) yield value;
    else if (lists.has(keyword) && Array.isArray(value)) yield* value.filter(isSchema);
    else if (maps.has(keyword) && isJsonObject(value)) yield* Object.values(value).filter(isSchema);
  }
}

/** A copy in which each schema, innermost first, was replaced by what `change` makes of its copy and itself; keywords of unknown meaning are copied as they are. */
export function mapSchemas(schema: JsonSchema, change: (copy: JsonObject, schema: JsonObject) => JsonObject): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const inner = (value: unknown): unknown => (isSchema(value) ? mapSchemas(value, change) : value);
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    if (Array.isArray(value) && lists.has(keyword)) copy[keyword] = value.map(inner);
    else if (single.has(keyword)) copy[keyword] = inner(value);
    else if (maps.has(keyword) && isJsonObject(value)) {
      const members: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
      for (const name of Object.keys(value)) members[name] = inner(value[name]);
      copy[keyword] = members;
    } else copy[keyword] = value;
  }
  return change(copy as JsonObject, schema);
}
