import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { stagedUri } from '../../src/editor/stagedFiles.js';
import type { ConversationId } from '../../src/ids.js';
import type { ChangeSet, ChangeSets } from '../../src/runs/changes/changeSet.js';
import type { RunOutcome } from '../../src/runs/events.js';
import type { Run } from '../../src/runs/run.js';
import type { RunsRoom } from '../../src/runs/runs.js';
import type { ReviewDesk } from '../../src/views/review/desk.js';
import { eventually } from './inside.js';

/** What the extension gives to tests alone. */
interface Inside {
  readonly runs: RunsRoom;
  readonly changeSets: ChangeSets;
  readonly desk: ReviewDesk;
}

let inside: Inside;
let folder: string;
let count = 0;

const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
const file = (name: string): vscode.Uri => vscode.Uri.file(path.join(folder, name));

function start(source: string, conversation = `review ${++count}`): Run {
  return inside.runs.runs.start({ source, origin: 'palette', conversation: conversation as ConversationId, title: 'Review', params: {} });
}

async function staged(source: string): Promise<ChangeSet> {
  const run = start(source);
  const outcome: RunOutcome = await run.outcome;
  assert.equal(outcome.status, 'finished', JSON.stringify(outcome));
  const set = inside.changeSets.open.find((each) => each.conversation === run.request.conversation);
  assert.ok(set);
  return set;
}

