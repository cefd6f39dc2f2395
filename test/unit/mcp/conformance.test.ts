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

/** Of an extension that lists files as skills: what a client that has skills must check of them. We have none, and the suite skips them. */
const ofSkills = /^sep-2640-client-/;

/** The protocol's own suite against our connections, bundled as they ship; resolves with what it printed. */
function conformance(client: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', pathToFileURL(path.join(fixtures, 'node20.mjs')).href, suite, ...args], { env: { ...process.env, CODE_MODE_MCP: client }, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
}

describe('the conformance suite of the protocol', () => {
  const command = `${process.execPath} ${path.join(fixtures, 'client.mjs')}`;
  let folder: string;
  let client: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'conformance-client-'));
    client = path.join(folder, 'mcp.cjs');
    await build({ entryPoints: [path.resolve(import.meta.dirname, '../../../src/mcp/main.ts')], outfile: client, bundle: true, platform: 'node', format: 'cjs', target: 'node20', alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, logLevel: 'warning' });
  });

  afterAll(async () => rm(folder, { recursive: true, force: true }));

  /** What a revision asks of a client, and what a client may do besides: of no revision, or added after it. */
  async function scenariosOf(revision: string): Promise<{ readonly all: readonly string[]; readonly extensions: ReadonlySet<string> }> {
    const list = await conformance(client, 'list', '--client', '--requirements', revision);
    const [required = '', besides = ''] = list.slice(list.indexOf('Client scenarios')).split('Run and reported');
    const named = (text: string): readonly string[] => [...text.matchAll(/^\s+- (\S+)(?: \[client\])?$/gm)].map(([, scenario = '']) => scenario);
    return { all: [...named(required), ...named(besides)], extensions: new Set(named(/extension \([^]*?(?=\n {2}\S|$)/.exec(besides)?.[0] ?? '')) };
  }

  /** What is wrong with one scenario by itself; nothing where all of it was looked at and passed. */
  async function alone(scenario: string, ...args: readonly string[]): Promise<readonly string[]> {
    const text = await conformance(client, 'client', '--command', command, '--timeout', '120000', '--scenario', scenario, ...args);
    return /Passed: (\d+)\/\1, 0 failed/.test(text) && !text.includes('Passed: 0/0') && text.includes('OVERALL: PASSED') ? [] : [`${scenario}\n${text.slice(-2_000)}`];
  }

  it.each(['2025-11-25', '2026-07-28'])(
    'finds nothing wrong with what a client of %s has to do, and with what it may do besides',
    async (revision) => {
      const { all, extensions } = await scenariosOf(revision);
      const text = await conformance(client, 'client', '--command', command, '--timeout', '120000', '--requirements', revision);
      const passed = new Set([...text.slice(text.indexOf('=== SUITE SUMMARY ===')).matchAll(/^✓ (\S+): (\d+) passed, 0 failed/gm)].flatMap(([, scenario = '', checks]) => (Number(checks) > 0 ? [scenario] : [])));
      const failed: string[] = [];
      for (const scenario of all) {
        // All at once, with their time-outs, is more than a busy machine can do: one that fails is tried by itself.
        if (!passed.has(scenario)) failed.push(...(await alone(scenario, ...(extensions.has(scenario) ? ['--force'] : ['--spec-version', revision]))));
      }
      expect(failed, text.slice(-6_000)).toEqual([]);
      expect([all.length > extensions.size, extensions.size > 0]).toEqual([true, true]);
    },
    300_000,
  );

  it(
    'has no scenario for clients that is left out here, but those of skills',
    async () => {
      const everything = [...(await conformance(client, 'list', '--client')).matchAll(/^ {2}- (\S+) \[([^\]]*)\]$/gm)].map(([, name = '', revisions = '']) => ({ name, revisions: revisions.split(',') }));
      const covered = new Set((await Promise.all(['2025-11-25', '2026-07-28'].map(async (revision) => (await scenariosOf(revision)).all))).flat());
      const left = everything.filter(({ name }) => !covered.has(name) && !ofSkills.test(name));
      // Those of the first protocols, which servers still speak.
      expect(left.map(({ name }) => name)).toEqual(['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback']);
      expect((await Promise.all(left.map(async ({ name, revisions }) => alone(name, '--spec-version', revisions.at(-1)!)))).flat()).toEqual([]);
    },
    300_000,
  );
});
