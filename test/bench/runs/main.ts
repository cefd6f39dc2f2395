import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import type { ToolSource } from '../../../src/catalog/source.js';
import type { WorkspaceView } from '../../../src/catalog/workspace.js';
import type { Checker } from '../../../src/checker/checker.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import type { ConversationId } from '../../../src/ids.js';
import { Emitter } from '../../../src/lifecycle/event.js';
import type { ChangeSets } from '../../../src/runs/changes/changeSet.js';
import { WorkspacePaths } from '../../../src/runs/changes/paths.js';
import { defaultRunLimits } from '../../../src/runs/limits.js';
import type { Run } from '../../../src/runs/run.js';
import { createRuns, type RunsRoom } from '../../../src/runs/runs.js';
import { foldRun } from '../../../src/runs/timeline.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { createSandboxPool } from '../../../src/sandbox/pool.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';

export const name = 'runs';
export const describe = 'What policy and journal add to a read call, and how fast the journal of a long run opens.';

interface Row {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly reference?: string;
  readonly ratio?: number;
  readonly bar?: string;
  readonly ok?: boolean;
}

const workerPath = path.resolve('dist/sandbox/worker.js');
/** One awaited call after the other, as a script that reads files makes them. */
const loop = (calls: number): string => `for (let n = 0; n < ${calls}; n++) await files.read({ path: 'src/file' + n + '.ts', startLine: 1 });`;

export async function run(options: { readonly quick: boolean; log(text: string): void }): Promise<{ rows: Row[] }> {
  if (!existsSync(workerPath)) throw new Error('The sandbox is not built. Run `npm run build` first.');
  const storage = await mkdtemp(path.join(os.tmpdir(), 'bench-runs-'));
  const sandbox = createSandboxPool({ workerPath, size: 1 });
  const source = readingSource();
  const { room, close } = roomOver(sandbox, source, storage);
  try {
    const calls = options.quick ? 500 : 2000;
    // Rules about paths look where a path leads: at files that are there, as most that are read are.
    await mkdir(path.join(storage, 'src'));
    for (let n = 0; n < calls; n++) await writeFile(path.join(storage, 'src', `file${n}.ts`), '');
    const rounds = options.quick ? 3 : 9;
    const bare: number[] = [];
    const whole: number[] = [];
    for (let round = 0; round < rounds + 1; round++) {
      const without = await perCall(calls, () => bareRun(sandbox, source, calls));
      const within = await perCall(calls, () => roomRun(room, calls));
      options.log(`round ${round}: bare ${without.toFixed(1)} µs, with policy and journal ${within.toFixed(1)} µs a call`);
      // The first round warms both up.
      if (round === 0) continue;
      bare.push(without);
      whole.push(within);
    }
    const added = median(whole.map((value, index) => value - (bare[index] ?? 0)));
    const { openMs, bytes } = await openLong(room, storage, sandbox, source);
    return {
      rows: [
        { measure: 'a read call, bare sandbox', value: round(median(bare)), unit: 'µs' },
        { measure: 'a read call, with policy and journal', value: round(median(whole)), unit: 'µs', reference: 'bare sandbox', ratio: round(median(whole) / median(bare)) },
        { measure: 'added by policy and journal (median of paired rounds)', value: round(added / 1000, 4), unit: 'ms', bar: '<= 0.2', ok: added <= 200 },
        { measure: 'opening and folding the journal of 10,000 calls (median of 7)', value: round(openMs), unit: 'ms', bar: '< 300', ok: openMs < 300 },
        { measure: 'that journal on disk', value: round(bytes / 1024 / 1024), unit: 'MB' },
      ],
    };
  } finally {
    await close();
    await sandbox.dispose();
    await rm(storage, { recursive: true, force: true });
  }
}

async function perCall(calls: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return ((performance.now() - start) * 1000) / calls;
}

