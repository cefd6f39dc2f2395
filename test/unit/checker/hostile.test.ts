import { describe, expect, it } from 'vitest';
import { check } from './script.js';

/** Every script gets a result, whatever it is, and the next one a right one. */
function survives(source: string): ReturnType<typeof check> {
  const result = check(source);
  for (const diagnostic of result.diagnostics) {
    expect(diagnostic.line).toBeGreaterThan(0);
    expect(diagnostic.column).toBeGreaterThan(0);
    expect(diagnostic.message).not.toBe('');
  }
  expect(result.ok).toBe(!result.diagnostics.some(({ severity }) => severity === 'error'));
  const after = check("return (await repo.read({ path: 'a' })).text;");
  expect(after.diagnostics).toEqual([]);
  expect(after.reach.entries).toHaveLength(1);
  return result;
}

describe('hostile scripts', () => {
  it('of two megabytes are refused with their size', () => {
    expect(survives(`const a = 1;\n`.repeat(160_000)).diagnostics).toMatchObject([{ code: 'codemode/too-long', message: expect.stringContaining('2,080,000 characters') as string }]);
  });

  it.each([
    ['parentheses', `return ${'('.repeat(10_000)}1${')'.repeat(10_000)};`],
    ['lists', `return ${'['.repeat(10_000)}${']'.repeat(10_000)};`],
    ['blocks', `${'{'.repeat(10_000)}${'}'.repeat(10_000)}`],
    ['functions', `${'() => '.repeat(10_000)}1;`],
    ['members', `const a: any = 1; return a${'.b'.repeat(10_000)};`],
    ['calls', `const f: any = 1; return f${'()'.repeat(10_000)};`],
    ['types', `let a: ${'Array<'.repeat(10_000)}1${'>'.repeat(10_000)};`],
    ['conditions', `return ${'1 ? 2 : '.repeat(10_000)}3;`],
    ['sums', `return ${'1 + '.repeat(10_000)}1;`],
    ['templates', `return ${'`${'.repeat(3_000)}1${'}`'.repeat(3_000)};`],
    ['never closed', '(['.repeat(10_000)],
  ])('nested 10,000 deep in %s', (_, source) => {
    survives(source);
  });

  it.each([
    ['NUL', 'return 1;\0\0'],
    ['NUL in a string', "return 'a\0b';"],
    ['lone surrogates', "const \uD800 = 1; return '\uDC00';"],
    ['replacement characters', '\uFFFD'.repeat(100)],
    ['separators', 'return 1;\u2028return 2;\u2029'],
    ['direction marks', "return '\u202E\u2066';"],
    ['control characters', Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('')],
    ['nothing but quotes', '\'"`'.repeat(1_000)],
    ['a reference to a file', '/// <reference path="/etc/passwd" />\n/// <reference types="node" />\n/// <reference lib="dom" />\nreturn 1;'],
    ['a pragma', '/* @jsx h */ // @ts-nocheck\nreturn 1;'],
    ['a triple of fences', '```\n```\n```'],
    ['an empty fence', '```'],
    ['its own wrapper', 'async function $script() {}\nreturn $script();'],
    ['what closes the wrapper', '}\nasync function $script(){'],
    ['names of every object', 'const { constructor, __proto__, toString } = repo as any; return [constructor, __proto__, toString];'],
    ['an index named like that', "return [(repo as any)['__proto__'], (repo as any).constructor];"],
    ['a tool of Object', 'return [github.toString(), github.hasOwnProperty("x")];'],
  ])('with %s', (_, source) => {
    survives(source);
  });

  it('that close what they are wrapped in are syntax errors', () => {
    for (const source of ['}', '}}', '};{', '} catch {', '}\nasync function $script(){', '} export default function () {', '`', '/*', '//', '${', 'return 1 }) ({']) {
      const { ok, code } = survives(source);
      expect(ok, source).toBe(source === '//');
      if (!ok) expect(code).toBe('');
    }
  });

  it('with endless types are answered', () => {
    const sources = [
      'type Deep<T> = { a: Deep<Deep<T>> }; let a!: Deep<1>; const b: Deep<2> = a; return b;',
      'type Count<N extends number, A extends 1[] = []> = A["length"] extends N ? A : Count<N, [...A, 1]>; let a!: Count<9999>; return a;',
      `type A = '0'|'1'|'2'|'3'|'4'|'5'|'6'|'7'|'8'|'9'; let a!: \`\${A}\${A}\${A}\${A}\${A}\${A}\`; return a;`,
      'interface A extends B {} interface B extends A {} let a!: A; return a;',
      'type X = X[] | { x: X }; const x: X = []; return x;',
      'const f = () => f(); return f();',
    ];
    for (const source of sources) survives(source);
  });

  it.each([
    ['sums', (last: string) => `${last} + ${last}`, "'x'"],
    ['templates', (last: string) => `\`\${${last}}\${${last}}\``, "'x'"],
    ['objects', (last: string) => `{ a: ${last}, b: ${last} }`, '{ a: 1 }'],
    ['lists', (last: string) => `[${last}, ${last}]`, '[1]'],
  ])('whose constants double with each line, as %s, are read once', (_, doubled, first) => {
    const lines = Array.from({ length: 60 }, (_line, at) => `const s${String(at)}: any = ${at === 0 ? first : doubled(`s${String(at - 1)}`)};`);
    const { reach } = survives(`${lines.join('\n')}\nawait repo.read({ path: s3 }); await repo.read({ path: s59 });`);
    expect(reach.entries.map(({ literals }) => literals)).toEqual([first === "'x'" ? { path: 'x'.repeat(8) } : {}, {}]);
  });

  it('with as many errors as fit are answered with the first ones and how many more', () => {
    const { diagnostics } = survives(Array.from({ length: 2_000 }, (_, index) => `const v${String(index)}: number = '';`).join('\n'));
    expect(diagnostics).toHaveLength(501);
    expect(diagnostics.at(-1)).toMatchObject({ severity: 'error', code: 'codemode/more', message: 'And 1500 more from here on.' });
  });

  it('cannot change what the next one is checked against', () => {
    survives('export default async () => 1;\ndeclare global { interface Array<T> { evil: number } const github: any; }');
    survives('interface Promise<T> { evil: T } type Unchecked = never; const github = 1; const console = github; return console;');
    expect(check('return [].evil;').ok).toBe(false);
    expect(check('return github.evil;').ok).toBe(false);
  });
});
