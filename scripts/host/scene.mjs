// The scene: one request in chat that takes several tools, a script, its approval, one diff, one commit. Played in the
// real workbench by `npm start -- --play`, and step by step, with assertions between, by test/e2e/scene.test.ts.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repository, sentence } from './demo.mjs';
import { Panel } from './panel.mjs';
import { openWorkbench } from './session.mjs';

/** The scene's steps, in the order a person takes them. Each waits for what it needs and throws when it does not come. */
export class Scene {
  /**
   * @param {{ workbench: import('./workbench.mjs').Workbench, demo: ReturnType<typeof import('./demo.mjs').makeDemo>,
   *   log?: (line: string) => void, picture?: (name: string) => Promise<void> }} options `picture` saves one, under a name
   */
  constructor({ workbench, demo, log = () => {}, picture = async () => {} }) {
    this.workbench = workbench;
    this.page = workbench.page;
    this.demo = demo;
    this.panel = new Panel(workbench);
    this.log = log;
    this.picture = picture;
  }

  /** Says yes to the servers of `.vscode/mcp.json`, after looking at what they are. */
  async approveServers() {
    const asked = await this.workbench.notification(/MCP server/, /^Review Server/, 90_000);
    if (!asked) throw new Error('Nobody asked whether the servers of .vscode/mcp.json may be started.');
    const rows = this.workbench.quickPick.locator('.monaco-list-row');
    await rows.first().waitFor();
    await this.picture('servers');
    const list = await rows.allInnerTexts();
    await this.workbench.quickPick.locator('.monaco-button').filter({ hasText: 'OK' }).click();
    await rows.first().waitFor({ state: 'hidden' });
    return list;
  }

  /** Sends a message to the scripted model. */
  async say(message = sentence) {
    await this.workbench.evaluate(async (vscode) => {
      for (let tries = 0; tries < 300; tries++) {
        if ((await vscode.lm.selectChatModels({ vendor: 'code-mode-demo' })).length > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error('The scripted model did not register.');
    });
    await this.workbench.chat(message);
  }

  /**
   * The next question of the panel, which is brought up if need be.
   * @param {RegExp} text
   */
  async question(text, timeout = 90_000) {
    const asks = this.page.locator('.statusbar-item', { hasText: 'Code Mode asks' });
    return this.workbench.until(
      `question ${text}`,
      async () => {
        if ((await this.panel.frame()) === undefined && (await asks.isVisible())) await asks.click({ timeout: 3_000 });
        const question = await this.panel.question();
        return question && text.test(question.text) ? question : undefined;
      },
      timeout,
    );
  }

  async allowStart() {
    const { text } = await this.question(/Let this script run/);
    await this.picture('start');
    await this.panel.press('Start');
    return text;
  }

  /** @param {string} name */
  async allowCall(name) {
    const { text } = await this.question(new RegExp(`^\\s*Allow\\s.*${name}`, 's'));
    await this.picture('call');
    await this.panel.press('Allow Once');
    return text;
  }

  /** Waits for the changes that wait for review. */
  async staged(timeout = 90_000) {
    // Edits are there while the script still runs; all of them are once it waits for review.
    const { text } = await this.workbench.until('change set in the panel', async () => (/Waits for your review/.test(await this.panel.text()) ? this.panel.changes() : undefined), timeout);
    return text;
  }

  /** Opens the multi-file diff; gives the names of the files in it. */
  async review() {
    await this.panel.press('Review Changes');
    const shown = this.page.locator('.multiDiffEditor .multiDiffEntry .file-path .label-name');
    await shown.first().waitFor();
    await this.page.waitForTimeout(1_500);
    await this.picture('diff');
    // Only what is in view exists: the rest comes while scrolling.
    const names = new Set();
    const editor = await this.page.locator('.multiDiffEditor').first().boundingBox();
    for (let turns = 0, known = 0; turns < 15; turns++) {
      for (const name of await shown.allInnerTexts()) names.add(name.replaceAll('\u200e', '').trim());
      if (names.size > known) turns = 0;
      known = names.size;
      await this.page.mouse.move(editor.x + editor.width / 2, editor.y + editor.height / 2);
      await this.page.mouse.wheel(0, 400);
      await this.page.waitForTimeout(200);
    }
    return [...names].filter((name) => name !== '');
  }

  async apply() {
    const before = this.demo.git('rev-parse', 'HEAD');
    await this.panel.press('Apply');
    await this.workbench.until('new commit', () => this.demo.git('rev-parse', 'HEAD') !== before);
    // The commit stands before the last step of Apply is recorded.
    await this.workbench.until('end of Apply', async () => !/Applying/.test((await this.panel.text()) ?? ''));
  }

  /**
   * The chat, once it holds `text`.
   * @param {RegExp} text
   */
  async answered(text, timeout = 90_000) {
    return this.workbench.until(
      `answer with ${text} in chat`,
      async () => {
        const transcript = await this.workbench.transcript();
        return text.test(transcript) ? transcript : undefined;
      },
      timeout,
    );
  }
}

/** Plays it from the first window to the commit, telling each step. */
export async function playScene({ demo, extensions, log, artifacts, theme }) {
  const mcp = existsSync(path.join(demo.folder, '.vscode/mcp.json'));
  log('\nOpening VS Code in a browser.');
  const workbench = await openWorkbench({ folder: demo.folder, extensions, theme, log });
  let pictures = 0;
  const picture = async (name) => {
    const file = path.join(artifacts, `scene-${++pictures}-${name}.png`);
    await workbench.screenshot(file);
    log(`   picture: ${path.relative(repository, file)}`);
  };
  const scene = new Scene({ workbench, demo, log, picture });
  const tell = (title, text) => log(`\n${title}${text ? `\n${indented(text)}` : ''}`);
  try {
    tell('Asking in chat:', sentence);
    await scene.say();
    if (mcp) tell('Two MCP servers are configured. Looking at them, then allowing both:', (await scene.approveServers()).join('\n'));
    if (mcp) {
      tell('The script is written and checked. The panel shows what it may reach:', await scene.allowStart());
      tell('Its write to the memory server asks first:', await scene.allowCall('create_entities'));
    }
    tell('The script has ended. Nothing is changed yet:', await scene.staged());
    tell('Looking at all of it as one diff:', (await scene.review()).join('\n'));
    tell('Applying.');
    await scene.apply();
    await scene.answered(/have a doc comment now[^]*Commit/);
    await picture('done');
    tell('git log --stat', demo.git('log', '--stat', '-1'));
    tell('git show', demo.git('show', '--format=', '--unified=1', 'HEAD'));
    tell('git status --short (nothing left over)', demo.git('status', '--short') || '(clean)');
    if (mcp) tell('The note in the memory server’s file', readFileSync(demo.memoryFile, 'utf8'));
    log(`\nDone. ${pictures} pictures are in ${path.relative(process.cwd(), artifacts) || artifacts}.`);
  } catch (error) {
    await picture('failed').catch(() => undefined);
    const said = await workbench.transcript().catch(() => '');
    if (said) tell('What the chat says:', said);
    throw error;
  } finally {
    await workbench.close();
  }
}

const indented = (text) => text.trimEnd().split('\n').map((line) => `    ${line}`).join('\n');
