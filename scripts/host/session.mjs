// A real workbench in a real browser, with extensions under development loaded into it, for people's scripts, the demo
// and the end-to-end tests:
//
//   const workbench = await openWorkbench({ folder, extensions: [repository], settings });
//   await workbench.command('Code Mode: Show Approvals');
//   await workbench.screenshot('artifacts/approvals.png');
//   await workbench.close();
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { browserArguments, browserPath } from './browser.mjs';
import { startServer, temporaryFolder } from './server.mjs';
import { patience, Workbench } from './workbench.mjs';

const probe = fileURLToPath(new URL('../../test/e2e/probe', import.meta.url));

const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  contrast: 'Default High Contrast',
  contrastLight: 'Default High Contrast Light',
};

/**
 * @typedef {{
 *   folder?: string, workspace?: string,
 *   extensions?: readonly string[], settings?: Record<string, unknown>, keybindings?: unknown[], env?: Record<string, string | undefined>,
 *   testsPath?: string, home?: string, theme?: keyof typeof themes, viewport?: { width: number, height: number },
 *   headless?: boolean, verbose?: boolean, log?: (line: string) => void, onConsole?: (line: string) => void,
 * }} WorkbenchOptions `folder` and `workspace` (a .code-workspace file) are absolute; `extensions` are folders with a package.json
 */

/** The address of a workbench, with the secret that opens it. With `testsPath`, extensions are loaded as under development and that module is run. */
export function workbenchUrl(server, { folder, workspace, extensions = [], testsPath, env = {} }) {
  const remote = (file) => `vscode-remote://${server.authority}${file.split(path.sep).map(encodeURIComponent).join('/')}`;
  const payload = [
    ...extensions.map((extension) => ['extensionDevelopmentPath', remote(extension)]),
    ['extensionTestsPath', remote(testsPath ?? '')],
    ['extensionEnvironment', JSON.stringify(env)],
    ['skipWelcome', 'true'],
  ];
  const place = workspace ? ['workspace', workspace] : folder ? ['folder', folder] : ['ew', 'true'];
  const query = new URLSearchParams([['tkn', server.token], place, ...(testsPath ? [['payload', JSON.stringify(payload)]] : [])]);
  return `${server.origin}/?${query}`;
}

/**
 * Opens a workbench and waits until it is up.
 * @param {WorkbenchOptions} options
 */
export async function openWorkbench(options) {
  const probeFile = path.join(temporaryFolder('code-mode-probe-'), 'address.json');
  const probed = { extensions: [...(options.extensions ?? []), probe], env: { CODE_MODE_PROBE: probeFile, ...options.env } };
  const server = await startServer({ ...options, ...probed, smokeTestDriver: options.testsPath !== undefined, ...(options.testsPath ? { extensions: [] } : {}), settings: { 'workbench.colorTheme': themes[options.theme ?? 'dark'], ...options.settings } });
  let browser;
  try {
    browser = await chromium.launch({ executablePath: await browserPath(options), headless: options.headless ?? true, args: browserArguments });
    const context = await browser.newContext({ viewport: options.viewport ?? { width: 1440, height: 900 } });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const workbench = new Workbench(page, browser, server, { ...options, url: workbenchUrl(server, options), probeFile });
    await workbench.open();
    return workbench;
  } catch (error) {
    await browser?.close();
    await server.close();
    throw error;
  }
}
