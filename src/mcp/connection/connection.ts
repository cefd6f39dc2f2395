import type { Challenge } from '../authorization/challenge.js';
import { hideWritten, UnresolvedError } from '../configuration/resolve.js';
import type { IdentifiedServer } from '../configuration/sources.js';
import { CallFailure } from '../../catalog/source.js';
import type { Offer } from '../offers/cache.js';
import type { Pins } from '../offers/pins.js';
import type { McpPorts } from '../ports.js';
import { Redactor } from '../redaction.js';
import { sandboxNotices } from '../sandbox/sandbox.js';
import type { McpServer, ServerAccounts, ServerState } from '../servers.js';
import { Attention } from './attention.js';
import { Crashes } from './crashes.js';
import { IdleStop } from './idle.js';
import { KeptOffer } from './keptOffer.js';
import { ServerLog } from './log.js';
import { openSession } from './openSession.js';
import { Reach } from './reach.js';
import type { Session, SessionOptions, Target } from './session.js';
import type { Shared } from './shared.js';
import { ServerSource } from './source.js';
import { Standing } from './standing.js';
import { startFailure } from './startFailure.js';
import { Starts } from './starts.js';
import { Watches } from './watches.js';

/** One configured server: started when needed, kept alive within limits, ended whole. */
export class Connection implements McpServer {
  readonly name: string;
  readonly redactor: Redactor;
  readonly source: ServerSource;
  readonly watches = new Watches(() => void this.session?.watch(this.watches.uris));

  private readonly standing: Standing;
  private readonly serverLog: ServerLog;
  private session: Session | undefined;
  private readonly starts = new Starts((signal, person) => this.connect(signal, person));
  private closing: Promise<void> | undefined;
  private readonly kept: KeptOffer;
  private readonly reach: Reach;
  readonly attention = new Attention();
  private readonly ports: McpPorts;
  private readonly crashes: Crashes;
  private readonly idle = new IdleStop(() => this.idleAfter, () => void this.stopIdle());
  private disposed = false;

  readonly onDidChangeState: McpServer['onDidChangeState'];

  constructor(
    private configured: IdentifiedServer,
    readonly shared: Shared,
    remembered: Offer | undefined,
    readonly pins: Pins,
  ) {
    this.name = configured.configured.name;
    this.redactor = new Redactor(shared.onSecret);
    hideWritten(configured.configured.definition, this.redactor);
    this.standing = new Standing(() => this.configured);
    this.onDidChangeState = this.standing.onDidChange;
    this.serverLog = new ServerLog(shared.limits, this.redactor);
    this.ports = { ...shared.ports, questions: this.attention.of(shared.ports.questions) };
    this.reach = new Reach(() => this.configured, shared, this.ports, this.redactor, (text) => this.addLog(text));
    this.crashes = new Crashes(shared.limits, () => {
      if (!this.disposed && !this.standing.stoppedByPerson && this.session === undefined) void this.open(AbortSignal.timeout(shared.limits.startTimeout * 2), false).catch(() => undefined);
    });
    const { limits, cache } = shared;
    const { redactor } = this;
    this.kept = new KeptOffer({ limits, cache, redactor, pins, hash: () => this.server.hash, session: () => this.session, onChange: () => this.source.offerChanged(), onLog: (text) => this.addLog(text) }, remembered);
    this.source = new ServerSource(this);
  }

  get server(): IdentifiedServer {
    return this.configured;
  }

  get origin(): McpServer['origin'] {
    return this.configured.configured.origin;
  }

  get transport(): McpServer['transport'] {
    return this.session?.transport ?? this.server.configured.definition.transport;
  }

  get state(): ServerState {
    return this.standing.state;
  }

  get log(): readonly string[] {
    return this.serverLog.lines;
  }

  get onDidLog(): McpServer['onDidLog'] {
    return this.serverLog.onDidLog;
  }

  get notices(): readonly string[] {
    const { configured } = this.server;
    return [...configured.notices, ...sandboxNotices(configured.definition, this.shared.confiner), ...Object.values(this.offer?.notices ?? {}).flat()];
  }

  get offer(): Offer | undefined {
    return this.kept.current;
  }

  get proxy(): Reach['proxy'] {
    return this.reach.proxy;
  }

  /** It would start by itself at the next call. */
  get startsWhenCalled(): boolean {
    return this.standing.startsWhenCalled;
  }

  /** Process id of a running stdio server. */
  get pid(): number | undefined {
    return this.session?.pid;
  }

