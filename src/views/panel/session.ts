import type * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { RunEvent } from '../../runs/events.js';
import type { Run } from '../../runs/run.js';
import { headingsOf } from './headings.js';
import type { FromPanel, PanelState } from './protocol.js';
import { shortenQuestion } from './shorten.js';
import { WebviewSession, type PanelRooms } from './webviewSession.js';

const runsListed = 20;

/** The view in the side bar: the newest run, or the one that asks something. */
export class PanelSession extends WebviewSession {
  private readonly following = this.store.add(new DisposableStore());
  private selected: RunId | undefined;
  private focusWanted = false;
  /** The developer picked a run: a new one is listed and not jumped to, unless it asks something. */
  private pinned = false;

  constructor(webview: vscode.Webview, rooms: PanelRooms) {
    super(webview, rooms);
    this.selected = rooms.runs.runs[0]?.id;
    for (const run of rooms.runs.runs) this.follow(run);
    this.store.add(
      rooms.runs.onDidStart((run) => {
        this.follow(run);
        if (!this.pinned || !this.isLive(this.selected)) this.select(run.id);
        this.schedule();
      }),
    );
    this.store.add(
      rooms.approvals.onDidChange(() => {
        const asking = rooms.approvals.pending[0]?.run;
        if (asking !== undefined && !rooms.approvals.pending.some((question) => question.run === this.selected)) this.select(asking);
      }),
    );
    this.store.add(rooms.onDidChangeObstacle(() => this.schedule()));
  }

  /** Shows a run, and the oldest question that waits with the keyboard on it. */
  show(run: RunId | undefined, focus: boolean): void {
    if (run !== undefined) this.select(run);
    this.focusWanted ||= focus;
    this.schedule();
  }

  protected override async own(message: Extract<FromPanel, { type: 'select' | 'compare' }>): Promise<void> {
    if (message.type !== 'select') return;
    this.pinned = true;
    this.select(message.run);
    this.schedule();
  }

  protected override flush(): void {
    super.flush();
    if (!this.focusWanted) return;
    this.focusWanted = false;
    this.post({ type: 'focusQuestion' });
  }

  protected override shown(): { readonly run: RunId; readonly events: readonly RunEvent[] } | undefined {
    return this.selected === undefined ? undefined : { run: this.selected, events: this.rooms.runs.get(this.selected)?.events ?? [] };
  }

  protected override state(): PanelState {
    const { runs, approvals, changeSets, obstacle } = this.rooms;
    const undoable = changeSets.undoable;
    return {
      runs: runs.runs.slice(0, runsListed).map((run) => ({ id: run.id, title: run.request.title, phase: run.phase })),
      selected: this.selected,
      questions: approvals.pending.map(shortenQuestion),
      changes: headingsOf(this.rooms),
      undoable: undoable === undefined ? undefined : { id: undoable.id, summary: undoable.summary },
      obstacle: obstacle(),
    };
  }

  private follow(run: Run): void {
    this.following.add(run.onDidAppend(() => this.schedule()));
  }

  private select(run: RunId): void {
    if (this.selected === run) return;
    this.selected = run;
    this.feed.restart();
  }

  private isLive(id: RunId | undefined): boolean {
    return id !== undefined && this.rooms.runs.get(id)?.phase !== 'ended';
  }
}
