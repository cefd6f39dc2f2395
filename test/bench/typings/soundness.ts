import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { JsonSchema, JsonValue } from '../../../src/json.js';
import { declareType } from '../../../src/typings/type.js';
import { judge, type Probe } from './compile.js';

export interface Soundness {
  readonly schemas: number;
  readonly instances: number;
  readonly rejected: number;
  readonly crashed: number;
  readonly failures: readonly string[];
}

/**
 * Generated schemas of every keyword in every combination, with generated values that an independent validator calls
 * valid: none may be rejected by the type, as a fresh literal.
 *
 * One exception is the design: an object that says `type: object`, lists properties and does not speak of others takes
 * no others as an argument, so instances hold none there; generated schemas therefore leave `type: object` out beside
 * `properties` unless they say whether there are others.
 */
export function measureSoundness(count: number, seed = 20261122): Soundness {
  const generated = fc.sample(schemaWithValues, { numRuns: count, seed });
  const probes: Probe[] = [];
  const told: string[] = [];
  let instances = 0;
  let crashed = 0;
  const failures: string[] = [];
  for (const { schema, values } of generated) {
    // Ajv takes inherited names for evaluated ones, so there those names prove nothing.
    const isTrusted = JSON.stringify(schema).includes('unevaluated') ? (value: JsonValue) => !/"(toString|__proto__)"/.test(JSON.stringify(value)) : () => true;
    const valid = values.filter(isTrusted).filter(validatorOf(schema));
    instances += valid.length;
    try {
      const { declarations, typeName } = declareType('Probe', schema);
      probes.push({ declarations: `${declarations}declare function probe(value: ${typeName}): void;`, statements: valid.map((value) => `probe(${JSON.stringify(value)});`) });
      told.push(JSON.stringify(schema));
    } catch (error) {
      crashed++;
      failures.push(`crash: ${JSON.stringify(schema)} ${String(error)}`);
    }
  }
  let rejected = 0;
  for (let from = 0; from < probes.length; from += 500) {
    judge(probes.slice(from, from + 500)).forEach((verdict, index) => {
      const { declarations, statements } = probes[from + index]!;
      if (verdict.broken !== undefined) {
        crashed++;
        failures.push(`broken: ${told[from + index]!} ${verdict.broken} ${declarations}`);
      }
      verdict.errors.forEach((error, at) => {
        if (error === undefined) return;
        rejected++;
        failures.push(`valid rejected: ${told[from + index]!} ${statements[at]!} ${error} ${declarations}`);
      });
    });
  }
  return { schemas: generated.length, instances, rejected, crashed, failures };
}

function validatorOf(schema: JsonSchema): (value: JsonValue) => boolean {
  try {
    const validate = new Ajv2020({ strict: false, logger: false, ownProperties: true }).compile(schema);
    return (value) => {
      try {
        return validate(value);
      } catch {
        // A schema that refers to itself in place has no answer.
        return false;
      }
    };
  } catch {
    return () => false;
  }
}

const names = fc.constantFrom('a', 'b', 'c', 'x-1', 'toString', '__proto__');

const scalars = fc.constantFrom<JsonValue>(null, true, false, 0, 1, -2, 1.5, '', 'a', 'x');

const { value: values } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3 }).map((object) => object as JsonValue),
  ),
}));

const { schema: schemas } = fc.letrec<{ schema: JsonSchema }>((tie) => {
  const inner = tie('schema');
  const list = fc.array(inner, { minLength: 1, maxLength: 3 });
  const map = fc.dictionary(names, inner, { maxKeys: 3 });
  const required = fc.uniqueArray(names, { maxLength: 2 });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined, freq: 3 });
  const object = fc.record(
    {
      properties: maybe(map), required: maybe(required), additionalProperties: maybe(inner), propertyNames: maybe(fc.constant({ enum: ['a', 'b'] })),
      patternProperties: maybe(fc.dictionary(fc.constantFrom('^x-', 'a$', '[bc]', '^a'), inner, { maxKeys: 2 })),
      dependentRequired: maybe(fc.dictionary(names, required, { maxKeys: 1 })), dependentSchemas: maybe(fc.dictionary(names, inner, { maxKeys: 1 })),
      maxProperties: maybe(fc.nat({ max: 2 })), unevaluatedProperties: maybe(inner),
    },
    { noNullPrototype: true },
  );
  const array = fc.record(
    {
      prefixItems: maybe(list), items: maybe(inner), minItems: maybe(fc.nat({ max: 3 })), maxItems: maybe(fc.nat({ max: 4 })), contains: maybe(inner),
      unevaluatedItems: maybe(inner),
    },
    { noNullPrototype: true },
  );
  const scalar = fc.oneof(
    fc.record({ enum: fc.array(values, { minLength: 1, maxLength: 4 }) }, { noNullPrototype: true }),
    fc.record({ const: values }, { noNullPrototype: true }),
    fc.constantFrom<JsonSchema>(
      { type: 'string' }, { type: ['string', 'null'] }, { type: 'integer' }, { type: 'number', minimum: 1 }, { type: 'boolean' }, { type: 'object' },
      { type: 'array' }, { type: ['array', 'object'] }, { $ref: '#' }, { $ref: '#/$defs/node' }, { $ref: '#/$defs/other', type: ['object', 'array', 'string'] }, {},
    ),
  );
  const combined = fc.record(
    {
      anyOf: maybe(list), oneOf: maybe(list), allOf: maybe(list), not: maybe(inner), if: maybe(inner), then: maybe(inner), else: maybe(inner),
      properties: maybe(map), required: maybe(required), type: maybe(fc.constantFrom<JsonValue>('string', ['object', 'string'], ['array', 'null', 'number'])),
    },
    { noNullPrototype: true },
  );
  const kept = (schema: Record<string, unknown>): JsonSchema => {
    const entries = Object.entries(schema).filter(([, value]) => value !== undefined);
    const says = Object.fromEntries(entries);
    const isClosedByDesign = 'properties' in says && JSON.stringify(says['type'] ?? '').includes('object') && !('additionalProperties' in says);
    return (isClosedByDesign ? { ...says, type: undefined } : says) as JsonSchema;
  };
  return {
    schema: fc.oneof({ maxDepth: 3, depthSize: 'small' }, scalar, fc.boolean(), object.map(kept), array.map(kept), combined.map(kept)),
  };
});

/** A document with two definitions that anything in it may refer to, and values for it. */
const schemaWithValues = fc
  .tuple(schemas, schemas, schemas, fc.array(values, { minLength: 12, maxLength: 12 }))
  .map(([root, node, other, list]) => ({
    schema: JSON.parse(JSON.stringify(typeof root === 'boolean' ? { allOf: [root] } : { ...root, $defs: { node, other } })) as JsonSchema,
    values: JSON.parse(JSON.stringify(list)) as JsonValue[],
  }));
