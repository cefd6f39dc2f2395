import { createHash, randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { Emitter } from '../lifecycle/event.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import type { Endpoint } from '../mcp/expose/main.js';
import type { ExposedRooms } from '../mcp/expose/ports.js';
import type { Memory, Secrets } from '../mcp/ports.js';
import type { Logs } from './log.js';

export interface ExposedServerRooms {
  readonly rooms: ExposedRooms;
  readonly secrets: Secrets;
  readonly memory: Memory;
  readonly logs: Logs;
  readonly version: string;
  /** What makes this workspace this one; a token is good for one workspace. */
  readonly workspace: string;
}

const portKey = 'mcp.exposed.port';
const setting = 'codemode.mcpServer.enabled';

/** Code Mode as one MCP server for clients outside the editor: off until a setting or a command says otherwise. */
export class ExposedServer implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new Emitter<void>());
  private endpoint: Endpoint | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private disposed = false;
  readonly onDidChange = this.changed.event;

  constructor(private readonly options: ExposedServerRooms) {
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.follow()));
    this.store.add(vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(setting)) void this.follow();
    }));
    void this.follow();
  }

  /** Where it answers, while it does. */
  get url(): string | undefined {
    return this.endpoint?.url;
  }

  /** Starts it where it does not run; the address it had before is taken again if it is free. */
  start(): Promise<{ readonly url: string; readonly token: string; readonly moved: boolean }> {
    return this.inTurn(async () => {
      if (!vscode.workspace.isTrusted) throw new Error('Trust this workspace first: without trust nothing can be run in it.');
      const token = await this.token();
      if (this.endpoint !== undefined) return { url: this.endpoint.url, token, moved: false };
      const { rooms, memory, logs, version } = this.options;
      const before = memory.get(portKey);
      const wished = typeof before === 'number' ? before : 0;
      const { openEndpoint } = await import('../mcp/expose/main.js');
      const endpoint = await openEndpoint(rooms, { token, port: wished, version, onLog: (text) => logs.main.warn(`MCP server: ${text}`) });
      if (this.disposed) {
        await endpoint.close();
        throw new Error('Code Mode is shutting down.');
      }
      this.endpoint = endpoint;
      await memory.set(portKey, endpoint.port);
      logs.main.info(`Other MCP clients are answered at ${endpoint.url}`);
      this.changed.fire();
      return { url: endpoint.url, token, moved: wished !== 0 && wished !== endpoint.port };
    });
  }

  /** Cancels what other clients run, and stops answering. */
  stop(): Promise<void> {
    return this.inTurn(async () => this.end());
  }

  /** Makes every configuration that was copied before useless. */
  async renewToken(): Promise<void> {
    const isRunning = this.endpoint !== undefined;
    await this.inTurn(async () => {
      await this.end();
      await this.options.secrets.delete(this.tokenKey);
    });
    if (isRunning) await this.start();
  }

  async close(): Promise<void> {
    this.disposed = true;
    await this.stop();
  }

  dispose(): void {
    void this.close();
    this.store.dispose();
  }

  private get tokenKey(): string {
    return `mcp.exposed.${createHash('sha256').update(this.options.workspace).digest('hex').slice(0, 32)}`;
  }

  private async token(): Promise<string> {
    const known = await this.options.secrets.get(this.tokenKey);
    if (known !== undefined) return known;
    const token = randomBytes(32).toString('base64url');
    await this.options.secrets.set(this.tokenKey, token);
    return token;
  }

  private async end(): Promise<void> {
    const { endpoint } = this;
    this.endpoint = undefined;
    await endpoint?.close();
    if (endpoint !== undefined) this.changed.fire();
  }

  /** As the setting says; a start by command holds until the setting changes or the window closes. */
  private async follow(): Promise<void> {
    const { logs } = this.options;
    if (!vscode.workspace.getConfiguration().get(setting, false)) return this.stop();
    if (!vscode.workspace.isTrusted) return;
    try {
      const { moved } = await this.start();
      if (!moved) return;
      const answer = await vscode.window.showWarningMessage('The MCP server of Code Mode has a new address: its port was taken. Clients need the configuration again.', 'Copy Configuration');
      if (answer !== undefined) await vscode.commands.executeCommand('codemode.copyMcpConfiguration');
    } catch (error) {
      logs.main.error(`The MCP server for other clients could not be started: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(work, work);
    this.turn = next.catch(() => undefined);
    return next;
  }
}