describe('what waits for review', () => {
  before(async () => {
    const extension = vscode.extensions.getExtension<Inside>('code-mode.code-mode');
    assert.ok(extension);
    inside = await extension.activate();
    folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  });

  it('shows the problems that Apply would leave behind, and takes them away with the change set', async () => {
    const set = await staged(`await repo.write({ path: 'src/money.ts', text: "export const amount: number = 'none';\\n" });\nawait repo.write({ path: 'data.json', text: '{ "a": 1, }' });\nawait repo.write({ path: 'notes.txt', text: 'free' });`);
    const uriOf = (name: string): vscode.Uri => stagedUri(set.id, set.files.find((each) => each.path === name) ?? assert.fail(name));
    const [problem] = await eventually(() => [vscode.languages.getDiagnostics(uriOf('src/money.ts'))].find((found) => found.length > 0));
    assert.match(problem?.message ?? '', /not assignable to type 'number'/);
    assert.deepEqual([problem?.range.start.line, problem?.source], [0, 'Code Mode: after Apply']);
    assert.ok(vscode.languages.getDiagnostics(uriOf('data.json')).length > 0);
    assert.deepEqual(vscode.languages.getDiagnostics(uriOf('notes.txt')), []);
    assert.deepEqual(vscode.languages.getDiagnostics(file('src/money.ts')).filter((each) => each.source === 'Code Mode: after Apply'), []);
    await set.discard();
    assert.deepEqual(vscode.languages.getDiagnostics(stagedUri(set.id, { path: 'src/money.ts', absolute: file('src/money.ts').fsPath })), []);
  });

  it('is edited on the staged side of the diff as any file, and Apply writes the edit', async () => {
    const set = await staged(`await repo.write({ path: 'docs/edited.md', text: 'by the script\\n' });`);
    const uri = stagedUri(set.id, set.files[0] ?? assert.fail());
    const document = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(0, 0, 1, 0), 'by hand\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    // Not saved: what stands in the review is what is applied all the same.
    assert.ok(document.isDirty);
    const outcome = await inside.desk.apply(set);
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.message);
    assert.equal(readFileSync(file('docs/edited.md').fsPath, 'utf8'), 'by hand\n');
    await assert.rejects(async () => vscode.workspace.fs.writeFile(uri, Buffer.from('late')));
    assert.ok((await inside.changeSets.undo()).ok);
    assert.equal(existsSync(file('docs/edited.md').fsPath), false);
  });

  it('is shown whole again by whoever comes back to a review that was opened before more was staged', async () => {
    const conversation = `review ${++count}`;
    const stage = async (name: string): Promise<void> => {
      const outcome = await start(`await repo.write({ path: '${name}', text: 'new\\n' });`, conversation).outcome;
      assert.equal(outcome.status, 'finished', JSON.stringify(outcome));
    };
    const tabs = (): readonly vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    // The editor tells of those that have two sides.
    const shown = (): readonly string[] => tabs().flatMap((tab) => (tab.input as { readonly textDiffs?: readonly { readonly modified: vscode.Uri }[] } | undefined)?.textDiffs ?? []).map(({ modified }) => path.basename(modified.path)).sort();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await stage('README.md');
    const set = inside.changeSets.open.find((each) => each.conversation === conversation) ?? assert.fail();
    await inside.desk.open(set);
    await eventually(() => (shown().join() === 'README.md' ? true : undefined));
    // Else the next one takes its place.
    await vscode.commands.executeCommand('workbench.action.keepEditor');
    await vscode.window.showTextDocument(file('package.json'), { preview: false });
    await stage('src/index.ts');
    assert.deepEqual(shown(), ['README.md']);
    await vscode.commands.executeCommand('workbench.action.previousEditor');
    await eventually(() => (shown().join() === 'README.md,index.ts' ? true : undefined));
    // In front, it is opened anew only when somebody asks for it.
    await stage('src/money.ts');
    await inside.desk.open(set);
    await eventually(() => (shown().join() === 'README.md,index.ts,money.ts' ? true : undefined));
    assert.equal(tabs().filter((tab) => tab.label.startsWith('Code Mode Review')).length, 1);
    await set.discard();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('does not let the side that it started from be written', async () => {
    const set = await staged(`await repo.write({ path: 'README.md', text: 'new\\n' });`);
    const base = stagedUri(set.id, set.files[0] ?? assert.fail(), 'base');
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(base)).toString(), readFileSync(file('README.md').fsPath, 'utf8'));
    await assert.rejects(async () => vscode.workspace.fs.writeFile(base, Buffer.from('x')));
    await set.discard();
  });

  it('is not applied over unsaved text of an editor; once that is reverted it is', async () => {
    const set = await staged(`await repo.write({ path: 'src/index.ts', text: 'export {};\\n' });`);
    const document = await vscode.workspace.openTextDocument(file('src/index.ts'));
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// typed\n'));
    const before = readFileSync(document.uri.fsPath, 'utf8');
    const refused = await set.apply();
    assert.deepEqual(refused.ok ? [] : refused.conflicts.map(({ path: name, reason }) => [name, reason]), [['src/index.ts', 'dirty']]);
    assert.equal(readFileSync(document.uri.fsPath, 'utf8'), before);
    assert.ok(document.getText().startsWith('// typed'));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    const applied = await set.apply();
    assert.ok(applied.ok, applied.ok ? '' : applied.message);
    assert.equal(readFileSync(document.uri.fsPath, 'utf8'), 'export {};\n');
    assert.ok((await inside.changeSets.undo()).ok);
    assert.equal(readFileSync(document.uri.fsPath, 'utf8'), before);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('takes in what a hook made of it at the press of a button, and is applied with that', async () => {
    const hook = path.join(folder, '.git/hooks/pre-commit');
    writeFileSync(hook, '#!/bin/sh\ngrep -q formatted src/index.ts || { echo "// formatted" >> src/index.ts; git add src/index.ts; }\n', { mode: 0o755 });
    const { showErrorMessage } = vscode.window;
    const said: string[] = [];
    try {
      const set = await staged(`await repo.write({ path: 'src/index.ts', text: 'export {};\\n' });\nawait git.commit({ message: 'Emptied', paths: ['src/index.ts'] });`);
      const staging = stagedUri(set.id, set.files[0] ?? assert.fail());
      const before = [git('rev-parse', 'HEAD'), readFileSync(file('src/index.ts').fsPath, 'utf8')];
      Object.assign(vscode.window, { showErrorMessage: async (message: string, ...buttons: readonly string[]) => (said.push(message, ...buttons), buttons[0]) });
      assert.equal((await inside.desk.apply(set)).ok, false);
      assert.deepEqual([git('rev-parse', 'HEAD'), readFileSync(file('src/index.ts').fsPath, 'utf8')], before);
      assert.match(said[0] ?? '', /^The changes could not be applied: .*hook[^]*Everything was put back as it was\. What a hook, or somebody meanwhile, had made of 'src\/index\.ts' is kept as /);
      assert.deepEqual(said.slice(1), ["Take Hook's Changes Into Review", 'Review Changes']);
      await eventually(async () => (Buffer.from(await vscode.workspace.fs.readFile(staging)).toString() === 'export {};\n// formatted\n' ? true : undefined));
      await eventually(() => vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((tab) => tab.label.startsWith('Code Mode Review')));
      const applied = await inside.desk.apply(set);
      assert.ok(applied.ok, applied.ok ? '' : applied.message);
      assert.equal(git('show', 'HEAD:src/index.ts'), 'export {};\n// formatted');
      assert.equal(git('status', '--porcelain', '--', 'src/index.ts'), '');
      assert.ok((await inside.changeSets.undo()).ok);
      assert.deepEqual([git('rev-parse', 'HEAD'), readFileSync(file('src/index.ts').fsPath, 'utf8')], before);
    } finally {
      Object.assign(vscode.window, { showErrorMessage });
      rmSync(hook, { force: true });
    }
  });

  it('reads unsaved text of an editor as what the file is, and says so', async () => {
    const document = await vscode.workspace.openTextDocument(file('src/index.ts'));
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// typed\n'));
    const outcome = await start(`const { text, basis, dirty } = await repo.read({ path: 'src/index.ts' }); return [text.split('\\n')[0], basis, dirty];`).outcome;
    assert.deepEqual(outcome.status === 'finished' && outcome.value.kind === 'inline' && outcome.value.value, ['// typed', 'editor', true]);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
});

describe('a checkpoint in the middle of a script', () => {
  const task = 'check the answer';
  const script = `await repo.write({ path: 'answer.txt', text: '42\\n' });
let test;
try { test = await analysis.runTask({ name: '${task}' }); } catch (error) { return (error as Error).name; }
if (test.exitCode !== 0) return test;
await repo.write({ path: 'verdict.txt', text: test.output ?? '' });
await git.commit({ message: 'Green', paths: ['answer.txt', 'verdict.txt'] });
return [test.exitCode, (await repo.read({ path: 'answer.txt' })).basis, (await repo.read({ path: 'verdict.txt' })).basis];`;

  before(async () => {
    mkdirSync(path.join(folder, '.vscode'), { recursive: true });
    writeFileSync(path.join(folder, '.vscode/tasks.json'), JSON.stringify({ version: '2.0.0', tasks: [{ label: task, type: 'shell', command: 'grep -x 42 "${workspaceFolder}/answer.txt"', problemMatcher: [] }] }));
    await eventually(async () => (await vscode.tasks.fetchTasks()).find(({ name }) => name === task));
  });
  after(() => rmSync(path.join(folder, '.vscode/tasks.json'), { force: true }));

  /** Lets the script begin and its task run; gives the change set once the script stands at it. */
  async function atCheckpoint(run: Run): Promise<ChangeSet> {
    const question = await eventually(() => inside.runs.approvals.pending.find((each) => each.run === run.id && each.kind === 'start'));
    assert.ok(inside.runs.approvals.answer(question.id, { kind: 'start', allowed: true, grants: [{ source: 'analysis', kind: 'tool', name: 'runTask' }] }));
    return eventually(() => inside.changeSets.open.find((set) => set.checkpoint?.run === run.id));
  }

  it('is reviewed and applied, the task runs on the real files, and the script goes on with a fresh set', async () => {
    const run = start(script);
    const set = await atCheckpoint(run);
    assert.equal(run.phase, 'waiting');
    assert.equal(existsSync(path.join(folder, 'answer.txt')), false);
    assert.match(set.checkpoint?.reason ?? '', /needs the real files/);
    const applied = await inside.desk.apply(set);
    assert.ok(applied.ok, applied.ok ? '' : applied.message);
    const outcome = await run.outcome;
    assert.deepEqual(outcome.status === 'finished' && outcome.value.kind === 'inline' && outcome.value.value, [0, 'disk', 'staged'], JSON.stringify(outcome));
    const rest = inside.changeSets.open.find((each) => each.conversation === run.request.conversation);
    assert.ok(rest !== undefined && rest.id !== set.id);
    assert.deepEqual(rest.files.map((each) => each.path), ['verdict.txt']);
    assert.ok((await inside.desk.apply(rest)).ok);
    assert.equal(git('log', '-1', '--format=%s'), 'Green');
    assert.deepEqual(git('show', '--name-only', '--format=', 'HEAD').split('\n'), ['answer.txt', 'verdict.txt']);
    assert.ok((await inside.changeSets.undo()).ok);
    assert.ok((await inside.changeSets.undo()).ok);
    assert.equal(existsSync(path.join(folder, 'answer.txt')), false);
    const types = run.events.map((event) => event.type);
    assert.ok(types.indexOf('reviewAsked') < types.indexOf('applied') && types.indexOf('applied') < types.lastIndexOf('callReturned'), types.join(' '));
  });

  it('that is declined is an error the script can catch, and the task does not run', async () => {
    const run = start(script);
    const set = await atCheckpoint(run);
    await set.discard();
    const outcome = await run.outcome;
    assert.deepEqual(outcome.status === 'finished' && outcome.value.kind === 'inline' && outcome.value.value, 'ReviewDeclined', JSON.stringify(outcome));
    assert.equal(existsSync(path.join(folder, 'answer.txt')), false);
  });

  it('with a conflict stays until that is gone', async () => {
    const run = start(script);
    const set = await atCheckpoint(run);
    writeFileSync(path.join(folder, 'answer.txt'), 'theirs\n');
    assert.equal((await inside.desk.apply(set)).ok, false);
    assert.equal(run.phase, 'waiting');
    rmSync(path.join(folder, 'answer.txt'));
    assert.ok((await inside.desk.apply(set)).ok);
    assert.equal((await run.outcome).status, 'finished');
    for (const rest of inside.changeSets.open) await rest.discard();
    assert.ok((await inside.changeSets.undo()).ok);
  });

  it('ends with Stop, and leaves what is staged for review', async () => {
    const run = start(script);
    const set = await atCheckpoint(run);
    run.stop();
    assert.equal((await run.outcome).status, 'cancelled');
    assert.equal(set.state.kind, 'open');
    assert.equal(set.checkpoint, undefined);
    await set.discard();
  });
});

describe('the policy of a workspace', () => {
  const settings = (): string => path.join(folder, '.vscode/settings.json');
  after(() => rmSync(settings(), { force: true }));

  it('can make things stricter, and its permissions are ignored and said to be', async () => {
    await vscode.workspace.getConfiguration('codemode').update('policy.rules', [{ effect: 'allow', tool: '*' }, { effect: 'deny', server: 'repo', tool: 'delete', why: 'house rule' }, { effect: 'ask', server: 7 }], vscode.ConfigurationTarget.Workspace);
    const { policy } = inside.runs;
    assert.match(policy.problems.join('\n'), /Rule 3 of the workspace settings fits more calls than it may be meant to[^]*"Allow \*\.\*" is ignored: a workspace may only make the policy stricter/);
    const denied = await start(`await repo.delete({ path: 'README.md' });`).outcome;
    assert.match(JSON.stringify(denied), /"status":"declined"[^]*house rule/);
    assert.match(policy.explain({ source: 'repo', kind: 'tool', name: 'read' }), /^Asks: The workspace's rule/);
    await vscode.workspace.getConfiguration('codemode').update('policy.rules', undefined, vscode.ConfigurationTarget.Workspace);
    assert.match(policy.explain({ source: 'repo', kind: 'tool', name: 'read' }), /^Allowed/);
    assert.deepEqual(policy.problems, []);
  });
});
