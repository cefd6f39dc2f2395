import type { Disposable } from '../lifecycle/disposable.js';
import type { McpServer } from '../mcp/servers.js';

/** Something that is kept for each server as long as there is that server: mostly, listening to it. */
export class PerServer implements Disposable {
  private readonly kept = new Map<McpServer, Disposable>();

  constructor(private readonly begin: (server: McpServer) => Disposable) {}

  /** These are the servers now. */
  follow(servers: readonly McpServer[]): void {
    for (const [server, own] of this.kept) {
      if (servers.includes(server)) continue;
      own.dispose();
      this.kept.delete(server);
    }
    for (const server of servers) if (!this.kept.has(server)) this.kept.set(server, this.begin(server));
  }

  dispose(): void {
    for (const own of this.kept.values()) own.dispose();
    this.kept.clear();
  }
}
