import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { answering, approving, eventually, type Inside as Rooms } from './inside.js';

interface Inside extends Rooms {
  readonly exposed: { readonly url: string | undefined; start(): Promise<{ readonly url: string; readonly token: string }> };
}

const names = (answer: { readonly tools: readonly { readonly name: string }[] }): readonly string[] => answer.tools.map(({ name }) => name);
const text = (answer: unknown): string => (answer as { content: { text: string }[] }).content[0]?.text ?? '';

describe('Code Mode as a server for other clients', () => {
  let inside: Inside;
  let client: Client;
  let servers: { dispose(): void };
  let folder: string;
  const run = async (title: string, script: string, onprogress?: (progress: { message?: string }) => void): Promise<string> =>
    text(await client.callTool({ name: 'codemode_run', arguments: { title, script } }, undefined, { timeout: 60_000, ...(onprogress === undefined ? {} : { onprogress }) }));

  before(async () => {
    const extension = vscode.extensions.getExtension<Inside>('code-mode.code-mode');
    assert.ok(extension);
    servers = approving();
    inside = await extension.activate();
    void vscode.commands.executeCommand('codemode.reloadServers');
    await eventually(() => (inside.servers.find('pictures')?.state.kind === 'running' ? true : undefined));
    folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    await vscode.workspace.getConfiguration('codemode').update('review.waitSeconds', 0, vscode.ConfigurationTarget.Global);
  });

  after(async () => {
    servers.dispose();
    await client.close();
  });

  it('is off until somebody turns it on, and on while the setting is', async () => {
    assert.equal(inside.exposed.url, undefined);
    await vscode.workspace.getConfiguration('codemode').update('mcpServer.enabled', true, vscode.ConfigurationTarget.Global);
    await eventually(() => inside.exposed.url);
  });

  it('gives whoever asks a line for their client, with address and token', async () => {
    const { url, token } = await inside.exposed.start();
    const { showQuickPick } = vscode.window;
    const offered: string[] = [];
    const first = async (items: readonly vscode.QuickPickItem[]): Promise<vscode.QuickPickItem | undefined> => {
      offered.push(...items.map(({ label }) => label));
      return items[0];
    };
    Object.assign(vscode.window, { showQuickPick: first });
    try {
      await vscode.commands.executeCommand('codemode.copyMcpConfiguration');
    } finally {
      Object.assign(vscode.window, { showQuickPick });
    }
    const copied = await vscode.env.clipboard.readText();
    assert.ok(copied.includes(url) && copied.includes(token), 'what was copied does not lead here');
    for (const client of ['Claude Code', 'Codex', 'Cursor']) assert.ok(offered.some((label) => label.includes(client)), client);
  });

  it('tells a client with the token what there is', async () => {
    const { url, token } = await inside.exposed.start();
    assert.equal((await fetch(url, { method: 'POST' })).status, 401);
    client = new Client({ name: 'terminal-agent', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }));
    assert.deepEqual(names(await client.listTools()), ['codemode_search', 'codemode_describe', 'codemode_run']);
    assert.match(client.getInstructions() ?? '', /declare const repo|repo/);
    assert.match(text(await client.callTool({ name: 'codemode_search', arguments: { query: 'read a file' } })), /repo\.read/);
    assert.match(text(await client.callTool({ name: 'codemode_describe', arguments: { names: ['repo.read'] } })), /read\(/);
  });

  it('runs a script, shown as that client’s', async () => {
    assert.match(await run('Count sources', `return (await repo.glob({ pattern: 'src/**/*.ts' })).paths.length;`), /^Status: finished\nValue: \d+/);
    const [newest] = inside.runs.runs.runs;
    assert.equal(newest?.request.origin, 'mcp');
    assert.equal(newest?.request.title, 'Count sources (terminal-agent)');
  });

  it('checks it first, and says what is wrong', async () => {
    assert.match(await run('Mistaken', `await repo.raed({ path: 'package.json' });`), /rejected by the type check; nothing ran/);
    const wrong = await client.callTool({ name: 'codemode_run', arguments: { title: 'none' } });
    assert.equal(wrong.isError, true);
  });

  it('hands a client the images that a script returns', async () => {
    const answers = answering(inside);
    try {
      const answer = await client.callTool({ name: 'codemode_run', arguments: { title: 'Picture', script: `return await codemode.resources.read('pictures', 'file:///b.png');` } }, undefined, { timeout: 60_000 });
      const [said, ...images] = answer.content as { type: string; text?: string; data?: string; mimeType?: string }[];
      assert.match(said?.text ?? '', /^Status: finished/);
      assert.deepEqual(images, [{ type: 'image', data: 'AAEC', mimeType: 'image/png' }]);
    } finally {
      answers.dispose();
    }
  });

  it('stages what it edits, until the developer has reviewed it here', async () => {
    assert.match(await run('Write', `await repo.create({ path: 'docs/note.md', text: 'note\\n' });`), /awaitingReview/);
    assert.equal(existsSync(path.join(folder, 'docs/note.md')), false);
    assert.match(await run('Read it again', `return (await repo.read({ path: 'docs/note.md' })).basis;`), /"staged"/);
    await inside.changeSets.open.find((set) => set.files.length > 0)?.discard();
  });

  it('asks the developer here, and goes on after the answer', async () => {
    execFileSync('git', ['branch', 'other'], { cwd: folder });
    const told: (string | undefined)[] = [];
    const answer = run('Switch', `return (await git.switchBranch({ name: 'other' })) !== undefined;`, ({ message }) => void told.push(message));
    const { approvals } = inside.runs;
    await eventually(() => approvals.pending[0]);
    assert.equal(execFileSync('git', ['branch', '--show-current'], { cwd: folder, encoding: 'utf8' }).trim(), 'main');
    const developer = answering(inside);
    assert.match(await answer, /Status: finished/);
    developer.dispose();
    assert.equal(execFileSync('git', ['branch', '--show-current'], { cwd: folder, encoding: 'utf8' }).trim(), 'other');
    assert.ok(told.some((message) => message?.includes('is asked')), JSON.stringify(told));
  });

  it('stops with the setting, and keeps its address and token for the next time', async () => {
    const before = await inside.exposed.start();
    await vscode.workspace.getConfiguration('codemode').update('mcpServer.enabled', false, vscode.ConfigurationTarget.Global);
    await eventually(() => (inside.exposed.url === undefined ? true : undefined));
    await assert.rejects(fetch(before.url, { method: 'POST' }));
    const after = await inside.exposed.start();
    assert.deepEqual([after.url, after.token], [before.url, before.token]);
    await vscode.commands.executeCommand('codemode.stopMcpServer');
    assert.equal(inside.exposed.url, undefined);
  });
});
