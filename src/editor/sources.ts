import * as vscode from 'vscode';
import type { Catalog } from '../catalog/catalog.js';
import type { ToolSource } from '../catalog/source.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import type { EditorTools } from './editorTools.js';
import type { LateServers } from './lateServers.js';
import { editorToolsEnabled } from './settings.js';
import { localFolders } from './surroundings.js';

interface SourceRooms {
  readonly catalog: Catalog;
  readonly servers: LateServers;
  readonly editorTools: EditorTools;
  /** Built-ins that need a folder on disk. */
  readonly builtIns: readonly ToolSource[];
}

/** Tells the catalog which sources there are now: none without trust, built-ins only where there is a folder. */
export class SourceSelection implements vscode.Disposable {
  private readonly store = new DisposableStore();

  constructor(private readonly rooms: SourceRooms) {
    this.store.add(rooms.servers.onDidChange(() => this.select()));
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.select()));
    this.store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.select()));
    this.store.add(vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('codemode.editorTools')) this.select();
    }));
    this.select();
  }

  dispose(): void {
    this.store.dispose();
  }

  private select(): void {
    const { catalog, servers, editorTools, builtIns } = this.rooms;
    if (!vscode.workspace.isTrusted) {
      catalog.setSources([]);
      return;
    }
    editorTools.refresh();
    catalog.setSources([
      ...(localFolders().length > 0 ? builtIns : []),
      ...servers.servers.map((server) => server.source),
      ...(editorToolsEnabled() && editorTools.tools.length > 0 ? [editorTools] : []),
    ]);
  }
}
