import { describe, expect, it } from 'vitest';
import { check, findings } from './script.js';

function warnings(source: string): string[] {
  return check(source)
    .diagnostics.filter(({ severity }) => severity === 'warning')
    .map(({ line, column, code }) => `${String(line)}:${String(column)} ${code}`);
}

describe('promises that nobody waits for', () => {
  it.each([
    ['a call', `repo.list();`, ['1:1 codemode/no-floating']],
    ['a call in a module', `export default async function () {\n  github.create_issue({ title: 'a' });\n}`, ['2:3 codemode/no-floating']],
    ['a chain', `repo.list().then((l) => console.log(l));`, ['1:1 codemode/no-floating']],
    ['a list of them', `['a'].map((path) => repo.read({ path }));`, ['1:1 codemode/no-floating']],
    ['one stored and forgotten', `const later = repo.list();\nreturn 1;`, ['1:7 codemode/no-floating']],
    ['a list stored and forgotten', `const later = ['a'].map((path) => repo.read({ path }));`, ['1:7 codemode/no-floating']],
    ['an async callback of forEach', `['a'].forEach(async (path) => { await repo.read({ path }); });`, ['1:15 codemode/no-floating']],
    ['one of a condition', `params ? repo.list() : undefined;`, ['1:1 codemode/no-floating']],
    ['an async function', `async function f() {}\nf();`, ['2:1 codemode/no-floating']],
  ])('%s', (_, source, expected) => {
    expect(warnings(source)).toEqual(expected);
  });

  it.each([
    `await repo.list();`,
    `return repo.list();`,
    `void repo.list();`,
    `const later = repo.list();\nreturn later;`,
    `let later; later = repo.list(); await later;`,
    `await Promise.all(['a'].map((path) => repo.read({ path })));`,
    `const all = ['a'].map((path) => repo.read({ path }));\nfor (const one of all) console.log((await one).text);`,
    `const later = repo.list();\nreturn { later: await later };`,
    `const a = repo.list(), b = repo.list();\nreturn Promise.all([a, b]);`,
    `[1].forEach((n) => { console.log(n); });`,
  ])('are not seen in %j', (source) => {
    expect(warnings(source)).toEqual([]);
  });
});

describe('loops without an end', () => {
  it.each([
    `while (true) { await repo.list(); }`,
    `for (;;) await repo.list();`,
    `do { await repo.list(); } while (true);`,
    `const on = true; while (on) await repo.list();`,
    `while (true) { for (const x of [1]) { if (x) break; } await repo.list(); }`,
    `while (true) { const f = () => { return 1; }; f(); await repo.list(); }`,
    `while (1) { switch (params) { case 1: break; } await repo.list(); }`,
    `while (true) { const f = function* () { yield 1; }; f(); await repo.list(); }`,
  ])('%j', (source) => {
    expect(warnings(source).filter((code) => code.includes('unbounded'))).toHaveLength(1);
  });

  it.each([
    `while (true) { if ((await repo.list()).length > 3) break; }`,
    `for (;;) { if ((await repo.list()).length > 3) return 1; }`,
    `while (true) { await repo.list(); throw new Error('x'); }`,
    `outer: for (const x of [1]) { while (true) { await repo.list(); if (x) continue outer; } }`,
    `out: while (true) { while (true) { await repo.list(); break out; } }`,
    `while (true) { console.log(1); }`,
    `let go = true; while (go) { await repo.list(); go = false; }`,
    `async function* pages() { while (true) yield await repo.list(); } for await (const page of pages()) { if (page.length === 0) break; }`,
  ])('are not seen in %j', (source) => {
    expect(warnings(source).filter((code) => code.includes('unbounded'))).toEqual([]);
  });
});

describe('what never runs', () => {
  it('is a warning, not an error', () => {
    const result = check(`return 1;\nconsole.log(2);`);
    expect(result.ok).toBe(true);
    expect(warnings(`return 1;\nconsole.log(2);`)).toEqual(['2:1 codemode/unreachable-result']);
  });
});

describe('values of unknown shape', () => {
  it('are used without an error, and each is listed once with its lines', () => {
    expect(findings(`const me = await github.get_me();\nconst login = me.login;\nconsole.log(me.name.first, me['id']);\nreturn login;`)).toEqual([
      '2:15 codemode/unchecked The shape of what github.get_me returns is not known, so its use on lines 2, 3 is not checked.',
    ]);
  });

  it('are followed through callbacks, loops, destructuring and spreads', () => {
    expect(findings(`const { login } = await github.get_me();\nreturn login;`)).toHaveLength(1);
    expect(findings(`for (const org of await github.get_me()) console.log(org.name);`)).toEqual([expect.stringContaining('its use on line 1 is')]);
    expect(findings(`const me = await github.get_me();\nreturn me.orgs.map((org) => org.name).filter(([a]) => a);`)).toEqual([expect.stringContaining('line 2')]);
    expect(findings(`const me = await github.get_me();\nreturn { ...me };`)).toEqual([expect.stringContaining('line 2')]);
    expect(findings(`const [me, list] = await Promise.all([github.get_me(), repo.list()]);\nreturn [me.login, list.length];`)).toEqual([expect.stringContaining('line 2')]);
  });

  it('are found inside a result whose outside is known', () => {
    expect(findings(`const found = await github.search_code({ query: 'x' });\nreturn found.items.map((item) => item.path).concat(found.total);`)).toEqual([
      '2:34 codemode/unchecked The shape of what github.search_code returns is not known, so its use on line 2 is not checked.',
    ]);
  });

  it('do not count when nothing is read of them', () => {
    expect(findings(`return github.get_me();`)).toEqual([]);
  });

  it('are not what the script itself made any', () => {
    expect(findings(`const x = JSON.parse('{}'); return x.y;`)).toEqual([]);
  });

  it('do not hide a parameter that the script could have typed', () => {
    expect(check(`const f = (x) => x; return f(1);`).ok).toBe(false);
  });
});
