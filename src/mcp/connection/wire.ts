import { isJSONRPCRequest, SseError, type JSONRPCMessage, type JSONRPCNotification, type MessageExtraInfo, type RequestId, type Transport, type TransportSendOptions } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '../../json.js';
import type { Limits } from '../limits.js';
import { lostCode } from './incoming.js';
import { RawResults } from './rawResults.js';

export type ListKind = 'tools' | 'resources' | 'prompts';

export interface WireEvents {
  onListChanged(kind: ListKind): void;
  /** A resource changed that was watched, or one below it. */
  onResourceChanged(uri: string): void;
  /** A line for the server's log. */
  onLog(text: string): void;
}

const listChanged: Readonly<Record<string, ListKind>> = {
  'notifications/tools/list_changed': 'tools',
  'notifications/resources/list_changed': 'resources',
  'notifications/prompts/list_changed': 'prompts',
};

/** Counts what a server sends in each second. */
class Budget {
  private second = 0;
  private used = 0;
  private refused = 0;

  constructor(private readonly perSecond: number, private readonly onRefused: (count: number) => void) {}

  take(): boolean {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.second) {
      if (this.refused > 0) this.onRefused(this.refused);
      this.second = second;
      this.used = 0;
      this.refused = 0;
    }
    if (++this.used <= this.perSecond) return true;
    this.refused++;
    return false;
  }
}

/**
 * Stands between the SDK and a transport. Keeps raw results ({@link RawResults}), tells what the SDK need not parse
 * (logging, list changes), thins out floods, and lets go of the request of a call that was cancelled.
 */
export class Wire implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T, extra?: MessageExtraInfo) => void;
  readonly raw = new RawResults();
  /** Present on stdio alone: the SDK tells by them what silence on its version probe means. */
  declare readonly pid?: number;
  declare readonly stderr?: null;

  private readonly notifications: Budget;
  private readonly requests: Budget;
  private started = false;
  /** A notification went to the SDK in this turn. */
  private notifying = false;
  /** Requests under way; by HTTP, with what ends the exchange of one that was cancelled. */
  private readonly underWay = new Map<RequestId, AbortController | undefined>();

  constructor(
    private readonly inner: Transport,
    private readonly kind: 'stdio' | 'http',
    limits: Limits,
    private readonly events: WireEvents,
  ) {
    this.notifications = new Budget(limits.notificationsPerSecond, (count) => events.onLog(`${count} notifications in one second were more than are looked at`));
    this.requests = new Budget(limits.requestsPerSecond, (count) => events.onLog(`${count} requests in one second were refused`));
    if (kind === 'stdio') Object.assign(this, { pid: 0, stderr: null });
    inner.onclose = () => {
      this.raw.clear();
      this.onclose?.();
    };
    inner.onerror = (error) => {
      this.onerror?.(error);
      // The older transport would connect anew: to a session that nobody began, and where no answer of this one comes.
      if (this.started && error instanceof SseError) void this.close();
    };
    inner.onmessage = (message: JSONRPCMessage, extra?: MessageExtraInfo) => this.receive(message, extra);
  }

  get hasPerRequestStream(): boolean | undefined {
    return this.inner.hasPerRequestStream;
  }

  get sessionId(): string | undefined {
    return this.inner.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.inner.setProtocolVersion?.(version);
  }

  setSupportedProtocolVersions(versions: string[]): void {
    this.inner.setSupportedProtocolVersions?.(versions);
  }

  async start(): Promise<void> {
    await this.inner.start();
    this.started = true;
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message && 'id' in message) {
      const { id } = message;
      const ending = this.kind === 'http' ? new AbortController() : undefined;
      this.underWay.set(id, ending);
      this.raw.sent(message);
      try {
        await this.inner.send(message, ending === undefined ? options : this.exchange(id, ending, options));
      } catch (error) {
        this.underWay.delete(id);
        this.raw.forget(id);
        throw error;
      }
      return;
    }
    if ('method' in message && message.method === 'notifications/cancelled') {
      const id = (message.params as { requestId?: RequestId } | undefined)?.requestId;
      if (id !== undefined) {
        this.raw.forget(id);
        const ending = this.underWay.get(id);
        this.underWay.delete(id);
        await this.inner.send(message, options).finally(() => ending?.abort());
        return;
      }
    }
    await this.inner.send(message, options);
  }

  /** An HTTP exchange ends with its request, and says when its stream does. */
  private exchange(id: RequestId, ending: AbortController, options: TransportSendOptions | undefined): TransportSendOptions {
    return {
      ...options,
      requestSignal: options?.requestSignal === undefined ? ending.signal : AbortSignal.any([ending.signal, options.requestSignal]),
      onRequestStreamEnd: () => {
        options?.onRequestStreamEnd?.();
        this.lost(id, 'the server ended the exchange without an answer');
      },
    };
  }

  private lost(id: RequestId, why: string): void {
    if (!this.underWay.delete(id)) return;
    this.raw.forget(id);
    this.onmessage?.({ jsonrpc: '2.0', id, error: { code: lostCode, message: why } });
  }

  private receive(message: JSONRPCMessage, extra?: MessageExtraInfo): void {
    if (!('method' in message)) {
      const { id } = message;
      if (id === undefined || (!this.underWay.delete(id) && !String(id).startsWith('server-discover-probe') && !String(id).startsWith('listen'))) {
        // Some servers make texts of numbers.
        if (typeof id === 'string' && /^\d{1,15}$/.test(id) && this.underWay.has(Number(id))) this.receive({ ...message, id: Number(id) }, extra);
        else if (this.notifications.take()) this.events.onLog(`An answer to nothing that was asked (id ${JSON.stringify(id)?.slice(0, 100)}) was ignored`);
        return;
      }
      // The SDK hears notifications a moment later than answers: progress told just before an answer would be lost.
      if (this.notifying) setImmediate(() => this.onmessage?.(this.raw.received(message), extra));
      else this.onmessage?.(this.raw.received(message), extra);
      return;
    }
    if ('id' in message) {
      const refuse = (code: number, why: string): void => void this.inner.send({ jsonrpc: '2.0', id: message.id, error: { code, message: why } }).catch(() => undefined);
      if (!this.requests.take()) refuse(-32_000, 'Too many requests in one second.');
      // The SDK would not answer it at all, and whoever asked would wait.
      else if (!isJSONRPCRequest(message)) refuse(-32_600, 'This is no request of MCP.');
      else this.onmessage?.(message, extra);
      return;
    }
    const kind = listChanged[message.method];
    if (kind !== undefined) this.events.onListChanged(kind);
    else if (this.notifications.take()) this.notified(message, extra);
  }

  private notified(message: JSONRPCNotification, extra?: MessageExtraInfo): void {
    const params: JsonObject = isJsonObject(message.params) ? message.params : {};
    switch (message.method) {
      case 'notifications/message': {
        const text = typeof params.data === 'string' ? params.data : (JSON.stringify(params.data) ?? '');
        this.events.onLog(`[${typeof params.level === 'string' ? params.level : 'info'}] ${typeof params.logger === 'string' ? `${params.logger}: ` : ''}${text}`);
        return;
      }
      case 'notifications/resources/updated':
        if (typeof params.uri === 'string') this.events.onResourceChanged(params.uri);
        return;
      default:
        if (!this.notifying) {
          this.notifying = true;
          setImmediate(() => (this.notifying = false));
        }
        this.onmessage?.(message, extra);
    }
  }
}
