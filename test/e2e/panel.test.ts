import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench, type Workbench } from '../../scripts/host/session.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes = ['Default Light Modern', 'Default High Contrast', 'Default High Contrast Light', 'Default Dark Modern'] as const;

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

  async function violations(): Promise<string[]> {
    const frame = await scene.panel.shown();
    await frame.evaluate(axe);
    return frame.evaluate(async () => {
      interface Violation {
        readonly id: string;
        readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
      }
      const { run } = (globalThis as unknown as { axe: { run(this: void): Promise<{ violations: readonly Violation[]; passes: readonly unknown[] }> } }).axe;
      const { violations, passes } = await run();
      if (passes.length === 0) return ['axe found nothing to look at'];
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
    });
  }

  async function inEveryTheme(name: string): Promise<void> {
    for (const theme of themes) {
      await workbench.evaluate(async (vscode, value: string) => void (await vscode.workspace.getConfiguration('workbench').update('colorTheme', value, true)), theme);
      await workbench.page.waitForTimeout(1_500);
      await picture(`${name}-${theme.replaceAll(' ', '-').toLowerCase()}`);
      expect(await violations(), theme).toEqual([]);
    }
  }

  it('can be read by everybody in every theme while it asks to start', async () => {
    await scene.question(/Let this script run/);
    await inEveryTheme('start');
  });

  it('is answered by keyboard alone', async () => {
    await workbench.command('Code Mode: Show Approvals');
    await workbench.page.waitForTimeout(1_000);
    await workbench.page.keyboard.press('a');
    await scene.question(/^\s*Allow\s.*create_entities/s);
  });

  it('can be read by everybody in every theme while it asks for a call, with the call’s arguments', async () => {
    const { text } = await scene.question(/create_entities/);
    expect(text).toContain('written by a script');
    await inEveryTheme('call');
  });

  it('skips by keyboard, which the script is told and nothing is written', async () => {
    await workbench.command('Code Mode: Show Approvals');
    await workbench.page.waitForTimeout(1_000);
    await workbench.page.keyboard.press('s');
    await scene.answered(/skip/i);
    expect(() => readFileSync(demo.memoryFile)).toThrow(/ENOENT/);
  });

  it('can be read by everybody after the run', async () => {
    expect(await violations()).toEqual([]);
    await picture('ended');
  });
});
