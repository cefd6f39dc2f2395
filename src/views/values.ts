import * as vscode from 'vscode';

const scheme = 'codemode-value';
const kept = 50;

/** Values too large for a view, as read-only documents that last as long as the window. */
export class ValueDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  private count = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.query) ?? 'This value is not kept any more. Open it again from the run.';
  }

  /** Opens a text under a name whose ending says the language. */
  async show(name: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.keep(name, text), { preview: true });
  }

  /** Opens two texts beside each other, differences marked. */
  async compare(name: string, before: string, after: string, title: string): Promise<void> {
    await vscode.commands.executeCommand('vscode.diff', this.keep(name, before), this.keep(name, after), title, { preview: true } satisfies vscode.TextDocumentShowOptions);
  }

  /** Opens pairs of texts in one editor, each under its name; a single one as a diff. */
  async compareAll(title: string, pairs: readonly { readonly name: string; readonly before: string; readonly after: string }[]): Promise<void> {
    const [only] = pairs;
    if (only !== undefined && pairs.length === 1) return this.compare(only.name, only.before, only.after, title);
    const resources = pairs.map(({ name, before, after }) => {
      const now = this.keep(name, after);
      return [now, this.keep(name, before), now];
    });
    await vscode.commands.executeCommand('vscode.changes', title, resources);
  }

  private keep(name: string, text: string): vscode.Uri {
    const key = String(++this.count);
    this.texts.set(key, text);
    for (const old of [...this.texts.keys()].slice(0, -kept)) this.texts.delete(old);
    return vscode.Uri.from({ scheme, path: `/${name}`, query: key });
  }

  dispose(): void {
    this.registration.dispose();
  }
}
