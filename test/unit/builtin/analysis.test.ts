import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CodeAction, EditorKnowledge, Edits, FileProblems } from '../../../src/builtin/analysis/knowledge.js';
import { createAnalysisSource } from '../../../src/builtin/analysis/source.js';
import { Desk } from './desk.js';

const range = (line: number, column: number, endLine = line, endColumn = column) => ({ start: { line, column }, end: { line: endLine, column: endColumn } });

/** An editor that knows what the test says. */
class Editor implements EditorKnowledge {
  known = new Map<string, FileProblems>();
  edits: Edits = { kind: 'edits', files: [] };
  actions: readonly CodeAction[] = [];
  taskList: readonly { readonly name: string; readonly source: string; readonly group?: string }[] = [];
  readonly ran: string[] = [];
  problems = async (files: readonly string[]) => new Map([...this.known].filter(([file]) => files.includes(file)));
  reported = () => [...this.known.keys()];
  documentSymbols = async () => [{ name: 'f', kind: 'function', range: range(1, 1, 3, 2), nameRange: range(1, 10, 1, 11), children: [{ name: 'inner', kind: 'variable', detail: 'number', range: range(2, 3), nameRange: range(2, 3), children: [] }] }];
  workspaceSymbols = async () => [{ name: 'f', kind: 'function', absolute: `${this.folder}/a.ts`, range: range(1, 1) }, { name: 'g', kind: 'class', absolute: '/elsewhere/g.ts', range: range(1, 1) }];
  definitions = async () => [{ absolute: `${this.folder}/b.ts`, range: range(4, 5) }, { absolute: '/usr/lib/lib.d.ts', range: range(9, 1) }];
  references = this.definitions;
  hover = async () => ['```ts\nconst a: 1\n```'];
  codeActions = async () => this.actions;
  format = async () => (this.edits.kind === 'edits' ? (this.edits.files[0]?.edits ?? []) : []);
  rename = async () => this.edits;
  tasks = async () => this.taskList;
  runTask = async (name: string, onOutput: (text: string) => void) => {
    this.ran.push(name);
    onOutput('building\ndone\n');
    return { name, exitCode: 0, output: 'building\ndone\n' };
  };
  constructor(readonly folder: string) {}
}

let desk: Desk;
let editor: Editor;
beforeEach(() => {
  desk = new Desk(createAnalysisSource(new Proxy({} as EditorKnowledge, { get: (_, name) => editor[name as keyof Editor] })));
  editor = new Editor(desk.folder);
  desk.write('a.ts', 'const a = 1;\n');
  desk.write('b.ts', 'const b = 2;\n');
});
afterEach(() => desk.dispose());

const at = { path: 'a.ts', line: 1, column: 7 };
const edit = async (path: string, text: string): Promise<void> => desk.view().write(path, Buffer.from(text), 'any');

test('every tool has schemas, annotations, an effect and a description', () => {
  expect(desk.source.tools.map((tool) => [tool.name, tool.effect])).toEqual([
    ['diagnostics', 'read'], ['documentSymbols', 'read'], ['workspaceSymbols', 'read'], ['definitions', 'read'], ['references', 'read'], ['hover', 'read'], ['codeActions', 'read'],
    ['applyCodeAction', 'staged'], ['format', 'staged'], ['renameSymbol', 'staged'], ['tasks', 'read'], ['runTask', 'write'], ['runTest', 'write'],
  ]);
  for (const tool of desk.source.tools) {
    expect(tool.inputSchema, tool.name).toMatchObject({ type: 'object', additionalProperties: false });
    expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object' });
    expect(tool.description?.length, tool.name).toBeGreaterThan(20);
    expect(tool.annotations?.readOnlyHint, tool.name).toBe(tool.effect === 'read');
  }
});

test('an empty list of problems never stands for a file that was not checked', async () => {
  desk.write('c.py', '');
  editor.known = new Map<string, FileProblems>([
    [desk.path('a.ts'), { status: 'checked', problems: [{ severity: 'error', message: 'bad', code: '1', range: range(1, 1) }] }],
    [desk.path('b.ts'), { status: 'checked', problems: [] }],
    [desk.path('c.py'), { status: 'notChecked', reason: 'Nobody reports on it.' }],
  ]);
  await edit('b.ts', 'const b = 3;\n');
  desk.write('d.txt', '');
  expect(await desk.call('diagnostics', { paths: ['a.ts', 'b.ts', 'c.py', 'd.txt'] })).toEqual({
    files: [
      { path: 'a.ts', status: 'checked', basis: 'disk', problems: [{ severity: 'error', message: 'bad', code: '1', range: range(1, 1) }] },
      { path: 'b.ts', status: 'notChecked', reason: 'It has staged edits; the editor can only check it once they are applied.', basis: 'staged', problems: [] },
      { path: 'c.py', status: 'notChecked', reason: 'Nobody reports on it.', basis: 'disk', problems: [] },
      { path: 'd.txt', status: 'notChecked', reason: 'Nothing answered for it.', basis: 'disk', problems: [] },
    ],
  });
  expect((await desk.call<{ files: { path: string }[] }>('diagnostics')).files.map((file) => file.path)).toEqual(['a.ts', 'b.ts', 'c.py']);
});

