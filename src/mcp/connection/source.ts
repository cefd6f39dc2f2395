import { UriTemplate } from '@modelcontextprotocol/client';
import { CallFailure, type CallContext, type Complete, type DefinitionPins, type PromptOffer, type ReadContext, type ResourceOffer, type SourceState, type ToolDescription, type ToolResult, type ToolSource } from '../../catalog/source.js';
import { signInNeeded, type Challenge } from '../authorization/challenge.js';
import type { IdentifiedServer } from '../configuration/sources.js';
import type { JsonObject, JsonValue } from '../../json.js';
import { Emitter, type Event } from '../../lifecycle/event.js';
import { neutralise } from '../neutralise.js';
import { unwrapCompletion, unwrapPrompt, unwrapResource, unwrapToolResult } from '../offers/result.js';
import { depthWithin } from '../offers/bounds.js';
import { mismatch } from '../offers/mismatch.js';
import type { Offer } from '../offers/cache.js';
import type { Limits } from '../limits.js';
import type { McpPorts } from '../ports.js';
import type { Redactor } from '../redaction.js';
import type { ServerState } from '../servers.js';
import { pagesOf, visit } from '../requests/pages.js';
import type { Attention } from './attention.js';
import type { Proxy } from '../network/proxy.js';
import { nameOf, readFailure, type Failure } from './failures.js';
import type { Session } from './session.js';
import type { Watches } from './watches.js';

/** What a source needs of the connection behind it. */
export interface SourceHost {
  readonly server: IdentifiedServer;
  readonly shared: { readonly ports: Pick<McpPorts, 'surroundings' | 'questions'>; readonly limits: Limits };
  readonly redactor: Redactor;
  readonly state: ServerState;
  readonly offer: Offer | undefined;
  readonly pins: DefinitionPins;
  /** The one its requests go through. */
  readonly proxy: Proxy | undefined;
  readonly startsWhenCalled: boolean;
  readonly onDidChangeState: Event<void>;
  readonly watches: Watches;
  ready(signal: AbortSignal): Promise<Session>;
  readonly attention: Attention;
  /** Keeps it running until what is returned is called. */
  use(): () => void;
  dropSession(session: Session): Promise<void>;
  /**
   * Asks a person to sign in; resolves once that is done.
   * @throws {CallFailure} when it was not.
   */
  signIn(challenge: Challenge, signal: AbortSignal): Promise<void>;
  addLog(text: string): void;
}

/** A template that cannot be read has no variables. */
function templateOf(text: string): UriTemplate | undefined {
  try {
    return new UriTemplate(text);
  } catch {
    return undefined;
  }
}

/** Work that has to be done before a call is sent, or sent once more after it was refused. */
async function before<T>({ unsent }: ReadContext, work: () => Promise<T>): Promise<T> {
  const over = unsent?.();
  try {
    return await work();
  } finally {
    over?.();
  }
}

/** How often one call may send a person to a page. */
const mostVisits = 3;

const noTools: readonly ToolDescription[] = [];

/** A connection as the catalog and runs see it. */
export class ServerSource implements ToolSource {
  readonly kind = 'mcp';
  readonly id: string;
  readonly title: string;
  readonly definitionHash: string;

  private readonly toolsEmitter = new Emitter<void>();
  readonly onDidChangeTools = this.toolsEmitter.event;
  private byName: ReadonlyMap<string, ToolDescription> | undefined;
  private visiting: Promise<boolean> | undefined;

  constructor(private readonly connection: SourceHost) {
    this.id = connection.server.id;
    this.title = connection.server.configured.name;
    this.definitionHash = connection.server.hash;
  }

  get onDidChangeState(): ToolSource['onDidChangeState'] {
    return this.connection.onDidChangeState;
  }

  get trusted(): boolean {
    const trusted = this.connection.shared.ports.surroundings.setting('codemode.trustedServers');
    return Array.isArray(trusted) && (trusted as readonly JsonValue[]).includes(this.id);
  }

  get state(): SourceState {
    const { state, offer, startsWhenCalled } = this.connection;
    switch (state.kind) {
      case 'running':
        return { kind: 'ready' };
      case 'starting':
      case 'unapproved':
        return { kind: state.kind };
      case 'stopped':
        return { kind: startsWhenCalled && offer !== undefined ? 'cached' : 'stopped' };
      case 'failed':
      case 'crashed':
      case 'outOfReach':
        return { kind: 'failed', message: state.message };
    }
  }

  get instructions(): string | undefined {
    return this.connection.offer?.instructions;
  }

