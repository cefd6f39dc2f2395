import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import { isJsonObject } from '../json.js';
import { accountedItems, accountedMembers, mentionedMembers } from './accounted.js';
import { complement } from './complement.js';
import type { SchemaDocument } from './document.js';
import { isSchema } from './keywords.js';
import { literals } from './literals.js';
import { Pattern } from './pattern.js';
import { anyArray, anyObject, anything, both, either, isAnyObject, isNothing, mentioning, nothing, unseen, type ObjectAtom, type Shape } from './shape.js';

/** Schemas read for one document before the rest counts as anything: four times those of the largest real tool, and some milliseconds. */
const maximumReads = 2_000;

/** Reads schemas of one document as shapes. Never throws; a keyword with a value of the wrong kind is not there. */
export class Reader {
  private readonly known = new Map<JsonObject, Shape>();
  private readonly open = new Set<JsonObject>();
  private reads = 0;

  constructor(readonly document: SchemaDocument) {}

  /** Values that all of the schemas allow. */
  readAll(schemas: readonly JsonSchema[]): Shape {
    return schemas.reduce<Shape>((shape, schema) => both(shape, this.read(schema)), anything);
  }

  read(schema: JsonSchema | undefined): Shape {
    if (schema === false) return nothing;
    if (!isJsonObject(schema)) return anything;
    const known = this.known.get(schema);
    if (known) return known;
    // A schema that refers to itself in place adds nothing to itself.
    if (this.open.has(schema)) return anything;
    if (this.open.size > 200 || !this.mayRead()) return unseen;
    this.open.add(schema);
    const shape = this.readKeywords(schema);
    this.open.delete(schema);
    this.known.set(schema, shape);
    return shape;
  }

  /** Counts one more schema looked at; false once there were too many. */
  mayRead(): boolean {
    return ++this.reads <= maximumReads;
  }

  /** A made-up schema that is read as if it stood where `from` stands. */
  make(made: JsonObject, from: JsonObject): JsonObject {
    this.document.adopt(made, from);
    return made;
  }

  private readKeywords(schema: JsonObject): Shape {
    const hasReference = '$ref' in schema || '$dynamicRef' in schema || '$recursiveRef' in schema;
    if (hasReference && this.document.referencesHideSiblings && typeof schema['$ref'] === 'string') return this.follow(schema);
    // The reference first: following it tells what kind of document this is.
    const referenced = hasReference ? this.follow(schema) : anything;
    let shape = both(referenced, ownShape(schema, this.document.isExtensible));
    for (const keyword in schema) {
      if (combining.has(keyword)) {
        shape = this.combine(schema, shape);
        break;
      }
    }
    if (schema['nullable'] === true && 'type' in schema) shape = either(shape, onlyNull);
    return shape;
  }

  private follow(reference: JsonObject): Shape {
    const target = this.document.target(reference);
    return target === undefined ? unseen : this.read(target);
  }

  private combine(schema: JsonObject, own: Shape): Shape {
    let shape = own;
    for (const inner of schemaList(schema['allOf'])) shape = both(shape, this.read(inner));
    const anyOf = schemaList(schema['anyOf']);
    if (anyOf.length > 0) shape = both(shape, this.naming(this.union(anyOf), anyOf));
    const oneOf = schemaList(schema['oneOf']);
    if (oneOf.length > 0) shape = both(shape, this.naming(this.exclusiveUnion(oneOf), oneOf));
    if (isSchema(schema['not'])) shape = both(shape, complement(schema['not'], this));
    if (isSchema(schema['if'])) {
      const then = isSchema(schema['then']) ? this.read(schema['then']) : anything;
      const otherwise = isSchema(schema['else']) ? this.read(schema['else']) : anything;
      const cases = then === anything && otherwise === anything ? anything : either(both(this.read(schema['if']), then), both(complement(schema['if'], this), otherwise));
      shape = both(shape, this.naming(cases, [schema['if'], schema['then'], schema['else']].filter(isSchema)));
    }
    for (const [name, dependents] of dependencies(schema)) shape = both(shape, this.dependency(name, dependents));
    if (shape.objects.length > 0 && isSchema(schema['unevaluatedProperties'])) {
      const accounted = accountedMembers(schema, this.document);
      if (accounted !== 'all') {
        const atom: ObjectAtom = { ...emptyAtom, rest: schema['unevaluatedProperties'], accounted };
        shape = both(shape, { ...anything, objects: [{ atoms: [atom], required: [] }] });
      }
    }
    if (shape.arrays.length > 0 && isSchema(schema['unevaluatedItems'])) {
      const accounted = accountedItems(schema, this.document);
      if (accounted !== 'all') {
        const atom = { prefix: new Array<JsonSchema>(accounted).fill(true), rest: schema['unevaluatedItems'] };
        shape = both(shape, { ...anything, arrays: [{ atoms: [atom], least: 0, most: Infinity }] });
      }
    }
    return shape;
  }

