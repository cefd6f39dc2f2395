// A desktop VS Code, where one is installed and there is a screen to show it on.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quietSettings } from './server.mjs';

const places = [
  '/Applications/Visual Studio Code.app/Contents/MacOS/Electron',
  '/usr/share/code/code',
  '/usr/lib/code/code',
  '/opt/visual-studio-code/code',
  '/snap/code/current/usr/share/code/code',
  path.join(process.env.LOCALAPPDATA ?? '/', 'Programs/Microsoft VS Code/Code.exe'),
  path.join(process.env.ProgramFiles ?? '/', 'Microsoft VS Code/Code.exe'),
];

/** True where a window can be shown. */
export function hasScreen() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/**
 * Executable of the desktop VS Code: the one CODE_MODE_VSCODE names, or one that is installed.
 * `npm` and `floor` in its place ask for the VS Code from npm.
 */
export function desktopVscode() {
  const asked = process.env.CODE_MODE_VSCODE;
  if (asked === 'npm' || asked === 'floor' || !hasScreen()) return undefined;
  if (asked) {
    if (!existsSync(asked)) throw new Error(`CODE_MODE_VSCODE names ${asked}, which does not exist. Set it to the executable of a desktop VS Code, or to npm.`);
    return asked;
  }
  return places.find((place) => existsSync(place));
}

/** Opens a window with profile folders of its own and waits until it is closed. Resolves with the exit code. */
export async function openDesktop(executable, { folder, extensions, home }) {
  const userData = path.join(home, 'user');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(path.join(userData, 'User', 'settings.json'), JSON.stringify(quietSettings, undefined, 2));
  const child = spawn(
    executable,
    [
      ...extensions.map((extension) => `--extensionDevelopmentPath=${extension}`),
      `--user-data-dir=${userData}`,
      `--extensions-dir=${path.join(home, 'extensions')}`,
      '--disable-workspace-trust',
      '--skip-welcome',
      '--skip-release-notes',
      '--disable-updates',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      folder,
    ],
    { stdio: 'ignore' },
  );
  process.once('exit', () => child.kill());
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (code) => resolve(code ?? 1)));
}
