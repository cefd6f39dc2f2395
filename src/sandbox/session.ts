import { createHash } from 'node:crypto';
import { broken, defaultLimits, graceMs, hardTextBytes, type BrokenLimit } from './limits.js';
import { monotonicMs, shared, type ForgottenCall, type FromWorker, type GuestConfig, type GuestEnd, type LeftUndone, type StartMessage, type ToWorker } from './protocol.js';
import type { ConsoleEntry, SandboxError, SandboxLimits, SandboxResult, SandboxRunOptions } from './sandbox.js';
import { CrossingError, encodeValue, nestingOf, type EncodedValue, type LongText } from './values.js';

/** The worker as a run sees it. */
export interface SessionWorker {
  /** The state that both sides see, as numbers of both kinds: see `shared` of the protocol. */
  readonly flags: Int32Array;
  readonly clock: Float64Array;
  post(message: ToWorker): void;
}

/** The host's side of one run: answers its calls, holds its limits, and gives its result exactly once. */
export class Session {
  readonly result: Promise<SandboxResult>;
  private finish!: (result: SandboxResult) => void;
  private readonly limits: SandboxLimits;
  private listed: readonly { readonly namespace: string; readonly tool: string }[] | undefined;
  private readonly console: ConsoleEntry[] = [];
  /** Calls that wait for their turn. */
  private readonly queue: Call[] = [];
  private inFlight = 0;
  private calls = 0;
  private turnBytes = 0;
  private replies: { ids: number[]; kinds: string; parts: string[]; texts: string[] } | undefined;
  private readonly flags: Int32Array;
  private readonly clock: Float64Array;
  private watchdog: NodeJS.Timeout | undefined;
  private wall: NodeJS.Timeout | undefined;
  private isOver = false;

  /** `stop` is called when the worker has to be ended because it does not end by itself. */
  constructor(
    private readonly source: string,
    private readonly options: SandboxRunOptions,
    private readonly worker: SessionWorker,
    private readonly stop: () => void,
  ) {
    this.result = new Promise((resolve) => (this.finish = resolve));
    this.limits = { ...defaultLimits, ...options.limits };
    this.flags = worker.flags;
    this.clock = worker.clock;
  }

  /** By their numbers. Made with the first call: a script that makes none waits for nothing. */
  private get tools(): readonly { readonly namespace: string; readonly tool: string }[] {
    return (this.listed ??= [
      ...Object.entries(this.options.namespaces).flatMap(([namespace, tools]) => tools.map((tool) => ({ namespace, tool }))),
      ...(this.options.codemode ?? []).map((tool) => ({ namespace: 'codemode', tool })),
    ]);
  }

  start(): void {
    const { options, limits } = this;
    const config: GuestConfig = {
      namespaces: Object.entries(options.namespaces),
      codemode: options.codemode,
      argumentBytes: limits.argumentBytes,
      valueBytes: options.onLargeValue === undefined ? limits.valueBytes : hardTextBytes,
      depth: limits.depth,
    };
    const start: StartMessage = [
      this.source,
      JSON.stringify(config),
      options.timeoutMs,
      options.memoryMb,
      limits.stackKb,
      limits.calls,
      limits.consoleBytes,
      config.argumentBytes,
      config.valueBytes,
      options.params === undefined ? undefined : JSON.stringify(options.params),
      options.clock?.now,
      options.clock === undefined ? undefined : seedWords(options.clock.seed),
    ];
    this.worker.post(start);
    options.signal?.addEventListener('abort', this.cancel, { once: true });
    this.watch();
    this.watchWall(0, monotonicMs());
  }

  hear(message: FromWorker): void {
    if (this.isOver) return;
    if (typeof message === 'string') return this.end({ type: 'value', json: message, left: { calls: [], rejections: [] } });
    if (message.type === 'ready') return;
    for (const entry of message.console) this.log(entry);
    if (message.type === 'ended') this.end(message.end);
    else {
      for (let at = 0; at < message.calls.length; at += 5) {
        this.request(message.calls[at] as number, message.calls[at + 1] as number, message.calls[at + 2] as string, message.calls[at + 3] as number, message.calls[at + 4] as number);
      }
    }
  }

  /** The worker ended, by itself or by an error. */
  lose(error?: Error): void {
    if ((error as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY') this.fail(broken.memory(this.options.memoryMb));
    else this.conclude({ name: 'SandboxError', message: 'The sandbox stopped in the middle of the script. Calls it had made may have taken effect.' });
  }

  /** Ends the run as cancelled, now. */
  readonly cancel = (): void => {
    Atomics.store(this.flags, shared.cancel, 1);
    this.conclude({ name: 'AbortError', message: 'The run was cancelled.' });
    this.stop();
  };

  private fail({ limit, message }: BrokenLimit, place: { readonly line?: number; readonly column?: number } = {}): void {
    this.conclude({ name: 'LimitError', message, limit, ...place });
  }

  private conclude(error: SandboxError): void {
    this.settle({ ok: false, error, console: this.console });
  }

  private settle(result: SandboxResult): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.watchdog);
    clearTimeout(this.wall);
    this.options.signal?.removeEventListener('abort', this.cancel);
    this.queue.length = 0;
    this.finish(result);
  }

