import { format, Validator, type OutputUnit, type SchemaDraft } from '@cfworker/json-schema';
import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import { isJsonObject } from '../json.js';
import { isSchema, mapSchemas, subschemas } from './keywords.js';
import { isShort, Pattern } from './pattern.js';

export interface ArgumentProblem {
  /** As code writes it from the argument on: `filter.labels[0]`; `''` is the argument itself. */
  readonly path: string;
  /** One sentence: what was expected, and what came. */
  readonly message: string;
}

const maximumProblems = 10;

/**
 * Validates values against a schema of any draft, without generating code. What no validator can do safely for a
 * stranger's schema is left out: external references, patterns that are wrong or could take for ever, `format` (an
 * annotation). A schema that cannot be used at all validates nothing.
 * @returns the problems of a value, at most {@link maximumProblems}; none where it fits or nothing can be said.
 */
export function createValidator(schema: JsonSchema): (value: unknown) => readonly ArgumentProblem[] {
  let validator: Validator | undefined;
  let triesNames = false;
  return (value) => {
    try {
      if (validator === undefined) {
        validator = compile(schema);
        triesNames = usesPatternProperties(schema);
      }
      const text = value === undefined ? '{}' : JSON.stringify(value);
      const instance: unknown = JSON.parse(text);
      if (triesNames && hasLongName(instance)) return [];
      const result = validator.validate(instance);
      if (result.valid) return [];
      return explain(result.errors, validator, instance);
    } catch {
      // A schema that refers to itself without end or nests deeper than the stack, a pattern nobody can try: nothing can be said.
      return [];
    }
  };
}

/** Whether it may try patterns on names; generous, since a reference may lead anywhere. */
function usesPatternProperties(schema: JsonSchema): boolean {
  return someObject(schema, (one) => 'patternProperties' in one);
}

/** A name that the engine of JavaScript, which the validator gives names to, may take for ever to match. */
function hasLongName(instance: unknown): boolean {
  return someObject(instance, (one) => Object.keys(one).some((name) => !isShort(name)));
}

function someObject(value: unknown, test: (object: object) => boolean): boolean {
  const seen = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    if (!Array.isArray(one) && test(one)) return true;
    for (const inner of Object.values(one)) open.push(inner);
  }
  return false;
}

function compile(schema: JsonSchema): Validator {
  const cleaning: Cleaning = { incomplete: new WeakSet(), doubtsReferences: false };
  let clean = mapSchemas(schema, (one) => sanitise(one, cleaning));
  if (isJsonObject(clean) && cleaning.incomplete.has(clean)) clean = mapSchemas(schema, (one) => sanitise(one, { ...cleaning, doubtsReferences: true }));
  const validator = new Validator(clean, draftOf(schema), false);
  dropUnresolved(clean, validator);
  return validator;
}

/** The newest draft is the default for MCP (2025-11-25, SEP-1613), and schemas of older ones mean the same there but for `$ref`. */
function draftOf(schema: JsonSchema): SchemaDraft {
  const dialect = isJsonObject(schema) && typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
  // Draft 4 differs only in its flags for exclusive bounds, which are made numbers here.
  return /draft-0[3-7]/.test(dialect) ? '7' : '2020-12';
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
  /** Schemas that allow more than they did, and those around them. */
  readonly incomplete: WeakSet<JsonObject>;
  /** Something in the document is incomplete, and a reference may lead to it. */
  readonly doubtsReferences: boolean;
}

