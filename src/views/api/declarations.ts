import * as vscode from 'vscode';
import type { CatalogSnapshot, CatalogTool } from '../../catalog/catalog.js';
import type { WorkspaceTypings } from '../../editor/workspaceTypings.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { Typings } from '../../typings/workspace/snapshot.js';
import { indented } from '../../typings/workspace/layout.js';
import { linesOfMembers } from './memberLines.js';

export const apiScheme = 'codemode-api';

/** Where the declaration of each tool can be read: the workspace's typings where they are written, else a document of ours. */
export class Declarations implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;
  private readonly lines = new Map<string, { readonly text: string; readonly lines: ReadonlyMap<string, number> }>();

  constructor(
    private readonly typings: Typings,
    private readonly written: WorkspaceTypings,
    private readonly catalog: () => CatalogSnapshot,
  ) {
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(apiScheme, this));
    this.store.add(
      typings.onDidChange((namespaces) => {
        for (const namespace of namespaces) this.changed.fire(virtualUri(namespace));
      }),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const namespace = namespaceOfVirtual(uri);
    const text = this.typings.current.files.find((file) => file.namespace === namespace)?.text;
    return text === undefined ? '// This server is not there any more.\n' : indented(text);
  }

  /** The namespace whose declarations a document holds, whichever of the two kinds it is. */
  namespaceOf(uri: vscode.Uri): string | undefined {
    return uri.scheme === apiScheme ? namespaceOfVirtual(uri) : this.written.namespaceOf(uri);
  }

  /** Where a tool is declared; its server's file where the tool itself cannot be found. */
  locate(tool: CatalogTool): vscode.Location {
    const line = this.linesIn(tool.namespace, this.textOf(tool.namespace)).get(tool.member) ?? 0;
    return new vscode.Location(this.uriOf(tool.namespace), new vscode.Position(line, 0));
  }

  /** Address of a server's declarations. */
  uriOf(namespace: string): vscode.Uri {
    const file = this.written.fileOf(namespace);
    return file === undefined ? virtualUri(namespace) : vscode.Uri.file(file);
  }

  /** Tools declared in a document with the 0-based line of each. */
  toolsIn(document: vscode.TextDocument): readonly { readonly tool: CatalogTool; readonly line: number }[] {
    const namespace = this.namespaceOf(document.uri);
    if (namespace === undefined) return [];
    const lines = this.linesIn(namespace, document.getText());
    const server = this.catalog().servers.find((each) => each.namespace === namespace);
    return (server?.tools ?? []).flatMap((tool) => {
      const line = lines.get(tool.member);
      return line === undefined ? [] : [{ tool, line }];
    });
  }

  /** Opens a tool's declaration. */
  async open(tool: CatalogTool): Promise<void> {
    const { uri, range } = this.locate(tool);
    await vscode.window.showTextDocument(uri, { selection: range, preview: true });
  }

  dispose(): void {
    this.store.dispose();
  }

  private textOf(namespace: string): string {
    return this.typings.current.files.find((file) => file.namespace === namespace)?.text ?? '';
  }

  private linesIn(namespace: string, text: string): ReadonlyMap<string, number> {
    const known = this.lines.get(namespace);
    if (known?.text === text) return known.lines;
    const server = this.catalog().servers.find((each) => each.namespace === namespace);
    const lines = linesOfMembers(text, namespace, server?.tools.map((tool) => tool.member) ?? []);
    this.lines.set(namespace, { text, lines });
    return lines;
  }
}

function virtualUri(namespace: string): vscode.Uri {
  return vscode.Uri.from({ scheme: apiScheme, path: `/${namespace}.d.ts` });
}

function namespaceOfVirtual(uri: vscode.Uri): string {
  return uri.path.slice(1).replace(/\.d\.ts$/, '');
}
