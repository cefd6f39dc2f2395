// The extension as tests see it: what it gives to tests alone, and a script run to its end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as vscode from 'vscode';
import type { Catalog } from '../../src/catalog/catalog.js';
import type { LateServers } from '../../src/editor/lateServers.js';
import type { NativeServers } from '../../src/editor/nativeServers.js';
import type { ConversationId } from '../../src/ids.js';
import type { ChangeSet, ChangeSets } from '../../src/runs/changes/changeSet.js';
import type { RunOutcome } from '../../src/runs/events.js';
import type { Run } from '../../src/runs/run.js';
import type { RunsRoom } from '../../src/runs/runs.js';
import type { ReviewDesk } from '../../src/views/review/desk.js';

export interface Inside {
  readonly catalog: Catalog;
  readonly runs: RunsRoom;
  readonly changeSets: ChangeSets;
  readonly servers: LateServers;
  readonly desk: ReviewDesk;
  readonly native: NativeServers;
}

export const conversation = 'integration' as ConversationId;

export async function activated(): Promise<Inside> {
  const extension = vscode.extensions.getExtension<Inside>('code-mode.code-mode');
  assert.ok(extension, 'the extension is not known to VS Code');
  return extension.activate();
}

/** Path of the only workspace folder. */
export function workspaceFolder(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'no folder is open');
  return folder.uri.fsPath;
}

export function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: workspaceFolder(), encoding: 'utf8' }).trim();
}

export function start(inside: Inside, source: string, options: { readonly signal?: AbortSignal } = {}): Run {
  return inside.runs.runs.start({ source, origin: 'palette', conversation, title: 'Test', params: {}, ...options });
}

export async function outcomeOf(inside: Inside, source: string): Promise<RunOutcome> {
  return start(inside, source).outcome;
}

/** The value of a script that must finish. */
export async function valueOf<T = unknown>(inside: Inside, source: string): Promise<T> {
  const run = start(inside, source);
  const outcome = await run.outcome;
  assert.equal(outcome.status, 'finished', JSON.stringify(outcome));
  return (await run.value()) as T;
}

/** The change set of the tests' conversation. */
export function staged(inside: Inside): ChangeSet | undefined {
  return inside.changeSets.open.find((each) => each.conversation === conversation);
}

/** Waits until `look` gives something; long enough for a machine that has much else to do. */
export async function eventually<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const since = Date.now(); Date.now() - since < 100_000; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`This gave nothing within 100 s: ${String(look)}`);
}

/** Somebody at the panel who says yes to everything, now and from now on. */
export function answering({ runs: { approvals } }: Pick<Inside, 'runs'>): { dispose(): void } {
  const answer = (): void => {
    for (const { id, kind } of approvals.pending) {
      approvals.answer(id, kind === 'start' ? { kind, allowed: true, grants: [] } : { kind, decision: { kind: 'allow', scope: 'run', breadth: 'tool' } });
    }
  };
  answer();
  return approvals.onDidChange(answer);
}

/** Somebody who says yes to every server that is asked about. */
export function approving(): { dispose(): void } {
  const { window } = vscode;
  const { showInformationMessage, showWarningMessage, createQuickPick } = window;
  const replace = (replacements: object): void => void Object.assign(window, replacements);
  replace({
    showInformationMessage: async (_message: string, ...items: readonly unknown[]) => items.find((item) => typeof item === 'string' && item.startsWith('Review Server')),
    showWarningMessage: async (_message: string, ...items: readonly unknown[]) => items.find((item) => item === 'Start Server'),
    // The real list, which opens with every server ticked, and Enter, again and again until it was up to take it.
    createQuickPick: () => {
      const list = createQuickPick();
      const show = list.show.bind(list);
      list.show = () => {
        show();
        const pressing = setInterval(() => void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem'), 500);
        list.onDidHide(() => clearInterval(pressing));
      };
      return list;
    },
  });
  return { dispose: () => replace({ showInformationMessage, showWarningMessage, createQuickPick }) };
}
