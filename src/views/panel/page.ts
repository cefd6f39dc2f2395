import * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import { DisposableStore, type Disposable } from '../../lifecycle/disposable.js';
import type { RunEvent } from '../../runs/events.js';
import type { ReplayVerdict } from '../../runs/replay/verdict.js';
import type { Run, RunHistory } from '../../runs/run.js';
import { EventFeed } from './feed.js';
import { panelHtml, panelOptions } from './html.js';
import type { FromPanel, PageFacts, PanelState, ToPanel } from './protocol.js';
import { handle } from './requests.js';
import { beat, headingOf, type PanelRooms } from './session.js';

export const runPageType = 'codemode.run';

interface PageRooms extends PanelRooms {
  readonly history: RunHistory;
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
        deserializeWebviewPanel: async (panel, state: { readonly run?: RunId } | undefined) => {
          // A replay is not kept: it is made again in less time than it takes to look for it.
          if (state?.run === undefined) panel.dispose();
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

  replay(run: RunId, title: string): ReplayPage {
    const events: RunEvent[] = [];
    let verdict: ReplayVerdict | undefined;
    let compare: (() => Promise<void>) | undefined;
    const session = this.show(this.create(`Replay of ${title}`), {
      run,
      events: () => events,
      facts: () => ({ live: verdict === undefined, elsewhere: false, asking: false, replay: { comparable: compare !== undefined, ...(verdict !== undefined && { verdict }) } }),
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
    let record = runs.get(id) === undefined ? await history.record(id) : { events: [] };
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
        record = now;
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

interface PageSubject {
  readonly run: RunId;
  events(): readonly RunEvent[];
  facts(): PageFacts;
  compare?(): Promise<void>;
}

/** Keeps one page showing one run. */
class PageSession implements Disposable {
  private readonly store = new DisposableStore();
  private readonly feed = new EventFeed((message) => this.post(message));
  private timer: NodeJS.Timeout | undefined;
  private ready = false;

  constructor(
    private readonly webview: vscode.Webview,
    private readonly rooms: PageRooms,
    private readonly subject: PageSubject,
  ) {
    const { runs, approvals, changeSets } = rooms;
    this.store.add(webview.onDidReceiveMessage((message: FromPanel) => void this.receive(message)));
    this.store.add(approvals.onDidChange(() => this.schedule()));
    this.store.add(changeSets.onDidChange(() => this.schedule()));
    const follow = (run: Run): void => {
      if (run.id !== subject.run) return;
      this.store.add(run.onDidAppend(() => this.schedule()));
      void run.outcome.then(() => this.schedule());
      this.schedule();
    };
    // A run that is resumed goes on where its page stands.
    this.store.add(runs.onDidStart(follow));
    const live = runs.get(subject.run);
    if (live !== undefined) follow(live);
  }

  schedule(): void {
    if (!this.ready || this.store.isDisposed) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, beat);
  }

  dispose(): void {
    clearTimeout(this.timer);
    void this.rooms.actions.walk(this.subject.run, undefined);
    this.store.dispose();
  }

  private flush(): void {
    this.post({ type: 'state', state: this.state() });
    if (this.feed.send(this.subject.run, this.subject.events())) this.schedule();
  }

  private async receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.feed.restart();
        this.schedule();
        return;
      case 'select':
        return;
      case 'compare':
        await this.subject.compare?.();
        return;
      default: {
        const reply = await handle(message, this.rooms);
        if (reply !== undefined) this.post(reply);
      }
    }
  }

  private state(): PanelState {
    const { runs, changeSets, problems } = this.rooms;
    const page = this.subject.facts();
    const run = runs.get(this.subject.run);
    const headings = run === undefined || page.replay !== undefined ? [] : [{ id: run.id, title: run.request.title, phase: run.phase }];
    const changes = page.replay !== undefined ? [] : changeSets.open.map((set) => headingOf(set, runs, problems.of(set.id))).filter((heading) => heading.run === this.subject.run && heading.files.length + heading.commits.length + heading.branches.length > 0);
    const { undoable } = changeSets;
    return { runs: headings, selected: this.subject.run, questions: [], changes, ...(undoable !== undefined && { undoable: { id: undoable.id, summary: undoable.summary } }), page };
  }

  private post(message: ToPanel): void {
    void this.webview.postMessage(message);
  }
}
