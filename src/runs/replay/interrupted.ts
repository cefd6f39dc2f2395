import type { RunEvent, ReachTool } from '../events.js';

/** What the record of an interrupted run says of how to go on. */
export class InterruptedRun {
  readonly createdAt: number;
  /** The script's clock and seed; undefined when it had not started. */
  readonly started: { readonly now: number; readonly seed: string } | undefined;
  readonly consoleEntries: number;

  constructor(readonly events: readonly RunEvent[]) {
    this.createdAt = events[0]?.at ?? 0;
    this.started = events.find((event) => event.type === 'started');
    this.consoleEntries = events.filter((event) => event.type === 'console').length;
  }

  /** The tools that the start screen granted, as far as the script still names them. */
  grantedAtStart(tools: readonly ReachTool[]): readonly ReachTool[] {
    const granted = new Set(this.events.flatMap((event) => (event.type === 'startDecided' && event.allowed ? event.granted.map((ref) => `${ref.source}/${ref.name}`) : [])));
    return tools.filter((tool) => granted.has(`${tool.ref.source}/${tool.ref.name}`));
  }
}
