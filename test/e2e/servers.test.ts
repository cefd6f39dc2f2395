import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, mcpServer, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';

const fixture = path.join(repository, 'test/fixtures/mcp/stdio.mjs');
/** Written by a server that was told to give up a call. */
const cancelled = path.join(mkdtempSync(path.join(tmpdir(), 'e2e-servers-')), 'cancelled');
const configuration = (...args: readonly string[]): string =>
  JSON.stringify({ servers: { everything: { command: 'node', args: [mcpServer('everything'), ...args] }, plain: { command: 'node', args: [fixture, 'plain', ...args] }, sounds: { command: 'node', args: [fixture, 'media'] }, slow: { command: 'node', args: [fixture, 'half-way', cancelled] } } }, undefined, 2);

const results = `export default async function () {
  return {
    image: await everything.get_tiny_image(),
    link: await everything.get_resource_links({ count: 1 }),
    embedded: await everything.get_resource_reference({ resourceType: 'Text', resourceId: 1 }),
    structured: await everything.get_structured_content({ location: 'Chicago' }),
    sounds: await sounds.trouble({}),
  };
}
`;
const halfWay = `export default async function () {
  return await slow.trouble({});
}
`;
const form = `export default async function () {
  return await everything.trigger_elicitation_request();
}
`;
const page = `export default async function () {
  const { answer } = await plain.ask({ method: 'elicitation/create', params: { mode: 'url', elicitationId: '1', message: 'Pay here', url: 'https://pay.example/order?of=7' } });
  return answer.result.action;
}
`;
const samplings = `export default async function () {
  const first = await everything.trigger_sampling_request({ prompt: 'What is the question?', maxTokens: 50 });
  return [first, await everything.trigger_sampling_request({ prompt: 'And what is it once more?', maxTokens: 50 })];
}
`;
const sampling = `export default async function () {
  return await everything.trigger_sampling_request({ prompt: 'What is the answer?', maxTokens: 50 });
}
`;

