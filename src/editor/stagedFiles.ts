import * as vscode from 'vscode';
import type { ChangeSet, ChangeSets, StagedFile } from '../runs/changes/changeSet.js';
import type { ChangeSetId } from '../ids.js';

export const stagedScheme = 'codemode-staged';

type Side = 'base' | 'staged';

/**
 * Address of one side of a staged file. Its path is the file's own, so that the language is known and a diff against the
 * file on disk is not taken for a rename; which change set and side it is stands in the query, as with `git:` addresses.
 */
export function stagedUri(changeSet: ChangeSetId, file: Pick<StagedFile, 'path' | 'absolute'>, side: Side = 'staged'): vscode.Uri {
  return vscode.Uri.file(file.absolute).with({ scheme: stagedScheme, query: JSON.stringify({ changeSet, path: file.path, side }) });
}

/** @throws {vscode.FileSystemError} for an address that {@link stagedUri} did not make. */
export function readStagedUri(uri: vscode.Uri): { readonly side: Side; readonly changeSet: ChangeSetId; readonly path: string } {
  try {
    const { changeSet, path, side } = JSON.parse(uri.query) as Record<string, unknown>;
    if (typeof changeSet === 'string' && typeof path === 'string') return { changeSet: changeSet as ChangeSetId, path, side: side === 'base' ? 'base' : 'staged' };
  } catch {
    // Not ours: answered below like any address without a file.
  }
  throw vscode.FileSystemError.FileNotFound(uri);
}

/**
 * The files of open change sets. The staged side is writable: what the developer corrects in the diff is what Apply
 * writes.
 */
export class StagedFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly versions = new Map<string, number>();
  private readonly listening: { dispose(): void };
  private readonly registration: vscode.Disposable;

  constructor(private readonly changeSets: ChangeSets) {
    this.listening = changeSets.onDidChange((changeSet) => this.touch(changeSet));
    this.registration = vscode.workspace.registerFileSystemProvider(stagedScheme, this, { isCaseSensitive: true });
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const bytes = await this.readFile(uri);
    const { side } = readStagedUri(uri);
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: this.versions.get(readStagedUri(uri).changeSet) ?? 0,
      size: bytes.byteLength,
      permissions: side === 'base' ? vscode.FilePermission.Readonly : undefined,
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { changeSet, path, side } = readStagedUri(uri);
    // What was kept of a decided change set goes while its tabs are still open.
    const bytes = await this.changeSets.get(changeSet)?.content(path, side).catch(() => undefined);
    if (bytes === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return bytes;
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const { changeSet: id, path, side } = readStagedUri(uri);
    const changeSet = this.changeSets.get(id);
    if (side === 'base' || changeSet === undefined || changeSet.state.kind !== 'open') {
      throw vscode.FileSystemError.NoPermissions('These changes were already decided; edit the file itself.');
    }
    await changeSet.edit(path, content);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions('Only staged files live here.');
  }

  delete(): void {
    throw vscode.FileSystemError.NoPermissions('Leave the file out in the review instead.');
  }

  rename(): void {
    throw vscode.FileSystemError.NoPermissions('A staged file keeps its name.');
  }

  dispose(): void {
    this.registration.dispose();
    this.listening.dispose();
    this.changed.dispose();
  }

  private touch(changeSet: ChangeSet): void {
    this.versions.set(changeSet.id, (this.versions.get(changeSet.id) ?? 0) + 1);
    const type = vscode.FileChangeType.Changed;
    this.changed.fire(changeSet.files.map((file) => ({ type, uri: stagedUri(changeSet.id, file) })));
  }
}
