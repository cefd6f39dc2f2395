import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { erase } from '../../../src/checker/erase.js';
import { outlineOf } from '../../../src/checker/outline.js';
import { parse, readShape } from '../../../src/checker/shape.js';
import { check, errors } from './script.js';
import { compile, structure, transpiled } from './structure.js';

function erased(source: string): { readonly code: string; readonly problems: readonly string[] } {
  const shape = readShape(source);
  const file = parse(shape.prefix + shape.text + shape.suffix);
  const { code, problems } = erase(file, shape, outlineOf(file));
  return { code, problems: problems.map(({ message }) => message) };
}

/** Everything a text promises after erasure: same length and lines, every character kept or blanked, the same program. */
function expectErased(source: string): void {
  const { code, problems } = erased(source);
  expect(problems).toEqual([]);
  expect(code).toHaveLength(source.length);
  for (let index = 0; index < source.length; index++) {
    const [before, after] = [source[index], code[index]];
    if (before === after) continue;
    if (before === '\n' || before === '\r' || !' ;()'.includes(after ?? '')) throw new Error(`${JSON.stringify(before)} became ${JSON.stringify(after)} at ${String(index)} of ${source}`);
  }
  compile(code);
  const wrapped = (text: string): string => `async function f() {\n${text}\n}`;
  expect(structure(wrapped(code)), `${source}\n----\n${code}`).toEqual(structure(transpiled(wrapped(source))));
}

