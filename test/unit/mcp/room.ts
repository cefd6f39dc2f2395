import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Attachment, CallContext, Handle, Progress, ToolSource } from '../../../src/catalog/source.js';
import type { JsonObject, JsonValue } from '../../../src/json.js';
import { Emitter } from '../../../src/lifecycle/event.js';
import type { Limits } from '../../../src/mcp/limits.js';
import { createMcpServers } from '../../../src/mcp/main.js';
import type { ElicitationRequest, InputRequest, McpPorts, Questions, SamplingRequest, ServerApproval, SignIn, Surroundings } from '../../../src/mcp/ports.js';
import type { McpServer, McpServers } from '../../../src/mcp/servers.js';

export const fixture = path.resolve(import.meta.dirname, '../../fixtures/mcp/stdio.mjs');

/** The definition of a fixture server that misbehaves as named. */
export function stdio(mode = 'plain', option?: string | number): JsonObject {
  return { command: process.execPath, args: [fixture, mode, ...(option === undefined ? [] : [String(option)])] };
}

export interface RoomOptions {
  /** Content of `.vscode/mcp.json`, or its text. */
  readonly config?: JsonObject | string;
  readonly trusted?: boolean;
  readonly limits?: Partial<Limits>;
  readonly questions?: Partial<Questions>;
  readonly signIn?: SignIn;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly settings?: Readonly<Record<string, JsonValue>>;
  readonly configurationFiles?: Surroundings['configurationFiles'];
  /** More workspace folders: name to content of its `.vscode/mcp.json`. */
  readonly folders?: Readonly<Record<string, JsonObject>>;
  /** From a room that was there before: a window opened again. */
  readonly after?: Room;
}

/** Everything a test wants to see of one window's MCP room. */
export class Room {
  readonly approvals: (readonly ServerApproval[])[] = [];
  readonly inputs: InputRequest[] = [];
  readonly elicitations: ElicitationRequest[] = [];
  readonly samplings: SamplingRequest[] = [];
  readonly progress: Progress[] = [];
  readonly kept: Attachment[] = [];
  /** Names of workspace folders that came later; `changed` tells of them. */
  readonly added: string[] = [];
  readonly changed = new Emitter<void>();
  trusted: boolean;

  private constructor(
    readonly folder: string,
    readonly cacheDirectory: string,
    readonly secrets: Map<string, string>,
    readonly memory: Map<string, JsonValue>,
    private readonly options: RoomOptions,
  ) {
    this.trusted = options.trusted ?? true;
  }

  servers!: McpServers;

  static async open(options: RoomOptions = {}): Promise<Room> {
    const before = options.after;
    const root = before === undefined ? await mkdtemp(path.join(tmpdir(), 'mcp-room-')) : path.dirname(before.folder);
    const room = new Room(path.join(root, 'workspace'), path.join(root, 'cache'), before?.secrets ?? new Map<string, string>(), before?.memory ?? new Map<string, JsonValue>(), options);
    if (options.config !== undefined) await room.configure(options.config);
    for (const [name, config] of Object.entries(options.folders ?? {})) await room.configure(config, path.join(root, name));
    room.servers = createMcpServers(room.ports(root), { clientVersion: '0.0.0', cacheDirectory: room.cacheDirectory, limits: { stopGrace: 300, restartDelay: 10, refreshDelay: 5, ...options.limits } });
    onTestFinished(async () => {
      await room.servers.close();
      await rm(root, { recursive: true, force: true });
    });
    await room.servers.reload();
    return room;
  }

  async configure(config: JsonObject | string, folder = this.folder): Promise<void> {
    await mkdir(path.join(folder, '.vscode'), { recursive: true });
    await writeFile(path.join(folder, '.vscode', 'mcp.json'), typeof config === 'string' ? config : JSON.stringify(config));
  }

  server(name: string): McpServer {
    const found = this.servers.servers.find((server) => server.source.id === name);
    if (found === undefined) throw new Error(`No server ${name} among ${this.servers.servers.map((server) => server.source.id).join(', ')}.`);
    return found;
  }

