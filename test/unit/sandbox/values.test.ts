import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxPool } from '../../../src/sandbox/pool.js';
import type { Sandbox, SandboxResult, SandboxRunOptions } from '../../../src/sandbox/sandbox.js';
import { encodeValue, nestingOf } from '../../../src/sandbox/values.js';
import { crossings } from './crossings.js';
import { oddities } from './oddities.js';

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

describe('arguments, which are read from the memory of the engine', () => {
  it('arrive as JSON.stringify says them, whatever was done to them', async () => {
    const count = 1500;
    let compared = 0;
    const wrong: string[] = [];
    const result = await sandbox.run(oddities, {
      ...options,
      namespaces: { t: ['given', 'compare'] },
      params: { seed: 20260913, count },
      timeoutMs: 100_000,
      limits: { argumentBytes: 8 * 1024 * 1024, inFlight: 1000 },
      call: async (_, tool, args) => {
        if (tool === 'given') return JSON.stringify(args) ?? 'undefined';
        compared++;
        const { at, said, arrived } = args as { at: number; said?: string; arrived?: string };
        // V8 has its own order of names.
        const expected = said === undefined || said === 'undefined' ? said : JSON.stringify(JSON.parse(said));
        if (arrived !== expected) wrong.push(`value ${at}: ${arrived?.slice(0, 300)} instead of ${expected?.slice(0, 300)}`);
        return undefined;
      },
    });
    expect(result).toMatchObject({ ok: true });
    expect(wrong).toEqual([]);
    expect(compared).toBe(count);
  });

  it('keep the order of names, also of those that are large indexes', async () => {
    const script = 'const o = { b: 1, 3000000000: 2, a: 3 }; return { 4294967295: o, 4294967294: o, "2026-01-01": 1 };';
    const result = await sandbox.run(script, { ...options, limits: { valueBytes: 1 }, onLargeValue: (json) => json });
    const inner = '{"3000000000":2,"b":1,"a":3}';
    expect(result).toMatchObject({ value: `{"4294967294":${inner},"4294967295":${inner},"2026-01-01":1}` });
  });
});

