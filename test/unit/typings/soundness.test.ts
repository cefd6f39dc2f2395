import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonSchema, JsonValue } from '../../../src/json.js';
import { isJsonObject } from '../../../src/json.js';
import { declareType } from '../../../src/typings/type.js';
import { createValidator } from '../../../src/typings/validation/validate.js';
import { judge } from '../../bench/typings/compile.js';
import { measureSoundness } from '../../bench/typings/soundness.js';

describe('generated schemas', () => {
  // The benchmark does the same with 10,000.
  it('never reject a value that an independent validator calls valid', () => {
    const { failures, instances } = measureSoundness(250, 3);
    expect(failures).toEqual([]);
    expect(instances).toBeGreaterThan(500);
  });

  it('give the same text every time, and one that ends', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (json) => {
        const first = declareType('Probe', json as JsonSchema);
        expect(first.declarations).toMatch(/type Probe = /);
        expect(declareType('Probe', structuredClone(json) as JsonSchema)).toEqual(first);
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });
});

describe('the official suite of draft 4', () => {
  interface Group {
    readonly description: string;
    readonly schema: JsonSchema;
    readonly tests: readonly { readonly data: JsonValue; readonly valid: boolean; readonly description: string }[];
  }

  const directory = path.join(path.dirname(createRequire(import.meta.url).resolve('json-schema-test-suite')), 'tests/draft4');
  const groups = readdirSync(directory)
    .filter((file) => file.endsWith('.json') && file !== 'refRemote.json')
    .flatMap((file) => (JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as Group[]).map((group) => ({ ...group, file })))
    .filter(({ schema }) => !JSON.stringify(schema).includes('json-schema.org/draft-04'))
    .map((group) => ({ ...group, schema: (isJsonObject(group.schema) ? { $schema: 'http://json-schema.org/draft-04/schema#', ...group.schema } : group.schema) }));

  /** Valid only since nothing in the schema looks at values of its kind: a list of members is for objects. */
  const isOffType = (schema: JsonSchema, data: JsonValue): boolean => isJsonObject(schema) && schema['type'] === undefined && JSON.stringify(schema).includes('"properties"') && !isJsonObject(data);

  it('is accepted by the types wherever it is valid', () => {
    const declarations = groups.map(({ schema }) => declareType('Probe', schema));
    const verdicts = judge(
      groups.map(({ tests }, index) => ({
        declarations: `${declarations[index]!.declarations}declare function probe(value: Probe): void;`,
        statements: tests.map(({ data }) => `probe(${JSON.stringify(data)});`),
      })),
    );
    const wrong = groups.flatMap(({ file, schema, tests }, index) =>
      tests.filter(({ data, valid }, at) => valid && !isOffType(schema, data) && (verdicts[index]!.broken ?? verdicts[index]!.errors[at]) !== undefined).map(({ data }) => `${file} ${JSON.stringify(schema)} ${JSON.stringify(data)}`),
    );
    expect(wrong).toEqual([]);
    expect(groups.length).toBeGreaterThan(50);
  });

  it('is judged as the suite says before arguments are sent', () => {
    const wrong = groups.flatMap(({ file, schema, tests }) => {
      const validate = createValidator(schema);
      return tests.filter(({ data, valid }) => (validate(data).length === 0) !== valid).map(({ data, description }) => `${file}: ${description}: ${JSON.stringify(schema)} ${JSON.stringify(data)}`);
    });
    expect(wrong).toEqual([]);
  });
});
