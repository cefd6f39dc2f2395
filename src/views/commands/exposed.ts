import * as vscode from 'vscode';
import type { ExposedServer } from '../../editor/exposedServer.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import { configurationForms } from '../../mcp/expose/forms.js';

/** Starting, stopping and telling other clients of the MCP server that Code Mode can be; says in the status bar that it listens. */
export function registerExposedCommands(server: ExposedServer): vscode.Disposable {
  const store = new DisposableStore();
  const item = store.add(vscode.window.createStatusBarItem('codemode.mcpServer', vscode.StatusBarAlignment.Right, 0));
  item.name = 'Code Mode MCP Server';
  item.text = '$(broadcast) Code Mode MCP';
  item.command = 'codemode.manageMcpServer';
  const refresh = (): void => {
    const { url } = server;
    void vscode.commands.executeCommand('setContext', 'codemode.exposed', url !== undefined);
    item.tooltip = `Other MCP clients can run scripts in this window, at ${url ?? ''}. Their questions are asked here.`;
    item.accessibilityInformation = { label: 'Code Mode answers other MCP clients' };
    if (url === undefined) item.hide();
    else item.show();
  };
  store.add(server.onDidChange(refresh));
  refresh();
  const command = (id: string, act: () => Promise<unknown>): void => {
    store.add(
      vscode.commands.registerCommand(`codemode.${id}`, async () => {
        try {
          await act();
        } catch (error) {
          void vscode.window.showErrorMessage(`The MCP server of Code Mode: ${error instanceof Error ? error.message : String(error)}`);
        }
      }),
    );
  };
  command('startMcpServer', async () => {
    const { url } = await server.start();
    const answer = await vscode.window.showInformationMessage(`Other MCP clients are answered at ${url} until this window closes. The setting codemode.mcpServer.enabled keeps it on.`, 'Copy Configuration');
    if (answer !== undefined) await copyConfiguration(server);
  });
  command('stopMcpServer', async () => server.stop());
  command('copyMcpConfiguration', async () => copyConfiguration(server));
  command('renewMcpToken', async () => {
    const answer = await vscode.window.showWarningMessage('Clients that were configured before will be refused until they are given the new token.', { modal: true }, 'Renew Token');
    if (answer === undefined) return;
    await server.renewToken();
    if (server.url !== undefined) await copyConfiguration(server);
  });
  command('manageMcpServer', async () => {
    const picked = await vscode.window.showQuickPick(
      [
        { label: '$(copy) Copy Configuration', command: 'codemode.copyMcpConfiguration' },
        { label: '$(key) Renew Token', command: 'codemode.renewMcpToken' },
        { label: '$(debug-stop) Stop', command: 'codemode.stopMcpServer' },
      ],
      { title: 'MCP Server for Other Clients', placeHolder: server.url },
    );
    if (picked !== undefined) await vscode.commands.executeCommand(picked.command);
  });
  return store;
}

async function copyConfiguration(server: ExposedServer): Promise<void> {
  const picked = await vscode.window.showQuickPick(
    configurationForms.map((form) => ({ label: form.client, description: form.place, form })),
    { title: 'Copy MCP Server Configuration', placeHolder: 'For which client?' },
  );
  if (picked === undefined) return;
  const { url, token } = await server.start();
  await vscode.env.clipboard.writeText(picked.form.text(url, token));
  void vscode.window.showInformationMessage(`Copied for ${picked.form.client}: ${picked.form.place}. It holds the token of this workspace; keep it out of files that are shared.`);
}
