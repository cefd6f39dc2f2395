import { pathToFileURL } from 'node:url';
import path from 'node:path';

/** What the bench asks of a sandbox: the interface of our own door, which each peer is put behind. */
export interface BenchSandbox {
  run(
    source: string,
    options: {
      readonly namespaces: Readonly<Record<string, readonly string[]>>;
      call(namespace: string, tool: string, args: unknown): Promise<unknown>;
      readonly timeoutMs: number;
      readonly memoryMb: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly ok: boolean; readonly value?: unknown; readonly error?: { readonly message: string; readonly limit?: string } }>;
  dispose(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  create(): Promise<BenchSandbox>;
}

/** Ours, by its door. */
export const ours: Engine = {
  name: 'ours',
  async create() {
    const door = (await import(pathToFileURL(path.resolve('dist/harness/sandbox.mjs')).href)) as { createSandbox(): Promise<BenchSandbox> };
    return door.createSandbox();
  },
};

export const calls = {
  namespaces: { t: ['echo', 'slow', 'mark'] },
  async call(_namespace: string, tool: string, args: unknown): Promise<unknown> {
    if (tool === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
    return args;
  },
  timeoutMs: 30_000,
  memoryMb: 128,
} as const;

/** Runs a script that must succeed. */
export async function must(sandbox: BenchSandbox, source: string, options: Partial<Parameters<BenchSandbox['run']>[1]> = {}): Promise<unknown> {
  const result = await sandbox.run(source, { ...calls, ...options });
  if (!result.ok) throw new Error(result.error?.message ?? 'It failed.');
  return result.value;
}
