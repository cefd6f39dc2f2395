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

describe('the library that scripts are checked against', () => {
  const declared = new Set([...valuesOf(libText(libDirectory, removedGlobals)), ...valuesOf(globalsText({ removed: removedGlobals, declarations: extraDeclarations }))]);

  it('promises nothing that the sandbox lacks', async () => {
    const names = [...declared].filter((name) => name !== 'params');
    expect(names.length).toBeGreaterThan(60);
    expect(await inGuest(`return ${JSON.stringify(names)}.filter((name) => !(name in globalThis));`)).toEqual([]);
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
