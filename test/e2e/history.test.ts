import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { temporaryFolder } from '../../scripts/host/server.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';
import { expectReadableInEveryTheme, violationsOf } from './accessibility.js';


const script = (second: string): string => `export default async function () {
  console.log('begin');
  const { paths } = await repo.glob({ pattern: 'src/*.ts' });
  await Promise.all(paths.map((path) => repo.read({ path })));
  await notes.add({ text: 'first' });
  console.log('one is noted');
  await notes.add({ text: '${second}' });
  return paths.length;
}
`;
const failing = `const { paths } = await repo.glob({ pattern: 'src/*.ts' });
await notes.fail({ text: paths.join() });
`;
const many = `export default async function () {
  const { paths } = await repo.glob({ pattern: 'src/*.ts' });
  for (let round = 0; round < 30; round++) for (const path of paths) await repo.read({ path });
  await repo.read({ path: 'src/nothing.ts' }).catch(() => undefined);
}
`;

describe('a run that is interrupted by a reload', () => {
  const notes = path.join(temporaryFolder('code-mode-notes-'), 'notes.txt');
  const demo = makeDemo({ mcp: JSON.stringify({ servers: { notes: { command: 'node', args: [path.join(repository, 'test/fixtures/mcp/notes.mjs'), notes] } } }) });
  const scripts = path.join(demo.folder, '.codemode/scripts');
  let workbench: Workbench;
  let scene: Scene;

  beforeAll(async () => {
    mkdirSync(scripts, { recursive: true });
    writeFileSync(path.join(scripts, 'notes.ts'), script('second'));
    writeFileSync(path.join(scripts, 'failing.ts'), failing);
    writeFileSync(path.join(scripts, 'many.ts'), many);
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel] });
    scene = new Scene({ workbench, demo });
  });
  afterAll(async () => workbench?.close());

  const picture = async (name: string) => workbench.screenshot(path.join(repository, 'artifacts', `history-${name}.png`));
  const noted = (): string => (existsSync(notes) ? readFileSync(notes, 'utf8') : '');

  /** The pages of runs that can be seen: as many as there are groups of editors. */
  const pages = async (): Promise<readonly Frame[]> => {
    const seen: Frame[] = [];
    for (const frame of workbench.page.frames()) {
      if (!frame.url().includes('fake.html')) continue;
      if ((await frame.title().catch(() => '')) === 'Run' && (await frame.frameElement().then((element) => element.isVisible()).catch(() => false))) seen.push(frame);
    }
    return seen;
  };
  /** The one that was spoken of last, else the first. */
  let meant: Frame | undefined;
  const page = async (timeout = 60_000): Promise<Frame> =>
    workbench.until('run page', async () => {
      const seen = await pages();
      return seen.find((each) => each === meant) ?? seen[0];
    }, timeout);
  /** The page is drawn anew when something changes, and is another document once it was hidden. */
  const press = async (name: string): Promise<void> => workbench.together(`Pressing "${name}"`, async () => (await page()).getByRole('button', { name }).click({ timeout: 5_000 }));
  /** A key of a walk; whatever else took the focus, the page has it again. */
  const key = async (name: string): Promise<void> => {
    const shown = await page();
    if (!(await shown.evaluate(() => document.hasFocus()))) await shown.locator('.walk-place').click();
    await workbench.page.keyboard.press(name);
  };
  const shows = async (text: RegExp): Promise<string> =>
    workbench.until(`page with ${text}`, async () => {
      for (const frame of await pages()) {
        const shown = await frame.locator('body').innerText().catch(() => '');
        if (!text.test(shown)) continue;
        meant = frame;
        return shown;
      }
      return undefined;
    });

  /** What is said behind lines in the editors: generated content, which is no text of the page. */
  const lineEnds = async (): Promise<readonly string[]> =>
    workbench.page.evaluate(() => {
      const content = (element: Element): string => getComputedStyle(element, '::after').content.replaceAll(/^"|"$/g, '').replaceAll(/\s+/g, ' ').trim();
      return [...document.querySelectorAll('.monaco-editor .view-line span')].map(content).filter((text) => text !== 'none' && text !== '');
    });

  const violations = async (): Promise<string[]> => violationsOf(await page());
  const inEveryTheme = async (name: string): Promise<void> => expectReadableInEveryTheme(workbench, async () => page(), async (theme) => picture(`${name}-${theme}`));

  it('has made one call, and stands at the question for the next', async () => {
    await workbench.openFile('notes.ts');
    await workbench.command('Code Mode: Run Script');
    expect(await workbench.notification(/MCP server “notes”/, 'Review Server', 60_000)).toBe(true);
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Start Server' }).click();
    await scene.allowStart();
    await scene.allowCall('notes.add');
    await workbench.until('first note', () => noted() === 'first\n');
    const { text } = await scene.question(/^\s*Allow\s.*notes\.add/s);
    expect(text).toContain('second');
  });

  it('is told of when the window opens again, and says how far it came', async () => {
    await workbench.open();
    await workbench.until('word of it', async () => (await workbench.notifications()).some((text) => /“notes\.ts” was interrupted after \d+ calls\./.test(text)));
    await picture('interrupted');
    expect(noted()).toBe('first\n');
  });

  it('goes on where it was: the question stands again, and no call that was made is made again', async () => {
    expect(await workbench.notification(/interrupted after/, 'Resume')).toBe(true);
    const { text } = await scene.question(/^\s*Allow\s.*notes\.add/s);
    expect(text).toContain('second');
    expect(noted()).toBe('first\n');
    await scene.allowCall('notes.add');
    await workbench.until('end of the run', async () => /Finished/.test(await scene.panel.text()));
    expect(noted()).toBe('first\nsecond\n');
  });

  it('is listed with what became of it, who started it, its calls, how long it took and what it may reach', async () => {
    await workbench.evaluate(async (vscode) => void (await vscode.commands.executeCommand('codemode.showHistory')));
    const row = workbench.page.locator('.monaco-list-row[aria-label^="notes.ts, Finished"]').first();
    await row.waitFor();
    expect(await row.getAttribute('aria-label')).toMatch(/^notes\.ts, Finished, .*, a saved script, 7 calls, [\d.]+ (?:ms|s|min).*, reads repo, (?:writes to|may do anything with) notes/);
    await picture('list');
  });

  it('has a page that everybody can read in every theme, with the time of each call', async () => {
    // Beside its script, so that a walk can show its place in both.
    await workbench.command('View: Split Editor Right');
    await workbench.pick('Code Mode: Open Run', /notes\.ts/);
    expect(await shows(/Finished/)).toMatch(/resumed after an interruption/);
    const rows = await (await page()).locator('.call-head').allInnerTexts();
    expect(rows.filter((row) => row.includes('notes.add'))).toHaveLength(2);
    await inEveryTheme('page');
  });

  it('is walked through by keyboard, call by call, forward and back', async () => {
    await press('Walk Through Calls');
    const place = async (): Promise<string> => (await page()).locator('.walk-place').innerText();
    await workbench.until('first call', async () => /^Call 1 of \d+: repo\.glob, line 3, returned/.test(await place()));
    await key('End');
    await workbench.until('last call', async () => /notes\.add, line 7/.test(await place()));
    expect(await (await page()).locator('.walk').innerText()).toMatch(/second[^]*begin[^]*one is noted/);
    await key('p');
    await workbench.until('call before', async () => /notes\.add, line 5/.test(await place()));
    expect(await (await page()).locator('.walk').innerText()).not.toContain('one is noted\n');
    await key('ArrowLeft');
    await workbench.until('the call before that', async () => /repo\.read, line 4/.test(await place()));
    // The editor with the script says it too.
    await workbench.until('mark in the editor', async () => (await lineEnds()).includes('call 5 of 7'));
    await inEveryTheme('walk');
    await key('Escape');
    await workbench.until('end of the walk', async () => (await (await page()).locator('.walk').count()) === 0);
    await workbench.command('View: Join All Editor Groups');
  });

  it('is replayed, and does the same; nothing is sent', async () => {
    await workbench.pick('Code Mode: Replay Run', /notes\.ts/);
    expect(await shows(/Same as recorded/)).toMatch(/nothing was sent/);
    await picture('same');
    expect(noted()).toBe('first\nsecond\n');
  });

  it('tells where a changed script leaves what was recorded, and compares the arguments', async () => {
    // By its address: the page of its run has its name.
    await workbench.evaluate(async (vscode, file: string, text: string) => {
      const { document } = await vscode.window.showTextDocument(vscode.Uri.file(file));
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
      await vscode.workspace.applyEdit(edit);
      await document.save();
    }, path.join(scripts, 'notes.ts'), script('another'));
    await workbench.pick('Code Mode: Replay With Active Script', /notes\.ts/);
    expect(await shows(/diverges at call \d+: other arguments/)).toContain('Line 7 made it, notes.add; notes.add was recorded.');
    await picture('diverged');
    expect(await violations()).toEqual([]);
    await press('Compare Arguments');
    await workbench.until('diff', async () => workbench.evaluate((vscode) => vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes('recorded ↔ made')));
    await workbench.page.waitForTimeout(1_000);
    await picture('compared');
    expect(noted()).toBe('first\nsecond\n');
  });

  it('of many calls is searched by keyboard, all of them and not only those that are shown', async () => {
    await workbench.openFile('many.ts');
    await workbench.command('Code Mode: Run Script');
    await workbench.until('end of the run', async () => /many\.ts[^]*Finished/.test(await scene.panel.text()));
    await workbench.pick('Code Mode: Open Run', /many\.ts/);
    // Where the script says that it reads is not all of where it does.
    expect(await shows(/many\.ts[^]*Finished/)).toMatch(/read\s*src\/nothing\.ts and others/);
    const search = async () => (await page()).getByRole('searchbox', { name: /Find in calls/ });
    const rows = async (): Promise<readonly string[]> => (await page()).locator('.call-head').allInnerTexts();
    const seek = async (text: string, status: string): Promise<readonly string[]> =>
      workbench.together(`Finding "${text}"`, async () => {
        await (await search()).fill(text, { timeout: 5_000 });
        await workbench.until(status, async () => (await (await page()).locator('.calls-search [role="status"]').innerText()) === status, 5_000);
        return rows();
      });
    expect((await rows()).length).toBe(100);
    const money = await seek('MONEY read', '30 of 122');
    expect([money.length, money.every((row) => row.includes('src/money.ts'))]).toEqual([30, true]);
    expect(await violations()).toEqual([]);
    await picture('searched');
    // The first call is not among those that are shown at first.
    expect((await seek('glob', '1 of 122')).join()).toMatch(/repo\.glob/);
    expect((await seek('failed line 4', '1 of 122')).join()).toMatch(/src\/nothing\.ts/);
    expect(await seek('no such call', '0 of 122')).toEqual([]);
    await picture('searched-nothing');
    // From the search to what was found, without a mouse.
    await seek('nothing.ts', '1 of 122');
    await (await search()).focus();
    await workbench.page.keyboard.press('Tab');
    await workbench.page.keyboard.press('Enter');
    await workbench.until('the call, opened', async () => /src\/nothing\.ts[^]*Failure/.test(await (await page()).locator('.call-details').innerText().catch(() => '')));
    await (await search()).focus();
    await workbench.page.keyboard.press('Escape');
    await workbench.until('all calls', async () => (await rows()).length === 100);
  });

  it('that fails says where, from which call, and gives a model exactly that', async () => {
    await workbench.openFile('failing.ts');
    await workbench.command('Code Mode: Run Script');
    await scene.allowStart();
    await scene.allowCall('notes.fail');
    const text = await workbench.until('failure', async () => [await scene.panel.text()].find((shown) => /There is no room for/.test(shown)));
    expect(text).toMatch(/line 2[^]*ToolError[^]*from call 2[^]*notes\.fail/);
    await workbench.until('trace at the ends of lines', async () => /1× · \d+ ms\|1× · \d+ ms · 1 without a result/.test((await lineEnds()).join('|')));
    await picture('failed');
    await scene.panel.press(/Explain Failure/);
    const said = await scene.answered(/This is what I was given[^]*It came from this call/);
    expect(said).toMatch(/ToolError at line 2[^]*There is no room for[^]*> 2 \| await notes\.fail[^]*It came from this call/);
    await picture('explained');
  });

  it('has pages that come back with the window, also that of a replay where its walk stood', async () => {
    await workbench.pick('Code Mode: Open Run', /failing\.ts/);
    await shows(/Failed[^]*There is no room for/);
    await workbench.evaluate(async (vscode, file: string) => void (await vscode.window.showTextDocument(vscode.Uri.file(file))), path.join(scripts, 'notes.ts'));
    await workbench.pick('Code Mode: Replay With Active Script', /notes\.ts/);
    await shows(/diverges at call \d+: other arguments/);
    await press('Walk Through Calls');
    await key('n');
    await workbench.until('second call', async () => /^Call 2 of/.test(await (await page()).locator('.walk-place').innerText()));
    // A browser that leaves the page at once leaves what the workbench writes down every five seconds, once idle, behind.
    await workbench.page.waitForTimeout(10_000);
    await workbench.open();
    await page(90_000).finally(async () => picture('restored'));
    expect(await shows(/Replay of notes\.ts[^]*diverges at call \d+: other arguments/)).toMatch(/Call 2 of \d+: repo\.read/);
    expect(noted()).toBe('first\nsecond\n');
    await workbench.page.locator('.tab', { hasText: 'failing.ts' }).last().click();
    expect(await shows(/Failed[^]*There is no room for/)).toContain('Explain Failure');
    expect(await violations()).toEqual([]);
  });

  it('whose beginning cannot be read is listed as that, shows the rest, and can be forgotten', async () => {
    const journals = readdirSync(workbench.server.home, { recursive: true, encoding: 'utf8' }).filter((file) => /runs\/runs\/[a-z0-9-]+\.jsonl$/.test(file)).sort();
    const journal = path.join(workbench.server.home, journals.at(-1) ?? '');
    const lines = readFileSync(journal, 'utf8').split('\n');
    writeFileSync(journal, [`${lines[0]?.slice(0, 50)}…`, ...lines.slice(1)].join('\n'));
    writeFileSync(journal.replace(/jsonl$/, 'json'), '');
    await workbench.open();
    await workbench.pick('Code Mode: Open Run', /Damaged record/, async (row) => expect(await row.innerText()).toContain('Its beginning cannot be read'));
    expect(await shows(/The beginning of its record cannot be read/)).toMatch(/Entry 1 is damaged\. What can be read behind it is shown[^]*notes\.fail/);
    await picture('damaged');
    expect(await violations()).toEqual([]);
    const asked = workbench.evaluate(async (vscode, id: string) => vscode.commands.executeCommand('codemode.forgetRun', id), path.basename(journal, '.jsonl'));
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Forget' }).click();
    await asked;
    expect(existsSync(journal)).toBe(false);
  });
});
