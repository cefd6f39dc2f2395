import { format } from '@cfworker/json-schema';
import type { JsonObject, JsonSchema, JsonValue } from '../../json.js';
import { isJsonObject } from '../../json.js';
import { SchemaDocument } from '../document.js';
import { isSchema, mapSchemas, subschemas } from '../keywords.js';
import { Pattern } from '../pattern.js';

/** A copy that the validator can be given, whatever a stranger's schema is made of: what cannot be asserted is left out, and rejects nothing. */
export function sanitised(schema: JsonSchema): JsonSchema {
  const cleaning: Cleaning = { document: new SchemaDocument(schema), incomplete: new WeakSet(), doubtsReferences: false };
  const clean = mapSchemas(schema, (copy, one) => sanitise(copy, one, cleaning));
  if (!isJsonObject(clean) || !cleaning.incomplete.has(clean)) return clean;
  return mapSchemas(schema, (copy, one) => sanitise(copy, one, { ...cleaning, doubtsReferences: true }));
}

const isCount = (value: JsonValue): boolean => typeof value === 'number' && value >= 0;
const isNumber = (value: JsonValue): boolean => typeof value === 'number' && Number.isFinite(value);
const isString = (value: JsonValue): boolean => typeof value === 'string';
const isNames = (value: JsonValue): boolean => Array.isArray(value) && value.every((name) => typeof name === 'string');
const isSchemaList = (value: JsonValue): boolean => Array.isArray(value) && value.length > 0 && value.every(isSchema);
const isSchemaMap = (value: JsonValue): boolean => isJsonObject(value) && Object.values(value).every(isSchema);
const types = new Set<JsonValue>(['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']);
const isType = (value: JsonValue): boolean =>
  types.has(value) || (Array.isArray(value) && value.length > 0 && value.every((one: JsonValue) => types.has(one)));

/** The keywords that are asserted, and what their value must look like to be. */
const asserted: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  $ref: isString, $id: isString, id: isString, $anchor: isString, $recursiveRef: isString,
  $recursiveAnchor: (value) => typeof value === 'boolean',
  $defs: isSchemaMap, definitions: isSchemaMap,
  type: isType, enum: Array.isArray, const: () => true,
  not: isSchema, if: isSchema, then: isSchema, else: isSchema,
  allOf: isSchemaList, anyOf: isSchemaList, oneOf: isSchemaList,
  properties: isSchemaMap, patternProperties: isSchemaMap, additionalProperties: isSchema, unevaluatedProperties: isSchema,
  propertyNames: isSchema, required: isNames, minProperties: isCount, maxProperties: isCount,
  dependentRequired: (value) => isJsonObject(value) && Object.values(value).every(isNames),
  dependentSchemas: isSchemaMap,
  dependencies: (value) => isJsonObject(value) && Object.values(value).every((one) => isSchema(one) || isNames(one)),
  prefixItems: isSchemaList, items: (value) => isSchema(value) || isSchemaList(value), additionalItems: isSchema, unevaluatedItems: isSchema,
  contains: isSchema, minContains: isCount, maxContains: isCount, minItems: isCount, maxItems: isCount,
  uniqueItems: (value) => typeof value === 'boolean',
  minimum: isNumber, maximum: isNumber, exclusiveMinimum: isNumber, exclusiveMaximum: isNumber,
  multipleOf: (value) => typeof value === 'number' && value > 0, minLength: isCount, maxLength: isCount,
  pattern: (value) => typeof value === 'string' && Pattern.of(value) !== undefined,
};

interface Cleaning {
  readonly document: SchemaDocument;
  /** Schemas that allow more than they did, and those around them. */
  readonly incomplete: WeakSet<JsonObject>;
  /** Something in the document is incomplete, and a reference may lead to it. */
  readonly doubtsReferences: boolean;
}

