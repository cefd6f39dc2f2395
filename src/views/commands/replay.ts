import * as vscode from 'vscode';
import type { RunEvent } from '../../runs/events.js';
import type { ReplayResult } from '../../runs/replay/replay.js';
import { replayVerdict } from '../../runs/replay/verdict.js';
import type { RunHistory, RunSummary } from '../../runs/run.js';
import type { RunsRoom } from '../../runs/runs.js';
import { pickRun, runOf } from '../lists/pickRun.js';
import type { RunPages } from '../panel/page.js';
import type { ValueDocuments } from '../values.js';

interface ReplayRooms {
  readonly replay: RunsRoom['replay'];
  readonly history: RunHistory;
  readonly pages: RunPages;
  readonly values: ValueDocuments;
}

/** Runs a script again with what was recorded; nothing is sent. */
export function registerReplayCommands(rooms: ReplayRooms): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('codemode.replayRun', async (given: unknown) => {
      const run = await chosen(given, rooms.history, 'Replay Run');
      if (run !== undefined) await replay(run, undefined, rooms);
    }),
    vscode.commands.registerCommand('codemode.replayWithActiveScript', async (given: unknown) => {
      // A page has the focus where it was asked for there; the script is beside it.
      const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors.find(({ document }) => /script/.test(document.languageId));
      if (editor === undefined) {
        void vscode.window.showInformationMessage('Open the changed script first: it is held against what the run recorded.');
        return;
      }
      const run = await chosen(given, rooms.history, 'Replay With Active Script');
      if (run !== undefined) await replay(run, editor.document.getText(), rooms);
    }),
  );
}

async function chosen(given: unknown, history: RunHistory, title: string): Promise<RunSummary | undefined> {
  const started = (run: RunSummary): boolean => run.status !== 'rejected' && run.status !== 'declined' && run.status !== 'running';
  return (await runOf(given, history)) ?? pickRun(history, title, started, 'There is no run to replay yet: a script has to have run once.');
}

async function replay(run: RunSummary, source: string | undefined, { replay: again, history, pages, values }: ReplayRooms): Promise<void> {
  const recorded = await history.open(run.id);
  if (!recorded.some((event) => event.type === 'started')) {
    void vscode.window.showInformationMessage('This run cannot be replayed: its script never started.');
    return;
  }
  const page = pages.replay(run.id, run.title);
  const all = recorded.filter((event) => event.type === 'callRequested').length;
  const result = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Replaying “${run.title}”`, cancellable: true }, async (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    let calls = 0;
    const onEvent = (event: RunEvent): void => {
      page.add(event);
      if (event.type === 'callRequested' && ++calls % 100 === 0) progress.report({ message: `${calls.toLocaleString('en')} of ${all.toLocaleString('en')} calls`, increment: 10_000 / Math.max(all, 100) });
    };
    return again(run.id, { ...(source !== undefined && { source }), signal: stop.signal, onEvent });
  });
  page.conclude(replayVerdict(result, recorded), await comparison(result, history, values));
}

/** Shows the arguments that were expected beside those that were made. */
async function comparison(result: ReplayResult, history: RunHistory, values: ValueDocuments): Promise<(() => Promise<void>) | undefined> {
  if (result.status !== 'diverged' || result.made === undefined || result.expected === undefined) return undefined;
  const { made, expected, call } = result;
  const then = await history.value(expected.args);
  const text = (name: string, args: unknown): string => `// ${name}\n${JSON.stringify(args, undefined, 2)}\n`;
  return async () => values.compare('arguments.jsonc', text(expected.name, then), text(made.name, made.args), `Call ${call}: recorded ↔ made`);
}
