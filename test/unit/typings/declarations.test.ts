import { describe, expect, it } from 'vitest';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import ts from 'typescript';
import { isIdentifier } from '../../../src/catalog/identifiers.js';
import { nameMembers } from '../../../src/catalog/names.js';
import type { JsonSchema } from '../../../src/json.js';
import { typesJsonl, typesOfFile } from '../../../src/typings/door.js';
import { declareServer, declareTools, signature } from '../../../src/typings/server.js';
import { errorsOf } from '../../bench/typings/compile.js';
import { declared, errorsIn, toolOf } from './judged.js';

const anyResult = 'type Unchecked = any;';

function compiles(text: string): void {
  expect(errorsOf([anyResult, text]), text).toEqual([]);
}

describe('declarations of a server', () => {
  it('read as a careful person would write them', () => {
    const address: JsonSchema = {
      type: 'object',
      properties: { street: { type: 'string', description: 'House number included.' }, city: { type: 'string' }, zip: { type: 'string', pattern: '^\\d{5}$' } },
      required: ['street', 'city'],
    };
    const text = declared(
      toolOf('create_order', {
        type: 'object',
        properties: { shipping: address, billing: address, items: { type: 'array', items: { enum: ['book', 'pen'] }, minItems: 1 }, note: { type: 'string', default: '' } },
        required: ['shipping', 'items'],
      }, { description: 'Orders something.', outputSchema: { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] } }),
      toolOf('list_orders', { type: 'object', properties: {} }),
    );
    expect(text).toBe(`declare namespace shop {
type Shipping = {
 /** House number included. */ street: string;
 city: string;
 /** @pattern ^\\d{5}$ */ zip?: string;
};
interface Tools {
/** Orders something. */
create_order(args: {
 shipping: Shipping;
 billing?: Shipping;
 /** @minItems 1 */ items: ("book" | "pen")[];
 /** @default "" */ note?: string;
}): Promise<{ id: number }>;
list_orders(args?: Record<string, never>): Promise<Unchecked>;
}
}
declare const shop: shop.Tools;
`);
    compiles(text);
  });

  it('are the same bytes for the same tools, whatever was declared before', () => {
    const tools = (): ReturnType<typeof toolOf>[] => [toolOf('a', { type: 'object', properties: { x: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'object', properties: { n: { $ref: '#/$defs/n' } } } } }), toolOf('b', true)];
    const first = declared(...tools());
    declared(toolOf('other', { type: 'string' }));
    expect(declared(...tools())).toBe(first);
  });

  it('need no argument where nothing is required', () => {
    const text = declared(toolOf('all', { type: 'object', properties: { a: { type: 'string' } } }), toolOf('one', { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }));
    expect(errorsIn(text, 'shop.all(); shop.all({}); shop.one({ a: "x" });')).toEqual([]);
    expect(errorsIn(text, 'shop.one();')).toHaveLength(1);
  });

  it('return what the output schema says, objects or not', () => {
    const text = declared(
      toolOf('count', { type: 'object' }, { outputSchema: { type: 'integer' } }),
      toolOf('names', { type: 'object' }, { outputSchema: { type: 'array', items: { type: 'string' } } }),
      toolOf('never', { type: 'object' }, { outputSchema: false }),
    );
    expect(errorsIn(text, 'async function f() { const a: number = await shop.count(); const b: string[] = await shop.names(); const c: Date = await shop.never(); }')).toEqual([]);
    expect(errorsIn(text, 'async function f() { const a: string = await shop.count(); }')).toHaveLength(1);
  });

  it('mark a shape that was only seen, and leave it open', () => {
    const seen = { schema: { type: 'object', properties: { id: { type: 'number' }, tags: { type: 'array' } }, required: ['id'] }, results: 7 } as const;
    const text = declared(toolOf('get', { type: 'object' }, { description: 'Gets.', inferredOutput: seen }));
    expect(text).toContain('@inferred from 7 results');
    expect(errorsIn(text, 'async function f() { const r = await shop.get(); const n: number = r.id; const later: string = r.notSeenYet; }')).toEqual([]);
    expect(errorsIn(text, 'async function f() { const r = await shop.get(); const n: string = r.id; }')).toHaveLength(1);
  });

  it('survive one bad tool: the others keep their types', () => {
    const text = declared(
      toolOf('bad', { type: 'object', properties: { a: { $ref: 'http://[' }, b: { pattern: '(' }, c: { enum: {} } } }),
      toolOf('bad2', 'not a schema' as unknown as JsonSchema),
      toolOf('bad3', null as unknown as JsonSchema, { outputSchema: [] as unknown as JsonSchema }),
      toolOf('good', { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }),
    );
    compiles(text);
    expect(errorsIn(text, 'shop.good({ n: "x" });')).toHaveLength(1);
  });

  it('hold arguments to an object even where the schema does not', () => {
    const text = declared(toolOf('loose', { properties: { a: { type: 'string' } } }), toolOf('union', { type: ['object', 'string'] }));
    expect(errorsIn(text, 'shop.loose({ a: "x" });')).toEqual([]);
    expect(errorsIn(text, 'shop.loose("x");', 'shop.loose({ zz: 1 });', 'shop.union("x")')).toHaveLength(3);
  });
});

