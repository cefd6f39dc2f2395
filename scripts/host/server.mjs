// One VS Code server: own process group, isolated folders, a free port, gone at the end whatever happens.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { vscodeServer } from './vscode.mjs';

const leash = fileURLToPath(new URL('./leash.mjs', import.meta.url));
const open = new Set();

/** Closes every server of this process, at once; also runs at exit and on signals. */
export function closeServers() {
  for (const close of [...open]) close();
}
process.once('exit', closeServers);
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => {
    closeServers();
    process.exit(code);
  });
}

const temporary = new Set();
process.once('exit', () => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** A new folder below the system's temporary one, removed at exit. */
export function temporaryFolder(prefix = 'code-mode-') {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), prefix)));
  temporary.add(folder);
  return folder;
}

/** Settings that make an unattended workbench quiet; callers' own win. */
export const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
  'window.commandCenter': false,
  // In a browser VS Code saves by itself after a second, and what a test left unsaved is no longer that.
  'files.autoSave': 'off',
};

/**
 * Starts a server.
 * @param {{ home?: string, userData?: string, extensionsDirectory?: string, settings?: Record<string, unknown>, keybindings?: unknown[], env?: Record<string, string | undefined>,
 *   extensions?: readonly string[], smokeTestDriver?: boolean, log?: (line: string) => void, verbose?: boolean }} [options]
 *   `extensions` are installed as they stand, by a link, and run as anybody's would; `smokeTestDriver` lets a page name
 *   extensions and tests to run, and hides notifications and dialogs, so that it is for integration tests alone;
 *   `home` keeps profile folders between sessions (reload and restart tests)
 * @returns {Promise<{ origin: string, authority: string, token: string, port: number, home: string, userData: string, version: string, output(): string, close(): Promise<void> }>}
 */
export async function startServer(options = {}) {
  const vscode = await vscodeServer({ log: options.log });
  const ownHome = options.home === undefined;
  const home = options.home ?? temporaryFolder('code-mode-host-');
  const userData = path.resolve(options.userData ?? path.join(home, 'user'));
  const extensionsDirectory = path.resolve(options.extensionsDirectory ?? path.join(home, 'extensions'));
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  mkdirSync(extensionsDirectory, { recursive: true });
  // Sockets and scratch files of the server go where they are removed with it.
  const scratch = path.join(home, 'tmp');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  for (const extension of options.extensions ?? []) installExtension(extension, extensionsDirectory);
  const settingsFile = path.join(userData, 'User', 'settings.json');
  if (!existsSync(settingsFile)) writeFileSync(settingsFile, JSON.stringify({ ...quietSettings, ...options.settings }, undefined, 2));
  if (options.keybindings) writeFileSync(path.join(userData, 'User', 'keybindings.json'), JSON.stringify(options.keybindings, undefined, 2));

  const port = await freePort();
  const token = randomBytes(16).toString('hex');
  const child = spawn(
    process.execPath,
    [
      leash, vscode.node, vscode.main,
      '--host', '127.0.0.1', '--port', String(port),
      // Without this secret, anybody on this machine, and any page that finds the port, could run programs in it.
      '--connection-token', token,
      '--accept-server-license-terms',
      '--server-data-dir', path.join(home, 'server'),
      '--user-data-dir', userData,
      '--extensions-dir', extensionsDirectory,
      ...(options.smokeTestDriver ? ['--enable-smoke-test-driver'] : []),
      '--telemetry-level', 'off',
    ],
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: serverEnvironment({ TMPDIR: scratch, XDG_RUNTIME_DIR: scratch, ...options.env }) },
  );
  let output = '';
  let gone = false;
  const exited = new Promise((resolve) => child.once('close', () => resolve(undefined)).once('error', () => resolve(undefined)));
  void exited.then(() => (gone = true));
  const kill = () => {
    open.delete(kill);
    if (gone || child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  open.add(kill);
  const listening = new Promise((resolve, reject) => {
    const take = (data) => {
      output = (output + data).slice(-200_000);
      if (options.verbose) process.stderr.write(data);
      if (/agent listening/i.test(output)) resolve(undefined);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void exited.then(() => reject(new Error(`The VS Code server ended before it listened:\n${output.slice(-2000)}`)));
    setTimeout(() => reject(new Error(`The VS Code server did not listen within 60 seconds:\n${output.slice(-2000)}`)), 60_000).unref();
  });
  try {
    await listening;
  } catch (error) {
    kill();
    throw error;
  }
  const authority = `127.0.0.1:${port}`;
  return {
    origin: `http://${authority}`,
    authority,
    token,
    port,
    home,
    userData,
    version: vscode.version,
    output: () => output,
    async close() {
      kill();
      await exited;
      if (ownHome) rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function installExtension(folder, extensions) {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const link = path.join(extensions, `${publisher}.${name}-${version}`);
  if (!existsSync(link)) symlinkSync(folder, link, 'dir');
}

/** What of our environment the server may see: not what an outer VS Code, npm or test runner left there. */
function serverEnvironment(extra = {}) {
  const env = {};
  for (const [key, value] of Object.entries(process.env)) {
    if (/^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|VITEST|CI$)/.test(key)) continue;
    env[key] = value;
  }
  for (const [key, value] of Object.entries(extra)) {
    if (value === undefined) delete env[key];
    else env[key] = value;
  }
  return env;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