  get tools(): readonly ToolDescription[] {
    return this.connection.offer?.tools ?? noTools;
  }

  get pins(): DefinitionPins {
    return this.connection.pins;
  }

  get resources(): ResourceOffer | undefined {
    const { offer } = this.connection;
    if (offer?.resources === undefined) return undefined;
    return {
      resources: offer.resources,
      templates: offer.templates ?? [],
      read: (uri, context) => this.ask('resources/read', { uri }, `resource ${uri}`, context, unwrapResource),
      variables: (template) => templateOf(template)?.variableNames ?? [],
      expand: (template, values) => templateOf(template)?.expand({ ...values }) ?? template,
      ...(offer.watches === true ? { watch: (uri: string, onDidChange: () => void) => this.connection.watches.add(uri, onDidChange) } : {}),
      ...(offer.completes === true ? { complete: this.completer((uri) => ({ type: 'ref/resource', uri })) } : {}),
    };
  }

  get prompts(): PromptOffer | undefined {
    const { offer } = this.connection;
    if (offer?.prompts === undefined) return undefined;
    return {
      prompts: offer.prompts,
      get: (name, args, context) => this.ask('prompts/get', { name, arguments: { ...args } }, `prompt ${name}`, context, unwrapPrompt),
      ...(offer.completes === true ? { complete: this.completer((name) => ({ type: 'ref/prompt', name })) } : {}),
    };
  }

  offerChanged(): void {
    this.byName = undefined;
    this.toolsEmitter.fire();
  }

  dispose(): void {
    this.toolsEmitter.dispose();
  }

  async call(tool: string, args: JsonObject, context: CallContext): Promise<ToolResult> {
    return this.exchange(tool, context, async (session) => {
      this.byName ??= new Map(this.tools.map((item) => [item.name, item]));
      const description = this.byName.get(tool) ?? { name: tool, inputSchema: true };
      const raw = await session.callTool(description, args, this.options(context));
      const result = this.finish(raw, context, unwrapToolResult, tool);
      if (!result.ok || description.outputSchema === undefined || raw.structuredContent === undefined) return result;
      const wrong = mismatch(description.outputSchema, raw.structuredContent);
      if (wrong === undefined) return result;
      return { ...result, notices: [...(result.notices ?? []), this.connection.redactor.text(`The answer is not what its output schema says: ${wrong}.`)] };
    });
  }

  private completer(reference: (of: string) => JsonObject): Complete {
    return (of, argument, typed, given, context) =>
      this.ask('completion/complete', { ref: reference(of), argument: { name: argument, value: typed }, context: { arguments: { ...given } } }, `completion of ${argument}`, context, unwrapCompletion);
  }

  private ask(method: string, params: JsonObject, what: string, context: ReadContext, unwrap: typeof unwrapToolResult): Promise<ToolResult> {
    return this.exchange(what, context, async (session) => this.finish(await session.request(method, params, this.options(context)), context, unwrap, what));
  }

  private options(context: ReadContext): { signal: AbortSignal; timeout: number; onProgress: (progress: { progress: number; total?: number; message?: string }) => void } {
    return {
      signal: context.signal,
      timeout: this.timeout,
      onProgress: ({ progress, total, message }) => context.onProgress({ done: progress, ...(total === undefined ? {} : { total }), ...(message === undefined ? {} : { message: this.shown(message) }) }),
    };
  }

  /** A word on how far it is, for a person: no longer than a line, and without what is not seen. */
  private shown(message: string): string {
    const { limits } = this.connection.shared;
    // Cut well after the limit first, so that a secret on the edge is still found whole.
    const text = neutralise(this.connection.redactor.text(message.slice(0, limits.progressText * 4))).text;
    return text.length > limits.progressText ? `${text.slice(0, limits.progressText)}…` : text;
  }