  /** A person wants it to run: whatever was remembered against it is asked anew. */
  async start(): Promise<void> {
    if (this.state.kind === 'outOfReach') throw new CallFailure(this.state.message, 'no');
    this.standing.stoppedByPerson = false;
    this.crashes.forgive();
    if (this.state.kind === 'crashed' || this.state.kind === 'failed') this.standing.set({ kind: 'stopped' });
    if (!(await this.shared.approve(this.server, true))) {
      this.standing.set({ kind: 'unapproved' });
      return;
    }
    const { startTimeout, signInTimeout } = this.shared.limits;
    const longest = startTimeout * 3 + signInTimeout;
    const late = AbortSignal.timeout(longest);
    await this.open(late, true).catch((error: unknown) => {
      throw late.aborted ? new CallFailure(`"${this.name}" did not start within ${Math.ceil(longest / 1000)} s; see its log.`, 'no', { cause: error }) : error;
    });
  }

  async stop(): Promise<void> {
    this.standing.stoppedByPerson = true;
    await this.end();
    this.standing.set(this.standing.atRest);
  }

  async restart(): Promise<void> {
    await this.end();
    await this.start();
  }

  /** Ends it for good; resolves when its processes are gone. */
  async close(): Promise<void> {
    this.disposed = true;
    await Promise.all([this.end(), this.pins.saved()]);
    this.standing.set({ kind: 'stopped' });
    this.source.dispose();
    this.standing.dispose();
    this.serverLog.dispose();
  }

  /** Told when approval was given, refused or is still missing. */
  setApproved(approved: boolean): void {
    if (this.state.kind === 'outOfReach') return;
    if (!approved) {
      if (this.state.kind !== 'unapproved') void this.end();
      this.standing.set({ kind: 'unapproved' });
    } else if (this.state.kind === 'unapproved') {
      this.standing.set({ kind: 'stopped' });
    }
  }

  /** The same definition, perhaps on another line of its file. */
  moved(server: IdentifiedServer): void {
    this.configured = server;
  }

  /** Ends it until it is called again. */
  async pause(): Promise<void> {
    await this.end();
    if (this.state.kind !== 'unapproved') this.standing.set(this.standing.atRest);
  }

  async resolve(): Promise<Target | undefined> {
    return (await this.shared.approve(this.server, false)) ? this.reach.target() : undefined;
  }

  async rootsChanged(): Promise<void> {
    await this.session?.rootsChanged();
  }

  /**
   * A session to call through, started where there is none. Without `person` nobody is asked to sign in for it.
   * @throws {CallFailure} with `sent: 'no'` and what to do.
   */
  async ready(signal: AbortSignal, person = true): Promise<Session> {
    if (this.session !== undefined) return this.session;
    const refuse = (why: string): CallFailure => new CallFailure(`"${this.name}" ${why}`, 'no');
    if (this.disposed) throw refuse('is no longer configured.');
    if (!this.shared.ports.surroundings.trusted) throw refuse('was not started because this workspace is not trusted. Trust the workspace to use its servers.');
    const { refusal } = this.standing;
    if (refusal !== undefined) throw refusal;
    if (!this.shared.isApproved(this.server) && !(await this.attention.during(() => this.shared.approve(this.server, false)))) {
      this.standing.set({ kind: 'unapproved' });
      throw refuse('was not approved to run. Start it from the servers view to be asked again.');
    }
    try {
      return await this.open(signal, person);
    } catch (error) {
      if (signal.aborted) throw new CallFailure(`The call was cancelled while "${this.name}" was starting.`, 'no', { cause: error });
      throw new CallFailure(error instanceof Error ? error.message : String(error), 'no', { cause: error });
    }
  }

  async signIn(challenge: Challenge, signal: AbortSignal): Promise<void> {
    try {
      await this.attention.during(() => this.reach.signIn(challenge, signal));
    } catch (error) {
      throw new CallFailure(`"${this.name}" ${error instanceof Error ? error.message : String(error)}.`, 'no', { cause: error });
    }
  }

  /** What runs with the tokens is ended; what runs as somebody else goes on. */
  get signOut(): ((account?: string) => Promise<string | undefined>) | undefined {
    if (this.configured.configured.definition.transport === 'stdio') return undefined;
    return async (account) => {
      const isUsed = account === undefined || (await this.reach.isUsed(account));
      const left = await this.reach.signOut(account);
      if (left !== undefined) this.addLog(left);
      if (isUsed) await this.pause();
      return left;
    };
  }

  get accounts(): ServerAccounts | undefined {
    return this.reach.accounts(async () => {
      await this.pause();
      await this.start();
    });
  }

  /** The server forgot our session: the next call connects anew. */
  async dropSession(session: Session): Promise<void> {
    if (this.session !== session) return;
    this.session = undefined;
    this.standing.set({ kind: 'stopped' });
    await session.close();
  }

  addLog(text: string): void {
    this.serverLog.add(text);
  }

  /** Keeps it from being stopped as idle until what is returned is called. */
  use(): () => void {
    return this.idle.begin();
  }

  /** A setting changed: it may fall idle sooner, or never. */
  settingsChanged(): void {
    if (this.session !== undefined) this.idle.arm();
  }

