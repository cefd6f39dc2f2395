import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGitSource } from '../../../src/builtin/git/source.js';
import { createRepoSource } from '../../../src/builtin/repo/source.js';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import type { ToolSource } from '../../../src/catalog/source.js';
import { createChecker } from '../../../src/checker/client.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import type { JsonValue } from '../../../src/json.js';
import { nothingOpen } from '../../../src/catalog/workspace.js';
import { createChangeSets } from '../../../src/runs/changes/changeSets.js';
import { codemodeDeclaration } from '../../../src/runs/codemode.js';
import { defaultRunLimits } from '../../../src/runs/limits.js';
import { createRuns, type RunsOptions, type RunsRoom } from '../../../src/runs/runs.js';
import { extraDeclarations, removedGlobals } from '../../../src/sandbox/globals.js';
import { createSandboxPool } from '../../../src/sandbox/pool.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { createTypings } from '../../../src/typings/workspace/snapshot.js';

const root = path.dirname(path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url)))));
const dist = path.join(root, 'dist');

export interface RealRooms extends RunsRoom {
  readonly changeSets: ReturnType<typeof createChangeSets>;
  readonly close: () => Promise<void>;
}

/** Runs over the real checker, sandbox, change sets and built-ins, in a folder of the test. */
export async function realRooms(workspace: string, storage: string, sources: readonly ToolSource[] = [], over: Partial<RunsOptions> = {}): Promise<RealRooms> {
  for (const room of ['sandbox', 'checker']) {
    if (!existsSync(path.join(dist, room, 'worker.js'))) execFileSync(process.execPath, [path.join(root, 'scripts', 'build.mjs'), '--only', room]);
  }
  await mkdir(workspace, { recursive: true });
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  catalog.setSources([createRepoSource({}), createGitSource(), ...sources]);
  const typings = createTypings(catalog);
  const checker = createChecker({
    workerPath: path.join(dist, 'checker', 'worker.js'),
    libDirectory: path.join(dist, 'checker', 'lib'),
    globals: { removed: removedGlobals, declarations: `${extraDeclarations}\n${codemodeDeclaration}` },
  });
  const sandbox = createSandboxPool({ workerPath: path.join(dist, 'sandbox', 'worker.js') });
  const changeSets = createChangeSets({
    folders: () => [{ name: 'work', path: workspace }],
    storage: path.join(storage, 'changes'),
    documents: nothingOpen,
    review: async (set) => ((await set.apply()).ok ? 'applied' : 'discarded'),
  });
  const memory = new Map<string, JsonValue>();
  const room = createRuns({
    ...{ catalog, checker, sandbox, changeSets },
    discovery: createDiscovery(catalog),
    typings: () => typings.current,
    storage: path.join(storage, 'runs'),
    limits: () => defaultRunLimits,
    rules: () => ({ user: [], workspace: [] }),
    memory: { get: (key) => memory.get(key), set: async (key, value) => void memory.set(key, value) },
    ...over,
  });
  return {
    ...room,
    changeSets,
    async close() {
      await room.dispose();
      await changeSets.dispose();
      await sandbox.dispose();
      await checker.dispose();
      typings.dispose();
      catalog.dispose();
    },
  };
}
