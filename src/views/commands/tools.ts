import * as vscode from 'vscode';
import type { Catalog, CatalogTool } from '../../catalog/catalog.js';
import type { ToolRef } from '../../catalog/source.js';
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
    onTool('codemode.showSchema', async (tool) => {
      const { ref, description, inputSchema, outputSchema, inferredOutput, annotations, oddities } = tool;
      const shown = { server: ref.source, tool: ref.name, description, inputSchema, outputSchema, inferredOutput, annotations, oddities: oddities.length > 0 ? oddities : undefined };
      await values.show(`${tool.namespace}.${tool.member}.json`, `${JSON.stringify(shown, undefined, 2)}\n`);
    }),
  );
}

function isServer(argument: ServerNode | ToolRef | undefined): argument is Extract<ServerNode, { kind: 'server' }> {
  return argument?.kind === 'server';
}

function toolOf(argument: ServerNode | ToolRef | undefined, catalog: Catalog): CatalogTool | undefined {
  if (argument === undefined) return undefined;
  if ('tool' in argument) return argument.tool;
  return 'source' in argument ? catalog.current.byRef(argument) : undefined;
}
