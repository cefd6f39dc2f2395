import * as vscode from 'vscode';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { RunHistory, Runs, RunSummary } from '../../runs/run.js';

export const historyViewId = 'codemode.history';
const listed = 200;

/** Runs of this and earlier sessions, newest first. */
export class HistoryTree implements vscode.TreeDataProvider<RunSummary>, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly history: RunHistory,
    runs: Runs,
  ) {
    this.store.add(vscode.window.createTreeView(historyViewId, { treeDataProvider: this }));
    this.store.add(history.onDidChange(() => this.changed.fire()));
    this.store.add(
      runs.onDidStart((run) => {
        this.changed.fire();
        void run.outcome.then(() => this.changed.fire());
      }),
    );
  }

  async getChildren(run?: RunSummary): Promise<RunSummary[]> {
    return run === undefined ? (await this.history.list()).slice(0, listed) : [];
  }

  getTreeItem(run: RunSummary): vscode.TreeItem {
    const look = looks[run.status];
    const item = new vscode.TreeItem(run.title);
    item.id = run.id;
    item.description = [ago(run.startedAt), run.calls > 0 && `${run.calls} ${run.calls === 1 ? 'call' : 'calls'}`].filter(Boolean).join(' · ');
    item.iconPath = new vscode.ThemeIcon(look.icon, look.color === undefined ? undefined : new vscode.ThemeColor(look.color));
    item.contextValue = `run.${run.status}`;
    item.tooltip = `${look.word}, ${new Date(run.startedAt).toLocaleString()}, from ${run.origin === 'mcp' ? 'another MCP client' : run.origin}`;
    item.command = { command: 'codemode.openRun', title: 'Open Run', arguments: [run] };
    return item;
  }

  dispose(): void {
    this.store.dispose();
  }
}

const looks: Readonly<Record<RunSummary['status'], { readonly icon: string; readonly word: string; readonly color?: string }>> = {
  finished: { icon: 'pass', word: 'Finished', color: 'testing.iconPassed' },
  failed: { icon: 'error', word: 'Failed', color: 'testing.iconFailed' },
  rejected: { icon: 'error', word: 'Did not pass the type check', color: 'testing.iconFailed' },
  declined: { icon: 'circle-slash', word: 'Not started' },
  cancelled: { icon: 'debug-stop', word: 'Stopped' },
  running: { icon: 'loading~spin', word: 'Running' },
  interrupted: { icon: 'debug-disconnect', word: 'Interrupted', color: 'notificationsWarningIcon.foreground' },
};

function ago(at: number): string {
  const minutes = Math.floor((Date.now() - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(at).toLocaleDateString();
}
