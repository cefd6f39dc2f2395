import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { Emitter } from '../lifecycle/event.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import { userFileOf } from '../mcp/configuration/places.js';
import type { ConfigurationPlace } from '../mcp/ports.js';

/** The scheme under which the editor keeps the files of a profile, on whichever machine it runs. */
const profileScheme = 'vscode-userdata';
const rememberedFolder = 'codemode.localProfile';

/**
 * The `mcp.json` of the user, of the machine a remote window works on, and of the developer's own machine then.
 * There is no API for any of them: the first two stand at known places beside our own storage; where the third stands is
 * learned from any file of the profile that is opened.
 */
export class UserFiles implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new Emitter<void>());
  readonly onDidChange = this.changed.event;
  private user: string;

  constructor(private readonly context: Pick<vscode.ExtensionContext, 'globalStorageUri' | 'globalState'>) {
    const storage = context.globalStorageUri.fsPath;
    this.user = userFileOf(storage, undefined);
    void this.readProfiles(storage);
    for (const document of vscode.workspace.textDocuments) this.learn(document.uri);
    this.store.add(vscode.workspace.onDidOpenTextDocument((document) => this.learn(document.uri)));
    this.store.add(
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        if (uri.scheme === profileScheme && path.posix.basename(uri.path) === 'mcp.json') this.changed.fire();
      }),
    );
  }

  get userFile(): ConfigurationPlace {
    return { path: this.user, label: 'user', format: 'vscode' };
  }

  /** Only in remote windows, where this code runs on the other machine. */
  get remoteFile(): string | undefined {
    if (vscode.env.remoteName === undefined) return undefined;
    return path.resolve(this.context.globalStorageUri.fsPath, '..', '..', '..', 'Machine', 'mcp.json');
  }

  get localUserFile(): ConfigurationPlace | undefined {
    if (vscode.env.remoteName === undefined) return undefined;
    const folder = this.context.globalState.get<string>(rememberedFolder);
    if (folder === undefined) return undefined;
    const uri = vscode.Uri.from({ scheme: profileScheme, path: path.posix.join(folder, 'mcp.json') });
    // An editor whose profile is kept on this very machine, as those served from it do.
    if (path.normalize(uri.fsPath) === path.normalize(this.user)) return undefined;
    return {
      path: uri.toString(true),
      label: 'local user',
      format: 'vscode',
      elsewhere: {
        read: async () => {
          try {
            return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
          } catch {
            return undefined;
          }
        },
        reason: `is configured in the profile of your own machine, and this window works on ${vscode.env.remoteName}: its program cannot be started from here. Add it to the remote machine’s mcp.json or to the workspace to use it here.`,
      },
    };
  }

  dispose(): void {
    this.store.dispose();
  }

  private async readProfiles(storage: string): Promise<void> {
    // Named with two levels more than the profile's own when there is one: `User/profiles/<id>/globalStorage/<extension>`.
    const list = path.resolve(storage, '..', '..', '..', '..', 'globalStorage', 'storage.json');
    const found = userFileOf(storage, await readFile(list, 'utf8').catch(() => undefined));
    if (found === this.user) return;
    this.user = found;
    this.changed.fire();
  }

  private learn(uri: vscode.Uri): void {
    if (uri.scheme !== profileScheme || vscode.env.remoteName === undefined) return;
    const folder = path.posix.dirname(uri.path);
    if (!/^(settings|mcp|keybindings|tasks|chatLanguageModels)\.json$/.test(path.posix.basename(uri.path))) return;
    if (this.context.globalState.get(rememberedFolder) === folder) return;
    void this.context.globalState.update(rememberedFolder, folder).then(() => this.changed.fire());
  }
}