  private get idleAfter(): number {
    const minutes = this.shared.ports.surroundings.setting('codemode.servers.idleMinutes');
    return typeof minutes === 'number' && minutes > 0 ? minutes * 60_000 : 0;
  }

  private async stopIdle(): Promise<void> {
    if (this.session === undefined) return;
    this.addLog('Stopped: nobody used it for a while. The next call starts it again');
    await this.pause();
  }

  private async open(signal: AbortSignal, person: boolean): Promise<Session> {
    if (this.session !== undefined) return this.session;
    await this.closing;
    if (person) await this.starts.attended();
    if (this.session !== undefined) return this.session;
    this.crashes.cancel();
    return this.starts.join(signal, person);
  }

  private async connect(signal: AbortSignal, person: boolean): Promise<Session> {
    const { limits } = this.shared;
    this.standing.set({ kind: 'starting' });
    this.serverLog.started();
    let begun: Session | undefined;
    try {
      const target = await this.reach.target(this.offer?.transport);
      if (signal.aborted) throw new Error('Cancelled.');
      const signIn = (challenge: Challenge): Promise<void> => this.attention.during(() => this.reach.signIn(challenge, signal));
      const options = (session: () => Session | undefined): SessionOptions => this.sessionOptions((reason) => this.ended(session(), reason));
      const [opened, offer] = await openSession({ target, options, limits, signal, signIn: person && this.reach.canSignIn ? signIn : undefined });
      begun = this.session = opened;
      this.crashes.started();
      if (this.watches.uris.length > 0) void opened.watch(this.watches.uris);
      await this.kept.started(offer);
      this.addLog(`Started (${opened.transport}, ${opened.era === 'modern' ? '2026-07-28' : 'protocol before 2026-07-28'}): ${offer.tools.length === 1 ? '1 tool' : `${offer.tools.length} tools`}`);
      this.standing.set({ kind: 'running' });
      this.idle.arm();
      return opened;
    } catch (error) {
      void begun?.close();
      const message = signal.aborted ? `"${this.name}" was stopped while it was starting.` : startFailure(error, { name: this.name, reach: this.reach, limits, redactor: this.redactor, said: this.serverLog.lastWords });
      this.addLog(message);
      if (signal.aborted) {
        // Whoever ended it may have said meanwhile how it stands.
        if (this.state.kind === 'starting') this.standing.set(this.standing.atRest);
      } else if (this.server.configured.definition.transport === 'stdio' && !(error instanceof UnresolvedError)) this.crashed(message);
      else this.standing.set({ kind: 'failed', message });
      throw new Error(this.state.kind === 'crashed' ? this.state.message : message, { cause: error });
    }
  }

  private get logLevel(): string {
    const level = this.shared.ports.surroundings.setting('codemode.servers.logLevel');
    return typeof level === 'string' ? level : 'info';
  }

  private sessionOptions(onEnded: (reason: string) => void): SessionOptions {
    const { limits, clientVersion } = this.shared;
    return {
      server: this.name,
      clientVersion,
      ports: this.ports,
      limits,
      ...(this.offer?.era === undefined ? {} : { era: this.offer.era }),
      onLog: (text) => this.addLog(text),
      onText: (stream, line) => this.serverLog.addFrom(stream, line),
      onListChanged: (kind) => this.kept.announce(kind),
      onResourceChanged: (uri) => this.watches.changed(uri),
      logLevel: this.logLevel,
      onEnded,
    };
  }

  /** The session ended and nobody here asked for it. */
  private ended(session: Session | undefined, reason: string): void {
    if (session === undefined || this.session !== session) return;
    this.session = undefined;
    void session.close();
    const message = `"${this.name}" ${reason}.`;
    this.addLog(message);
    if (session.transport !== 'stdio') {
      // A stream breaks off for many reasons, and no process is gone: the next call connects anew.
      this.standing.set(this.standing.atRest);
      return;
    }
    this.crashes.ended();
    this.crashed(`${message}${this.serverLog.lastWords}`, true);
  }

  private crashed(message: string, restart = false): void {
    const tooMany = this.crashes.add();
    if (tooMany !== undefined) {
      this.standing.set({ kind: 'crashed', message: `"${this.name}" crashed ${tooMany} times in a row: see its log. The last time: ${message}` });
      return;
    }
    this.standing.set({ kind: 'failed', message });
    if (restart && !this.disposed) this.crashes.again();
  }

  private end(): Promise<void> {
    this.crashes.cancel();
    this.kept.rest();
    this.idle.cancel();
    const { session } = this;
    this.session = undefined;
    const closing = Promise.allSettled([session?.close(), this.starts.end()]).then(() => {
      if (this.closing === closing) this.closing = undefined;
    });
    this.closing = closing;
    return closing;
  }
}
