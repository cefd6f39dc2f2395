import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, answering, eventually, git, staged, start, valueOf, workspaceFolder, type Inside } from './inside.js';

type Files = { readonly path: string; readonly status: string; readonly basis: string; readonly reason?: string; readonly problems: readonly { readonly message: string; readonly range: { readonly start: { readonly line: number } } }[] }[];

/** Position of a text in a file of the demo, as a script would work it out. */
const positionOf = `
  const positionOf = async (path: string, text: string) => {
    const lines = (await repo.read({ path })).text.split('\\n');
    const line = lines.findIndex((each) => each.includes(text));
    return { path, line: line + 1, column: lines[line]!.indexOf(text) + 1 };
  };`;

describe('what the editor knows of files that nobody opened', () => {
  let inside: Inside;
  const file = (name: string): string => path.join(workspaceFolder(), name);

  before(async () => {
    inside = await activated();
  });

  afterEach(async () => {
    await staged(inside)?.discard();
  });

  it('diagnoses a closed file, and never takes unchecked for clean', async () => {
    writeFileSync(file('src/broken.ts'), `import { addDays } from './calendar.js';\nexport const later: string = addDays(new Date(), 1);\n`);
    writeFileSync(file('notes.txt'), 'just text\n');
    try {
      const files = await valueOf<Files>(inside, `return (await analysis.diagnostics({ paths: ['src/broken.ts', 'src/money.ts', 'notes.txt'] })).files;`);
      assert.deepEqual(files.map(({ path: name, status, basis }) => [name, status, basis]), [
        ['src/broken.ts', 'checked', 'disk'],
        ['src/money.ts', 'checked', 'disk'],
        ['notes.txt', 'notChecked', 'disk'],
      ]);
      assert.match(files[0]?.problems[0]?.message ?? '', /Type 'Date' is not assignable to type 'string'/);
      assert.equal(files[0]?.problems[0]?.range.start.line, 2);
      assert.deepEqual(files[1]?.problems, []);
      assert.match(files[2]?.reason ?? '', /plaintext/);
    } finally {
      await vscode.workspace.fs.delete(vscode.Uri.file(file('src/broken.ts')));
      await vscode.workspace.fs.delete(vscode.Uri.file(file('notes.txt')));
    }
  });

  it('finds definitions, references, types and symbols', async () => {
    const found = await valueOf<{ definitions: string[]; references: string[]; hover: string; symbols: string[] }>(inside, `${positionOf}
      const use = await positionOf('src/index.ts', 'parseDuration');
      const [definitions, references, hover, symbols] = await Promise.all([analysis.definitions(use), analysis.references(use), analysis.hover(use), analysis.workspaceSymbols({ query: 'convertAmount' })]);
      return {
        definitions: definitions.locations.map(({ path }) => path),
        references: [...new Set(references.locations.map(({ path }) => path))].sort(),
        hover: hover.contents.join('\\n'),
        symbols: symbols.symbols.map(({ name, path }) => name + ' ' + path),
      };`);
    assert.deepEqual(found.definitions, ['src/duration.ts']);
    assert.ok(found.references.includes('src/duration.ts') && found.references.includes('src/index.ts'), found.references.join());
    assert.match(found.hover, /parseDuration\(text: string\): (Duration|number)/);
    assert.ok(found.symbols.includes('convertAmount src/money.ts'), found.symbols.join());
  });

  it('stages a rename in every file it touches, and writes none of them', async () => {
    const before = readFileSync(file('src/calendar.ts'), 'utf8');
    const renamed = await valueOf<{ files: string[]; now: string }>(inside, `${positionOf}
      const { files } = await analysis.renameSymbol({ ...(await positionOf('src/calendar.ts', 'isWeekend')), newName: 'fallsOnWeekend' });
      return { files: [...files].sort(), now: (await repo.read({ path: 'src/index.ts' })).text };`);
    assert.deepEqual(renamed.files, ['src/calendar.ts', 'src/index.ts']);
    assert.match(renamed.now, /fallsOnWeekend/);
    assert.equal(readFileSync(file('src/calendar.ts'), 'utf8'), before);
  });

  it('lists code actions, stages one that is edits alone, and refuses one that runs a command', async () => {
    const offering = vscode.languages.registerCodeActionsProvider('typescript', {
      provideCodeActions(document) {
        const edits = new vscode.CodeAction('Say it in capitals', vscode.CodeActionKind.QuickFix);
        edits.edit = new vscode.WorkspaceEdit();
        edits.edit.replace(document.uri, new vscode.Range(0, 0, 0, 5), 'CONST');
        const command = new vscode.CodeAction('Do it in the editor', vscode.CodeActionKind.QuickFix);
        command.command = { command: 'noop', title: 'Do it' };
        const file = new vscode.CodeAction('Make a file', vscode.CodeActionKind.QuickFix);
        file.edit = new vscode.WorkspaceEdit();
        file.edit.createFile(vscode.Uri.joinPath(document.uri, '../made.ts'));
        return [edits, command, file];
      },
    });
    try {
      const done = await valueOf<{ actions: Record<string, string>; refused: string; text: string }>(inside, `
        const place = { path: 'src/calendar.ts', line: 1, column: 1 };
        const { actions } = await analysis.codeActions({ ...place, kind: 'quickfix' });
        const refused = await analysis.applyCodeAction({ ...place, title: 'Do it in the editor' }).then(() => 'staged', (error: Error) => error.message);
        await analysis.applyCodeAction({ ...place, title: 'Say it in capitals' });
        return {
          actions: Object.fromEntries(actions.map(({ title, stageable, reason }) => [title, stageable ? 'stageable' : reason ?? ''])),
          refused,
          text: (await repo.read({ path: 'src/calendar.ts' })).text.slice(0, 9),
        };`);
      assert.equal(done.actions['Say it in capitals'], 'stageable');
      assert.match(done.actions['Do it in the editor'] ?? '', /command/);
      assert.match(done.actions['Make a file'] ?? '', /creates/);
      assert.match(done.refused, /cannot be staged/);
      assert.equal(done.text, 'CONST day');
      assert.match(readFileSync(file('src/calendar.ts'), 'utf8'), /^const day/);
    } finally {
      offering.dispose();
    }
  });

  it('stages a formatted file', async () => {
    writeFileSync(file('src/ugly.ts'), 'export function   ugly( ){return    1}\n');
    try {
      const text = await valueOf<string>(inside, `await analysis.format({ path: 'src/ugly.ts' }); return (await repo.read({ path: 'src/ugly.ts' })).text;`);
      assert.match(text, /export function ugly\(\) \{ return 1 \}/);
    } finally {
      await staged(inside)?.discard();
      await vscode.workspace.fs.delete(vscode.Uri.file(file('src/ugly.ts')));
    }
  });

  it('refuses positions of a file with staged edits, and says it is not checked', async () => {
    const answers = await valueOf<{ refused: string; status: string; basis: string }>(inside, `
      await repo.write({ path: 'src/money.ts', text: '// moved\\n' + (await repo.read({ path: 'src/money.ts' })).text });
      const refused = await analysis.definitions({ path: 'src/money.ts', line: 3, column: 5 }).then(() => 'answered', (error: Error) => error.message);
      const [file] = (await analysis.diagnostics({ paths: ['src/money.ts'] })).files;
      return { refused, status: file!.status, basis: file!.basis };`);
    assert.match(answers.refused, /staged/);
    assert.deepEqual([answers.status, answers.basis], ['notChecked', 'staged']);
  });

  it('says that an unsaved editor is what it looked at', async () => {
    const document = await vscode.workspace.openTextDocument(file('src/duration.ts'));
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'export const unsaved = 1;\n'));
    try {
      const answer = await valueOf<{ basis: string; first: string | undefined; read: string }>(inside, `
        const { basis, symbols } = await analysis.documentSymbols({ path: 'src/duration.ts' });
        return { basis, first: symbols.find(({ name }) => name === 'unsaved')?.name, read: (await repo.read({ path: 'src/duration.ts' })).basis };`);
      assert.deepEqual(answer, { basis: 'editor', first: 'unsaved', read: 'editor' });
    } finally {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });
});

