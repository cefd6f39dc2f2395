// A browser of the Chromium family: the one that is there, or Debian's, installed when this runs as root.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const names = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge'];
const places = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** Switches that keep the browser quiet, local, and able to run as root in a container. */
export const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Path of a browser that playwright can drive.
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<string>}
 */
export async function browserPath({ log = console.log } = {}) {
  const given = process.env.CHROME_PATH;
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROME_PATH names ${given}, which does not exist. Set it to a Chrome or Chromium executable, or unset it.`);
    return given;
  }
  const found = find();
  if (found) return found;
  if (existsSync('/etc/debian_version')) {
    if (process.getuid?.() === 0) {
      log('No browser found: installing Debian\'s chromium with apt-get (about 1 minute).');
      const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
      apt('update', '-q');
      const installed = apt('install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
      const browser = find();
      if (browser) return browser;
      throw new Error(`apt-get could not install chromium: ${String(installed.stderr).trim().split('\n').pop()}. Install a Chrome or Chromium and set CHROME_PATH to it.`);
    }
    throw new Error(`No browser found. Run: sudo apt-get install -y ${debian() ? 'chromium' : 'chromium-browser'} (or set CHROME_PATH to a Chrome or Chromium).`);
  }
  throw new Error('No browser found. Install Google Chrome or Chromium, or set CHROME_PATH to one.');
}

function find() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return [...names.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...places].find(executable);
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const debian = () => /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
