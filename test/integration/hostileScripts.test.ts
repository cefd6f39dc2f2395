import assert from 'node:assert/strict';
import { activated, eventually, outcomeOf, staged, start, valueOf, type Inside } from './inside.js';

describe('a script that means no good', () => {
  let inside: Inside;

  before(async () => {
    inside = await activated();
  });

  afterEach(async () => {
    await staged(inside)?.discard();
  });

  const ends: readonly (readonly [what: string, source: string, status: string, said: RegExp])[] = [
    ['does not parse', 'return 1 +;', 'rejected', /Expression expected/],
    ['has a type error', `const count: number = 'one'; return count;`, 'rejected', /not assignable to type 'number'/],
    ['never ends', 'for (;;) {}', 'failed', /timeMs|compute time/i],
    ['takes all memory', 'const all: Uint8Array[] = []; for (;;) all.push(new Uint8Array(4_000_000).fill(1));', 'failed', /memory/i],
    ['nests without end', 'const again = (): number => again() + 1; return again();', 'failed', /stack/i],
    ['waits for nothing', 'await new Promise(() => {});', 'failed', /nothing|deadlock|never/i],
    ['throws what is no error', `throw 'just text';`, 'failed', /just text/],
    ['throws nothing', 'throw undefined;', 'failed', /undefined/],
    ['returns a cycle', 'const cycle: Record<string, unknown> = {}; cycle.self = cycle; return cycle;', 'failed', /contains itself/],
    ['returns a function', 'return () => 1;', 'failed', /function/],
    ['is longer than allowed', `return '${'x'.repeat(2 * 1024 * 1024)}'.length;`, 'failed', /sourceKb|longer|256/],
  ];
  for (const [what, source, status, said] of ends) {
    it(`${what}: one sentence says so, and the next script runs`, async () => {
      const outcome = await outcomeOf(inside, source);
      assert.equal(outcome.status, status, JSON.stringify(outcome).slice(0, 500));
      const sentence = outcome.status === 'failed' ? outcome.error.message : outcome.status === 'rejected' ? (outcome.diagnostics[0]?.message ?? '') : '';
      assert.match(sentence, said);
      assert.equal(await valueOf(inside, 'return 1 + 1;'), 2);
    });
  }

  it('is stopped while it is checked', async () => {
    const run = start(inside, 'return 1;');
    run.stop();
    assert.equal((await run.outcome).status, 'cancelled');
  });

  it('is stopped while it computes, and what it staged is not lost', async () => {
    const run = start(inside, `await repo.create({ path: 'hostile.md', text: 'staged' }); for (;;) {}`);
    await eventually(() => (run.phase === 'ended' || run.events.some((event) => event.type === 'callReturned') ? true : undefined));
    assert.equal(run.phase, 'running', JSON.stringify(run.events.at(-1)));
    run.stop();
    assert.equal((await run.outcome).status, 'cancelled');
    assert.deepEqual(staged(inside)?.files.map(({ path }) => path), ['hostile.md']);
  });

  it('is stopped while it waits for an answer: the question goes with it', async () => {
    const run = start(inside, `return await analysis.runTask({ name: 'none' });`);
    await eventually(() => inside.runs.approvals.pending.find((question) => question.run === run.id));
    run.stop();
    assert.equal((await run.outcome).status, 'cancelled');
    assert.deepEqual(inside.runs.approvals.pending.filter((question) => question.run === run.id), []);
  });
});
