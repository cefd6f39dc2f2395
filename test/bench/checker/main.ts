import path from 'node:path';
import ts from 'typescript';
import type { Checker } from '../../../src/checker/checker.js';
import { createChecker } from '../../../src/checker/client.js';
import { createSandboxPool } from '../../../src/sandbox/pool.js';
import { syntheticCatalog, syntheticScript } from './catalog.js';

export const name = 'checker';
export const describe = 'Check of a 50-line script with 22 tool calls against catalogs of 500 and 5,000 tools, beside transpileModule.';

interface Row {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly reference?: string;
  readonly ratio?: number;
  readonly bar?: string;
  readonly ok?: boolean;
}

/** Until V8 has compiled what both use: fewer, and the figures tell more of V8 than of us. */
const warmRounds = 60;

const globals = {
  removed: ['eval', 'Function', 'SharedArrayBuffer', 'Atomics'],
  declarations: 'declare const console: { log(...values: unknown[]): void };\ndeclare const codemode: { search(query: string): Promise<string[]> };',
};

export async function run(options: { readonly quick: boolean; log(text: string): void }): Promise<{ rows: Row[] }> {
  const rounds = options.quick ? 15 : 60;
  const rows: Row[] = [];
  const small = syntheticCatalog(20, 25);
  const large = syntheticCatalog(100, 50);
  options.log(`${String(syntheticScript(0).split('\n').length - 1)} lines; ${String(small.tools)} tools in ${kb(small.files)} kB, ${String(large.tools)} in ${kb(large.files)} kB of declarations.`);

  const memoryBefore = process.memoryUsage().rss;
  const cold = newChecker();
  cold.setTypings({ version: 1, files: small.files });
  const first = await timed(() => checkedOk(cold, syntheticScript(0)));
  rows.push({ measure: 'cold: worker, TypeScript, 500 tools, first check', value: first, unit: 'ms' });
  await cold.dispose();

  const checker = newChecker();
  checker.setTypings({ version: 1, files: small.files });
  rows.push({ measure: 'warm-up, hidden behind the start of the catalog', value: await timed(() => checker.warm()), unit: 'ms' });
  rows.push({ measure: 'first check after warm-up', value: await timed(() => checkedOk(checker, syntheticScript(1))), unit: 'ms' });

  const ours = { wall: [] as number[], cpu: [] as number[] };
  const reference = { wall: [] as number[], cpu: [] as number[] };
  const transpile = (source: string): void => {
    ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }, reportDiagnostics: true });
  };
  for (let round = 0; round < warmRounds + rounds; round++) {
    const source = syntheticScript(round + 2);
    const check = await measured(() => checkedOk(checker, source));
    const plain = await measured(async () => {
      transpile(source);
    });
    if (round < warmRounds) continue;
    ours.wall.push(check.wall);
    ours.cpu.push(check.cpu);
    reference.wall.push(plain.wall);
    reference.cpu.push(plain.cpu);
  }
  const plainCpu = median(reference.cpu);
  const ratio = median(ours.cpu) / plainCpu;
  rows.push({ measure: 'transpileModule, warm, CPU', value: plainCpu, unit: 'ms' });
  rows.push({ measure: 'check against 500 tools, warm, CPU', value: median(ours.cpu), unit: 'ms', reference: 'transpileModule warm, CPU', ratio, bar: '≤ 3 ×', ok: ratio <= 3 });
  rows.push({ measure: 'the same, wall clock', value: median(ours.wall), unit: 'ms', reference: 'transpileModule warm, wall', ratio: median(ours.wall) / median(reference.wall) });

  rows.push(await startRow(checker, rounds));

  const changes: number[] = [];
  for (let round = 0; round < Math.max(5, rounds / 4); round++) {
    const changed = syntheticCatalog(1, 25, round + 1).files;
    const files = small.files.map((file) => changed.find((other) => other.namespace === file.namespace) ?? file);
    checker.setTypings({ version: round + 2, files });
    changes.push(await timed(() => checkedOk(checker, syntheticScript(round))));
  }
  rows.push({ measure: 'check right after one of 20 servers changed', value: median(changes), unit: 'ms' });

  checker.setTypings({ version: 1_000, files: syntheticCatalog(20, 25, 1_000).files });
  rows.push({ measure: 'check right after all 20 servers changed', value: await timed(() => checkedOk(checker, syntheticScript(0))), unit: 'ms' });

  checker.setTypings({ version: 2_000, files: large.files });
  rows.push({ measure: 'first check against 5,000 tools', value: await timed(() => checkedOk(checker, syntheticScript(0))), unit: 'ms' });
  const many: number[] = [];
  for (let round = 0; round < rounds; round++) many.push((await measured(() => checkedOk(checker, syntheticScript(round)))).cpu);
  rows.push({ measure: 'check against 5,000 tools, warm, CPU', value: median(many), unit: 'ms', reference: 'transpileModule warm, CPU', ratio: median(many) / plainCpu });
  rows.push({ measure: 'memory added to the process by both checkers', value: Math.round((process.memoryUsage().rss - memoryBefore) / 1_048_576), unit: 'MB' });
  await checker.dispose();
  return { rows };
}

/** What a run waits longer for because it is checked first, while its sandbox gets ready. */
async function startRow(checker: Checker, rounds: number): Promise<Row> {
  const pool = createSandboxPool({ workerPath: path.resolve('dist/sandbox/worker.js') });
  try {
    const { code, reach } = await checker.check(syntheticScript(0));
    const namespaces: Record<string, string[]> = {};
    for (const { namespace, member } of reach.entries) (namespaces[namespace] ??= []).push(member);
    const answer = { id: 1, title: 'one', state: 'open', items: [{ path: 'a', score: 1 }] };
    const runIt = async (script: string): Promise<void> => {
      const result = await pool.run(script, { namespaces, call: async () => answer, timeoutMs: 10_000, memoryMb: 64 });
      if (!result.ok) throw new Error(`The script should run: ${result.error.message}`);
    };
    const alone: number[] = [];
    const checked: number[] = [];
    for (let round = 0; round < rounds; round++) {
      alone.push(await timed(() => runIt(code)));
      checked.push(await timed(async () => runIt((await checker.check(syntheticScript(round))).code)));
    }
    const more = median(checked) - median(alone);
    return { measure: 'check and run, beyond the run alone', value: more, unit: 'ms', reference: 'run alone', ratio: median(checked) / median(alone), bar: '≤ + 60 ms', ok: more <= 60 };
  } finally {
    await pool.dispose();
  }
}

function newChecker(): Checker {
  const dist = path.resolve('dist/checker');
  return createChecker({ workerPath: path.join(dist, 'worker.js'), libDirectory: path.join(dist, 'lib'), globals });
}

async function checkedOk(checker: Checker, source: string): Promise<void> {
  const result = await checker.check(source);
  if (!result.ok || result.reach.entries.length !== 22) throw new Error(`The script should pass and name 22 tools: ${JSON.stringify(result.diagnostics.slice(0, 3))}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Wall and CPU time of the whole process in ms; CPU tells more on a busy machine. */
async function measured(work: () => Promise<unknown>): Promise<{ readonly wall: number; readonly cpu: number }> {
  const before = process.cpuUsage();
  const wall = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1_000 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function kb(files: readonly { readonly text: string }[]): string {
  return String(Math.round(files.reduce((sum, file) => sum + file.text.length, 0) / 1024));
}
