import { describe, expect, it } from 'vitest';
import { check, dynamic, reach } from './script.js';

describe('the tools a script names', () => {
  it('are found with their places and literal arguments', () => {
    expect(reach(`await github.create_issue({ title: 'a', labels: ['x', 'y'] });\n  return github.list_issues({ repo: "o/r", state: 'open' });`)).toEqual([
      '1:7 github.create_issue {"title":"a","labels":["x","y"]}',
      '2:10 github.list_issues {"repo":"o/r","state":"open"}',
    ]);
  });

  it('are found by index, optional chain, parentheses and cast', () => {
    expect(reach(`await repo["odd-name"]({ x: -1 }); await repo?.list(); await (repo).list?.(); await repo!.read({ path: 'a' }); await (repo as typeof repo).list();`).map((entry) => entry.split(' ')[1])).toEqual([
      'repo.odd-name',
      'repo.list',
      'repo.list',
      'repo.read',
      'repo.list',
    ]);
  });

  it('are found through destructuring, at the calls', () => {
    expect(reach(`const { list, read: get } = repo;\nfor (const path of await list()) await get({ path, startLine: 1 });`)).toEqual(['2:26 repo.list', '2:40 repo.read {"startLine":1} loop']);
  });

  it('are listed where they are destructured when nothing uses them', () => {
    expect(reach('const { list } = repo;')).toEqual(['1:9 repo.list']);
  });

  it('are found through other names of a server and of a tool', () => {
    expect(reach(`const fs = filesystem;\nconst put = fs.write_file;\nawait fs.read_file({ path: 'a' });\nawait put({ path: 'b', content: '' });`)).toEqual([
      '3:7 filesystem.read_file {"path":"a"}',
      '4:7 filesystem.write_file {"path":"b","content":""}',
    ]);
  });

  it('are found where they are passed as values', () => {
    expect(reach(`const paths = [{ path: 'a' }];\nreturn Promise.all(paths.map(repo.read));`)).toEqual(['2:30 repo.read loop']);
    expect(reach(`const read = repo.read;\nreturn Promise.all([{ path: 'a' }].map(read));`)).toEqual(['2:40 repo.read loop']);
    expect(reach(`await repo.read.call(undefined, { path: 'a' });`)).toEqual(['1:7 repo.read']);
  });

  it('are found through functions that take a server', () => {
    expect(reach(`async function first(files: typeof repo) { return files.list(); }\nreturn first(repo);`)).toEqual(['1:51 repo.list']);
    expect(dynamic(`async function first(files: typeof repo) { return files.list(); }\nreturn first(repo);`)).toEqual(['2:14 repo']);
  });

  it('are all found where a server is chosen at run time from several', () => {
    expect(reach(`const name = Math.random() > 0.5 ? 'list' as const : 'read' as const;\nreturn (repo[name] as (args: { path: string }) => unknown)({ path: 'x' });`).map((entry) => entry.split(' ')[1])).toEqual(['repo.list', 'repo.read']);
  });

  it('are not confused with shadows and look-alikes', () => {
    expect(reach(`const local = { create_issue: (x: { title: string }) => x };\n{ const github = local; github.create_issue({ title: 'a' }); }\nconst repo2 = { read() {} }; repo2.read();`)).toEqual([]);
    expect(dynamic(`function f(github: string[]) { return github[0]; }\nreturn f([]);`)).toEqual([]);
  });

  it('are found behind escapes in identifiers', () => {
    expect(reach(`await gith\\u0075b.list_issues({ repo: 'a' });`)).toEqual([`1:7 github.list_issues {"repo":"a"}`]);
  });

  it('are found in a module, in its helpers and in its default parameters', () => {
    expect(
      reach(`export default async function (params: { path: string }) {\n  return one(params.path);\n}\nasync function one(path: string, text = repo.read({ path })) {\n  return (await text).text;\n}`),
    ).toEqual(['4:41 repo.read {}']);
  });

  it('include functions of codemode with literals by parameter name', () => {
    expect(reach(`const uri = 'file:///a';\nawait codemode.resources.read('github', uri);\nawait codemode.prompts.get('github', 'review', { depth: '2' });\nconst { search } = codemode;\nawait search(\`x\${1}\`);`)).toEqual([
      '2:7 codemode.resources.read {"server":"github","uri":"file:///a"}',
      '3:7 codemode.prompts.get {"server":"github","name":"review","args":{"depth":"2"}}',
      '5:7 codemode.search {"query":"x1"}',
    ]);
  });
});

describe('literal arguments', () => {
  const literals = (source: string): unknown => check(source).reach.entries[0]?.literals;

  it('follow constants, templates and concatenation, and nothing that may change', () => {
    expect(literals("const dir = 'src'; let name = 'a'; await repo.write({ path: `${dir}/x.ts`, text: name });")).toEqual({ path: 'src/x.ts' });
    expect(literals("const path = 'a'; await repo.read({ path });")).toEqual({ path: 'a' });
    expect(literals("const path = 'a' as string; await repo.write({ ['path']: path + '/b', text: (await repo.list())[0] ?? '' });")).toEqual({ path: 'a/b' });
  });

  it('forget what a later member or spread may replace', () => {
    expect(literals("const more: { path?: string } = {}; await repo.write({ path: 'a', text: '', ...more });")).toEqual({});
    expect(literals("const more = { text: 'x' }; await repo.write({ ...more, path: 'a' });")).toEqual({ path: 'a' });
  });

  it('take nothing from an object that may have changed since', () => {
    expect(literals("const args = { path: 'a' }; args.path = 'b'; await repo.read(args);")).toBeUndefined();
  });

  it('keep members named like those of every object', () => {
    expect(literals("await repo.read({ path: 'a', ...{}, ['constructor']: 'c', __proto__: null } as never);")).toEqual({ constructor: 'c' });
  });

  it('do not follow a constant that names itself', () => {
    expect(literals('const path: string = path + "a"; await repo.read({ path });')).toEqual({});
    expect(literals("const a: string = b + 'x'; const b: string = a + 'y'; await repo.read({ path: a });")).toEqual({});
  });
});

