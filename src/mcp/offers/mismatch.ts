import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../../json.js';

/** Steps after which the rest is taken for good: the schema and the value are a stranger's. */
const budget = 20_000;

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** What is no encoded text stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function resolve(root: JsonSchema, schema: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(schema) || typeof schema.$ref !== 'string' || !schema.$ref.startsWith('#')) return schema;
  let found: JsonValue | undefined = root;
  for (const part of schema.$ref.slice(1).split('/').filter(Boolean)) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    found = isJsonObject(found) ? found[name] : undefined;
  }
  return found;
}

/**
 * The first place where a value is plainly not what its schema says: a wrong type, a missing member, a value outside
 * an enumeration. Knows only those; what it cannot judge cheaply counts as right.
 */
export function mismatch(schema: JsonSchema, value: JsonValue): string | undefined {
  let steps = 0;
  const stack: { readonly schema: JsonValue | undefined; readonly value: JsonValue; readonly path: string }[] = [{ schema, value, path: 'the answer' }];
  for (let next = stack.pop(); next !== undefined && steps++ < budget; next = stack.pop()) {
    const rules = resolve(schema, next.schema);
    if (!isJsonObject(rules)) continue;
    const wrong = mismatchHere(rules, next.value, next.path);
    if (wrong !== undefined) return wrong;
    if (isJsonObject(next.value) && isJsonObject(rules.properties)) {
      for (const [name, member] of Object.entries(rules.properties)) {
        if (Object.hasOwn(next.value, name)) stack.push({ schema: member, value: next.value[name]!, path: `${next.path}.${name}` });
      }
    } else if (Array.isArray(next.value) && isJsonObject(rules.items)) {
      for (const [index, item] of (next.value as readonly JsonValue[]).entries()) stack.push({ schema: rules.items, value: item, path: `${next.path}[${index}]` });
    }
  }
  return undefined;
}

function mismatchHere(rules: JsonObject, value: JsonValue, path: string): string | undefined {
  const allowed = typeof rules.type === 'string' ? [rules.type] : Array.isArray(rules.type) ? (rules.type as readonly JsonValue[]) : undefined;
  const actual = typeOf(value);
  if (allowed !== undefined && !allowed.includes(actual) && !(actual === 'integer' && allowed.includes('number')) && rules.nullable !== true) return `${path} is ${actual}, not ${allowed.filter((type) => typeof type === 'string').join(' or ')}`;
  if (Array.isArray(rules.enum) && (typeof value !== 'object' || value === null) && !(rules.enum as readonly JsonValue[]).includes(value)) return `${path} is none of its allowed values`;
  if (isJsonObject(value) && Array.isArray(rules.required)) {
    const missing = (rules.required as readonly JsonValue[]).filter((name) => typeof name === 'string').find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return `${path} has no "${missing}"`;
  }
  return undefined;
}