describe('texts', () => {
  it('keep descriptions and cannot break out of their comment', () => {
    const nasty = 'Matches **/*.ts */ declare const evil: 1; /* and\u2028goes\r\non\u0000.\n* starred\n  @param x';
    const text = declared(toolOf('t', { type: 'object', properties: { p: { type: 'string', description: nasty, pattern: '*/', default: '*/' } } }, { description: nasty }));
    compiles(text);
    expect(text).not.toMatch(/^declare const evil/m);
    expect(errorsIn(text, 'evil;')).toHaveLength(1);
    expect(text.split('goes').length - 1).toBe(2);
    expect(text).not.toContain('\u0000');
  });

  it('tell in tags what types cannot say', () => {
    const text = declared(
      toolOf('t', {
        type: 'object',
        properties: {
          a: { type: 'number', minimum: 1, maximum: 9, multipleOf: 2, deprecated: true },
          b: { type: 'string', minLength: 1, maxLength: 5, pattern: '^a', format: 'date' },
          c: { type: 'array', minItems: 3, maxItems: 9, uniqueItems: true },
          d: { type: 'object', minProperties: 1, readOnly: true },
          e: { type: 'integer', minimum: 0, exclusiveMinimum: true, exclusiveMaximum: 10 },
          f: { type: 'string', default: 'x', examples: ['x', 'y'], contentMediaType: 'text/html' },
        },
      }),
    );
    for (const tag of [
      '@deprecated @minimum 1 @maximum 9 @multipleOf 2', '@format date @pattern ^a @minLength 1 @maxLength 5', '@minItems 3 @maxItems 9 @uniqueItems',
      '@readOnly @minProperties 1', '@exclusiveMinimum 0 @exclusiveMaximum 10', '@contentMediaType text/html @default "x" @examples "x", "y"',
    ]) expect(text).toContain(tag);
  });

  it('stand once: a description that the argument repeats is not told twice', () => {
    const text = declared(toolOf('t', { type: 'object', description: 'Says it once.', properties: {} }, { description: 'Says it once.' }));
    expect(text.split('Says it once.')).toHaveLength(2);
  });

  it('give a title where there is no description', () => {
    expect(declared(toolOf('t', { type: 'object' }, { title: 'Do a thing' }))).toContain('/** Do a thing */');
  });
});

describe('one tool of many', () => {
  const node: JsonSchema = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } };
  const server = { namespace: 'shop', tools: [toolOf('grow', node, { description: 'Grows.' }), toolOf('get-plain', { type: 'object', properties: { n: { type: 'number', description: 'How many.' } } })] };

  it('is described with the types it needs and nothing else', () => {
    const text = declareTools(server, ['grow']);
    expect(text).toContain('Grows.');
    expect(text).not.toContain('get_plain');
    expect(declareTools(server, ['get_plain'])).not.toContain('children');
    compiles(text);
  });

  it('has a signature of one line, without texts', () => {
    expect(signature(server, 'get_plain')).toBe('shop.get_plain(args?: { n?: number }): Promise<Unchecked>');
    expect(signature(server, 'grow')).not.toContain('\n');
    expect(signature(server, 'gone')).toBe('');
  });
});

