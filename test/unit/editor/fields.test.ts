import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { fieldsOf, problemOf, problemOfText, proposed, shown, typedValue, type Field } from '../../../src/editor/questions/fields.js';

function fieldOf(schema: JsonObject, required = true): Field {
  const [field] = fieldsOf({ type: 'object', properties: { a: schema }, required: required ? ['a'] : [] });
  return field!;
}

describe('an answer that is typed', () => {
  it.each<[string, JsonObject, string, string | undefined]>([
    ['a text', { type: 'string' }, 'anything', undefined],
    ['a text that is too short', { type: 'string', minLength: 3 }, 'ab', 'Expected at least 3 characters.'],
    ['a text that is too long', { type: 'string', maxLength: 2 }, 'abc', 'Expected at most 2 characters.'],
    ['a text of another form', { type: 'string', pattern: '^[A-Z]+$' }, 'abc', 'Expected text that matches /^[A-Z]+$/.'],
    ['a text whose pattern could take for ever, and takes linear time', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`, 'Expected text that matches /^(a+)+$/.'],
    ['a text whose pattern nobody can try in time', { type: 'string', pattern: '^(?=(a+)+$)' }, `${'a'.repeat(60)}!`, undefined],
    ['an address of mail', { type: 'string', format: 'email' }, 'a@b.c', undefined],
    ['no address of mail', { type: 'string', format: 'email' }, 'a b@c', 'Expected an e-mail address.'],
    ['a web address', { type: 'string', format: 'uri' }, 'https://example.com/a', undefined],
    ['no web address', { type: 'string', format: 'uri' }, 'example', 'Expected an address such as https://example.com.'],
    ['a day', { type: 'string', format: 'date' }, '2028-02-29', undefined],
    ['a day that is in no calendar', { type: 'string', format: 'date' }, '2027-02-29', 'Expected a date such as 2026-01-31.'],
    ['a time', { type: 'string', format: 'date-time' }, '2026-01-31T12:00:00+02:00', undefined],
    ['half a time', { type: 'string', format: 'date-time' }, '2026-01-31', 'Expected a date and time such as 2026-01-31T12:00:00Z.'],
    ['a number', { type: 'number' }, ' 1.5e3 ', undefined],
    ['no number', { type: 'number' }, '   ', 'Expected a number.'],
    ['a number in another notation', { type: 'number' }, '0x10', 'Expected a number.'],
    ['a whole number', { type: 'integer' }, '-3', undefined],
    ['no whole number', { type: 'integer' }, '1.5', 'Expected a whole number.'],
    ['a number below its bound', { type: 'number', minimum: 18 }, '17', 'Expected a number of at least 18.'],
    ['a number above its bound', { type: 'integer', maximum: 5 }, '6', 'Expected a number of at most 5.'],
    ['nothing', { type: 'string' }, '', 'a is needed.'],
  ])('%s', (_, schema, input, problem) => {
    expect(problemOfText(fieldOf(schema), input)).toBe(problem);
  });

  it('is the value it stands for', () => {
    expect(typedValue(fieldOf({ type: 'number' }), ' 42 ')).toBe(42);
    expect(typedValue(fieldOf({ type: 'string' }), ' 42 ')).toBe(' 42 ');
    expect(problemOfText(fieldOf({ type: 'string' }, false), '')).toBeUndefined();
  });
});

describe('an answer that is chosen', () => {
  it.each<[string, JsonObject, readonly string[] | undefined]>([
    ['yes or no', { type: 'boolean' }, ['Yes', 'No']],
    ['one of several', { type: 'string', enum: ['a', 'b'] }, ['a', 'b']],
    ['one of several, named as earlier protocols did', { type: 'string', enum: ['a', 'b'], enumNames: ['A'] }, ['A', 'b']],
    ['one of several with titles', { type: 'string', oneOf: [{ const: '#f00', title: 'Red' }, { const: '#00f' }] }, ['Red', '#00f']],
    ['some of several', { type: 'array', items: { type: 'string', enum: ['a', 'b'] } }, ['a', 'b']],
    ['some of several with titles', { type: 'array', items: { anyOf: [{ const: 'r', title: 'Red' }] } }, ['Red']],
    ['a text', { type: 'string' }, undefined],
  ])('%s', (_, schema, labels) => {
    expect(fieldOf(schema).choices?.map(({ label }) => label)).toEqual(labels);
  });

  it('is held to how many may be taken', () => {
    const field = fieldOf({ type: 'array', minItems: 1, maxItems: 2, items: { type: 'string', enum: ['a', 'b', 'c'] } });
    expect([[], ['a'], ['a', 'b', 'c']].map((value) => problemOf(field, value))).toEqual(['Expected at least 1 items.', undefined, 'Expected at most 2 items.']);
    expect(shown(field, ['a', 'b'])).toBe('a, b');
    expect(shown(fieldOf({ type: 'boolean' }), false)).toBe('No');
  });
});

describe('a form opens', () => {
  it('with what the server proposes, as far as it would be taken', () => {
    const fields = fieldsOf({
      type: 'object',
      properties: {
        name: { type: 'string', default: 'x' },
        age: { type: 'integer', default: 'old' },
        on: { type: 'boolean', default: false },
        colour: { type: 'string', enum: ['red'], default: 'blue' },
        several: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, default: ['b'] },
      },
    });
    expect(Object.fromEntries(proposed(fields))).toEqual({ name: 'x', on: false, several: ['b'] });
  });
});
