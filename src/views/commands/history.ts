import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import type { RunHistory, Runs, RunSummary } from '../../runs/run.js';
import { historyViewId } from '../lists/history.js';

interface HistoryRooms {
  readonly runs: Runs;
  readonly history: RunHistory;
  readonly reveal: (run: RunId) => Promise<void>;
  /** Shows a run of an earlier session on a page of its own. */
  readonly openPage: (run: RunSummary) => Promise<void>;
}

/** Runs of earlier sessions: shown again, and exported. */
export function registerHistoryCommands({ runs, history, reveal, openPage }: HistoryRooms): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('codemode.showHistory', async () => vscode.commands.executeCommand(`${historyViewId}.focus`)),
    vscode.commands.registerCommand('codemode.openRun', async (run: RunSummary | undefined) => {
      if (run === undefined) return;
      if (runs.get(run.id) === undefined) await openPage(run);
      else await reveal(run.id);
    }),
    vscode.commands.registerCommand('codemode.exportRun', async (run: RunSummary | undefined) => {
      if (run !== undefined) await exportRun(run, history);
    }),
  );
}

async function exportRun(run: RunSummary, history: RunHistory): Promise<void> {
  const format = await vscode.window.showQuickPick(
    [
      { label: 'JSON lines', description: 'every event of the journal, values included', ending: 'jsonl' },
      { label: 'OpenTelemetry trace', description: 'one span for the run and one a call, as OTLP/JSON', ending: 'json' },
    ],
    { title: `Export “${run.title}”` },
  );
  if (format === undefined) return;
  const target = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/'), `run-${run.id}.${format.ending}`), title: 'Export Run' });
  if (target === undefined) return;
  const text = format.ending === 'jsonl' ? await history.exportJsonl(run.id) : JSON.stringify(await history.exportTrace(run.id), undefined, 2);
  await writeFile(target.fsPath, text);
  void vscode.window.showInformationMessage('Exported. Values of calls are in it: mind whom you give it to.');
}
