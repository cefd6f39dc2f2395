import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { DisposableStore } from '../lifecycle/disposable.js';
import { isReadByEditor } from '../mcp/configuration/native.js';
import type { McpServer } from '../mcp/servers.js';
import type { LateServers } from './lateServers.js';
import { PerServer } from './perServer.js';

const setting = 'codemode.servers.offerNatively';

/** Whether VS Code offers this server to agent mode by itself. */
export function isNative({ origin }: McpServer): boolean {
  return isReadByEditor(origin.file, homedir(), vscode.workspace.getConfiguration('chat.mcp').get<unknown>('discovery.enabled'));
}

/**
 * Servers that only Code Mode configures, offered to agent mode as VS Code's own are: it starts a process of its own for
 * each, after asking as it always does. Only what was approved here is offered.
 */
export class NativeServers implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  private readonly following = this.store.add(
    new PerServer((server) => {
      let wasOffered = server.state.kind !== 'unapproved';
      return server.onDidChangeState(() => {
        const isOffered = server.state.kind !== 'unapproved';
        if (isOffered !== wasOffered) this.changed.fire();
        wasOffered = isOffered;
      });
    }),
  );

  constructor(private readonly servers: LateServers) {
    this.store.add(servers.onDidChange(() => this.follow()));
    this.store.add(vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(setting) || event.affectsConfiguration('chat.mcp')) this.changed.fire();
    }));
    this.store.add(
      vscode.lm.registerMcpServerDefinitionProvider('codemode.servers', {
        onDidChangeMcpServerDefinitions: this.changed.event,
        provideMcpServerDefinitions: async () => this.definitions(),
        resolveMcpServerDefinition: async (definition) => this.resolve(definition),
      }),
    );
    this.follow();
  }

  /** What is offered now; variables of their definitions are filled in when one is started. */
  async definitions(): Promise<vscode.McpServerDefinition[]> {
    if (!vscode.workspace.getConfiguration().get(setting, false) || !vscode.workspace.isTrusted) return [];
    await this.servers.ready();
    return this.offered().map((server) => {
      const { definitionHash } = server.source;
      // What is written here is replaced when the server is started: what it needs may first have to be asked for.
      if (server.transport === 'stdio') return new vscode.McpStdioServerDefinition(server.name, server.name, [], {}, definitionHash);
      return new vscode.McpHttpServerDefinition(server.name, vscode.Uri.parse('https://localhost'), {}, definitionHash);
    });
  }

  /** The definition as it is to be started, with secrets in it; undefined where it is not there any more or nobody answered. */
  async resolve(definition: vscode.McpServerDefinition): Promise<vscode.McpServerDefinition | undefined> {
    const server = this.offered().find((each) => each.name === definition.label);
    const target = await server?.resolve();
    if (server === undefined || target === undefined) return undefined;
    const { definitionHash } = server.source;
    if (target.kind !== 'stdio') return new vscode.McpHttpServerDefinition(server.name, vscode.Uri.parse(target.url.href, true), { ...target.headers }, definitionHash);
    const { command, args, cwd, environment } = target.launch;
    const resolved = new vscode.McpStdioServerDefinition(server.name, command, [...args], difference(environment), definitionHash);
    if (cwd !== undefined) resolved.cwd = vscode.Uri.file(cwd);
    return resolved;
  }

  dispose(): void {
    this.store.dispose();
  }

  private offered(): readonly McpServer[] {
    return this.servers.servers.filter((server) => !isNative(server) && server.state.kind !== 'unapproved');
  }

  private follow(): void {
    this.following.follow(this.servers.servers);
    this.changed.fire();
  }
}

/** What an environment changes of the one that is there anyway; `null` removes. */
function difference(environment: Readonly<Record<string, string>>): Record<string, string | null> {
  const changed: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(environment)) if (process.env[name] !== value) changed[name] = value;
  for (const name of Object.keys(process.env)) if (!(name in environment)) changed[name] = null;
  return changed;
}
