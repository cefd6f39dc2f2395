// One open workbench as tests, the demo and people's scripts drive it: whatever may close, move or be replaced between two
// steps is done as one, and waited for by what shows.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** How long, in ms, a state is waited for: a machine may have much else to do. */
export const patience = 60_000;

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
   * @param {Awaited<ReturnType<typeof import('./server.mjs').startServer>>} server
   * @param {{ url: string, probeFile: string, testsPath?: string, onConsole?: (line: string) => void }} options `probeFile` is written by the probe once its extension host is up
   */
  constructor(page, browser, server, options) {
    this.page = page;
    this.browser = browser;
    this.server = server;
    this.options = options;
    page.on('console', (message) => {
      const line = `[${message.type()}] ${message.text()}`;
      this.console.push(line);
      options.onConsole?.(line);
    });
  }

  /** Loads the page, or loads it anew, and waits until it has settled. */
  async open() {
    // The extension host of the page before answers for a while.
    rmSync(this.options.probeFile, { force: true });
    await this.page.goto(this.options.url, { waitUntil: 'domcontentloaded' });
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 90_000 });
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 90_000 });
    if (!this.options.testsPath) await this.evaluate(() => true);
    await this.settled();
  }

  /**
   * Waits until nothing has moved for a while: a window that opens brings back editors and webviews one by one, and each
   * takes the focus, which closes whatever quick pick or menu was opened by then.
   */
  async settled() {
    const look = () =>
      this.page.evaluate(() => {
        const focus = [];
        for (let element = document.activeElement; element !== null; element = element.parentElement) focus.push(element.className);
        const tabs = [...document.querySelectorAll('.tab')].map((tab) => `${tab.className} ${tab.getAttribute('aria-label')}`);
        return JSON.stringify([focus, tabs, document.querySelectorAll('iframe.webview').length, document.querySelectorAll('.monaco-progress-container.active').length]);
      });
    let before = await look();
    for (let since = Date.now(), started = since; Date.now() - since < 2_000 && Date.now() - started < patience; ) {
      await this.page.waitForTimeout(250);
      const now = await look();
      if (now !== before) since = Date.now();
      before = now;
    }
  }

  /**
   * Runs a function in the extension host, against the real `vscode`, and returns what it returns.
   * It sees nothing of this file: arguments and result travel as JSON.
   * @template T
   * @param {(vscode: typeof import('vscode'), ...args: any[]) => T | Promise<T>} body
   * @returns {Promise<T>}
   */
  async evaluate(body, ...args) {
    const { port, secret } = await this.until('extension host', () => JSON.parse(readFileSync(this.options.probeFile, 'utf8')), 90_000);
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: { authorization: secret }, body: JSON.stringify({ source: String(body), args }) });
    const value = await response.json();
    if (!response.ok) throw new Error(`In the extension host: ${value}`);
    return value;
  }

  /**
   * Waits until `look` gives something, and gives that. One that throws is asked again: what it looked at may just have
   * been replaced.
   * @template T
   * @param {string} what completes “There is no … after 60 s.”
   * @param {() => T | undefined | false | Promise<T | undefined | false>} look
   * @returns {Promise<T>}
   */
  async until(what, look, timeout = patience) {
    const deadline = Date.now() + timeout;
    for (let problem; ; ) {
      try {
        const found = await look();
        if (found) return found;
        problem = undefined;
      } catch (error) {
        problem = error;
      }
      if (Date.now() > deadline || this.page.isClosed()) {
        throw new Error(`There is no ${what} after ${Math.round(timeout / 1000)} s.${problem === undefined ? '' : ` ${problem.message}`} ${await this.shown()}`, { cause: problem });
      }
      await this.page.waitForTimeout(200);
    }
  }

  /**
   * Does several steps that belong together, all of them again where one fails: a quick pick, menu or notification closes
   * by itself when the workbench gives the focus to something else.
   * @template T
   * @param {string} what
   * @param {() => Promise<T>} steps each with a time-out that is short enough
   * @returns {Promise<T>}
   */
  async together(what, steps, timeout = 2 * patience) {
    for (const deadline = Date.now() + timeout; ; ) {
      try {
        return await steps();
      } catch (error) {
        if (Date.now() > deadline || this.page.isClosed()) throw new Error(`${what} failed again and again for ${Math.round(timeout / 1000)} s: ${error.message} ${await this.shown()}`, { cause: error });
        if (await this.quickPick.isVisible()) await this.page.keyboard.press('Escape');
        await this.page.waitForTimeout(250);
      }
    }
  }

  /** What stands over the workbench, in a line, for somebody who has no picture. */
  async shown() {
    const texts = async (what, selector) => (await this.page.locator(selector).filter({ visible: true }).allInnerTexts()).map((text) => `${what}: ${text.replaceAll(/\s+/g, ' ').slice(0, 200)}.`);
    try {
      return [...(await texts('Notification', '.notifications-toasts .notification-list-item')), ...(await texts('Dialog', '.monaco-dialog-box')), ...(await texts('Quick pick', '.quick-input-widget'))].join(' ');
    } catch {
      return '';
    }
  }

  /** The list or input at the top, while there is one. */
  get quickPick() {
    return this.page.locator('.quick-input-widget:visible').first();
  }

  /**
   * Presses a button of a notification whose text matches, also where it has gone from the corner to the list of
   * notifications; false when there is no such notification in time.
   * @param {RegExp} text
   * @param {string | RegExp} button
   */
  async notification(text, button, timeout = patience) {
    const center = this.page.locator('.notifications-center');
    const places = [this.page.locator('.notifications-toasts'), center].map((place) => place.locator('.notification-list-item').filter({ hasText: text }).first());
    const deadline = Date.now() + timeout;
    for (let looked = Date.now(); ; ) {
      for (const item of places) {
        if (!(await item.isVisible())) continue;
        try {
          await item.hover({ timeout: 3_000 });
          await item.getByRole('button', { name: button }).click({ timeout: 3_000 });
          if (await center.isVisible()) await this.page.keyboard.press('Escape');
          return true;
        } catch {
          // It moved, or has just gone to the list.
        }
      }
      if (Date.now() > deadline) return false;
      if (Date.now() - looked > 15_000) {
        await this.command('Notifications: Show Notifications');
        looked = Date.now();
      }
      await this.page.waitForTimeout(200);
    }
  }

  /**
   * Runs a command by its title, as the palette shows it.
   * @param {string} title
   */
  async command(title) {
    await this.together(`The command "${title}"`, async () => {
      const input = await this.quickInput('F1', /^>/);
      await input.fill(`>${title}`, { timeout: 3_000 });
      // The list follows what is typed, and what it showed before is there until then.
      let before = '';
      await this.until(`command "${title}"`, async () => {
        const rows = (await this.quickPick.locator('.monaco-list-row').allInnerTexts()).join('\n');
        const isStill = rows === before;
        before = rows;
        return isStill && rows.includes(title);
      }, 10_000);
      await this.focusRow(title);
      await input.press('Enter', { timeout: 3_000 });
      await this.until('end of the palette', async () => !(await input.isVisible()) || !/^>/.test(await input.inputValue({ timeout: 1_000 }).catch(() => '')), 30_000);
    });
  }

  /**
   * Opens a list by a command and takes the first row that fits, as one step.
   * @param {string} command its title
   * @param {string | RegExp} text
   * @param {(row: import('playwright-core').Locator) => Promise<unknown>} [look] at the row, before it is taken
   */
  async pick(command, text, look = async () => {}) {
    await this.together(`"${text}" in the list of "${command}"`, async () => {
      await this.command(command);
      await this.row(text).waitFor({ timeout: 20_000 });
      await look(this.row(text));
      await this.choose(text);
    });
  }

  /**
   * Takes the first row that fits of the list that is open; by keyboard, since what a row says when it is hovered over
   * stands in the way of a mouse.
   * @param {string | RegExp} text
   */
  async choose(text) {
    const row = this.row(text);
    await row.waitFor({ timeout: 20_000 });
    await this.focusRow(text);
    await this.quickPick.locator('input').first().press('Enter', { timeout: 3_000 });
    await row.waitFor({ state: 'hidden', timeout: 20_000 });
  }

  async focusRow(text) {
    const isFocused = async () => this.row(text).evaluate((element) => element.classList.contains('focused'), undefined, { timeout: 3_000 });
    for (let steps = 0; steps < 100 && !(await isFocused()); steps++) await this.quickPick.locator('input').first().press('ArrowDown', { timeout: 3_000 });
  }

  /** A row of the list that is open. */
  row(text, state = '') {
    return this.page.locator(`.quick-input-widget:visible .monaco-list-row${state}`).filter({ hasText: text }).first();
  }

  /**
   * Opens a file of the folder by name, through Quick Open.
   * @param {string} name
   */
  async openFile(name) {
    await this.together(`Opening ${name}`, async () => {
      const input = await this.quickInput('Control+p', /^[^>]*$/);
      await input.fill(name, { timeout: 3_000 });
      await this.row(path.basename(name), '.focused').waitFor({ timeout: 20_000 });
      await input.press('Enter', { timeout: 3_000 });
      await this.page.locator('.tab.active').filter({ hasText: path.basename(name) }).first().waitFor({ timeout: 20_000 });
    });
  }

  /**
   * The input that a key opens.
   * @param {string} key
   * @param {RegExp} value what is in it at first
   */
  async quickInput(key, value) {
    const input = this.page.locator('.quick-input-widget:visible input').first();
    for (let attempt = 0; attempt < 5; attempt++) {
      await this.page.keyboard.press(key);
      try {
        await this.until(`input that ${key} opens`, async () => (await input.isVisible()) && value.test(await input.inputValue({ timeout: 1_000 })), 3_000);
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
    const editor = this.page.locator('.interactive-session .chat-editor-container .monaco-editor').first();
    if (await editor.isVisible()) return;
    await this.command('Chat: Open Chat');
    await editor.waitFor();
  }

  /**
   * Types a message into the chat view and sends it; leading `@name` and `/command` are typed slowly, as completion wants it.
   * @param {string} message
   */
  async chat(message) {
    await this.openChat();
    const { keyboard } = this.page;
    const [, mentions = '', rest = ''] = /^((?:[@/#]\S+\s+)*)([^]*)$/.exec(message) ?? [];
    await this.together(`Typing "${message}" into the chat`, async () => {
      // Several notifications, one over the other, cover the input.
      await this.evaluate(async (vscode) => void (await vscode.commands.executeCommand('notifications.hideToasts')));
      await this.page.locator('.interactive-session .chat-editor-container .monaco-editor').first().click({ timeout: 10_000 });
      await keyboard.press('Control+a');
      await keyboard.press('Delete');
      for (const mention of mentions.trim().split(/\s+/).filter(Boolean)) await keyboard.type(`${mention} `, { delay: 40 });
      await keyboard.type(rest, { delay: 5 });
      // Somebody may have taken the focus in the middle.
      await this.until('message in the chat', async () => (await this.typed()) === bare(message), 5_000);
    });
    await this.until('end of typing', async () => {
      // The first one may be for a completion.
      if ((await this.typed()) === bare(message)) await this.page.locator('.interactive-session .chat-editor-container .monaco-editor').first().press('Enter');
      await this.page.waitForTimeout(1_000);
      return (await this.typed()) !== bare(message);
    });
  }

  /** What stands in the input of the chat, without blanks; lines are where they stand, not where they are in the document. */
  async typed() {
    const lines = await this.page.locator('.interactive-session .chat-editor-container .view-line').evaluateAll((all) => all.map((line) => [parseFloat(line.style.top), line.textContent ?? '']));
    return bare(lines.sort(([one], [other]) => one - other).map(([, text]) => text).join(''));
  }

  /** What the chat view shows, as text. */
  async transcript() {
    return (await this.page.locator('.interactive-session .interactive-list').first().innerText()).replace(/\u00a0/g, ' ');
  }

  /** Visible notifications, as text. */
  async notifications() {
    return this.page.locator('.notifications-toasts .notification-list-item').allInnerTexts();
  }

  /** @param {'dark' | 'light' | 'contrast' | 'contrastLight'} theme */
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
    // Lists fade in: of a picture in between nothing can be told.
    await this.page.screenshot({ path: file, animations: 'disabled' });
    return file;
  }

  async close() {
    await this.browser.close().catch(() => undefined);
    await this.server.close();
  }
}

const bare = (text) => text.replaceAll(/[\s\u00a0\u200b]+/g, '');
