import { describe, expect, it } from 'vitest';
import { check, errors, findings } from './script.js';

const AsyncFunction = (Object.getPrototypeOf(async () => undefined) as { constructor: unknown }).constructor as new (...parts: string[]) => (...values: unknown[]) => Promise<unknown>;

/** Runs what the checker made of a script, with stand-ins for what it names. */
async function run(source: string, params?: unknown): Promise<unknown> {
  const { code, diagnostics, ok } = check(source);
  if (!ok) throw new Error(JSON.stringify(diagnostics));
  const repo = { list: async () => ['a', 'b'], read: async ({ path }: { path: string }) => ({ path, text: `text of ${path}` }) };
  return new AsyncFunction('params', 'repo', `"use strict";${code}`)(params, repo);
}

/** The place of a word is the same in the submitted text and in what runs. */
function expectSamePlace(source: string, word: string): void {
  const { code } = check(source);
  expect(code.split('\n')[source.slice(0, source.indexOf(word)).split('\n').length - 1]?.indexOf(word)).toBe(source.split('\n').find((line) => line.includes(word))?.indexOf(word));
}

describe('a body', () => {
  it('awaits and returns at the top', async () => {
    const source = `const paths: string[] = await repo.list();\nreturn paths.length as number;`;
    expect(check(source)).toMatchObject({ ok: true, dialect: 'body' });
    expect(await run(source)).toBe(2);
  });

  it('has params', async () => {
    expect(await run('return params.n + 1;', { n: 1 })).toBe(2);
  });

  it('may mention exports in text and comments', () => {
    expect(check(`// export default of it\nreturn 'import x from "y"; export default 1';`)).toMatchObject({ ok: true, dialect: 'body' });
  });

  it('runs a main that it declares and never calls', async () => {
    expect(await run('async function main(): Promise<number> { return (await repo.list()).length }')).toBe(2);
    expect(await run('const main = async (given: { n: number }): Promise<number> => given.n;', { n: 3 })).toBe(3);
    expect(await run('async function main(): Promise<number> { return 1 }\nreturn (await main()) + 1;')).toBe(2);
    expect(await run('function main() { return 1 }\nmain();')).toBeUndefined();
  });

  it('knows control flow past a return', () => {
    expect(errors(`const m = /a/.exec('a');\nif (!m) return null;\nreturn m[0].length;`)).toEqual([]);
  });

  it('may be empty', async () => {
    expect(await run('')).toBeUndefined();
    expect(await run(' // nothing\n')).toBeUndefined();
  });
});

describe('a module', () => {
  it.each([
    ['an anonymous async function', `interface Params { n: number }\nexport default async function (params: Params): Promise<number> {\n  return params.n + one;\n}\nconst one = 1;`],
    ['a named one that is called elsewhere', `export default async function main(params: { n: number }): Promise<number> {\n  return params.n < 4 ? again(params.n) : params.n;\n}\nasync function again(n: number): Promise<number> { return main({ n: n + 1 }); }`],
    ['a plain function', `export default function ({ n }: { n: number }) { return n + 1 }`],
    ['an arrow', `const one: number = 1;\nexport default async ({ n }: { n: number }): Promise<number> => n + one;`],
    ['an arrow without async', `export default (params: { n: number }) => params.n + 1`],
    ['a name', `async function f(params: { n: number }) { return params.n + 1 }\nexport default f;`],
    ['a renamed export', `const f = (params: { n: number }) => params.n + 1;\nexport { f as default };`],
    ['a cast', `const f = (params: { n: number }) => params.n + 1;\nexport default f as typeof f;`],
    ['other exports besides', `export const one: number = 1;\nexport interface X { n: number }\nexport type Y = X;\nexport function add(n: number) { return n + one }\nexport default async (params: Y) => add(params.n);\nexport { one as uno };\nexport type { X as Z };`],
    ['words spread out', `export /* a */ default /* b */ async function /* c */ (params: { n: number }) { return params.n + 1 }`],
    ['words on two lines', `export\ndefault async function (params: { n: number }) { return params.n + 1 }`],
    ['an arrow on the next line', `export default\n  async (params: { n: number }) => params.n + 1`],
    ['a comment between for an arrow', `export // x default\n  default /* default */ async (params: { n: number }) => params.n + 1`],
    ['overloads', `export default function (params: { n: number }): number;\nexport default function (params: { n: number }): number { return params.n + 1 }`],
    ['a generic', `export default async function <T extends { n: number }>(params: T) { return params.n + 1 }`],
    ['a generic over lines', `export default async function <\n  T extends { n: number },\n>(params: T) { return params.n + 1 }`],
    ['a main that is exported by name', `export async function main(params: { n: number }) { return params.n + 1 }`],
    ['what follows without a semicolon', `export default async function (params: { n: number }) { return params.n + list.length }\n[1].map(String)\nconst list = [1]`],
    ['Windows lines', `export const one = 1\r\nexport default async function (params: { n: number }) {\r\n  return params.n + one\r\n}\r\n`],
  ])('with %s', async (_, source) => {
    expect(check(source)).toMatchObject({ ok: true, dialect: 'module' });
    expect(await run(source, { n: 3 })).toBe(4);
  });

  it('keeps every place', () => {
    const source = `export const one: number = 1;\nexport default async function (params: { n: number }): Promise<number> {\n  return params.n + one;\n}`;
    for (const word of ['one', '(params', 'return', 'params.n']) expectSamePlace(source, word);
    expectSamePlace('export default async (given: number) => given', '(given');
  });

  it.each([
    ['export const a = 1;', /must export its function/],
    ['export default class {}', /must be a function, not a class/],
    ['export default function* () { yield 1 }', /not a generator/],
    ['export default 5;', /must be a function/],
    ['export default { run() {} };', /must be a function/],
    ["export * from 'x';", /cannot re-export/],
    ["export { a } from 'x';", /cannot re-export/],
    ['export default async function () { }\nreturn 1;', /return/],
    ['export = 1;', /export default/],
  ])('is refused where it is %j', (source, message) => {
    expect(errors(source).join('\n')).toMatch(message);
  });
});

