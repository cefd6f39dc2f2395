import { Client, SdkError, SdkErrorCode, SdkHttpError, type ConnectOptions, type Progress as SdkProgress, type RequestOptions, type StandardSchemaV1, type SubscriptionFilter } from '@modelcontextprotocol/client';
import type { ToolDescription } from '../../catalog/source.js';
import type { JsonObject, JsonValue } from '../../json.js';
import { Emitter } from '../../lifecycle/event.js';
import type { Limits } from '../limits.js';
import type { McpPorts } from '../ports.js';
import { sizeOf } from '../offers/bounds.js';
import { answerRequests, capabilities } from '../requests/handlers.js';
import { inWords, isUnreadable } from './failures.js';
import { httpTransport, type Authorization } from './http.js';
import type { Launch } from './processGroup.js';
import { Patience } from './patience.js';
import { StdioTransport } from './stdio.js';
import { Subscription } from './subscription.js';
import { Wire, type ListKind } from './wire.js';

/** How to reach a server, variables resolved. */
export type Target =
  | { readonly kind: 'stdio'; readonly launch: Launch }
  | { readonly kind: 'http' | 'sse'; readonly url: URL; readonly headers: Readonly<Record<string, string>>; readonly authorization?: Authorization };

export interface SessionOptions {
  readonly server: string;
  readonly clientVersion: string;
  readonly ports: McpPorts;
  readonly limits: Limits;
  /** The generation it spoke last; saves the probe. */
  readonly era?: 'legacy' | 'modern';
  readonly onLog: (text: string) => void;
  readonly onText: (stream: 'stderr' | 'stdout', line: string) => void;
  readonly onListChanged: (kind: ListKind) => void;
  readonly onResourceChanged: (uri: string) => void;
  /** How much of what a server logs is wanted. */
  readonly logLevel: string;
  /** The connection ended by itself, for this reason. */
  readonly onEnded: (reason: string) => void;
}

const silent = 'was silent';

/** Servers of earlier protocols may fail in any way when asked what none of them knew: how this one did. */
function whyOlder(error: unknown, remembered: boolean): string | undefined {
  if (!(error instanceof SdkError)) return undefined;
  if (error.code === SdkErrorCode.RequestTimeout && error.message.includes('negotiation')) return silent;
  if (error.code !== SdkErrorCode.EraNegotiationFailed) return undefined;
  if (/closed/.test(error.message)) return 'ended';
  if (remembered) return undefined;
  const status = error instanceof SdkHttpError ? (error.data as { status: number }).status : 0;
  if (status >= 500) return `answered HTTP ${status}`;
  return isUnreadable(error) ? 'answered with what is not MCP' : undefined;
}

/** Takes any result: what matters of it is read by those who know it. */
const anything: StandardSchemaV1<unknown, unknown> = { '~standard': { version: 1, vendor: 'code-mode', validate: (value) => ({ value }) } };

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeout: number;
  readonly onProgress?: (progress: SdkProgress) => void;
}

/** One live connection to a server, from its handshake to its end. */
export class Session {
  private readonly patience = new Patience();
  private readonly pageDone = new Emitter<string>();
  /** A page that a person was sent to has what it needs: the id of its elicitation. */
  readonly onPageDone = this.pageDone.event;
  private closing = false;
  private watched: readonly string[] = [];
  private watching: Subscription | undefined;
  private listening: Subscription | undefined;

  private constructor(
    private readonly client: Client,
    private readonly wire: Wire,
    private readonly process: StdioTransport | undefined,
    readonly transport: 'stdio' | 'http' | 'sse',
    private readonly options: SessionOptions,
  ) {}

