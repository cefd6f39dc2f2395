import * as vscode from 'vscode';
import type { McpServer, ServerAccounts } from '../../mcp/servers.js';

interface AccountItem extends vscode.QuickPickItem {
  readonly id?: string;
  readonly current?: boolean;
}

const leave: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('sign-out'), tooltip: 'Sign Out' };

const noAccount = (server: McpServer): string =>
  server.transport === 'stdio' ? `“${server.name}” runs on this machine; nobody signs in to it.` : `The credentials of “${server.name}” are in its configuration; nobody signs in to it.`;

async function itemsOf(accounts: ServerAccounts | undefined): Promise<AccountItem[]> {
  return ((await accounts?.list()) ?? []).map(({ id, label, current }) => ({ id, label, current, iconPath: new vscode.ThemeIcon('account'), ...(current ? { description: 'in use' } : {}) }));
}

/** Shows who is signed in at a server: one to use, one more to sign in with, or one to sign out. */
export async function chooseAccount(server: McpServer): Promise<void> {
  const { accounts } = server;
  if (accounts === undefined) {
    void vscode.window.showInformationMessage(noAccount(server));
    return;
  }
  const pick = vscode.window.createQuickPick<AccountItem>();
  const show = async (): Promise<void> => {
    const items = (await itemsOf(accounts)).map((item) => ({ ...item, buttons: [leave] }));
    const another: AccountItem = { label: items.length === 0 ? 'Sign In…' : 'Sign In With Another Account…', iconPath: new vscode.ThemeIcon('add') };
    pick.items = [...items, { label: '', kind: vscode.QuickPickItemKind.Separator }, another];
    // Enter alone changes nothing.
    pick.activeItems = items.filter(({ current }) => current);
  };
  // Its authority is told, which may take a while.
  const leaveAs = async ({ id }: AccountItem): Promise<void> => {
    pick.busy = true;
    pick.enabled = false;
    warnOf(await server.signOut?.(id));
    await show();
    pick.enabled = true;
    pick.busy = false;
  };
  pick.title = `Account at “${server.name}”`;
  pick.placeholder = 'Calls are made as the account that is in use';
  await show();
  const chosen = await new Promise<AccountItem | undefined>((resolve, reject) => {
    pick.onDidAccept(() => resolve(pick.selectedItems[0]));
    pick.onDidHide(() => resolve(undefined));
    pick.onDidTriggerItemButton(({ item }) => void leaveAs(item).catch(reject));
    pick.show();
  }).finally(() => pick.dispose());
  if (chosen === undefined || chosen.current === true) return;
  const { id } = chosen;
  // The question for a sign-in and the open page have a way out of their own.
  if (id === undefined) await accounts.add(new AbortController().signal);
  else await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Connecting to “${server.name}” as ${chosen.label}` }, async () => accounts.use(id));
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
  const items = await itemsOf(server.accounts);
  const chosen = items.length > 1 ? await vscode.window.showQuickPick(items, { title: `Sign out of “${server.name}”`, placeHolder: 'The account whose sign-in is forgotten' }) : undefined;
  if (items.length > 1 && chosen === undefined) return;
  const left = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Signing out of “${server.name}”` }, async () => server.signOut?.(chosen?.id));
  const now = (await server.accounts?.list())?.find((account) => account.current);
  const again = server.accounts === undefined ? 'What is configured signs it in when it is used again.' : 'It asks for a sign-in when it is used again.';
  const rest = now === undefined ? again : `It is used as ${now.label} from now on.`;
  void vscode.window.showInformationMessage(`Signed out of “${server.name}”${chosen === undefined ? '' : ` as ${chosen.label}`}. ${rest}`);
  warnOf(left);
}