  private end(end: GuestEnd): void {
    try {
      this.take(end);
    } catch (error) {
      this.conclude(describe(error));
    }
  }

  private take(end: GuestEnd): void {
    switch (end.type) {
      case 'value':
        this.report(end.left);
        return this.returned(end.json);
      case 'error':
        this.report(end.left);
        return this.conclude(end.error);
      case 'limit':
        return this.fail(end.broken, { line: end.line, column: end.column });
      case 'crash':
        return this.lose();
    }
  }

  private returned(json: string): void {
    if (json === '') return this.settle({ ok: true, value: undefined, console: this.console });
    const { valueBytes } = this.limits;
    if (json.length > valueBytes || Buffer.byteLength(json) > valueBytes) {
      if (this.options.onLargeValue === undefined || json.length > hardTextBytes) return this.fail(broken.value(valueBytes));
      void this.replaced(json, this.options.onLargeValue);
      return;
    }
    if (nestingOf(json, this.limits.depth) > this.limits.depth) return this.fail(broken.depth(this.limits.depth));
    this.settle({ ok: true, value: JSON.parse(json) as unknown, console: this.console });
  }

  private async replaced(json: string, replace: NonNullable<SandboxRunOptions['onLargeValue']>): Promise<void> {
    try {
      this.settle({ ok: true, value: await replace(json), console: this.console });
    } catch (error) {
      this.conclude(describe(error));
    }
  }

  private report({ calls: forgotten, rejections }: LeftUndone): void {
    for (const { name, message, line } of rejections) this.log({ level: 'error', text: `A promise was rejected and nothing handled it${line === undefined ? '' : ` (line ${line})`}: ${name}: ${message}. Await it, or catch it.` });
    if (forgotten.length === 0) return;
    const name = ({ tool, line, message }: ForgottenCall): string => {
      const ref = this.tools[tool]!;
      return `${ref.namespace}.${ref.tool}${line === 0 ? '' : ` (line ${line})`}${message === undefined ? '' : `: ${message}`}`;
    };
    const list = (calls: readonly ForgottenCall[]): string => calls.slice(0, 5).map(name).join(', ') + (calls.length > 5 ? ` and ${calls.length - 5} more` : '');
    const say = (state: ForgottenCall['state'], text: string): void => {
      const calls = forgotten.filter((call) => call.state === state);
      if (calls.length > 0) this.log({ level: 'warn', text: `${text}: ${list(calls)}. Await every call.` });
    };
    say('sent', 'The script ended while calls were still in flight, and their outcome is unknown');
    say('unsent', 'The script ended before these calls were sent, so they did not happen');
    say('failed', 'These calls failed and nothing waited for them');
    say('answered', 'Nothing waited for these calls, which were answered');
  }

  private log(entry: ConsoleEntry): void {
    this.console.push(entry);
    try {
      this.options.onConsole?.(entry);
    } catch {
      // A listener that fails does not end the run; the entry is in the result all the same.
    }
  }

  private request(id: number, tool: number, json: string, line: number, column: number): void {
    if (++this.calls > this.limits.calls) {
      this.fail(broken.calls(this.limits.calls));
      return this.stop();
    }
    const call: Call = { id, tool, json, line, column };
    if (this.inFlight < this.limits.inFlight) void this.serve(call);
    else this.queue.push(call);
  }

  /** Answers a call and, when it is answered, the next that waits. */
  private async serve(call: Call): Promise<void> {
    this.inFlight++;
    for (let next: Call | undefined = call; next !== undefined; next = this.queue.shift()) this.reply(next.id, await this.answer(next));
    this.inFlight--;
  }

  private async answer({ tool, json, line, column }: Call): Promise<Reply> {
    const { argumentBytes, resultBytes, depth } = this.limits;
    const ref = this.tools[tool]!;
    try {
      if (this.turnBytes > mostTurnBytes) await this.nextTurn();
      if (this.isOver) return noReply;
      this.spend(json.length);
      if (json.length > argumentBytes || Buffer.byteLength(json) > argumentBytes) return limitReply(broken.arguments(argumentBytes));
      if (nestingOf(json, depth) > depth) return limitReply(broken.depth(depth));
      const args = json === '' ? undefined : (JSON.parse(json) as unknown);
      const value = await this.options.call(ref.namespace, ref.tool, args, line === 0 ? undefined : { line, column });
      if (this.isOver) return noReply;
      if (this.turnBytes > mostTurnBytes) await this.nextTurn();
      // Without a wait where none is needed: what is answered first also arrives first, failed or not.
      return this.said(this.encoded(value) ?? encodeValue(await this.options.onLargeResult!({ ...ref, value, bytes: resultBytes }), { bytes: resultBytes, depth }));
    } catch (error) {
      const reason = CrossingError.reasonOf(error);
      if (reason === 'size') return limitReply(broken.result(resultBytes));
      if (reason === 'depth') return limitReply(broken.depth(depth));
      return { kind: 'e', json: JSON.stringify(describe(error)), texts: [] };
    }
  }

