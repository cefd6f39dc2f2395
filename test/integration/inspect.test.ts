import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, eventually, workspaceFolder, type Inside } from './inside.js';

/** Lenses of a document, resolved. */
async function lensesOf(uri: vscode.Uri): Promise<readonly vscode.CodeLens[]> {
  return vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 10_000);
}

describe('the generated API, inspected in place', () => {
  let inside: Inside;
  const declared = (namespace: string): vscode.Uri => vscode.Uri.file(path.join(workspaceFolder(), '.codemode/api', `${namespace}.d.ts`));

  before(async () => {
    inside = await activated();
    await vscode.commands.executeCommand('codemode.writeTypings');
  });

  it('has a lens above each declaration: server, effect and policy, Try, Schema', async () => {
    const document = await vscode.workspace.openTextDocument(declared('repo'));
    await vscode.window.showTextDocument(document);
    const lenses = await eventually(async () => {
      const found = await lensesOf(document.uri);
      return found.length > 0 ? found : undefined;
    });
    const titles = lenses.map(({ command }) => command?.title ?? '');
    const tools = inside.catalog.current.servers.find(({ namespace }) => namespace === 'repo')?.tools ?? [];
    assert.ok(tools.length >= 9);
    assert.equal(titles.filter((title) => /Try$/.test(title)).length, tools.length);
    assert.equal(titles.filter((title) => /Schema$/.test(title)).length, tools.length);
    assert.ok(titles.some((title) => /repo · reads · allow/.test(title)), titles.join(' | '));
    assert.ok(titles.some((title) => /repo · stages · allow/.test(title)), titles.join(' | '));
    // A lens stands above the documentation of its declaration, never within it.
    for (const { range } of lenses) assert.match(document.lineAt(range.start.line).text, /\/\*\*|\(/);
  });

  it('shows the schema a server gave, and the declaration of a tool by its name', async () => {
    await vscode.commands.executeCommand('codemode.showSchema', { source: 'repo', kind: 'tool', name: 'read' });
    await eventually(() => (/"inputSchema"[^]*"outputSchema"/.test(vscode.window.activeTextEditor?.document.getText() ?? '') ? true : undefined));
    await vscode.commands.executeCommand('codemode.openDeclaration', { source: 'repo', kind: 'tool', name: 'glob' });
    const editor = await eventually(() => [vscode.window.activeTextEditor].find((active) => active?.document.uri.fsPath === declared('repo').fsPath));
    await eventually(() => (/\bglob\b/.test(editor.document.lineAt(editor.selection.active.line).text) ? true : undefined));
  });

  it('says the same on hovering a call in a script, and offers to run it', async () => {
    const script = vscode.Uri.file(path.join(workspaceFolder(), '.codemode/scripts/hover.ts'));
    await vscode.workspace.fs.writeFile(script, Buffer.from(`export default async function () {\n  return await repo.glob({ pattern: '**' });\n}\n`));
    const document = await vscode.workspace.openTextDocument(script);
    await vscode.window.showTextDocument(document);
    const said = await eventually(async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', script, new vscode.Position(1, 22));
      const text = hovers.flatMap(({ contents }) => contents.map((part) => (typeof part === 'string' ? part : part.value))).join('\n');
      return /reads/.test(text) && /pattern/.test(text) ? text : undefined;
    });
    assert.match(said, /repo/);
    const titles = (await lensesOf(script)).map(({ command }) => command?.title ?? '');
    assert.ok(titles.includes('$(play) Run') && titles.includes('$(check) Check'), titles.join(' | '));
  });

  it('lets a script complete and go to the declaration of a tool', async () => {
    const script = vscode.Uri.file(path.join(workspaceFolder(), '.codemode/scripts/hover.ts'));
    const places = await eventually(async () => {
      const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>('vscode.executeDefinitionProvider', script, new vscode.Position(1, 22));
      return found.length > 0 ? found.map((place) => ('targetUri' in place ? place.targetUri : place.uri).fsPath) : undefined;
    });
    assert.deepEqual([...new Set(places)], [declared('repo').fsPath]);
    await eventually(async () => {
      const completion = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', script, new vscode.Position(1, 20), '.');
      const labels = completion.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return ['glob', 'read', 'replace', 'search'].every((name) => labels.includes(name)) ? true : undefined;
    });
  });
});
