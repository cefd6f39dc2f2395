import * as vscode from 'vscode';
import type {
  CodeAction,
  EditorKnowledge,
  Edits,
  FileLocation,
  FileProblems,
  Position,
  Problem,
  Range,
  SymbolNode,
  TextEdit,
} from '../builtin/analysis/knowledge.js';
import { listTasks, runTask } from './tasks.js';
import { projectLoaded, someProjectLoaded, typescriptLanguages, typescriptProblems } from './typescriptServer.js';

/** Longest wait for a language to report on a file it was not showing. */
const reportWaitMs = 3_000;
/** The project of a file may still be loading: a first answer can take seconds (measured: 8 s for a rename). */
const loadWaitMs = 10_000;

/** Asks VS Code's language features, on stable API only. */
export function createEditorKnowledge(): EditorKnowledge {
  return {
    async problems(files, signal) {
      const known = new Map<string, FileProblems>();
      for (const file of files) {
        if (signal.aborted) break;
        known.set(file, await problemsOf(vscode.Uri.file(file), signal));
      }
      return known;
    },

    reported: () => vscode.languages.getDiagnostics().filter(([uri, list]) => uri.scheme === 'file' && list.length > 0).map(([uri]) => uri.fsPath),

    async documentSymbols(file, signal) {
      const uri = await opened(file);
      type Answer = (vscode.DocumentSymbol | vscode.SymbolInformation)[];
      const found = await untilSome(() => ask<Answer>('vscode.executeDocumentSymbolProvider', uri), signal, uri);
      return found.map(symbolNode);
    },

    async workspaceSymbols(query, signal) {
      await someProjectLoaded(signal);
      const found = await ask<vscode.SymbolInformation[]>('vscode.executeWorkspaceSymbolProvider', query);
      return found
        .filter((symbol) => symbol.location.uri.scheme === 'file')
        .map((symbol) => ({
          // TypeScript puts parentheses behind functions here, and here alone.
          name: symbol.name.replace(/\(\)$/, ''),
          kind: kindOf(symbol.kind),
          container: symbol.containerName || undefined,
          absolute: symbol.location.uri.fsPath,
          range: rangeOf(symbol.location.range),
        }));
    },

    definitions: (file, position, signal) => locations('vscode.executeDefinitionProvider', file, position, signal),
    references: (file, position, signal) => locations('vscode.executeReferenceProvider', file, position, signal),

    async hover(file, position, signal) {
      const uri = await openedInProject(file, signal);
      const hovers = await untilSome(() => ask<vscode.Hover[]>('vscode.executeHoverProvider', uri, positionFor(position)), signal, uri);
      return hovers.flatMap((hover) => hover.contents.map((content) => (typeof content === 'string' ? content : content.value))).filter((text) => text.trim() !== '');
    },

    async codeActions(file, range, kind, signal) {
      const uri = await openedInProject(file, signal);
      const found = await ask<(vscode.CodeAction | vscode.Command)[]>('vscode.executeCodeActionProvider', uri, rangeFor(range), kind, 50);
      return found.map(codeAction);
    },

    async format(file, signal) {
      const uri = await openedInProject(file, signal);
      const { insertSpaces, tabSize } = formatting(uri);
      const edits = await ask<vscode.TextEdit[] | undefined>('vscode.executeFormatDocumentProvider', uri, { insertSpaces, tabSize });
      if (edits === undefined) throw new Error(`No formatter is installed for ${vscode.workspace.asRelativePath(uri)}.`);
      return edits.map(textEdit);
    },

    async rename(file, position, name, signal) {
      const uri = await openedInProject(file, signal);
      const started = Date.now();
      for (;;) {
        try {
          const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', uri, positionFor(position), name);
          return editsOf(edit);
        } catch (error) {
          // A language server that is still loading the project answers with an error, not with a wait.
          if (signal.aborted || Date.now() - started > loadWaitMs) throw error;
          await pause(300, signal);
        }
      }
    },

    tasks: listTasks,
    runTask,
  };
}

