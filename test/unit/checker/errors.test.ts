import { describe, expect, it } from 'vitest';
import { check, errors } from './script.js';

describe('errors stand where the submitted text is wrong', () => {
  it('in a body, on its first line and after it', () => {
    expect(errors(`const n: number = 'x';\nconst issue = await github.create_issue({ title: 1 });\nreturn issue.nope;`)).toEqual([
      "1:7 TS2322 Type 'string' is not assignable to type 'number'.",
      "2:43 TS2322 Type 'number' is not assignable to type 'string'.",
      "3:14 TS2339 Property 'nope' does not exist on type 'Issue'.",
    ]);
  });

  it('in what a body returns', () => {
    expect(errors(`return await github.list_issues({ repo: 3 });`)).toEqual(["1:35 TS2322 Type 'number' is not assignable to type 'string'."]);
  });

  it('in a module', () => {
    expect(errors(`export default async function (params: { count: number }) {\r\n  return params.cuont;\r\n}`)).toEqual(["2:17 TS2339 Property 'cuont' does not exist on type '{ count: number; }'. Did you mean 'count'?"]);
  });

  it('after a byte order mark, a hashbang and a code fence', () => {
    expect(errors(`\uFEFFconst a: number = '';`)).toEqual(["1:8 TS2322 Type 'string' is not assignable to type 'number'."]);
    expect(errors(`#!/usr/bin/env node\nconst a: number = '';`)).toEqual(["2:7 TS2322 Type 'string' is not assignable to type 'number'."]);
    expect(errors(`\`\`\`ts\nconst a: number = '';\n\`\`\`\n`)).toEqual(["2:7 TS2322 Type 'string' is not assignable to type 'number'."]);
  });

  it('with the end of what is wrong', () => {
    expect(check(`const ab: number = '';`).diagnostics[0]).toMatchObject({ line: 1, column: 7, end: { line: 1, column: 9 } });
  });

  it('all of them', () => {
    expect(errors(Array.from({ length: 40 }, (_, index) => `const v${String(index)}: number = '';`).join('\n'))).toHaveLength(40);
  });

  it('for whichever kind of line end', () => {
    for (const end of ['\n', '\r\n', '\r']) expect(errors(`let a = 1;${end}a = '';`)).toEqual(["2:1 TS2322 Type 'string' is not assignable to type 'number'."]);
  });
});

describe('syntax errors', () => {
  it.each([
    ['const x = {;', '1:12 TS1136 Property assignment expected.'],
    ['foo(', "1:5 TS1005 ')' expected."],
    ['} function x() {', '1:1 TS1128 Declaration or statement expected.'],
    ['if (true) {', "1:12 TS1005 '}' expected."],
    ['const a = `x', '1:13 TS1160 Unterminated template literal.'],
    ['return 1; }\nasync function y() {', '1:11 TS1128 Declaration or statement expected.'],
    ['/* never closed', "1:16 TS1010 '*/' expected."],
    ["const s = 'abc\nreturn s", '1:15 TS1002 Unterminated string literal.'],
  ])('%j', (source, first) => {
    const result = check(source);
    expect(errors(source)[0]).toBe(first);
    expect(result.ok).toBe(false);
    expect(result.code).toBe('');
  });
});

describe('a name that is not there', () => {
  it('is answered with the nearest servers and globals', () => {
    expect(check(`await githb.list_issues({ repo: 'a' });`).diagnostics).toMatchObject([{ code: 'TS2304', message: "Cannot find name 'githb'. Did you mean 'github'?", suggestions: ['github'] }]);
    expect(check(`await file_system.read_file({ path: 'a' });`).diagnostics[0]?.suggestions).toEqual(['filesystem']);
    expect(check(`const total = 1; return totl;`).diagnostics[0]).toHaveProperty(['suggestions', 0], 'total');
  });

  it('is answered with the nearest tools of the server', () => {
    expect(check(`await github.createIssue({ title: 'a' });`).diagnostics[0]).toMatchObject({ message: "Server 'github' has no tool 'createIssue'. Did you mean 'create_issue'?", suggestions: ['create_issue'] });
    expect(check(`const { red } = repo;`).diagnostics[0]?.suggestions).toEqual(['read']);
    expect(check(`await repo['reed']({ path: '' });`).diagnostics[0]?.suggestions).toEqual(['read']);
    expect(errors(`await github.zzz();`)).toEqual(["1:14 TS2339 Server 'github' has no tool 'zzz'. codemode.search finds tools by what they do."]);
    expect(check(`await codemode.serch('x');`).diagnostics[0]?.suggestions).toEqual(['search']);
  });

  it('is answered with the nearest members of an argument and of a result', () => {
    expect(check(`await github.create_issue({ titel: 'a' });`).diagnostics[0]).toMatchObject({ suggestions: ['title'] });
    expect(check(`const [issue] = await github.list_issues({ repo: 'a' }); return issue.Title;`).diagnostics[0]).toMatchObject({ suggestions: ['title'] });
  });

  it.each(['process', 'require', 'fetch', 'Buffer', 'window', 'eval', 'Function', 'WebAssembly', 'module'])('says why there is no %s', (name) => {
    const [error] = check(`const x = ${name}; return x;`).diagnostics;
    expect(error?.message).toMatch(new RegExp(`^There is no '${name}' in a script\\. [A-Z].*\\.$`));
    expect(error?.message).not.toMatch(/npm|tsconfig|lib/);
  });

  it('never sends the author to a tsconfig or to npm', () => {
    for (const name of ['document', 'HTMLElement', '$', 'describe', 'Bun', 'SharedArrayBuffer', 'NodeJS']) expect(errors(`return ${name};`).join()).not.toMatch(/npm|tsconfig|library/);
    expect(errors(`return [1].toSortedd();`).join()).not.toMatch(/tsconfig|library/);
    expect(errors(`return Promise.withResolvers();`).join()).not.toMatch(/tsconfig|library/);
  });
});

