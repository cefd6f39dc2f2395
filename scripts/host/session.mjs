// A real workbench in a real browser, with extensions under development loaded into it, for people's scripts, the demo
// and the end-to-end tests:
//
//   const workbench = await openWorkbench({ folder, extensions: [repository], settings });
//   await workbench.command('Code Mode: Show Approvals');
//   await workbench.screenshot('artifacts/approvals.png');
//   await workbench.close();
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { browserArguments, browserPath } from './browser.mjs';
import { startServer, temporaryFolder } from './server.mjs';

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
    const page = await context.newPage();
    const workbench = new Workbench(page, browser, server, { ...options, probeFile });
    await workbench.open();
    return workbench;
  } catch (error) {
    await browser?.close();
    await server.close();
    throw error;
  }
}

/** One open workbench. `page` is playwright's, for whatever the methods do not cover. */
export class Workbench {
  /**
   * Lines of the browser's console, which has the extension host's too.
   * @type {string[]}
   */
  console = [];

  /**
   * @param {import('playwright-core').Page} page
   * @param {import('playwright-core').Browser} browser
   * @param {Awaited<ReturnType<typeof startServer>>} server
   * @param {WorkbenchOptions & { probeFile: string }} options
   */
  constructor(page, browser, server, options) {
    this.page = page;
    this.browser = browser;
    this.server = server;
    this.options = options;
    this.url = workbenchUrl(server, options);
    page.on('console', (message) => {
      const line = `[${message.type()}] ${message.text()}`;
      this.console.push(line);
      options.onConsole?.(line);
    });
  }

  /** Loads the page, or loads it anew. */
  async open() {
    await this.page.goto(this.url, { waitUntil: 'domcontentloaded' });
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 90_000 });
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 90_000 });
  }

  /**
   * Runs a function in the extension host, against the real `vscode`, and returns what it returns.
   * It sees nothing of this file: arguments and result travel as JSON.
   * @template T
   * @param {(vscode: typeof import('vscode'), ...args: any[]) => T | Promise<T>} body
   * @returns {Promise<T>}
   */
  async evaluate(body, ...args) {
    await this.until('the extension host', () => existsSync(this.options.probeFile), 60_000);
    const { port, secret } = JSON.parse(readFileSync(this.options.probeFile, 'utf8'));
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: { authorization: secret }, body: JSON.stringify({ source: String(body), args }) });
    const value = await response.json();
    if (!response.ok) throw new Error(`In the extension host: ${value}`);
    return value;
  }

  /**
   * Waits until `look` gives something, and gives that.
   * @template T
   * @param {string} what completes “There is no … after 30 s.”
   * @param {() => T | undefined | false | Promise<T | undefined | false>} look
   * @returns {Promise<T>}
   */
  async until(what, look, timeout = 30_000) {
    const deadline = Date.now() + timeout;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`There is no ${what} after ${Math.round(timeout / 1000)} s.`);
      await this.page.waitForTimeout(200);
    }
  }

  /**
   * Presses a button of a notification whose text matches; false when there is no such notification in time.
   * @param {RegExp} text
   * @param {string | RegExp} button
   */
  async notification(text, button, timeout = 30_000) {
    const toast = this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text }).first();
    try {
      await toast.waitFor({ timeout });
    } catch {
      return false;
    }
    await toast.hover();
    await toast.getByRole('button', { name: button }).click();
    return true;
  }

  /**
   * Runs a command by its title, as the palette shows it.
   * @param {string} title
   */
  async command(title) {
    for (let attempt = 0; attempt < 4; attempt++) {
      try {
        const input = await this.quickInput('F1');
        await input.fill(`>${title}`, { timeout: 3_000 });
        await this.page.locator('.quick-input-widget .quick-input-list .monaco-list-row').filter({ hasText: title }).first().waitFor({ timeout: 5_000 });
        await this.page.keyboard.press('Enter');
        return;
      } catch {
        // The palette closes when focus moves elsewhere, and lists a command once its extension is known.
        await this.page.keyboard.press('Escape');
      }
    }
    throw new Error(`The palette has no command "${title}".`);
  }

  /**
   * Opens a file of the folder by name, through Quick Open.
   * @param {string} name
   */
  async openFile(name) {
    const input = await this.quickInput('Control+p');
    await input.fill(name);
    await this.page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: path.basename(name) }).first().waitFor({ timeout: 20_000 });
    await this.page.keyboard.press('Enter');
    await this.page.locator('.tab.active').filter({ hasText: path.basename(name) }).waitFor({ timeout: 20_000 });
  }

  /** @param {string} key */
  async quickInput(key) {
    const input = this.page.locator('.quick-input-widget:visible input').first();
    for (let attempt = 0; attempt < 5; attempt++) {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ timeout: 3_000 });
        return input;
      } catch {
        // The workbench was not ready for keys yet, or took them for something else.
      }
    }
    throw new Error(`${key} opened no quick input.`);
  }

  /** The webview of a view or editor: its inner document. `title` narrows it where several are open. */
  webview(index = 0) {
    return this.page.locator('iframe.webview').nth(index).contentFrame().locator('iframe#active-frame').contentFrame();
  }

  /** Opens the chat view. */
  async openChat() {
    if (await this.page.locator('.interactive-session .chat-editor-container .monaco-editor').first().isVisible()) return;
    await this.command('Chat: Open Chat');
    await this.page.locator('.interactive-session .chat-editor-container .monaco-editor').first().waitFor({ timeout: 30_000 });
  }

  /**
   * Types a message into the chat view and sends it; leading `@name` and `/command` are typed slowly, as completion wants it.
   * @param {string} message
   */
  async chat(message) {
    await this.openChat();
    await this.page.locator('.interactive-session .chat-editor-container .monaco-editor').first().click();
    const [, mentions = '', rest = ''] = /^((?:[@/#]\S+\s+)*)([^]*)$/.exec(message) ?? [];
    for (const mention of mentions.trim().split(/\s+/).filter(Boolean)) {
      await this.page.keyboard.type(`${mention} `, { delay: 40 });
    }
    await this.page.keyboard.type(rest, { delay: 5 });
    await this.page.keyboard.press('Enter');
  }

  /** What the chat view shows, as text. */
  async transcript() {
    return (await this.page.locator('.interactive-session .interactive-list').first().innerText()).replace(/\u00a0/g, ' ');
  }

  /** Visible notifications, as text. */
  async notifications() {
    return this.page.locator('.notifications-toasts .notification-list-item').allInnerTexts();
  }

  /** @param {keyof typeof themes} theme */
  async setTheme(theme) {
    await this.command('Preferences: Color Theme');
    const input = this.page.locator('.quick-input-widget:visible input').first();
    await input.waitFor();
    await input.fill({ dark: 'Dark Modern', light: 'Light Modern', contrast: 'Dark High Contrast', contrastLight: 'Light High Contrast' }[theme]);
    await this.page.waitForTimeout(600);
    await this.page.keyboard.press('Enter');
    await this.page.waitForTimeout(600);
  }

  /**
   * Saves a picture of the whole workbench.
   * @param {string} file
   */
  async screenshot(file) {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  async close() {
    await this.browser.close().catch(() => undefined);
    await this.server.close();
  }
}
