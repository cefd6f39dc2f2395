import * as vscode from 'vscode';
import type { RunHistory, RunSummary } from '../../runs/run.js';
import { describeRun, lookOf, sentenceOfRun } from './history.js';

interface RunItem extends vscode.QuickPickItem {
  readonly run: RunSummary;
}

/** What a command was given for a run: a line of the history, an id, or nothing. */
export async function runOf(given: unknown, history: RunHistory): Promise<RunSummary | undefined> {
  const id = typeof given === 'string' ? given : typeof given === 'object' && given !== null && 'id' in given ? given.id : undefined;
  return id === undefined ? undefined : (await history.list()).find((run) => run.id === id);
}

/** Lets a person search all runs by title, who started them, outcome and day. Says so where there is none. */
export async function pickRun(history: RunHistory, title: string, fits: (run: RunSummary) => boolean, none: string): Promise<RunSummary | undefined> {
  const runs = (await history.list()).filter(fits);
  if (runs.length === 0) {
    void vscode.window.showInformationMessage(none);
    return undefined;
  }
  const items = runs.map((run): RunItem => ({ run, label: `$(${lookOf(run).icon.replace('~spin', '')}) ${run.title}`, description: describeRun(run), detail: sentenceOfRun(run) }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Title, outcome, who started it, or day', matchOnDescription: true, matchOnDetail: true }))?.run;
}