describe('what servers offer and ask, in the workbench', () => {
  const demo = makeDemo({ mcp: configuration() });
  const file = path.join(demo.folder, '.vscode/mcp.json');
  let workbench: Workbench;
  let scene: Scene;

  beforeAll(async () => {
    const scripts = path.join(demo.folder, '.codemode/scripts');
    mkdirSync(scripts, { recursive: true });
    writeFileSync(path.join(scripts, 'results.ts'), results);
    writeFileSync(path.join(scripts, 'half-way.ts'), halfWay);
    writeFileSync(path.join(scripts, 'form.ts'), form);
    writeFileSync(path.join(scripts, 'sampling.ts'), sampling);
    writeFileSync(path.join(scripts, 'samplings.ts'), samplings);
    writeFileSync(path.join(scripts, 'page.ts'), page);
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel], settings: { 'codemode.policy.rules': [{ effect: 'allow', server: 'everything' }, { effect: 'allow', server: 'sounds' }, { effect: 'allow', server: 'slow' }, { effect: 'allow', server: 'plain' }] } });
    scene = new Scene({ workbench, demo });
  });
  afterAll(async () => {
    await workbench?.close();
    rmSync(path.dirname(cancelled), { recursive: true, force: true });
  });

  const picture = async (name: string) => workbench.screenshot(path.join(repository, 'artifacts', `servers-${name}.png`));
  const list = (): Locator => workbench.page.locator('.quick-input-widget:visible');
  const title = async (text: RegExp): Promise<string> => workbench.until(`a list with ${text}`, async () => [await list().locator('.quick-input-title').first().innerText().catch(() => '')].find((shown) => text.test(shown)));
  const rows = async (): Promise<readonly string[]> => list().locator('.monaco-list-row').allInnerTexts();
  const choose = async (text: RegExp): Promise<void> => {
    await workbench.row(text).click({ timeout: 20_000 });
  };
  const input = (): Locator => list().locator('input').first();
  const enter = async (text?: string): Promise<void> => {
    if (text !== undefined) await input().fill(text);
    await input().press('Enter');
  };
  /** Opens a list that may close by itself, and takes a row of it: as one. */
  const take = async (command: string, heading: RegExp, row: RegExp, filter = ''): Promise<void> =>
    workbench.together(`${row} of "${command}"`, async () => {
      await workbench.command(command);
      await title(heading);
      await input().fill(filter, { timeout: 5_000 });
      await workbench.choose(row);
    });

  it('asks once for both servers, and opens a resource as a document', async () => {
    await workbench.command('Code Mode: Open Resource');
    expect((await scene.approveServers()).join('\n')).toMatch(/everything[^]*plain/);
    // The command waited for the servers to say what they offer.
    await title(/Open Resource of everything/);
    await picture('resources');
    expect((await rows()).join('\n')).toMatch(/architecture\.md/);
    await choose(/architecture\.md/);
    await workbench.until('the document', async () => workbench.evaluate((vscode) => vscode.window.activeTextEditor?.document.uri.scheme === 'codemode-resource' && vscode.window.activeTextEditor.document.getText().includes('#')));
    await picture('resource');
  });

  it('fills in a template with what the server proposes', async () => {
    await take('Code Mode: Open Resource', /Open Resource/, /dynamic\/text/, 'dynamic/text');
    await title(/Open Resource of everything \(1 of 1\)/);
    await input().fill('7');
    await workbench.until('a proposal', async () => (await rows()).some((row) => row.trim() === '7'));
    await picture('template');
    await enter();
    await workbench.until('the document', async () => workbench.evaluate((vscode) => vscode.window.activeTextEditor?.document.getText().includes('Resource 7')));
  });

  it('says of a resource that is sent as bytes what it is', async () => {
    await take('Code Mode: Open Resource', /Open Resource/, /dynamic\/blob/, 'dynamic/blob');
    await title(/\(1 of 1\)/);
    await input().fill('3');
    await workbench.until('a proposal', async () => (await rows()).some((row) => row.trim() === '3'));
    await enter();
    await workbench.until('the document', async () => workbench.evaluate((vscode) => /sent as bytes: text\/plain, \d+ bytes/.test(vscode.window.activeTextEditor?.document.getText() ?? '')));
  });

  it('puts a prompt into the chat, its arguments proposed one by the other, and sends nothing', async () => {
    await take('Code Mode: Use Prompt', /Use Prompt of everything/, /completable/i);
    await title(/\(1 of 2\)/);
    await workbench.until('departments', async () => (await rows()).some((row) => row.includes('Engineering')));
    await choose(/Engineering/);
    await title(/\(2 of 2\)/);
    await workbench.until('names', async () => (await rows()).some((row) => row.includes('Alice')));
    await picture('argument');
    await choose(/Alice/);
    await workbench.until('the prompt in the chat', async () => /Alice/.test(await workbench.page.locator('.interactive-session .chat-editor-container').first().innerText().catch(() => '')));
    await picture('prompt');
  });

  /** The document of the page of a run, once it shows it. */
  const pageOf = async (): Promise<Frame | undefined> => {
    for (const frame of workbench.page.frames()) if ((await frame.locator('body[data-place="page"] .media').count().catch(() => 0)) > 0) return frame;
    return undefined;
  };

  it('shows images, links and embedded resources of results for what they are', async () => {
    await workbench.openFile('results.ts');
    await workbench.command('Code Mode: Run Script');
    const text = await workbench.until('end of the run', async () => [await scene.panel.text()].find((shown) => /Finished|Failed|Rejected/.test(shown)), 90_000);
    expect(text).toMatch(/Finished/);
    await workbench.pick('Code Mode: Open Run', /results\.ts/);
    expect(text).toMatch(/image\/png/);
    expect(text).not.toContain('iVBORw0KGgo');
    // A picture as one, a sound as one, and what only says that it is a picture as nothing.
    const shown = (await workbench.until('the page of the run', async () => pageOf())).locator('.media');
    await workbench.until('a picture', async () => shown.locator('img').first().evaluate((image) => (image as HTMLImageElement).naturalWidth > 1).catch(() => false));
    expect(await shown.locator('img').first().getAttribute('alt')).toMatch(/^Picture of result: image\/png, .*KB$/);
    await workbench.until('a sound', async () => shown.locator('audio').evaluate((audio) => Math.round((audio as HTMLAudioElement).duration * 10) === 1).catch(() => false));
    await workbench.until('a word on the rest', async () => (await shown.allInnerTexts()).some((said) => /image\/png, 10 bytes\. It is not a picture that can be shown\./.test(said)));
    expect(await shown.count()).toBe(3);
    await shown.first().scrollIntoViewIfNeeded();
    await picture('results');
    // The same at the call, in the panel.
    await (await scene.panel.shown()).locator('.call-head').filter({ hasText: 'everything.get_tiny_image' }).click();
    await workbench.until('the picture at its call', async () => (await scene.panel.shown()).locator('.call-details .media img').evaluate((image) => (image as HTMLImageElement).naturalWidth > 1).catch(() => false));
    await (await scene.panel.shown()).locator('.call-details .media').scrollIntoViewIfNeeded();
    await picture('results-call');
    expect(workbench.console.filter((line) => /Content Security Policy/i.test(line))).toEqual([]);
  });

  it('says how far a call is, and tells its server when the run is stopped', async () => {
    await workbench.openFile('half-way.ts');
    await workbench.command('Code Mode: Run Script');
    await workbench.until('its progress at the call', async () => /50 %/.test(await (await scene.panel.shown()).locator('.call-summary').first().innerText().catch(() => '')), 60_000);
    await picture('progress');
    await workbench.command('Code Mode: Stop Run');
    await workbench.until('the end of the run', async () => /Stopped before the answer came: it may have taken effect|Cancelled|Stopped/.test(await scene.panel.text()), 60_000);
    await workbench.until('the server to be told', async () => existsSync(cancelled), 30_000);
  });

  it('hands a model that can see the images a script returns', async () => {
    const asked = workbench.evaluate(async (vscode) => {
      const { content } = await vscode.lm.invokeTool('codemode_run', { input: { title: 'Picture', script: 'return await everything.get_tiny_image();' }, toolInvocationToken: undefined });
      return content.map((part) => (part instanceof vscode.LanguageModelDataPart ? `${part.mimeType} ${part.data.length > 100}` : part instanceof vscode.LanguageModelTextPart ? part.value.slice(0, 16) : 'something else'));
    });
    // Outside a chat VS Code confirms in a dialog.
    const dialog = workbench.page.locator('.monaco-dialog-box').filter({ hasText: 'Picture' });
    await dialog.waitFor();
    await picture('confirm');
    await dialog.getByRole('button', { name: 'Yes' }).click();
    const kinds = await asked;
    expect(kinds).toEqual(['Status: finished', 'image/png true']);
  });

  it('asks before a server may use a model, and lets its answer be seen and edited before the server gets it', async () => {
    const dialog = (text: RegExp): Locator => workbench.page.locator('.monaco-dialog-box').filter({ hasText: text });
    await workbench.openFile('sampling.ts');
    await workbench.command('Code Mode: Run Script');
    await dialog(/wants to ask a language model/).waitFor({ timeout: 60_000 });
    expect(await dialog(/wants to ask/).innerText()).toMatch(/Model: \S.*\. Prompt: about \d+ tokens; answer: at most 50\.[^]*What is the answer\?/);
    await dialog(/wants to ask/).getByRole('button', { name: 'Allow Once' }).click();
    // VS Code asks for itself whether an extension may use models at all, once.
    const consent = workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Allow', exact: true });
    await workbench.until('the answer', async () => {
      if (await consent.isVisible()) await consent.click();
      return dialog(/gets this answer/).isVisible();
    }, 60_000);
    await picture('sampling-answer');
    await dialog(/gets this answer/).getByRole('button', { name: 'Edit Answer…' }).click();
    const editor = workbench.page.locator('.tab.active').filter({ hasText: 'Untitled' });
    await editor.waitFor();
    const edited = (): Promise<string> => workbench.evaluate((vscode) => vscode.window.activeTextEditor?.document.getText() ?? '');
    await workbench.evaluate(async (vscode) => {
      const { document } = vscode.window.activeTextEditor!;
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), 'Forty-two,\nas edited.');
      await vscode.workspace.applyEdit(edit);
    });
    await workbench.until('the edit', async () => (await edited()) === 'Forty-two,\nas edited.');
    expect(await workbench.notification(/Edit the answer for “everything”/, 'Done')).toBe(true);
    await dialog(/as you edited it/).waitFor();
    expect(await dialog(/as you edited it/).innerText()).toContain('as edited.');
    await picture('sampling-edited');
    await dialog(/as you edited it/).getByRole('button', { name: 'Send Answer' }).click();
    const text = await workbench.until('end of the run', async () => [await scene.panel.text()].find((shown) => /Finished|Failed|Rejected/.test(shown)), 60_000);
    expect(text).toContain('as edited.');
    // The text is gone with its editor, and nobody is asked to save it.
    await editor.waitFor({ state: 'detached' });
    await workbench.command('Code Mode: Run Script');
    await dialog(/wants to ask/).getByRole('button', { name: 'Allow Once' }).click();
    await dialog(/gets this answer/).getByRole('button', { name: 'Cancel' }).click();
    await workbench.until('the refusal', async () => /rejected the sampling request/.test(await scene.panel.text()), 60_000);
  });

  it('is asked once for a session, as far as its budget goes', async () => {
    const dialog = workbench.page.locator('.monaco-dialog-box').filter({ hasText: /wants to ask a language model/ });
    await workbench.openFile('samplings.ts');
    await workbench.command('Code Mode: Run Script');
    await dialog.waitFor({ timeout: 60_000 });
    expect(await dialog.innerText()).toMatch(/It has used about \d+ tokens in this window\./);
    await picture('sampling-session');
    await dialog.getByRole('button', { name: 'Allow in This Session' }).click();
    // The run has read what a stranger wrote, so that its next call is asked about; what the server asks of a model is not.
    await scene.allowCall('trigger_sampling_request');
    await workbench.until('end of the run', async () => /samplings\.ts[^]*Finished/.test(await scene.panel.text()), 60_000);
    expect(await dialog.count()).toBe(0);
  });

  it('shows a page that a server wants visited before it is opened, and a no is a no', async () => {
    const dialog = workbench.page.locator('.monaco-dialog-box').filter({ hasText: /“plain” asks you to open a page at pay\.example/ });
    await workbench.openFile('page.ts');
    await workbench.command('Code Mode: Run Script');
    await dialog.waitFor({ timeout: 60_000 });
    expect(await dialog.innerText()).toMatch(/Pay here[^]*https:\/\/pay\.example\/order\?of=7/);
    await picture('page');
    await dialog.getByRole('button', { name: 'Decline' }).click();
    await workbench.until('the answer', async () => /page\.ts[^]*Finished[^]*decline/.test(await scene.panel.text()), 60_000);
  });

  it('asks every kind of field natively, with what is proposed, and looks at all of it before it is sent', async () => {
    await workbench.openFile('form.ts');
    await workbench.command('Code Mode: Run Script');
    expect(await workbench.notification(/The server “everything” asks/, 'Answer', 90_000)).toBe(true);
    await title(/everything: String \(1 of 13\)/);
    await enter('Ada');
    await title(/Boolean \(2 of 13\)/);
    await choose(/Yes/);
    await title(/String with default \(3 of 13\)/);
    await workbench.until('what is proposed', async () => (await input().inputValue()) === 'It was a dark and stormy night.');
    await enter();
    await title(/email format \(4 of 13\)/);
    await input().fill('nobody');
    await workbench.until('the problem', async () => (await list().innerText()).includes('Expected an e-mail address.'));
    await picture('field');
    await enter('nobody@example.com');
    await title(/uri format \(5 of 13\)/);
    await enter();
    await title(/date format \(6 of 13\)/);
    await enter();
    await title(/Integer \(7 of 13\)/);
    await enter();
    await title(/Number in range 1-1000 \(8 of 13\)/);
    await enter();
    await title(/Untitled Single Select Enum \(9 of 13\)/);
    await choose(/Joey/);
    await title(/Untitled Multiple Select Enum \(10 of 13\)/);
    await picture('several');
    await choose(/Drums/);
    await list().locator('.monaco-button').filter({ hasText: 'OK' }).click();
    await title(/Titled Single Select Enum \(11 of 13\)/);
    await enter();
    await title(/Titled Multiple Select Enum \(12 of 13\)/);
    await list().locator('.monaco-button').filter({ hasText: 'OK' }).click();
    await title(/\(13 of 13\)/);
    await choose(/Leave out/);
    await title(/everything: your answers/);
    await picture('answers');
    const shown = (await rows()).join('\n');
    for (const answer of ['Ada', 'Yes', 'nobody@example.com', '42', '3.14', 'Joey', 'Guitar, Drums', 'Superman', 'Tuna']) expect(shown).toContain(answer);
    await choose(/^.*\bInteger/);
    await title(/everything: Integer$/);
    await enter('7');
    await title(/everything: your answers/);
    await choose(/Send to/);
    const text = await workbench.until('the answer', async () => [await scene.panel.text()].find((said) => /Finished|Failed/.test(said)), 60_000);
    await picture('sent');
    expect(text).toMatch(/Finished/);
  });

  it('shows what changed of several servers as one difference, from the question', async () => {
    await workbench.command('View: Close All Editors');
    writeFileSync(file, configuration('--verbose'));
    expect(await workbench.notification(/definition of 2 of them changed/, 'Review Servers', 60_000)).toBe(true);
    await title(/Which of these MCP servers/);
    expect((await rows()).join('\n')).toMatch(/definition changed[^]*− [^]*\+ [^]*--verbose/);
    await picture('changed');
    await list().getByRole('button', { name: 'Show What Changed' }).click();
    await workbench.page.locator('.multiDiffEditor').first().waitFor();
    await workbench.page.waitForTimeout(1_000);
    await picture('difference');
    await list().locator('.monaco-button').filter({ hasText: 'OK' }).click();
  });

  it('says what to do where no server offers anything', async () => {
    writeFileSync(file, '{ "servers": {} }');
    await workbench.until('no servers', async () => workbench.evaluate(async (vscode) => vscode.commands.executeCommand('codemode.reloadServers').then(() => true)));
    await workbench.command('Code Mode: Open Resource');
    const toast = workbench.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: /No server offers resources/ }).first();
    await toast.waitFor();
    await picture('none');
  });

  it('opens the tools picker of agent mode for what is native', async () => {
    await workbench.command('Code Mode: Choose Tools of Agent Mode');
    await title(/Configure Tools|Tools/);
    await picture('tools');
    await workbench.page.keyboard.press('Escape');
  });
});
