import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { ChildProcess } from 'node:child_process';
import type { Limits } from '../limits.js';
import { oversizedCode, readMessage } from './incoming.js';
import { LineSplitter, type Line } from './lines.js';
import { endGroup, startGroup, type Launch } from './processGroup.js';

/** How the process ended, in words for a sentence: "ended with code 1". */
export type Ending = string;

/** Longest stretch of parsing before others on this thread get their turn, in milliseconds. */
const slice = 20;

/** Nothing of a message reached the process. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/** A JSON-RPC answer that stands for a message which was too long to read, if its id can be told. */
function answerFor(line: Extract<Line, { kind: 'oversized' }>, limit: number): JSONRPCMessage | undefined {
  const id = /^\s*\{(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?\s*"id"\s*:\s*(\d+)\s*,/.exec(line.head)?.[1] ?? /,\s*"id"\s*:\s*(\d+)\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(line.tail)?.[1];
  if (id === undefined) return undefined;
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
  return {
    jsonrpc: '2.0',
    id: Number(id),
    error: { code: oversizedCode, message: `The answer is larger than ${mebibytes(limit)} (${mebibytes(line.bytes)}).` },
  };
}

/**
 * A server as a child process. Unlike the SDK's own transport it ends the whole process group, bounds what it holds,
 * survives text on stdout that is not the protocol's, and lets others run while a server floods it.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Set once the process has ended. */
  ending: Ending | undefined;

  private child: ChildProcess | undefined;
  private readonly output: LineSplitter;
  private readonly errors: LineSplitter;
  private waiting: Line[] = [];
  private draining = false;
  private ended: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly launch: Launch,
    private readonly limits: Limits,
    /** Whatever the server writes that is not a message, a line each. */
    private readonly onText: (stream: 'stderr' | 'stdout', line: string) => void,
  ) {
    this.output = new LineSplitter(limits.messageBytes);
    this.errors = new LineSplitter(limits.logLineLength * 4);
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<void> {
    const release = await this.launch.accompany?.((text) => this.onText('stderr', text));
    if (this.closed) {
      release?.();
      throw new Error('Cancelled.');
    }
    const child = startGroup(this.launch);
    this.child = child;
    child.once('error', () => child.pid === undefined && release?.());
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('The process has no pipes.');
    stdin.on('error', () => undefined); // It ended: told by its exit.
    stdout.on('error', () => undefined);
    stderr.on('error', () => undefined);
    stdout.on('data', (chunk: Buffer) => this.receive(this.output.push(chunk)));
    stderr.on('data', (chunk: Buffer) => {
      for (const line of this.errors.push(chunk)) this.onText('stderr', line.kind === 'line' ? line.text : `${line.head}… (${line.bytes} bytes)`);
    });
    this.ended = new Promise((resolve) => {
      const finish = (): void => {
        const rest = this.errors.end();
        if (rest?.kind === 'line') this.onText('stderr', rest.text);
        stdout.destroy();
        stderr.destroy();
        // What the leader leaves behind has nobody to talk to.
        void endGroup(child, this.limits.stopGrace).then(() => {
          release?.();
          resolve();
        });
        this.fireClose();
      };
      child.once('exit', (code, signal) => {
        this.ending = signal !== null ? `was ended by ${signal}` : `ended with code ${code}`;
        // A grandchild may hold the pipes open for ever; what is already in them still counts.
        const timer = setTimeout(finish, 300);
        child.once('close', () => {
          clearTimeout(timer);
          this.whenDrained(finish);
        });
      });
      child.once('error', () => {
        if (child.pid === undefined) resolve(); // It never started.
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const stdin = this.child?.stdin;
      if (!stdin?.writable || this.ending !== undefined) {
        reject(new NotSent('The process has ended.'));
        return;
      }
      // Resolved when handed over: waiting for the pipe to empty is the request's own timeout's business.
      stdin.write(`${JSON.stringify(message)}\n`);
      resolve();
    });
  }

  /** Ends the process and all it started; resolves when it is gone. */
  async close(): Promise<void> {
    const { child } = this;
    this.closed = true;
    if (child?.pid === undefined) {
      this.fireClose();
      return;
    }
    child.stdin?.end();
    // Closing its input is how a server is asked to end (MCP 2025-11-25, Lifecycle, shutdown).
    await this.within(this.limits.stopGrace);
    await endGroup(child, this.limits.stopGrace);
    await this.within(this.limits.stopGrace);
  }

  /** Waits for the process to end, at most this long. */
  private async within(time: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, time)));
    await Promise.race([this.ended, late]);
    clearTimeout(timer);
  }

  private fireClose(): void {
    const { onclose } = this;
    this.onclose = undefined;
    onclose?.();
  }

  private receive(lines: readonly Line[]): void {
    for (const line of lines) this.waiting.push(line);
    if (!this.draining) this.drain();
  }

  /** Handles what waits in slices, with the pipe paused meanwhile: the server waits, not the editor. */
  private drain(): void {
    const stdout = this.child?.stdout;
    const until = Date.now() + slice;
    let handled = 0;
    for (; handled < this.waiting.length; handled++) {
      this.handle(this.waiting[handled]!);
      if ((handled & 15) === 15 && Date.now() > until) {
        handled++;
        break;
      }
    }
    this.waiting = this.waiting.slice(handled);
    this.draining = this.waiting.length > 0;
    if (this.draining) {
      stdout?.pause();
      setImmediate(() => this.drain());
    } else {
      stdout?.resume();
    }
  }

  private whenDrained(done: () => void): void {
    if (this.draining && !this.closed) setImmediate(() => this.whenDrained(done));
    else done();
  }

  private handle(line: Line): void {
    if (this.closed) return;
    if (line.kind === 'oversized') {
      const answer = answerFor(line, this.limits.messageBytes);
      this.onText('stdout', `${line.head.slice(0, 200)}… (${line.bytes} bytes in one message, more than are read)`);
      if (answer !== undefined) this.onmessage?.(answer);
      return;
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(line.text);
    } catch {
      this.onText('stdout', line.text);
      return;
    }
    // Batches belong to protocol 2025-03-26.
    for (const item of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
      const message = readMessage(item);
      if (message !== undefined) this.onmessage?.(message);
      else this.onText('stdout', line.text);
    }
  }
}
