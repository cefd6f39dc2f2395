import { describe, expect, it } from 'vitest';
import type { JsonSchema, JsonValue } from '../../../src/json.js';
import { judgeSchemas } from './judged.js';

interface Case {
  readonly says: string;
  readonly schema: JsonSchema;
  readonly takes?: readonly JsonValue[];
  readonly refuses?: readonly JsonValue[];
}

const draft4 = 'http://json-schema.org/draft-04/schema#';
const draft7 = 'http://json-schema.org/draft-07/schema#';
const string = { type: 'string' } as const;
const number = { type: 'number' } as const;

const cases: Readonly<Record<string, readonly Case[]>> = {
  'types and values': [
    { says: 'a list of types is a union', schema: { type: ['string', 'null'] }, takes: ['a', null], refuses: [1, {}] },
    { says: 'an integer is a number', schema: { type: 'integer' }, takes: [1, -3], refuses: ['1'] },
    { says: 'enum counts before the type beside it', schema: { type: 'string', enum: ['a', 'b'] }, takes: ['a'], refuses: ['c', 1] },
    { says: 'enum of mixed values', schema: { enum: ['a', 1, null, true, { x: [1] }, [2]] }, takes: ['a', 1, null, true, { x: [1] }, [2]], refuses: [false, 2, { x: [2] }, [], {}] },
    { says: 'const holds objects whole', schema: { const: { a: 'b', c: [1, null] } }, takes: [{ a: 'b', c: [1, null] }], refuses: [{ a: 'b' }, { a: 'b', c: [1] }, 'a'] },
    { says: 'const null', schema: { const: null }, takes: [null], refuses: [0, ''] },
    { says: 'an empty enum allows nothing', schema: { enum: [] }, refuses: ['a', null] },
    { says: 'values that contradict their type are what the author looked at', schema: { type: 'string', enum: [1, 2] }, takes: [1], refuses: [3] },
    { says: 'strings with quotes, line ends and separators', schema: { enum: ['"', '\n', '\u2028', '\\', '`${x}`', "'"] }, takes: ['"', '\n', '\u2028', '\\', '`${x}`', "'"], refuses: ['x'] },
    { says: 'nullable beside a type', schema: { type: 'string', nullable: true }, takes: ['a', null], refuses: [1] },
    { says: 'nullable beside an enum and a type', schema: { type: 'string', enum: ['a'], nullable: true }, takes: ['a', null], refuses: ['b'] },
    { says: 'a type of its own is unknown', schema: { type: 'file' }, takes: ['a', 1, {}] },
    { says: 'an absurd type is as if it was not there', schema: { type: 7, properties: { a: string } }, takes: [{ a: 'x' }, 1], refuses: [{ a: 1 }] },
    { says: 'numbers as JSON has them', schema: { enum: [1.0, -0.5, 1e21] }, takes: [1, -0.5, 1e21], refuses: [2] },
  ],
  'boolean and empty schemas': [
    { says: 'true takes all', schema: true, takes: [1, {}, [], null] },
    { says: 'false takes nothing', schema: false, refuses: [1, {}, [], null] },
    { says: 'an empty schema takes all', schema: {}, takes: [1, {}, [], null] },
    { says: 'only a description takes all', schema: { description: 'Any JSON.' }, takes: [1, {}, [], null] },
    { says: 'a member that is false may not be given', schema: { type: 'object', properties: { a: false, b: true } }, takes: [{ b: 1 }, {}], refuses: [{ a: 1 }] },
    { says: 'constraints alone do not make a type', schema: { minimum: 1, maxLength: 2, uniqueItems: true }, takes: [0, 'abc', [1, 1], {}, null] },
  ],
  objects: [
    { says: 'lists of members take no others', schema: { type: 'object', properties: { a: string } }, takes: [{ a: 'x' }, {}], refuses: [{ a: 'x', zz: 1 }, { a: 1 }] },
    { says: 'unless they are open', schema: { type: 'object', properties: { a: string }, additionalProperties: true }, takes: [{ a: 'x', zz: 1 }], refuses: [{ a: 1 }] },
    { says: 'or an empty schema opens them', schema: { type: 'object', properties: { a: string }, additionalProperties: {} }, takes: [{ a: 'x', zz: 1 }], refuses: [{ a: 1 }] },
    { says: 'a closed empty object takes nothing at all', schema: { type: 'object', additionalProperties: false }, takes: [{}], refuses: [{ a: 1 }, 'zzz'] },
    { says: 'an object of no properties listed is empty too', schema: { type: 'object', properties: {} }, takes: [{}], refuses: [{ a: 1 }, 'zzz', 4] },
    { says: 'an object about which nothing is said is open', schema: { type: 'object' }, takes: [{}, { a: 1 }], refuses: ['a', 4] },
    { says: 'required is required', schema: { type: 'object', properties: { a: string, b: number }, required: ['b'] }, takes: [{ b: 1 }], refuses: [{ a: 'x' }, {}] },
    { says: 'required without properties', schema: { required: ['x'], type: 'object' }, takes: [{ x: 1 }, { x: null, y: 2 }], refuses: [{}, { y: 1 }] },
    { says: 'required that properties does not list, closed', schema: { type: 'object', properties: { a: string }, required: ['a', 'b'], additionalProperties: number }, takes: [{ a: 'x', b: 1 }], refuses: [{ a: 'x' }, { a: 'x', b: 'y' }] },
    { says: 'a typed map', schema: { type: 'object', additionalProperties: number }, takes: [{}, { a: 1 }], refuses: [{ a: 'x' }] },
    { says: 'properties beside a typed map', schema: { type: 'object', properties: { id: string }, required: ['id'], additionalProperties: { type: 'boolean' } }, takes: [{ id: 'x' }, { id: 'x', a: true }], refuses: [{ a: true }, { id: 1 }] },
    { says: 'pattern properties that begin or end alike', schema: { type: 'object', patternProperties: { '^x-': string, '_id$': number }, additionalProperties: false }, takes: [{ 'x-a': 'v' }, { user_id: 1 }], refuses: [{ 'x-a': 1 }, { user_id: 'v' }] },
    { says: 'pattern properties of any kind are never tighter than they are', schema: { type: 'object', patternProperties: { '^(a|b)\\d+$': string } }, takes: [{ a1: 'v' }, { z: 1 }] },
    { says: 'names listed by propertyNames', schema: { type: 'object', propertyNames: { enum: ['a', 'b'] }, additionalProperties: number }, takes: [{ a: 1 }, {}, { a: 1, b: 2 }], refuses: [{ c: 1 }, { a: 'x' }] },
    { says: 'maxProperties 0', schema: { type: 'object', maxProperties: 0 }, takes: [{}], refuses: [{ a: 1 }] },
    { says: 'names that are no identifiers', schema: { type: 'object', properties: { 'resource-group': string, 'a.b': number, '': string, '1st': string, 'with space': string, delete: string, '日本': string, '🙂': string }, required: ['resource-group'] }, takes: [{ 'resource-group': 'x', 'a.b': 1, '': 'y', '1st': 'z', 'with space': 'q', delete: 'd', 日本: 'j', '🙂': 'e' }], refuses: [{ 'a.b': 1 }, { 'resource-group': 1 }] },
    { says: 'names of the prototype are members like others', schema: { type: 'object', properties: { constructor: string, toString: number, valueOf: string, hasOwnProperty: string }, required: ['constructor'] }, takes: [{ constructor: 'x' }, { constructor: 'x', toString: 1 }], refuses: [{ constructor: 1 }] },
    { says: '__proto__ is a member like others', schema: JSON.parse('{"type":"object","properties":{"__proto__":{"type":"number"}},"required":["__proto__"]}') as JsonSchema, refuses: [{}] },
    { says: 'unevaluatedProperties closes what all branches list', schema: { allOf: [{ properties: { a: string } }], properties: { b: number }, type: 'object', unevaluatedProperties: false }, takes: [{ a: 'x', b: 1 }], refuses: [{ c: 1 }] },
    { says: 'a key declared with junk still counts', schema: { type: 'object', properties: { a: 5 } }, takes: [{ a: 1 }, {}] },
  ],
  arrays: [
    { says: 'items', schema: { type: 'array', items: string }, takes: [[], ['a']], refuses: [[1], 'a'] },
    { says: 'an array of a union', schema: { type: 'array', items: { enum: ['a', 'b'] } }, takes: [[], ['a', 'b']], refuses: ['a', ['c']] },
    { says: 'an array of a nullable', schema: { type: 'array', items: { type: ['string', 'null'] } }, takes: [['a', null]], refuses: [[1], null] },
    { says: 'a tuple of draft 7: shorter and longer ones are valid', schema: { type: 'array', items: [string, number] }, takes: [[], ['a'], ['a', 1], ['a', 1, true]], refuses: [[1], ['a', 'b']] },
    { says: 'a tuple of 2020-12 with typed rest', schema: { type: 'array', prefixItems: [string], items: number }, takes: [[], ['a'], ['a', 1, 2]], refuses: [[1], ['a', 'b']] },
    { says: 'a closed tuple', schema: { type: 'array', prefixItems: [string, number], items: false }, takes: [[], ['a', 1]], refuses: [['a', 1, 2]] },
    { says: 'a tuple that must be whole', schema: { type: 'array', prefixItems: [string, number], items: false, minItems: 2 }, takes: [['a', 1]], refuses: [[], ['a'], ['a', 1, 2]] },
    { says: 'a fixed length', schema: { type: 'array', items: number, minItems: 2, maxItems: 2 }, takes: [[1, 2]], refuses: [[1], [1, 2, 3]] },
    { says: 'additionalItems of draft 7', schema: { $schema: draft7, type: 'array', items: [string], additionalItems: false }, takes: [[], ['a']], refuses: [['a', 1]] },
    { says: 'items: false is the empty array', schema: { type: 'array', items: false }, takes: [[]], refuses: [[1]] },
    { says: 'unevaluatedItems closes a tuple', schema: { type: 'array', prefixItems: [string], unevaluatedItems: false }, takes: [['a'], []], refuses: [['a', 1]] },
    { says: 'arrays in arrays', schema: { type: 'array', items: { type: 'array', items: { type: ['number', 'boolean'] } } }, takes: [[[1, true], []]], refuses: [[1], [['a']]] },
  ],
  combinations: [
    { says: 'anyOf', schema: { anyOf: [string, { type: 'object', properties: { a: number }, required: ['a'] }] }, takes: ['x', { a: 1 }], refuses: [1, { a: 'x' }, {}] },
    { says: 'siblings of anyOf hold for every branch', schema: { type: 'object', properties: { own: string, id: number, slug: string }, required: ['own'], anyOf: [{ required: ['id'] }, { required: ['slug'] }] }, takes: [{ own: 'x', id: 1 }, { own: 'x', slug: 's' }, { own: 'x', id: 1, slug: 's' }], refuses: [{ own: 'x' }, { id: 1 }] },
    { says: 'oneOf of what must be there', schema: { type: 'object', properties: { a: string, b: string }, oneOf: [{ required: ['a'] }, { required: ['b'] }] }, takes: [{ a: 'x' }, { b: 'x' }], refuses: [{}, { a: 'x', b: 'y' }] },
    { says: 'allOf with siblings', schema: { type: 'object', properties: { own: string }, required: ['own'], allOf: [{ type: 'object', properties: { a: number }, required: ['a'] }, { properties: { b: string } }] }, takes: [{ own: 'x', a: 1 }, { own: 'x', a: 1, b: 'y' }], refuses: [{ own: 'x' }, { a: 1 }] },
    { says: 'allOf inside anyOf inside allOf', schema: { allOf: [{ anyOf: [{ allOf: [{ type: 'object', required: ['a'], properties: { a: string } }] }, number] }, { type: ['object', 'number'] }] }, takes: [{ a: 'x' }, 1], refuses: [{}, 'x'] },
    { says: 'allOf that contradicts itself', schema: { allOf: [string, number] }, refuses: ['a', 1] },
    { says: 'enums that meet', schema: { allOf: [{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }] }, takes: ['b'], refuses: ['a', 'c'] },
    { says: 'not a type', schema: { not: string }, takes: [1, {}, null], refuses: ['a'] },
    { says: 'not required is never there', schema: { type: 'object', properties: { a: string, b: string }, not: { required: ['a'] } }, takes: [{ b: 'x' }], refuses: [{ a: 'x' }] },
    { says: 'a discriminator', schema: { oneOf: [{ type: 'object', properties: { kind: { const: 'circle' }, r: number }, required: ['kind', 'r'] }, { type: 'object', properties: { kind: { const: 'rect' }, w: number }, required: ['kind', 'w'] }], discriminator: { propertyName: 'kind' } }, takes: [{ kind: 'circle', r: 1 }, { kind: 'rect', w: 1 }], refuses: [{ kind: 'circle', w: 1 }, { kind: 'x', r: 1 }, { r: 1 }] },
    { says: 'if, then, else', schema: { type: 'object', properties: { kind: { enum: ['a', 'b'] }, x: number }, required: ['kind'], if: { properties: { kind: { const: 'a' } } }, then: { required: ['x'] } }, takes: [{ kind: 'a', x: 1 }, { kind: 'b' }], refuses: [{}, { kind: 'c' }] },
    { says: 'dependentRequired', schema: { type: 'object', properties: { a: string, b: string }, dependentRequired: { a: ['b'] } }, takes: [{}, { b: 'x' }, { a: 'x', b: 'y' }], refuses: [{ a: 'x' }] },
    { says: 'dependentSchemas', schema: { type: 'object', properties: { a: string, b: number }, dependentSchemas: { a: { required: ['b'] } } }, takes: [{}, { b: 1 }, { a: 'x', b: 1 }], refuses: [{ a: 'x' }] },
    { says: 'dependencies of draft 7, both kinds', schema: { $schema: draft7, type: 'object', properties: { a: string, b: number, c: string }, dependencies: { a: ['b'], c: { required: ['b'] } } }, takes: [{}, { a: 'x', b: 1 }, { c: 'x', b: 1 }], refuses: [{ a: 'x' }, { c: 'x' }] },
    { says: 'anyOf with an empty branch takes all', schema: { anyOf: [string, {}] }, takes: [1, 'a', {}] },
    { says: 'lists that are empty or hold junk are not there', schema: { anyOf: [], allOf: [3], oneOf: 'x', type: 'string' }, takes: ['a'], refuses: [1] },
  ],
  references: [
    { says: '$defs', schema: { $ref: '#/$defs/a', $defs: { a: string } }, takes: ['x'], refuses: [1] },
    { says: 'definitions', schema: { type: 'object', properties: { p: { $ref: '#/definitions/a' } }, definitions: { a: { type: 'object', properties: { q: number } } } }, takes: [{ p: { q: 1 } }], refuses: [{ p: { q: 'x' } }] },
    { says: 'siblings count in 2020-12', schema: { type: 'object', properties: { p: { $ref: '#/$defs/a', required: ['y'] } }, $defs: { a: { type: 'object', properties: { x: string, y: string }, required: ['x'] } } }, takes: [{ p: { x: 'a', y: 'b' } }], refuses: [{ p: { x: 'a' } }, { p: { y: 'a' } }] },
    { says: '… and do not in draft 7', schema: { $schema: draft7, type: 'object', properties: { p: { $ref: '#/definitions/a', type: 'number' } }, definitions: { a: string } }, takes: [{ p: 'x' }], refuses: [{ p: 1 }] },
    { says: 'recursion', schema: { $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { value: number, children: { type: 'array', items: { $ref: '#/$defs/node' } } }, required: ['value'] } } }, takes: [{ value: 1, children: [{ value: 2, children: [] }] }], refuses: [{ value: 1, children: [{ value: 'x' }] }, { children: [] }] },
    { says: 'recursion to the root', schema: { type: 'object', properties: { next: { $ref: '#' }, v: string } }, takes: [{ next: { next: { v: 'x' } } }], refuses: [{ next: { next: { v: 1 } } }, { next: 1 }] },
    { says: 'mutual recursion', schema: { $ref: '#/$defs/a', $defs: { a: { type: 'object', properties: { b: { $ref: '#/$defs/b' } } }, b: { type: 'array', items: { $ref: '#/$defs/a' } } } }, takes: [{ b: [{ b: [] }] }], refuses: [{ b: [{ b: 1 }] }] },
    { says: 'a reference to itself alone says nothing', schema: { $ref: '#' }, takes: [1, 'a', {}] },
    { says: 'a circle of references says nothing', schema: { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, takes: [1, 'a', {}] },
    { says: 'pointers into properties and items, with escapes', schema: { type: 'object', properties: { 'a/b': string, 'c~d': { type: 'array', items: number }, 'e%f': { type: 'boolean' }, x: { $ref: '#/properties/a~1b' }, y: { $ref: '#/properties/c~0d/items' }, z: { $ref: '#/properties/e%25f' } } }, takes: [{ x: 's', y: 1, z: true }], refuses: [{ x: 1 }, { y: 's' }, { z: 's' }] },
    { says: '$anchor', schema: { $ref: '#here', $defs: { a: { $anchor: 'here', type: 'number' } } }, takes: [1], refuses: ['a'] },
    { says: '$id as a base', schema: { $id: 'https://example.com/root', $ref: 'item', $defs: { a: { $id: 'https://example.com/item', type: 'boolean' } } }, takes: [true], refuses: ['a'] },
    { says: '$dynamicRef with one anchor is a reference', schema: { $dynamicRef: '#node', $defs: { a: { $dynamicAnchor: 'node', type: 'string' } } }, takes: ['a'], refuses: [1] },
    { says: 'what lies elsewhere is never fetched', schema: { $ref: 'https://example.com/other.json' }, takes: [1, 'a', {}] },
    { says: 'what is nowhere is anything', schema: { type: 'object', properties: { a: { $ref: '#/$defs/gone' }, b: string } }, takes: [{ a: 1, b: 'x' }], refuses: [{ b: 1 }] },
    { says: 'definitions with names that no type can have', schema: { type: 'object', properties: { a: { $ref: '#/$defs/Array' }, b: { $ref: '#/$defs/foo-bar' }, c: { $ref: '#/$defs/日' }, d: { $ref: '#/$defs/string' } }, $defs: { Array: { type: 'object', properties: { self: { $ref: '#/$defs/Array' }, list: { type: 'array', items: string } } }, 'foo-bar': { type: 'object', properties: { self: { $ref: '#/$defs/foo-bar' } } }, 日: { type: 'object', properties: { self: { $ref: '#/$defs/日' } } }, string: { type: 'object', properties: { self: { $ref: '#/$defs/string' } } } } }, takes: [{ a: { self: { list: ['x'] } }, b: { self: {} }, c: { self: {} }, d: { self: {} } }], refuses: [{ a: { list: [1] } }, { b: 1 }, { d: 'x' }] },
  ],
  'what one schema says of members that another lists': [
    { says: 'a member of a branch that need not hold may be given', schema: { type: 'object', properties: { a: string }, anyOf: [{ properties: { b: string } }, {}] }, takes: [{ a: 'x', b: 'y' }, { b: 1 }], refuses: [{ a: 1 }, { zz: 1 }] },
    { says: 'and so may one that it only requires', schema: { type: 'object', properties: { a: string }, anyOf: [{ required: ['b'] }, { dependentRequired: { a: ['c'] } }, {}] }, takes: [{ b: 1 }, { a: 'x', c: 1 }], refuses: [{ zz: 1 }] },
    { says: 'also where the branch stands in another schema', schema: { type: 'object', properties: { a: string }, allOf: [{ anyOf: [{ properties: { b: string } }, true] }] }, takes: [{ a: 'x', b: 'y' }], refuses: [{ zz: 1 }] },
    { says: 'a member that only a condition lists may be given', schema: { type: 'object', properties: { a: string }, if: { properties: { b: { const: 1 } } } }, takes: [{ a: 'x', b: 1 }], refuses: [{ zz: 1 }] },
    { says: 'a list beside a reference that leads away is not all there is', schema: { type: 'object', properties: { a: string }, $ref: 'https://elsewhere.example/schema' }, takes: [{ a: 'x', b: 1 }], refuses: [{ a: 1 }] },
    { says: 'a list beside more alternatives than are kept is not all there is', schema: { type: 'object', allOf: [{ anyOf: Array.from({ length: 8 }, (_, at) => ({ properties: { [`a${at}`]: string }, required: [`a${at}`] })) }, { anyOf: Array.from({ length: 7 }, (_, at) => ({ properties: { [`b${at}`]: string }, required: [`b${at}`] })) }], properties: { c: string } }, takes: [{ a1: 'x', b2: 'y', c: 'z' }], refuses: [{ c: 1 }] },
    { says: 'of a list of values, a condition leaves the others', schema: { type: 'object', properties: { kind: { enum: ['a', 'b', 3] } }, required: ['kind'], if: { properties: { kind: { const: 'a' } } }, then: { properties: { x: number }, required: ['x'] }, else: { properties: { y: number }, required: ['y'] } }, takes: [{ kind: 'a', x: 1 }, { kind: 'b', y: 1 }, { kind: 3, y: 1 }], refuses: [{ kind: 'a' }, { kind: 'a', y: 1 }, { kind: 'b', x: 1 }] },
    { says: 'and so does not', schema: { enum: ['a', 'b', 1, 2], not: { enum: ['b', 2] } }, takes: ['a', 1], refuses: ['b', 2] },
    { says: 'all strings but one are strings', schema: { not: { const: 'a' } }, takes: ['b', 1, null, {}] },
    { says: 'not what is neither of two is both', schema: { enum: ['a', 'b', 'c'], not: { anyOf: [{ not: { enum: ['a', 'b'] } }, { not: { enum: ['b', 'c'] } }] } }, takes: ['b'], refuses: ['a', 'c'] },
    { says: 'a pattern narrowed by a closed neighbour does not speak of what the neighbour lists', schema: { type: 'object', patternProperties: { '^a': string, 'b$': string }, additionalProperties: false, allOf: [{ properties: { a: string }, additionalProperties: false }] }, takes: [{ a: 'x' }, {}], refuses: [{ a: 1 }, { ab: 'x' }, { c: 'x' }] },
    { says: 'names that only a dependency mentions may be given', schema: { type: 'object', properties: { c: number }, dependentSchemas: { a: { required: ['b'] } } }, takes: [{ b: 1 }, { a: 1, b: 'x', c: 1 }], refuses: [{ a: 1 }, { c: 'x' }] },
    { says: '… and where it mentions none, the list is what there is', schema: { type: 'object', properties: { a: string, b: string }, dependentRequired: { a: ['b'] } }, takes: [{ b: 'x' }, { a: 'x', b: 'x' }], refuses: [{ a: 'x' }, { z: 1 }] },
    { says: 'a list of members beside keywords for arrays alone is open', schema: { properties: { a: string }, prefixItems: [string], minItems: 1 }, takes: [{ a: 'x', z: 1 }, ['x'], 1], refuses: [{ a: 1 }, [1], []] },
  ],
  'draft 4': [
    { says: 'exclusive bounds as flags do not make a type', schema: { $schema: draft4, type: 'number', minimum: 1, exclusiveMinimum: true }, takes: [2], refuses: ['a'] },
    { says: 'id names a schema', schema: { $schema: draft4, id: 'http://example.com/root.json', properties: { a: { $ref: 'item.json' } }, type: 'object', definitions: { i: { id: 'item.json', type: 'number' } } }, takes: [{ a: 1 }], refuses: [{ a: 'x' }] },
    { says: 'a property called id is one', schema: { type: 'object', properties: { id: string, $ref: string }, required: ['id'] }, takes: [{ id: 'x', $ref: 'y' }], refuses: [{}, { id: 1 }, { id: 'x', $ref: 1 }] },
  ],
};

describe.each(Object.entries(cases))('%s', (_, group) => {
  const judged = judgeSchemas(group.map(({ schema, takes = [], refuses = [] }) => ({ schema, values: [...takes, ...refuses] })));
  it.each(group.map((one, index) => ({ ...one, index })))('$says', ({ takes = [], refuses = [], index }) => {
    const { text, broken, accepted, rejected } = judged[index]!;
    expect(broken, text).toBeUndefined();
    expect({ takes: accepted, refuses: rejected }, text).toEqual({ takes, refuses });
  });
});
