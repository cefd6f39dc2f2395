import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as vscode from 'vscode';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { answer, attacks, tools } from '../unit/sandbox/attacks.js';

/** What the extension gives to tests alone. */
interface Inside {
  readonly sandbox: Sandbox;
}

const total = 1000;
const mb = 1024 * 1024;

// Those that compute until they are stopped cost the time they are given, so they come once each; the others again and again.
const isSlow = (at: number): boolean => attacks[at]!.kind === 'limits';
const slow = attacks.filter((_, at) => isSlow(at));
const quick = attacks.filter((_, at) => !isSlow(at));
const scripts = Array.from({ length: total }, (_, at) => (at % 12 === 0 && at / 12 < slow.length ? slow[at / 12]! : quick[at % quick.length]!).script);

async function residentMb(): Promise<number> {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await pause(200);
  return process.memoryUsage.rss() / mb;
}

describe('a thousand hostile scripts in a row', () => {
  let sandbox: Sandbox;
  const run = async (script: string) => sandbox.run(script, { namespaces: { t: tools }, call: async (_, tool, args) => answer(tool, args), timeoutMs: 100, memoryMb: 64, limits: { wallMs: 1000 } });

  before(async () => {
    const extension = vscode.extensions.getExtension<Inside>('code-mode.code-mode');
    assert.ok(extension);
    ({ sandbox } = await extension.activate());
  });

  it('leave the extension host alive, the next script served, and its memory where it was', async function () {
    this.timeout(180_000);
    // What is loaded once and stays is there afterwards.
    for (const script of scripts.slice(0, 60)) await run(script);
    const before = await residentMb();
    let ended = 0;
    for (const script of scripts) {
      const result = await run(script);
      assert.equal(typeof result.ok, 'boolean');
      if (!result.ok) assert.ok(result.error.message.length > 0, `no word for ${script.slice(0, 80)}`);
      ended++;
    }
    assert.equal(ended, total);
    const result = await sandbox.run('return (await t.echo({ still: "alive" })).args;', { namespaces: { t: tools }, call: async (_, tool, args) => answer(tool, args), timeoutMs: 20_000, memoryMb: 64 });
    assert.deepEqual(result.ok && result.value, { still: 'alive' });
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
    assert.ok((await vscode.commands.getCommands(true)).includes('codemode.runScript'));
    // Workers that have just been ended give their memory back a moment later.
    let after = await residentMb();
    for (let wait = 0; after - before > 48 && wait < 20; wait++) after = await residentMb();
    assert.ok(after - before <= 48, `The extension host went from ${before.toFixed(0)} MB to ${after.toFixed(0)} MB.`);
    console.log(`      ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after`);
  });
});
