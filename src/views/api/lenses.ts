import * as vscode from 'vscode';
import type { Catalog, CatalogTool } from '../../catalog/catalog.js';
import type { WorkspaceTypings } from '../../editor/workspaceTypings.js';
import type { Policy } from '../../runs/policy/policy.js';
import { apiScheme, type Declarations } from './declarations.js';
import { effectWords } from './effectWords.js';

/** `▶ Run | Check` above a script, and above each declaration what the tool does and how policy stands to it. */
export class Lenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly typings: WorkspaceTypings,
    private readonly declarations: Declarations,
    private readonly policy: Policy,
    catalog: Catalog,
  ) {
    this.listening = vscode.Disposable.from(
      vscode.languages.registerCodeLensProvider([{ scheme: 'file', language: 'typescript' }, { scheme: 'file', language: 'javascript' }, { scheme: apiScheme }], this),
      catalog.onDidChange(() => this.changed.fire()),
      policy.onDidChange(() => this.changed.fire()),
      this.changed,
    );
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (this.typings.isScript(document)) return scriptLenses(document);
    return this.declarations.toolsIn(document).flatMap(({ tool, line }) => this.toolLenses(tool, line, document));
  }

  dispose(): void {
    this.listening.dispose();
  }

  private toolLenses(tool: CatalogTool, line: number, document: vscode.TextDocument): vscode.CodeLens[] {
    const range = new vscode.Range(aboveComment(document, line), 0, line, 0);
    const look = effectWords[tool.effect];
    const lens = (title: string, command: string, tooltip: string): vscode.CodeLens => new vscode.CodeLens(range, { title, command, tooltip, arguments: [tool.ref] });
    const why = this.policy.explain(tool.ref);
    return [
      lens(`$(${look.icon}) ${tool.ref.source} · ${look.word} · ${why.split(':')[0]?.toLowerCase() ?? ''}`, 'codemode.explainPolicy', `${look.hint} ${why}`),
      lens('$(beaker) Try', 'codemode.tryTool', 'Start a script that calls this tool'),
      lens('$(json) Schema', 'codemode.showSchema', 'Show the schemas the server gave'),
    ];
  }
}

function scriptLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const text = document.getText();
  const entry = /^export\s+default\s+async\s+function|^export\s+default/m.exec(text);
  const line = entry === null ? 0 : document.positionAt(entry.index).line;
  const range = new vscode.Range(line, 0, line, 0);
  return [
    new vscode.CodeLens(range, { title: '$(play) Run', command: 'codemode.runScript', tooltip: 'Run this script in the sandbox', arguments: [document.uri] }),
    new vscode.CodeLens(range, { title: '$(check) Check', command: 'codemode.checkScript', tooltip: 'Type check it and list what it may reach', arguments: [document.uri] }),
  ];
}

/** The first line of the documentation comment above a declaration: a lens belongs above it, not inside. */
function aboveComment(document: vscode.TextDocument, line: number): number {
  if (line === 0 || !document.lineAt(line - 1).text.trimEnd().endsWith('*/')) return line;
  for (let at = line - 1; at >= 0; at--) if (document.lineAt(at).text.trimStart().startsWith('/**')) return at;
  return line;
}