describe('names', () => {
  const groups: readonly (readonly string[])[] = [
    ['list_items', 'listItems', 'list-items', 'list.items', 'LIST_ITEMS'], ['get-user', 'get_user', 'GetUser'], ['a.b', 'a_b', 'a b', 'a/b', 'a:b'], ['ns/tool', 'ns:tool'],
    ['delete', 'class', 'await', 'new', 'default'], ['constructor', 'then', '__proto__', 'prototype', 'toString', 'toJSON', 'valueOf'], ['获取用户', '删除用户'], ['🙂', '🙃', '👨‍👩‍👧'],
    // Letters of Unicode 15.1 and later: some engines know them, some compilers do not. Joiners, which nobody sees.
    ['\u{2ebf0}', '\u{2ebf1}', '\u088f', 'a\u{2ebf0}b', '\u30fb', 'a\u30fbb'], ['a\u200db', 'ab', 'a\u200cb'],
    ['', ' ', '  '], ['x'.repeat(300), `${'x'.repeat(299)}y`], ['1st', '2nd', '_1st'], ['é', 'é'], ['a_b', 'a-b', 'a_b_2'], ['_', '__', '-', '--'],
  ];

  it.each(groups.map((group) => [group.map((name) => JSON.stringify(name.slice(0, 20))).join(' '), group] as const))('%s are told apart, stably', (_, group) => {
    const members = nameMembers(group);
    expect(new Set(members).size).toBe(group.length);
    for (const [at, member] of members.entries()) {
      expect(member).toMatch(/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u);
      expect(member.length).toBeLessThanOrEqual(80);
      if (/^[A-Za-z_]\w*$/.test(group[at]!) && group[at]!.length <= 64 && !['constructor', 'then', '__proto__', 'prototype', 'toString', 'toJSON', 'valueOf'].includes(group[at]!)) expect(member).toBe(group[at]);
    }
    expect(nameMembers(group)).toEqual(members);
    // The order that a server lists its tools in must not rename them.
    const backwards = nameMembers([...group].reverse()).reverse();
    if (new Set(group.map((name) => name.normalize('NFC'))).size === group.length) expect(backwards).toEqual(members);
  });

  it('make declarations that compile, and calls that reach each tool', () => {
    const all = [...new Set(groups.flat())];
    const members = nameMembers(all);
    const text = declareServer({ namespace: 'shop', tools: all.map((name, index) => ({ name, member: members[index]!, inputSchema: { type: 'object', properties: { [`p${index}`]: { type: 'string' } } } })) }).text;
    expect(errorsIn(text, ...members.map((member, index) => `shop.${member}({ p${index}: 'x' });`))).toEqual([]);
  });

  it('have only letters that TypeScript knows, whatever the engine here knows', () => {
    const unknown: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const letter = String.fromCodePoint(code);
      if (isIdentifier(letter) && !ts.isIdentifierStart(code, ts.ScriptTarget.ES2023)) unknown.push(code.toString(16));
      if (isIdentifier(`a${letter}`) && !ts.isIdentifierPart(code, ts.ScriptTarget.ES2023)) unknown.push(`a${code.toString(16)}`);
    }
    expect(unknown).toEqual([]);
    expect(nameMembers(['pokaż', 'получить', '列出', '検索する', '만들기', 'é'])).toEqual(['pokaż', 'получить', '列出', '検索する', '만들기', 'é']);
  });

  it('of members and of types may hold any letter', () => {
    const odd = ['\u{2ebf0}', '\u088f', 'a\u30fbb', 'a\u200db', '\u{1f600}'];
    const node = (name: string): JsonSchema => ({ type: 'object', properties: { [name]: { $ref: `#/$defs/${encodeURIComponent(name)}` } } });
    compiles(declared(toolOf('t', { type: 'object', properties: Object.fromEntries(odd.map((name) => [name, { $ref: `#/$defs/${encodeURIComponent(name)}` }])), $defs: Object.fromEntries(odd.map((name) => [name, node(name)])) })));
  });
});

describe('the types door', () => {
  async function ask(...requests: readonly unknown[]): Promise<Record<string, unknown>[]> {
    const input = new PassThrough();
    const output = new PassThrough();
    const answers = textOf(output);
    const done = typesJsonl(input, output);
    for (const request of requests) input.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
    input.end();
    await done;
    output.end();
    return (await answers).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('answers each line, and a bad one with an error of its own', async () => {
    const answers = await ask({ id: 1, op: 'hello' }, 'not json', { id: 3, op: 'nothing' }, { id: 4, op: 'type', name: 'T', schema: { type: 'string' } });
    expect(answers[0]).toEqual({ id: 1, label: 'code-mode' });
    expect(answers[1]).toMatchObject({ id: null });
    expect(answers[2]).toMatchObject({ id: 3, error: expect.stringContaining('hello, type or server') as string });
    expect(answers[3]).toEqual({ id: 4, declarations: 'type T = string;\n', typeName: 'T' });
  });

  it('gives per tool the types of what it takes and returns', async () => {
    const tools = [{ name: 'get-user', inputSchema: { type: 'object', properties: { id: { type: 'string' } } }, outputSchema: { type: 'string' } }, { name: 'get_user' }];
    const [answer] = await ask({ id: 1, op: 'server', server: 'my-server', tools });
    const { declarations, inputs, outputs } = answer as { declarations: string; inputs: string[]; outputs: string[] };
    expect(inputs).toHaveLength(2);
    expect(errorsIn(declarations, `let a: ${inputs[0]!} = { id: 'x' }; let b: ${outputs[0]!} = 'x'; let c: ${inputs[1]!}; let d: ${outputs[1]!};`)).toEqual([]);
    expect(errorsIn(declarations, `let a: ${inputs[0]!} = { id: 1 };`)).toHaveLength(1);
  });

  it('declares the servers of a file as one program', () => {
    const tools = [{ name: 't', inputSchema: { type: 'object' } }];
    const text = typesOfFile([{ server: 'a-b', tools }, { server: 'a_b', tools }, { tools }, { server: 'class', tools }, { server: 'console', tools }, { server: 'Promise', tools: 'junk' }]);
    expect(errorsOf([text])).toEqual([]);
    expect(text.match(/^declare const/gm)).toHaveLength(6);
  });
});
