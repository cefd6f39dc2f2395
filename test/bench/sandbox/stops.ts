import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answer, attacks, tools } from '../../unit/sandbox/attacks.js';
import type { BenchRow } from '../main.js';
import { calls, must, type BenchSandbox, type Engine } from './engine.js';
import { median, pause, timed } from './reference.js';

const loops: Readonly<Record<string, string>> = {
  'while (true)': 'while (true) {}',
  'endless await': 'for (;;) await null;',
  'try and finally': 'for (;;) try { for (;;); } finally { continue; }',
  'regular expression': "/(a+)+$/.test('a'.repeat(60) + '!');",
};
const bombs: Readonly<Record<string, string>> = {
  'indexOf on 2^53': 'Array.prototype.indexOf.call({ length: 2 ** 53 }, 1);',
  replaceAll: "'x'.repeat(2e7).replaceAll('x', 'yy');",
  'JSON of shared references': 'const a = [1]; for (let i = 0; i < 40; i++) a[0] = [a[0], a[0]]; JSON.stringify(a);',
};

/** How late control is back after the deadline, and how long the next run takes. */
export async function measureStops(engine: Engine, rounds: number): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const deadline = 200;
  for (const [kind, scripts, bar] of [['loop', loops, 25], ['native bomb', bombs, 500]] as const) {
    for (const [name, script] of Object.entries(scripts)) {
      const sandbox = await engine.create();
      const late: number[] = [];
      const next: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await must(sandbox, 'return 1');
        await pause(200);
        late.push((await timed(() => sandbox.run(script, { ...calls, timeoutMs: deadline, memoryMb: 128 }))) - deadline);
        next.push(await timed(() => must(sandbox, 'return 1')));
      }
      await sandbox.dispose();
      rows.push({ measure: `${engine.name}: ${kind} stopped, ${name}`, value: median(late), unit: 'ms late', reference: `deadline; the next run took ${median(next).toFixed(1)} ms`, bar: `≤ ${bar} ms`, ok: median(late) <= bar });
    }
  }
  return rows;
}

export async function measureCancel(engine: Engine, rounds: number): Promise<readonly BenchRow[]> {
  const sandbox = await engine.create();
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const controller = new AbortController();
    const running = sandbox.run(round % 2 === 0 ? 'while (true) {}' : 'await t.slow({}); for (;;) await t.slow({});', { ...calls, signal: controller.signal });
    await pause(100);
    taken.push(
      await timed(async () => {
        controller.abort();
        await running;
      }),
    );
  }
  await sandbox.dispose();
  return [{ measure: `${engine.name}: cancelled`, value: Math.max(...taken), unit: 'ms', reference: `the longest of ${rounds}`, bar: '≤ 10 ms', ok: Math.max(...taken) <= 10 }];
}

/** The attack set, and what it does to the thread that started it. */
export async function measureAttacks(engine: Engine, options: { readonly quick: boolean; log(text: string): void }): Promise<readonly BenchRow[]> {
  let sandbox: BenchSandbox | undefined = await engine.create();
  let passed = 0;
  let hung = 0;
  const list = attacks.filter((_, at) => !options.quick || at % 4 === 0);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  for (const attack of list) {
    sandbox ??= await engine.create();
    let isHung = false;
    const result = await Promise.race([
      sandbox.run(attack.script, { namespaces: { t: tools }, call: (_, tool, args) => answer(tool, args), timeoutMs: attack.fails === undefined ? 5000 : 1000, memoryMb: 64 }).catch((error: unknown) => ({ ok: false, value: undefined, error: { message: `rejected: ${String(error)}` } })),
      pause(15_000).then(() => void (isHung = true)),
    ]);
    if (isHung || result === undefined) {
      hung++;
      void sandbox.dispose().catch(() => undefined);
      sandbox = undefined;
    } else if (attack.fails === undefined ? result.ok && JSON.stringify(result.value) === JSON.stringify(attack.value) : !result.ok) passed++;
    else options.log(`${engine.name}: not as expected: ${attack.script.slice(0, 100)}`);
  }
  delay.disable();
  await sandbox?.dispose();
  const ms = (nanoseconds: number): number => nanoseconds / 1e6;
  return [
    { measure: `${engine.name}: attacks passed`, value: passed, unit: `of ${list.length}`, reference: `${hung} hung`, bar: 'all', ok: passed === list.length },
    { measure: `${engine.name}: host stall under attack, p95`, value: ms(delay.percentile(95)), unit: 'ms', bar: '≤ 50 ms', ok: ms(delay.percentile(95)) <= 50 },
    { measure: `${engine.name}: host stall under attack, longest`, value: ms(delay.max), unit: 'ms', bar: '≤ 100 ms', ok: ms(delay.max) <= 100 },
  ];
}

/** Resident memory while a bomb runs, and after its worker is gone. */
export async function measureMemory(engine: Engine): Promise<readonly BenchRow[]> {
  const sandbox = await engine.create();
  const resident = (): number => process.memoryUsage.rss() / 1024 / 1024;
  // The second time everything that stays is there.
  await sandbox.run('const all = []; for (;;) all.push(new Array(1000).fill(1.5));', { ...calls, timeoutMs: 10_000 });
  await must(sandbox, 'return 1');
  await pause(500);
  globalThis.gc?.();
  const before = resident();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, resident())), 2);
  await sandbox.run("const all = []; for (;;) all.push('x'.repeat(100000) + all.length);", { ...calls, timeoutMs: 10_000 });
  clearInterval(sampling);
  await must(sandbox, 'return 1');
  await pause(500);
  globalThis.gc?.();
  const after = resident();
  await sandbox.dispose();
  const limit = calls.memoryMb + 32;
  return [
    { measure: `${engine.name}: memory bomb, growth`, value: most - before, unit: 'MB', reference: `limit ${calls.memoryMb} MB`, bar: `≤ ${limit} MB`, ok: most - before <= limit },
    { measure: `${engine.name}: memory bomb, kept afterwards`, value: after - before, unit: 'MB', reference: `${before.toFixed(0)} MB before`, bar: '≤ 16 MB', ok: after - before <= 16 },
  ];
}
