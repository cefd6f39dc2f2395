import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

let bundling: Promise<string> | undefined;

/** The room as it ships, bundled once for all tests of a file. */
async function bundle(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'window-bundle-'));
  process.once('exit', () => void rm(folder, { recursive: true, force: true }));
  const outfile = path.join(folder, 'mcp.cjs');
  await build({ entryPoints: [path.resolve(import.meta.dirname, '../../../src/mcp/main.ts')], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, logLevel: 'warning' });
  return outfile;
}

/** One window of several, as a process of its own, whose only server is at the given address, or has the given definition. */
export class Window {
  private readonly lines: Promise<{ readonly write: (line: string) => void; readonly next: () => Promise<string> }>;

  constructor(root: string, url: string, environment: Readonly<Record<string, string>> = {}) {
    this.lines = (bundling ??= bundle()).then((file) => {
      const child = spawn(process.execPath, [path.resolve(import.meta.dirname, '../../fixtures/mcp/window.mjs'), file, root, url], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...environment } });
      onTestFinished(() => void child.kill());
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return { write: (line: string) => void child.stdin.write(`${line}\n`), next: async () => (await lines.next()).value as string };
    });
  }

  /** Exits without closing anything; what the tool `pid` of its server said before. */
  async leave(): Promise<unknown> {
    const { write, next } = await this.lines;
    write('leave');
    return JSON.parse(await next());
  }

  /** Makes three calls at the given time (ms); how each went, and how often somebody was asked to sign in so far. */
  async round(at: number): Promise<{ readonly results: readonly (true | string)[]; readonly asked: number }> {
    const { write, next } = await this.lines;
    write(String(at));
    return JSON.parse(await next()) as Awaited<ReturnType<Window['round']>>;
  }
}
