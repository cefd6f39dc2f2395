import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { Emitter } from '../lifecycle/event.js';
import { userFileOf, type PlacesOptions } from '../mcp/configuration/places.js';

/** Stands for a file on a machine that only the editor reaches. */
const localProfile = 'mcp.json on your own machine';

/**
 * The `mcp.json` of this machine, beside our own storage: the user's own, or in a remote window the one that the editor
 * calls the remote user's. Where the developer's own then stands cannot be known on another machine, but the editor has
 * what it says as the configuration `mcp`, as it does for `tasks.json`.
 */
export class UserFiles implements vscode.Disposable {
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  private own: string;

  constructor({ globalStorageUri }: Pick<vscode.ExtensionContext, 'globalStorageUri'>) {
    const storage = globalStorageUri.fsPath;
    this.own = userFileOf(storage, undefined);
    void this.readProfiles(storage);
  }

  /** The path of this machine's file. */
  get path(): string {
    return this.own;
  }

  get places(): Pick<PlacesOptions, 'userFile' | 'remoteFile' | 'localUserFile'> {
    const { remoteName } = vscode.env;
    if (remoteName === undefined) return { userFile: this.own };
    const reason = `is configured in the profile of your own machine, and this window works on ${remoteName}: its program cannot be started from here. Add it to the remote machine’s mcp.json or to the workspace to use it here.`;
    return { remoteFile: this.own, localUserFile: { path: localProfile, label: 'local user', format: 'vscode', elsewhere: { read: localConfiguration, reason } } };
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async readProfiles(storage: string): Promise<void> {
    // Named with two levels more than the profile's own when there is one: `User/profiles/<id>/globalStorage/<extension>`.
    const list = path.resolve(storage, '..', '..', '..', '..', 'globalStorage', 'storage.json');
    const found = userFileOf(storage, await readFile(list, 'utf8').catch(() => undefined));
    if (found === this.own) return;
    this.own = found;
    this.changed.fire();
  }
}

/** The profile's `mcp.json`, without what folders and workspace files say; nothing where it has none. */
async function localConfiguration(): Promise<string | undefined> {
  if (await isServedWithItsProfile()) return undefined;
  const configuration = vscode.workspace.getConfiguration('mcp');
  const found = ['servers', 'inputs', 'sandbox'].map((key) => [key, configuration.inspect(key)?.globalValue] as const).filter(([, value]) => value !== undefined);
  return found.length === 0 ? undefined : JSON.stringify(Object.fromEntries(found));
}

/** In a browser the profile is kept there, or on the machine that serves the editor; then this machine's file is the user's. */
async function isServedWithItsProfile(): Promise<boolean> {
  if (vscode.env.uiKind === vscode.UIKind.Desktop) return false;
  const inBrowser = vscode.Uri.from({ scheme: 'vscode-userdata', path: '/User' });
  return Promise.resolve(vscode.workspace.fs.stat(inBrowser)).then(() => false, () => true);
}

/** Opens the file a server is configured in, at its line where that is known. */
export async function openConfiguration({ file, line }: { readonly file: string; readonly line: number }): Promise<void> {
  if (file === localProfile) {
    await vscode.commands.executeCommand('workbench.mcp.openUserMcpJson');
    return;
  }
  const at = new vscode.Position(line, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at) });
}
