import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import { isJsonObject } from '../json.js';

/**
 * Shapes of results seen, for tools that declare no output schema. A shape is a JSON Schema that holds types and member
 * names only, never a value; it grows with every result it is merged with and stays bounded.
 */

/** Deeper than this everything is `{}` (anything). */
const maximumDepth = 8;
/** An object with more members than this is taken for a map. */
const maximumMembers = 48;
/** Elements looked at in one array. */
const maximumElements = 200;
/** Values looked at in one result. */
const maximumValues = 5_000;

/** The shape of one result; `undefined` (a tool that returned nothing) is `{ type: 'null' }`. */
export function inferSchema(value: JsonValue | undefined): JsonSchema {
  const budget = { values: maximumValues };
  return write(value === undefined ? { null: true } : read(value, 0, budget));
}

/** A shape that every result of either shape fits. Commutative up to member order; `a`'s order wins. */
export function mergeSchemas(a: JsonSchema, b: JsonSchema): JsonSchema {
  return write(merge(parse(a, 0), parse(b, 0)));
}

/** What was seen at one place; no kind at all means nothing was (the items of an empty array). */
interface Shape {
  readonly anything?: boolean;
  readonly null?: boolean;
  readonly boolean?: boolean;
  readonly number?: boolean;
  readonly string?: boolean;
  readonly array?: Shape;
  readonly object?: ObjectShape;
}

type ObjectShape =
  | { readonly kind: 'members'; readonly members: ReadonlyMap<string, Shape>; readonly required: ReadonlySet<string> }
  /** Member names are data: ids, dates, paths. */
  | { readonly kind: 'map'; readonly values: Shape };

const nothing: Shape = {};
const anything: Shape = { anything: true };

function read(value: JsonValue, depth: number, budget: { values: number }): Shape {
  if (--budget.values < 0) return anything;
  if (value === null) return { null: true };
  if (typeof value === 'boolean') return { boolean: true };
  if (typeof value === 'number') return { number: true };
  if (typeof value === 'string') return { string: true };
  if (depth >= maximumDepth) return anything;
  if (isArray(value)) {
    return { array: value.slice(0, maximumElements).reduce<Shape>((shape, element) => merge(shape, read(element, depth + 1, budget)), nothing) };
  }
  const names = Object.keys(value);
  const members = new Map(names.slice(0, maximumMembers * 4).map((name) => [name, read(value[name]!, depth + 1, budget)]));
  return { object: bounded({ kind: 'members', members, required: new Set(names) }) };
}

function merge(a: Shape, b: Shape): Shape {
  if (a === nothing) return b;
  if (b === nothing) return a;
  if (a.anything || b.anything) return anything;
  const shape: { -readonly [K in keyof Shape]: Shape[K] } = {};
  for (const kind of ['null', 'boolean', 'number', 'string'] as const) if (a[kind] || b[kind]) shape[kind] = true;
  const array = a.array && b.array ? merge(a.array, b.array) : (a.array ?? b.array);
  const object = a.object && b.object ? mergeObjects(a.object, b.object) : (a.object ?? b.object);
  if (array) shape.array = array;
  if (object) shape.object = object;
  return shape;
}

function mergeObjects(a: ObjectShape, b: ObjectShape): ObjectShape {
  if (a.kind === 'map' || b.kind === 'map') return { kind: 'map', values: merge(valuesOf(a), valuesOf(b)) };
  const members = new Map(a.members);
  for (const [name, shape] of b.members) members.set(name, merge(members.get(name) ?? nothing, shape));
  return bounded({ kind: 'members', members, required: new Set([...a.required].filter((name) => b.required.has(name))) });
}

function valuesOf(object: ObjectShape): Shape {
  return object.kind === 'map' ? object.values : [...object.members.values()].reduce(merge, nothing);
}

function bounded(object: ObjectShape & { kind: 'members' }): ObjectShape {
  const names = [...object.members.keys()];
  const isMap = names.length > maximumMembers || (names.length > 0 && names.filter((name) => !isMemberName(name)).length * 2 > names.length);
  return isMap ? { kind: 'map', values: valuesOf(object) } : object;
}

/** Names that a programmer would give, rather than data standing as a key. */
function isMemberName(name: string): boolean {
  return name.length <= 64 && /^[\p{L}_$@][\p{L}\p{N}_$.:-]*$/u.test(name) && !/[0-9a-f]{8}-[0-9a-f]{4}-|\d{5}|^[0-9a-f]{12,}$/i.test(name);
}

function write(shape: Shape): JsonSchema {
  if (shape.anything) return {};
  const kinds: JsonObject[] = [];
  for (const kind of ['null', 'boolean', 'number', 'string'] as const) if (shape[kind]) kinds.push({ type: kind });
  // No items seen: the array was empty so far, which says nothing about what it will hold.
  if (shape.array) kinds.push({ type: 'array', ...(isEmpty(shape.array) ? {} : { items: write(shape.array) }) });
  if (shape.object?.kind === 'map') kinds.push({ type: 'object', additionalProperties: write(shape.object.values) });
  if (shape.object?.kind === 'members') {
    const properties: Record<string, JsonSchema> = Object.create(null) as Record<string, JsonSchema>;
    for (const [name, member] of shape.object.members) properties[name] = write(member);
    const required = [...shape.object.members.keys()].filter((name) => (shape.object as { required: ReadonlySet<string> }).required.has(name));
    kinds.push({ type: 'object', properties: properties, required });
  }
  if (kinds.length === 0) return {};
  if (kinds.length === 1) return kinds[0]!;
  if (kinds.every((kind) => Object.keys(kind).length === 1)) return { type: kinds.map((kind) => kind['type']!) };
  return { anyOf: kinds };
}

/** Reads back what {@link write} wrote; anything else is anything. */
function parse(schema: JsonSchema, depth: number): Shape {
  if (!isJsonObject(schema) || depth > maximumDepth * 2) return anything;
  if (isArray(schema['anyOf'])) return schema['anyOf'].reduce<Shape>((shape, branch) => merge(shape, parse(branch as JsonSchema, depth + 1)), nothing);
  const type = schema['type'];
  if (isArray(type)) return type.reduce<Shape>((shape, one) => merge(shape, parse({ type: one }, depth + 1)), nothing);
  switch (type) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return { [type]: true };
    case 'array':
      return { array: schema['items'] === undefined ? nothing : parse(schema['items'] as JsonSchema, depth + 1) };
    case 'object':
      break;
    default:
      return anything;
  }
  if (schema['additionalProperties'] !== undefined) {
    return { object: { kind: 'map', values: parse(schema['additionalProperties'] as JsonSchema, depth + 1) } };
  }
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const members = new Map(Object.keys(properties).map((name) => [name, parse(properties[name] as JsonSchema, depth + 1)]));
  const required = new Set(isArray(schema['required']) ? schema['required'].filter((name) => typeof name === 'string') : []);
  return { object: { kind: 'members', members, required } };
}

function isEmpty(shape: Shape): boolean {
  return Object.keys(shape).length === 0;
}

function isArray(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value);
}
