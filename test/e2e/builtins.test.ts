import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench, type Workbench } from '../../scripts/host/session.mjs';

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

  it('undoes the commit with one command', async () => {
    await workbench.command('Code Mode: Undo Last Apply');
    await workbench.until('word of it', async () => (await workbench.notifications()).some((text) => /^Undone/.test(text)));
    expect(demo.git('log', '-1', '--format=%s').trim()).toBe('Begin');
    expect(demo.git('status', '--porcelain')).toBe('');
  });
});