  /** Connects, whatever protocol generation and transport the server speaks. Nothing is left behind when it fails. */
  static async open(target: Target, options: SessionOptions, signal: AbortSignal): Promise<Session> {
    if (target.kind === 'stdio') {
      return Session.negotiate((legacy) => Session.connect('stdio', target, options, signal, legacy), options);
    }
    if (target.kind === 'sse') return Session.connect('sse', target, options, signal, true);
    try {
      return await Session.negotiate((legacy, patience) => Session.connect(target.kind, target, options, signal, legacy, patience), options);
    } catch (error) {
      const status = error instanceof SdkHttpError ? (error.data as { status: number }).status : 0;
      const older = target.kind === 'http' && (status === 400 || status === 404 || status === 405 || status === 406 || status === 415);
      if (!older || signal.aborted) throw error;
      options.onLog(`It does not speak streamable HTTP (HTTP ${status}); trying the older SSE transport`);
      // Should that fail too, the first failure is the one that tells more.
      return await Session.connect('sse', target, options, signal, true).catch(() => {
        throw error;
      });
    }
  }

  /** Some servers end when they are asked for their version; a remembered generation may be out of date. */
  private static async negotiate(connect: (legacy: boolean, patience?: number) => Promise<Session>, options: SessionOptions): Promise<Session> {
    const remembered = options.era === 'legacy';
    try {
      return await connect(remembered);
    } catch (error) {
      const outdated = remembered && error instanceof Error && (error.name === 'ProtocolError' || /protocol version/i.test(error.message));
      const older = whyOlder(error, remembered);
      if (!outdated && older === undefined) throw error;
      options.onLog(older === undefined ? 'It no longer speaks the protocol it spoke last; asking again' : `It ${older} when asked for its protocol version; taking it for a server of an earlier protocol`);
      return connect(older !== undefined, older === silent ? options.limits.startTimeout / 2 : undefined);
    }
  }

