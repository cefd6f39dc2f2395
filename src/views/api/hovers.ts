import * as vscode from 'vscode';
import type { Catalog, CatalogTool } from '../../catalog/catalog.js';
import type { WorkspaceTypings } from '../../editor/workspaceTypings.js';
import type { Policy } from '../../runs/policy/policy.js';
import { plainText } from '../plainText.js';
import { effectWords } from './effectWords.js';

/** Over a tool in a script: whose it is, what it does and whether it would ask. The types are TypeScript's own hover. */
export class ToolHovers implements vscode.HoverProvider, vscode.Disposable {
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly typings: WorkspaceTypings,
    private readonly catalog: Catalog,
    private readonly policy: Policy,
  ) {
    this.registration = vscode.languages.registerHoverProvider([{ scheme: 'file', language: 'typescript' }, { scheme: 'file', language: 'javascript' }], this);
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    if (!this.typings.isScript(document)) return undefined;
    const range = document.getWordRangeAtPosition(position, /[\p{ID_Start}$_][\p{ID_Continue}$]*\s*\.\s*[\p{ID_Start}$_][\p{ID_Continue}$]*/u);
    if (range === undefined) return undefined;
    const [namespace, member] = document.getText(range).split('.').map((name) => name.trim());
    const tool = namespace === undefined || member === undefined ? undefined : this.catalog.current.find(namespace, member);
    return tool === undefined ? undefined : new vscode.Hover(this.describe(tool), range);
  }

  dispose(): void {
    this.registration.dispose();
  }

  private describe(tool: CatalogTool): vscode.MarkdownString {
    const look = effectWords[tool.effect];
    const text = new vscode.MarkdownString(undefined, true);
    text.isTrusted = { enabledCommands: ['codemode.openDeclaration', 'codemode.showSchema', 'codemode.manageApprovals'] };
    const link = (title: string, command: string): string => `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([tool.ref]))})`;
    text.appendMarkdown(`$(${look.icon}) **${look.word}** · `);
    text.appendText(`${tool.ref.source}: ${tool.ref.name}`);
    text.appendMarkdown(`  \n`);
    text.appendText(this.policy.explain(tool.ref));
    if (tool.suspicious) text.appendMarkdown(`  \n$(warning) ${plainText(tool.oddities.join(' '))}`);
    if (tool.inferredOutput !== undefined) text.appendMarkdown(`  \nThe result's type is inferred from ${tool.inferredOutput.results} ${tool.inferredOutput.results === 1 ? 'result' : 'results'}.`);
    text.appendMarkdown(`\n\n${link('Declaration', 'codemode.openDeclaration')} · ${link('Schema', 'codemode.showSchema')} · ${link('Approvals', 'codemode.manageApprovals')}`);
    return text;
  }
}
