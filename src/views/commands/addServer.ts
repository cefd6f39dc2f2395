import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findNodeAtLocation, parseTree, type ParseError } from 'jsonc-parser';
import * as vscode from 'vscode';
import type { LateServers } from '../../editor/lateServers.js';
import { localFolders } from '../../editor/surroundings.js';
import { addServer, freeName, type FileEdit } from '../../mcp/configuration/edit.js';
import { parseNewServer, type NewServer, type NewServerForm } from '../../mcp/configuration/newServer.js';

interface Target {
  readonly file: string;
  readonly workspaceFile: boolean;
}

const forms = [
  { label: '$(package) npm package', description: 'run with npx', form: 'package', prompt: 'Package, and arguments after it', example: '@modelcontextprotocol/server-memory' },
  { label: '$(terminal) Command', description: 'a program that speaks over standard input and output', form: 'command', prompt: 'Command line', example: 'python -m my_server --root .' },
  { label: '$(globe) Address', description: 'a server reached over HTTP', form: 'address', prompt: 'Address', example: 'https://example.com/mcp' },
] as const satisfies readonly (vscode.QuickPickItem & { readonly form: NewServerForm; readonly prompt: string; readonly example: string })[];

function fault(form: NewServerForm, line: string): string | undefined {
  if (line.trim() === '') return 'Expected something to start or reach.';
  if (form === 'address' && !(/^https?:\/\//i.test(line.trim()) && URL.canParse(line.trim()))) return 'Expected an address that begins with http:// or https://.';
  return parseNewServer(line, form) === undefined ? 'This names nothing to start or reach.' : undefined;
}

/** The files a server may be written to; asks where there are several. */
async function pickTarget(userFile: string): Promise<Target | undefined> {
  const folders = localFolders();
  const { workspaceFile } = vscode.workspace;
  const inFolders = folders.map((folder) => ({
    label: folders.length === 1 ? '$(root-folder) This workspace' : `$(root-folder) ${folder.name}`,
    description: '.vscode/mcp.json, shared with whoever works on it',
    target: { file: path.join(folder.path, '.vscode', 'mcp.json'), workspaceFile: false },
  }));
  const inWorkspaceFile =
    workspaceFile?.scheme === 'file'
      ? [{ label: '$(file-code) Workspace file', description: path.basename(workspaceFile.fsPath), target: { file: workspaceFile.fsPath, workspaceFile: true } }]
      : [];
  const { remoteName } = vscode.env;
  const own = remoteName === undefined ? { label: '$(account) Your profile', description: 'mcp.json of your own, for all workspaces' } : { label: '$(remote) This machine', description: `mcp.json of ${remoteName}, for all workspaces there` };
  const items = [...inFolders, ...inWorkspaceFile, { ...own, target: { file: userFile, workspaceFile: false } }];
  if (items.length === 1) return items[0]?.target;
  return (await vscode.window.showQuickPick(items, { title: 'Add Server (3 of 4): where is it kept?', ignoreFocusOut: true }))?.target;
}

async function editOf({ file, workspaceFile }: Target): Promise<FileEdit | undefined> {
  // What is open and not saved yet is what a person sees.
  const open = vscode.workspace.textDocuments.find((document) => document.uri.fsPath === file && document.uri.scheme === 'file');
  const text = open?.getText() ?? (await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }));
  if (text !== undefined && text.trim() !== '') {
    const errors: ParseError[] = [];
    const tree = parseTree(text, errors, { allowTrailingComma: true });
    if (errors.length > 0 || tree?.type !== 'object') return undefined;
  }
  return { text, format: 'vscode', workspaceFile };
}

/** Writes the file through the editor where it is open there, so that nothing unsaved is lost. */
async function write(file: string, text: string): Promise<vscode.TextDocument> {
  const uri = vscode.Uri.file(file);
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open === undefined) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return vscode.workspace.openTextDocument(uri);
  }
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, new vscode.Range(open.positionAt(0), open.positionAt(open.getText().length)), text);
  await vscode.workspace.applyEdit(edit);
  await open.save();
  return open;
}

/** Asks for one server and adds it to a file of the workspace or the user, keeping its comments and layout. */
export async function askForServer(servers: LateServers, userFile: () => string): Promise<void> {
  const form = await vscode.window.showQuickPick(forms, { title: 'Add Server (1 of 4): what kind of server?', ignoreFocusOut: true });
  if (form === undefined) return;
  const line = await vscode.window.showInputBox({
    title: 'Add Server (2 of 4)',
    prompt: `${form.prompt}. Tokens and passwords in it are not written to the file: you are asked for them when the server starts.`,
    placeHolder: form.example,
    ignoreFocusOut: true,
    validateInput: (value) => fault(form.form, value),
  });
  const found = line === undefined ? undefined : parseNewServer(line, form.form);
  if (found === undefined) return;
  const target = await pickTarget(userFile());
  if (target === undefined) return;
  const edit = await editOf(target);
  if (edit === undefined) {
    void vscode.window.showErrorMessage(`${path.basename(target.file)} is not valid JSON, so nothing was added. Correct it, then add the server again.`);
    await vscode.window.showTextDocument(vscode.Uri.file(target.file));
    return;
  }
  const name = await vscode.window.showInputBox({
    title: 'Add Server (4 of 4)',
    prompt: 'Name; scripts use it as the name of the global',
    value: freeName(edit, found.name),
    ignoreFocusOut: true,
    validateInput: (value) => nameFault(value, edit),
  });
  if (name !== undefined) await add(found, name, edit, target, servers);
}

function nameFault(value: string, edit: FileEdit): string | undefined {
  if (!/^[\p{L}\p{N}_.-]+$/u.test(value)) return 'Expected letters, digits, dots, dashes and underscores.';
  return freeName(edit, value) === value ? undefined : 'There is a server of that name in this file.';
}

async function add(found: NewServer, name: string, edit: FileEdit, target: Target, servers: LateServers): Promise<void> {
  const text = addServer(edit, name, found.definition, found.inputs);
  const document = await write(target.file, text);
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const at = document.positionAt((tree && findNodeAtLocation(tree, [...(target.workspaceFile ? ['settings', 'mcp'] : []), 'servers', name])?.parent?.offset) ?? 0);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
  await servers.reload();
}
