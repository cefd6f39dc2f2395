import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checker } from '../../../src/checker/checker.js';
import { createChecker, type CheckerOptions } from '../../../src/checker/client.js';
import { globals, typings } from './script.js';

const dist = path.resolve('dist/checker');
const options: CheckerOptions = { workerPath: path.join(dist, 'worker.js'), libDirectory: path.join(dist, 'lib'), globals };
/** Takes TypeScript about a minute. */
const endless = `type N = 0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20;
type Row<A, B> = A extends unknown ? B extends unknown ? [A, B] : never : never;
${Array.from({ length: 400 }, (_, index) => `type T${String(index)} = Row<Row<N, ${String(index)} | N>, Row<N, ${String(index)} | N>>; let v${String(index)}!: T${String(index)}; const w${String(index)}: T${String((index + 1) % 400)} = v${String(index)};`).join('\n')}`;

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', '--only', 'checker']);
}, 120_000);

const open: Checker[] = [];
function newChecker(more: Partial<CheckerOptions> = {}): Checker {
  const checker = createChecker({ ...options, ...more });
  checker.setTypings({ version: 1, files: typings });
  open.push(checker);
  return checker;
}
afterAll(async () => {
  await Promise.all(open.map((checker) => checker.dispose()));
});

describe('the checker in its worker', () => {
  it('answers many checks asked at once, each its own', async () => {
    const checker = newChecker();
    await checker.warm();
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => checker.check(`return ${'\n'.repeat(index)} nope${String(index)};`)));
    expect(results.map(({ diagnostics }) => diagnostics[0]?.line)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('follows the typings: changed, added and removed', async () => {
    const checker = newChecker();
    const uses = (source: string): Promise<readonly string[]> => checker.check(source).then(({ diagnostics }) => diagnostics.map(({ code }) => code));
    expect(await uses("await memory.add_note({ text: 'a' });")).toEqual([]);
    checker.setTypings({ version: 2, files: [...typings.filter(({ namespace }) => namespace !== 'memory'), { namespace: 'memory', text: 'declare const memory: { add_note(args: { note: string }): Promise<void> };' }, { namespace: 'extra', text: 'declare const extra: { go(): Promise<number> };' }] });
    expect(await uses("await memory.add_note({ text: 'a' });")).toEqual(['TS2353']);
    expect(await uses('return await extra.go();')).toEqual([]);
    checker.setTypings({ version: 3, files: typings.slice(0, 1) });
    expect(await uses('return await extra.go();')).toEqual(['TS2304']);
    expect(await uses("return github.list_issues({ repo: 'a' });")).toEqual([]);
  });

  it('gives the same answers after hundreds of scripts', async () => {
    const checker = newChecker();
    for (let index = 0; index < 450; index++) {
      const { diagnostics, reach } = await checker.check(`const a${String(index)}: number = await github.list_issues({ repo: 'r${String(index)}' });`);
      expect(diagnostics).toHaveLength(1);
      expect(reach.entries[0]?.literals).toEqual({ repo: `r${String(index)}` });
    }
  });

  it('stops a check that its caller gives up, and serves the next', async () => {
    const checker = newChecker();
    await checker.warm();
    const stop = new AbortController();
    const given = checker.check(endless, { signal: stop.signal });
    const waiting = checker.check('return 1;', { signal: stop.signal });
    const next = checker.check('return nope;');
    setTimeout(() => {
      stop.abort();
    }, 50);
    await expect(given).rejects.toMatchObject({ name: 'AbortError' });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect((await next).diagnostics).toMatchObject([{ code: 'TS2304' }]);
    await expect(checker.check('return 1;', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('answers with a result when a check takes too long, and serves the next', async () => {
    const checker = newChecker({ deadlineMs: 200 });
    await checker.warm();
    expect(await checker.check(endless)).toMatchObject({ ok: false, diagnostics: [{ code: 'codemode/check-time', message: expect.stringContaining('within 0.2 s') as string }] });
    await checker.warm();
    expect(await checker.check("return (await repo.read({ path: 'a' })).text;")).toMatchObject({ ok: true });
  });

  it('answers with a result when a check takes too much memory, and serves the next', async () => {
    const checker = newChecker({ memoryMb: 110 });
    await checker.warm();
    const { diagnostics } = await checker.check(endless);
    expect(['codemode/check-memory', 'codemode/check-time']).toContain(diagnostics[0]?.code);
    expect(await checker.check('return 1;')).toMatchObject({ ok: true });
  });

  it('serves on after a script nested too deeply', async () => {
    const checker = newChecker();
    const deep = await checker.check(`return ${'('.repeat(200_000)}1${')'.repeat(200_000)};`);
    expect(deep).toMatchObject({ ok: false, diagnostics: [{ code: 'codemode/too-deep' }] });
    expect(await checker.check('return await repo.list();')).toMatchObject({ ok: true });
  });

  it('makes the worker that replaces a worn one ready once, and the next check waits for no more', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'checker-'));
    try {
      const worker = path.join(folder, 'worker.cjs');
      // Answers like the checker's own: everything wears it out, and the result says what it was asked before.
      await writeFile(worker, `const { parentPort } = require('node:worker_threads'); const asked = [];
        parentPort.on('message', ({ type, id, source }) => {
          if (type === 'warm') parentPort.postMessage({ type: 'warmed', id });
          if (type === 'check' && source === 'hang') for (;;);
          if (type === 'check') parentPort.postMessage({ type: 'checked', id, worn: true, result: { ok: true, diagnostics: [], reach: { entries: [], dynamic: [] }, dialect: 'body', code: asked.join() } });
          if (type !== 'typings') asked.push(type);
        });`);
      const checker = newChecker({ workerPath: worker, deadlineMs: 1_500 });
      expect((await checker.check('return 1;')).code).toBe('');
      expect((await checker.check('return 1;')).code).toBe('warm');
      expect((await Promise.all([1, 2, 3].map(() => checker.check('return 1;')))).map(({ code }) => code)).toEqual(['warm', '', '']);
      // A check that hangs takes its deadline, not also the time that the start of its worker may take; and so does the next.
      for (let turn = 0; turn < 2; turn++) {
        expect(await checker.check('hang')).toMatchObject({ ok: false, diagnostics: [{ code: 'codemode/check-time' }] });
      }
      expect((await checker.check('return 1;')).code).toBe('warm');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('fails clearly when it cannot work at all', async () => {
    await expect(newChecker({ libDirectory: path.join(dist, 'none') }).check('return 1;')).rejects.toThrow(/checker stopped.*ENOENT/);
    await expect(newChecker({ workerPath: path.join(dist, 'none.js') }).warm()).rejects.toThrow(/checker stopped/);
  });

  it('tries once more with a new worker when one dies', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'checker-'));
    try {
      const flag = path.join(folder, 'died');
      const worker = path.join(folder, 'worker.cjs');
      await writeFile(worker, `const fs = require('node:fs'); if (!fs.existsSync(${JSON.stringify(flag)})) { fs.writeFileSync(${JSON.stringify(flag)}, ''); process.exit(3); } require(${JSON.stringify(options.workerPath)});`);
      expect(await newChecker({ workerPath: worker }).check('return 1;')).toMatchObject({ ok: true });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('refuses what is asked after its end, and answers what waits', async () => {
    const checker = newChecker();
    const waiting = expect(checker.check('return 1;')).rejects.toThrow('The checker was closed.');
    await checker.dispose();
    await waiting;
    await expect(checker.check('return 1;')).rejects.toThrow('The checker was closed.');
    await checker.dispose();
  });
});
