import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import { isJsonObject } from '../json.js';
import { anyArray, anyObject, nothing, type ArrayShape, type ObjectShape, type Shape } from './shape.js';

/** More values than this of one JSON type are that type. */
const maximumLiterals = 3_000;
/** More arrays, or more objects, are any. */
const maximumStructures = 500;

/** Exactly these values, arrays and objects included. */
export function literals(values: readonly JsonValue[]): Shape {
  const shape = { null: false, true: false, false: false };
  const numbers = new Set<number>();
  const strings = new Set<string>();
  const arrays: ArrayShape[] = [];
  const objects: ObjectShape[] = [];
  for (const value of values) {
    if (value === null) shape.null = true;
    else if (typeof value === 'boolean') shape[`${value}`] = true;
    else if (typeof value === 'number') numbers.add(value);
    else if (typeof value === 'string') strings.add(value);
    else if (Array.isArray(value)) arrays.push(arrayLiteral(value as readonly JsonValue[]));
    else if (isJsonObject(value)) objects.push(objectLiteral(value));
  }
  return {
    ...nothing,
    ...shape,
    number: scalars(numbers),
    string: scalars(strings),
    arrays: arrays.length > maximumStructures ? [anyArray] : arrays,
    objects: objects.length > maximumStructures ? [anyObject] : objects,
  };
}

export function literalSchema(value: JsonValue): JsonSchema {
  return { const: value };
}

function scalars<T>(values: ReadonlySet<T>): boolean | ReadonlySet<T> {
  return values.size > maximumLiterals ? true : values.size > 0 && values;
}

function arrayLiteral(value: readonly JsonValue[]): ArrayShape {
  return { atoms: [{ prefix: value.map(literalSchema), rest: false }], least: value.length, most: value.length };
}

function objectLiteral(value: JsonObject): ObjectShape {
  const names = Object.keys(value);
  const properties: Record<string, JsonSchema> = Object.create(null) as Record<string, JsonSchema>;
  for (const name of names) properties[name] = literalSchema(value[name]!);
  return {
    atoms: [{ properties: properties, patterns: [], rest: false, names: undefined, looksComplete: false }],
    required: names,
  };
}