describe('beginnings', () => {
  const beginnings = (source: string): unknown => check(source).reach.entries.at(-1)?.beginnings;

  it('are what is literal of a text whose end only the run tells', () => {
    expect(beginnings("const names = await repo.list(); const dir = 'src'; await repo.write({ path: `${dir}/x/${names[0]}.ts`, text: 'a' + names[1] + 'b' });")).toEqual({ path: 'src/x/', text: 'a' });
    expect(beginnings("const [name] = await repo.list(); await repo.read({ path: name + '/a' });")).toBeUndefined();
    expect(beginnings("await repo.read({ path: 'a' });")).toBeUndefined();
    // What comes later in the object may replace it.
    for (const later of ['...rest', '[name]: name', "path: 'other'", 'path', 'get path() { return name; }']) {
      expect(beginnings(`const [name = ''] = await repo.list(); const path = name; const rest = { path }; await repo.read({ path: \`src/\${name}\`, ${later} } as never);`)).toBeUndefined();
    }
    expect(beginnings("const [name] = await repo.list(); await repo.read({ __proto__: `a${name}`, path: `b${name}` } as never);")).toEqual({ path: 'b' });
  });
});

describe('repetition', () => {
  it('is seen in loops but not in what runs once before them', () => {
    expect(reach(`for (const p of await repo.list()) { if (p) await repo.read({ path: p }); }\nlet i = 0;\nwhile ((await repo.list()).length > i) i++;\ndo { await repo.list(); } while (i < 0);\nfor (const l = await repo.list(); i < l.length; i++) { }`).map((entry) => entry.replace(/ \{.*\}/, ''))).toEqual([
      '1:23 repo.list',
      '1:51 repo.read loop',
      '3:15 repo.list loop',
      '4:12 repo.list loop',
      '5:22 repo.list',
    ]);
  });

  it('is seen in callbacks of lists and in functions called from loops', () => {
    expect(reach(`const one = async (path: string) => repo.read({ path });\nawait Promise.all(['a'].map((p) => repo.read({ path: p })));\nfor (const p of ['a']) await one(p);`).every((entry) => entry.endsWith('loop'))).toBe(true);
    expect(reach(`async function one(path: string) { return repo.read({ path }); }\nreturn Promise.all(['a'].map(one));`)).toEqual(['1:43 repo.read {} loop']);
    expect(reach(`async function one(path: string) { return repo.read({ path }); }\nreturn one('a');`)).toEqual(['1:43 repo.read {}']);
  });

  it('is not seen in recursion', () => {
    expect(reach('async function down(n: number): Promise<void> { await repo.list(); if (n > 0) await down(n - 1); }\nawait down(3);')).toEqual(['1:55 repo.list']);
  });
});

describe('places where only the run tells which tool is meant', () => {
  it.each([
    ['an index that is any string', 'const name: string = params; (repo as any)[name]; return repo[name as keyof typeof repo];', ['1:31 repo']],
    ['a server passed on', 'console.log(github);', ['1:13 github']],
    ['a server spread', 'const all = { ...github };', ['1:18 github']],
    ['a server listed', 'return Object.values(github);', ['1:22 github']],
    ['a server in an object', 'const all = { github, fs: filesystem };', ['1:15 github', '1:27 filesystem']],
    ['a server returned', 'const get = () => repo; return get();', ['1:19 repo']],
    ['a server stored as something else', 'const x: unknown = repo;', ['1:20 repo']],
    ['a rest of a server', 'const { list, ...others } = repo;', ['1:15 repo']],
    ['a computed member', 'const name: string = params; const { [name as "list"]: f } = repo;', ['1:38 repo']],
    ['another name passed on', 'const fs = filesystem; console.log(fs);', ['1:36 filesystem']],
    ['keys of a server', 'for (const key in github) console.log(key);', ['1:19 github']],
  ])('%s', (_, source, expected) => {
    expect(dynamic(source)).toEqual(expected);
  });

  it('include every way through globalThis', () => {
    expect(dynamic('const name: string = params; return (globalThis as any)[name];')).toEqual(['1:37 ?']);
    expect(dynamic("return (globalThis as any).github.create_issue({});")).toEqual(['1:8 github']);
    expect(dynamic("return (globalThis as any)['github'];")).toEqual(['1:8 github']);
    expect(dynamic('const g = globalThis; console.log(g);')).toEqual(['1:11 ?']);
    expect(dynamic('return globalThis.Math.max(1, 2);')).toEqual([]);
  });

  it('do not include tests for a server, or its type', () => {
    expect(dynamic("if (typeof github !== 'undefined' && github) { await github.list_issues({ repo: 'a' }); }\ntype G = typeof github;\nconst has = 'list' in repo;\nreturn repo === undefined ? 1 : has;")).toEqual([]);
  });
});
