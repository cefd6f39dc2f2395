import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxPool } from '../../../src/sandbox/pool.js';
import type { Sandbox, SandboxResult, SandboxRunOptions } from '../../../src/sandbox/sandbox.js';
import { encodeValue, nestingOf } from '../../../src/sandbox/values.js';
import { crossings } from './crossings.js';

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = createSandboxPool({ workerPath: path.resolve(import.meta.dirname, '../../../dist/sandbox/worker.js') });
});
afterAll(() => sandbox.dispose());

const options: SandboxRunOptions = { namespaces: { t: ['give'] }, call: async (_, __, args) => args, timeoutMs: 20_000, memoryMb: 128 };

function expectArrival(result: SandboxResult, seen: unknown, arrives: string | undefined | RegExp): void {
  if (arrives instanceof RegExp) {
    expect(result.ok, JSON.stringify(result)).toBe(false);
    if (!result.ok) expect(result.error.message).toMatch(arrives);
    return;
  }
  expect(result).toMatchObject({ ok: true });
  expect(JSON.stringify(seen)).toBe(arrives);
}

describe('one outcome for each kind of value', () => {
  it.each(crossings)('$what, returned', async ({ expression, arrives }) => {
    const result = await sandbox.run(`return ${expression};`, options);
    expectArrival(result, result.ok && result.value, arrives);
  });

  it.each(crossings)('$what, as arguments', async ({ expression, arrives }) => {
    let seen: unknown = 'nothing';
    const result = await sandbox.run(`await t.give(${expression});`, { ...options, call: async (_, __, args) => void (seen = args) });
    expectArrival(result, seen, arrives);
  });

  it.each(crossings)('$what, as the result of a call', async ({ expression, arrives }) => {
    // An async function would await a promise; here it must be seen as a member.
    const given = new vm.Script(`(${expression})`).runInThisContext() as unknown;
    const result = await sandbox.run('const given = await t.give(); return given === undefined ? "undefined" : JSON.stringify(given);', { ...options, call: async () => given });
    if (arrives === undefined) expect(result).toMatchObject({ ok: true, value: 'undefined' });
    else expectArrival(result, result.ok && JSON.parse(result.value as string), arrives);
  });

  it('is what the README says', () => {
    const readme = readFileSync(path.resolve(import.meta.dirname, '../../../src/sandbox/README.md'), 'utf8');
    for (const { what } of crossings) expect(readme).toContain(what);
  });
});

describe('JSON of host values', () => {
  const limits = { bytes: 1024 * 1024, depth: 100 };

  it('is what JSON.stringify says of any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(encodeValue(value, limits)).toBe(JSON.stringify(value))));
  });

  it('never refuses what fits, to the byte, and never lets through more', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(encodeValue(value, { bytes, depth: 100 })).toBe(JSON.stringify(value));
        expect(() => encodeValue(value, { bytes: bytes - 1, depth: 100 })).toThrow();
      }),
    );
  });

  it('does not build what is too large: a value that holds the same a trillion times is refused', () => {
    let bomb: unknown = [1];
    for (let level = 0; level < 40; level++) bomb = [bomb, bomb];
    expect(() => encodeValue(bomb, limits)).toThrow('too large');
  });

  it('counts nesting as a parser would', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const depthOf = (part: unknown): number => (typeof part === 'object' && part !== null ? 1 + Math.max(0, ...Object.values(part).map(depthOf)) : 0);
        expect(nestingOf(JSON.stringify(value), 1000)).toBe(depthOf(value));
      }),
    );
    expect(nestingOf(JSON.stringify({ text: '[[[["\\"{{{' }), 1000)).toBe(1);
  });
});
