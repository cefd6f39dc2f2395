import type { JsonObject, JsonSchema } from '../json.js';
import { isJsonObject } from '../json.js';
import type { SchemaDocument } from './document.js';
import { isSchema } from './keywords.js';
import { Pattern } from './pattern.js';
import type { AccountedMembers } from './shape.js';

/**
 * What `unevaluatedProperties` and `unevaluatedItems` leave alone (Core 2020-12, 11.2 and 11.3): everything that some
 * schema applied to the same value may account for, whichever of its branches holds. That is too much for a value of
 * one branch, so the type is looser than the schema, never tighter.
 */

export function accountedMembers(schema: JsonObject, document: SchemaDocument): AccountedMembers | 'all' {
  const names = new Set<string>();
  const patterns: Pattern[] = [];
  for (const part of inPlace(schema, document)) {
    if (part === 'unknown') return 'all';
    if (isSchema(part['additionalProperties'])) return 'all';
    if (part !== schema && isSchema(part['unevaluatedProperties'])) return 'all';
    if (isJsonObject(part['properties'])) for (const name of Object.keys(part['properties'])) names.add(name);
    if (isJsonObject(part['patternProperties'])) {
      for (const pattern of Object.keys(part['patternProperties'])) {
        const known = Pattern.of(pattern);
        if (known === undefined || patterns.length >= 50) return 'all';
        patterns.push(known);
      }
    }
  }
  return { names, patterns };
}

/** Members that some schema of the branches lists or requires, or all where it lists them by a rule. */
export function mentionedMembers(branches: readonly JsonSchema[], document: SchemaDocument): ReadonlySet<string> | 'all' {
  const names = new Set<string>();
  for (const branch of branches) {
    if (!isJsonObject(branch)) continue;
    for (const part of inPlace(branch, document)) {
      if (part === 'unknown' || isJsonObject(part['patternProperties'])) return 'all';
      for (const keyword of ['additionalProperties', 'unevaluatedProperties']) if (isSchema(part[keyword]) && part[keyword] !== false) return 'all';
      const { properties, required, dependentRequired, dependencies } = part;
      if (isJsonObject(properties)) for (const name of Object.keys(properties)) names.add(name);
      for (const map of [{ required }, dependentRequired, dependencies]) {
        if (!isJsonObject(map)) continue;
        for (const list of Object.values(map)) if (Array.isArray(list)) for (const name of list) if (typeof name === 'string') names.add(name);
      }
    }
  }
  return names;
}

/** How many leading items are accounted for, or `all`. */
export function accountedItems(schema: JsonObject, document: SchemaDocument): number | 'all' {
  let prefix = 0;
  for (const part of inPlace(schema, document)) {
    if (part === 'unknown') return 'all';
    const { items, prefixItems, additionalItems, contains, unevaluatedItems } = part;
    if (isSchema(additionalItems) || isSchema(contains) || (part !== schema && isSchema(unevaluatedItems))) return 'all';
    if (Array.isArray(items)) prefix = Math.max(prefix, items.length);
    else if (isSchema(items)) return 'all';
    if (Array.isArray(prefixItems)) prefix = Math.max(prefix, prefixItems.length);
  }
  return prefix > 64 ? 'all' : prefix;
}

/** A schema and all that may apply to the same value with it; `unknown` for a reference that leads out of sight. */
function* inPlace(schema: JsonObject, document: SchemaDocument): Generator<JsonObject | 'unknown'> {
  const seen = new Set<JsonObject>();
  const open: JsonSchema[] = [schema];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (!isJsonObject(part) || seen.has(part)) continue;
    seen.add(part);
    if (seen.size > 500) {
      yield 'unknown';
      return;
    }
    yield part;
    for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
      if (typeof part[keyword] !== 'string') continue;
      const target = document.target(part);
      if (target === undefined) yield 'unknown';
      else open.push(target);
    }
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const list = part[keyword];
      if (Array.isArray(list)) open.push(...(list as unknown[]).filter(isSchema));
    }
    for (const keyword of ['if', 'then', 'else']) if (isSchema(part[keyword])) open.push(part[keyword]);
    for (const keyword of ['dependentSchemas', 'dependencies']) {
      const map = part[keyword];
      if (isJsonObject(map)) open.push(...Object.values(map).filter(isSchema));
    }
  }
}
