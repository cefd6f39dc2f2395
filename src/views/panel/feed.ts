import type { RunId } from '../../ids.js';
import type { RunEvent } from '../../runs/events.js';
import type { ToPanel } from './protocol.js';

/** Events in one message; a run of 10,000 calls arrives in four, and the view stays fluid. */
const mostEvents = 10_000;

/** Sends a webview what it has not got yet of one run's journal. */
export class EventFeed {
  private sent: { run: RunId; next: number } | undefined;

  constructor(private readonly post: (message: ToPanel) => void) {}

  /** The webview was loaded anew, or another run is to be shown. */
  restart(): void {
    this.sent = undefined;
  }

  /** Sends the next piece; true when there is more. */
  send(run: RunId, events: readonly RunEvent[]): boolean {
    const from = this.sent?.run === run ? this.sent.next : 0;
    const piece = events.slice(from, from + mostEvents);
    if (piece.length === 0 && from > 0) return false;
    this.sent = { run, next: from + piece.length };
    this.post({ type: 'events', run, from, events: piece });
    return this.sent.next < events.length;
  }
}
