import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject, JsonSchema, JsonValue } from '../../../src/json.js';
import { isJsonObject } from '../../../src/json.js';
import { strip } from './suite.js';

/** Calls of one tool, made from its schema and sorted by an independent validator. */
export interface Calls {
  readonly valid: readonly JsonValue[];
  /** Invalid for a reason that types express. */
  readonly invalid: readonly { readonly kind: 'required' | 'type' | 'enum' | 'unknown'; readonly value: JsonValue }[];
  /** Valid by the letter: a parameter that nobody declared, on an object that does not say it is closed. */
  readonly invented: readonly JsonValue[];
  /** The root takes members of any name on purpose. */
  readonly takesAnyName: boolean;
}

const maximumCalls = 40;

export function callsOf(schema: JsonSchema): Calls | undefined {
  const validate = validatorOf(schema);
  const expressible = validatorOf(strip(schema));
  if (!validate || !expressible) return undefined;
  const maker = new Maker(schema);
  const seen = new Set<string>();
  const fresh = (value: JsonValue): boolean => {
    const text = JSON.stringify(value);
    return !seen.has(text) && Boolean(seen.add(text));
  };
  const valid = maker.all(schema, 0).filter((value) => isJsonObject(value) && validate(value) && fresh(value)).slice(0, maximumCalls);
  const invalid = valid
    .slice(0, 6)
    .flatMap((value) => [...mutations(value, schema, maker)])
    .filter(({ value }) => !validate(value) && !expressible(value) && fresh(value))
    .slice(0, maximumCalls * 2);
  const invented = valid.slice(0, 2).map((value) => ({ ...(value as JsonObject), zzInvented: 'zz' })).filter((value) => validate(value));
  const root = maker.resolve(schema);
  const takesAnyName =
    isJsonObject(root) && ((root['additionalProperties'] !== undefined && root['additionalProperties'] !== false) || root['patternProperties'] !== undefined || root['properties'] === undefined);
  return { valid, invalid, invented, takesAnyName };
}

function validatorOf(schema: JsonSchema): ValidateFunction | undefined {
  const dialect = isJsonObject(schema) ? JSON.stringify(schema['$schema'] ?? '') : '';
  const options = { strict: false, validateFormats: false, allErrors: false, logger: false as const, unicodeRegExp: false, ownProperties: true };
  try {
    const ajv = dialect.includes('2020-12') ? new Ajv2020(options) : dialect.includes('2019-09') ? new Ajv2019(options) : new Ajv(options);
    const known = /2020-12|2019-09|draft-07/.test(dialect);
    const copy = isJsonObject(schema) && !known ? Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== '$schema')) : schema;
    return ajv.compile(copy);
  } catch {
    return undefined;
  }
}

/** Makes values for a schema; not all will be valid. */
class Maker {
  constructor(private readonly root: JsonSchema) {}

  resolve(schema: JsonSchema, depth = 0): JsonSchema {
    if (!isJsonObject(schema) || typeof schema['$ref'] !== 'string' || depth > 20) return schema;
    let node: unknown = this.root;
    for (const token of schema['$ref'].replace(/^#\/?/, '').split('/').filter(Boolean)) {
      node = (node as Record<string, unknown> | undefined)?.[decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')];
    }
    return this.resolve((node ?? true) as JsonSchema, depth + 1);
  }

  /** Values that between them use every property, enum member and branch once. */
  all(given: JsonSchema, depth: number): JsonValue[] {
    const schema = this.resolve(given);
    if (!isJsonObject(schema) || depth > 7) return depth > 7 ? [{}, [], 'x', 1] : ['anything', 7, null, { a: 1 }, [1]];
    if ('const' in schema) return [schema['const']!];
    if (Array.isArray(schema['enum'])) return (schema['enum'] as JsonValue[]).slice(0, 12);
    const branches = [schema['anyOf'], schema['oneOf']].find(Array.isArray) as JsonSchema[] | undefined;
    if (branches) {
      const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = schema;
      return branches.flatMap((branch) => {
        const resolved = this.resolve(branch);
        return this.all(isJsonObject(resolved) ? merged(rest, resolved) : rest, depth + 1);
      });
    }
    if (Array.isArray(schema['allOf'])) {
      const { allOf, ...rest } = schema;
      return this.all((allOf as JsonSchema[]).map((one) => this.resolve(one)).filter(isJsonObject).reduce(merged, rest), depth + 1);
    }
    const types = Array.isArray(schema['type']) ? (schema['type'] as string[]) : typeof schema['type'] === 'string' ? [schema['type']] : undefined;
    if (!types) {
      if (isJsonObject(schema['properties'])) return this.objects(schema, depth);
      return ['anything', 7, null, { a: 1 }, [1]];
    }
    return types.flatMap((type) => this.typed(type, schema, depth));
  }

  private typed(type: string, schema: JsonObject, depth: number): JsonValue[] {
    switch (type) {
      case 'string':
        return strings(schema);
      case 'integer':
      case 'number':
        return numbers(schema);
      case 'boolean':
        return [true, false];
      case 'null':
        return [null];
      case 'array':
        return this.arrays(schema, depth);
      default:
        return this.objects(schema, depth);
    }
  }

  private arrays(schema: JsonObject, depth: number): JsonValue[] {
    const tuple = (Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : Array.isArray(schema['items']) ? schema['items'] : undefined) as JsonSchema[] | undefined;
    if (tuple) return [tuple.map((one) => this.all(one, depth + 1)[0] ?? null), []];
    const items = this.all((schema['items'] ?? true) as JsonSchema, depth + 1);
    const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
    return [[], ...items.slice(0, 6).map((item) => [item]), items.slice(0, 3), new Array<JsonValue>(Math.min(least, 50)).fill(items[0] ?? null), Array.from({ length: Math.min(least, 50) }, (_, i) => items[i % items.length] ?? null)];
  }

  private objects(schema: JsonObject, depth: number): JsonValue[] {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as string[]) : []);
    const choices = Object.keys(properties).map((name) => [name, this.all(properties[name] as JsonSchema, depth + 1)] as const);
    const pick = (index: number, filter: (name: string) => boolean): JsonObject =>
      fromEntries(choices.filter(([name, values]) => values.length > 0 && (required.has(name) || filter(name))).map(([name, values]) => [name, values[Math.min(index, values.length - 1)]!]));
    const extra = fromEntries([...required].filter((name) => !Object.hasOwn(properties, name)).map((name) => [name, 'anything']));
    const additional = schema['additionalProperties'];
    const names = isJsonObject(schema['propertyNames']) ? this.all(schema['propertyNames'], depth + 1).filter((one) => typeof one === 'string') : ['someKey', 'other-key'];
    const maps = isJsonObject(additional) || additional === true ? this.all(additional, depth + 1).slice(0, 4).map((value, index) => ({ ...pick(0, () => false), ...extra, [names[index % names.length] ?? 'k']: value })) : [];
    const most = Math.min(8, Math.max(1, ...choices.map(([, values]) => values.length)));
    const full = Array.from({ length: depth === 0 ? most : Math.min(most, 3) }, (_, index) => ({ ...pick(index, () => true), ...extra }));
    const single = choices.filter(([name]) => !required.has(name)).slice(0, depth === 0 ? 20 : 6).map(([name], index) => ({ ...pick(index % 2, (one) => one === name), ...extra }));
    return [{ ...pick(0, () => false), ...extra }, ...full, ...maps, ...single];
  }
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const lists = new Set(['required']);
  const result: Record<string, JsonValue> = { ...a };
  for (const key of Object.keys(b)) {
    const [x, y] = [a[key], b[key]!];
    if (x !== undefined && lists.has(key) && Array.isArray(x) && Array.isArray(y)) result[key] = [...(x as JsonValue[]), ...(y as JsonValue[])];
    else if (key === 'properties' && isJsonObject(x) && isJsonObject(y)) result[key] = { ...x, ...y };
    else result[key] = y;
  }
  return result;
}

