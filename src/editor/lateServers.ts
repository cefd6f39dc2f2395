import * as vscode from 'vscode';
import { Emitter } from '../lifecycle/event.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import type { ConfigurationProblem, McpServer, McpServers } from '../mcp/servers.js';
import type { Logs } from './log.js';
import { PerServer } from './perServer.js';
import { ConfigurationProblems } from './problems.js';

const none: ReadonlySet<string> = new Set();

/** The MCP servers, whose client is a bundle of its own that is loaded when somebody first wants a server. */
export class LateServers implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly problemsShown = this.store.add(new ConfigurationProblems());
  private readonly logged: PerServer;
  private room: McpServers | undefined;
  private loading: Promise<void> | undefined;
  readonly onDidChange = this.changed.event;

  /** @param load makes the room: called once, and only in a trusted workspace. */
  constructor(
    private readonly load: () => Promise<McpServers>,
    private readonly logs: Logs,
  ) {
    this.logged = this.store.add(new PerServer((server) => logs.follow(server)));
  }

  get servers(): readonly McpServer[] {
    return this.room?.servers ?? [];
  }

  get problems(): readonly ConfigurationProblem[] {
    return this.room?.problems ?? [];
  }

  /** Values that must never be written down, as far as they are known. */
  get secrets(): ReadonlySet<string> {
    return this.room?.secrets ?? none;
  }

  /** Whether the configuration was read: before that, no servers means nothing. */
  get loaded(): boolean {
    return this.room !== undefined;
  }

  /** Reads the configuration, once. Without trust it does nothing; a failure is shown and tried again next time. */
  async ready(): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    this.loading ??= this.connect().catch((error: unknown) => {
      this.loading = undefined;
      this.logs.main.error(`The MCP servers could not be read: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      void vscode.window.showErrorMessage('Code Mode could not read the MCP servers; built-in tools work. The log has the reason.', 'Show Log').then((answer) => {
        if (answer !== undefined) this.logs.main.show();
      });
    });
    await this.loading;
  }

  /**
   * The same, and waits until new servers were decided on and have listed their tools, at most `waitMs`: who writes a
   * script must know what there is. Aborting ends the wait, not the servers.
   */
  async settled(signal: AbortSignal, waitMs = 60_000): Promise<void> {
    await this.ready();
    if (this.room === undefined) return;
    const wait = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    await Promise.race([this.room.settled(), new Promise((resolve) => wait.addEventListener('abort', resolve, { once: true }))]);
  }

  async reload(): Promise<void> {
    await this.ready();
    await this.room?.reload();
  }

  find(name: string): McpServer | undefined {
    return this.servers.find((server) => server.source.id === name || server.name === name);
  }

  /** Ends every connection and process. */
  async close(): Promise<void> {
    await this.loading;
    await this.room?.close();
  }

  dispose(): void {
    this.room?.dispose();
    this.store.dispose();
  }

  private async connect(): Promise<void> {
    const room = await this.load();
    this.room = room;
    this.store.add(room.onDidChange(() => this.refresh()));
    this.refresh();
    await room.reload();
  }

  private refresh(): void {
    this.problemsShown.show(this.problems);
    this.logged.follow(this.servers);
    this.changed.fire();
  }
}
