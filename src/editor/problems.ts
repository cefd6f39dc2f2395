import * as vscode from 'vscode';
import type { ConfigurationProblem } from '../mcp/servers.js';

/** Shows what is wrong in configuration files where the developer writes them. */
export class ConfigurationProblems implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('Code Mode');

  show(problems: readonly ConfigurationProblem[]): void {
    this.collection.clear();
    for (const file of new Set(problems.map((problem) => problem.file))) {
      this.collection.set(vscode.Uri.file(file), problems.filter((problem) => problem.file === file).map(toDiagnostic));
    }
  }

  dispose(): void {
    this.collection.dispose();
  }
}

function toDiagnostic(problem: ConfigurationProblem): vscode.Diagnostic {
  const range = new vscode.Range(problem.line, problem.column, problem.endLine, problem.endColumn);
  const diagnostic = new vscode.Diagnostic(range, problem.message, vscode.DiagnosticSeverity.Error);
  diagnostic.source = 'Code Mode';
  return diagnostic;
}
