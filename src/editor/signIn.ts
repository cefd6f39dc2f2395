import * as vscode from 'vscode';
import type { SignIn } from '../mcp/ports.js';

/** Opens a server's sign-in page in the browser, once the developer has seen which host it is. */
export function createSignIn(): SignIn {
  return {
    async open(request, signal) {
      if (signal.aborted) return false;
      const answer = await vscode.window.showInformationMessage(
        `The MCP server “${request.server}” wants you to sign in at ${request.host}.`,
        'Sign In',
        'Not Now',
      );
      if (answer !== 'Sign In' || signal.aborted) return false;
      return vscode.env.openExternal(vscode.Uri.parse(request.url, true));
    },
  };
}
