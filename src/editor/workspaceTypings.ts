import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../lifecycle/disposable.js';
import type { Typings } from '../typings/workspace/snapshot.js';
import { createTypingsFolder, type TypingsFolder } from '../typings/workspace/writer.js';
import { localFolders } from './surroundings.js';
import { typingsFolderName, typingsWrite } from './settings.js';

/** What TypeScript is given (ms) to hear of a file by itself. */
const wakeAfterMs = 800;

/**
 * Keeps the typings in the workspace's first folder. Nothing is written into a workspace that never used Code Mode:
 * the folder comes with the first script, and from then on follows the catalog.
 */
export class WorkspaceTypings implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly folders = new Map<string, TypingsFolder>();
  private waking: NodeJS.Timeout | undefined;

  constructor(
    private readonly typings: Typings,
    private readonly globals: string,
    private readonly failed: (error: unknown) => void,
  ) {
    this.store.add(typings.onDidChange(() => void this.follow()));
  }

  /** Absolute path of the folder, whether it is there or not; undefined where there is no folder on disk. */
  get path(): string | undefined {
    const [first] = localFolders();
    return first === undefined ? undefined : path.join(first.path, typingsFolderName(vscode.Uri.file(first.path)));
  }

  /** Whether a document is a script of ours, or a typings file. */
  contains(uri: vscode.Uri): boolean {
    return uri.scheme === 'file' && this.path !== undefined && uri.fsPath.startsWith(this.path + path.sep);
  }

  isScript(document: vscode.TextDocument): boolean {
    return this.contains(document.uri) && /\.(ts|mts|js)$/.test(document.uri.path) && !document.uri.path.endsWith('.d.ts');
  }

  /** The namespace a typings file of the workspace declares. */
  namespaceOf(uri: vscode.Uri): string | undefined {
    if (this.path === undefined || uri.scheme !== 'file' || path.dirname(uri.fsPath) !== path.join(this.path, 'api')) return undefined;
    return path.basename(uri.fsPath, '.d.ts');
  }

  get scripts(): string | undefined {
    return this.folder()?.scripts;
  }

  get runs(): string | undefined {
    return this.folder()?.runs;
  }

  /** The declaration file of a namespace, where it is written. */
  fileOf(namespace: string): string | undefined {
    const file = this.folder()?.fileOf(namespace);
    return file !== undefined && existsSync(file) ? file : undefined;
  }

  /**
   * Writes the folder now.
   * @returns false where there is nothing to write to.
   */
  async write(): Promise<boolean> {
    const folder = this.folder();
    if (folder === undefined) return false;
    await folder.write(this.typings.current.files);
    this.wakeTypeScript();
    return true;
  }

  /** Called when a script is made or run: from then on the folder is there, unless settings forbid it. */
  async use(): Promise<void> {
    if (this.setting() !== 'never') await this.write().catch(this.failed);
  }

  /** Brings a folder that is already there up to date. */
  async follow(): Promise<void> {
    const wanted = this.setting() === 'always' || (this.setting() === 'onUse' && this.path !== undefined && existsSync(this.path));
    if (wanted && vscode.workspace.isTrusted) await this.write().catch(this.failed);
  }

  dispose(): void {
    clearTimeout(this.waking);
    this.store.dispose();
  }

  /**
   * VS Code's TypeScript does not hear of a file that is written while it still sets up its watch of the folder. An open
   * script that misses a server which is declared by now shows it: then the projects are read again.
   */
  private wakeTypeScript(tries = 3): void {
    clearTimeout(this.waking);
    if (tries === 0 || !vscode.workspace.textDocuments.some((document) => this.isScript(document))) return;
    this.waking = setTimeout(() => {
      const names = this.typings.current.files.map((file) => `'${file.namespace}'`);
      const misses = (problem: vscode.Diagnostic): boolean => problem.source === 'ts' && names.some((name) => problem.message.startsWith(`Cannot find name ${name}`));
      const isBehind = vscode.workspace.textDocuments.some((document) => this.isScript(document) && vscode.languages.getDiagnostics(document.uri).some(misses));
      if (isBehind) void vscode.commands.executeCommand('typescript.reloadProjects').then(undefined, () => undefined);
      this.wakeTypeScript(tries - 1);
    }, wakeAfterMs);
  }

  private setting(): 'onUse' | 'always' | 'never' {
    const [first] = localFolders();
    return first === undefined ? 'never' : typingsWrite(vscode.Uri.file(first.path));
  }

  private folder(): TypingsFolder | undefined {
    if (this.path === undefined) return undefined;
    let folder = this.folders.get(this.path);
    if (folder === undefined) {
      folder = createTypingsFolder({ folder: this.path, globals: this.globals });
      this.folders.set(this.path, folder);
    }
    return folder;
  }
}
