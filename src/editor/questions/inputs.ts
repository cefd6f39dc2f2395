import * as vscode from 'vscode';
import type { InputRequest } from '../../mcp/ports.js';

/** Asks for a value that a server's configuration names as `${input:…}`. */
export async function askInput(request: InputRequest): Promise<string | undefined> {
  const title = `Code Mode: ${request.description ?? request.id}`;
  switch (request.kind) {
    case 'promptString':
      return vscode.window.showInputBox({
        title,
        prompt: request.password ? 'Kept in the editor’s encrypted storage, and given to the server only.' : undefined,
        value: request.default,
        password: request.password,
        ignoreFocusOut: true,
      });
    case 'pickString':
      return vscode.window.showQuickPick([...(request.options ?? [])], { title, placeHolder: request.default, ignoreFocusOut: true });
    case 'command': {
      if (request.command === undefined) return undefined;
      const value = await vscode.commands.executeCommand<unknown>(request.command, request.args);
      return typeof value === 'string' ? value : undefined;
    }
  }
}