  /** What came of the branches, with the names of members that are in them and no longer in it. */
  private naming(shape: Shape, branches: readonly JsonSchema[]): Shape {
    if (shape.objects.length !== 1 || !isAnyObject(shape.objects[0]!)) return shape;
    const mentions = mentionedMembers(branches, this.document);
    return mentions !== 'all' && mentions.size === 0 ? shape : { ...shape, objects: [{ atoms: [...shape.objects[0]!.atoms, mentioning(mentions)], required: [] }] };
  }

  private union(branches: readonly JsonSchema[]): Shape {
    return branches.reduce<Shape>((shape, branch) => either(shape, this.read(branch)), nothing);
  }

  /**
   * Exactly one branch: each without what the others allow, where that is easily said, which is for branches that are
   * boolean, or that only require members (`oneOf: [{ required: ['id'] }, { required: ['slug'] }]`).
   */
  private exclusiveUnion(branches: readonly JsonSchema[]): Shape {
    const isEasy = (branch: JsonSchema): boolean =>
      typeof branch === 'boolean' || Object.keys(branch).every((keyword) => keyword === 'required' || keyword === 'description' || keyword === 'title');
    if (branches.length > 6 || !branches.some(isEasy)) return this.union(branches);
    return branches.reduce<Shape>((sum, branch, index) => {
      const others = branches.filter((other, at) => at !== index && isEasy(other));
      return either(sum, others.reduce((shape, other) => both(shape, complement(other, this)), this.read(branch)));
    }, nothing);
  }

  private dependency(name: string, dependents: JsonSchema): Shape {
    const without: ObjectAtom = { ...emptyAtom, properties: { [name]: false } };
    const absent: Shape = { ...anything, objects: [{ atoms: [without], required: [] }] };
    const present: Shape = { ...nothing, objects: [{ atoms: [], required: [name] }] };
    return either(absent, both(present, this.read(dependents)));
  }
}

const emptyAtom: ObjectAtom = { properties: undefined, patterns: [], rest: undefined, names: undefined, looksComplete: false };
const onlyNull: Shape = { ...nothing, null: true };

const combining = new Set([
  'allOf', 'anyOf', 'oneOf', 'not', 'if', 'dependentRequired', 'dependentSchemas', 'dependencies', 'unevaluatedProperties', 'unevaluatedItems',
]);

/** The shape of one JSON type. */
const kinds: Readonly<Record<string, Shape>> = {
  null: onlyNull,
  boolean: { ...nothing, true: true, false: true },
  number: { ...nothing, number: true },
  integer: { ...nothing, number: true },
  string: { ...nothing, string: true },
  array: { ...nothing, arrays: [anyArray] },
  object: { ...nothing, objects: [anyObject] },
};

export function kindShape(type: string): Shape | undefined {
  return Object.hasOwn(kinds, type) ? kinds[type] : undefined;
}

/** What `type`, `enum`, `const` and the keywords for arrays and objects say by themselves. */
function ownShape(schema: JsonObject, isExtensible: boolean): Shape {
  const type = schema['type'];
  let shape = typeof type === 'string' ? (kindShape(type) ?? anything) : anything;
  if (Array.isArray(type) && type.length > 0) {
    shape = type.reduce<Shape>((sum, one: JsonValue) => either(sum, (typeof one === 'string' ? kindShape(one) : undefined) ?? anything), nothing);
  }
  if (Array.isArray(schema['enum'])) shape = within(shape, literals(schema['enum'] as readonly JsonValue[]));
  if ('const' in schema) shape = within(shape, literals([schema['const']!]));
  const isTyped = shape !== anything;
  if (shape.arrays.length > 0) {
    const array = arrayShape(schema);
    if (array) shape = both(shape, array);
  }
  if (shape.objects.length > 0) {
    const object = objectShape(schema, isTyped && !isExtensible);
    if (object) shape = both(shape, object);
  }
  return shape;
}

/** Of values that contradict the type beside them, the values are what the author looked at. */
function within(shape: Shape, values: Shape): Shape {
  const result = both(shape, values);
  return isNothing(result) ? values : result;
}

