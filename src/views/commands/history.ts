import * as vscode from 'vscode';
import type { RunHistory, RunSummary } from '../../runs/run.js';
import { historyViewId } from '../lists/history.js';
import { pickRun, runOf } from '../lists/pickRun.js';

interface HistoryRooms {
  readonly history: RunHistory;
  /** Shows a run on a page of its own. */
  readonly openPage: (run: RunSummary) => Promise<void>;
}

const none = 'There is no run yet. Ask @codemode in chat, or run a script of your own.';

/** Runs of this and earlier sessions: found, shown, exported, explained, forgotten. */
export function registerHistoryCommands({ history, openPage }: HistoryRooms): vscode.Disposable {
  const open = async (run: RunSummary | undefined): Promise<void> => {
    if (run !== undefined) await openPage(run);
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand('codemode.showHistory', async () => vscode.commands.executeCommand(`${historyViewId}.focus`)),
    vscode.commands.registerCommand('codemode.openRun', async (given: unknown) => open((await runOf(given, history)) ?? (await pickRun(history, 'Open Run', () => true, none)))),
    vscode.commands.registerCommand('codemode.findRun', async () => open(await pickRun(history, 'Find Run', () => true, none))),
    vscode.commands.registerCommand('codemode.exportRun', async (given: unknown) => {
      const run = (await runOf(given, history)) ?? (await pickRun(history, 'Export Run', () => true, none));
      if (run !== undefined) await exportRun(run, history);
    }),
    vscode.commands.registerCommand('codemode.forgetRun', async (given: unknown) => {
      const run = await runOf(given, history);
      if (run === undefined) return;
      const forget = 'Forget';
      const answer = await vscode.window.showWarningMessage(`Forget “${run.title}”?`, { modal: true, detail: 'Its journal and the values of its calls are deleted. What it changed stays as it is.' }, forget);
      if (answer === forget) await history.remove(run.id);
    }),
    vscode.commands.registerCommand('codemode.explainFailure', async (given: unknown) => {
      const failed = (run: RunSummary): boolean => run.status === 'failed' || run.status === 'rejected';
      const run = (await runOf(given, history)) ?? (await pickRun(history, 'Explain Failure', failed, 'No run failed.'));
      if (run !== undefined) await vscode.commands.executeCommand('workbench.action.chat.open', { query: `@codemode /explain ${run.id}` });
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
  try {
    const text = format.ending === 'jsonl' ? await history.exportJsonl(run.id) : JSON.stringify(await history.exportTrace(run.id), undefined, 2);
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  } catch (error) {
    void vscode.window.showErrorMessage(`“${run.title}” was not exported to ${target.fsPath}: ${error instanceof Error ? error.message : String(error)} Export it to another place.`);
    return;
  }
  void vscode.window.showInformationMessage(`Exported to ${target.fsPath}.${format.ending === 'jsonl' ? ' The file holds the script and the values of its calls: look at it before you give it to anyone.' : ''}`);
}