describe('tasks', () => {
  let inside: Inside;
  let answers: { dispose(): void };

  before(async () => {
    inside = await activated();
    answers = answering(inside);
    await vscode.workspace.fs.writeFile(
      vscode.Uri.file(path.join(workspaceFolder(), '.vscode/tasks.json')),
      Buffer.from(JSON.stringify({ version: '2.0.0', tasks: [
        { label: 'verify', type: 'shell', command: 'node', args: ['-e', "process.stdout.write(require('fs').readFileSync('answer.txt', 'utf8')); process.exit(require('fs').readFileSync('answer.txt', 'utf8').trim() === '42' ? 0 : 3)"], group: 'test' },
        { label: 'prepare', type: 'shell', command: 'echo 1 >> ${workspaceFolder}/prepared.txt' },
        { label: 'all', type: 'process', command: 'node', args: ['-e', 'console.log(process.cwd(), process.env.GREETING)'], options: { cwd: '${workspaceFolder}/src', env: { GREETING: 'hello ${workspaceFolderBasename}' } }, dependsOn: 'prepare' },
        { label: 'sleeps', type: 'shell', command: 'sleep 600' },
      ] })),
    );
    writeFileSync(path.join(workspaceFolder(), 'answer.txt'), '41\n');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'A test that fails');
    await eventually(async () => (await vscode.tasks.fetchTasks()).find(({ name }) => name === 'sleeps'));
  });

  afterEach(async () => {
    await staged(inside)?.discard();
  });

  after(() => answers.dispose());

  it('run to their end with exit code and output', async () => {
    const result = await valueOf<{ names: string[]; exitCode: number; output: string }>(inside, `
      const names = (await analysis.tasks()).tasks.map(({ name }) => name);
      const { exitCode, output } = await analysis.runTask({ name: 'verify' });
      return { names, exitCode: exitCode ?? -1, output: output ?? '' };`);
    assert.ok(result.names.includes('verify'), result.names.join());
    assert.equal(result.exitCode, 3);
    assert.equal(result.output.trim(), '41');
  });

  it('have their variables filled in, and what they depend on run first', async () => {
    const output = await valueOf<string>(inside, `return (await analysis.runTask({ name: 'all' })).output ?? '';`);
    assert.equal(output.trim(), `${path.join(workspaceFolder(), 'src')} hello ${path.basename(workspaceFolder())}`);
    assert.equal(readFileSync(path.join(workspaceFolder(), 'prepared.txt'), 'utf8').trim(), '1');
  });

  it('that are not there are told with those that are', async () => {
    const said = await valueOf<string>(inside, `return await analysis.runTask({ name: 'verfiy' }).then(() => 'ran', (error: Error) => error.message);`);
    assert.match(said, /There is no task "verfiy"\. There are: .*verify/);
  });

  it('are a checkpoint: the review opens, Apply writes the files, the test sees them, and the script goes on to commit', async () => {
    const head = git('rev-parse', 'HEAD');
    const run = start(inside, `
      await repo.write({ path: 'answer.txt', text: '42\\n' });
      const test = await analysis.runTest();
      if (test.exitCode !== 0) throw new Error('still red: ' + test.output);
      await git.commit({ message: 'Answer right', all: true });
      return test.output;`);
    const set = await eventually(() => inside.changeSets.open.find((each) => each.checkpoint !== undefined));
    assert.match(set.checkpoint?.reason ?? '', /verify/);
    assert.equal(readFileSync(path.join(workspaceFolder(), 'answer.txt'), 'utf8'), '41\n', 'nothing is written before the review is decided');
    assert.equal(run.phase, 'waiting');
    const applied = await inside.desk.apply(set);
    assert.ok(applied.ok, applied.ok ? '' : applied.message);
    const outcome = await run.outcome;
    assert.equal(outcome.status, 'finished', JSON.stringify(outcome));
    assert.equal(((await run.value()) as string).trim(), '42');
    assert.equal(git('rev-parse', 'HEAD'), head, 'the commit waits for its own review');
    const rest = staged(inside);
    assert.ok(rest);
    const committed = await inside.desk.apply(rest);
    assert.ok(committed.ok, committed.ok ? '' : committed.message);
    assert.equal(git('log', '-1', '--format=%s'), 'Answer right');
    assert.equal(git('show', 'HEAD:answer.txt'), '42');
  });

  it('do not run when the review at the checkpoint is discarded, and the script is told', async () => {
    const run = start(inside, `
      await repo.write({ path: 'answer.txt', text: '43\\n' });
      return await analysis.runTask({ name: 'verify' }).then(() => 'ran', (error: Error) => error.message);`);
    const set = await eventually(() => inside.changeSets.open.find((each) => each.checkpoint !== undefined));
    await set.discard();
    assert.equal((await run.outcome).status, 'finished');
    assert.match((await run.value()) as string, /discard/i);
    assert.equal(readFileSync(path.join(workspaceFolder(), 'answer.txt'), 'utf8'), '42\n');
  });

  it('end when the run is stopped', async () => {
    const run = start(inside, `return await analysis.runTask({ name: 'sleeps' });`);
    await eventually(() => (run.phase === 'ended' || vscode.tasks.taskExecutions.some(({ task }) => task.name === 'sleeps') ? true : undefined));
    run.stop();
    assert.equal((await run.outcome).status, 'cancelled');
    await eventually(() => (vscode.tasks.taskExecutions.some(({ task }) => task.name === 'sleeps') ? undefined : true));
  });
});