  private static async connect(kind: 'stdio' | 'http' | 'sse', target: Target, options: SessionOptions, signal: AbortSignal, legacy: boolean, patience = options.limits.startTimeout): Promise<Session> {
    const { limits, onLog, onText } = options;
    const process = target.kind === 'stdio' ? new StdioTransport(target.launch, limits, onText) : undefined;
    const inner = process ?? (target.kind === 'stdio' ? undefined : httpTransport(kind === 'sse' ? 'sse' : 'http', target, limits, onLog));
    if (inner === undefined) throw new Error('No transport.');
    const wire = new Wire(inner, process === undefined ? 'http' : 'stdio', limits, options);
    const client = new Client(
      { name: 'code-mode', title: 'Code Mode', version: options.clientVersion },
      {
        capabilities,
        versionNegotiation: { mode: 'auto', probe: { timeoutMs: kind === 'stdio' ? limits.probeTimeout : limits.startTimeout / 2 } },
      },
    );
    const session = new Session(client, wire, process, kind, options);
    answerRequests(client, { server: options.server, ports: options.ports, limits, onLog, onAsking: () => session.patience.asked() });
    client.setNotificationHandler('notifications/elicitation/complete', ({ params }) => session.pageDone.fire(params.elicitationId));
    let connected = false;
    client.onerror = (error) => {
      if (connected && !session.closing) onLog(`[client] ${inWords(error.message).slice(0, 500)}`);
    };
    client.onclose = () => {
      if (connected && !session.closing) options.onEnded(process?.ending ?? 'closed the connection');
    };
    const connect: ConnectOptions = { timeout: patience, signal, ...(legacy ? { prior: { kind: 'legacy' } } : {}) };
    // SSE waits for the address to post to, outside any request's timeout.
    const over = new AbortController();
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(new SdkError(SdkErrorCode.RequestTimeout, 'Request timed out')), limits.startTimeout * 2 + limits.probeTimeout);
      // What waits here holds everything of a session that may be gone long before.
      over.signal.addEventListener('abort', () => clearTimeout(timer));
      signal.addEventListener('abort', () => reject(new Error('Cancelled.')), { once: true, signal: over.signal });
      timer.unref();
    });
    late.catch(() => undefined);
    try {
      await Promise.race([client.connect(wire, connect), late]);
    } catch (error) {
      const ending = process?.ending;
      await Promise.allSettled([client.close(), wire.close()]);
      if (ending !== undefined && !(error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed)) throw new EndedError(ending, error);
      if (ending !== undefined && legacy) throw new EndedError(ending, error);
      throw error;
    } finally {
      over.abort();
    }
    connected = true;
    if (session.era === 'modern') session.listen();
    else void session.setLogLevel(options.logLevel);
    return session;
  }

  get era(): 'legacy' | 'modern' {
    return this.client.getProtocolEra() ?? 'legacy';
  }

  get instructions(): string | undefined {
    return this.client.getInstructions();
  }

  offers(kind: ListKind): boolean {
    return this.client.getServerCapabilities()?.[kind] !== undefined;
  }

  get completes(): boolean {
    return this.client.getServerCapabilities()?.completions !== undefined;
  }

  get watches(): boolean {
    return this.client.getServerCapabilities()?.resources?.subscribe === true;
  }

  /** How the process ended, if it has. */
  get ending(): string | undefined {
    return this.process?.ending;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** All pages of a list, as sent. A cursor that repeats, no end, or more than can be held ends it with a notice. */
  async list(method: string, key: string, most: number, signal: AbortSignal): Promise<{ readonly items: readonly JsonValue[]; readonly notices: readonly string[] }> {
    const { limits } = this.options;
    const items: JsonValue[] = [];
    const seen = new Set<string>();
    let cursor: string | undefined;
    let size = 0;
    for (let page = 0; ; page++) {
      const raw = await this.request(method, cursor === undefined ? {} : { cursor }, { signal, timeout: limits.listTimeout });
      const list = raw[key];
      if (!Array.isArray(list)) return { items, notices: [`It answered ${method} without a list.`] };
      size += sizeOf(list as readonly JsonValue[], limits.listSize);
      if (size > limits.listSize) return { items, notices: [`Its list (${method}) is larger than ${Math.round(limits.listSize / 1024 / 1024)} MB; reading ended after ${items.length} entries.`] };
      for (const item of list as readonly JsonValue[]) {
        // One more than allowed, so that the reader knows there is more.
        if (items.length <= most) items.push(item);
      }
      const next = raw.nextCursor;
      if (typeof next !== 'string' || next === '' || items.length > most) return { items, notices: [] };
      if (seen.has(next)) return { items, notices: [`Its list (${method}) comes back to a page that was read already; reading ended there.`] };
      if (page + 1 >= limits.pages) return { items, notices: [`Its list (${method}) has more than ${limits.pages} pages; reading ended there.`] };
      seen.add(next);
      cursor = next;
    }
  }

  /** How often the server asked for something before it went on (2026-07-28): by then a call has begun. */
  get asked(): number {
    return this.wire.raw.asked;
  }

  /** Sends a request and returns its result as sent. */
  request(method: string, params: JsonObject, options: CallOptions): Promise<JsonObject> {
    return this.patiently(options, (sending) => this.client.request({ method, params }, anything, sending));
  }

  async callTool(tool: Pick<ToolDescription, 'name' | 'inputSchema'>, args: JsonObject, options: CallOptions): Promise<JsonObject> {
    // Arguments that the schema wants repeated as headers (2026-07-28) are the SDK's to encode.
    if (this.era === 'modern' && this.transport === 'http' && JSON.stringify(tool.inputSchema).includes('"x-mcp-header"')) {
      const definition = { name: tool.name, inputSchema: tool.inputSchema as { type: 'object' } };
      return this.patiently(options, (sending) => this.client.callTool({ name: tool.name, arguments: args }, { ...sending, toolDefinition: definition }));
    }
    return this.request('tools/call', { name: tool.name, arguments: args }, options);
  }

  /** The SDK's own time-out knows no pause: a person who is asked by the server in the middle of a call may take as long as it takes. */
  private async patiently({ signal, timeout, onProgress }: CallOptions, send: (options: RequestOptions) => Promise<unknown>): Promise<JsonObject> {
    const ending = new AbortController();
    const abort = (): void => ending.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    const wait = this.patience.wait(timeout, () => ending.abort(new SdkError(SdkErrorCode.RequestTimeout, 'Request timed out', { timeout })), () => onProgress?.({ progress: 0, message: 'It asks you something.' }));
    try {
      const onprogress = (progress: SdkProgress): void => {
        wait.restart();
        onProgress?.(progress);
      };
      return this.wire.raw.take(await send({ signal: ending.signal, timeout: 2 ** 31 - 1, ...(onProgress === undefined ? {} : { onprogress }) }));
    } finally {
      wait.dispose();
      signal.removeEventListener('abort', abort);
    }
  }

  async rootsChanged(): Promise<void> {
    if (this.era === 'legacy') await this.client.sendRootsListChanged().catch(() => undefined);
  }

  /** Has the server tell of changes of exactly these resources from now on. */
  async watch(uris: readonly string[]): Promise<void> {
    if (!this.watches || this.closing) return;
    const options = { timeout: this.options.limits.listTimeout, signal: new AbortController().signal };
    try {
      if (this.era === 'modern') {
        const before = this.watching;
        this.watching = uris.length === 0 ? undefined : this.subscribe({ resourceSubscriptions: [...uris] }, 'resources', () => uris.forEach((uri) => this.options.onResourceChanged(uri)));
        await this.watching?.settled;
        before?.dispose();
        return;
      }
      const gone = this.watched.filter((uri) => !uris.includes(uri));
      const fresh = uris.filter((uri) => !this.watched.includes(uri));
      this.watched = uris;
      await Promise.all([...gone.map((uri) => ['resources/unsubscribe', uri] as const), ...fresh.map((uri) => ['resources/subscribe', uri] as const)].map(([method, uri]) => this.request(method, { uri }, options)));
    } catch (error) {
      this.notTold('resources', error instanceof Error ? error.message.slice(0, 300) : String(error));
    }
  }

  /** Ends the connection and, on stdio, the whole process group. */
  async close(): Promise<void> {
    this.closing = true;
    this.listening?.abandon();
    this.watching?.abandon();
    await Promise.allSettled([this.client.close(), this.wire.close()]);
  }

  private async setLogLevel(level: string): Promise<void> {
    if (this.client.getServerCapabilities()?.logging === undefined) return;
    await this.request('logging/setLevel', { level }, { signal: AbortSignal.timeout(this.options.limits.listTimeout), timeout: this.options.limits.listTimeout }).catch((error: unknown) => {
      this.options.onLog(`It did not take the log level: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`);
    });
  }

  /** List changes of the 2026-07-28 protocol come on a subscription. */
  private listen(): void {
    const offered = this.client.getServerCapabilities();
    const kinds = (['tools', 'resources', 'prompts'] as const).filter((kind) => offered?.[kind]?.listChanged === true);
    if (kinds.length === 0) return;
    const filter = Object.fromEntries(kinds.map((kind) => [`${kind}ListChanged`, true]));
    this.listening = this.subscribe(filter, 'lists', () => kinds.forEach((kind) => this.options.onListChanged(kind)));
  }

  private subscribe(filter: SubscriptionFilter, what: string, onMissed: () => void): Subscription {
    const { limits } = this.options;
    return new Subscription({ listen: () => this.client.listen(filter, { timeout: limits.listTimeout }), onMissed, onLost: (why) => this.notTold(what, why), delay: limits.restartDelay });
  }

  private notTold(what: string, why: string): void {
    this.options.onLog(`Changes of its ${what} are not told: ${why}`);
  }
}

/** The process ended before the handshake was done. */
export class EndedError extends Error {
  override readonly name = 'EndedError';
  constructor(
    readonly ending: string,
    cause: unknown,
  ) {
    super(ending, { cause });
  }
}
