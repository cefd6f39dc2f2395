import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';
import { expectReadableInEveryTheme } from './accessibility.js';

describe('without any server configured', () => {
  const demo = makeDemo({ mcp: false });
  let workbench: Workbench;
  let scene: Scene;

  beforeAll(async () => {
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel] });
    scene = new Scene({ workbench, demo, picture: async (name: string) => void (await workbench.screenshot(path.join(repository, 'artifacts', `builtins-${name}.png`))) });
  });
  afterAll(async () => workbench?.close());

  it('does the same work with the built-in tools alone, and asks nothing before the review', async () => {
    await scene.say();
    await workbench.command('Code Mode: Show Approvals');
    expect(await scene.staged()).toContain('Document 8 exported functions');
    await scene.apply();
    expect(demo.git('log', '-1', '--format=%s').trim()).toBe('Document 8 exported functions');
    expect(demo.git('status', '--porcelain')).toBe('');
    await scene.answered(/8 exported functions have a doc comment/);
  });

  it('tells the model of a type error, which mends its script', async () => {
    await scene.say('@codemode count the exported functions, with a mistake first');
    await scene.answered(/exportedFunctions/);
  });

  it('stops a script that never ends when Stop is pressed', async () => {
    await scene.say('@codemode loop for ever');
    await scene.panel.press('Stop');
    await scene.answered(/stopped|cancelled/i);
  });

  const frameOfPage = async () =>
    workbench.until('run page', async () => {
      for (const frame of workbench.page.frames()) {
        if (frame.url().includes('fake.html') && (await frame.title().catch(() => '')) === 'Run' && (await frame.frameElement().then((element) => element.isVisible()).catch(() => false))) return frame;
      }
      return undefined;
    });
  const pageShows = async (text: RegExp): Promise<string> => workbench.until(`page with ${text}`, async () => [await (await frameOfPage()).locator('body').innerText()].find((shown) => text.test(shown)));

  it('has a page of the run that shows what was changed, line by line', async () => {
    await workbench.pick('Code Mode: Open Run', /Document exported functions/);
    expect(await pageShows(/CHANGES[^]*Applied\./i)).toMatch(/src\/calendar\.ts/);
    const frame = await frameOfPage();
    const fold = frame.getByRole('button', { name: /^src\/money\.ts\s+changes\s.*2 lines added/ });
    if ((await fold.getAttribute('aria-expanded')) === 'false') await fold.press('Enter');
    await workbench.until('the lines', async () => /\/\*\* .+\. \*\//.test((await frame.getByLabel('Lines of src/money.ts').allInnerTexts()).join('')));
    await workbench.page.waitForTimeout(500);
    await workbench.screenshot(path.join(repository, 'artifacts', 'builtins-changes.png'));
    await expectReadableInEveryTheme(workbench, frameOfPage, async (theme) => workbench.screenshot(path.join(repository, 'artifacts', `builtins-changes-${theme}.png`)));
  });

  it('undoes the commit with one command', async () => {
    await workbench.command('Code Mode: Undo Last Apply');
    await workbench.until('word of it', async () => (await workbench.notifications()).some((text) => /^Undone/.test(text)));
    expect(demo.git('log', '-1', '--format=%s').trim()).toBe('Begin');
    expect(demo.git('status', '--porcelain')).toBe('');
    // What was taken back can still be read where it was recorded.
    expect(await pageShows(/Applied, and undone since\./)).toMatch(/src\/calendar\.ts[^]*\/\*\* /);
  });

  /** Runs a script of the developer's, which git does not see. */
  const runs = async (name: string, source: string): Promise<void> => {
    const file = path.join(demo.folder, '.codemode/scripts', name);
    mkdirSync(path.dirname(file), { recursive: true });
    appendFileSync(path.join(demo.folder, '.git/info/exclude'), '.codemode\n');
    writeFileSync(file, `export default async function () {\n${source}\n}\n`);
    await workbench.evaluate(async (vscode, script: string) => {
      await vscode.window.showTextDocument(vscode.Uri.file(script));
      void vscode.commands.executeCommand('codemode.runScript', vscode.Uri.file(script));
    }, file);
  };
  /** Takes back what the newest run changed: it is said of the run once all of it is done. */
  const undo = async (): Promise<void> => {
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.undoLastApply'));
    await workbench.until('end of Undo', async () => /Undone/.test(await scene.panel.text()));
  };

  it('shows what waits where no file does: in the status bar, the panel and the source control view', async () => {
    const head = demo.git('rev-parse', 'HEAD');
    const status = workbench.page.locator('.statusbar-item').filter({ hasText: 'Review changes' });
    expect(await status.count()).toBe(0);
    appendFileSync(path.join(demo.folder, 'README.md'), 'What a person wrote.\n');
    await runs('bare.ts', "  await git.createBranch({ name: 'topic' });\n  await git.stage({ paths: ['README.md'] });");
    await workbench.until('word of it', async () => /1 branch and 1 entry of the index wait for your review[^]*topic[^]*In the index: README\.md/.test((await scene.panel.changes())?.text ?? ''));
    await status.waitFor();
    expect(await status.locator('a').getAttribute('aria-label')).toContain('Changes of Code Mode wait for your review');
    await workbench.until('what waits, in words', async () => {
      await status.click({ timeout: 3_000 });
      return workbench.until('notification', async () => (await workbench.notifications()).some((text) => text.includes('No file changes. 1 branch and 1 entry of the index wait: topic, README.md.')), 10_000);
    });
    await workbench.evaluate(async (vscode) => void (await vscode.commands.executeCommand('workbench.view.scm')));
    await workbench.page.locator('.scm-view .monaco-list-row').filter({ hasText: 'In the Index' }).waitFor();
    await workbench.screenshot(path.join(repository, 'artifacts', 'builtins-index.png'));
    expect([demo.git('branch', '--list', 'topic'), demo.git('diff', '--cached', '--name-only')]).toEqual(['', '']);
    await workbench.command('Code Mode: Show Approvals');
    await scene.panel.press('Apply');
    await workbench.until('branch and index', () => demo.git('branch', '--list', 'topic') !== '' && demo.git('diff', '--cached', '--name-only') === 'README.md\n');
    await workbench.until('word of it', async () => /Applied 1 branch and 1 entry of the index/.test(await scene.panel.text()));
    await status.waitFor({ state: 'detached' });
    await undo();
    expect([demo.git('rev-parse', 'HEAD'), demo.git('branch', '--list', 'topic'), demo.git('diff', '--cached', '--name-only')]).toEqual([head, '', '']);
    demo.git('checkout', '--quiet', '--', 'README.md');
  });

  it('says in the panel why an Apply failed, and of a commit message whose first line is edited keeps the rest', async () => {
    const head = demo.git('rev-parse', 'HEAD');
    const hook = path.join(demo.folder, '.git/hooks/pre-commit');
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "line 1: no" >&2\necho "line 2: neither" >&2\nexit 1\n', { mode: 0o755 });
    const body = 'Its body\nhas lines.\n\nSee: elsewhere\n';
    await runs('commits.ts', ['one', 'two'].map((name) => `  await repo.create({ path: '${name}.md', text: '${name}\\n' });\n  await git.commit({ message: ${JSON.stringify(`Add ${name}\n\n${body}`)}, all: true });`).join('\n'));
    await workbench.until('both commits', async () => /2 files and 2 commits wait for your review/.test((await scene.panel.changes())?.text ?? '') && !/Running/.test(await scene.panel.text()));
    await scene.panel.press('Apply');
    await workbench.until('the reason, in the lines of the hook', async () => /line 1: no\s*\n\s*line 2: neither\s*\n\s*Everything was put back/.test(await scene.panel.text()));
    await workbench.screenshot(path.join(repository, 'artifacts', 'builtins-hook.png'));
    expect(demo.git('rev-parse', 'HEAD')).toBe(head);
    rmSync(hook);
    await workbench.together('Editing the message', async () => {
      await workbench.pick('Code Mode: Edit Commit Messages', 'Add one');
      const input = workbench.page.locator('.quick-input-widget:visible input').first();
      await workbench.until('the first line', async () => (await input.inputValue({ timeout: 1_000 })) === 'Add one', 5_000);
      await input.fill('Write one', { timeout: 3_000 });
      await input.press('Enter', { timeout: 3_000 });
      await workbench.until('the message in the panel', async () => /Write one/.test((await scene.panel.changes())?.text ?? ''), 5_000);
    });
    await scene.panel.press('Apply');
    await workbench.until('both commits', () => demo.git('rev-list', '--count', `${head.trim()}..HEAD`) === '2\n');
    expect(demo.git('log', '--format=%B', '-1', 'HEAD~1').trimEnd()).toBe(`Write one\n\n${body}`.trimEnd());
    await workbench.until('end of Apply', async () => /Applied 2 files in 2 commits/.test(await scene.panel.text()));
    await undo();
    expect(demo.git('rev-parse', 'HEAD')).toBe(head);
  });

  it('is reviewed in the source control view: a file is left out, the message is written there, and its keys apply', async () => {
    await scene.say();
    expect(await scene.staged()).toContain('Document 8 exported functions');
    const view = workbench.page.locator('.scm-view');
    const row = (text: RegExp) => view.locator('.monaco-list-row').filter({ hasText: text });
    const money = row(/money\.ts/).last();
    await workbench.together('Leaving a file out', async () => {
      if (!(await view.isVisible())) await workbench.evaluate(async (vscode) => void (await vscode.commands.executeCommand('workbench.view.scm')));
      await row(/Staged by Code Mode/).waitFor({ timeout: 10_000 });
      if ((await row(/Left Out/).count()) > 0) return;
      await money.hover({ timeout: 5_000 });
      await money.getByRole('button', { name: 'Leave Out of Apply' }).click({ timeout: 5_000 });
      await row(/Left Out/).waitFor({ timeout: 5_000 });
    });
    await workbench.screenshot(path.join(repository, 'artifacts', 'builtins-source-control.png'));
    const before = demo.git('rev-parse', 'HEAD');
    // Its spaces are drawn as ones that do not break.
    const input = view.locator('.scm-input').filter({ hasText: /exported\sfunctions|what\seach/ });
    await workbench.together('Writing the message', async () => {
      await input.locator('.view-lines').click({ timeout: 5_000 });
      await workbench.page.keyboard.press('Control+A');
      await workbench.page.keyboard.type('Say what each function is for');
      await view.locator('.scm-input').filter({ hasText: /Say\swhat\seach\sfunction\sis\sfor/ }).waitFor({ timeout: 5_000 });
    });
    await workbench.page.keyboard.press('Control+Enter');
    await workbench.until('the commit', () => demo.git('rev-parse', 'HEAD') !== before);
    expect(demo.git('log', '-1', '--format=%s').trim()).toBe('Say what each function is for');
    expect(demo.git('show', '--name-only', '--format=', 'HEAD')).not.toContain('money.ts');
    // The commit stands before the last step of Apply is done.
    await workbench.until('a clean tree', () => demo.git('status', '--porcelain') === '');
    // What was left out waits still.
    await workbench.command('Code Mode: Show Approvals');
    await workbench.until('the rest', async () => /src\/money\.ts/.test((await scene.panel.changes())?.text ?? ''));
  });
});
