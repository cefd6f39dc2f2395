import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/json.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { createValidator } from '../../../src/typings/validation/validate.js';

describe('the shape of results seen', () => {
  it('holds types and names, and no value', () => {
    const schema = inferSchema({ id: 7, name: 'a secret', tags: ['x', null], nested: { ok: true } });
    expect(schema).toEqual({
      type: 'object',
      properties: { id: { type: 'number' }, name: { type: 'string' }, tags: { type: 'array', items: { type: ['null', 'string'] } }, nested: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } },
      required: ['id', 'name', 'tags', 'nested'],
    });
    expect(JSON.stringify(schema)).not.toContain('secret');
  });

  it('takes keys that are data for a map', () => {
    const byId = inferSchema({ 'a3f0c1d2e4b5a697': 1, 'b3f0c1d2e4b5a697': 2, '2026-01-02': 3 });
    expect(byId).toEqual({ type: 'object', additionalProperties: { type: 'number' } });
    expect(JSON.stringify(inferSchema(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`name${at}`, 'x']))))).toBe('{"type":"object","additionalProperties":{"type":"string"}}');
  });

  it('requires what every result had', () => {
    expect(mergeSchemas(inferSchema({ a: 1, b: 'x' }), inferSchema({ a: null }))).toEqual({ type: 'object', properties: { a: { type: ['null', 'number'] }, b: { type: 'string' } }, required: ['a'] });
  });

  it('knows nothing yet of what an empty array holds', () => {
    expect(mergeSchemas(inferSchema([]), inferSchema([1]))).toEqual({ type: 'array', items: { type: 'number' } });
    expect(inferSchema(undefined)).toEqual({ type: 'null' });
  });

  it('stays small for results of any size', () => {
    let deep: JsonValue = 1;
    for (let level = 0; level < 3_000; level++) deep = { deep };
    const wide = Array.from({ length: 100_000 }, (_, at) => ({ [`k${at % 300}`]: at }));
    expect(JSON.stringify(inferSchema(deep)).length).toBeLessThan(2_000);
    expect(JSON.stringify(inferSchema(wide as JsonValue)).length).toBeLessThan(20_000);
  });

  it('fits every result it was made from, in any order', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(json, json, json, (a, b, c) => {
        const values = [a, b, c].map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
        const merged = values.map(inferSchema).reduce(mergeSchemas);
        const validate = createValidator(merged);
        for (const value of values) expect(validate(value), JSON.stringify([values, merged])).toEqual([]);
        expect(mergeSchemas(merged, inferSchema(values[0]))).toEqual(merged);
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });
});
