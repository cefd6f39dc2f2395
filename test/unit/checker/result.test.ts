import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Judge } from '../../../src/checker/result/judge.js';
import type { FileJudgement, Judgement } from '../../../src/checker/result/judgement.js';

const lib = path.dirname(createRequire(import.meta.url).resolve('typescript'));
let folder: string;
let judge: Judge;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'code-mode-result-'));
  judge = new Judge(ts, lib);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function disk(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

const result = (files: Readonly<Record<string, string | undefined>>): Judgement =>
  judge.judge(Object.entries(files).map(([name, text]) => ({ absolute: path.join(folder, name), ...(text !== undefined && { text }) })));

/** `checked types: 3:5 TS2322 …`, one a file. */
function told(judgement: Judgement): readonly string[] {
  const one = (file: FileJudgement): string => (file.status === 'notChecked' ? `notChecked: ${file.reason}` : `${file.depth}: ${file.problems.map((problem) => `${problem.line}:${problem.column} ${problem.code ?? problem.message}`).join(', ')}`);
  return judgement.files.map((file) => `${path.basename(file.absolute)} ${one(file)}`);
}

const project = { 'tsconfig.json': '{ "compilerOptions": { "strict": true, "module": "esnext", "moduleResolution": "bundler", "target": "es2022", "types": [] }, "include": ["src"] }' };

describe('in a TypeScript project', () => {
  test('the result is checked with its types, and nothing is written', () => {
    disk({ ...project, 'src/a.ts': 'export const a: number = 1;\n', 'src/b.ts': "import { a } from './a';\nexport const b: number = a;\n" });
    expect(told(result({ 'src/a.ts': "export const a: number = 'one';\n" }))).toEqual(['a.ts types: 1:14 TS2322']);
    expect(told(result({ 'src/a.ts': 'export const a: number = 2;\n' }))).toEqual(['a.ts types: ']);
    expect(told(result({ 'src/new.ts': "import { a } from './a';\nexport const n: string = a;\n" }))).toEqual(['new.ts types: 2:14 TS2322']);
  });

  test('staged files see one another', () => {
    disk(project);
    expect(told(result({ 'src/x.ts': 'export const x = 1;\n', 'src/deep/y.ts': "import { x } from '../x';\nexport const y: number = x;\n" }))).toEqual(['x.ts types: ', 'y.ts types: ']);
  });

  test('files that are not staged are named where they would break, and only for what is new', () => {
    disk({ ...project, 'src/a.ts': 'export const a = 1;\n', 'src/b.ts': "import { a } from './a';\nexport const b: number = a;\nexport const old: string = 5;\n" });
    const { broken } = result({ 'src/a.ts': "export const a = 'text';\n" });
    expect(broken.map(({ absolute, problems }) => [path.basename(absolute), problems.map((one) => [one.line, one.code])])).toEqual([['b.ts', [[2, 'TS2322']]]]);
    expect(result({ 'src/a.ts': 'export const a = 2;\n' }).broken).toEqual([]);
    expect(result({ 'src/a.ts': undefined }).broken.map(({ problems }) => problems[0]?.code)).toEqual(['TS2307']);
  });

  test('syntax errors have their place', () => {
    disk(project);
    expect(told(result({ 'src/a.ts': 'export const a = ;\n' }))).toEqual(['a.ts types: 1:18 TS1109']);
  });

  test('a second judgement sees what the disk holds by then', () => {
    disk({ ...project, 'src/a.ts': 'export const a = 1;\n' });
    const uses = { 'src/b.ts': "import { a } from './a';\nexport const b: number = a;\n" };
    expect(told(result(uses))).toEqual(['b.ts types: ']);
    disk({ 'src/a.ts': "export const a = 'longer than before';\n" });
    expect(told(result(uses))).toEqual(['b.ts types: 2:14 TS2322']);
  });

  test('the project that a file belongs to is found behind one that only refers', () => {
    disk({ 'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }', 'tsconfig.app.json': project['tsconfig.json'].replace('"types": []', '"types": [], "composite": true'), 'src/a.ts': 'export {};\n' });
    expect(told(result({ 'src/a.ts': "export const a: number = '';\n" }))).toEqual(['a.ts types: 1:14 TS2322']);
  });

  test('a staged configuration counts as well', () => {
    disk({ ...project, 'src/a.ts': 'export {};\n' });
    const judgement = result({ 'tsconfig.json': project['tsconfig.json'].replace('"strict": true', '"strict": false'), 'src/a.ts': 'export function f(x) { return x; }\n' });
    expect([...told(judgement)].sort()).toEqual(['a.ts types: ', 'tsconfig.json syntax: ']);
    expect(told(result({ 'src/a.ts': 'export function f(x) { return x; }\n' }))).toEqual(['a.ts types: 1:19 TS7006']);
  });
});

describe('outside of one', () => {
  test('only the syntax of a script is checked, and that is said', () => {
    expect(told(result({ 'a.js': 'const a = 1;\n', 'b.ts': "const b: number = '';\n", 'c.jsx': 'const c = <p>;\n' }))).toEqual(['a.js syntax: ', 'b.ts syntax: ', expect.stringMatching(/^c\.jsx syntax: \d+:\d+ TS17008/)]);
  });

  test('JavaScript that its project does not take in is not checked with types', () => {
    disk(project);
    expect(told(result({ 'src/a.js': 'let a = ;\n' }))).toEqual(['a.js syntax: 1:9 TS1109']);
  });

  test('the syntax of JSON, with comments only where they are usual', () => {
    expect(told(result({ 'package.json': '{\n  "a": 1,\n}\n', 'tsconfig.json': '{\n  // fine\n  "a": 1,\n}\n', 'deep/data.json': '// no\n{}' }))).toEqual([
      'package.json syntax: 3:1 Property name expected., 3:1 Value expected.',
      'tsconfig.json syntax: ',
      'data.json syntax: 1:1 Invalid comment token.',
    ]);
  });

  test('of everything else nothing is claimed', () => {
    expect(told(result({ 'a.py': 'def f(:', README: 'x' }))).toEqual(['a.py notChecked: Nothing here checks .py files.', 'README notChecked: Nothing here checks such files.']);
  });
});