function arrayShape(schema: JsonObject): Shape | undefined {
  const { items, prefixItems, additionalItems } = schema as Record<string, unknown>;
  const least = count(schema['minItems']) ?? 0;
  const most = count(schema['maxItems']) ?? Infinity;
  const isTuple = Array.isArray(prefixItems) || Array.isArray(items);
  const prefix = ((Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : []) as unknown[]).map((one) => (isSchema(one) ? one : true));
  const later = Array.isArray(items) ? additionalItems : items;
  const rest = isSchema(later) && later !== true ? later : undefined;
  if (!isTuple && rest === undefined && least === 0 && most === Infinity) return undefined;
  const atoms = isTuple || rest !== undefined ? [{ prefix, rest }] : [];
  return { ...anything, arrays: least > most ? [] : [{ atoms, least, most }] };
}

function objectShape(schema: JsonObject, mayBeComplete: boolean): Shape | undefined {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : undefined;
  const required = Array.isArray(schema['required']) ? [...new Set((schema['required'] as unknown[]).slice(0, maximumRequired))].filter((name) => typeof name === 'string') : [];
  const additional = schema['additionalProperties'];
  const patterns = isJsonObject(schema['patternProperties']) ? patternsOf(schema['patternProperties']) : { list: [], isWhole: true };
  const names = isSchema(schema['propertyNames']) && !isPlainName(schema['propertyNames']) ? schema['propertyNames'] : undefined;
  // Which members a pattern that does not compile claims is unknown, so nothing can be said of the others.
  const rest = isSchema(additional) && patterns.isWhole ? additional : undefined;
  const most = count(schema['maxProperties']);
  if (!properties && required.length === 0 && rest === undefined && patterns.list.length === 0 && names === undefined && most !== 0) return undefined;
  const says = properties !== undefined || rest !== undefined || patterns.list.length > 0 || names !== undefined || most === 0;
  const looksComplete =
    mayBeComplete && properties !== undefined && additional === undefined && schema['patternProperties'] === undefined && schema['unevaluatedProperties'] === undefined && !mentionsOthers(schema, properties);
  const atom: ObjectAtom = { properties, patterns: patterns.list, rest: most === 0 ? false : rest, names, looksComplete };
  return { ...anything, objects: [{ atoms: says ? [atom] : [], required, origin: schema }] };
}

/** Speaks, in what depends on a member, of members that it does not list: so the list is not all there is. */
function mentionsOthers(schema: JsonObject, properties: JsonObject): boolean {
  for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
    const map = schema[keyword];
    if (!isJsonObject(map)) continue;
    for (const name of Object.keys(map)) {
      const value: unknown = map[name];
      const needed: unknown = isJsonObject(value) ? value['required'] : value;
      if (!Object.hasOwn(properties, name) || (Array.isArray(needed) && needed.some((one) => typeof one === 'string' && !Object.hasOwn(properties, one)))) return true;
      if (isJsonObject(value) && isJsonObject(value['properties']) && Object.keys(value['properties']).some((one) => !Object.hasOwn(properties, one))) return true;
    }
  }
  return false;
}

/** Names of members that one schema requires. */
const maximumRequired = 2_000;
/** Patterns of one schema that are tried on every name. */
const maximumPatterns = 50;

function patternsOf(patternProperties: JsonObject): { readonly list: readonly (readonly [Pattern, JsonSchema])[]; readonly isWhole: boolean } {
  const sources = Object.keys(patternProperties);
  const list = sources.slice(0, maximumPatterns).flatMap((source): (readonly [Pattern, JsonSchema])[] => {
    const pattern = Pattern.of(source);
    const schema = patternProperties[source];
    return pattern === undefined ? [] : [[pattern, isSchema(schema) ? schema : true]];
  });
  return { list, isWhole: list.length === sources.length };
}

/** `{ type: 'string' }` says nothing about a name. */
function isPlainName(schema: JsonSchema): boolean {
  return schema === true || (isJsonObject(schema) && Object.keys(schema).every((keyword) => keyword === 'type' || keyword === 'description') && schema['type'] === 'string');
}

export function dependencies(schema: JsonObject): readonly (readonly [name: string, dependents: JsonSchema])[] {
  const result: (readonly [string, JsonSchema])[] = [];
  for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
    const map = schema[keyword];
    if (!isJsonObject(map)) continue;
    for (const name of Object.keys(map).slice(0, 8)) {
      const value = map[name];
      if (Array.isArray(value) && value.length > 0) result.push([name, { required: value as JsonValue[] }]);
      else if (isSchema(value) && value !== true) result.push([name, value]);
    }
  }
  return result;
}

export function schemaList(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isSchema) : [];
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.ceil(value) : undefined;
}
