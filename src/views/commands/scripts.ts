import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Catalog, CatalogTool } from '../../catalog/catalog.js';
import type { Checker, CheckResult } from '../../checker/checker.js';
import type { WorkspaceTypings } from '../../editor/workspaceTypings.js';
import type { ConversationId, RunId } from '../../ids.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { RunEvent, RunOrigin } from '../../runs/events.js';
import type { Run, Runs } from '../../runs/run.js';
import type { Typings } from '../../typings/workspace/snapshot.js';
import { serversListed } from './serversListed.js';
import { emptyScript, scriptFor } from './templates.js';

export interface ScriptRooms {
  readonly runs: Runs;
  readonly catalog: Catalog;
  readonly checker: Checker;
  readonly typings: Typings;
  readonly folder: WorkspaceTypings;
  readonly ready: (signal?: AbortSignal) => Promise<void>;
  readonly reveal: (run: RunId) => Promise<void>;
  /** A document holds the script of a run, as it was run. */
  readonly trace: (document: vscode.Uri, run: RunId) => void;
}

/** Scripts that a person has in an editor: made, checked, run, and opened again from their runs. */
export class Scripts implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly problems = this.store.add(vscode.languages.createDiagnosticCollection('Code Mode Check'));
  /** Documents that runs of this session were started from. */
  private readonly origins = new Map<RunId, vscode.Uri>();
  private count = 0;

  constructor(private readonly rooms: ScriptRooms) {
    this.store.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.problems.delete(document.uri)));
    this.store.add(vscode.workspace.onDidCloseTextDocument((document) => this.problems.delete(document.uri)));
    this.store.add(vscode.window.onDidChangeActiveTextEditor((editor) => this.noteActive(editor)));
    this.noteActive(vscode.window.activeTextEditor);
  }

  /** Runs a document, or the one in the active editor. */
  async run(uri?: vscode.Uri): Promise<void> {
    const document = await documentOf(uri);
    if (document === undefined) {
      void vscode.window.showInformationMessage('Open a script first, or make one.', 'New Script').then(async (answer) => {
        if (answer !== undefined) await this.create();
      });
      return;
    }
    if (document.isDirty && !document.isUntitled) await document.save();
    const run = await this.start(document.getText(), path.basename(document.uri.path), this.rooms.folder.isScript(document) ? 'script' : 'palette');
    if (run === undefined) return;
    this.origins.set(run.id, document.uri);
    this.rooms.trace(document.uri, run.id);
    void run.outcome.then((outcome) => {
      if (outcome.status === 'rejected') this.show(document.uri, outcome.diagnostics);
    });
  }

  async runSelection(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const text = editor?.document.getText(editor.selection) ?? '';
    if (text.trim() === '') {
      void vscode.window.showInformationMessage('Select the code to run first.');
      return;
    }
    await this.start(text, `Selection of ${path.basename(editor?.document.uri.path ?? '')}`, 'palette');
  }

  /** Type checks a document and says what it may reach; nothing runs. */
  async check(uri?: vscode.Uri): Promise<void> {
    const document = await documentOf(uri);
    if (document === undefined) return;
    await serversListed(this.rooms.ready);
    const result = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Checking script' }, async () => {
      this.rooms.checker.setTypings(this.rooms.typings.current);
      return this.rooms.checker.check(document.getText());
    });
    this.show(document.uri, result.diagnostics);
    const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
    if (errors > 0) void vscode.window.showWarningMessage(`The check found ${errors === 1 ? '1 error' : `${errors} errors`}.`);
    else void vscode.window.showInformationMessage(`No errors. ${this.reachSentence(result)}`);
  }

  /** Makes a script in the workspace, or untitled where there is no folder. */
  async create(text = emptyScript, hint = 'script'): Promise<void> {
    // Its typings follow; nobody has to wait for them to begin writing.
    void this.rooms.ready();
    await this.rooms.folder.use();
    const folder = this.rooms.folder.scripts;
    if (folder === undefined || !vscode.workspace.isTrusted) {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'typescript', content: text }));
      return;
    }
    await mkdir(folder, { recursive: true });
    const name = await vscode.window.showInputBox({
      title: 'New Script',
      prompt: `Kept in ${vscode.workspace.asRelativePath(folder)}`,
      value: freeName(folder, hint),
      validateInput: (value) => (/^[\w.-]+$/.test(value) ? (existsSync(path.join(folder, withEnding(value))) ? 'There is a script of that name.' : undefined) : 'Expected letters, digits, dots and dashes.'),
    });
    if (name === undefined) return;
    const file = path.join(folder, withEnding(name));
    await writeFile(file, text, { flag: 'wx' });
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file));
    const start = text.indexOf('/* … */');
    if (start >= 0) editor.selection = new vscode.Selection(editor.document.positionAt(start), editor.document.positionAt(start + '/* … */'.length));
  }

  /** A script that calls one tool, ready to be filled in. */
  async tryTool(tool: CatalogTool): Promise<void> {
    await this.create(scriptFor(tool), `try-${tool.member}`.replaceAll(/[^\w-]/g, '-'));
  }

  /** Opens the script of a run: the file it came from, or a copy among the typings, where they apply to it. */
  async open(run: RunId, events: readonly RunEvent[], line?: number): Promise<void> {
    const created = events.find((event) => event.type === 'created');
    if (created === undefined) return;
    const origin = this.origins.get(run);
    const uri = (origin !== undefined && (await textOf(origin)) === created.source ? origin : undefined) ?? (await this.copy(run, created.title, created.source));
    const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
    const { document } = await vscode.window.showTextDocument(uri, { selection: line === undefined ? undefined : new vscode.Range(at, at), preview: true });
    if (document.getText() === created.source) this.rooms.trace(uri, run);
  }

  dispose(): void {
    void vscode.commands.executeCommand('setContext', 'codemode.isScript', false);
    this.store.dispose();
  }

  private async start(source: string, title: string, origin: RunOrigin): Promise<Run | undefined> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage('Scripts stay off until you trust this workspace.', 'Manage Workspace Trust').then(async (answer) => {
        if (answer !== undefined) await vscode.commands.executeCommand('workbench.trust.manage');
      });
      return undefined;
    }
    await serversListed(this.rooms.ready);
    await this.rooms.folder.use();
    const run = this.rooms.runs.start({ source, title, origin, params: {}, conversation: `${origin}-${Date.now()}-${++this.count}` as ConversationId });
    await this.rooms.reveal(run.id);
    return run;
  }

  private async copy(run: RunId, title: string, source: string): Promise<vscode.Uri> {
    await this.rooms.folder.use();
    const folder = this.rooms.folder.runs;
    if (folder === undefined || !existsSync(path.dirname(folder))) return (await vscode.workspace.openTextDocument({ language: 'typescript', content: source })).uri;
    await mkdir(folder, { recursive: true });
    const slug = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 40);
    const file = path.join(folder, `${slug === '' ? 'script' : slug}-${run.slice(-6)}.ts`);
    // A copy the developer changed since is theirs.
    if (!existsSync(file)) await writeFile(file, source);
    return vscode.Uri.file(file);
  }

  private show(uri: vscode.Uri, diagnostics: CheckResult['diagnostics']): void {
    this.problems.set(
      uri,
      diagnostics.map((diagnostic) => {
        const range = new vscode.Range(diagnostic.line - 1, diagnostic.column - 1, diagnostic.end.line - 1, diagnostic.end.column - 1);
        const hints = diagnostic.suggestions !== undefined && diagnostic.suggestions.length > 0 ? `\nDid you mean ${diagnostic.suggestions.join(', ')}?` : '';
        const shown = new vscode.Diagnostic(range, diagnostic.message + hints, diagnostic.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning);
        shown.source = 'Code Mode';
        shown.code = diagnostic.code;
        return shown;
      }),
    );
  }

  private reachSentence({ reach }: CheckResult): string {
    const names = [...new Set(reach.entries.map((entry) => `${entry.namespace}.${entry.member}`))];
    const dynamic = reach.dynamic.length > 0 ? ' It chooses tools while it runs; each of those calls will ask.' : '';
    return `${names.length === 0 ? 'It calls no tool.' : `It may call ${names.join(', ')}.`}${dynamic}`;
  }

  private noteActive(editor: vscode.TextEditor | undefined): void {
    void vscode.commands.executeCommand('setContext', 'codemode.isScript', editor !== undefined && this.rooms.folder.isScript(editor.document));
  }
}

async function documentOf(uri: vscode.Uri | undefined): Promise<vscode.TextDocument | undefined> {
  return uri instanceof vscode.Uri ? vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
}

async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  return vscode.workspace.openTextDocument(uri).then(
    (document) => document.getText(),
    () => undefined,
  );
}

function freeName(folder: string, hint: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${hint}.ts` : `${hint}-${number}.ts`;
    if (!existsSync(path.join(folder, name))) return name;
  }
}

function withEnding(name: string): string {
  return name.endsWith('.ts') ? name : `${name}.ts`;
}