describe('what only a module can have', () => {
  it.each(['declare const x: number;', 'declare function f(): void;', 'declare class A {}', 'declare namespace N { const a: number }'])('%s is answered for a script', (source) => {
    expect(errors(source)).toEqual([expect.stringMatching(/^1:1 TS\d+ A script cannot declare what is not there: .*Leave out `declare`/)]);
  });

  it('a namespace of types', () => {
    expect(errors('namespace N { export type A = 1 }\nreturn 1;')).toEqual([expect.stringMatching(/^1:1 TS1235 A namespace can only stand in a script that has `export default`/)]);
    expect(errors('namespace N { export type A = 1 }\nexport default () => 1;')).toEqual([]);
  });

  it('is said once where it cannot be had at all', () => {
    for (const source of ['namespace N { export const a = 1 }', 'declare global { interface A {} }', 'export = 1;', "export * from 'x'; export default () => 1;"]) {
      expect(errors(source).filter((error) => !error.includes('default-export'))).toEqual([expect.stringContaining('codemode/')]);
    }
  });
});

describe('the declaration that was violated', () => {
  it('is the whole signature of the tool with the types it is made of', () => {
    expect(check(`await github.create_issue({ title: 1 });`).diagnostics[0]?.declaration).toBe(
      `github.create_issue(args: github.CreateIssueInput): Promise<github.Issue>;
interface CreateIssueInput {
  /** Shown in lists. */
  title: string;
  body?: string;
  labels?: string[];
}
interface Issue { number: number; title: string; state: 'open' | 'closed' }`,
    );
  });

  it('is given for a missing argument, a nested call and a tool by another name', () => {
    expect(check(`await github.list_issues();`).diagnostics[0]?.declaration).toMatch(/^github\.list_issues\(args: \{ repo: string/);
    expect(check(`console.log(await repo.read({ path: 1 }));`).diagnostics[0]?.declaration).toMatch(/^repo\.read\(args/);
    expect(check(`const { write_file: put } = filesystem; await put({ path: '' });`).diagnostics[0]?.declaration).toMatch(/^filesystem\.write_file: \(args/);
  });

  it('is the type of a result for an unknown member of it', () => {
    expect(check(`const issue = await github.create_issue({ title: '' }); return issue.url;`).diagnostics[0]?.declaration).toBe("interface Issue { number: number; title: string; state: 'open' | 'closed' }");
  });

  it('is left out where only the script itself is wrong', () => {
    expect(check(`const a: number = '';`).diagnostics[0]?.declaration).toBeUndefined();
  });
});

describe('strictness', () => {
  it('finds what a forgotten await does', () => {
    expect(errors(`const issue = github.create_issue({ title: '' }); return issue.number;`)[0]).toMatch(/Promise<Issue>.*Did you forget to use 'await'\?$/);
    expect(errors(`if (github.create_issue({ title: '' })) return 1;`)[0]).toMatch(/TS2801/);
  });

  it('checks null, parameters and this', () => {
    expect(errors(`const m = /a/.exec('a'); return m[0];`)[0]).toMatch(/TS18047/);
    expect(errors(`function f(x) { return x; } return f(1);`)[0]).toMatch(/TS7006/);
    expect(errors(`function f() { return this; } return f();`)[0]).toMatch(/TS2683/);
  });

  it('lets a caught error be used, and an index of a list', () => {
    expect(errors(`try { await repo.list(); } catch (error) { return error.message; }\nconst [a] = await repo.list(); return a.length + (await repo.list())[0].length;`)).toEqual([]);
  });

  it('lets everything standard be used', () => {
    expect(
      errors(`const a = [3, 1].toSorted().at(-1); const s = new Set([1]); const m = Object.groupBy === undefined; return [a, s.size, structured({}), m];\nfunction structured<T>(x: T): T { return JSON.parse(JSON.stringify(x)) as T; }`),
    ).toEqual(["1:78 TS2339 Property 'groupBy' does not exist on type 'ObjectConstructor'."]);
  });

  it('cannot be switched off as a whole, and line by line only with a warning left', () => {
    expect(errors(`// @ts-nocheck\nconst a: number = '';`)).toHaveLength(1);
    const result = check(`// @ts-expect-error the server takes numbers\nawait repo.read({ path: 1 });`);
    expect(result.ok).toBe(true);
    expect(result.diagnostics).toMatchObject([{ severity: 'warning', line: 2, code: 'TS2322' }]);
  });
});
