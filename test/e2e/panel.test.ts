import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';
import { expectReadableInEveryTheme, violationsOf } from './accessibility.js';

describe('the approvals panel', () => {
  const demo = makeDemo();
  let workbench: Workbench;
  let scene: Scene;

  beforeAll(async () => {
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel] });
    scene = new Scene({ workbench, demo });
    await scene.say('@codemode note something in memory');
    await scene.approveServers();
  });
  afterAll(async () => workbench?.close());

  const picture = async (name: string) => workbench.screenshot(path.join(repository, 'artifacts', `panel-${name}.png`));

  const violations = async (): Promise<string[]> => violationsOf(await scene.panel.shown());
  const inEveryTheme = async (name: string): Promise<void> => expectReadableInEveryTheme(workbench, async () => scene.panel.shown(), async (theme) => picture(`${name}-${theme}`));

  it('can be read by everybody in every theme while it asks to start', async () => {
    await scene.question(/Let this script run/);
    await inEveryTheme('start');
  });

  const asked = async (): Promise<string | undefined> => (await scene.panel.question())?.text;
  /** Presses a key until the panel has taken it: a notification may take the focus before it arrives. */
  const pressUntil = async (what: string, key: string, isTaken: () => Promise<boolean>): Promise<void> => {
    await workbench.until(what, async () => {
      await scene.panel.focus();
      if (!(await isTaken())) await workbench.page.keyboard.press(key);
      return workbench.until(what, isTaken, 3_000).then(() => true, () => false);
    }, 60_000);
  };
  /** Answers the question that stands. */
  const press = async (key: string): Promise<void> => {
    const before = await asked();
    await pressUntil('answer by a key', key, async () => (await asked()) !== before);
  };

  it('is answered by keyboard alone', async () => {
    await press('a');
    await scene.question(/^\s*Allow\s.*create_entities/s);
  });

  it('can be read by everybody in every theme while it asks for a call, with the call’s arguments', async () => {
    const { text } = await scene.question(/create_entities/);
    expect(text).toContain('written by a script');
    await inEveryTheme('call');
  });

  it('skips by keyboard, which the script is told and nothing is written', async () => {
    await press('s');
    await scene.answered(/skip/i);
    expect(() => readFileSync(demo.memoryFile)).toThrow(/ENOENT/);
  });

  it('can be read by everybody after the run', async () => {
    expect(await violations()).toEqual([]);
    await picture('ended');
  });

  it('says what could leave where, and which values hold what was read', async () => {
    await workbench.evaluate(async (vscode) => void (await vscode.workspace.getConfiguration('codemode').update('policy.outsideContent', ['filesystem'], true)));
    await scene.say('@codemode carry something away');
    await scene.question(/Let this script run/);
    await pressUntil('what will be asked', 'd', async () => /src\/money\.ts/.test((await asked()) ?? ''));
    expect(await asked()).toMatch(/repo\.read runs without a question[^]*memory\.create_entities asks when called/);
    await picture('start-details');
    await press('a');
    await scene.question(/list_allowed_directories/);
    await press('a');
    const { text } = await scene.question(/2 calls of\s+memory\.create_entities/);
    expect(text).toContain('this could send what was read from repo to memory');
    expect(text).toMatch(/entities\.0\.observations\.0 of call 1 holds text that was read with repo\.read/);
    expect(text).not.toContain('of call 2 holds');
  });

  it('names the rule, opens every call with one key, and stays readable in every theme', async () => {
    await pressUntil('the rule', 'd', async () => /Built-in rule: Ask before a write or outward call/.test((await asked()) ?? ''));
    expect(await asked()).toContain('nothing that was read');
    await inEveryTheme('leaving');
  });

  it('lets one call of several be edited, and takes no edit that the tool would not', async () => {
    const frame = await scene.panel.shown();
    await scene.panel.press('Edit call 2');
    const area = frame.locator('.asked textarea');
    await area.fill('{ "entities": ');
    await workbench.until('a complaint', async () => /Expected a JSON object/.test((await scene.panel.question())?.text ?? ''));
    await area.fill('{ "entities": 5 }');
    await scene.panel.press('Allow Edited');
    await workbench.until('what the schema says', async () => /entities: /.test((await frame.locator('.asked .failure').allInnerTexts()).join(' ')));
    await picture('edited');
    expect(await violations()).toEqual([]);
    await area.fill(JSON.stringify({ entities: [{ name: 'Edited', entityType: 'note', observations: ['by hand'] }] }));
    await scene.panel.press('Allow Edited');
    await scene.question(/Allow\s+memory\.create_entities/);
    await press('s');
    await scene.answered(/skip/i);
    const written = readFileSync(demo.memoryFile, 'utf8');
    expect(written).toContain('by hand');
    expect(written).not.toContain('Part 1');
  });

  it('shows what Apply would break', async () => {
    await scene.say('@codemode break one file');
    await workbench.until('problems of the result', async () => /1 problem after Apply/.test((await scene.panel.changes())?.text ?? ''), 90_000);
    const text = (await scene.panel.changes())?.text ?? '';
    expect(text).toMatch(/not assignable to type 'number'/);
    expect(text).toContain('not checked: Nothing here checks .txt files.');
    expect(text).toMatch(/Would break src\/\S+, which is not among the changes/);
    await inEveryTheme('broken');
  });

  it('discards it when told so twice, and the answer in chat ends', async () => {
    // As long as changes wait, so does the answer that staged them, and the next request behind it.
    await scene.panel.press('Discard');
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Discard' }).click();
    await scene.answered(/The changes were discarded/);
    await workbench.until('word of it in the panel', async () => /Discarded/.test(await scene.panel.text()));
    expect(demo.git('status', '--porcelain', '--', 'src')).toBe('');
  });

  it('remembers an answer for the session, and forgets it in the list of approvals', async () => {
    await scene.say('@codemode note something in memory');
    await scene.allowStart();
    await scene.question(/Allow\s+memory\.create_entities/);
    await workbench.together('Allowing for the session', async () => {
      const frame = await scene.panel.shown();
      const item = frame.getByRole('menuitem', { name: 'Allow in this session' });
      if (!(await item.isVisible())) await scene.panel.press('More ways to allow');
      await item.click({ timeout: 5_000 });
    });
    await workbench.until('the note', () => readFileSync(demo.memoryFile, 'utf8').includes('written by a script'));
    const row = workbench.row('memory: create_entities');
    await workbench.together('Forgetting the answer', async () => {
      await workbench.command('Code Mode: Manage Approvals');
      await workbench.quickPick.locator('input').first().fill('create_ent', { timeout: 10_000 });
      await row.waitFor({ timeout: 10_000 });
      expect(await row.innerText()).toContain('in this session');
      await picture('approvals');
      await row.hover({ timeout: 5_000 });
      await row.locator('.codicon-trash').click({ timeout: 5_000 });
    });
    await row.waitFor({ state: 'detached' });
    await workbench.page.keyboard.press('Escape');
  });

  it('says of a past call why it was allowed', async () => {
    const frame = await scene.panel.shown();
    await frame.locator('.call-head', { hasText: 'create_entities' }).first().click();
    await frame.getByRole('button', { name: 'Why was this allowed?' }).first().click();
    expect(await frame.locator('.call-details').first().innerText()).toContain('Built-in rule: Ask for everything else.');
    expect(await violations()).toEqual([]);
  });
});