  source(name: string): ToolSource {
    return this.server(name).source;
  }

  async call(server: string, tool: string, args: JsonObject = {}, signal: AbortSignal = new AbortController().signal): ReturnType<ToolSource['call']> {
    return this.source(server).call(tool, args, this.context(signal));
  }

  /** What a call's rejection says; fails when it did not reject. */
  async failure(server: string, tool: string, args: JsonObject = {}, signal?: AbortSignal): Promise<{ message: string; sent: string; name: string }> {
    const result = await this.call(server, tool, args, signal).catch((error: unknown) => error as Error & { sent: string });
    if (!(result instanceof Error)) throw new Error(`It answered: ${JSON.stringify(result)}`);
    return { message: result.message, sent: result.sent, name: result.name };
  }

  context(signal: AbortSignal = new AbortController().signal): CallContext {
    return {
      signal,
      onProgress: (progress: Progress) => void this.progress.push(progress),
      keep: (attachment: Attachment): Handle => {
        this.kept.push(attachment);
        return { handle: `h${this.kept.length}`, mimeType: attachment.mimeType, bytes: attachment.data.length };
      },
    } as Partial<CallContext> as CallContext;
  }

  /** Resolves once the server is in one of the states. */
  async until(name: string, ...kinds: readonly McpServer['state']['kind'][]): Promise<McpServer['state']> {
    const server = this.server(name);
    if (kinds.includes(server.state.kind)) return server.state;
    return new Promise((resolve) => {
      const subscription = server.onDidChangeState(() => {
        if (!kinds.includes(server.state.kind)) return;
        subscription.dispose();
        resolve(server.state);
      });
    });
  }

  /** Resolves once the log of a server has a line that matches. */
  async logged(name: string, pattern: RegExp): Promise<string> {
    const server = this.server(name);
    const there = server.log.find((line) => pattern.test(line));
    if (there !== undefined) return there;
    return new Promise((resolve) => {
      const subscription = server.onDidLog((line) => {
        if (!pattern.test(line)) return;
        subscription.dispose();
        resolve(line);
      });
    });
  }

  private ports(root: string): McpPorts {
    const { secrets, memory, options } = this;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getter below
    const room = this;
    return {
      secrets: {
        get: async (key) => secrets.get(key),
        set: async (key, value) => void secrets.set(key, value),
        delete: async (key) => void secrets.delete(key),
      },
      memory: {
        get: (key) => memory.get(key),
        set: async (key, value) => void (value === undefined ? memory.delete(key) : memory.set(key, value)),
      },
      questions: {
        approveServers: async (servers, wanted) => {
          this.approvals.push(servers);
          return options.questions?.approveServers?.(servers, wanted) ?? new Map(servers.map((server) => [server.id, 'allow']));
        },
        input: async (request) => {
          this.inputs.push(request);
          return options.questions?.input?.(request);
        },
        elicit: async (request, signal) => {
          this.elicitations.push(request);
          return (await options.questions?.elicit?.(request, signal)) ?? { action: 'decline' };
        },
        finished: async (server, signal) => options.questions?.finished?.(server, signal) ?? false,
        sample: async (request, signal) => {
          this.samplings.push(request);
          return options.questions?.sample?.(request, signal);
        },
      },
      surroundings: {
        get trusted(): boolean {
          return room.trusted;
        },
        get folders() {
          return [{ name: 'workspace', path: room.folder }, ...[...Object.keys(options.folders ?? {}), ...room.added].map((name) => ({ name, path: path.join(root, name) }))];
        },
        configurationFiles: options.configurationFiles ?? [],
        environment: options.environment ?? process.env,
        userHome: root,
        setting: (key: string) => options.settings?.[key],
        onDidChange: this.changed.event,
      },
      ...(options.signIn === undefined ? {} : { signIn: options.signIn }),
    };
  }
}
