import type * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import { DisposableStore, type Disposable } from '../../lifecycle/disposable.js';
import type { Approvals } from '../../runs/approvals.js';
import type { ChangeSets } from '../../runs/changes/changeSet.js';
import type { RunEvent } from '../../runs/events.js';
import type { Runs } from '../../runs/run.js';
import type { ResultProblems } from '../review/resultProblems.js';
import { EventFeed } from './feed.js';
import type { FromPanel, Obstacle, PanelState, ToPanel } from './protocol.js';
import { handle, type PanelActions, type Request } from './requests.js';

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
const beat = 40;

/** Keeps one webview showing what the rooms say. The webview holds no truth of its own: reloading it loses nothing. */
export abstract class WebviewSession implements Disposable {
  protected readonly store = new DisposableStore();
  protected readonly feed = new EventFeed((message) => this.post(message));
  private timer: NodeJS.Timeout | undefined;
  private ready = false;

  constructor(
    private readonly webview: vscode.Webview,
    protected readonly rooms: PanelRooms,
  ) {
    this.store.add(webview.onDidReceiveMessage((message: FromPanel) => void this.receive(message)));
    this.store.add(rooms.approvals.onDidChange(() => this.schedule()));
    this.store.add(rooms.changeSets.onDidChange(() => this.schedule()));
    this.store.add(rooms.problems.onDidChange(() => this.schedule()));
  }

  schedule(): void {
    if (!this.ready || this.store.isDisposed) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, beat);
  }

  post(message: ToPanel): void {
    void this.webview.postMessage(message);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.store.dispose();
  }

  protected abstract state(): PanelState;
  /** The run whose journal is shown. */
  protected abstract shown(): { readonly run: RunId; readonly events: readonly RunEvent[] } | undefined;
  /** What is asked of this kind of webview alone. */
  protected abstract own(message: Exclude<FromPanel, Request | { type: 'ready' }>): Promise<void>;

  protected flush(): void {
    this.post({ type: 'state', state: this.state() });
    const shown = this.shown();
    if (shown !== undefined && this.feed.send(shown.run, shown.events)) this.schedule();
  }

  private async receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.feed.restart();
        this.schedule();
        return;
      case 'select':
      case 'compare':
        await this.own(message);
        return;
      default: {
        const reply = await handle(message, this.rooms);
        if (reply !== undefined) this.post(reply);
      }
    }
  }
}
