import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addedGlobals, extraDeclarations, removedGlobals } from '../../../src/sandbox/globals.js';
import { createSandboxPool } from '../../../src/sandbox/pool.js';
import type { Sandbox, SandboxRunOptions } from '../../../src/sandbox/sandbox.js';
import { answer, attacks, tools } from './attacks.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/sandbox/worker.js');
let sandbox: Sandbox;

beforeAll(() => {
  if (!existsSync(workerPath)) throw new Error('The sandbox is not built: run "npm run build" first.');
  sandbox = createSandboxPool({ workerPath });
});
afterAll(() => sandbox.dispose());

const options: SandboxRunOptions = {
  namespaces: { t: tools },
  call: (_, tool, args) => answer(tool, args),
  timeoutMs: 400,
  memoryMb: 64,
};

describe.each([...new Set(attacks.map((attack) => attack.kind))])('%s', (kind) => {
  it.each(attacks.filter((attack) => attack.kind === kind))('$script', async (attack) => {
    // On a busy machine the clock must not win where another limit is in question.
    const isTimed = attack.fails !== undefined && (attack.fails.limit === 'time' || Object.keys(attack.fails).length === 0);
    const result = await sandbox.run(attack.script, isTimed ? { ...options, limits: { wallMs: 1_500 } } : { ...options, timeoutMs: 20_000 });
    if (attack.console === 'silent') expect(result.console).toEqual([]);
    else if (attack.console !== undefined) expect(result.console.map((entry) => entry.text).join('\n')).toMatch(new RegExp(attack.console, 'm'));
    if (attack.fails === undefined) {
      expect(result).toMatchObject({ ok: true });
      expect(result.ok && result.value).toEqual(attack.value === undefined ? undefined : attack.value);
      return;
    }
    if (result.ok) throw new Error(`It was let through with ${JSON.stringify(result.value)?.slice(0, 200)}.`);
    const { name, limit, message, line, column } = attack.fails;
    if (name !== undefined) expect(result.error.name).toBe(name);
    if (limit !== undefined) expect(result.error.limit).toBe(limit);
    if (message !== undefined) expect(result.error.message).toMatch(message);
    if (line !== undefined) expect(result.error.line).toBe(line);
    if (column !== undefined) expect(result.error.column).toBe(column);
    expect(result.error.message).not.toMatch(/\/home|node:|file:/);
  });
});

