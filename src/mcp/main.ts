import { Emitter } from '../lifecycle/event.js';
import type { Disposable } from '../lifecycle/disposable.js';
import { ServerApprovals } from './approvals.js';
import { Inputs } from './configuration/inputs.js';
import { configurationFiles, ConfigurationReader, type IdentifiedServer } from './configuration/sources.js';
import { FileWatch } from './configuration/watch.js';
import { Connection } from './connection/connection.js';
import type { Shared } from './connection/shared.js';
import { defaultLimits, type Limits } from './limits.js';
import { OfferCache } from './offers/cache.js';
import { Pins } from './offers/pins.js';
import type { McpPorts } from './ports.js';
import { findConfiner, type Confiner } from './sandbox/confiner.js';
import { isConfined, sandboxNotices } from './sandbox/sandbox.js';
import type { ConfigurationProblem, McpServer, McpServers } from './servers.js';

export interface McpOptions {
  readonly clientVersion: string;
  /** Where tool lists are remembered; left out, they are not. */
  readonly cacheDirectory?: string;
  readonly limits?: Partial<Limits>;
  /** Where this client's metadata document is published, for authorization servers that take one in place of a registration. */
  readonly clientMetadataUrl?: string;
}

/** Reads the configuration, asks what has to be asked, and keeps every configured server as a source. */
export function createMcpServers(ports: McpPorts, options: McpOptions): McpServers {
  return new ConfiguredServers(ports, options);
}

/** Servers are one when file, name and definition are: anything else is another server. */
function identity(server: IdentifiedServer): string {
  return `${server.id}\n${server.hash}\n${server.configured.origin.file}`;
}

function asksForSandbox({ configured: { definition } }: IdentifiedServer): boolean {
  return definition.transport === 'stdio' && definition.sandbox !== undefined;
}

class ConfiguredServers implements McpServers {
  private readonly emitter = new Emitter<void>();
  readonly onDidChange = this.emitter.event;

  private connections: readonly Connection[] = [];
  private found: readonly ConfigurationProblem[] = [];
  private readonly reader = new ConfigurationReader();
  private readonly approvals: ServerApprovals;
  private readonly shared: Shared;
  private readonly subscription: Disposable;
  private loading: Promise<void> | undefined;
  private again = false;
  private confiner: Promise<Confiner> | undefined;
  private asking: Promise<void> | undefined;
  /** By the server that somebody wants to start. */
  private readonly askingAtOnce = new Map<string, Promise<void>>();
  private settling: Promise<void> = Promise.resolve();
  private readonly asked = new Set<string>();
  private closed = false;
  private folders = '';
  private readonly leaving = new Set<Promise<void>>();
  /** Of servers that are gone too: what a run has of them is written later. */
  private readonly known = new Set<string>();
  private readonly watch = new FileWatch(() => void this.reload());

  constructor(
    private readonly ports: McpPorts,
    private readonly options: McpOptions,
  ) {
    this.approvals = new ServerApprovals(ports, {
      confines: ({ configured }) => isConfined(configured.definition, this.shared.confiner),
      notices: ({ configured }) => sandboxNotices(configured.definition, this.shared.confiner),
    });
    this.shared = {
      ports,
      limits: { ...defaultLimits, ...options.limits },
      clientVersion: options.clientVersion,
      inputs: new Inputs(ports.secrets, ports.questions),
      cache: new OfferCache(options.cacheDirectory),
      confiner: { kind: 'none', why: 'none was looked for yet' },
      ...(options.clientMetadataUrl === undefined ? {} : { clientMetadataUrl: options.clientMetadataUrl }),
      ...(options.cacheDirectory === undefined ? {} : { lockDirectory: options.cacheDirectory }),
      onSecret: (secret) => this.known.add(secret),
      isApproved: (server) => this.approvals.verdict(server) === 'allow',
      approve: (server, again) => this.approve(server, again),
    };
    this.subscription = ports.surroundings.onDidChange(() => void this.reload());
    void this.reload();
  }

  get servers(): readonly McpServer[] {
    return this.connections;
  }

  get secrets(): ReadonlySet<string> {
    return this.known;
  }

  get problems(): readonly ConfigurationProblem[] {
    return this.found;
  }

  /** Resolves when the configuration is read and its servers stand; starting and asking go on behind it. */
  reload(): Promise<void> {
    if (this.closed) return Promise.resolve();
    if (this.loading !== undefined) {
      this.again = true;
      return this.loading;
    }
    this.loading = this.load().finally(() => (this.loading = undefined));
    return this.loading;
  }

  dispose(): void {
    void this.close();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.subscription.dispose();
    this.watch.dispose();
    await this.loading?.catch(() => undefined);
    await Promise.allSettled([...this.connections.map((connection) => connection.close()), ...this.leaving]);
    this.connections = [];
    this.emitter.dispose();
  }

  private async load(): Promise<void> {
    do {
      this.again = false;
      await this.loadOnce();
    } while (this.again && !this.closed);
  }

