// A throwaway copy of the demo project: a real git repository, two real MCP servers configured for it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './server.mjs';

/** The repository this file belongs to: the extension under demonstration. */
export const repository = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
export const demoModel = path.join(repository, 'test/fixtures/model');
/** What to say in chat to see everything at once. */
export const sentence = '@codemode every exported function in src without a doc comment gets one, then commit';

const require = createRequire(import.meta.url);

/** The program of an MCP server that is installed from npm. */
export function mcpServer(name) {
  const manifest = require.resolve(`@modelcontextprotocol/server-${name}/package.json`);
  const { bin } = require(manifest);
  return path.join(path.dirname(manifest), typeof bin === 'string' ? bin : Object.values(bin)[0]);
}

/**
 * Makes the demo.
 * @param {{ mcp?: boolean | string }} [options] `mcp: false` leaves `.vscode/mcp.json` out, a text is taken as its content
 */
export function makeDemo({ mcp = true } = {}) {
  const place = temporaryFolder('code-mode-demo-');
  const folder = path.join(place, 'sundial');
  const memoryFile = path.join(place, 'memory.jsonl');
  cpSync(path.join(repository, 'test/fixtures/demo'), folder, { recursive: true });
  renameSync(path.join(folder, 'gitignore'), path.join(folder, '.gitignore'));
  if (mcp !== false) {
    const servers = {
      filesystem: { type: 'stdio', command: 'node', args: [mcpServer('filesystem'), '${workspaceFolder}'] },
      memory: { type: 'stdio', command: 'node', args: [mcpServer('memory')], env: { MEMORY_FILE_PATH: memoryFile } },
    };
    mkdirSync(path.join(folder, '.vscode'));
    writeFileSync(path.join(folder, '.vscode/mcp.json'), typeof mcp === 'string' ? mcp : `${JSON.stringify({ servers }, undefined, 2)}\n`);
  }
  const git = (...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', env: gitEnvironment() });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Demo');
  git('config', 'user.email', 'demo@localhost');
  git('config', 'commit.gpgsign', 'false');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Begin');
  return { place, folder, memoryFile, git };
}

/** Git as it is without anybody's own configuration, hooks or an outer repository. */
function gitEnvironment() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('GIT_')));
  return { ...env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
}
