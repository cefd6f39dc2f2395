import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
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

/** Of this process, in MB; threads as many as there are, where the system says so. */
interface Memory {
  readonly heap: number;
  readonly outside: number;
  readonly resident: number;
  readonly threads: number;
}

async function memory(): Promise<Memory> {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await pause(200);
  const { heapUsed, external, rss } = process.memoryUsage();
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  return { heap: heapUsed / mb, outside: external / mb, resident: rss / mb, threads: Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? 0) };
}

/**
 * What may be left of a thousand scripts. One worker that was not ended holds a thread and some 10 MB; what the system's
 * allocator keeps of those that were, for the next ones, comes and goes by tens of MB.
 */
const leeway: Memory = { heap: 16, outside: 16, resident: 128, threads: 3 };
const grown = (before: Memory, after: Memory): readonly (keyof Memory)[] => (Object.keys(leeway) as (keyof Memory)[]).filter((what) => after[what] - before[what] > leeway[what]);
const said = (of: Memory): string => Object.entries(of).map(([what, amount]: [string, number]) => `${what} ${amount.toFixed(0)}`).join(', ');

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
    const before = await memory();
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
    let after = await memory();
    for (let wait = 0; grown(before, after).length > 0 && wait < 20; wait++) after = await memory();
    assert.deepEqual(grown(before, after), [], `The extension host went from ${said(before)} to ${said(after)}.`);
    console.log(`      ${said(before)} before; ${said(after)} after`);
  });
});