async function bareRun(sandbox: Sandbox, source: ToolSource, calls: number): Promise<void> {
  const result = await sandbox.run(loop(calls), {
    namespaces: { files: ['read'] },
    call: async (_namespace, tool, args) => {
      const answer = await source.call(tool, args as { readonly path: string }, undefined as never);
      return answer.ok ? answer.value : undefined;
    },
    timeoutMs: 60_000,
    memoryMb: 128,
    limits: { calls: 100_000 },
  });
  if (!result.ok) throw new Error(result.error.message);
}

async function roomRun(room: RunsRoom, calls: number): Promise<Run> {
  const started = room.runs.start({ source: loop(calls), origin: 'headless', conversation: 'bench' as ConversationId, title: 'bench' });
  const outcome = await started.outcome;
  if (outcome.status !== 'finished') throw new Error(`The bench script ended as ${outcome.status}.`);
  return started;
}

async function openLong(room: RunsRoom, storage: string, sandbox: Sandbox, source: ToolSource): Promise<{ openMs: number; bytes: number }> {
  const long = await roomRun(room, 10_000);
  await room.dispose();
  const next = roomOver(sandbox, source, storage);
  try {
    const times: number[] = [];
    for (let round = 0; round < 7; round++) {
      const start = performance.now();
      const view = foldRun(await next.room.history.open(long.id));
      times.push(performance.now() - start);
      if (view.calls.length !== 10_000) throw new Error('The journal does not hold every call.');
    }
    return { openMs: median(times), bytes: (await stat(path.join(storage, 'runs', `${long.id}.jsonl`))).size };
  } finally {
    await next.close();
  }
}

function readingSource(): ToolSource {
  const never = new Emitter<void>().event;
  const inputSchema = { type: 'object', properties: { path: { type: 'string' }, startLine: { type: 'integer' } }, required: ['path'], additionalProperties: false } as const;
  const outputSchema = { type: 'object', properties: { path: { type: 'string' }, text: { type: 'string' } }, required: ['path', 'text'] } as const;
  return {
    id: 'files',
    kind: 'builtin',
    title: 'files',
    definitionHash: 'bench',
    trusted: true,
    state: { kind: 'ready' },
    tools: [{ name: 'read', effect: 'read', inputSchema, outputSchema }],
    onDidChangeTools: never,
    onDidChangeState: never,
    call: async (_tool, args) => ({ ok: true, value: { path: args['path'] ?? '', text: 'export const answer = 42;\n' } }),
  };
}

/** The room over the real sandbox, with nothing to check and nothing staged: what is left is policy and journal. */
function roomOver(sandbox: Sandbox, source: ToolSource, storage: string): { readonly room: RunsRoom; readonly close: () => Promise<void> } {
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  catalog.setSources([source]);
  const position = { line: 1, column: 1 };
  const checker: Checker = {
    setTypings: () => undefined,
    warm: async () => undefined,
    check: async (code) => ({ ok: true, diagnostics: [], dialect: 'body', code, reach: { dynamic: [], entries: [{ namespace: 'files', member: 'read', inLoop: true, ...position }] } }),
    dispose: async () => undefined,
  };
  const paths = new WorkspacePaths(() => [{ name: 'bench', path: storage }]);
  const view = { resolve: (given: string) => paths.resolve(given) } as WorkspaceView;
  const changeSets = { open: [], onDidChange: new Emitter<never>().event, view: () => view } as unknown as ChangeSets;
  const room = createRuns({
    ...{ catalog, checker, sandbox, changeSets, storage },
    discovery: createDiscovery(catalog),
    typings: () => ({ version: 0, files: [] }),
    limits: () => ({ ...defaultRunLimits, timeoutMs: 60_000 }),
    rules: () => ({ user: [{ effect: 'deny', server: 'files', tool: 'delete_*' }, { effect: 'ask', when: [{ argument: 'path', glob: 'secret/**' }] }], workspace: [] }),
    memory: { get: () => undefined, set: async () => undefined },
    secrets: () => ['a-secret-value-that-is-looked-for'],
  });
  const close = async (): Promise<void> => {
    await room.dispose();
    catalog.dispose();
  };
  return { room, close };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
