import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createSandboxPool, type SandboxPool } from '../../../src/sandbox/pool.js';
import type { SandboxRunOptions } from '../../../src/sandbox/sandbox.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/sandbox/worker.js');
const options: SandboxRunOptions = { namespaces: {}, call: () => Promise.resolve(undefined), timeoutMs: 20_000, memoryMb: 64 };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function poolOf(given: Parameters<typeof createSandboxPool>[0]): SandboxPool {
  const pool = createSandboxPool(given);
  undo.push(() => pool.dispose());
  return pool;
}

/** Counts the workers that are started from now on. */
function countStarts(): { started: number } {
  const counted = { started: 0 };
  const count = (): void => void counted.started++;
  process.on('worker', count);
  undo.push(() => process.off('worker', count));
  return counted;
}

it('a short run has a spare worker started too: the next may use up the one there is', async () => {
  const counted = countStarts();
  const pool = poolOf({ workerPath });
  expect(await pool.run('return 1;', options)).toMatchObject({ ok: true, value: 1 });
  await expect.poll(() => counted.started, { timeout: 20_000 }).toBe(2);
  // Neither this nor the run of the spare needs another to be started first.
  expect(await pool.run('await new Promise(() => undefined);', options)).toMatchObject({ ok: false, error: { limit: 'deadlock' } });
  expect(await pool.run('return 2;', options)).toMatchObject({ ok: true, value: 2 });
});

it('runs at the same time share as many workers as there may be, and at most one spare', async () => {
  const counted = countStarts();
  const pool = poolOf({ workerPath, size: 2 });
  const results = await Promise.all([1, 2, 3, 4, 5].map((at) => pool.run(`await new Promise((done) => setTimeout(done, 50)); return ${at};`, options)));
  expect(results).toMatchObject([1, 2, 3, 4, 5].map((value) => ({ ok: true, value })));
  // The spare is for the last ones, if they go on for long enough.
  expect([2, 3]).toContain(counted.started);
});

it('a worker that cannot be started is said to every run, and tried again by the next', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'code-mode-worker-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(path.join(path.dirname(workerPath), 'quickjs.wasm'), path.join(folder, 'quickjs.wasm'));
  const broken = path.join(folder, 'worker.js');
  writeFileSync(broken, 'throw new Error("half an update");');
  const counted = countStarts();
  const pool = poolOf({ workerPath: broken, size: 2 });
  const results = await Promise.all([1, 2, 3].map((at) => pool.run(`return ${at}`, options)));
  for (const result of results) expect(result).toMatchObject({ ok: false, error: { name: 'SandboxError', message: expect.stringMatching(/could not be started: half an update\. Nothing ran\. Reload/) as string } });
  expect(counted.started).toBeLessThan(6);
  copyFileSync(workerPath, broken);
  expect(await pool.run('return 3', options)).toMatchObject({ ok: true, value: 3 });
});

it.each([NaN, -1, 0, 1e12])('a memory limit of %s does not lose the worker', async (memoryMb) => {
  const pool = poolOf({ workerPath });
  expect(await pool.run('return 1', { ...options, memoryMb })).toMatchObject({ ok: true, value: 1 });
});

it('a run that waits for its worker when the sandbox is closed did not run', async () => {
  const pool = poolOf({ workerPath });
  const running = pool.run('return 1', options);
  await pool.dispose();
  expect(await running).toMatchObject({ ok: false, error: { name: 'AbortError', message: 'The sandbox was closed.' } });
});