  /** @returns nothing for a value that is too large, where something can be put in its place. */
  private encoded(value: unknown): EncodedValue | undefined {
    const { resultBytes: bytes, depth } = this.limits;
    try {
      return encodeValue(value, { bytes, depth });
    } catch (error) {
      this.spend(bytes);
      if (CrossingError.reasonOf(error) !== 'size' || this.options.onLargeResult === undefined) throw error;
      return undefined;
    }
  }

  private said({ json, texts }: EncodedValue): Reply {
    if (texts.length === 0) {
      this.spend(json.length);
      return json === '' ? undefinedReply : { kind: 'v', json, texts: [] };
    }
    const paths: LongText['path'][] = [];
    const held: string[] = [];
    let size = json.length;
    for (const { path, text } of texts) {
      paths.push(path);
      held.push(text);
      size += text.length;
    }
    this.spend(size);
    return { kind: 't', json: `[${json},${JSON.stringify(paths)}]`, texts: held };
  }

  /** Counts what this turn of the event loop has been made to read or write. */
  private spend(bytes: number): void {
    // What comes by messages and what waited for its turn are both done before the loop looks at its timers again.
    if (this.turnBytes === 0) setImmediate(() => setImmediate(this.beginTurn));
    this.turnBytes += bytes + valueCost;
  }

  private readonly beginTurn = (): void => {
    this.turnBytes = 0;
  };

  /** Many calls, or large values, that come at once are spread over turns, so that the host is not held for all of them. */
  private async nextTurn(): Promise<void> {
    while (this.turnBytes > mostTurnBytes) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Collects what is answered in one turn of the event loop into one message. */
  private reply(id: number, { kind, json, texts }: Reply): void {
    if (this.isOver) return;
    if (this.replies === undefined) {
      this.replies = { ids: [], kinds: '', parts: [], texts: [] };
      process.nextTick(() => {
        const { ids, kinds, parts, texts } = this.replies!;
        this.replies = undefined;
        if (this.isOver) return;
        this.worker.post({ type: 'replies', ids, kinds, batch: `[${parts.join(',')}]`, texts, elapsedMs: this.options.clock?.elapsed?.() });
      });
    }
    this.replies.ids.push(id);
    this.replies.kinds += kind;
    this.replies.parts.push(json);
    for (const text of texts) this.replies.texts.push(text);
  }

  /** Ends the worker when it computes past its deadline in one native call that nothing interrupts. */
  private watch(): void {
    const since = this.clock[shared.since]!;
    const computed = this.clock[shared.computed]! + (since === 0 ? 0 : monotonicMs() - since);
    const left = this.options.timeoutMs + graceMs - computed;
    if (left <= 0) {
      this.fail(broken.time(this.options.timeoutMs));
      return this.stop();
    }
    this.watchdog = setTimeout(() => this.watch(), left);
  }

  private watchWall(used: number, last: number): void {
    const { wallMs } = this.limits;
    const tick = this.options.isPersonWaiting === undefined ? wallMs - used : Math.min(250, wallMs - used);
    this.wall = setTimeout(() => {
      const now = monotonicMs();
      const total = used + (this.options.isPersonWaiting?.() === true ? 0 : now - last);
      if (total < wallMs) return this.watchWall(total, now);
      this.fail(broken.wall(wallMs));
      this.stop();
    }, Math.max(1, tick));
  }
}

/** A call of the script's: index of the tool, JSON of its arguments, and where it was made (0: unknown). */
interface Call {
  readonly id: number;
  readonly tool: number;
  readonly json: string;
  readonly line: number;
  readonly column: number;
}

/** An item of what the worker is sent, and the texts that belong in it: see {@link ToWorker}. */
interface Reply {
  readonly kind: 'v' | 'u' | 't' | 'e';
  readonly json: string;
  readonly texts: readonly string[];
}

/** For a run that is over. */
const noReply: Reply = { kind: 'u', json: '', texts: [] };
const undefinedReply: Reply = { kind: 'u', json: '0', texts: [] };

/** What a value costs besides its bytes, in bytes. */
const valueCost = 512;
/** More than this is a turn's work for the host: about 5 ms. */
const mostTurnBytes = 512 * 1024;

function seedWords(seed: string): readonly number[] {
  const bytes = createHash('sha256').update(seed).digest();
  return [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at));
}

function limitReply({ message }: BrokenLimit): Reply {
  return { kind: 'e', json: JSON.stringify({ name: 'LimitError', message, limit: true }), texts: [] };
}

/** Name and message of whatever was thrown, and nothing else of it. */
function describe(error: unknown): { readonly name: string; readonly message: string } {
  try {
    if (typeof error !== 'object' || error === null) return { name: 'Error', message: String(error).slice(0, 16_384) };
    const { name, message } = error as { name?: unknown; message?: unknown };
    return { name: typeof name === 'string' && name !== '' ? name.slice(0, 200) : 'Error', message: typeof message === 'string' ? message.slice(0, 16_384) : 'The call failed.' };
  } catch {
    return { name: 'Error', message: 'The call failed.' };
  }
}