/** The schema, whose insides are clean, with what can be asserted; `original` is itself in its document. */
function sanitise(schema: JsonObject, original: JsonObject, { document, incomplete, doubtsReferences }: Cleaning): JsonObject {
  const clean: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
  // The validator knows no reference that is resolved at run time, and nothing is fetched.
  let lost = '$dynamicRef' in schema;
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword]!;
    if (Object.hasOwn(asserted, keyword)) {
      if (asserted[keyword]!(value)) clean[keyword] = value;
      else lost = true;
    } else if (isJsonObject(value) && !isAnnotation.has(keyword)) {
      // A reference may point anywhere, so places of unknown meaning stay.
      clean[keyword] = value;
    }
  }
  if (clean['$ref'] !== undefined && document.target(original) === undefined) {
    delete clean['$ref'];
    lost = true;
  }
  // Draft 4 wrote exclusive bounds as flags.
  if (schema['exclusiveMinimum'] === true && isNumber(schema['minimum'] ?? null)) clean['exclusiveMinimum'] = schema['minimum']!;
  if (schema['exclusiveMaximum'] === true && isNumber(schema['maximum'] ?? null)) clean['exclusiveMaximum'] = schema['maximum']!;
  // `id` names a schema in draft 4 only by a URI; elsewhere it is somebody's own keyword.
  if (typeof clean['id'] === 'string' && !/[:#]/.test(clean['id'])) delete clean['id'];
  // OpenAPI's way to say "or null".
  if (schema['nullable'] === true && clean['type'] !== undefined) {
    clean['type'] = [...new Set([...(Array.isArray(clean['type']) ? (clean['type'] as readonly JsonValue[]) : [clean['type']]), 'null'])];
    if (Array.isArray(clean['enum'])) clean['enum'] = [...(clean['enum'] as readonly JsonValue[]), null];
  }
  // The validator does not count what `contains` accounts for (2020-12 Core 11.2).
  if (clean['unevaluatedItems'] !== undefined && JSON.stringify(clean).includes('"contains"')) {
    delete clean['unevaluatedItems'];
    lost = true;
  }
  if (typeof clean['pattern'] === 'string') {
    clean['format'] = formatOf(clean['pattern']);
    delete clean['pattern'];
  }
  if (isJsonObject(clean['patternProperties'])) {
    const patterns = Object.entries(clean['patternProperties']).filter(([pattern]) => Pattern.of(pattern)?.isTame);
    if (patterns.length < Object.keys(clean['patternProperties']).length) {
      // Which members the lost pattern would have claimed is unknown, so none can be called additional.
      delete clean['additionalProperties'];
      delete clean['unevaluatedProperties'];
      lost = true;
    }
    clean['patternProperties'] = Object.fromEntries(patterns);
  }
  // What allows more than it did must not forbid more than it did: where its failure counts, it is not asked.
  const isSure = (value: JsonValue | undefined): boolean => !isJsonObject(value) || (!incomplete.has(value) && !(doubtsReferences && JSON.stringify(value).includes('"$ref"')));
  const alternatives = clean['oneOf'];
  if (Array.isArray(alternatives) && !(alternatives as readonly JsonValue[]).every(isSure)) {
    delete clean['oneOf'];
    clean['allOf'] = [...(Array.isArray(clean['allOf']) ? (clean['allOf'] as readonly JsonValue[]) : []), { anyOf: alternatives }];
    lost = true;
  }
  for (const keyword of ['not', 'if']) {
    if (isSure(clean[keyword])) continue;
    delete clean[keyword];
    lost = true;
  }
  const isIncomplete = lost || [...subschemas(clean)].some((inner) => isJsonObject(inner) && incomplete.has(inner));
  if (isIncomplete) incomplete.add(clean);
  // What was left out may have accounted for members and items.
  for (const keyword of ['unevaluatedProperties', 'unevaluatedItems']) {
    if (clean[keyword] === undefined || (!isIncomplete && isSure(clean))) continue;
    delete clean[keyword];
    incomplete.add(clean);
  }
  return clean;
}

const isAnnotation = new Set(['default', 'examples', 'example', '$comment', 'title', 'description', '$vocabulary', 'discriminator', 'xml', 'externalDocs']);

const mostFormats = 5_000;
const formats = new Map<string, string>();

/**
 * The validator tries patterns with JavaScript's own engine, which a pattern can keep busy for ever; formats are whatever is
 * registered. So a pattern goes by a format of its own. Where nobody can tell whether it matches, nothing is said of the value.
 */
function formatOf(source: string): string {
  let name = formats.get(source);
  if (name === undefined) {
    const pattern = Pattern.of(source);
    if (formats.size >= mostFormats) {
      for (const old of formats.values()) delete table[old];
      formats.clear();
    }
    formats.set(source, (name = `pattern ${source}`));
    table[name] = (text) => {
      const isMatch = pattern?.test(text);
      if (isMatch === undefined) throw new Undecided();
      return isMatch;
    };
  }
  return name;
}

const table = format as Record<string, (text: string) => boolean>;
class Undecided extends Error {}
