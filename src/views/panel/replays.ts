import * as vscode from 'vscode';
import type { RunId } from '../../ids.js';
import type { RunEvent } from '../../runs/events.js';
import type { ReplayResult } from '../../runs/replay/replay.js';
import { replayVerdict } from '../../runs/replay/verdict.js';
import type { RunHistory } from '../../runs/run.js';
import type { RunsRoom } from '../../runs/runs.js';
import type { ValueDocuments } from '../values.js';
import type { RunPages } from './page.js';

interface ReplayRooms {
  readonly replay: RunsRoom['replay'];
  readonly history: RunHistory;
  readonly pages: RunPages;
  readonly values: ValueDocuments;
  /** Brings the tools' declarations up, which after a reload of the window are not there yet. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
}

/** Runs scripts again with what was recorded, each on a page of its own. */
export class Replays {
  constructor(private readonly rooms: ReplayRooms) {}

  /** @param source another script than the one that ran. @param at the page that it had before the window was loaded again */
  async show(run: RunId, source?: string, at?: vscode.WebviewPanel): Promise<void> {
    const recorded = await this.rooms.history.open(run);
    const created = recorded.find((event) => event.type === 'created');
    if (created === undefined || !recorded.some((event) => event.type === 'started')) {
      at?.dispose();
      void vscode.window.showInformationMessage(recorded.length === 0 ? 'This run cannot be replayed: its record is gone, or cannot be read.' : 'This run cannot be replayed: its script never started.');
      return;
    }
    const { title } = created;
    const page = this.rooms.pages.replay(run, title, source !== undefined, at);
    const all = recorded.filter((event) => event.type === 'callRequested').length;
    const result = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Replaying “${title}”`, cancellable: true }, async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      // The recorded script passed its check when it ran; another one is held against the tools that are there.
      if (source !== undefined) await this.rooms.ready(stop.signal);
      let calls = 0;
      const onEvent = (event: RunEvent): void => {
        page.add(event);
        if (event.type === 'callRequested' && ++calls % 100 === 0) progress.report({ message: `${calls.toLocaleString('en')} of ${all.toLocaleString('en')} calls`, increment: 10_000 / Math.max(all, 100) });
      };
      return this.rooms.replay(run, { ...(source !== undefined && { source }), signal: stop.signal, onEvent });
    });
    page.conclude(replayVerdict(result, recorded), await comparison(result, this.rooms));
  }
}

/** Shows the arguments that were expected beside those that were made. */
async function comparison(result: ReplayResult, { history, values }: ReplayRooms): Promise<(() => Promise<void>) | undefined> {
  if (result.status !== 'diverged' || result.made === undefined || result.expected === undefined) return undefined;
  const { made, expected, call } = result;
  const then = await history.value(expected.args);
  const text = (name: string, args: unknown): string => `// ${name}\n${JSON.stringify(args, undefined, 2)}\n`;
  return async () => values.compare('arguments.jsonc', text(expected.name, then), text(made.name, made.args), `Call ${call}: recorded ↔ made`);
}
