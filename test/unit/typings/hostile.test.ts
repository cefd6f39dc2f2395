import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../../src/json.js';
import { schemaKeywords, schemaListKeywords, schemaMapKeywords } from '../../../src/typings/keywords.js';
import { signature } from '../../../src/typings/server.js';
import { createValidator } from '../../../src/typings/validation/validate.js';
import { errorsOf } from '../../bench/typings/compile.js';
import { declared, judgeSchemas, toolOf } from './judged.js';

/** The usable rest of the server stays usable beside whatever the first tool is made of. */
function declaredBeside(inputSchema: JsonSchema, more: { readonly description?: string; readonly outputSchema?: JsonSchema } = {}): string {
  const text = declared(toolOf('hostile', inputSchema, more), toolOf('good', { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }));
  expect(text).toContain('good(args: { n: number }): Promise<Unchecked>');
  return text;
}

function nested(depth: number, wrap: (inner: JsonSchema) => JsonSchema): JsonSchema {
  let schema: JsonSchema = { type: 'string' };
  for (let level = 0; level < depth; level++) schema = wrap(schema);
  return schema;
}

describe('hostile schemas end in declarations of bounded size', () => {
  const deep: Readonly<Record<string, (inner: JsonSchema) => JsonSchema>> = {
    properties: (inner) => ({ type: 'object', properties: { a: inner } }),
    items: (inner) => ({ type: 'array', items: inner }),
    anyOf: (inner) => ({ anyOf: [inner, { type: 'number' }] }),
    allOf: (inner) => ({ allOf: [inner] }),
    oneOf: (inner) => ({ oneOf: [inner, { type: 'null' }] }),
    not: (inner) => ({ not: inner }),
    if: (inner) => ({ if: inner, then: { type: 'object' }, else: inner }),
    additionalProperties: (inner) => ({ type: 'object', additionalProperties: inner }),
    patternProperties: (inner) => ({ type: 'object', patternProperties: { '^a': inner } }),
    dependentSchemas: (inner) => ({ type: 'object', dependentSchemas: { a: inner } }),
    prefixItems: (inner) => ({ type: 'array', prefixItems: [inner, inner] }),
  };

  it.each(Object.entries(deep))('10,000 deep in %s', (_, wrap) => {
    const text = declaredBeside({ type: 'object', properties: { a: nested(10_000, wrap) } }, { outputSchema: nested(10_000, wrap) });
    expect(text.length).toBeLessThan(100_000);
    expect(createValidator({ type: 'object', properties: { a: nested(10_000, wrap) } })({ a: 'x' })).toBeInstanceOf(Array);
  });

  it('100,000 properties: as many as a step has time for, required ones first, and the others open', () => {
    const names = Array.from({ length: 100_000 }, (_, at) => `p${at}`);
    const wide: JsonSchema = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string', description: `${name}.` }])), additionalProperties: false, required: names.slice(-3) };
    const around: readonly JsonSchema[] = [wide, { type: 'object', properties: { a: wide, b: wide } }, { allOf: [wide, { type: 'object', patternProperties: { '^x': { type: 'number' } } }] }];
    for (const schema of around) {
      const text = declaredBeside(schema);
      expect(text.match(/: string;/g)?.length).toBeLessThanOrEqual(4_000);
      expect(text).toContain('/** p99999. */ p99999: string');
      expect(text).toMatch(/\/\*\* and \d+ more \*\/ \[k: string\]: unknown/);
    }
    expect(judgeSchemas([{ schema: wide, values: [{ p99997: 'a', p99998: 'a', p99999: 'a', p50000: 'a' }, { p99997: 'a', p99998: 'a', p50000: 'a' }] }])[0]!.rejected).toHaveLength(1);
  });

  it('50,000 schemas that refer to each other, required names, branches to be combined', () => {
    const numbers = Array.from({ length: 50_000 }, (_, at) => at);
    const objects = numbers.map((at): JsonSchema => ({ type: 'object', properties: { [`k${at}`]: { type: 'string' } }, required: [`k${at}`] }));
    const hostile: Readonly<Record<string, JsonSchema>> = {
      required: { type: 'object', required: numbers.map((at) => `p${at}`) },
      references: { type: 'object', properties: Object.fromEntries(numbers.map((at) => [`p${at}`, { $ref: `#/$defs/d${at}` }])), $defs: Object.fromEntries(numbers.map((at) => [`d${at}`, { type: 'object', properties: { a: { $ref: `#/$defs/d${(at + 1) % 50_000}` } } }])) },
      allOf: { allOf: objects },
      anyOf: { anyOf: objects },
      values: { enum: numbers.map((at) => ({ at })) },
    };
    for (const schema of Object.values(hostile)) expect(declaredBeside(schema).length).toBeLessThan(200_000);
    expect(judgeSchemas([{ schema: hostile['values']!, values: [{ at: 40_000 }] }])[0]!.rejected).toEqual([]);
  });

  it('what is denied, over and over', () => {
    const $defs = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`d${at}`, { anyOf: Array.from({ length: 60 }, () => ({ $ref: `#/$defs/d${at + 1}` })) }]));
    declaredBeside({ type: 'object', properties: { a: { not: { $ref: '#/$defs/d0' } } }, $defs: { ...$defs, d6: { type: 'string' } } });
  });

  it('an enum of 100,000 values is its type', () => {
    expect(declaredBeside({ type: 'object', properties: { a: { enum: Array.from({ length: 100_000 }, (_, at) => `v${at}`) } } })).toContain('a?: string');
  });

  it('a union of 5,000 branches', () => {
    const text = declaredBeside({ type: 'object', properties: { a: { anyOf: Array.from({ length: 5_000 }, (_, at) => ({ type: 'object', properties: { [`p${at}`]: { type: 'string' } }, required: [`p${at}`] })) } } });
    expect(text.length).toBeLessThan(1_000_000);
  });

  it('a product of unions', () => {
    const union = (name: string): JsonSchema => ({ anyOf: Array.from({ length: 40 }, (_, at) => ({ properties: { [`${name}${at}`]: { type: 'string' } }, required: [`${name}${at}`] })) });
    expect(declaredBeside({ type: 'object', allOf: Array.from({ length: 12 }, (_, at) => union(String.fromCharCode(97 + at))) }).length).toBeLessThan(1_000_000);
  });

  it('references in circles, in chains, and doubling at every step', () => {
    const chain = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`d${at}`, { $ref: `#/$defs/d${(at + 1) % 10_000}` }]));
    const doubling = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`d${at}`, { type: 'object', properties: { a: { $ref: `#/$defs/d${at + 1}` }, b: { $ref: `#/$defs/d${at + 1}` } } }]),
    );
    const crossing = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`d${at}`, { allOf: Array.from({ length: 30 }, (__, to) => ({ $ref: `#/$defs/d${to}` })) }]));
    expect(declaredBeside({ $ref: '#/$defs/d0', $defs: chain }).length).toBeLessThan(10_000);
    expect(declaredBeside({ $ref: '#/$defs/d0', $defs: doubling }).length).toBeLessThan(100_000);
    expect(declaredBeside({ $ref: '#/$defs/d0', $defs: crossing }).length).toBeLessThan(100_000);
    expect(createValidator({ $ref: '#/$defs/d0', $defs: chain })({})).toEqual([]);
  });

  it('descriptions of 10 MB are cut to what somebody may read, and no line of them is an end of the comment', () => {
    const description = `${'long */ text\n'.repeat(800_000)}`;
    const text = declaredBeside({ type: 'object', properties: { a: { type: 'string', description } } }, { description });
    expect(text.length).toBeGreaterThan(200_000);
    expect(text.length).toBeLessThan(300_000);
    expect(errorsOf(['type Unchecked = any;', text])).toEqual([]);
    expect(signature({ namespace: 'shop', tools: [toolOf('t', { type: 'object', properties: { a: { type: 'string', description } } }, { description })] }, 't')).toBe('shop.t(args?: { a?: string }): Promise<Unchecked>');
  });

  it.each(['^(a+)+$', '^(a|a)*$', '^a*a*a*a*a*$', '^(?:a?){60}a{60}b$'])('a pattern that takes the engine of JavaScript for ever, on values and on names: %s', (pattern) => {
    const text = `${'a'.repeat(5_000)}!`;
    const schema: JsonSchema = { type: 'object', properties: { B: { type: 'string', pattern }, [text]: { type: 'number' } }, patternProperties: { [pattern]: { type: 'number' } } };
    expect(declaredBeside(schema).includes('B?: string')).toBe(true);
    expect(createValidator({ type: 'object', properties: { a: { type: 'string', pattern } } })({ a: text })).toHaveLength(1);
    expect(createValidator(schema)({ [text]: 1 })).toEqual([]);
  });

  it('a pattern that nobody can try in linear time rejects nothing, and what is denied of it neither', () => {
    const pattern = '^(?=(a+)+$)\\1$';
    const value = 'a'.repeat(5_000);
    const schemas: readonly JsonSchema[] = [{ pattern }, { not: { pattern } }, { oneOf: [{ pattern }, { type: 'string' }] }, { if: { pattern }, then: false }];
    for (const schema of schemas) {
      expect(createValidator({ type: 'object', properties: { a: schema } })({ a: value })).toEqual([]);
    }
    expect(createValidator({ properties: { a: { not: { pattern: '(' } }, b: { $ref: '#/$defs/c' } }, $defs: { c: { not: { $ref: '#/$defs/d' } }, d: { minimum: 'x' } } })({ a: 'x', b: 1 })).toEqual([]);
  });

  it('names of the prototype, in every place that has names', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];
    const of = (value: string): string => `{${names.map((name) => `"${name}":${value}`).join(',')}}`;
    const schema = JSON.parse(`{"type":"object","properties":${of('{"type":"string","enum":["__proto__"]}')},"patternProperties":${of('true')},"$defs":${of('{"$ref":"#/$defs/__proto__"}')},"dependentRequired":${of('["constructor"]')},"dependencies":${of('["toString"]')},"required":${JSON.stringify(names)}}`) as JsonSchema;
    const text = declaredBeside(schema, { outputSchema: schema });
    expect(errorsOf(['type Unchecked = any;', text])).toEqual([]);
    expect(({} as Record<string, unknown>)['enum']).toBeUndefined();
  });

  it('junk under every keyword', () => {
    const keywords = [...new Set([...schemaKeywords, ...schemaListKeywords, ...schemaMapKeywords, '$ref', '$id', '$anchor', '$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$recursiveAnchor', '$schema', 'type', 'enum', 'const', 'required', 'minItems', 'maxItems', 'maxProperties', 'description', 'title', 'default', 'format', 'pattern', 'nullable', 'discriminator', 'dependentRequired', 'examples'])];
    const junk = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom<unknown>('#', '#/properties/a', 'string', 'object', ['a'], [{ $ref: '#' }], { a: { $ref: '#' } }, -1, 1e308, Infinity));
    const texts: string[] = [];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keywords), junk, { maxKeys: 6 }), (schema) => {
        texts.push(declared(toolOf('t', JSON.parse(JSON.stringify(schema)) as JsonSchema, { outputSchema: JSON.parse(JSON.stringify(schema)) as JsonSchema })).replaceAll('shop', `shop${texts.length}`));
        expect(createValidator(schema as JsonSchema)({ a: 1 })).toBeInstanceOf(Array);
      }),
      { numRuns: 1_500, seed: 11 },
    );
    expect(errorsOf(['type Unchecked = any;', ...texts])).toEqual([]);
  });
});
