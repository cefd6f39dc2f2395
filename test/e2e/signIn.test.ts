import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';
import { ProtectedServer } from '../unit/mcp/oauthServer.js';

const script = `export default async function () {
  const first = await vault.echo({});
  const second = await vault.echo({});
  return [first, second].map((answer) => String(answer).split(';')[0]);
}
`;

/** Longer than the run below may take. */
const thinking = 20_000;

describe('a server that wants a sign-in, in a window in a browser', () => {
  const closing: (() => Promise<void>)[] = [];
  let server: ProtectedServer;
  let workbench: Workbench;
  let scene: Scene;
  let pages: Page[];

  beforeAll(async () => {
    server = await ProtectedServer.open({ whenDone: (close) => void closing.push(close) });
    const demo = makeDemo({ mcp: JSON.stringify({ servers: { vault: { type: 'http', url: server.resource.url } } }) });
    const scripts = path.join(demo.folder, '.codemode/scripts');
    mkdirSync(scripts, { recursive: true });
    writeFileSync(path.join(scripts, 'vault.ts'), script);
    // The authority is on this machine, which is the browser's too: no address needs to be led through the server.
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel], env: { VSCODE_PROXY_URI: `${server.issuer}/?{{port}}` }, settings: { 'codemode.limits': { wallMs: thinking - 4_000 }, 'workbench.trustedDomains.promptInTrustedWorkspace': false } });
    scene = new Scene({ workbench, demo });
    pages = [];
    workbench.page.context().on('page', (page) => void pages.push(page));
  });
  afterAll(async () => {
    await workbench?.close();
    await Promise.all(closing.map((close) => close()));
  });

  const picture = async (name: string) => workbench.screenshot(path.join(repository, 'artifacts', `sign-in-${name}.png`));
  const panelSays = async (text: RegExp, timeout = 60_000): Promise<string> => workbench.until(`panel with ${text}`, async () => [await scene.panel.text()].find((shown) => text.test(shown ?? '')), timeout);
  const question = /wants you to sign in at 127\.0\.0\.1:\d+/;

  /** Answers the question, also where it has gone from the corner to the list of notifications. */
  const answer = async (button: string, text = question): Promise<void> => {
    expect(await workbench.notification(text, button)).toBe(true);
  };

  /** Up to the second call, with everything the server gave out by then withdrawn. */
  const upToTheSecondCall = async (): Promise<void> => {
    const calls = (): number => server.resource.requests.filter(({ message }) => message.method === 'tools/call').length;
    const before = calls();
    await workbench.command('Code Mode: Run Script');
    await scene.allowStart();
    await scene.allowCall('vault.echo');
    await workbench.until('first call', () => calls() > before);
    await scene.question(/^\s*Allow\s.*vault\.echo/s);
    await server.revokeAll();
    await scene.allowCall('vault.echo');
  };

  it('is signed in to by the page of its authority, and the browser comes back to the editor', async () => {
    // Nobody is sent to a sign-in page by a server that is only looked at.
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.startServer', 'vault'));
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Start Server' }).click();
    await workbench.until('question', async () => (await workbench.notifications()).some((text) => question.test(text)), 60_000);
    await answer('Sign In');
    await picture('opened');
    await workbench.until('tokens', () => server.grants.length > 0, 60_000).catch(async (error: unknown) => {
      await picture('stuck');
      throw new Error(`${String(error)}\n${(await workbench.notifications()).join('\n')}\n${pages.map((page) => page.url()).join('\n')}`);
    });
    expect(server.grants).toEqual(['authorization_code']);
    await workbench.until('a running server', async () => workbench.evaluate(async (vscode) => (await vscode.workspace.findFiles('.codemode/api/vault*')).length > 0));
    await workbench.openFile('vault.ts');
  });

  it('asks when its token was withdrawn in the middle of a run, and the call goes on after the answer; thinking is not the run’s time', async () => {
    await upToTheSecondCall();
    await workbench.until('question', async () => (await workbench.notifications()).some((text) => question.test(text)));
    await panelSays(/waits for a sign-in/i);
    await picture('asked-in-a-run');
    // Longer than a run may take.
    await workbench.page.waitForTimeout(thinking);
    await answer('Sign In');
    expect(await panelSays(/Finished/)).not.toContain('limit');
    expect(server.grants.filter((grant) => grant === 'authorization_code')).toHaveLength(2);
  });

  it('that nobody signs in to tells the script so, with what to do', async () => {
    await upToTheSecondCall();
    await answer('Not Now');
    expect(await panelSays(/Failed/)).toMatch(/"vault" was not signed in to/);
    await picture('declined');
  });

  it('is asked about no longer once the run is stopped, and the next call asks anew', async () => {
    // Signed in again first: what was declined was the call, not the server.
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.restartServer', 'vault'));
    await answer('Sign In');
    await workbench.until('tokens', () => server.grants.filter((grant) => grant === 'authorization_code').length === 3);
    await upToTheSecondCall();
    await workbench.until('question', async () => (await workbench.notifications()).some((text) => question.test(text)));
    await workbench.command('Code Mode: Stop Run');
    await panelSays(/Stopped|Cancelled/);
    // The question of a run that is over opens nothing.
    const before = pages.length;
    await answer('Sign In');
    await workbench.page.waitForTimeout(2_000);
    expect(pages.length).toBe(before);
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.restartServer', 'vault'));
    await answer('Sign In');
    await workbench.until('tokens', () => server.grants.filter((grant) => grant === 'authorization_code').length === 4);
  });

  it('can be given up while its page is open', async () => {
    await workbench.evaluate((vscode) => vscode.commands.executeCommand('codemode.signOutServer', 'vault'));
    server.silent = true;
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.startServer', 'vault'));
    await answer('Sign In');
    await workbench.until('page', () => pages.at(-1)?.url().startsWith(server.issuer));
    await answer('Cancel', /Waiting for you to sign in to “vault”/);
    await answer('Show Server Log', /it was cancelled while the sign-in page was open/);
    await picture('given-up');
  });
});
