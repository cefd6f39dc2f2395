import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProtectedServer } from './oauthServer.js';
import { Window } from './window.js';

describe('two windows, each a process, with the same sign-in', () => {
  // Two processes start, and make their calls in five rounds.
  it('renew it once, whoever is first: a refresh token that is used twice would end it for both', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'windows-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const server = await ProtectedServer.open();
    const one = new Window(root, server.resource.url);
    expect(await one.round(0)).toEqual({ results: [true, true, true], asked: 1 });
    const two = new Window(root, server.resource.url);
    expect(await two.round(0)).toEqual({ results: [true, true, true], asked: 0 });
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      server.expired.add(server.usedTokens.at(-1)!);
      const at = Date.now() + 100;
      const [first, second] = await Promise.all([one.round(at), two.round(at)]);
      expect([...first.results, ...second.results]).toEqual(Array.from({ length: 6 }, () => true));
      expect([first.asked, second.asked]).toEqual([1, 0]);
    }
    // Used twice, the server would have withdrawn everything, and somebody would have been asked.
    expect(server.grants).toEqual(['authorization_code', ...Array.from({ length: rounds }, () => 'refresh_token')]);
    expect(server.refused).toEqual([]);
  }, 60_000);
});
