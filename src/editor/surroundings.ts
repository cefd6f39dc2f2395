import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { JsonValue } from '../json.js';
import { configurationPlaces } from '../mcp/configuration/places.js';
import type { Surroundings } from '../mcp/ports.js';
import { placeIsOn } from './settings.js';
import type { UserFiles } from './userFiles.js';

/** Trust, folders, configuration files and settings as the MCP room needs them. */
export function createSurroundings(userFiles: UserFiles): Surroundings {
  return {
    get trusted() {
      return vscode.workspace.isTrusted;
    },
    get folders() {
      return localFolders();
    },
    get configurationFiles() {
      const { workspaceFile } = vscode.workspace;
      return configurationPlaces({
        folders: localFolders(),
        userHome: homedir(),
        environment: process.env,
        platform: process.platform,
        isOn: placeIsOn,
        ...userFiles.places,
        ...(workspaceFile?.scheme === 'file' ? { workspaceFile: workspaceFile.fsPath } : {}),
      });
    },
    environment: process.env,
    userHome: homedir(),
    setting: (key) => vscode.workspace.getConfiguration().get<JsonValue>(key),
    onDidChange(listener) {
      const files = userFiles.onDidChange(listener);
      return vscode.Disposable.from(
        files,
        vscode.workspace.onDidGrantWorkspaceTrust(() => listener()),
        vscode.workspace.onDidChangeWorkspaceFolders(() => listener()),
        vscode.workspace.onDidChangeConfiguration((event) => {
          if (['codemode', 'mcp', 'chat.mcp'].some((section) => event.affectsConfiguration(section))) listener();
        }),
      );
    },
  };
}

/** Workspace folders on a disk; names are made distinct, since paths in a multi-root workspace begin with them. */
export function localFolders(): readonly { readonly name: string; readonly path: string }[] {
  const taken = new Set<string>();
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  // A name that a folder has of its own is not given to another one.
  const own = new Set(folders.map((folder) => folder.name.toLowerCase()));
  return folders.map((folder) => {
    let name = folder.name;
    for (let count = 2; taken.has(name.toLowerCase()); count++) if (!own.has(`${folder.name}-${count}`.toLowerCase())) name = `${folder.name}-${count}`;
    taken.add(name.toLowerCase());
    return { name, path: folder.uri.fsPath };
  });
}

/** Address of a file by its display path, as scripts write it. */
export function fileUri(display: string): vscode.Uri | undefined {
  const folders = localFolders();
  if (folders.length === 1 && folders[0] !== undefined) return vscode.Uri.file(path.join(folders[0].path, display));
  const [name, ...rest] = display.split('/');
  const folder = folders.find((each) => each.name === name);
  return folder === undefined ? undefined : vscode.Uri.file(path.join(folder.path, ...rest));
}