  /** Milliseconds without a sign of life; `codemode.servers.timeouts` names servers, `codemode.servers.timeout` is for all (seconds). */
  private get timeout(): number {
    const { surroundings } = this.connection.shared.ports;
    const own = surroundings.setting('codemode.servers.timeouts');
    const seconds = (typeof own === 'object' && own !== null && !Array.isArray(own) ? (own as JsonObject)[this.title] : undefined) ?? surroundings.setting('codemode.servers.timeout');
    return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds * 1000, 2 ** 31 - 1) : this.connection.shared.limits.callTimeout;
  }

  private finish(raw: JsonObject, context: ReadContext, unwrap: typeof unwrapToolResult, what: string): ToolResult {
    const { limits } = this.connection.shared;
    const { redactor } = this.connection;
    const result = unwrap(raw, context.keep, limits);
    const value = result.ok ? result.value : result.detail;
    if (!depthWithin(value, limits.resultDepth)) {
      throw new CallFailure(`"${this.title}" ran ${what}, but its answer nests more than ${limits.resultDepth} levels deep and cannot be used. It may have taken effect: look before trying again, and ask it for less.`, 'unknown');
    }
    if (redactor.isEmpty) return result;
    if (result.ok) return { ...result, value: redactor.value(result.value), ...(result.notices === undefined ? {} : { notices: result.notices.map((notice) => redactor.text(notice)) }) };
    return { ok: false, message: redactor.text(result.message), ...(result.detail === undefined ? {} : { detail: redactor.value(result.detail) }) };
  }

  private async exchange(what: string, context: ReadContext, work: (session: Session) => Promise<ToolResult>): Promise<ToolResult> {
    const over = this.connection.use();
    const unfollow = this.connection.attention.follow(context.asking);
    try {
      return await this.attempt(what, context, work);
    } finally {
      unfollow();
      over();
    }
  }

  /** Runs one exchange, and once more where nothing was done yet: the server forgot the session, or wants a sign-in. */
  private async attempt(what: string, context: ReadContext, work: (session: Session) => Promise<ToolResult>): Promise<ToolResult> {
    for (let attempt = 0; ; attempt++) {
      const session = await before(context, () => this.connection.ready(context.signal));
      if (context.signal.aborted) throw new CallFailure(`The call to "${this.title}" (${what}) was cancelled before it was sent.`, 'no');
      const { asked } = session;
      try {
        return await work(session);
      } catch (error) {
        if (error instanceof CallFailure) throw error;
        const challenge = attempt === 0 ? signInNeeded(error) : undefined;
        if (challenge !== undefined && !context.signal.aborted) {
          context.onProgress({ message: 'waits for a sign-in' });
          await before(context, () => this.connection.signIn(challenge, context.signal));
          continue;
        }
        const pages = attempt < mostVisits ? pagesOf(error) : undefined;
        if (pages !== undefined && !context.signal.aborted) {
          const questions = this.connection.attention.of(this.connection.shared.ports.questions);
          // Calls under way at once want the same page: a person is sent there for all of them.
          const visiting = (this.visiting ??= visit(this.title, pages, questions, session.onPageDone, context.signal).finally(() => (this.visiting = undefined)));
          if (await before(context, () => visiting)) continue;
          throw new CallFailure(`"${this.title}" needs you to open a page before ${what}, which was not done. Call it again to be asked again.`, 'no');
        }
        const read = readFailure(error, { ended: session.ending, proxy: this.connection.proxy });
        // What was not sent may be the answer to what the server asked: it had the call itself before.
        const failure: Failure = session.asked > asked ? { ...read, sent: 'unknown', sessionLost: false } : read;
        if (failure.sessionLost === true && attempt === 0 && !context.signal.aborted) {
          this.connection.addLog('Its session is over; connecting again');
          await this.connection.dropSession(session);
          continue;
        }
        const clean = (text: string): string => this.connection.redactor.text(text);
        if (context.signal.aborted) throw new CallFailure(`The call to "${this.title}" (${what}) was cancelled; whether it took effect is not known.`, 'unknown', { cause: error });
        if (failure.answer !== undefined) return { ok: false, message: clean(failure.answer.message), detail: { code: failure.answer.code, ...(failure.answer.data === undefined ? {} : { data: this.connection.redactor.value(failure.answer.data as JsonValue) }) } };
        throw new CallFailure(clean(this.sentenceOf(failure, what)), failure.sent, { cause: new Error(clean(String(error)).slice(0, 2_000)) });
      }
    }
  }

  /** Who, what went wrong, whether it may have run, and what to do next. */
  private sentenceOf({ reason, sent }: Failure, what: string): string {
    if (sent === 'no') return `"${this.title}" ${reason}.`;
    if (reason === 'did not answer in time') {
      const { proxy } = this.connection;
      return `"${this.title}" did not answer ${what} within ${Math.ceil(this.timeout / 1000)} s and was told to stop; whether it took effect is not known. Look before trying again; the setting codemode.servers.timeouts gives it more time.${proxy === undefined ? '' : ` The way to it leads through ${nameOf(proxy)}, which may be what is silent.`}`;
    }
    return `"${this.title}" ${reason}${/not known|taken effect/.test(reason) ? '' : ` during ${what}; whether it took effect is not known`}. Look before trying again.`;
  }
}