describe('long texts, which cross by themselves', () => {
  const unit = fc.constantFrom('a', '"', '\\', '\n', '\0', '\u0001', 'é', '語', '😀', '\ud800', '\udc00', '\ufffd', '\u2028', '<');
  const text = fc.tuple(fc.string({ unit, maxLength: 40 }), fc.integer({ min: 0, max: 120 }), fc.boolean()).map(([some, times, plain]) => (plain ? 'x' : some).repeat(times * (plain ? 20 : 1)) + some);
  const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'then', 'toString', '0', '10', ''), fc.string({ maxLength: 3 }));
  const value = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, text, fc.integer(), fc.constant(null), fc.array(tie('node'), { maxLength: 4 }), fc.dictionary(key, tie('node'), { maxKeys: 4 })),
  })).node;
  const plain = (given: unknown): unknown => JSON.parse(JSON.stringify(given));

  it('arrive whole in both directions, wherever they stand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 6 }), async (values) => {
        const script = 'return await Promise.all(Array.from({ length: params }, (_, at) => t.give(at)).map(async (given) => t.give(await given)));';
        let calls = 0;
        const sent: unknown[] = [];
        const result = await sandbox.run(script, {
          ...options,
          params: values.length,
          limits: { valueBytes: 64 * 1024 * 1024 },
          call: async (_, __, args) => {
            if (calls++ < values.length) return values[args as number];
            sent.push(args);
            return args;
          },
        });
        expect(result).toEqual({ ok: true, value: plain(values), console: [] });
        expect(new Set(sent.map((one) => JSON.stringify(one)))).toEqual(new Set(values.map((one) => JSON.stringify(one))));
      }),
      { numRuns: 150 },
    );
  });

  it('do not mix with what a getter or a proxy sends while they are being read', async () => {
    const script = `
      const long = 'outer'.repeat(1000), inner = 'inner'.repeat(1000);
      const calls = [];
      const given = { a: long, get b() { calls.push(t.give({ inner })); return long + 'b'; }, c: new Proxy({ d: long }, { get: (target, name) => { calls.push(t.give([inner])); return target[name]; } }), e: long + 'e' };
      const echoed = await t.give(given);
      const sent = await Promise.all(calls);
      return [echoed.a === long, echoed.b === long + 'b', echoed.c.d === long, echoed.e === long + 'e', sent.length > 1, sent.every((one) => (one.inner ?? one[0]) === inner)];`;
    expect(await sandbox.run(script, options)).toMatchObject({ ok: true, value: [true, true, true, true, true, true] });
  });

  it('never cost more than they are, however long the path to them or however often they stand there', async () => {
    const text = 'x'.repeat(1100);
    const deep = (levels: number): unknown => (levels === 0 ? text : { d: deep(levels - 1) });
    const odd = Object.assign([text, text], { toJSON: () => ['y'.repeat(1100), text, text] });
    const values = [[deep(40), text, deep(2), text], { ['k'.repeat(2000)]: [text, text], b: text }, [text, odd, text], { [`__proto__`]: text, 1: text, a: { [`__proto__`]: [text] } }];
    for (const given of values) {
      const { json, texts } = encodeValue(given, { bytes: 1024 * 1024, depth: 100 });
      expect(json.length + JSON.stringify(texts.map(({ path }) => path)).length).toBeLessThanOrEqual(JSON.stringify(given).length + 2);
      const result = await sandbox.run('return await t.give();', { ...options, call: async () => given });
      expect(result).toEqual({ ok: true, value: plain(given), console: [] });
    }
  });

  it('what a toJSON makes is held to the limit before it leaves', async () => {
    const script = `
      const huge = { toJSON: () => 'x'.repeat(4_000_000) };
      try { await t.give({ long: 'x'.repeat(2000), all: Array.from({ length: 6 }, () => huge) }); } catch (error) { return error.name; }`;
    const result = await sandbox.run(script, options);
    expect(result.ok ? result.value : result.error.name).toBe('LimitError');
  });

  it('count towards every limit', async () => {
    const script = `
      const refused = async (make) => { try { await make(); return 'arrived'; } catch (error) { return error.name; } };
      return [
        await refused(() => t.give('x'.repeat(2000))), await refused(() => t.give({ a: 'x'.repeat(6000), b: 'x'.repeat(6000) })), await refused(() => t.give(['x'.repeat(12000)])),
        await refused(() => t.give({ big: 3000 })), await refused(() => t.give({ big: 30000 })),
      ];`;
    const call = async (_: string, __: string, args: unknown): Promise<unknown> => ({ text: 'y'.repeat((args as { big?: number }).big ?? 0) });
    expect(await sandbox.run(script, { ...options, call, limits: { argumentBytes: 10_000, resultBytes: 20_000 } })).toMatchObject({ ok: true, value: ['arrived', 'LimitError', 'LimitError', 'arrived', 'LimitError'] });
    expect(await sandbox.run("return { a: 'x'.repeat(3000), b: 'x'.repeat(3000) };", { ...options, limits: { valueBytes: 5000 } })).toMatchObject({ ok: false, error: { limit: 'output' } });
  });

  it('a script that defines setters and replaces methods sees none of it', async () => {
    const script = `
      const seen = [];
      for (const name of ['text', 'length']) Object.defineProperty(Object.prototype, name, { set(value) { seen.push(name); }, get() { return undefined; }, configurable: true });
      Array.prototype[Symbol.iterator] = () => { throw new Error('iterated'); };
      Array.prototype.push = () => { throw new Error('pushed'); };
      const answer = await t.give({ text: 'x'.repeat(5000) });
      return { seen, length: answer.text.length };`;
    expect(await sandbox.run(script, options)).toMatchObject({ ok: true, value: { seen: [], length: 5000 } });
  });
});

describe('JSON of host values', () => {
  const limits = { bytes: 1024 * 1024, depth: 100 };

  it('is what JSON.stringify says of any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(encodeValue(value, limits).json).toBe(JSON.stringify(value))));
  });

  it('never refuses what fits, to the byte, and never lets through more', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(encodeValue(value, { bytes, depth: 100 }).json).toBe(JSON.stringify(value));
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
