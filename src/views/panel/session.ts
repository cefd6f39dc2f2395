import * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import { DisposableStore, type Disposable } from '../../lifecycle/disposable.js';
import type { Approvals } from '../../runs/approvals.js';
import type { ChangeSet, ChangeSets } from '../../runs/changes/changeSet.js';
import type { Run, Runs } from '../../runs/run.js';
import { EventFeed } from './feed.js';
import { handle, type PanelActions } from './requests.js';
import type { ChangesHeading, FromPanel, Obstacle, PanelState, ToPanel } from './protocol.js';
import { resultWords, type ResultProblems, type ResultReport } from '../review/resultProblems.js';
import { shortenQuestion } from './shorten.js';

export interface PanelRooms {
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly changeSets: ChangeSets;
  readonly problems: ResultProblems;
  readonly actions: PanelActions;
  readonly obstacle: () => Obstacle | undefined;
  readonly onDidChangeObstacle: (listener: () => unknown) => Disposable;
}

/** At most this often, in ms, is a busy run sent to its webview. */
export const beat = 40;
const runsListed = 20;

/** Keeps one webview showing what the rooms say. The webview holds no truth of its own: reloading it loses nothing. */
export class PanelSession implements Disposable {
  private readonly store = new DisposableStore();
  private readonly following = new DisposableStore();
  private selected: RunId | undefined;
  private readonly feed = new EventFeed((message) => this.post(message));
  private timer: NodeJS.Timeout | undefined;
  private ready = false;
  private focusWanted = false;
  /** The developer picked a run: a new one is listed and not jumped to, unless it asks something. */
  private pinned = false;

  constructor(
    private readonly webview: vscode.Webview,
    private readonly rooms: PanelRooms,
  ) {
    this.selected = rooms.runs.runs[0]?.id;
    this.store.add(this.following);
    this.store.add(webview.onDidReceiveMessage((message: FromPanel) => void this.receive(message)));
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
        this.schedule();
      }),
    );
    this.store.add(rooms.changeSets.onDidChange(() => this.schedule()));
    this.store.add(rooms.problems.onDidChange(() => this.schedule()));
    this.store.add(rooms.onDidChangeObstacle(() => this.schedule()));
  }

  /** Shows a run, and the oldest question that waits with the keyboard on it. */
  show(run: RunId | undefined, focus: boolean): void {
    if (run !== undefined) this.select(run);
    this.focusWanted ||= focus;
    this.schedule();
  }

  post(message: ToPanel): void {
    void this.webview.postMessage(message);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.store.dispose();
  }

  private async receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.feed.restart();
        this.schedule();
        return;
      case 'select':
        this.pinned = true;
        this.select(message.run);
        this.schedule();
        return;
      case 'compare':
        return;
      default: {
        const reply = await handle(message, this.rooms);
        if (reply !== undefined) this.post(reply);
      }
    }
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

  private schedule(): void {
    if (!this.ready || this.store.isDisposed) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, beat);
  }

  private flush(): void {
    this.post({ type: 'state', state: this.state() });
    this.sendEvents();
    if (this.focusWanted) {
      this.focusWanted = false;
      this.post({ type: 'focusQuestion' });
    }
  }

  private sendEvents(): void {
    const run = this.selected;
    if (run !== undefined && this.feed.send(run, this.rooms.runs.get(run)?.events ?? [])) this.schedule();
  }

  private state(): PanelState {
    const { runs, approvals, changeSets, problems, obstacle } = this.rooms;
    const undoable = changeSets.undoable;
    return {
      runs: runs.runs.slice(0, runsListed).map((run) => ({ id: run.id, title: run.request.title, phase: run.phase })),
      selected: this.selected,
      questions: approvals.pending.map(shortenQuestion),
      changes: changeSets.open.filter((set) => set.files.length + set.commits.length + set.branches.length > 0).map((set) => headingOf(set, runs, problems.of(set.id))),
      undoable: undoable === undefined ? undefined : { id: undoable.id, summary: undoable.summary },
      obstacle: obstacle(),
    };
  }
}

/** Problems listed of one file, and files listed as broken. */
const mostProblems = 20;

/** A change set as a webview gets it. */
export function headingOf(set: ChangeSet, runs: Runs, report: ResultReport | undefined): ChangesHeading {
  const run = runs.runs.find((each) => each.request.conversation === set.conversation);
  return {
    id: set.id,
    run: run?.id,
    title: run?.request.title ?? 'Changes of an earlier session',
    applying: set.state.kind === 'applying',
    files: set.files.map(({ path, absolute, from, kind, insertions, deletions, excluded, binary }) => {
      const judged = report?.files.get(absolute);
      const isLooked = kind !== 'deleted' && !excluded;
      const problems = judged?.status === 'checked' ? judged.problems : [];
      return {
        ...{ path, from: from?.path, kind, insertions, deletions, excluded, binary },
        ...(isLooked && { result: resultWords(judged, report !== undefined), problems: problems.slice(0, mostProblems).map(({ line, severity, message }) => ({ line, severity, message })) }),
      };
    }),
    broken: (report?.broken ?? []).slice(0, mostProblems).map(({ absolute, problems }) => ({ path: vscode.workspace.asRelativePath(absolute), problems: problems.slice(0, 3).map(({ line, severity, message }) => ({ line, severity, message })) })),
    commits: set.commits.map((commit) => ({ message: commit.message, files: commit.files.length })),
    branches: set.branches.map((branch) => branch.name),
    checkpoint: set.checkpoint?.reason,
  };
}
