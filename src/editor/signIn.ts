import * as vscode from 'vscode';
import type { SignIn, SignInRedirect } from '../mcp/ports.js';
import { openAddress } from './openAddress.js';

/** Opens a server's sign-in page in the browser, once the developer has seen which host it is. */
export function createSignIn(extensionId: string): SignIn & vscode.Disposable {
  const waiting = new Map<string, (query: URLSearchParams) => void>();
  const registration = vscode.window.registerUriHandler({
    handleUri(uri) {
      if (uri.path !== callbackPath) return;
      const query = new URLSearchParams(uri.query);
      // Anybody can make the editor open such an address; only a sign-in that is waited for knows its state.
      waiting.get(query.get('state') ?? '')?.(query);
    },
  });
  return {
    async open(request, signal) {
      if (signal.aborted) return false;
      const answer = await vscode.window.showInformationMessage(
        `The MCP server “${request.server}” wants you to sign in at ${request.host}.`,
        'Sign In',
        'Not Now',
      );
      if (answer !== 'Sign In' || signal.aborted) return false;
      return openAddress(request.url);
    },
    waiting: (request, signal) =>
      Promise.resolve(
        vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, cancellable: true, title: `Waiting for you to sign in to “${request.server}” at ${request.host} in the browser` }, (_, token) =>
          new Promise<boolean>((resolve) => {
            token.onCancellationRequested(() => resolve(false));
            if (signal.aborted) resolve(true);
            signal.addEventListener('abort', () => resolve(true), { once: true });
          }),
        ),
      ),
    async redirect(): Promise<SignInRedirect | undefined> {
      // The browser is on the machine of the person: a loopback address of this one says nothing there.
      if (vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop) return undefined;
      const address = await vscode.env.asExternalUri(vscode.Uri.parse(`${vscode.env.uriScheme}://${extensionId}${callbackPath}`));
      return {
        url: address.toString(true),
        answer: (state, signal) =>
          new Promise((resolve, reject) => {
            const stop = (): void => {
              waiting.delete(state);
              reject(new Error('The sign-in was not finished in time.'));
            };
            if (signal.aborted) {
              stop();
              return;
            }
            signal.addEventListener('abort', stop, { once: true });
            waiting.set(state, (query) => {
              signal.removeEventListener('abort', stop);
              waiting.delete(state);
              resolve(query);
            });
          }),
      };
    },
    dispose() {
      registration.dispose();
    },
  };
}

const callbackPath = '/signed-in';
