import * as vscode from 'vscode';
import type { Catalog, CatalogTool } from '../../catalog/catalog.js';
import { definitionAsJson, definitionOf, type ToolDefinition } from '../../catalog/definition.js';
import type { DefinitionPins, ToolRef } from '../../catalog/source.js';
import type { Declarations } from '../api/declarations.js';
import type { ServerNode } from '../lists/servers.js';
import type { ValueDocuments } from '../values.js';
import type { Scripts } from './scripts.js';

interface ToolRooms {
  readonly catalog: Catalog;
  readonly declarations: Declarations;
  readonly scripts: Scripts;
  readonly values: ValueDocuments;
}

/** What can be done with one tool, named by a tree row, a lens, a hover or the panel. */
export function registerToolCommands({ catalog, declarations, scripts, values }: ToolRooms): vscode.Disposable {
  const onTool = (command: string, act: (tool: CatalogTool) => Promise<unknown>): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (argument: ServerNode | ToolRef | undefined) => {
      const tool = toolOf(argument, catalog);
      if (tool !== undefined) await act(tool);
      else if (isServer(argument) && argument.server !== undefined) await vscode.window.showTextDocument(declarations.uriOf(argument.server.namespace));
      else void vscode.window.showInformationMessage('This tool is not there any more; its server may be stopped or changed.');
    });
  return vscode.Disposable.from(
    onTool('codemode.openDeclaration', async (tool) => declarations.open(tool)),
    onTool('codemode.tryTool', async (tool) => scripts.tryTool(tool)),
    onTool('codemode.copyToolName', async (tool) => vscode.env.clipboard.writeText(`${tool.namespace}.${tool.member}`)),
    vscode.commands.registerCommand('codemode.showChangedDefinition', async (argument: ServerNode | ToolRef | undefined) => {
      const tool = argument === undefined ? await pickChanged(catalog) : toolOf(argument, catalog);
      if (tool !== undefined) await showChange(tool, catalog, values);
    }),
    onTool('codemode.approveDefinition', async (tool) => {
      const answer = await vscode.window.showWarningMessage(
        `Approve ${tool.namespace}.${tool.member} as it is now?`,
        { modal: true, detail: 'Its definition changed since you approved it. What you allowed before counts again for what it is now.' },
        'Approve',
        'Show Changes',
      );
      if (answer === 'Approve') approve(definitionOf(tool), tool, catalog);
      if (answer === 'Show Changes') await vscode.commands.executeCommand('codemode.showChangedDefinition', tool.ref);
    }),
    onTool('codemode.showSchema', async (tool) => {
      const { ref, description, inputSchema, outputSchema, inferredOutput, annotations, oddities } = tool;
      const shown = { server: ref.source, tool: ref.name, description, inputSchema, outputSchema, inferredOutput, annotations, oddities: oddities.length > 0 ? oddities : undefined };
      await values.show(`${tool.namespace}.${tool.member}.json`, `${JSON.stringify(shown, undefined, 2)}\n`);
    }),
  );
}

async function pickChanged(catalog: Catalog): Promise<CatalogTool | undefined> {
  const changed = catalog.current.servers.flatMap((server) => server.tools.filter((tool) => server.source.pins?.approved(tool.ref.name) !== undefined));
  if (changed.length === 0) {
    void vscode.window.showInformationMessage('No tool changed since you approved it.');
    return undefined;
  }
  const items = changed.map((tool) => ({ label: `${tool.namespace}.${tool.member}`, description: 'changed since you approved it', tool }));
  return (await vscode.window.showQuickPick(items, { title: 'Show Changed Definition' }))?.tool;
}

async function showChange(tool: CatalogTool, catalog: Catalog, values: ValueDocuments): Promise<void> {
  const approved = approvedOf(tool, catalog);
  const label = `${tool.namespace}.${tool.member}`;
  if (approved === undefined) {
    void vscode.window.showInformationMessage(`${label} is what you approved.`);
    return;
  }
  const shown = definitionOf(tool);
  // A sentence a line, so that what was slipped into a long description stands out.
  const text = (definition: ToolDefinition): string =>
    `${JSON.stringify({ ...definitionAsJson(definition), description: definition.description?.split(/\n|(?<=[.!?:;>⟧])\s*(?=\S)/) }, undefined, 2)}\n`;
  await values.compare(`${label}.json`, text(approved), text(shown), `${label} (approved ↔ now)`);
  const answer = await vscode.window.showInformationMessage(`Approve ${label} as it is now? Until then it asks before its next call.`, 'Approve');
  if (answer === 'Approve') approve(shown, tool, catalog);
}

function pinsOf(tool: CatalogTool, catalog: Catalog): DefinitionPins | undefined {
  return catalog.current.servers.find((server) => server.source.id === tool.ref.source)?.source.pins;
}

function approvedOf(tool: CatalogTool, catalog: Catalog): ToolDefinition | undefined {
  return pinsOf(tool, catalog)?.approved(tool.ref.name);
}

/** Approves what was shown: where it changed again meanwhile, that is another question. */
function approve(shown: ToolDefinition, tool: CatalogTool, catalog: Catalog): void {
  pinsOf(tool, catalog)?.approve(shown);
}

function isServer(argument: ServerNode | ToolRef | undefined): argument is Extract<ServerNode, { kind: 'server' }> {
  return argument?.kind === 'server';
}

function toolOf(argument: ServerNode | ToolRef | undefined, catalog: Catalog): CatalogTool | undefined {
  if (argument === undefined) return undefined;
  if ('tool' in argument) return argument.tool;
  return 'source' in argument ? catalog.current.byRef(argument) : undefined;
}
