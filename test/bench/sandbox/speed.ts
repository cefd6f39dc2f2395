import type { BenchRow } from '../main.js';
import { must, type BenchSandbox, type Engine } from './engine.js';
import { cpuMs, median, pause, startEcho, timed } from './reference.js';
import { cpuWork, prepareData } from './work.js';

const text = (bytes: number): string => JSON.stringify({ text: 'x'.repeat(bytes - 11) });
const sequence = (count: number, bytes: number): string => `const args = ${text(bytes)}; for (let i = 0; i < ${count}; i++) await t.echo(args); return 1;`;
const together = (count: number, bytes: number): string => `const args = ${text(bytes)}; await Promise.all(Array.from({ length: ${count} }, () => t.echo(args))); return 1;`;

export interface CallFigures {
  readonly small: number;
  readonly together: number;
  readonly large: number;
  readonly fanOut: number;
  readonly warm: number;
  /** As `warm`, when host and worker have slept before. */
  readonly rested: number;
}

/** µs per call or run, medians of rounds that alternate with the reference; `fanOut` is a ratio to one call. */
export async function measureCalls(engine: Engine, rounds: number): Promise<{ readonly bare: { readonly small: number; readonly large: number; readonly rested: number }; readonly figures: CallFigures }> {
  const echo = await startEcho();
  const sandbox = await engine.create();
  const bare = { small: [] as number[], large: [] as number[], rested: [] as number[] };
  const samples = { small: [] as number[], together: [] as number[], large: [] as number[], fanOut: [] as number[], warm: [] as number[], rested: [] as number[] };
  const count = 1000;
  const perCall = async (calls: number, work: () => Promise<unknown>): Promise<number> => ((await timed(work)) * 1000) / calls;
  for (let round = 0; round <= rounds; round++) {
    // The first round warms everything up.
    const keep = (to: number[], value: number): void => void (round > 0 && to.push(value));
    for (const [to, bytes] of [[bare.small, 100], [bare.large, 10_000]] as const) {
      const message = text(bytes);
      keep(to, await perCall(count, async () => {
        for (let at = 0; at < count; at++) await echo.roundTrip(message);
      }));
    }
    keep(samples.small, await perCall(count, () => must(sandbox, sequence(count, 100))));
    keep(samples.together, await perCall(count, () => must(sandbox, together(count, 100))));
    keep(samples.large, await perCall(200, () => must(sandbox, sequence(200, 10_000))));
    const fanOut = await timed(() => must(sandbox, 'await Promise.all(Array.from({ length: 20 }, () => t.slow({}))); return 1;'));
    keep(samples.fanOut, fanOut / (await timed(() => must(sandbox, 'await t.slow({}); return 1;'))));
    for (let at = 0; at < 20; at++) keep(samples.warm, await perCall(1, () => must(sandbox, 'return 1')));
    for (let at = 0; at < 20; at++) {
      await pause(5);
      keep(bare.rested, await perCall(1, () => echo.roundTrip(text(100))));
      await pause(5);
      keep(samples.rested, await perCall(1, () => must(sandbox, 'return 1')));
    }
  }
  await echo.end();
  await sandbox.dispose();
  return {
    bare: { small: median(bare.small), large: median(bare.large), rested: median(bare.rested) },
    figures: { small: median(samples.small), together: median(samples.together), large: median(samples.large), fanOut: median(samples.fanOut), warm: median(samples.warm), rested: median(samples.rested) },
  };
}

/** From nothing to the first result, against a bare worker's start. */
export async function measureCold(engine: Engine, rounds: number): Promise<readonly BenchRow[]> {
  const bare: number[] = [];
  const cold: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let echo!: Awaited<ReturnType<typeof startEcho>>;
    bare.push(await timed(async () => (echo = await startEcho())));
    await echo.end();
    let sandbox!: BenchSandbox;
    cold.push(
      await timed(async () => {
        sandbox = await engine.create();
        await must(sandbox, 'return 1');
      }),
    );
    await sandbox.dispose();
    await pause(50);
  }
  const ratio = median(cold) / median(bare);
  return [{ measure: `${engine.name}: cold, to the first result`, value: median(cold), unit: 'ms', reference: `bare worker start ${median(bare).toFixed(0)} ms`, ratio, bar: '≤ 2 ×', ok: ratio <= 2 }];
}

/** CPU time of data work, against the same text in Node. */
export async function measureCpu(engine: Engine, rounds: number): Promise<readonly BenchRow[]> {
  const sandbox = await engine.create();
  const rows: BenchRow[] = [];
  for (const [name, work] of Object.entries(cpuWork)) {
    const native: number[] = [];
    const guest: number[] = [];
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own text, timed
    const inNode = new Function('mark', `${prepareData} mark(); const result = (() => { ${work} })(); mark(); return result;`) as (mark: () => void) => unknown;
    for (let round = 0; round < rounds; round++) {
      const marks: NodeJS.CpuUsage[] = [];
      const elapsed = (): number => cpuMs(marks[0]) - cpuMs(marks[1]);
      inNode(() => void marks.push(process.cpuUsage()));
      native.push(elapsed());
      marks.length = 0;
      await must(sandbox, `${prepareData} await t.mark({}); const result = (() => { ${work} })(); await t.mark({}); return result;`, { call: async () => void marks.push(process.cpuUsage()) });
      guest.push(elapsed());
    }
    const ratio = median(guest) / Math.max(median(native), 0.1);
    rows.push({ measure: `${engine.name}: CPU, ${name}`, value: median(guest), unit: 'ms CPU', reference: `Node ${median(native).toFixed(1)} ms`, ratio, bar: '≤ 9 ×', ok: ratio <= 9 });
  }
  await sandbox.dispose();
  return rows;
}