describe('types are blanked', () => {
  it.each([
    'const a: number = 1 as number; let b!: string; var c: Map<string, number[]> = new Map<string, number[]>();',
    'function f<T extends object>(x: T, y?: number, ...rest: string[]): T | undefined { return x }',
    'function f(this: Date, a: number) { return a }\nfunction g(this: void) {}',
    'function over(a: string): void\nfunction over(a: number): void\nfunction over(a: unknown) { console.log(a) }',
    'const f = <T,>(x: T): T => x; const g = async <T,>(x: T): Promise<T> => x;',
    'const f = <\n  T,\n>(x: T) => x',
    'const f = (x: number):\n  number => x',
    'const f = (\n  x: number,\n): Promise<\n  number\n> => Promise.resolve(x)',
    'const f = function <T>(x?: T): x is NonNullable<T> { return !!x }',
    'function ok(x: unknown): asserts x is string {}\nok(1)',
    'let x = 1 as\n  unknown as\n  string\n;[1].map(String)',
    'let x = 1 as number\n;(2 as number).toFixed()',
    'const x = a as any\n(b)\nvar a: any, b: any',
    'return (\n  1 as number\n)',
    'return <number>(1) + 1'.replace('<number>', ''),
    'interface A { x: number }\nconst a = 1\ninterface B extends A {}\n;[1].length',
    'const a = 1\ninterface B { (): void }\n(1)',
    'let a = 1\ntype T = number\n[1].length',
    'if (true) type\nlet type: number',
    'declare const x: number; declare function y(): void; declare class Z {}\nconst a = 1',
    'abstract class A<T> implements Iterable<T> { abstract x: T; private y?: number = 1; protected readonly z!: string; static override s: number; declare d: 1; [Symbol.iterator](): Iterator<T> { throw this } abstract m(): void; get g(): number { return 1 } set g(v: number) {} constructor(x: T) { } [key: string]: any }',
    'class A { private *gen(): Generator<number> { yield 1 } public async m?(): Promise<void> {} readonly ["a"]: string = "" }',
    'class B extends (Array as any)<number> {}',
    'const a = x! + y!.z![0]!; var x: any, y: any',
    'const a = { b: 1 } satisfies { b: number }\nconst c = a satisfies object as object',
    'const [a, b]: [number, string] = [1, ""]; const { c }: { c: number } = { c: 1 };',
    'for (const x of [1] as number[]) { } for (let i: number = 0; i < 1; i++) {} for (const k in {} as object) { }',
    'try { } catch (e: unknown) { }',
    'foo<string>(1); foo?.<string>(2); new Foo<number>; tag<string>`x${1 as number}`; var foo: any, Foo: any, tag: any'.replace('foo?.<string>(2); ', ''),
    'const a = /* one */ 1 /* two */ as /* three */ number /* four */; // five',
    'let a: typeof import("x"), b: unique symbol, c: `a${string}`, d: { [K in keyof A]?: A[K] }, e: A extends infer U ? U : never\ntype A = {}',
    'label: for (;;) { break label }\nlet label2: string',
    'enumerate(); var enumerate = (): void => {}, namespace = 1, module = 2, declare = 3, abstract = 4, as = 5, satisfies = 6, type = 7, is = 8; namespace; type; declare; as as number',
    'const a = b ? (c) : d => e; var b: any, c: any, d: any, e: any',
    'const a = async (x: number): Promise<void> => { await x }',
    'const a = x < y, b = x > (y); var x: any, y: any',
    'const f = ({ a, b }: { a: number; b?: string } = { a: 1 }, [c]: number[] = []): number => a',
    'const x = 1\r\ntype Y =\r\n  | 1\r\n  | 2\r\nreturn x as number',
    'const u = "\u{1F600}" as string; const \u00e9t\u00e9: number = 1',
    'export const a: number = 1'.replace('export ', ''),
    'let f: new <T>(...args: T[]) => abstract new () => void\nlet g: <T>(x: T) => x is T & {}',
    'using2(); function using2<const T extends readonly unknown[]>(x?: T): asserts x {}',
    'const o = { m<T>(x: T): T { return x }, get a(): number { return 1 }, async *g<T>(): AsyncGenerator<T> {}, "q"<T>(): void {} }',
    'let x = y as any as () => void\n`a`\nvar y: any',
    'let z: string\n/re/g.test("")',
    'let fn = (a: (b: number) => void, c: { d(): void }): ((e: string) => number) => { throw 1 }',
  ])('%j', (source) => {
    expectErased(source);
  });

  it('in every file of this project as TypeScript itself would', () => {
    const folder = path.resolve('src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /^(checker|runs|catalog|lifecycle)\/.*\.ts$/.test(name));
    expect(files.length).toBeGreaterThan(20);
    for (const name of files) {
      const source = readFileSync(path.join(folder, name), 'utf8');
      // Imports and exports are the business of modules, not of types.
      const plain = source.replace(/^import [^;]*;/gm, (text) => text.replace(/[^\n]/g, ' ')).replace(/^export (?:type )?(?:\*|\{)[^;]*;/gm, (text) => text.replace(/[^\n]/g, ' ')).replace(/^export /gm, '       ');
      if (parse(plain).statements.length === 0 || /constructor\([^)]*(?:private|readonly|public) /s.test(plain)) continue;
      const { code, problems } = erased(plain);
      expect(problems, name).toEqual([]);
      expect(structure(`async function f() {\n${code}\n}`), name).toEqual(structure(transpiled(`async function f() {\n${plain}\n}`)));
    }
  });

  it('in programs put together at random, whatever stands between their tokens', () => {
    fc.assert(
      fc.property(program, gaps, (source, fillers) => {
        const text = spread(source, fillers);
        // A line break can make a generic call an assertion of the old kind, which is refused.
        if (parses(text) && erased(text).problems.length === 0) expectErased(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('syntax that leaves code behind', () => {
  it.each([
    ['enum E { A }', /^An enum leaves code behind/],
    ['const enum E { A }', /^An enum leaves code behind/],
    ['namespace N { export const a = 1 }', /^A namespace leaves code behind/],
    ['class A { constructor(private x: number) {} }', /^A parameter property leaves code behind/],
    ['const x = <number>1;', /^Write `value as Type`/],
    ['class A { @dec x = 1 }\nfunction dec(..._: unknown[]) {}', /decorators/],
    ['import a = b.c;\nnamespace b { export const c = 1 }', /leaves code behind/],
    ['const a = 1 + 1 as number * 2;', /parentheses/],
    ['using x = { [Symbol.dispose]() {} };', /does not know `using`/],
    ['class A { accessor x = 1 }', /does not know `accessor`/],
    ['class A { static accessor #x: number = 1 }', /does not know `accessor`/],
    ['return new.target;', /no new\.target/],
    ['const f = () => new.target; return f();', /no new\.target/],
  ])('%j is refused with a sentence', (source, message) => {
    const result = check(source);
    expect(result.ok).toBe(false);
    expect(result.diagnostics.some((diagnostic) => diagnostic.severity === 'error' && message.test(diagnostic.message))).toBe(true);
  });

  it('but not where it is a name, or stands in a function', () => {
    for (const source of ['class A { accessor = 1; static accessor\n = 2 }', 'const accessor = 1; return accessor;', 'return function () { return new.target };', 'class A { constructor() { void (() => new.target) } }']) expect(errors(source)).toEqual([]);
  });

  it('but not where it is only declared', () => {
    expectErased('declare enum E { A }\ndeclare namespace N { const a: number }\nnamespace T { export type X = 1 }\nconst x = 1');
  });
});

const name = fc.constantFrom('a', 'b', 'foo', 'type', 'as', 'of', 'declare', 'x1');
const type = fc.letrec<{ type: string }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('number', 'string[]', 'unknown', "'lit'", '`t${string}`', '() => void', 'typeof a', 'keyof A', '{ a : 1 ; b ? : 2 }', 'Map < string , number >', 'new ( ) => A', '[ a : 1 , ...b : 2 [ ] ]', 'A [ "x" ]'),
    fc.tuple(tie('type'), tie('type')).map(([a, b]) => `${a} | ${b}`),
    tie('type').map((inner) => `Promise < ${inner} >`),
    tie('type').map((inner) => `( ${inner} )`),
    fc.tuple(tie('type'), tie('type')).map(([a, b]) => `( x ? : ${a} ) => ${b}`),
    fc.tuple(tie('type'), tie('type')).map(([a, b]) => `${a} extends infer U ? ${b} : never`).map((conditional) => `( ${conditional} )`),
  ),
})).type;
const expression = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    name,
    fc.constantFrom('1', '"s"', '[ ]', '/re/g', '`t`', 'this', 'null', 'await a'),
    fc.tuple(tie('expression'), type).map(([value, of]) => `( ${value} as ${of} )`),
    fc.tuple(tie('expression'), type).map(([value, of]) => `( ${value} satisfies ${of} )`),
    tie('expression').map((value) => `( ${value} ) !`),
    fc.tuple(name, type, tie('expression')).map(([callee, of, value]) => `${callee} < ${of} > ( ${value} )`),
    fc.tuple(name, type).map(([callee, of]) => `new ${callee} < ${of} > ( )`),
    fc.tuple(name, type, type, tie('expression')).map(([parameter, of, returned, value]) => `( ( ${parameter} ? : ${of} ) : ${returned} => ( ${value} ) )`),
    fc.tuple(name, type, tie('expression')).map(([parameter, of, value]) => `( async < T , > ( ${parameter} : ${of} ) => { return ${value} } )`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a} + ${b}`),
    fc.tuple(name, tie('expression')).map(([key, value]) => `( { ${key} : ${value} } )`),
    fc.tuple(tie('expression'), name).map(([object, member]) => `( ${object} ) . ${member}`),
  ),
})).expression;
const statement = fc.oneof(
  fc.tuple(fc.constantFrom('let', 'var'), name, type, expression).map(([kind, of, annotation, value]) => `${kind} ${of === 'of' ? 'o' : of} : ${annotation} = ${value}`),
  fc.tuple(expression, type).map(([value, of]) => `a = ${value} as ${of}`),
  fc.tuple(name, type).map(([of, aliased]) => `type T${of} = ${aliased}`),
  fc.tuple(name, type).map(([of, member]) => `interface I${of} { m : ${member} ; ( ) : void }`),
  fc.tuple(name, type, type, expression).map(([of, parameter, returned, value]) => `function f${of} < T > ( this : A , x : ${parameter} , ...y : T [ ] ) : ${returned} { return ${value} }`),
  fc.tuple(name, type, expression).map(([of, field, value]) => `class C${of} < T > implements I { private readonly x ? : ${field} = ${value} ; static y : ${field} ; declare z : 1 ; m ? ( a : ${field} ) : void { } }`),
  expression.map((value) => `return ${value}`),
  expression.map((value) => `( ${value} )`),
  expression.map((value) => `[ ${value} ]`),
  fc.tuple(expression, type).map(([value, of]) => `if ( ${value} as ${of} ) { }`),
);
const program = fc.array(statement, { minLength: 1, maxLength: 5 }).map((statements) => statements.join(' \u0000 '));
const gaps = fc.array(fc.constantFrom(' ', ' ', ' ', ' ', '\n', '  ', '/* c */', ' /* ) */ ', '\r\n', '// c\n'), { minLength: 1, maxLength: 30 });

/**
 * Puts something between all tokens; NUL stands for the end of a statement. A comment never touches a `<`: TypeScript
 * reads JavaScript as JSX, where `</` closes a tag, and so could not tell what the erased text says.
 */
function spread(source: string, fillers: readonly string[]): string {
  let at = 0;
  return source.replace(/\u0000| /g, (gap) => (gap === ' ' ? (fillers[at++ % fillers.length] ?? ' ') : at++ % 2 === 0 ? '\n' : ';')).replace(/<(?=\/)/g, '< ');
}

function parses(text: string): boolean {
  // An arrow on a line of its own parses, and is refused afterwards.
  if (/[\r\n](?:\s|\/\*[^]*?\*\/|\/\/.*)*=>/.test(text)) return false;
  const wrapped = `async function f() {\n${text}\n}`;
  const file = ts.createSourceFile('x.ts', wrapped, ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);
  if ((file as unknown as { readonly parseDiagnostics: readonly unknown[] }).parseDiagnostics.length > 0 || file.statements.length !== 1) return false;
  try {
    // What TypeScript takes and no engine does (`let` of one name twice) shows nothing about erasure.
    compile(transpiled(wrapped).replace(/^async function f\(\) \{|\}\s*$/g, ''));
    return true;
  } catch {
    return false;
  }
}
