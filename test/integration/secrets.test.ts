import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ConversationId } from '../../src/ids.js';
import type { McpServers } from '../../src/mcp/servers.js';
import type { RunHistory, Runs } from '../../src/runs/run.js';
import { eventually } from './inside.js';

const secret = 'integration-secret-of-the-notes-server';

describe('a secret of an MCP server', () => {
  let inside: { readonly servers: McpServers; readonly runs: { readonly runs: Runs; readonly history: RunHistory } };

  before(async () => {
    const extension = vscode.extensions.getExtension<typeof inside>('code-mode.code-mode');
    assert.ok(extension);
    inside = await extension.activate();
    // It ends when somebody has decided on the server, which nobody does.
    void vscode.commands.executeCommand('codemode.reloadServers');
    await eventually(() => inside.servers.servers[0]);
  });

  it('reaches no journal, whether a script says it, passes it on or returns it', async () => {
    const { runs, history } = inside.runs;
    const source = `console.log('${secret}'); await repo.write({ path: 'secret.txt', text: 'key=${secret}' }); return { key: '${secret}', long: '${secret} '.repeat(300) };`;
    const run = runs.start({ source, origin: 'palette', conversation: 'secrets' as ConversationId, title: `About ${secret}`, params: { key: secret } });
    const outcome = await run.outcome;
    assert.equal(outcome.status, 'finished', JSON.stringify(outcome));
    const exported = (await history.exportJsonl(run.id)) + JSON.stringify(await history.exportTrace(run.id)) + JSON.stringify(await history.list());
    assert.ok(exported.includes('[redacted]'));
    assert.ok(!exported.includes(secret));
    assert.ok(!JSON.stringify(run.events).includes(secret));
  });
});
