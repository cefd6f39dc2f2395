import os from 'node:os';
import path from 'node:path';
import type { ToolSource } from '../../src/catalog/source.js';
import type { WorkspaceFolder } from '../../src/catalog/workspace.js';
import { headlessPorts } from '../../src/mcp/headless.js';
import { createMcpServers } from '../../src/mcp/main.js';

export interface OpenedServers {
  sources(): readonly ToolSource[];
  /** Starts every server and waits for its tools; a server that fails is said on standard error and left out. */
  startAll(): Promise<void>;
  close(): Promise<void>;
}

/** The MCP servers of one configuration file, approved by whoever named the file on the command line. */
export async function openServers(options: { readonly config: string; readonly folders: readonly WorkspaceFolder[] }): Promise<OpenedServers> {
  const ports = headlessPorts({
    configFile: path.resolve(options.config),
    folders: options.folders,
    environment: process.env,
    userHome: os.homedir(),
    approve: true,
  });
  const servers = createMcpServers(ports, { clientVersion: '0.1.0' });
  await servers.reload();
  for (const problem of servers.problems) process.stderr.write(`${problem.file}:${problem.line + 1}: ${problem.message}\n`);
  return {
    sources: () => servers.servers.map((server) => server.source),
    async startAll() {
      await Promise.all(
        servers.servers.map((server) =>
          server.start().catch((error: unknown) => {
            process.stderr.write(`${server.name}: ${error instanceof Error ? error.message : String(error)}\n`);
          }),
        ),
      );
    },
    close: () => servers.close(),
  };
}