test('symbols, definitions, references and hovers carry their basis, and places outside the workspace stay readable', async () => {
  expect(await desk.call('documentSymbols', { path: 'a.ts' })).toMatchObject({ path: 'a.ts', basis: 'disk', symbols: [{ name: 'f', children: [{ name: 'inner', detail: 'number' }] }] });
  expect(await desk.call('workspaceSymbols', { query: 'f' })).toEqual({ basis: 'editor', symbols: [{ name: 'f', kind: 'function', path: 'a.ts', range: range(1, 1) }] });
  for (const tool of ['definitions', 'references']) expect(await desk.call(tool, at)).toEqual({ basis: 'disk', locations: [{ path: 'b.ts', range: range(4, 5) }, { path: '/usr/lib/lib.d.ts', range: range(9, 1) }] });
  desk.dirty.set(desk.path('a.ts'), 'typed');
  expect(await desk.call('hover', at)).toEqual({ basis: 'editor', contents: ['```ts\nconst a: 1\n```'] });
});

test('a file with staged edits is refused rather than answered with stale positions', async () => {
  await edit('a.ts', 'const longer = 1;\n');
  for (const [tool, more] of [['definitions', {}], ['references', {}], ['hover', {}], ['codeActions', {}], ['applyCodeAction', { title: 'x' }], ['renameSymbol', { newName: 'b' }]] as const) {
    expect(await desk.refusal(tool, { ...at, ...more }), tool).toContain('a.ts has staged edits that the editor does not see');
  }
  for (const tool of ['documentSymbols', 'format']) expect(await desk.refusal(tool, { path: 'a.ts' }), tool).toContain('has staged edits');
});

describe('edits of the editor', () => {
  test('are staged as a whole', async () => {
    editor.edits = { kind: 'edits', files: [{ absolute: desk.path('a.ts'), edits: [{ range: range(1, 7, 1, 8), text: 'renamed' }] }, { absolute: desk.path('b.ts'), edits: [{ range: range(1, 11, 1, 12), text: 'renamed' }] }] };
    expect(await desk.call('renameSymbol', { ...at, newName: 'renamed' })).toEqual({ staged: true, files: ['a.ts', 'b.ts'] });
    expect(Buffer.from((await desk.view().read('a.ts')).bytes).toString()).toBe('const renamed = 1;\n');
    expect(desk.text('a.ts')).toBe('const a = 1;\n');
    expect(await desk.set.apply()).toMatchObject({ ok: true });
    expect(desk.text('b.ts')).toBe('const b = renamed;\n');
  });

  test('stage nothing when one of them overlaps, lies outside, or meets a staged file', async () => {
    editor.edits = { kind: 'edits', files: [{ absolute: desk.path('a.ts'), edits: [{ range: range(1, 1, 1, 5), text: 'x' }, { range: range(1, 3, 1, 8), text: 'y' }] }] };
    expect(await desk.refusal('renameSymbol', { ...at, newName: 'n' })).toContain('edits that overlap; nothing was staged');
    editor.edits = { kind: 'edits', files: [{ absolute: desk.path('a.ts'), edits: [{ range: range(1, 1), text: 'x' }] }, { absolute: '/elsewhere/x.ts', edits: [{ range: range(1, 1), text: 'x' }] }] };
    expect(await desk.refusal('renameSymbol', { ...at, newName: 'n' })).toContain('which is outside the workspace');
    await edit('b.ts', 'x');
    editor.edits = { kind: 'edits', files: [{ absolute: desk.path('a.ts'), edits: [{ range: range(1, 1), text: 'x' }] }, { absolute: desk.path('b.ts'), edits: [{ range: range(1, 1), text: 'x' }] }] };
    expect(await desk.refusal('renameSymbol', { ...at, newName: 'n' })).toContain('b.ts has staged edits');
    expect(desk.set.files.map((file) => file.path)).toEqual(['b.ts']);
  });

  test('that carry a command are listed as not stageable, and refused', async () => {
    editor.actions = [
      { title: 'Fix it', kind: 'quickfix', preferred: true, edits: { kind: 'edits', files: [{ absolute: desk.path('a.ts'), edits: [{ range: range(1, 11, 1, 12), text: '2' }] }] } },
      { title: 'Organize', preferred: false, edits: { kind: 'notStageable', reason: 'It runs a command of the editor.' } },
      { title: 'Off', preferred: false, disabled: 'Not here.', edits: { kind: 'edits', files: [] } },
    ];
    expect(await desk.call('codeActions', at)).toEqual({
      basis: 'disk',
      actions: [
        { title: 'Fix it', kind: 'quickfix', preferred: true, stageable: true },
        { title: 'Organize', preferred: false, stageable: false, reason: 'It runs a command of the editor.' },
        { title: 'Off', preferred: false, stageable: false, reason: 'Not here.' },
      ],
    });
    expect(await desk.refusal('applyCodeAction', { ...at, title: 'Organize' })).toContain('cannot be staged: It runs a command of the editor. Do it in the editor');
    expect(await desk.refusal('applyCodeAction', { ...at, title: 'Off' })).toContain('is disabled here: Not here.');
    expect(await desk.refusal('applyCodeAction', { ...at, title: 'Other' })).toContain('"Fix it", "Organize", "Off"');
    expect(await desk.call('applyCodeAction', { ...at, title: 'Fix it' })).toEqual({ staged: true, files: ['a.ts'] });
  });

  test('of a formatter keep positions past the end of a line', async () => {
    editor.edits = { kind: 'edits', files: [{ absolute: desk.path('a.ts'), edits: [{ range: range(1, 13, 9, 99), text: '\n\n' }] }] };
    expect(await desk.call('format', { path: 'a.ts' })).toEqual({ staged: true, files: ['a.ts'] });
    expect(Buffer.from((await desk.view().read('a.ts')).bytes).toString()).toBe('const a = 1;\n\n');
  });
});

