import { fileURLToPath } from 'node:url';
import { createSandboxPool } from '../../src/sandbox/pool.js';
import type { Sandbox, SandboxResult, SandboxRunOptions } from '../../src/sandbox/sandbox.js';

/**
 * The sandbox by itself, as a benchmark or another engine's test would use it.
 *
 * A host call that is pending counts as outside: compute time stands still. So that a call which is never answered ends
 * all the same, a run here has `timeoutMs` + 4 s of wall time unless `limits.wallMs` says otherwise.
 */
export async function createSandbox(): Promise<Sandbox> {
  const pool = createSandboxPool({ workerPath: fileURLToPath(new URL('../sandbox/worker.js', import.meta.url)) });
  await pool.warm();
  return {
    run: (source: string, options: SandboxRunOptions): Promise<SandboxResult> => pool.run(source, { ...options, limits: { wallMs: options.timeoutMs + 4_000, ...options.limits } }),
    dispose: () => pool.dispose(),
  };
}
