import * as vscode from 'vscode';
import { DisposableStore } from '../lifecycle/disposable.js';
import type { Approvals } from '../runs/approvals.js';
import type { ChangeSets } from '../runs/changes/changeSet.js';
import { holdsSomething } from '../runs/changes/contents.js';
import type { Run, Runs } from '../runs/run.js';

/** Says in the status bar what runs or waits, and is not there while nothing does. */
export class RunStatus implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly item = this.store.add(vscode.window.createStatusBarItem('codemode.status', vscode.StatusBarAlignment.Left, 1));

  constructor(
    private readonly runs: Runs,
    private readonly approvals: Approvals,
    private readonly changeSets: ChangeSets,
  ) {
    this.item.name = 'Code Mode';
    this.store.add(runs.onDidStart((run) => this.follow(run)));
    this.store.add(approvals.onDidChange(() => this.refresh()));
    this.store.add(changeSets.onDidChange(() => this.refresh()));
    this.refresh();
  }

  dispose(): void {
    this.store.dispose();
  }

  private follow(run: Run): void {
    this.refresh();
    void run.outcome.then(() => this.refresh());
  }

  private refresh(): void {
    const asked = this.approvals.pending.length;
    const running = this.runs.runs.filter((run) => run.phase !== 'ended').length;
    const waiting = this.changeSets.open.filter(holdsSomething).length;
    void vscode.commands.executeCommand('setContext', 'codemode.running', running > 0);
    this.item.backgroundColor = undefined;
    if (asked > 0) {
      this.item.text = `$(bell-dot) Code Mode asks`;
      this.item.tooltip = asked === 1 ? 'A question waits for your answer' : `${asked} questions wait for your answer`;
      this.item.command = 'codemode.showApprovals';
      this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    } else if (running > 0) {
      this.item.text = `$(loading~spin) Code Mode`;
      this.item.tooltip = running === 1 ? 'A script is running' : `${running} scripts are running`;
      this.item.command = 'codemode.showApprovals';
    } else if (waiting > 0) {
      this.item.text = `$(diff-multiple) Review changes`;
      this.item.tooltip = 'Changes of Code Mode wait for your review';
      this.item.command = 'codemode.reviewChanges';
    } else {
      this.item.hide();
      return;
    }
    this.item.accessibilityInformation = { label: `Code Mode: ${this.item.tooltip}` };
    this.item.show();
  }
}