describe('tasks and tests', () => {
  test('need the real files: what is staged is reviewed first, and the script goes on with a fresh set', async () => {
    const asked: string[] = [];
    desk.review = async (set, reason) => {
      asked.push(reason);
      return (await set.apply()).ok ? 'applied' : 'discarded';
    };
    await edit('a.ts', 'const a = 2;\n');
    const { id } = desk.set;
    expect(await desk.call('runTask', { name: 'build' })).toEqual({ name: 'build', exitCode: 0, output: 'building\ndone\n' });
    expect(asked).toEqual(['The task "build" needs the real files.']);
    expect(desk.text('a.ts')).toBe('const a = 2;\n');
    await edit('a.ts', 'const a = 3;\n');
    expect(desk.set.id).not.toBe(id);
    expect(desk.set.files).toMatchObject([{ path: 'a.ts', insertions: 1, deletions: 1 }]);
  });

  test('do not run when the review is declined, cannot be applied, or nothing asked for it', async () => {
    await edit('a.ts', 'const a = 2;\n');
    desk.review = async (set) => {
      expect(desk.set.checkpoint).toMatchObject({ reason: 'The task "build" needs the real files.' });
      await set.discard();
      return 'discarded';
    };
    expect(await desk.refusal('runTask', { name: 'build' })).toContain('The staged changes were discarded, so this did not happen');
    expect(editor.ran).toEqual([]);
    desk.review = async () => { throw new Error('no review expected'); };
    expect(await desk.call('runTask', { name: 'build' })).toMatchObject({ exitCode: 0 });
    expect(desk.text('a.ts')).toBe('const a = 1;\n');
  });

  test('the one test is found by its group, else by its name; several must be named', async () => {
    expect(await desk.refusal('runTest')).toContain('No task is a test');
    editor.taskList = [{ name: 'npm: test', source: 'npm' }, { name: 'build', source: 'npm' }];
    expect(await desk.call('runTest')).toMatchObject({ name: 'npm: test' });
    editor.taskList = [...editor.taskList, { name: 'unit', source: 'Workspace', group: 'test' }];
    expect(await desk.call('runTest')).toMatchObject({ name: 'unit' });
    editor.taskList = [...editor.taskList, { name: 'e2e', source: 'Workspace', group: 'test' }];
    expect(await desk.refusal('runTest')).toContain('name one of: unit, e2e');
    expect(await desk.call('runTest', { name: 'e2e' })).toMatchObject({ name: 'e2e' });
    expect(await desk.call('tasks')).toMatchObject({ tasks: [{ name: 'npm: test' }, { name: 'build' }, { name: 'unit', group: 'test' }, { name: 'e2e' }] });
  });
});