describe('what the checker is told of the globals', () => {
  it.each(addedGlobals)('%s is there, and declared', async (name) => {
    expect(await sandbox.run(`return typeof ${name};`, options)).not.toMatchObject({ value: 'undefined' });
    // Intl is declared with the language itself.
    if (name !== 'Intl') expect(extraDeclarations).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it.each(removedGlobals)('%s is gone', async (name) => {
    expect(await sandbox.run(`return typeof ${name};`, options)).toMatchObject({ value: 'undefined' });
  });
});

describe('around the runs', () => {
  it('the next run is served at once after one was terminated', async () => {
    await sandbox.run('Array.prototype.indexOf.call({ length: 2 ** 53 }, 1);', options);
    expect(await sandbox.run('return 1;', options)).toMatchObject({ ok: true, value: 1 });
  });

  it('a cancelled run ends, whatever it waits for', async () => {
    const controller = new AbortController();
    const running = sandbox.run('for (;;) await t.echo({});', { ...options, timeoutMs: 60_000, signal: controller.signal, call: () => new Promise(() => undefined) });
    setTimeout(() => controller.abort(), 50);
    expect(await running).toMatchObject({ ok: false, error: { name: 'AbortError' } });
  });

  it('a run that is cancelled when it gets its worker leaves it to the next', async () => {
    const pool = createSandboxPool({ workerPath, size: 1 });
    const controller = new AbortController();
    try {
      await pool.warm();
      // The warning of the call that is left behind comes with the end of the run, when the spare worker is given away.
      const first = pool.run('t.slow({}); await t.echo({});', { ...options, timeoutMs: 20_000, onConsole: () => queueMicrotask(() => controller.abort()), call: async (_, tool) => {
        // Long enough for the spare worker to be ready, if it is to be seen that it is not lost.
        return new Promise((resolve) => void (tool === 'echo' && setTimeout(resolve, 300)));
      } });
      const second = pool.run('return 2;', { ...options, timeoutMs: 20_000, signal: controller.signal });
      expect(await first).toMatchObject({ ok: true });
      expect(await second).toMatchObject({ ok: false, error: { name: 'AbortError' } });
      expect(await pool.run('return 3;', { ...options, timeoutMs: 20_000 })).toMatchObject({ ok: true, value: 3 });
    } finally {
      await pool.dispose();
    }
  });

  it('runs side by side do not see each other', async () => {
    const scripts = Array.from({ length: 6 }, (_, at) => sandbox.run(`globalThis.mine = ${at}; await t.slow({}); return globalThis.mine;`, options));
    expect((await Promise.all(scripts)).map((result) => result.ok && result.value)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await sandbox.run('return typeof mine;', options)).toMatchObject({ value: 'undefined' });
  });

  it('time spent waiting for a tool is not compute time', async () => {
    const slow = { ...options, timeoutMs: 200, call: async () => new Promise((resolve) => setTimeout(resolve, 500, 'late')) };
    expect(await sandbox.run('return await t.echo({});', slow)).toMatchObject({ ok: true, value: 'late' });
  });

  it('the wall clock stands still while a person thinks', async () => {
    let thinking = true;
    const decide = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      thinking = false;
      return 'decided';
    };
    expect(await sandbox.run('return await t.echo({});', { ...options, limits: { wallMs: 2_000 }, isPersonWaiting: () => thinking, call: decide })).toMatchObject({ ok: true, value: 'decided' });
    expect(await sandbox.run('return await t.echo({});', { ...options, limits: { wallMs: 300 }, call: () => new Promise(() => undefined) })).toMatchObject({ ok: false, error: { limit: 'time', message: expect.stringMatching(/300 ms.*codemode\.limits\.wallMs/) as string } });
  });

  it('an engine that cannot be loaded is said, once, and looked for again by the next run', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'code-mode-engine-'));
    const from = path.dirname(workerPath);
    for (const file of ['worker.js', 'quickjs.image']) copyFileSync(path.join(from, file), path.join(folder, file));
    const broken = createSandboxPool({ workerPath: path.join(folder, 'worker.js') });
    try {
      const results = await Promise.all([broken.run('return 1', options), broken.run('return 2', options)]);
      for (const result of results) expect(result).toMatchObject({ ok: false, error: { name: 'SandboxError', message: expect.stringMatching(/could not be loaded.*quickjs\.wasm.*Reinstall/) as string } });
      copyFileSync(path.join(from, 'quickjs.wasm'), path.join(folder, 'quickjs.wasm'));
      expect(await broken.run('return 3', options)).toMatchObject({ ok: true, value: 3 });
    } finally {
      await broken.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('a worker starts from the picture of a booted engine that the build made', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'code-mode-picture-'));
    const from = path.dirname(workerPath);
    for (const file of ['worker.js', 'quickjs.wasm']) copyFileSync(path.join(from, file), path.join(folder, file));
    // Told apart by a text of the guest library, which stands in the engine's memory as it is.
    const text = 'cannot leave the script. Pass data.';
    const picture = readFileSync(path.join(from, 'quickjs.image'), 'latin1');
    expect(picture).toContain(text);
    writeFileSync(path.join(folder, 'quickjs.image'), picture.replaceAll(text, text.toUpperCase()), 'latin1');
    const pictured = createSandboxPool({ workerPath: path.join(folder, 'worker.js') });
    try {
      expect(await pictured.run('return () => 1', options)).toMatchObject({ ok: false, error: { message: 'A function CANNOT LEAVE THE SCRIPT. PASS DATA.' } });
    } finally {
      await pictured.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('the same clock and seed give the same run', async () => {
    const clock = { now: 1_700_000_000_000, seed: 'seed' };
    const script = 'return [Math.random(), crypto.randomUUID(), new Date().getFullYear()];';
    const [one, other] = [await sandbox.run(script, { ...options, clock }), await sandbox.run(script, { ...options, clock })];
    expect(one).toEqual(other);
    expect(one).toMatchObject({ ok: true });
  });
});
