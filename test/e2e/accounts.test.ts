import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';
import { findConfiner } from '../../src/mcp/sandbox/confiner.js';
import { ProtectedServer } from '../unit/mcp/oauthServer.js';

const confiner = await findConfiner(process.env);

describe('a server with several accounts, and one in a sandbox', () => {
  const closing: (() => Promise<void>)[] = [];
  let site: Server;
  let server: ProtectedServer;
  let workbench: Workbench;
  let scene: Scene;

  beforeAll(async () => {
    server = await ProtectedServer.open({ whenDone: (close) => void closing.push(close), people: ['ada', 'bert'], identified: true });
    site = createServer((request, response) => response.end(`seen as ${request.headers.host}`)).listen(0, '127.0.0.1');
    await new Promise((resolve) => site.once('listening', resolve));
    const { port } = site.address() as AddressInfo;
    const servers = {
      vault: { type: 'http', url: server.resource.url },
      boxed: { command: process.execPath, args: [path.join(repository, 'test/fixtures/mcp/fetches.mjs')], sandboxEnabled: true },
    };
    const demo = makeDemo({ mcp: JSON.stringify({ servers, sandbox: { network: { allowedDomains: ['localhost'] } } }) });
    const scripts = path.join(demo.folder, '.codemode/scripts');
    mkdirSync(scripts, { recursive: true });
    writeFileSync(path.join(scripts, 'boxed.ts'), `export default async function () {\n  return [await boxed.get({ url: 'http://localhost:${port}/' }), await boxed.get({ url: 'http://127.0.0.1:${port}/' })];\n}\n`);
    workbench = await openWorkbench({
      folder: demo.folder,
      extensions: [repository, demoModel],
      env: { VSCODE_PROXY_URI: `${server.issuer}/?{{port}}` },
      settings: { 'codemode.policy.rules': [{ effect: 'allow', server: 'boxed' }], 'workbench.trustedDomains.promptInTrustedWorkspace': false },
    });
    scene = new Scene({ workbench, demo });
  });
  afterAll(async () => {
    await workbench?.close();
    site?.close();
    await Promise.all(closing.map((close) => close()));
  });

  const picture = async (name: string) => workbench.screenshot(path.join(repository, 'artifacts', `accounts-${name}.png`));

  const pictured = (text: RegExp): Locator => workbench.page.locator('.quick-input-widget:visible .monaco-list-row').filter({ hasText: text });
  /** The list of accounts, once it is open: a list that closes by itself is opened again. */
  const accounts = async <T>(what: string, steps: () => Promise<T>): Promise<T> =>
    workbench.together(what, async () => {
      await workbench.pick('Code Mode: Choose Account of Server…', 'vault');
      await workbench.row(/Sign In/).waitFor({ timeout: 10_000 });
      return steps();
    });
  const signIn = async (): Promise<void> => {
    const before = server.grants.length;
    expect(await workbench.notification(/“vault” wants you to sign in at 127\.0\.0\.1:\d+/, 'Sign In')).toBe(true);
    await workbench.until('tokens', () => server.grants.length > before);
  };
  const says = async (text: RegExp): Promise<string> => workbench.until(`word of ${text}`, async () => (await workbench.notifications()).find((shown) => text.test(shown)));

  it('says of the one in a sandbox what that is worth, before anything is started', async () => {
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.reloadServers'));
    const list = (await scene.approveServers()).join('\n');
    expect(list).toMatch({ bubblewrap: /boxed[^]*Its sandbox reaches of the network only localhost, /, seatbelt: /boxed[^]*Its sandbox names domains, which cannot be told apart/, none: /boxed[^]*A sandbox is asked for and not applied, because / }[confiner.kind]);
    // A start that is asked for before the answer has reached the extension host would ask anew.
    await workbench.until('a running server', async () => workbench.evaluate(async (vscode) => (await vscode.workspace.findFiles('.codemode/api/boxed*')).length > 0));
  });

  it('is signed in to as a second person, and called as whoever is chosen', async () => {
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.startServer', 'vault'));
    await signIn();
    const ada = await workbench.until('a call', () => server.usedTokens.at(-1));
    await accounts('Signing in with another account', async () => {
      expect(await pictured(/ada/).innerText()).toMatch(/in use/);
      await workbench.choose(/Sign In With Another Account/);
    });
    await signIn();
    await says(/“vault” is used as bert from now on\./);
    expect(server.usedTokens.at(-1)).not.toBe(ada);
    await accounts('Choosing ada', async () => {
      await picture('two');
      // Whoever only looks and presses Enter changes nothing.
      expect(await workbench.row(/./, '.focused').innerText()).toMatch(/bert[^]*in use/);
      await workbench.choose(/ada/);
    });
    await says(/“vault” is used as ada from now on\./);
    expect(server.usedTokens.at(-1)).toBe(ada);
  });

  it('is signed out of as one of them, and used as the other', async () => {
    const ada = server.usedTokens.at(-1);
    await accounts('Signing out as bert', async () => {
      if ((await pictured(/bert/).count()) === 0) return;
      await pictured(/bert/).hover({ timeout: 5_000 });
      await pictured(/bert/).locator('.codicon-sign-out').click({ timeout: 5_000 });
      await pictured(/bert/).waitFor({ state: 'hidden', timeout: 20_000 });
      expect(await pictured(/ada/).innerText()).toMatch(/in use/);
      await picture('one-left');
    });
    await workbench.page.keyboard.press('Escape');
    expect(server.revoked).toEqual(['refresh token']);
    await workbench.evaluate((vscode) => vscode.commands.executeCommand('codemode.restartServer', 'vault'));
    expect(server.usedTokens.at(-1)).toBe(ada);
    await workbench.evaluate((vscode) => void vscode.commands.executeCommand('codemode.signOutServer', 'vault'));
    await says(/Signed out of “vault”\. It asks for a sign-in when it is used again\./);
    await accounts('Looking at no account', async () => {
      expect(await workbench.quickPick.locator('.monaco-list-row').allInnerTexts()).toHaveLength(1);
      await workbench.row(/Sign In…/).waitFor({ timeout: 5_000 });
      await picture('none');
    });
    await workbench.page.keyboard.press('Escape');
  });

  /** What the script got, once it has ended. */
  const fetched = async (): Promise<string> => {
    await workbench.openFile('boxed.ts');
    await workbench.command('Code Mode: Run Script');
    return workbench.until('end of the run', async () => [await scene.panel.text()].find((text) => /Finished|Failed|Rejected/.test(text)));
  };

  it.skipIf(confiner.kind !== 'bubblewrap')('reaches the domain its file names and no other, and its log says what it was kept from', async () => {
    expect(await fetched()).toMatch(/"200 seen as localhost:\d+",\s*"403 refused"/);
    await picture('sandboxed');
    await workbench.pick('Code Mode: Show Server Log', 'boxed');
    await workbench.until('the log', async () => /Its sandbox kept it from "127\.0\.0\.1": it is none of the domains/.test((await workbench.page.locator('.output-view .view-lines').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ')));
    await picture('log');
  });
});