function fromEntries(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries(entries);
}

const formats: Readonly<Record<string, string>> = {
  date: '2026-01-02', 'date-time': '2026-01-02T03:04:05Z', time: '03:04:05Z', email: 'a@example.com', uri: 'https://example.com/a', url: 'https://example.com/a',
  uuid: '123e4567-e89b-42d3-a456-426614174000', ipv4: '127.0.0.1', hostname: 'example.com',
};

function strings(schema: JsonObject): JsonValue[] {
  const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
  const base = typeof schema['format'] === 'string' ? (formats[schema['format']] ?? 'text') : 'text';
  const given = ['default', 'example'].map((keyword) => schema[keyword]).concat(Array.isArray(schema['examples']) ? (schema['examples'] as JsonValue[]) : []);
  return [...given.filter((value) => typeof value === 'string'), base.padEnd(Math.min(least, 1000), 'x'), '2026-01-02', 'a', '1'.repeat(Math.max(1, Math.min(least, 1000)))];
}

function numbers(schema: JsonObject): JsonValue[] {
  const bounds = ['default', 'minimum', 'maximum'].map((keyword) => schema[keyword]).filter((value) => typeof value === 'number');
  const exclusive = typeof schema['exclusiveMinimum'] === 'number' ? [schema['exclusiveMinimum'] + 1] : [];
  return [...bounds, ...exclusive, 1, 5, 0].slice(0, 4);
}

function* mutations(value: JsonValue, root: JsonSchema, maker: Maker, schema: JsonSchema = root, wrap = (inner: JsonValue): JsonValue => inner, depth = 0): Generator<Calls['invalid'][number]> {
  const resolved = maker.resolve(schema);
  if (!isJsonObject(resolved) || depth > 4) return;
  if (isJsonObject(value) && isJsonObject(resolved['properties'])) {
    const properties = resolved['properties'];
    for (const name of Array.isArray(resolved['required']) ? (resolved['required'] as string[]) : []) {
      const { [name]: _gone, ...rest } = value;
      yield { kind: 'required', value: wrap(rest) };
    }
    if (resolved['additionalProperties'] === false) yield { kind: 'unknown', value: wrap({ ...value, zzUnknown: 1 }) };
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(properties, name)) continue;
      const property = maker.resolve(properties[name] as JsonSchema);
      const put = (inner: JsonValue): JsonValue => wrap({ ...value, [name]: inner });
      for (const wrong of [123, 'zz', true, ['zz'], { zz: 1 }, null]) yield { kind: 'type', value: put(wrong) };
      if (isJsonObject(property) && Array.isArray(property['enum'])) yield { kind: 'enum', value: put('zz-not-in-enum') };
      yield* mutations(value[name]!, root, maker, property, put, depth + 1);
    }
  }
  if (Array.isArray(value) && value.length > 0 && isJsonObject(resolved['items'])) {
    const put = (inner: JsonValue): JsonValue => wrap([inner, ...(value as JsonValue[]).slice(1)]);
    for (const wrong of [123, 'zz', true, null]) yield { kind: 'type', value: put(wrong) };
    yield* mutations((value as JsonValue[])[0]!, root, maker, resolved['items'], put, depth + 1);
  }
}
