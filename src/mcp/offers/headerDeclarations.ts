import { isJsonObject, type JsonSchema, type JsonValue } from '../../json.js';

const key = 'x-mcp-header';
/** RFC 9110, 5.6.2: what a header may be called. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * What is wrong with a tool's wish to have arguments repeated as headers (`x-mcp-header`, MCP 2026-07-28); `undefined`
 * when nothing is. Over streamable HTTP such a tool must be left out, since servers and proxies would disagree about it.
 */
export function headerFault(schema: JsonSchema): string | undefined {
  const names = new Set<string>();
  const stack: { readonly value: JsonValue; readonly reachable: boolean; readonly property: boolean; readonly names: boolean }[] = [{ value: schema, reachable: true, property: false, names: false }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, reachable, property } = next;
    if (Array.isArray(value)) {
      for (const item of value as readonly JsonValue[]) stack.push({ value: item, reachable: false, property: false, names: false });
      continue;
    }
    if (!isJsonObject(value)) continue;
    // Here the keys are names of properties, and one of them may be called anything.
    if (next.names) {
      for (const item of Object.values(value)) stack.push({ value: item, reachable, property: true, names: false });
      continue;
    }
    if (Object.hasOwn(value, key)) {
      const name = value[key];
      if (!reachable || !property) return 'it is not on a property that every call can have';
      if (typeof name !== 'string' || !token.test(name)) return 'its name is not one a header may have';
      if (value.type !== 'string' && value.type !== 'integer' && value.type !== 'boolean') return 'it is on a property that is not a string, an integer or a boolean';
      if (names.has(name.toLowerCase())) return 'two properties ask for the same header';
      names.add(name.toLowerCase());
    }
    for (const [member, item] of Object.entries(value)) {
      if (member === 'const' || member === 'enum' || member === 'default' || member === 'examples') continue;
      stack.push({ value: item, reachable: reachable && member === 'properties', property: false, names: member === 'properties' || member === '$defs' || member === 'definitions' || member === 'patternProperties' || member === 'dependentSchemas' });
    }
  }
  return undefined;
}
