import * as vscode from 'vscode';
import type { Problem } from '../builtin/analysis/knowledge.js';

/** Languages that VS Code's TypeScript answers for. */
export const typescriptLanguages: ReadonlySet<string> = new Set(['typescript', 'typescriptreact', 'javascript', 'javascriptreact']);
/** Longest wait, in ms, for a project to be loaded. */
const projectWaitMs = 60_000;

/**
 * VS Code's TypeScript reports only on shown files. Its server can be asked directly through a command that is not
 * documented, hence guarded: undefined where the file cannot be checked this way.
 */
export async function typescriptProblems(uri: vscode.Uri, signal: AbortSignal): Promise<readonly Problem[] | 'loading' | undefined> {
  const problems: Problem[] = [];
  for (const command of ['syntacticDiagnosticsSync', 'semanticDiagnosticsSync']) {
    const found = await diagnostics(command, uri, signal);
    if (found === undefined || found === 'loading') return found;
    problems.push(...found.map(problemOf));
  }
  return problems;
}

/**
 * Waits until TypeScript has loaded the project of an open file: until then it answers from the files that are open
 * alone, as if that were all there is (a rename of one file of several).
 * @throws {Error} with one sentence where that takes too long.
 */
export async function projectLoaded(uri: vscode.Uri, signal: AbortSignal): Promise<void> {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  if (document === undefined || !typescriptLanguages.has(document.languageId)) return;
  // What needs no project is told at once, but by the server that loads it, in its turn.
  if ((await diagnostics('syntacticDiagnosticsSync', uri, signal)) !== 'loading' || signal.aborted) return;
  throw new Error(`TypeScript is still loading the project of ${vscode.workspace.asRelativePath(uri)}, and would answer from a part of it. Try again in a minute.`);
}

/**
 * The same for a search of names, which has no file: TypeScript searches the projects of open files. Where none is open,
 * one of the workspace is.
 */
export async function someProjectLoaded(signal: AbortSignal): Promise<void> {
  const open = vscode.workspace.textDocuments.find(({ uri, languageId }) => uri.scheme === 'file' && typescriptLanguages.has(languageId))?.uri;
  const [uri] = open === undefined ? await vscode.workspace.findFiles('**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}', '**/{node_modules,.codemode}/**', 1) : [open];
  if (uri === undefined) return;
  await vscode.workspace.openTextDocument(uri);
  await projectLoaded(uri, signal);
}

interface ServerDiagnostic {
  readonly text: string;
  readonly category: string;
  readonly code?: number;
  readonly source?: string;
  readonly start: { readonly line: number; readonly offset: number };
  readonly end: { readonly line: number; readonly offset: number };
}

/** What the server says of a file; undefined where it cannot be asked. */
async function diagnostics(command: string, uri: vscode.Uri, signal: AbortSignal): Promise<readonly ServerDiagnostic[] | 'loading' | undefined> {
  const extension = vscode.extensions.getExtension('vscode.typescript-language-features');
  if (extension === undefined) return undefined;
  const started = Date.now();
  while (!signal.aborted && Date.now() - started < projectWaitMs) {
    try {
      await extension.activate();
      const answer = await vscode.commands.executeCommand<{ readonly type?: string; readonly body?: readonly ServerDiagnostic[] } | undefined>('typescript.tsserverRequest', command, { file: uri.fsPath }, {});
      if (answer?.type !== 'cancelled') return answer?.type === 'response' ? answer.body : undefined;
    } catch (error) {
      // It was not told of the file yet, or has not begun with its project.
      if (!/No Project/i.test(String(error))) return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return 'loading';
}

function problemOf(diagnostic: ServerDiagnostic): Problem {
  return {
    severity: diagnostic.category === 'error' ? 'error' : diagnostic.category === 'warning' ? 'warning' : 'hint',
    message: diagnostic.text,
    source: diagnostic.source ?? 'ts',
    code: diagnostic.code === undefined ? undefined : String(diagnostic.code),
    range: { start: { line: diagnostic.start.line, column: diagnostic.start.offset }, end: { line: diagnostic.end.line, column: diagnostic.end.offset } },
  };
}