/** Providers answer only for documents that are open. */
async function opened(file: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.file(file);
  await vscode.workspace.openTextDocument(uri);
  return uri;
}

/** What is asked of more than the text of a file is asked once all of its project is known. */
async function openedInProject(file: string, signal: AbortSignal): Promise<vscode.Uri> {
  const uri = await opened(file);
  await projectLoaded(uri, signal);
  return uri;
}

async function ask<T>(command: string, ...args: unknown[]): Promise<T> {
  return (await vscode.commands.executeCommand<T>(command, ...args)) ?? ([] as unknown as T);
}

/**
 * Asks again while a language of the editor is still loading: an empty answer of a file with text may only mean that
 * nobody was ready. Gives up early once the language has shown that it is awake by answering with something.
 */
async function untilSome<T>(question: () => Promise<T[]>, signal: AbortSignal, uri: vscode.Uri): Promise<T[]> {
  const started = Date.now();
  for (;;) {
    const answer = await question();
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    const loading = document !== undefined && typescriptLanguages.has(document.languageId) && document.getText().trim() !== '' && !awake.has(document.languageId);
    if (answer.length > 0 && document !== undefined) awake.add(document.languageId);
    if (answer.length > 0 || !loading || signal.aborted || Date.now() - started > loadWaitMs) return answer;
    await pause(250, signal);
  }
}
/** Languages that have answered in this window. */
const awake = new Set<string>();

async function locations(command: string, file: string, position: Position, signal: AbortSignal): Promise<readonly FileLocation[]> {
  const uri = await openedInProject(file, signal);
  const found = await untilSome(() => ask<(vscode.Location | vscode.LocationLink)[]>(command, uri, positionFor(position)), signal, uri);
  return found
    .map((location) => ('targetUri' in location ? { uri: location.targetUri, range: location.targetSelectionRange ?? location.targetRange } : location))
    .filter((location) => location.uri.scheme === 'file')
    .map((location) => ({ absolute: location.uri.fsPath, range: rangeOf(location.range) }));
}

async function problemsOf(uri: vscode.Uri, signal: AbortSignal): Promise<FileProblems> {
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(uri);
  } catch (error) {
    return { status: 'notChecked', reason: `It cannot be opened as text: ${error instanceof Error ? error.message : String(error)}` };
  }
  const shown = vscode.window.visibleTextEditors.some((editor) => editor.document.uri.toString() === uri.toString());
  const present = vscode.languages.getDiagnostics(uri);
  if (typescriptLanguages.has(document.languageId)) {
    const checked = await typescriptProblems(uri, signal);
    if (checked === 'loading') return { status: 'notChecked', reason: 'TypeScript was still loading the project of this file.' };
    if (checked !== undefined) {
      const others = present.filter((diagnostic) => diagnostic.source !== 'ts' && diagnostic.source !== 'js');
      return { status: 'checked', problems: [...checked, ...others.map(problemOf)] };
    }
  }
  if (present.length > 0) return { status: 'checked', problems: present.map(problemOf) };
  const reported = await reportedOn(uri, signal);
  if (reported !== undefined) return { status: 'checked', problems: reported.map(problemOf) };
  return {
    status: 'notChecked',
    reason: shown ? `No tool has reported on this ${document.languageId} file.` : `Nothing reports on ${document.languageId} files that are not shown in an editor.`,
  };
}

function reportedOn(uri: vscode.Uri, signal: AbortSignal): Promise<readonly vscode.Diagnostic[] | undefined> {
  return new Promise((resolve) => {
    const finish = (list: readonly vscode.Diagnostic[] | undefined): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(list);
    };
    const subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (uris.some((changed) => changed.toString() === uri.toString())) finish(vscode.languages.getDiagnostics(uri));
    });
    const timer = setTimeout(() => finish(undefined), reportWaitMs);
    signal.addEventListener('abort', () => finish(undefined), { once: true });
  });
}

