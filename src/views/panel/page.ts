import * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { RunEvent } from '../../runs/events.js';
import type { ReplayVerdict } from '../../runs/replay/verdict.js';
import type { Run, RunHistory, RunRecord } from '../../runs/run.js';
import { panelHtml, panelOptions } from './html.js';
import { PageSession, type PageSubject } from './pageSession.js';
import type { PanelRooms } from './webviewSession.js';

export const runPageType = 'codemode.run';

interface PageRooms extends PanelRooms {
  readonly history: RunHistory;
  /** Makes a replay anew on the page that it had before the window was loaded again. */
  readonly replayAgain: (run: RunId, source: string | undefined, page: vscode.WebviewPanel) => Promise<void>;
}

/** What a page keeps of itself across a reload of the window. */
interface KeptState {
  readonly run?: RunId;
  /** A replay; of another script where that is here. */
  readonly replay?: { readonly source?: string };
}

/** A replay that is shown while it goes on. */
export interface ReplayPage {
  add(event: RunEvent): void;
  /** @param compare shows expected and made arguments side by side */
  conclude(verdict: ReplayVerdict, compare: (() => Promise<void>) | undefined): void;
}

/** Runs and replays on pages of their own in the editor area, one a run. */
export class RunPages implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly pages = new Map<RunId, vscode.WebviewPanel>();

  constructor(
    private readonly extension: vscode.Uri,
    private readonly rooms: PageRooms,
  ) {
    this.store.add(
      vscode.window.registerWebviewPanelSerializer(runPageType, {
        deserializeWebviewPanel: async (panel, state: KeptState | undefined) => {
          if (state?.run === undefined) panel.dispose();
          // Replays are kept nowhere: making one again takes less time than looking for it would.
          else if (state.replay !== undefined) void this.rooms.replayAgain(state.run, state.replay.source, panel);
          else await this.fill(panel, state.run);
        },
      }),
    );
  }

  async open(run: RunId, title: string): Promise<void> {
    const shown = this.pages.get(run);
    if (shown !== undefined) {
      shown.reveal();
      return;
    }
    await this.fill(this.create(title), run);
  }

  /** @param isChanged another script is replayed than the one that ran. @param page where one stands already */
  replay(run: RunId, title: string, isChanged: boolean, page = this.create(`Replay of ${title}`)): ReplayPage {
    const events: RunEvent[] = [];
    let verdict: ReplayVerdict | undefined;
    let compare: (() => Promise<void>) | undefined;
    const session = this.show(page, {
      run,
      events: () => events,
      facts: () => ({ live: verdict === undefined, elsewhere: false, asking: false, replay: { isChanged, comparable: compare !== undefined, ...(verdict !== undefined && { verdict }) } }),
      compare: async () => compare?.(),
    });
    return {
      add(event) {
        events.push(event);
        session.schedule();
      },
      conclude(found, comparing) {
        verdict = found;
        compare = comparing;
        session.schedule();
      },
    };
  }

  dispose(): void {
    this.store.dispose();
    for (const panel of this.pages.values()) panel.dispose();
  }

  private create(title: string): vscode.WebviewPanel {
    return vscode.window.createWebviewPanel(runPageType, title, vscode.ViewColumn.Active, { ...panelOptions(this.extension), enableFindWidget: true });
  }

  private async fill(panel: vscode.WebviewPanel, id: RunId): Promise<void> {
    this.pages.set(id, panel);
    panel.onDidDispose(() => this.pages.get(id) === panel && this.pages.delete(id));
    const { history, runs, approvals } = this.rooms;
    let record = runs.get(id) === undefined ? readable(await history.record(id)) : { events: [] };
    const listed = runs.get(id) === undefined ? (await history.list()).find((summary) => summary.id === id) : undefined;
    const live = (): Run | undefined => runs.get(id);
    const session = this.show(panel, {
      run: id,
      events: () => live()?.events ?? record.events,
      facts: () => ({
        live: live() !== undefined && live()?.phase !== 'ended',
        elsewhere: live() === undefined && listed?.elsewhere === true,
        asking: approvals.pending.some((question) => question.run === id),
        ...(live() === undefined && record.damage !== undefined && { damage: record.damage }),
      }),
    });
    // What became of its changes is written into its journal later; a run may also leave memory while it is shown.
    const listening = history.onDidChange(() => {
      if (live() !== undefined) return;
      void history.record(id).then((now) => {
        record = readable(now);
        session.schedule();
      });
    });
    panel.onDidDispose(() => listening.dispose());
  }

  private show(panel: vscode.WebviewPanel, subject: PageSubject): PageSession {
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(this.extension, 'media', `run-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    panel.webview.options = panelOptions(this.extension);
    const session = new PageSession(panel.webview, this.rooms, subject);
    panel.webview.html = panelHtml(panel.webview, this.extension, 'page');
    panel.onDidDispose(() => session.dispose());
    return session;
  }
}

/** Everything of a record that can be looked at. */
function readable({ events, beyond, damage }: RunRecord): Pick<RunRecord, 'events' | 'damage'> {
  return { events: beyond === undefined ? events : [...events, ...beyond], ...(damage !== undefined && { damage }) };
}
