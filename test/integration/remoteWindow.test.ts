// The profile of the developer's own machine, in a window that works on another one.
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { createSurroundings } from '../../src/editor/surroundings.js';
import { openConfiguration, UserFiles } from '../../src/editor/userFiles.js';
import { ConfigurationReader, type IdentifiedServer } from '../../src/mcp/configuration/sources.js';
import { eventually, workspaceFolder } from './inside.js';

const program = { command: 'node', args: ['--version'] };

describe('the profile of the developer’s own machine, in a window on another one', () => {
  let files: UserFiles;
  let profile: vscode.Uri;

  /** What is said of the profile's servers by somebody whose own storage is elsewhere, as a remote machine's is. */
  const listed = async (): Promise<readonly IdentifiedServer[]> => (await new ConfigurationReader().read(createSurroundings(files))).servers.filter(({ configured }) => configured.origin.label === 'local user');
  let written = 0;
  const write = async (content: object): Promise<void> => {
    await vscode.workspace.fs.writeFile(profile, new TextEncoder().encode(JSON.stringify(content)));
    // One that is served does not watch its profile: it reads all of it anew when a setting is written.
    await vscode.workspace.getConfiguration('editor').update('rulers', [80 + ++written], vscode.ConfigurationTarget.Global);
  };

  before(async function () {
    // A window on the developer's own machine reads the file itself.
    if (vscode.env.remoteName === undefined) this.skip();
    await openConfiguration({ file: 'mcp.json on your own machine', line: 0 });
    profile = await eventually(() => vscode.window.visibleTextEditors.map(({ document }) => document.uri).find((uri) => uri.path.endsWith('/User/mcp.json')));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    // This editor is served with its profile; one that keeps it in the browser has it here.
    await vscode.workspace.fs.writeFile(vscode.Uri.from({ scheme: 'vscode-userdata', path: '/User/mcp.json' }), new Uint8Array());
    files = new UserFiles({ globalStorageUri: vscode.Uri.file(path.join(workspaceFolder(), 'server', 'User', 'globalStorage', 'x')) });
  });

  after(async () => {
    files?.dispose();
    if (profile !== undefined) await vscode.workspace.fs.delete(profile);
  });

  it('lists its programs as out of reach and its addresses as servers, as soon as they are there', async () => {
    let told = 0;
    const surroundings = createSurroundings(files);
    const following = surroundings.onDidChange(() => told++);
    await write({ inputs: [{ id: 'key', type: 'promptString' }], servers: { 'a.program': { ...program, env: { KEY: '${input:key}' } }, address: { type: 'http', url: 'http://127.0.0.1:9/mcp' } } });
    const servers = await eventually(async () => {
      const found = await listed();
      return found.length === 2 && told > 0 ? found : undefined;
    });
    following.dispose();
    assert.deepEqual(servers.map(({ id }) => id), ['a.program', 'address']);
    const [local, address] = servers.map(({ configured }) => configured);
    assert.match(local!.outOfReach!, /is configured in the profile of your own machine, and this window works on .+ cannot be started from here\. Add it to/);
    assert.deepEqual([...local!.inputs.keys()], ['key']);
    assert.equal(address!.outOfReach, undefined);
  });

  it('follows what is changed and taken out of it', async () => {
    await write({ servers: { other: program } });
    await eventually(async () => ((await listed()).map(({ id }) => id).join() === 'other' ? true : undefined));
    await write({ servers: {} });
    await eventually(async () => ((await listed()).length === 0 ? true : undefined));
  });
});