function codeAction(action: vscode.CodeAction | vscode.Command): CodeAction {
  if (typeof action.command === 'string') {
    return { title: action.title, preferred: false, edits: { kind: 'notStageable', reason: 'It runs a command of the editor.' } };
  }
  const full = action as vscode.CodeAction;
  const edits: Edits =
    full.command !== undefined
      ? { kind: 'notStageable', reason: 'It runs a command of the editor.' }
      : full.edit === undefined
        ? { kind: 'notStageable', reason: 'The editor gives no edits for it.' }
        : editsOf(full.edit);
  return { title: full.title, kind: full.kind?.value, preferred: full.isPreferred === true, disabled: full.disabled?.reason, edits };
}

/**
 * Readable as text edits alone, or not at all. `entries()` and `size` leave file operations, snippets and notebook edits
 * out (VS Code 1.139), so they are counted against the steps the object was made of; where those cannot be seen, the edit
 * is taken for more than text.
 */
function editsOf(edit: vscode.WorkspaceEdit | undefined): Edits {
  if (edit === undefined) return { kind: 'notStageable', reason: 'The editor gave no edits for it.' };
  const entries = edit.entries();
  const [steps] = Object.values(edit).filter((value): value is readonly unknown[] => Array.isArray(value));
  const textEdits = entries.reduce((sum, [, edits]) => sum + edits.length, 0);
  if (steps?.length !== textEdits) return { kind: 'notStageable', reason: 'It does more than edit text: it creates, renames or deletes files, or fills in a snippet.' };
  if (textEdits === 0) return { kind: 'notStageable', reason: 'It changes nothing here.' };
  if (entries.some(([uri]) => uri.scheme !== 'file')) return { kind: 'notStageable', reason: 'It touches documents that are not files.' };
  return { kind: 'edits', files: entries.map(([uri, edits]) => ({ absolute: uri.fsPath, edits: edits.map(textEdit) })) };
}

const textEdit = (edit: vscode.TextEdit): TextEdit => ({ range: rangeOf(edit.range), text: edit.newText });

function symbolNode(symbol: vscode.DocumentSymbol | vscode.SymbolInformation): SymbolNode {
  if ('location' in symbol && !('selectionRange' in symbol)) {
    const range = rangeOf(symbol.location.range);
    return { name: symbol.name, kind: kindOf(symbol.kind), container: symbol.containerName, range, nameRange: range, children: [] };
  }
  const document = symbol as vscode.DocumentSymbol;
  return {
    name: document.name,
    kind: kindOf(document.kind),
    detail: document.detail || undefined,
    range: rangeOf(document.range),
    nameRange: rangeOf(document.selectionRange),
    children: document.children.map(symbolNode),
  };
}

function kindOf(kind: vscode.SymbolKind): string {
  const name = vscode.SymbolKind[kind] ?? 'Symbol';
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function problemOf(diagnostic: vscode.Diagnostic): Problem {
  const severities = ['error', 'warning', 'information', 'hint'] as const;
  const code = typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code;
  return {
    severity: severities[diagnostic.severity] ?? 'error',
    message: diagnostic.message,
    source: diagnostic.source,
    code: code === undefined ? undefined : String(code),
    range: rangeOf(diagnostic.range),
  };
}

function formatting(uri: vscode.Uri): { readonly insertSpaces: boolean; readonly tabSize: number } {
  const settings = vscode.workspace.getConfiguration('editor', uri);
  return { insertSpaces: settings.get<boolean>('insertSpaces') ?? true, tabSize: settings.get<number>('tabSize') ?? 4 };
}

const rangeOf = (range: vscode.Range): Range => ({
  start: { line: range.start.line + 1, column: range.start.character + 1 },
  end: { line: range.end.line + 1, column: range.end.character + 1 },
});
const positionFor = (position: Position): vscode.Position => new vscode.Position(Math.max(0, position.line - 1), Math.max(0, position.column - 1));
const rangeFor = (range: Range): vscode.Range => new vscode.Range(positionFor(range.start), positionFor(range.end));

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