  private async loadOnce(): Promise<void> {
    // First, so that no change between reading and watching is missed.
    const files = configurationFiles(this.ports.surroundings);
    await this.watch.follow(files.filter((file) => file.elsewhere === undefined).map((file) => file.path));
    const { servers, problems } = await this.reader.read(this.ports.surroundings);
    if (servers.some(asksForSandbox)) this.shared.confiner = await (this.confiner ??= findConfiner(this.ports.surroundings.environment));
    const before = new Map(this.connections.map((connection) => [identity(connection.server), connection]));
    const next: Connection[] = [];
    let changed = JSON.stringify(problems) !== JSON.stringify(this.found);
    for (const server of servers) {
      const known = before.get(identity(server));
      before.delete(identity(server));
      if (known !== undefined) {
        known.moved(server);
        next.push(known);
        continue;
      }
      changed = true;
      next.push(await this.connectionTo(server));
    }
    if (this.closed) {
      await Promise.allSettled(next.map((connection) => connection.close()));
      return;
    }
    for (const gone of before.values()) {
      changed = true;
      const leaving = gone.close().finally(() => this.leaving.delete(leaving));
      this.leaving.add(leaving);
    }
    this.connections = next;
    this.found = problems;
    this.foldersChanged();
    for (const connection of next) connection.settingsChanged();
    const trusted = this.ports.surroundings.trusted;
    for (const connection of next) {
      if (this.approvals.verdict(connection.server) !== 'allow') connection.setApproved(false);
      else connection.setApproved(true);
      if (!trusted) void connection.pause();
    }
    if (changed) this.emitter.fire();
    if (trusted) this.settling = this.askAndStart().catch(() => undefined);
  }

  private async connectionTo(server: IdentifiedServer): Promise<Connection> {
    const pins = await Pins.open(this.options.cacheDirectory, server.hash, () => connection.source.offerChanged());
    const connection: Connection = new Connection(server, this.shared, await this.shared.cache.read(server.hash), pins);
    return connection;
  }

  async settled(): Promise<void> {
    await this.reload();
    await this.settling;
  }

  private foldersChanged(): void {
    const folders = JSON.stringify(this.ports.surroundings.folders);
    if (this.folders !== '' && this.folders !== folders) for (const connection of this.connections) void connection.rootsChanged();
    this.folders = folders;
  }

  /** One question for all servers nobody decided on; then what has no remembered tools is started to learn them. */
  private async askAndStart(): Promise<void> {
    const started = this.start();
    // What was left open is not asked at every change of a file, but when the server is called.
    const fresh = this.connections.map((connection) => connection.server).filter((server) => !this.asked.has(identity(server)));
    for (const server of fresh) this.asked.add(identity(server));
    await this.ask(fresh);
    await Promise.all([started, this.start()]);
  }

  /** Starts what is allowed and has no remembered tools; resolves when each has listed them or failed. */
  private async start(): Promise<void> {
    const learning: Promise<unknown>[] = [];
    for (const connection of this.connections) {
      if (this.approvals.verdict(connection.server) !== 'allow') continue;
      connection.setApproved(true);
      // One that is starting already is joined.
      const coming = connection.startsWhenCalled || connection.state.kind === 'starting';
      if (connection.offer === undefined && coming) learning.push(connection.ready(AbortSignal.timeout(this.shared.limits.startTimeout * 3), false));
    }
    await Promise.allSettled(learning);
  }

  /** One question at a time; whoever comes meanwhile waits for it and asks only for what it left open. */
  private async ask(servers: readonly IdentifiedServer[]): Promise<void> {
    for (let standing = this.standing; standing !== undefined; standing = this.standing) await standing;
    const open = servers.filter((server) => server.configured.outOfReach === undefined && this.approvals.verdict(server) === 'undecided');
    if (open.length === 0 || this.closed) return;
    this.asking = this.approvals.ask(open).finally(() => (this.asking = undefined));
    await this.asking;
  }

  private async approve(server: IdentifiedServer, wanted: boolean): Promise<boolean> {
    if (!this.ports.surroundings.trusted) return false;
    const verdict = this.approvals.verdict(server);
    if (verdict === 'allow') return true;
    if (wanted) await this.askAtOnce(server);
    else if (verdict === 'undecided') await this.ask([server]);
    return this.approvals.verdict(server) === 'allow';
  }

  /** Somebody pressed Start, and may long have forgotten a question that still stands about this server and others. */
  private async askAtOnce(server: IdentifiedServer): Promise<void> {
    let asking = this.askingAtOnce.get(server.id);
    if (asking === undefined) this.askingAtOnce.set(server.id, (asking = this.approvals.ask([server], true).finally(() => this.askingAtOnce.delete(server.id))));
    await asking;
  }

  private get standing(): Promise<void> | undefined {
    return this.asking ?? this.askingAtOnce.values().next().value;
  }
}
