import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { JsonObject } from '../../src/json.js';
import type { RunId } from '../../src/ids.js';
import { activated, approving, eventually, start, type Inside } from './inside.js';

type Window = typeof vscode.window;

/** Puts answers of a person in the place of what asks for them, until disposed. */
function replacing(replacements: Partial<Record<keyof Window, unknown>>): { dispose(): void } {
  const before = Object.fromEntries(Object.keys(replacements).map((name) => [name, vscode.window[name as keyof Window]]));
  Object.assign(vscode.window, replacements);
  return { dispose: () => void Object.assign(vscode.window, before) };
}

describe('the record of a run', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'exported-'));
  let inside: Inside;
  let run: RunId;

  before(async () => {
    inside = await activated();
    const started = start(inside, "await repo.read({ path: 'package.json' }); await repo.read({ path: 'nothing.ts' }).catch(() => 0); return 7;");
    assert.equal((await started.outcome).status, 'finished');
    run = started.id;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Exports as somebody does who takes the nth format and this place; tells what was said then. */
  async function exported(format: number, target: string | undefined): Promise<{ readonly text: string | undefined; readonly said: readonly string[] }> {
    const said: string[] = [];
    const say = async (message: string): Promise<undefined> => void said.push(message);
    const replaced = replacing({
      showQuickPick: async (items: readonly unknown[]) => items[format],
      showSaveDialog: async () => (target === undefined ? undefined : vscode.Uri.file(target)),
      showInformationMessage: say,
      showErrorMessage: say,
    });
    try {
      await vscode.commands.executeCommand('codemode.exportRun', run);
    } finally {
      replaced.dispose();
    }
    return { text: target !== undefined && existsSync(target) ? readFileSync(target, 'utf8') : undefined, said };
  }

  it('is exported whole, as JSON lines', async () => {
    const { text, said } = await exported(0, path.join(folder, 'run.jsonl'));
    const events = (text ?? '').trimEnd().split('\n').map((line) => JSON.parse(line) as JsonObject & { readonly type: string });
    assert.deepEqual([events[0]?.type, events.at(-1)?.type, events.filter(({ type }) => type === 'callRequested').length], ['created', 'ended', 2]);
    assert.match(said.join(), /Exported/);
  });

  it('is exported as a trace of OpenTelemetry, one span for the run and one a call', async () => {
    const { text } = await exported(1, path.join(folder, 'run.json'));
    const trace = JSON.parse(text ?? '') as { readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly JsonObject[] }[] }[] };
    assert.equal(trace.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)).length, 3);
  });

  it('that cannot be written says so, with what to do; given up, nothing is written or said', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const { said } = await exported(0, path.join(folder, 'file', 'run.jsonl'));
    assert.match(said.join(), /^“Test” was not exported to .*run\.jsonl: .*Export it to another place\.$/);
    assert.deepEqual(await exported(0, undefined), { text: undefined, said: [] });
  });

  it('says in its line of the history what the run may reach', async () => {
    const listed = (await inside.runs.history.list()).find(({ id }) => id === run);
    assert.deepEqual([listed?.status, listed?.origin, listed?.calls, listed?.reach], ['finished', 'palette', 2, { read: ['repo'] }]);
  });
});

describe('what was allowed for longer', () => {
  it('is forgotten one by one by keyboard, and as a whole by one command, once that was confirmed', async () => {
    const inside = await activated();
    const { policy, approvals } = inside.runs;
    const approved = approving();
    void vscode.commands.executeCommand('codemode.reloadServers');
    const server = await eventually(() => inside.servers.find('memory'));
    await server.start().finally(() => approved.dispose());
    await eventually(() => inside.catalog.current.find('memory', 'read_graph'));
    const answers = approvals.onDidChange(() => {
      for (const { id, kind } of approvals.pending) approvals.answer(id, kind === 'start' ? { kind, allowed: true, grants: [] } : { kind, decision: { kind: 'allow', scope: 'session', breadth: 'tool' } });
    });
    try {
      const allow = async (): Promise<void> => {
        assert.equal((await start(inside, 'return memory.read_graph({});').outcome).status, 'finished');
        assert.equal(policy.grants.length, 1);
      };
      await allow();
      const asked: string[] = [];
      let answer: string | undefined;
      const replaced = replacing({ showWarningMessage: async (message: string) => (asked.push(message), answer) });
      // Enter on the first line of the list, again and again until it is up to take it.
      const press = async (isDone: () => boolean): Promise<void> => {
        void vscode.commands.executeCommand('codemode.manageApprovals');
        await eventually(async () => {
          await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
          return isDone() ? true : undefined;
        });
        await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      };
      try {
        await press(() => asked.length > 0);
        assert.deepEqual([policy.grants.length, asked[0]], [1, 'Forget “memory: read_graph” (in this session)?']);
        answer = 'Forget';
        await press(() => policy.grants.length === 0);
        answer = undefined;
        await allow();
        asked.length = 0;
        await vscode.commands.executeCommand('codemode.resetApprovals');
        assert.equal(policy.grants.length, 1, 'forgotten without a yes');
        answer = 'Forget';
        await vscode.commands.executeCommand('codemode.resetApprovals');
      } finally {
        replaced.dispose();
      }
      assert.deepEqual([policy.grants.length, asked], [0, ['Forget the one remembered approval?', 'Forget the one remembered approval?']]);
    } finally {
      answers.dispose();
      await server.stop();
    }
  });
});
