import * as vscode from 'vscode';
import type { McpServer } from '../../mcp/servers.js';

interface AccountItem extends vscode.QuickPickItem {
  readonly id?: string;
}

const leave: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('sign-out'), tooltip: 'Sign Out' };

const noAccount = (server: McpServer): string =>
  server.transport === 'stdio' ? `“${server.name}” runs on this machine; nobody signs in to it.` : `The credentials of “${server.name}” are in its configuration; nobody signs in to it.`;

async function itemsOf({ accounts }: McpServer): Promise<AccountItem[]> {
  return ((await accounts?.list()) ?? []).map(({ id, label, current }) => ({ id, label, iconPath: new vscode.ThemeIcon('account'), ...(current ? { description: 'in use' } : {}) }));
}

/** Shows who is signed in at a server: one to use, one more to sign in with, or one to sign out. */
export async function chooseAccount(server: McpServer): Promise<void> {
  const { accounts } = server;
  if (accounts === undefined) {
    void vscode.window.showInformationMessage(noAccount(server));
    return;
  }
  const another: AccountItem = { label: 'Sign In With Another Account…', iconPath: new vscode.ThemeIcon('add') };
  const pick = vscode.window.createQuickPick<AccountItem>();
  const show = async (): Promise<void> => {
    pick.items = [...(await itemsOf(server)).map((item) => ({ ...item, buttons: [leave] })), { label: '', kind: vscode.QuickPickItemKind.Separator }, another];
  };
  pick.title = `Account at “${server.name}”`;
  pick.placeholder = 'Calls are made as the account that is in use';
  await show();
  const chosen = await new Promise<AccountItem | undefined>((resolve, reject) => {
    pick.onDidAccept(() => resolve(pick.selectedItems[0]));
    pick.onDidHide(() => resolve(undefined));
    pick.onDidTriggerItemButton(({ item }) => void server.signOut?.(item.id).then(warnOf).then(show).catch(reject));
    pick.show();
  }).finally(() => pick.dispose());
  if (chosen === undefined) return;
  if (chosen.id !== undefined) {
    await accounts.use(chosen.id);
    return;
  }
  // The question and the open page have a way out of their own.
  await accounts.add(new AbortController().signal);
  const now = (await accounts.list()).find((account) => account.current);
  void vscode.window.showInformationMessage(`“${server.name}” is used as ${now?.label ?? 'the new account'} from now on.`);
}

/** What may be left of a sign-in elsewhere. */
function warnOf(left: string | undefined): void {
  if (left !== undefined) void vscode.window.showWarningMessage(left);
}

/** Signs out, of the account that is meant where there are several. */
export async function signOut(server: McpServer): Promise<void> {
  if (server.signOut === undefined) {
    void vscode.window.showInformationMessage(noAccount(server));
    return;
  }
  const items = await itemsOf(server);
  const chosen = items.length > 1 ? await vscode.window.showQuickPick(items, { title: `Sign out of “${server.name}”`, placeHolder: 'The account whose sign-in is forgotten' }) : undefined;
  if (items.length > 1 && chosen === undefined) return;
  const left = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Signing out of “${server.name}”` }, async () => server.signOut?.(chosen?.id));
  const rest = items.length > 1 ? 'The accounts that are left can be chosen with Choose Account of Server….' : 'It asks for a sign-in when it is used again.';
  void vscode.window.showInformationMessage(`Signed out of “${server.name}”${chosen === undefined ? '' : ` as ${chosen.label}`}. ${rest}`);
  warnOf(left);
}
