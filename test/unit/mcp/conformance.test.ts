import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/mcp/conformance');
const suite = path.join(path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js');

/** The protocol's own suite against our connections, bundled as they ship; resolves with what it printed. */
function conformance(client: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', pathToFileURL(path.join(fixtures, 'node20.mjs')).href, suite, ...args], { env: { ...process.env, CODE_MODE_MCP: client }, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
}

describe('the conformance suite of the protocol', () => {
  let folder: string;
  let client: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'conformance-client-'));
    client = path.join(folder, 'mcp.cjs');
    await build({ entryPoints: [path.resolve(import.meta.dirname, '../../../src/mcp/main.ts')], outfile: client, bundle: true, platform: 'node', format: 'cjs', target: 'node20', alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, logLevel: 'warning' });
  });

  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it.each([
    ['2025-11-25', 25],
    ['2026-07-28', 39],
  ])(
    'finds nothing wrong with what a client of %s has to do, and with what it may do besides',
    async (revision, least) => {
      const command = `${process.execPath} ${path.join(fixtures, 'client.mjs')}`;
      const list = await conformance(client, 'list', '--client', '--requirements', revision);
      const text = await conformance(client, 'client', '--command', command, '--timeout', '120000', '--requirements', revision);
      const summary = text.slice(text.indexOf('=== SUITE SUMMARY ==='));
      // What a client may add to the protocol (machine accounts, bound tokens) is of no revision: those run by name alone.
      const extensions = new Set([...list.slice(list.search(/^\s*extension \(/m)).matchAll(/- (\S+) \[client\]/g)].map(([, scenario]) => scenario));
      const passed = new Set([...summary.matchAll(/^✓ (\S+): (\d+) passed, 0 failed/gm)].flatMap(([, scenario = '', checks]) => (Number(checks) > 0 ? [scenario] : [])));
      const failed: string[] = [];
      for (const [, scenario = ''] of summary.matchAll(/^✗ ([^:]+):.*$/gm)) {
        // All at once, with their time-outs, is more than a busy machine can do: one that fails is tried by itself.
        const alone = await conformance(client, 'client', '--command', command, '--timeout', '120000', '--scenario', scenario, ...(extensions.has(scenario) ? ['--force'] : ['--spec-version', revision]));
        if (alone.includes('OVERALL: PASSED')) passed.add(scenario);
        else failed.push(`${scenario}\n${alone.slice(-2_000)}`);
      }
      expect(failed, text.slice(-6_000)).toEqual([]);
      expect(passed.size, summary).toBeGreaterThanOrEqual(least);
    },
    300_000,
  );
});
