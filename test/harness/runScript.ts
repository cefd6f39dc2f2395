import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGitSource } from '../../src/builtin/git/source.js';
import { createRepoSource } from '../../src/builtin/repo/source.js';
import { createCatalog } from '../../src/catalog/catalogOf.js';
import type { WorkspaceFolder } from '../../src/catalog/workspace.js';
import { createChecker } from '../../src/checker/client.js';
import { createDiscovery } from '../../src/discovery/discoveryOf.js';
import type { ConversationId } from '../../src/ids.js';
import type { JsonValue } from '../../src/json.js';
import { nothingOpen } from '../../src/catalog/workspace.js';
import { createChangeSets } from '../../src/runs/changes/changeSets.js';
import { codemodeDeclaration } from '../../src/runs/codemode.js';
import { runHeadless, type HeadlessResult } from '../../src/runs/headless.js';
import { limitsFrom } from '../../src/runs/limits.js';
import { createRuns } from '../../src/runs/runs.js';
import { extraDeclarations, removedGlobals } from '../../src/sandbox/globals.js';
import { createSandboxPool } from '../../src/sandbox/pool.js';
import { inferSchema, mergeSchemas } from '../../src/typings/infer.js';
import { createTypings } from '../../src/typings/workspace/snapshot.js';
import { openServers } from './servers.js';

export interface RunScriptOptions {
  readonly script: string;
  readonly config?: string;
  /** Workspace folder of the built-ins; the current folder if left out. */
  readonly folder?: string;
  readonly allow: 'all' | 'none' | 'read';
  readonly limits: Readonly<Record<string, number>>;
}

/** Runs one script over repo, git and the configured servers. What it stages is applied with `allow: 'all'`, else discarded. */
export async function runScript(options: RunScriptOptions): Promise<HeadlessResult> {
  const dist = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const source = await readFile(options.script, 'utf8');
  const root = path.resolve(options.folder ?? process.env['INIT_CWD'] ?? '.');
  const folders: readonly WorkspaceFolder[] = [{ name: path.basename(root), path: root }];
  const storage = await mkdtemp(path.join(os.tmpdir(), 'code-mode-run-'));

  const servers = options.config === undefined ? undefined : await openServers({ config: options.config, folders: await foldersFor(options, folders) });
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  const typings = createTypings(catalog);
  const checker = createChecker({
    workerPath: path.join(dist, 'checker', 'worker.js'),
    libDirectory: path.join(dist, 'checker', 'lib'),
    globals: { removed: removedGlobals, declarations: `${extraDeclarations}\n${codemodeDeclaration}` },
  });
  const sandbox = createSandboxPool({ workerPath: path.join(dist, 'sandbox', 'worker.js') });
  const changeSets = createChangeSets({
    folders: () => folders,
    storage: path.join(storage, 'changes'),
    documents: nothingOpen,
    async review(changeSet) {
      if (options.allow !== 'all') {
        await changeSet.discard();
        return 'discarded';
      }
      return (await changeSet.apply()).ok ? 'applied' : 'discarded';
    },
  });
  const memory = new Map<string, JsonValue>();
  const discovery = createDiscovery(catalog);
  const room = createRuns({
    catalog,
    discovery,
    typings: () => typings.current,
    checker,
    sandbox,
    changeSets,
    storage: path.join(storage, 'runs'),
    limits: () => limitsFrom(options.limits),
    rules: () => ({ user: [], workspace: [] }),
    memory: {
      get: (key) => memory.get(key),
      set: async (key, value) => void (value === undefined ? memory.delete(key) : memory.set(key, value)),
    },
  });

  try {
    await servers?.startAll();
    catalog.setSources([createRepoSource({}), createGitSource(), ...(servers?.sources() ?? [])]);
    const conversation = 'headless' as ConversationId;
    const result = await runHeadless(room, { source, origin: 'headless', conversation, title: path.basename(options.script) }, options.allow);
    if (options.allow !== 'all' || result.status !== 'finished') return result;
    const open = changeSets.open.find((set) => set.conversation === conversation && set.state.kind === 'open');
    if (open === undefined) return result;
    const applied = await open.apply();
    return { ...result, applied: applied.ok ? { files: applied.files, commits: applied.commits } : { error: applied.message } };
  } finally {
    await room.dispose();
    await changeSets.dispose();
    await sandbox.dispose();
    await checker.dispose();
    discovery.dispose();
    typings.dispose();
    catalog.dispose();
    await servers?.close();
    await rm(storage, { recursive: true, force: true });
  }
}

/** Servers are told of a workspace folder only when one was named: some give up their own configured paths for it. */
async function foldersFor(options: RunScriptOptions, folders: readonly WorkspaceFolder[]): Promise<readonly WorkspaceFolder[]> {
  if (options.folder !== undefined || options.config === undefined) return folders;
  return (await readFile(options.config, 'utf8')).includes('${workspaceFolder') ? folders : [];
}
