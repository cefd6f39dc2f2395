import { describe, expect, it } from 'vitest';
import type { JsonSchema, JsonValue } from '../../../src/json.js';
import { createValidator } from '../../../src/typings/validation/validate.js';

/** `path: message` of every problem. */
function problems(schema: JsonSchema, value: JsonValue | undefined): readonly string[] {
  return createValidator(schema)(value).map(({ path, message }) => `${path}: ${message}`);
}

describe('what is wrong with an argument', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      title: { type: 'string', minLength: 1, maxLength: 5, pattern: '^[A-Z]' },
      count: { type: 'integer', minimum: 1, maximum: 9 },
      odd: { exclusiveMinimum: 0, exclusiveMaximum: 10, multipleOf: 0.5 },
      state: { enum: ['open', 'closed'] },
      labels: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }, maxItems: 2, uniqueItems: true },
      'x-y': { const: 1 },
    },
    required: ['title'],
    additionalProperties: false,
  };

  it.each([
    [undefined, ': misses the required property title'],
    [{ title: 7 }, 'title: expected string, got 7'],
    [{ title: '' }, 'title: expected at least 1 characters, got ""'],
    [{ title: 'Abcdef' }, 'title: expected at most 5 characters, got "Abcdef"'],
    [{ title: 'abc' }, 'title: expected text that matches /^[A-Z]/, got "abc"'],
    [{ title: 'A', count: 1.5 }, 'count: expected integer, got 1.5'],
    [{ title: 'A', count: 0 }, 'count: expected a number of at least 1, got 0'],
    [{ title: 'A', count: 10 }, 'count: expected a number of at most 9, got 10'],
    [{ title: 'A', odd: 0 }, 'odd: expected a number above 0, got 0'],
    [{ title: 'A', odd: 10 }, 'odd: expected a number below 10, got 10'],
    [{ title: 'A', odd: 0.7 }, 'odd: expected a multiple of 0.5, got 0.7'],
    [{ title: 'A', state: 'gone' }, 'state: expected one of "open", "closed", got "gone"'],
    [{ title: 'A', labels: [{ name: 'x' }, { nam: 'y' }] }, 'labels[1]: misses the required property name'],
    [{ title: 'A', labels: [{ name: 1 }] }, 'labels[0].name: expected string, got 1'],
    [{ title: 'A', labels: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }, 'labels: expected at most 2 items, got 3'],
    [{ title: 'A', labels: [{ name: 'a' }, { name: 'a' }] }, 'labels: expected items that all differ'],
    [{ title: 'A', 'x-y': 2 }, '["x-y"]: expected 1, got 2'],
    [{ title: 'A', zz: 1 }, 'zz: is not a known property, got 1'],
  ] as const)('%j → %s', (value, expected) => {
    expect(problems(schema, value as JsonValue)).toContain(expected);
  });

  it('is told once for each place, and never more than ten', () => {
    expect(problems({ type: 'object', properties: { a: { $ref: '#/$defs/n' } }, $defs: { n: { allOf: [{ type: 'number' }] } } }, { a: 'x' })).toEqual(['a: expected number, got "x"']);
    expect(problems({ type: 'array', items: { type: 'number' } }, Array.from({ length: 50 }, () => 'x')).length).toBeLessThanOrEqual(10);
  });

  it('names the branch that was meant, or all where none was', () => {
    const union: JsonSchema = { oneOf: [{ type: 'object', properties: { kind: { const: 'a' }, x: { type: 'number' } }, required: ['kind', 'x'] }, { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] }] };
    expect(problems(union, { kind: 'a', x: 'no' })).toEqual(['x: expected number, got "no"']);
    expect(problems({ anyOf: [{ type: 'string' }, { type: 'number' }] }, true)).toEqual([': expected one of 2 alternatives: string or number, got true']);
  });

  it('shows no more of a value than one needs', () => {
    expect(problems({ type: 'number' }, 'x'.repeat(1_000_000))[0]!.length).toBeLessThan(200);
  });

  it('is not said of what a schema cannot mean', () => {
    for (const schema of [{ $ref: 'https://example.com/x' }, { pattern: '(' }, { type: 'nonsense' }, { required: 'a' }, { properties: [] }, { minimum: 'x' }, { $ref: '#/$defs/gone' }] as unknown as JsonSchema[]) {
      expect(problems(schema, { a: 1 })).toEqual([]);
    }
  });

  it('is not said of null where OpenAPI allows it, nor of items that `contains` accounts for', () => {
    expect(problems({ type: 'string', nullable: true }, null)).toEqual([]);
    expect(problems({ type: ['string', 'number'], enum: ['a', 1], nullable: true }, null)).toEqual([]);
    expect(problems({ type: 'string', enum: ['a'], nullable: true }, 'b')).toHaveLength(1);
    expect(problems({ contains: { type: 'string' }, unevaluatedItems: false }, ['x'])).toEqual([]);
  });

  it('is not said on account of a reference that nobody can follow', () => {
    const away = { $ref: 'https://elsewhere.example/schema' };
    const schemas: readonly JsonSchema[] = [{ not: away }, { if: away, then: false }, { oneOf: [away, { type: 'object' }] }, { allOf: [away], unevaluatedProperties: false }, { $defs: { a: { allOf: [away] } }, $ref: '#/$defs/a', unevaluatedProperties: false }];
    for (const schema of schemas) expect(createValidator(schema)({ a: 1 }), JSON.stringify(schema)).toEqual([]);
    const open = { $id: 'https://here.example/tree', $dynamicAnchor: 'node', properties: { kids: { type: 'array', items: { $dynamicRef: '#node' } } } };
    expect(createValidator({ $defs: { open }, $ref: 'https://here.example/tree', unevaluatedProperties: false })({ kids: [{ a: 1 }] })).toEqual([]);
    expect(createValidator({ not: { $dynamicRef: '#node' }, $dynamicAnchor: 'node' })({})).toEqual([]);
    expect(createValidator({ $defs: { name: { type: 'string' } }, properties: { a: { $ref: '#/$defs/name' } }, unevaluatedProperties: false })({ a: 'x', b: 1 })).toHaveLength(1);
  });

  it('holds in old dialects too', () => {
    expect(problems({ $schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true }, 1)).toEqual([': expected a number above 1, got 1']);
    expect(problems({ $schema: 'http://json-schema.org/draft-07/schema#', properties: { a: { $ref: '#/definitions/s', type: 'number' } }, definitions: { s: { type: 'string' } } }, { a: 'x' })).toEqual([]);
  });
});