/** The schema with what can be asserted. */
function sanitise(schema: JsonObject, { incomplete, doubtsReferences }: Cleaning): JsonObject {
  const clean: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
  let lost = false;
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
  if (lost || [...subschemas(clean)].some((inner) => isJsonObject(inner) && incomplete.has(inner))) incomplete.add(clean);
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

type Resolved = JsonObject & { readonly __absolute_ref__?: string };

function dropUnresolved(schema: JsonSchema, validator: Validator): void {
  if (!isJsonObject(schema)) return;
  const target = (schema as Resolved).__absolute_ref__;
  const lookup = (validator as unknown as { readonly lookup: Record<string, unknown> }).lookup;
  if (target !== undefined && lookup[target] === undefined) delete (schema as { $ref?: unknown }).$ref;
  for (const inner of subschemas(schema)) dropUnresolved(inner, validator);
}

/** Keywords whose own error only says that something inside is wrong. */
const containers = new Set([
  '$ref', '$recursiveRef', 'allOf', 'if', 'properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties', 'items',
  'prefixItems', 'additionalItems', 'unevaluatedItems', 'dependentSchemas', 'dependencies', 'propertyNames',
]);

function explain(errors: readonly OutputUnit[], validator: Validator, instance: unknown): readonly ArgumentProblem[] {
  const problems = new Map<string, ArgumentProblem>();
  for (const error of withoutLosingBranches(errors)) {
    if (containers.has(error.keyword) && errors.some((other) => other !== error && isInside(other, error))) continue;
    const path = pathOf(error.instanceLocation);
    const message = messageOf(error, errors, validator, instance);
    problems.set(`${path}\n${message}`, { path, message });
  }
  return [...problems.values()].slice(0, maximumProblems);
}

/** Of an `anyOf` or `oneOf` where nothing matched, only the branch that came closest is worth explaining. */
function withoutLosingBranches(errors: readonly OutputUnit[]): readonly OutputUnit[] {
  let kept = errors;
  for (const union of errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')) {
    const prefix = `${union.keywordLocation}/`;
    const branches = new Map<string, OutputUnit[]>();
    for (const error of kept) {
      if (error === union || !error.keywordLocation.startsWith(prefix)) continue;
      const branch = error.keywordLocation.slice(prefix.length).split('/')[0]!;
      branches.set(branch, [...(branches.get(branch) ?? []), error]);
    }
    // A branch of another type, or another discriminator, was never meant.
    const meant = [...branches.values()].filter(
      (branch) => !branch.some((error) => error.instanceLocation === union.instanceLocation && ['type', 'enum', 'const', 'false'].includes(error.keyword)),
    );
    const close = meant.sort((a, b) => a.length - b.length)[0];
    const losers = new Set([...branches.values()].filter((branch) => branch !== close).flat());
    if (close) losers.add(union);
    kept = kept.filter((error) => !losers.has(error));
  }
  return kept;
}

function isInside(inner: OutputUnit, outer: OutputUnit): boolean {
  // A `false` schema reports the instance's location as its own.
  if (inner.keyword === 'false') return inner.instanceLocation.startsWith(`${outer.instanceLocation}/`);
  return inner.keywordLocation.startsWith(outer.keywordLocation) && inner.instanceLocation.startsWith(outer.instanceLocation) && !containers.has(inner.keyword);
}

function messageOf(error: OutputUnit, errors: readonly OutputUnit[], validator: Validator, instance: unknown): string {
  const expected = at(validator, error.keywordLocation);
  const actual = `got ${shown(valueAt(instance, error.instanceLocation))}`;
  const list = (value: unknown): string => (Array.isArray(value) ? value.map((one) => shown(one)).join(', ') : shown(value));
  switch (error.keyword) {
    case 'type':
      return `expected ${Array.isArray(expected) ? expected.join(' or ') : String(expected)}, ${actual}`;
    case 'enum':
      return `expected one of ${clip(list(expected), 400)}, ${actual}`;
    case 'const':
      return `expected ${shown(expected)}, ${actual}`;
    case 'required':
    case 'dependentRequired':
      return `misses the required property ${/"(.*)"\.$/s.exec(error.error)?.[1] ?? ''}`.trim();
    case 'minimum':
      return `expected a number of at least ${String(expected)}, ${actual}`;
    case 'maximum':
      return `expected a number of at most ${String(expected)}, ${actual}`;
    case 'exclusiveMinimum':
      return `expected a number above ${String(expected)}, ${actual}`;
    case 'exclusiveMaximum':
      return `expected a number below ${String(expected)}, ${actual}`;
    case 'multipleOf':
      return `expected a multiple of ${String(expected)}, ${actual}`;
    case 'minLength':
      return `expected at least ${String(expected)} characters, ${actual}`;
    case 'maxLength':
      return `expected at most ${String(expected)} characters, ${actual}`;
    case 'format':
      return `expected text that matches /${String(expected).slice('pattern '.length)}/, ${actual}`;
    case 'minItems':
      return `expected at least ${String(expected)} items, got ${lengthOf(instance, error)}`;
    case 'maxItems':
      return `expected at most ${String(expected)} items, got ${lengthOf(instance, error)}`;
    case 'uniqueItems':
      return 'expected items that all differ';
    case 'anyOf':
    case 'oneOf': {
      const count = Array.isArray(expected) ? expected.length : 0;
      const types = Array.isArray(expected) ? expected.map((one) => (isJsonObject(one) ? one['type'] : undefined)) : [];
      const known = types.every((type) => typeof type === 'string') ? `: ${[...new Set(types)].join(' or ')}` : '';
      return /more|[2-9]\d* matches/.test(error.error)
        ? `expected exactly one of ${count} alternatives to fit, ${actual}`
        : `expected one of ${count} alternatives${known}, ${actual}`;
    }
    case 'false': {
      const owner = errors.find((other) => other.keyword.endsWith('dditionalProperties') || other.keyword === 'unevaluatedProperties');
      return owner ? `is not a known property, ${actual}` : `must not be given, ${actual}`;
    }
    default:
      return `${error.error.replace(/^Instance/, 'the value').replace(/\.$/, '')}, ${actual}`;
  }
}

function lengthOf(instance: unknown, error: OutputUnit): string {
  const value = valueAt(instance, error.instanceLocation);
  return Array.isArray(value) ? String(value.length) : shown(value);
}

/** The schema value that a keyword location names, through references. */
function at(validator: Validator, location: string): unknown {
  const { schema, lookup } = validator as unknown as { readonly schema: unknown; readonly lookup: Record<string, unknown> };
  let node: unknown = schema;
  for (const token of tokens(location)) {
    if (!isJsonObject(node) && !Array.isArray(node)) return undefined;
    node = token === '$ref' ? lookup[(node as Resolved).__absolute_ref__ ?? ''] : (node as Record<string, unknown>)[token];
  }
  return node;
}

function valueAt(instance: unknown, location: string): unknown {
  return tokens(location).reduce<unknown>(
    (value, token) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[token] : undefined),
    instance,
  );
}

function tokens(location: string): string[] {
  return location.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathOf(location: string): string {
  return tokens(location).reduce((path, token) => {
    if (/^\d+$/.test(token)) return `${path}[${token}]`;
    if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(token)) return path === '' ? token : `${path}.${token}`;
    return `${path}[${JSON.stringify(token)}]`;
  }, '');
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : clip(JSON.stringify(value), 120);
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
