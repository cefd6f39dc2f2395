import * as vscode from 'vscode';
import type { OpenDocuments } from '../catalog/workspace.js';

/** Unsaved text of open editors, by file system path. */
export function createOpenDocuments(): OpenDocuments {
  return {
    dirtyText(absolute) {
      const key = vscode.Uri.file(absolute).toString();
      const document = vscode.workspace.textDocuments.find((open) => open.isDirty && open.uri.toString() === key);
      return document?.getText();
    },
    unsaved: () => vscode.workspace.textDocuments.filter((open) => open.isDirty && open.uri.scheme === 'file').map((open) => open.uri.fsPath),
    onDidChange(listener) {
      const tell = (document: vscode.TextDocument): void => {
        if (document.uri.scheme === 'file') listener(document.uri.fsPath);
      };
      return vscode.Disposable.from(
        vscode.workspace.onDidChangeTextDocument((event) => tell(event.document)),
        vscode.workspace.onDidSaveTextDocument(tell),
        vscode.workspace.onDidCloseTextDocument(tell),
      );
    },
  };
}
