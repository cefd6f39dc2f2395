import type * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import type { RunEvent } from '../../runs/events.js';
import type { Run } from '../../runs/run.js';
import { headingsOf } from './headings.js';
import type { FromPanel, PageFacts, PanelState } from './protocol.js';
import { WebviewSession, type PanelRooms } from './webviewSession.js';

/** What a page shows. */
export interface PageSubject {
  readonly run: RunId;
  events(): readonly RunEvent[];
  facts(): PageFacts;
  compare?(): Promise<void>;
}

/** A page among the editors: one run, or one replay. */
export class PageSession extends WebviewSession {
  constructor(
    webview: vscode.Webview,
    rooms: PanelRooms,
    private readonly subject: PageSubject,
  ) {
    super(webview, rooms);
    const { runs } = rooms;
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

  override dispose(): void {
    void this.rooms.actions.walk(this.subject.run, undefined);
    super.dispose();
  }

  protected override async own(message: Extract<FromPanel, { type: 'select' | 'compare' }>): Promise<void> {
    if (message.type === 'compare') await this.subject.compare?.();
  }

  protected override shown(): { readonly run: RunId; readonly events: readonly RunEvent[] } {
    return { run: this.subject.run, events: this.subject.events() };
  }

  protected override state(): PanelState {
    const { runs, changeSets } = this.rooms;
    const page = this.subject.facts();
    const run = runs.get(this.subject.run);
    const isReplay = page.replay !== undefined;
    const { undoable } = changeSets;
    return {
      runs: run === undefined || isReplay ? [] : [{ id: run.id, title: run.request.title, phase: run.phase }],
      selected: this.subject.run,
      questions: [],
      changes: isReplay ? [] : headingsOf(this.rooms).filter((heading) => heading.run === this.subject.run),
      ...(undoable !== undefined && { undoable: { id: undoable.id, summary: undoable.summary } }),
      page,
    };
  }
}
