import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject, JsonSchema, JsonValue } from '../../../src/json.js';
import { isJsonObject } from '../../../src/json.js';
import { mapSchemas } from '../../../src/typings/keywords.js';
import { createValidator } from '../../../src/typings/validation/validate.js';

/** One schema of the JSON Schema Test Suite with its instances. */
export interface SuiteCase {
  readonly keyword: string;
  readonly draft: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly instances: readonly SuiteInstance[];
}

export interface SuiteInstance {
  readonly data: JsonValue;
  readonly valid: boolean;
  /** Valid only because no keyword of the schema looks at values of its type. */
  readonly offType: boolean;
  /** Invalid for a reason that a type can express. */
  readonly core: boolean;
}

interface SuiteGroup {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly tests: readonly { readonly data: JsonValue; readonly valid: boolean }[];
}

/** Schemas of draft 7 and 2020-12 below a `tests` folder; those that refer to remote documents are left out. */
export function readSuite(directory: string): readonly SuiteCase[] {
  const cases: SuiteCase[] = [];
  for (const draft of ['draft7', 'draft2020-12']) {
    const folder = path.join(directory, draft);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'refRemote.json' && name !== 'vocabulary.json').sort()) {
      const groups = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as SuiteGroup[];
      for (const group of groups) {
        if (/"\$ref":"https?:\/\/(json-schema\.org|localhost:1234\/(?!.*"\$id"))/.test(JSON.stringify(group.schema))) continue;
        const keyword = path.basename(file, '.json');
        const schema = isJsonObject(group.schema) && draft === 'draft7' ? { $schema: 'http://json-schema.org/draft-07/schema#', ...group.schema } : group.schema;
        const expressible = createValidator(strip(schema));
        cases.push({
          keyword,
          draft,
          description: group.description,
          schema,
          instances: group.tests.map(({ data, valid }) => ({
            data,
            valid,
            offType: valid && isOffType(schema, data),
            core: !valid && expressible(data).length > 0,
          })),
        });
      }
    }
  }
  return cases;
}

const inexpressible = new Set([
  'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern', 'format', 'minItems', 'maxItems',
  'uniqueItems', 'contains', 'minContains', 'maxContains', 'minProperties', 'maxProperties', 'propertyNames', 'not', 'if', 'then', 'else',
  'dependencies', 'dependentRequired', 'dependentSchemas', 'unevaluatedProperties', 'unevaluatedItems', 'patternProperties',
  'contentMediaType', 'contentEncoding', 'contentSchema',
]);

/** The schema without what no type expresses. */
export function strip(schema: JsonSchema): JsonSchema {
  return mapSchemas(schema, (one) => {
    const { oneOf, ...rest } = one;
    const kept = Object.entries(rest).filter(([keyword, value]) => !inexpressible.has(keyword) && !(keyword === 'type' && value === 'integer'));
    const integers = one['type'] === 'integer' ? { type: 'number' } : {};
    // Additional members are those that no pattern claims, so without patterns nothing can be said of them.
    const loose = 'patternProperties' in one ? kept.filter(([keyword]) => keyword !== 'additionalProperties') : kept;
    const union: JsonObject = Array.isArray(oneOf) ? { allOf: [{ anyOf: oneOf as JsonValue[] }, ...((one['allOf'] as JsonValue[] | undefined) ?? [])] } : {};
    return { ...Object.fromEntries(loose), ...integers, ...union } as JsonObject;
  });
}

const objectKeywords = ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames', 'minProperties', 'maxProperties', 'dependentRequired', 'dependentSchemas', 'dependencies', 'unevaluatedProperties'];
const arrayKeywords = ['items', 'prefixItems', 'additionalItems', 'contains', 'minItems', 'maxItems', 'uniqueItems', 'minContains', 'maxContains', 'unevaluatedItems'];
const stringKeywords = ['minLength', 'maxLength', 'pattern', 'format', 'contentMediaType', 'contentEncoding', 'contentSchema'];
const numberKeywords = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];

function isOffType(schema: JsonSchema, data: JsonValue): boolean {
  if (!isJsonObject(schema)) return false;
  const kind = Array.isArray(data) ? arrayKeywords : typeof data === 'object' && data !== null ? objectKeywords : typeof data === 'string' ? stringKeywords : typeof data === 'number' ? numberKeywords : [];
  const all = [...objectKeywords, ...arrayKeywords, ...stringKeywords, ...numberKeywords];
  const keywords = Object.keys(schema);
  const general = ['type', 'enum', 'const', '$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if'];
  return !keywords.some((one) => general.includes(one)) && keywords.some((one) => all.includes(one)) && !keywords.some((one) => kind.includes(one));
}
