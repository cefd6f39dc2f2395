import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProtectedServer } from './oauthServer.js';

interface Answer {
  readonly results: readonly (true | string)[];
  readonly asked: number;
}

/** A window in a process of its own; each round makes three calls at the given time. */
function open(bundle: string, root: string, url: string): (at: number) => Promise<Answer> {
  const child = spawn(process.execPath, [path.resolve(import.meta.dirname, '../../fixtures/mcp/window.mjs'), bundle, root, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (at) => {
    child.stdin.write(`${at}\n`);
    return JSON.parse((await lines.next()).value as string) as Answer;
  };
}

describe('two windows, each a process, with the same sign-in', () => {
  it('renew it once, whoever is first: a refresh token that is used twice would end it for both', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'windows-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const bundle = path.join(root, 'mcp.cjs');
    await build({ entryPoints: [path.resolve(import.meta.dirname, '../../../src/mcp/main.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', target: 'node20', alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, logLevel: 'warning' });
    const server = await ProtectedServer.open();
    const one = open(bundle, root, server.resource.url);
    expect(await one(0)).toEqual({ results: [true, true, true], asked: 1 });
    const two = open(bundle, root, server.resource.url);
    expect(await two(0)).toEqual({ results: [true, true, true], asked: 0 });
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      server.expired.add(server.usedTokens.at(-1)!);
      const at = Date.now() + 100;
      const [first, second] = await Promise.all([one(at), two(at)]);
      expect([...first.results, ...second.results]).toEqual(Array.from({ length: 6 }, () => true));
      expect([first.asked, second.asked]).toEqual([1, 0]);
    }
    // Used twice, the server would have withdrawn everything, and somebody would have been asked.
    expect(server.grants).toEqual(['authorization_code', ...Array.from({ length: rounds }, () => 'refresh_token')]);
    expect(server.refused).toEqual([]);
  }, 60_000);
});
