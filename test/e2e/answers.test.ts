import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, mcpServer, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { temporaryFolder } from '../../scripts/host/server.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';
import { expectReadableInEveryTheme, violationsOf } from './accessibility.js';

describe('a question that shows in the panel, in chat and as a notification', () => {
  const file = path.join(temporaryFolder('code-mode-notes-'), 'notes.txt');
  const servers = {
    notes: { command: 'node', args: [path.join(repository, 'test/fixtures/mcp/notes.mjs'), file] },
    filesystem: { command: 'node', args: [mcpServer('filesystem'), '${workspaceFolder}'] },
  };
  const demo = makeDemo({ mcp: JSON.stringify({ servers }) });
  let workbench: Workbench;
  let scene: Scene;

  beforeAll(async () => {
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel] });
    scene = new Scene({ workbench, demo });
    await scene.say('@codemode add a note to the list');
    await scene.approveServers();
  });
  afterAll(async () => workbench?.close());

  const picture = async (name: string) => workbench.screenshot(path.join(repository, 'artifacts', `answers-${name}.png`));
  const noted = (): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  /** What chat says last. Rows are reused: their order in the document says nothing. */
  const answer = async () => {
    const rows = workbench.page.locator('.interactive-session .interactive-list .monaco-list-row');
    const last = await rows.evaluateAll((all) => Math.max(...all.map((row) => Number(row.getAttribute('data-index')))));
    return workbench.page.locator(`.interactive-session .interactive-list .monaco-list-row[data-index="${last}"]`).first();
  };
  const says = async (text: RegExp): Promise<void> => {
    await workbench.until(`chat saying ${text}`, async () => text.test((await (await answer()).innerText().catch(() => '')).replaceAll('\u00a0', ' ')));
  };
  const chatButton = async (name: string) => (await answer()).locator('.monaco-button').filter({ hasText: new RegExp(`^${name}$`) }).last();
  /** By keyboard: what was said first stands under the heading of its request. */
  const pressInChat = async (name: string): Promise<void> => workbench.together(`Pressing "${name}" in the chat`, async () => (await chatButton(name)).press('Enter', { timeout: 5_000 }));
  const toast = (text: RegExp) => workbench.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text }).first();
  const isAsking = async (): Promise<boolean> => workbench.page.locator('.statusbar-item', { hasText: 'Code Mode asks' }).isVisible();
  const saysLate = async (): Promise<void> => {
    await toast(/This was answered already/).waitFor();
    await workbench.command('Notifications: Clear All Notifications');
  };
  /** Another script asks, with its start allowed in chat. */
  const ask = async (): Promise<void> => {
    await workbench.until('end of the answer before', async () => !(await isAsking()));
    await scene.say('@codemode add a note to the list');
    await workbench.until('question for the start', isAsking);
    await says(/Waiting for your answer on the start/);
    await pressInChat('Start');
    await says(/Waiting for your answer on notes\.add/);
  };

  it('is answered in chat, by the buttons that stand there, and is gone everywhere', async () => {
    await workbench.command('Code Mode: Show Approvals');
    await scene.question(/Let this script run/);
    await pressInChat('Start');
    await scene.question(/^\s*Allow\s.*notes\.add/s);
    await picture('chat');
    await pressInChat('Allow Once');
    await workbench.until('the note', () => noted() === 1);
    await workbench.until('no question', async () => (await scene.panel.question()) === undefined && !(await isAsking()));
  });

  it('takes no second answer from a button that stands there still', async () => {
    for (const late of ['Allow Once', 'Skip', 'Start']) {
      await pressInChat(late);
      await saysLate();
    }
    expect(noted()).toBe(1);
  });

  it('is answered once where the panel and the chat are pressed together', async () => {
    await ask();
    await scene.question(/^\s*Allow\s.*notes\.add/s);
    const inPanel = await scene.panel.button('Allow Once');
    const inChat = await chatButton('Allow Once');
    await Promise.all([inPanel.dispatchEvent('click'), inChat.press('Enter')]);
    await workbench.until('end of the run', async () => /Finished/.test(await scene.panel.text()) && !(await isAsking()));
    expect(noted()).toBe(2);
    await workbench.command('Notifications: Clear All Notifications');
  });

  it('stands as long as nobody answers, also with the panel hidden and its notification closed', async () => {
    await workbench.command('View: Show Explorer');
    await ask();
    const told = toast(/notes\.add waits for your answer/);
    await told.waitFor();
    expect(await told.innerText()).toContain('{"text":"noted"}');
    await picture('notification');
    await workbench.together('Closing the notification', async () => {
      // It goes by itself too, after a while.
      if (!(await told.isVisible())) return;
      await told.hover({ timeout: 3_000 });
      await told.locator('.codicon-notifications-clear, .codicon-close').first().click({ timeout: 3_000 });
    });
    await told.waitFor({ state: 'detached' });
    await workbench.page.waitForTimeout(1_500);
    expect(await isAsking()).toBe(true);
    expect(noted()).toBe(2);
    const { text } = await scene.question(/^\s*Allow\s.*notes\.add/s);
    expect(text).toContain('noted');
    await scene.panel.press('Skip');
    await scene.answered(/skip/i);
    expect(noted()).toBe(2);
  });

  it('is answered in its notification, and then nowhere else', async () => {
    await workbench.command('View: Show Explorer');
    await ask();
    await toast(/notes\.add waits for your answer/).waitFor();
    expect(await workbench.notification(/notes\.add waits for your answer/, 'Allow Once')).toBe(true);
    await workbench.until('the note', () => noted() === 3);
    await workbench.until('no question', async () => !(await isAsking()));
    await workbench.command('Code Mode: Show Approvals');
    await workbench.until('panel without a question', async () => /Finished/.test(await scene.panel.text()) && (await scene.panel.question()) === undefined);
  });

  it('is not answered by its notification once it was answered in chat', async () => {
    await workbench.command('View: Show Explorer');
    await ask();
    const told = toast(/notes\.add waits for your answer/);
    await told.waitFor();
    await pressInChat('Skip');
    await workbench.until('no question', async () => !(await isAsking()));
    expect(await workbench.notification(/notes\.add waits for your answer/, 'Allow Once')).toBe(true);
    await saysLate();
    expect(noted()).toBe(3);
  });

  it('that changes a file shows the difference in the panel and in chat, whatever file it is', async () => {
    writeFileSync(path.join(demo.folder, '.env'), 'GREETING=hi\nPORT=1\n');
    await scene.say('@codemode write files that are asked for');
    await scene.allowStart();
    const { text } = await scene.question(/package\.json/);
    await workbench.until('the lines', async () => /added: \s*9?\s*\+?\s*"build"/.test((await scene.panel.question())?.text ?? ''));
    expect(text).not.toContain('\\n');
    await says(/\+\s+"test": "node --test"/);
    await inEveryTheme('file');
  });

  it('lets its text be edited as a text, with the difference it would make beside it', async () => {
    const frame = await scene.panel.shown();
    await scene.panel.press('Edit');
    const area = frame.getByRole('textbox', { name: 'text of write' });
    expect(await area.inputValue()).toContain('{\n  "name": "sundial"');
    await area.fill('{ "name": "edited" }\n');
    await workbench.until('the difference of the edit', async () => /\{ "name": "edited" \}/.test((await frame.locator('.editor .diff').allInnerTexts()).join('\n')));
    expect(await violationsOf(frame)).toEqual([]);
    await picture('edited');
    await workbench.page.keyboard.press('Tab');
    await scene.panel.press('Allow Edited');
    await scene.question(/would change \.env/);
    expect(readFileSync(path.join(demo.folder, 'package.json'), 'utf8')).toContain('sundial');
  });

  it('compares a server’s write with the file it likely means, shows all of its arguments, and opens both sides', async () => {
    await scene.panel.press('Allow Once');
    await scene.question(/filesystem\.write_file/);
    await workbench.until('the comparison', async () => /Going by its arguments, this call writes 'README\.md'/.test((await scene.panel.question())?.text ?? ''));
    expect((await scene.panel.question())?.text).toMatch(/content\s+# Sundial\s+Small\./);
    await scene.panel.press('Open README.md in the diff editor');
    await workbench.until('diff editor', async () => workbench.evaluate((vscode) => vscode.window.tabGroups.activeTabGroup.activeTab?.label.startsWith('README.md')));
    await scene.panel.press('Skip');
    await workbench.until('end of the run', async () => !(await isAsking()));
    expect(demo.git('status', '--porcelain', '--', 'README.md', 'package.json')).toBe('');
  });

  const inEveryTheme = async (name: string): Promise<void> => expectReadableInEveryTheme(workbench, async () => scene.panel.shown(), async (theme) => picture(`${name}-${theme}`));
});
