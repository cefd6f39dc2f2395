import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import { isJsonObject } from '../json.js';
import type { SchemaDocument } from './document.js';
import { isSchema } from './keywords.js';
import { allBut, anyArray, anyObject, anything, both, either, nothing, type ObjectAtom, type Shape } from './shape.js';

/** What the complement needs of whoever reads schemas. */
interface Reads {
  readonly document: SchemaDocument;
  read(schema: JsonSchema): Shape;
  mayRead(): boolean;
  make(made: JsonObject, from: JsonObject): JsonObject;
}

/**
 * At least the values that a schema does not allow. A value fails a schema when it fails one of its keywords, so this is
 * the union of what fails each; for keywords that types cannot express, that is every value of the kind they look at.
 */
export function complement(schema: JsonSchema, reader: Reads, depth = 0): Shape {
  if (schema === false) return anything;
  if (!isJsonObject(schema)) return nothing;
  if (depth > 8 || !reader.mayRead()) return anything;
  if (typeof schema['$ref'] === 'string' && reader.document.referencesHideSiblings) return target(schema, reader, depth);
  let shape = nothing;
  for (const keyword of Object.keys(schema)) {
    shape = either(shape, failing(keyword, schema, reader, depth));
    if (shape === anything) return anything;
  }
  return shape;
}

const strings: Shape = { ...nothing, string: true };
const numbers: Shape = { ...nothing, number: true };
const arrays: Shape = { ...nothing, arrays: [anyArray] };
const objects: Shape = { ...nothing, objects: [anyObject] };

const looksAt: Readonly<Record<string, Shape>> = {
  minLength: strings, maxLength: strings, pattern: strings, format: strings,
  contentEncoding: strings, contentMediaType: strings, contentSchema: strings,
  minimum: numbers, maximum: numbers, exclusiveMinimum: numbers, exclusiveMaximum: numbers, multipleOf: numbers,
  items: arrays, prefixItems: arrays, additionalItems: arrays, unevaluatedItems: arrays, contains: arrays, minItems: arrays, maxItems: arrays,
  uniqueItems: arrays, minContains: arrays, maxContains: arrays,
  additionalProperties: objects, patternProperties: objects, unevaluatedProperties: objects, propertyNames: objects,
  minProperties: objects, maxProperties: objects, dependentRequired: objects, dependentSchemas: anything, dependencies: anything,
  oneOf: anything, if: anything, $dynamicRef: anything, $recursiveRef: anything,
};

function failing(keyword: string, schema: JsonObject, reader: Reads, depth: number): Shape {
  const value = schema[keyword]!;
  const each = (list: readonly JsonValue[]): readonly Shape[] => list.filter(isSchema).map((one) => complement(one, reader, depth + 1));
  switch (keyword) {
    case '$ref':
      return target(schema, reader, depth);
    case 'type':
      return otherTypes(value);
    case 'const':
      return otherValues([value]);
    case 'enum':
      return Array.isArray(value) ? otherValues(value as readonly JsonValue[]) : nothing;
    case 'allOf':
      return Array.isArray(value) ? each(value as readonly JsonValue[]).reduce(either, nothing) : nothing;
    case 'anyOf':
      return Array.isArray(value) ? each(value as readonly JsonValue[]).reduce(both, anything) : nothing;
    case 'not':
      return isSchema(value) ? reader.read(value) : nothing;
    case 'required':
      return Array.isArray(value) ? eachObject(value.filter((name) => typeof name === 'string').map((name) => [name, false, false])) : nothing;
    case 'properties': {
      if (!isJsonObject(value)) return nothing;
      const names = Object.keys(value).filter((name) => isSchema(value[name]));
      return eachObject(names.map((name) => [name, reader.make({ not: value[name]! }, schema), true]));
    }
    default:
      return Object.hasOwn(looksAt, keyword) ? looksAt[keyword]! : nothing;
  }
}

function target(schema: JsonObject, reader: Reads, depth: number): Shape {
  const resolved = reader.document.target(schema);
  return resolved === undefined ? anything : complement(resolved, reader, depth + 1);
}

function otherTypes(type: JsonValue): Shape {
  const named = new Set<JsonValue>(Array.isArray(type) ? (type as readonly JsonValue[]) : [type]);
  return {
    null: !named.has('null'),
    true: !named.has('boolean'),
    false: !named.has('boolean'),
    // Not an integer still is a number.
    number: !named.has('number'),
    string: !named.has('string'),
    arrays: named.has('array') ? [] : [anyArray],
    objects: named.has('object') ? [] : [anyObject],
  };
}

/** All values but these, of arrays and objects all. */
function otherValues(values: readonly JsonValue[]): Shape {
  return {
    ...anything,
    null: !values.includes(null),
    true: !values.includes(true),
    false: !values.includes(false),
    number: allBut(new Set(values.filter((value) => typeof value === 'number'))),
    string: allBut(new Set(values.filter((value) => typeof value === 'string'))),
  };
}

function eachObject(conditions: readonly (readonly [name: string, schema: JsonSchema, isRequired: boolean])[]): Shape {
  if (conditions.length > 8) return objects;
  return {
    ...nothing,
    objects: conditions.map(([name, schema, isRequired]) => {
      const atom: ObjectAtom = { properties: { [name]: schema }, patterns: [], rest: undefined, names: undefined, looksComplete: false };
      return { atoms: [atom], required: isRequired ? [name] : [] };
    }),
  };
}
