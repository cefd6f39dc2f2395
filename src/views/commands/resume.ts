import * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { Memory } from '../../mcp/ports.js';
import type { RunHistory, Runs, RunSummary } from '../../runs/run.js';
import { pickRun, runOf } from '../lists/pickRun.js';

interface ResumeRooms {
  readonly runs: Runs;
  readonly history: RunHistory;
  readonly ready: (signal: AbortSignal) => Promise<void>;
  readonly reveal: (run: RunId) => Promise<void>;
  readonly openPage: (run: RunSummary) => Promise<void>;
  /** What was told already, across windows. */
  readonly memory: Memory;
}

/** After a reload the window before may still be closing its runs; it is looked again after so many ms. */
const looks = [0, 2_000, 6_000, 15_000];
const toldKey = 'interrupted.told';

/** Runs that ended with their window: told of once when the workspace opens, and resumed on request. */
export class InterruptedRuns implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly timers: NodeJS.Timeout[];

  constructor(private readonly rooms: ResumeRooms) {
    this.store.add(vscode.commands.registerCommand('codemode.resumeRun', async (given: unknown) => this.resume(given)));
    const opened = Date.now();
    this.timers = looks.map((wait) => setTimeout(() => void this.tell(opened), wait));
  }

  dispose(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.store.dispose();
  }

  private async resume(given: unknown): Promise<void> {
    const { history, runs, ready, reveal } = this.rooms;
    const run = (await runOf(given, history)) ?? (await pickRun(history, 'Resume Run', (each) => each.status === 'interrupted', 'No run was interrupted.'));
    if (run === undefined) return;
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage('Scripts stay off until you trust this workspace.', 'Manage Workspace Trust').then(async (answer) => {
        if (answer !== undefined) await vscode.commands.executeCommand('workbench.trust.manage');
      });
      return;
    }
    try {
      // The script is checked against the tools as they are now, so servers come first.
      const isResumed = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Resuming “${run.title}”`, cancellable: true }, async (_progress, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => stop.abort());
        await ready(stop.signal);
        if (stop.signal.aborted) return false;
        await runs.resume(run.id);
        return true;
      });
      if (isResumed) await reveal(run.id);
    } catch (error) {
      void vscode.window.showWarningMessage(`“${run.title}” was not resumed. ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Each interrupted run is told of once; in the history it stays marked. */
  private async tell(opened: number): Promise<void> {
    const { history, memory } = this.rooms;
    const told = memory.get(toldKey);
    const before = new Set(Array.isArray(told) ? (told as readonly unknown[]) : []);
    const standing = (await history.list()).filter((run) => run.status === 'interrupted' && run.startedAt < opened);
    const found = standing.filter((run) => !before.has(toldAs(run)));
    const [newest] = found;
    if (newest === undefined || this.store.isDisposed) return;
    await memory.set(toldKey, standing.map(toldAs));
    if (found.length === 1) await this.tellOne(newest);
    else await this.tellMany(found);
  }

  private async tellOne(run: RunSummary): Promise<void> {
    const after = run.calls === 0 ? 'before its first call' : `after ${run.calls === 1 ? '1 call' : `${run.calls.toLocaleString('en')} calls`}`;
    const answer = await vscode.window.showInformationMessage(`Code Mode: “${run.title}” was interrupted ${after}.`, 'Resume', 'Show');
    if (answer === 'Resume') await this.resume(run);
    if (answer === 'Show') await this.rooms.openPage(run);
  }

  private async tellMany(found: readonly RunSummary[]): Promise<void> {
    const answer = await vscode.window.showInformationMessage(`Code Mode: ${found.length} runs were interrupted.`, 'Resume…', 'Show History');
    if (answer === 'Resume…') await this.resume(undefined);
    if (answer === 'Show History') await vscode.commands.executeCommand('codemode.showHistory');
  }
}

/** A run that was resumed and is interrupted again is told of again. */
const toldAs = (run: RunSummary): string => `${run.id} ${run.calls}`;
