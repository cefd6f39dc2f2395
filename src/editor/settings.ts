import * as vscode from 'vscode';
import { clients, type OptionalPlace } from '../mcp/configuration/places.js';
import { defaultRunLimits, limitSettings } from '../runs/limits.js';
import type { RunLimits } from '../runs/run.js';

const section = (scope?: vscode.ConfigurationScope): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('codemode', scope);

/** Limits of a run; a setting that is no positive number leaves the default. */
export function limits(): RunLimits {
  const found: Partial<Record<keyof RunLimits, number>> = {};
  for (const [name, [limit, unit]] of Object.entries(limitSettings)) {
    const value = section().get<unknown>(`limits.${name}`);
    if (typeof value === 'number' && value > 0) found[limit] = value * unit;
  }
  return { ...defaultRunLimits, ...found };
}

export const samplingTokens = (): number => section().get('sampling.tokens', 20_000);
export const surfaceTokens = (): number => section().get('surface.tokens', 600);
export const chatRounds = (): number => section().get('chat.rounds', 12);
export const reviewWaitMs = (): number => section().get('review.waitSeconds', 60) * 1000;
export const editorToolsEnabled = (): boolean => section().get('editorTools.enabled', true);
export const historyDays = (): number => section().get('history.days', 30);
export const typingsFolderName = (folder: vscode.Uri): string => section(folder).get('typings.folder', '.codemode');
export const typingsWrite = (folder: vscode.Uri): 'onUse' | 'always' | 'never' => section(folder).get('typings.write', 'onUse');

/** Whether the servers of a place are wanted. Other clients' files are, where this setting or VS Code's own says so. */
export function placeIsOn(place: OptionalPlace): boolean {
  const found = section().inspect<Readonly<Record<string, unknown>>>('servers.sources');
  const said = [found?.workspaceFolderValue, found?.workspaceValue, found?.globalValue].map((value) => value?.[place]).find((value) => typeof value === 'boolean');
  if (typeof said === 'boolean') return said;
  if (!(clients as readonly string[]).includes(place)) return true;
  const native = vscode.workspace.getConfiguration('chat.mcp').get<unknown>('discovery.enabled');
  return native === true || (typeof native === 'object' && native !== null && (native as Readonly<Record<string, unknown>>)[place] === true);
}
