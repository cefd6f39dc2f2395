import { Emitter } from '../../lifecycle/event.js';
import type { Limits } from '../limits.js';
import type { Redactor } from '../redaction.js';

/** The last lines of a server's log, without secrets; a flood is thinned out and counted. */
export class ServerLog {
  private readonly emitter = new Emitter<string>();
  private readonly kept: string[] = [];
  private second = 0;
  private inSecond = 0;
  private dropped = 0;
  /** What the server wrote to stderr since it was started last, the end of it. */
  private said: string[] = [];

  readonly onDidLog = this.emitter.event;

  constructor(
    private readonly limits: Limits,
    private readonly redactor: Redactor,
    private readonly now: () => number = Date.now,
  ) {}

  get lines(): readonly string[] {
    return this.kept;
  }

  /** One entry, of one line or several. */
  add(text: string): void {
    const second = Math.floor(this.now() / 1000);
    if (second !== this.second) {
      const { dropped } = this;
      this.second = second;
      this.inSecond = 0;
      this.dropped = 0;
      if (dropped > 0) this.keep(`… ${dropped} more lines in that second were left out`);
    }
    if (++this.inSecond > this.limits.logLinesPerSecond) {
      this.dropped++;
      return;
    }
    const { logLineLength } = this.limits;
    // Cut well after the limit first, so that a secret on the edge is still found whole.
    const clean = this.redactor.text(text.slice(0, logLineLength * 2)).trimEnd();
    this.keep(clean.length > logLineLength ? `${clean.slice(0, logLineLength)}… (${text.length} characters)` : clean);
  }

  /** A line of the server's own, from one of its streams. */
  addFrom(stream: 'stderr' | 'stdout', line: string): void {
    if (stream === 'stderr') this.said = [...this.said.slice(-4), this.redactor.text(line.slice(0, 400))];
    this.add(`[${stream}] ${line}`);
  }

  started(): void {
    this.said = [];
  }

  /** The last the server wrote to stderr, as a sentence that follows another; empty when it wrote nothing. */
  get lastWords(): string {
    const text = this.said.join('\n').trim().slice(-600);
    return text === '' ? '' : ` It wrote: ${text}`;
  }

  private keep(line: string): void {
    this.kept.push(line);
    if (this.kept.length > this.limits.logLines) this.kept.splice(0, this.kept.length - this.limits.logLines);
    this.emitter.fire(line);
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