describe('imports', () => {
  it('are refused with what to do instead, once each', () => {
    expect(errors(`import fs, { readFileSync } from 'node:fs';\nimport * as path from 'path';\nimport 'x';\nreturn readFileSync(path.join(fs.a));`)).toEqual([
      "1:1 codemode/import A script cannot import 'node:fs'. Everything it can use is global: the servers, codemode, console and standard JavaScript.",
      "2:1 codemode/import A script cannot import 'path'. Everything it can use is global: the servers, codemode, console and standard JavaScript.",
      "3:1 codemode/import A script cannot import 'x'. Everything it can use is global: the servers, codemode, console and standard JavaScript.",
    ]);
  });

  it('of types alone are let through with a warning', async () => {
    const source = `import type { A } from './a'\nimport { type B } from './b';\nexport default async function (params: A): Promise<B> { return params.n }`;
    expect(findings(source).map((finding) => finding.split(' ')[1])).toEqual(['codemode/import', 'codemode/import']);
    expect(await run(source, { n: 1 })).toBe(1);
    expect(await run(`import type A from 'a';\nconst x: A = 1;\nreturn x;`)).toBe(1);
  });

  it('are refused as calls, and so is import.meta', () => {
    expect(errors(`return import('fs');`).join()).toMatch(/cannot import modules/);
    expect(errors(`return import.meta.url;`).join()).toMatch(/no import\.meta/);
    expect(errors(`return require('fs');`)).toEqual(["1:8 TS2304 There is no 'require' in a script. Everything a script can use is global."]);
  });
});

describe('what surrounds a script', () => {
  it.each([
    ['a code fence', '```ts\nreturn 1 as number;\n```'],
    ['a fence with spaces and lines around', '\n\n  ```typescript title="x"\r\nreturn 1;\r\n```  \r\n\r\n'],
    ['a fence that never closes', '```js\nreturn 1;'],
    ['a tilde fence', '~~~\nreturn 1;\n~~~\n'],
    ['a byte order mark', '\uFEFFreturn 1;'],
    ['a hashbang', '#!/usr/bin/env codemode\nreturn 1;'],
    ['all of them', '\uFEFF#!/x\n```ts\nreturn 1;\n```'],
  ])('%s is blanked and moves nothing', async (_, source) => {
    const { code, ok } = check(source);
    expect(ok).toBe(true);
    expect(code).toHaveLength(source.length);
    expect(code.indexOf('return')).toBe(source.indexOf('return'));
    expect(await run(source)).toBe(1);
  });

  it('a fence in the middle stays part of the script', () => {
    expect(check('return `\n```\n`;').ok).toBe(false);
    expect(check('const a = 1; // ```\nreturn a;').ok).toBe(true);
  });
});
