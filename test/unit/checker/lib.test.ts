import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../../../src/checker/engine.js';
import { globalsText, libText, withoutValues } from '../../../src/checker/lib.js';
import { extraDeclarations, removedGlobals } from '../../../src/sandbox/globals.js';
import { createSandboxPool, type SandboxPool } from '../../../src/sandbox/pool.js';
import { libDirectory } from './script.js';

/** What the guest has and TypeScript knows without a declaration, or deliberately does not tell. */
const undeclared = new Set([
  'globalThis',
  'undefined',
  // Of newer ECMAScript than the library the scripts are checked against.
  'Iterator',
  'Float16Array',
  'AsyncDisposableStack',
  'DisposableStack',
  'SuppressedError',
]);

let pool: SandboxPool;
beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', '--only', 'sandbox']);
  pool = createSandboxPool({ workerPath: path.resolve('dist/sandbox/worker.js') });
}, 120_000);
afterAll(async () => {
  await pool.dispose();
});

async function inGuest(script: string): Promise<unknown> {
  const result = await pool.run(script, { namespaces: {}, call: async () => undefined, timeoutMs: 5_000, memoryMb: 64 });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** The global values that a declaration file promises. */
function valuesOf(text: string): string[] {
  const file = ts.createSourceFile('lib.d.ts', text, ts.ScriptTarget.ESNext);
  return file.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText(file));
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) return [statement.name.text];
    // A namespace with values in it is a value itself.
    if (ts.isModuleDeclaration(statement) && /^\s*(?:const|var|let|function) /m.test(statement.getText(file))) return [statement.name.getText(file)];
    return [];
  });
}

/** Members that instances have of their own, and that no prototype shows. */
const ownMembers = new Set(['lastIndex', 'stack', 'cause', 'errors', 'encoding', 'fatal', 'ignoreBOM', 'type', 'target', 'cancelable', 'defaultPrevented', 'onabort']);

/** Where and under which name each member of a global is promised, prototypes and `Intl` included. */
function membersOf(text: string): (readonly [at: string, name: string])[] {
  const file = ts.createSourceFile('lib.d.ts', text, ts.ScriptTarget.ESNext, true);
  const host: ts.CompilerHost = { ...ts.createCompilerHost({}), getSourceFile: (name) => (name === 'lib.d.ts' ? file : undefined), fileExists: (name) => name === 'lib.d.ts', readFile: () => text };
  const checker = ts.createProgram(['lib.d.ts'], { noLib: true, target: ts.ScriptTarget.ESNext, strict: true }, host).getTypeChecker();
  const namesOf = (symbol: ts.Symbol): string[] => checker.getTypeOfSymbol(symbol).getProperties().map(({ name }) => name).filter((name) => !name.startsWith('__@'));
  const visit = (symbol: ts.Symbol, at: string): (readonly [string, string])[] => {
    const prototype = checker.getTypeOfSymbol(symbol).getProperty('prototype');
    return [...namesOf(symbol).map((name) => [at, name] as const), ...(prototype === undefined ? [] : namesOf(prototype).filter((name) => !ownMembers.has(name)).map((name) => [`${at}.prototype`, name] as const))];
  };
  return checker.getSymbolsInScope(file, ts.SymbolFlags.Value).flatMap((symbol) => {
    if (['globalThis', 'undefined', 'params'].includes(symbol.name)) return [];
    const inside = symbol.name === 'Intl' ? checker.getExportsOfModule(symbol).filter((member) => (member.flags & ts.SymbolFlags.Value) !== 0) : [];
    return [...visit(symbol, symbol.name), ...inside.flatMap((member) => [['Intl', member.name] as const, ...visit(member, `Intl.${member.name}`)])];
  });
}

describe('the library that scripts are checked against', () => {
  const declared = new Set([...valuesOf(libText(libDirectory, removedGlobals)), ...valuesOf(globalsText({ removed: removedGlobals, declarations: extraDeclarations }))]);

  it('promises nothing that the sandbox lacks', async () => {
    const names = [...declared].filter((name) => name !== 'params');
    expect(names.length).toBeGreaterThan(60);
    expect(await inGuest(`return ${JSON.stringify(names)}.filter((name) => !(name in globalThis));`)).toEqual([]);
  });

  it('promises no member that the sandbox lacks', async () => {
    const members = membersOf(`${libText(libDirectory, removedGlobals)}\n${globalsText({ removed: removedGlobals, declarations: extraDeclarations })}`);
    expect(members.length).toBeGreaterThan(900);
    const script = `return ${JSON.stringify(members)}.filter(([at, name]) => !(name in Object(at.split('.').reduce((object, key) => object?.[key], globalThis)))).map((member) => member.join('.'));`;
    expect(await inGuest(script)).toEqual([]);
  });

  it('leaves out nothing that the sandbox has', async () => {
    const present = (await inGuest('return Object.getOwnPropertyNames(globalThis);')) as string[];
    expect(present.filter((name) => !declared.has(name) && !undeclared.has(name) && name !== 'codemode' && name !== 'params')).toEqual([]);
  });

  it('keeps the types of what it removes, and only those', () => {
    const engine = new Engine(libDirectory, { removed: removedGlobals, declarations: extraDeclarations });
    const messages = (source: string): string[] => engine.check(source).result.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    expect(messages('const f: Function = () => 1; return [f.name, f.length, f.call(null)];')).toEqual([]);
    for (const name of removedGlobals) expect(messages(`return ${name};`), name).toHaveLength(1);
    expect(messages("const t: Date = new Date(); return [new Intl.NumberFormat('en').format(1), Reflect.ownKeys(t), structuredClone(t), new URL('a:b').href];")).toEqual([]);
  });

  it('can lose a whole namespace and a name that is none', () => {
    const text = withoutValues('declare namespace Reflect {\n    function apply(): void;\n}\ndeclare namespace Intl {\n    interface A { x: 1 }\n    var A: {\n        new(): A;\n    };\n    const B: A;\n}\ndeclare var Kept: 1;\ndeclare var KeptToo: 2;\n', ['Reflect', 'Intl', 'a b', '.*']);
    expect(valuesOf(text)).toEqual(['Kept', 'KeptToo']);
    expect(text).toContain('interface A { x: 1 }');
  });
});
