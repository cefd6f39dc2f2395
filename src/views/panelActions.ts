import * as vscode from 'vscode';
import type { Catalog } from '../catalog/catalog.js';
import { commitUri } from '../editor/commits.js';
import type { CallId, ChangeSetId, RunId } from '../ids.js';
import { isJsonObject } from '../json.js';
import type { Approvals } from '../runs/approvals.js';
import type { ChangeSets, Differences } from '../runs/changes/changeSet.js';
import type { Recorded, RunEvent } from '../runs/events.js';
import type { RunHistory, Runs } from '../runs/run.js';
import type { Scripts } from './commands/scripts.js';
import type { InlineTrace } from './inlineTrace.js';
import type { PanelActions } from './panel/requests.js';
import type { ReviewDesk } from './review/desk.js';
import type { ValueDocuments } from './values.js';

interface ActionRooms {
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly history: RunHistory;
  readonly catalog: Catalog;
  readonly changeSets: ChangeSets;
  readonly desk: ReviewDesk;
  readonly scripts: Scripts;
  readonly values: ValueDocuments;
  readonly trace: InlineTrace;
  readonly fileUri: (path: string) => vscode.Uri | undefined;
}

/** What the panel asks for, done with the same commands as everywhere else. */
export function panelActions(rooms: ActionRooms): PanelActions {
  const eventsOf = async (run: RunId): Promise<readonly RunEvent[]> => rooms.runs.get(run)?.events ?? rooms.history.open(run);
  return {
    review: async (changeSet) => vscode.commands.executeCommand('codemode.reviewChanges', changeSet),
    apply: async (changeSet) => vscode.commands.executeCommand('codemode.applyChanges', changeSet),
    discard: async (changeSet) => vscode.commands.executeCommand('codemode.discardChanges', changeSet),
    undo: async () => rooms.desk.undo(),
    async differences(run, id) {
      const changeSet = rooms.changeSets.get(id);
      if (changeSet?.state.kind === 'open' || changeSet?.state.kind === 'applying') return changeSet.differences();
      return differencesIn(await eventsOf(run), id, rooms.history);
    },
    async openFile(path, id) {
      const changeSet = id === undefined ? undefined : rooms.changeSets.get(id);
      const uri = rooms.fileUri(path);
      if (changeSet !== undefined) await rooms.desk.openFile(changeSet, path);
      else if (uri !== undefined) await vscode.window.showTextDocument(uri);
    },
    openScript: async (run, line) => rooms.scripts.open(run, await eventsOf(run), line),
    openDeclaration: async (source, name) => vscode.commands.executeCommand('codemode.openDeclaration', { source, kind: 'tool', name }),
    async openValue(run, call, part) {
      const asked = call === undefined || part !== 'args' ? undefined : argumentsAsked(rooms.approvals, call);
      if (asked !== undefined) {
        await rooms.values.show('arguments.json', JSON.stringify(asked, undefined, 2));
        return;
      }
      const recorded = recordedIn(await eventsOf(run), call, part);
      if (recorded === undefined) return;
      const value = await rooms.history.value(recorded);
      if (value === undefined && recorded.kind === 'blob') {
        void vscode.window.showInformationMessage('This value is not kept any more; only its beginning is.');
        return;
      }
      const name = part === 'args' ? 'arguments' : 'result';
      if (typeof value === 'string') await rooms.values.show(`${name}.txt`, value);
      else await rooms.values.show(`${name}.json`, JSON.stringify(value, undefined, 2) ?? 'undefined');
    },
    attachment: async (handle) => rooms.history.attachment(handle),
    async compareFile(path, before, after) {
      const text = (bytes: Uint8Array | undefined): string => (bytes === undefined ? '' : new TextDecoder().decode(bytes));
      await rooms.values.compare(path, text(before), text(after), `${path.split('/').at(-1)} (${before === undefined ? 'new file' : after === undefined ? 'deleted' : 'asked for'})`);
    },
    async copy(text) {
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage('Copied', 2000);
    },
    openCommit: async (repository, sha) => vscode.commands.executeCommand('vscode.open', commitUri(repository, sha)),
    runCommand: async (run, command) => vscode.commands.executeCommand(`codemode.${command}`, run),
    async walk(run, at) {
      rooms.trace.walk(run, at);
    },
    command: async (command) => vscode.commands.executeCommand(command),
  };
}

/** What the journal holds of a change set that was decided on. */
async function differencesIn(events: readonly RunEvent[], id: ChangeSetId, history: RunHistory): Promise<Differences> {
  const decided = events.find((event) => (event.type === 'applied' || event.type === 'discarded') && event.changeSet === id && event.differences !== undefined);
  const recorded = decided !== undefined && 'differences' in decided ? decided.differences : undefined;
  if (recorded === undefined) return { files: [], note: 'How the files differed was not recorded for this run.' };
  const value = await history.value(recorded);
  if (!isJsonObject(value) || !Array.isArray(value['files'])) return { files: [], note: 'How the files differed is not kept any more: values of runs make room for those of newer ones.' };
  return value as unknown as Differences;
}

function argumentsAsked(approvals: Approvals, id: CallId): unknown {
  for (const question of approvals.pending) {
    const call = question.kind === 'calls' ? question.calls.find((each) => each.call === id) : undefined;
    if (call !== undefined) return call.args;
  }
  return undefined;
}

/** What the journal holds of a call's arguments or result, or of the run's own value. */
function recordedIn(events: readonly RunEvent[], call: CallId | undefined, part: 'args' | 'value'): Recorded | undefined {
  for (const event of [...events].reverse()) {
    if (call === undefined) {
      if (event.type === 'ended' && event.outcome.status === 'finished') return event.outcome.value;
    } else if ('call' in event && event.call === call) {
      if (part === 'value' && event.type === 'callReturned') return event.value;
      if (part === 'args' && (event.type === 'callRequested' || (event.type === 'callDecided' && event.args !== undefined))) return event.args;
    }
  }
  return undefined;
}
