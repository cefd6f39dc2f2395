import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';

describe('Copilot Chat’s own agent mode', () => {
  const demo = makeDemo({ mcp: false });
  let workbench: Workbench;
  let scene: Scene;

  beforeAll(async () => {
    // With this setting agent mode works without an account.
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel], settings: { 'chat.allowAnonymousAccess': true } });
    scene = new Scene({ workbench, demo });
  });
  afterAll(async () => workbench?.close());

  it('calls #codemode after VS Code’s confirmation shows the script, and gets the result', async () => {
    await scene.say('#codemode count the exported functions');
    const allow = workbench.page.locator('.interactive-session .monaco-button').filter({ hasText: /^Allow/, visible: true }).first();
    await allow.waitFor({ timeout: 90_000 });
    const asked = (await workbench.page.locator('.interactive-session').first().innerText()).replaceAll('\u00a0', ' ');
    await workbench.screenshot(path.join(repository, 'artifacts', 'agent-confirmation.png'));
    expect(asked).toContain('Run “Count exported functions”?');
    expect(asked).toContain('await repo.glob(');
    expect(demo.git('status', '--porcelain')).toBe('');
    await allow.click();
    await scene.answered(/exportedFunctions/);
    await workbench.screenshot(path.join(repository, 'artifacts', 'agent-result.png'));
  });
});
