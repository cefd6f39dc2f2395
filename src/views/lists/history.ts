import * as vscode from 'vscode';
import type { Effect } from '../../catalog/source.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { RunHistory, Runs, RunSummary } from '../../runs/run.js';

export const historyViewId = 'codemode.history';
const listed = 200;

/** Runs of this and earlier sessions, newest first. */
export class HistoryTree implements vscode.TreeDataProvider<RunSummary>, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  private readonly view: vscode.TreeView<RunSummary>;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly history: RunHistory,
    runs: Runs,
  ) {
    this.view = this.store.add(vscode.window.createTreeView(historyViewId, { treeDataProvider: this }));
    this.store.add(history.onDidChange(() => this.changed.fire()));
    this.store.add(
      runs.onDidStart((run) => {
        this.changed.fire();
        void run.outcome.then(() => this.changed.fire());
      }),
    );
  }

  async getChildren(run?: RunSummary): Promise<RunSummary[]> {
    if (run !== undefined) return [];
    const runs = await this.history.list();
    this.view.message = runs.length > listed ? `The newest ${listed} of ${runs.length.toLocaleString('en')} runs. Find Run searches all of them.` : undefined;
    return runs.slice(0, listed);
  }

  getTreeItem(run: RunSummary): vscode.TreeItem {
    const look = lookOf(run);
    const item = new vscode.TreeItem(run.title);
    item.id = run.id;
    item.description = describeRun(run);
    item.iconPath = new vscode.ThemeIcon(look.icon, look.color === undefined ? undefined : new vscode.ThemeColor(look.color));
    item.contextValue = `run.${run.elsewhere === true ? 'elsewhere' : run.status}`;
    item.tooltip = `${run.title}\n${sentenceOfRun(run)}`;
    item.accessibilityInformation = { label: `${run.title}, ${sentenceOfRun(run)}` };
    item.command = { command: 'codemode.openRun', title: 'Open Run', arguments: [run] };
    return item;
  }

  dispose(): void {
    this.store.dispose();
  }
}

interface Look {
  readonly icon: string;
  readonly word: string;
  readonly color?: string;
}

const looks: Readonly<Record<RunSummary['status'], Look>> = {
  finished: { icon: 'pass', word: 'Finished', color: 'testing.iconPassed' },
  failed: { icon: 'error', word: 'Failed', color: 'testing.iconFailed' },
  rejected: { icon: 'error', word: 'Did not pass the type check', color: 'testing.iconFailed' },
  declined: { icon: 'circle-slash', word: 'Not started' },
  cancelled: { icon: 'debug-stop', word: 'Stopped' },
  running: { icon: 'loading~spin', word: 'Running' },
  interrupted: { icon: 'debug-disconnect', word: 'Interrupted', color: 'notificationsWarningIcon.foreground' },
  damaged: { icon: 'warning', word: 'Its beginning cannot be read', color: 'notificationsWarningIcon.foreground' },
};

export const origins: Readonly<Record<NonNullable<RunSummary['origin']>, string>> = {
  chat: 'from chat',
  agent: 'from agent mode',
  palette: 'from the command palette',
  script: 'a saved script',
  headless: 'from the terminal',
  mcp: 'from another MCP client',
};

export function lookOf(run: RunSummary): Look {
  return run.elsewhere === true ? { icon: 'multiple-windows', word: 'Running in another window' } : looks[run.status];
}

const reaches: Readonly<Record<Effect, string>> = { read: 'reads', staged: 'stages with', write: 'writes to', outward: 'reaches out through', unknown: 'may do anything with' };

/** What it may reach, strongest last. */
function reachOf({ reach }: RunSummary): readonly string[] {
  return (Object.keys(reaches) as readonly Effect[]).flatMap((effect) => (reach?.[effect] === undefined ? [] : [`${reaches[effect]} ${reach[effect].join(', ')}`]));
}

/** Beside the title: when, by whom, how many calls, how long, and what it may reach. */
export function describeRun(run: RunSummary): string {
  const parts = [ago(run.startedAt), ...(run.origin === undefined ? [] : [origins[run.origin]]), ...(run.calls > 0 ? [calls(run)] : []), ...(run.durationMs === undefined ? [] : [duration(run.durationMs)]), ...reachOf(run)];
  return parts.join(' · ');
}

/** The same as a sentence, with the outcome first. */
export function sentenceOfRun(run: RunSummary): string {
  const { word } = lookOf(run);
  return [`${word}${run.status === 'interrupted' ? ` after ${calls(run)}; it can be resumed` : ''}`, new Date(run.startedAt).toLocaleString(), ...(run.origin === undefined ? [] : [origins[run.origin]]), ...(run.status === 'interrupted' ? [] : [calls(run)]), ...(run.durationMs === undefined ? [] : [duration(run.durationMs)]), ...reachOf(run)].join(', ');
}

const calls = (run: RunSummary): string => (run.calls === 1 ? '1 call' : `${run.calls.toLocaleString('en')} calls`);

function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

function ago(at: number): string {
  const minutes = Math.floor((Date.now() - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(at).toLocaleDateString();
}
