import * as vscode from 'vscode';
import type { RunHistory, RunSummary } from '../../runs/run.js';
import { pickRun, runOf } from '../lists/pickRun.js';
import type { Replays } from '../panel/replays.js';

/** Runs a script again with what was recorded; nothing is sent. */
export function registerReplayCommands(replays: Replays, history: RunHistory): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('codemode.replayRun', async (given: unknown) => {
      const run = await chosen(given, history, 'Replay Run');
      if (run !== undefined) await replays.show(run.id);
    }),
    vscode.commands.registerCommand('codemode.replayWithActiveScript', async (given: unknown) => {
      // A page has the focus where it was asked for there; the script is beside it.
      const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors.find(({ document }) => /script/.test(document.languageId));
      if (editor === undefined) {
        void vscode.window.showInformationMessage('Open the changed script first: it is held against what the run recorded.');
        return;
      }
      const run = await chosen(given, history, 'Replay With Active Script');
      if (run !== undefined) await replays.show(run.id, editor.document.getText());
    }),
  );
}

async function chosen(given: unknown, history: RunHistory, title: string): Promise<RunSummary | undefined> {
  const started = (run: RunSummary): boolean => run.status !== 'rejected' && run.status !== 'declined' && run.status !== 'running';
  return (await runOf(given, history)) ?? pickRun(history, title, started, 'There is no run to replay yet: a script has to have run once.');
}
