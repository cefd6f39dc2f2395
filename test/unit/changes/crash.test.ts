import { build } from 'esbuild';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workshop, bytes } from './workshop.js';

/*
 * A process is killed at every single effect of Apply, of undo and of recovery itself, and a fresh one looks: files,
 * index, HEAD and refs are wholly as before or wholly as after.
 */
const here = path.dirname(fileURLToPath(import.meta.url));
const place = mkdtempSync(path.join(os.tmpdir(), 'code-mode-crash-'));
const program = path.join(place, 'crashing.cjs');

beforeAll(async () => {
  await build({ entryPoints: [path.join(here, 'crashingProcess.ts')], outfile: program, bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning' });
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const never = Number.MAX_SAFE_INTEGER;
type Act = 'apply' | 'undo' | 'recover';

function orders(shop: Workshop, act: Act, killAt: number): string {
  return JSON.stringify({ folder: shop.folder, storage: shop.storage, act, killAt });
}

/** What the process said last: where it was killed, or how it ended. */
function die(shop: Workshop, act: Act, killAt: number): string {
  const { stdout, stderr } = spawnSync(process.execPath, [program, orders(shop, act, killAt)], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** Everything that may be seen of the workspace, with commits by what they hold rather than by when they were made. */
function world(shop: Workshop): unknown {
  const { files, head, index, locks } = shop.world() as Record<string, unknown>;
  return { files, head, index, locks, refs: shop.git('for-each-ref', '--format=%(refname) %(tree) %(subject)'), log: shop.git('log', '--all', '--topo-order', '--format=%T %s %P').replaceAll(/ [0-9a-f]{40}$/gm, '') };
}

/** Edits of every kind, two commits, a new branch and something in the index. */
async function staged(): Promise<Workshop> {
  const shop = new Workshop();
  shop.init({ 'a.txt': 'one\n', 'dir/b.txt': 'b\n', 'dir/c.txt': 'c\n', 'd.txt': 'd\n', 'run.sh': '#!/bin/sh\n' });
  shop.write('own.txt', 'own\n');
  shop.git('add', 'own.txt');
  symlinkSync('a.txt', shop.path('link'));
  const view = shop.view();
  const { root } = await view.git.repository();
  await view.write('a.txt', bytes('two\n'), 'replace');
  await view.write('new/deep/e.txt', bytes('e\n'), 'create');
  await view.git.commit(root, { message: 'First', all: true });
  await view.git.createBranch(root, 'topic', { switch: true });
  await view.write('a.txt', bytes('three\n'), 'replace');
  await view.delete('dir');
  await view.git.commit(root, { message: 'Second', all: true });
  await view.rename('link', 'moved');
  await view.rename('d.txt', 'new/d.txt');
  await view.git.stage(root, ['new/d.txt', 'd.txt']);
  await view.write('a.txt', bytes('four\n'), 'replace');
  await shop.sets.dispose();
  return shop;
}

/** A copy of a workspace with its storage, to be ruined; the process that ruins it takes it at the same place. */
class Copies {
  private readonly kept = path.join(place, `kept-${Math.random().toString(36).slice(2)}`);

  constructor(readonly shop: Workshop) {
    cpSync(shop.base, this.kept, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }

  restore(): void {
    rmSync(this.shop.base, { recursive: true, force: true });
    cpSync(this.kept, this.shop.base, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

describe('a process killed at every effect', () => {
  let shop: Workshop;
  afterAll(() => rmSync(shop.base, { recursive: true, force: true }));

  test('of Apply leaves nothing half done, and the set can be applied afterwards', { timeout: 600_000 }, async () => {
    shop = await staged();
    const copies = new Copies(shop);
    const before = world(shop);
    expect(die(shop, 'apply', never)).toContain('"ok":true');
    const after = world(shop);
    expect(after).not.toEqual(before);
    const points: string[] = [];
    for (let killAt = 1; ; killAt++) {
      copies.restore();
      const said = die(shop, 'apply', killAt);
      if (said.startsWith('ended')) break;
      points.push(said.replace('killed at ', ''));
      expect(die(shop, 'recover', never), said).toBe('ended {"ok":true}');
      expect([before, after], `recovered after it was ${said}`).toContainEqual(world(shop));
      if (points.at(-1) === 'done') {
        shop.open();
        await shop.sets.ready;
        // It was applied, so nothing of it waits any more, and it can be undone.
        expect(shop.sets.open).toEqual([]);
        expect(shop.sets.undoable).toBeDefined();
        await shop.sets.dispose();
      }
      if (points.at(-1) !== 'done') expect(die(shop, 'apply', never), `applied again after it was ${said}`).toContain('"ok":true');
      expect(world(shop)).toEqual(after);
    }
    // Every kind of record and effect was among them.
    expect(new Set(points)).toEqual(new Set(['begin', 'files', 'put', 'branch', 'branched', 'commit', 'committed', 'committed record', 'index', 'index replaced', 'done']));
    expect(points.length).toBeGreaterThan(20);
  });

  test('of undo leaves it wholly undone, or not at all', { timeout: 600_000 }, async () => {
    shop = await staged();
    const before = world(shop);
    expect(die(shop, 'apply', never)).toContain('"ok":true');
    const after = world(shop);
    const copies = new Copies(shop);
    let points = 0;
    for (let killAt = 1; ; killAt++, points++) {
      copies.restore();
      const said = die(shop, 'undo', killAt);
      if (said.startsWith('ended')) break;
      expect(die(shop, 'recover', never)).toBe('ended {"ok":true}');
      expect([before, after], `recovered after it was ${said}`).toContainEqual(world(shop));
    }
    expect(world(shop)).toEqual(before);
    expect(points).toBeGreaterThan(8);
  });

  test('of the recovery itself is recovered from as well', { timeout: 600_000 }, async () => {
    shop = await staged();
    const before = world(shop);
    // As far as Apply comes before it is whole: the new index stands, nothing says that it ended.
    const started = new Copies(shop);
    let last = 1;
    while (!die(shop, 'apply', last).includes('index replaced')) {
      started.restore();
      last += 1;
    }
    const copies = new Copies(shop);
    for (let killAt = 1; ; killAt++) {
      copies.restore();
      const said = die(shop, 'recover', killAt);
      if (said.startsWith('ended')) break;
      expect(die(shop, 'recover', never)).toBe('ended {"ok":true}');
      expect(world(shop), `after recovery was ${said}`).toEqual(before);
    }
    expect(world(shop)).toEqual(before);
  });

  test('with a git commit under way does not let it commit afterwards', { timeout: 60_000 }, async () => {
    shop = await staged();
    const mark = path.join(shop.base, 'in-hook');
    shop.hook('pre-commit', `touch ${mark}; sleep 2`);
    const before = world(shop);
    const window = spawn(process.execPath, [program, orders(shop, 'apply', never)], { stdio: 'ignore' });
    const gone = new Promise((resolve) => window.once('close', resolve));
    await expect.poll(() => existsSync(mark), { timeout: 20_000, interval: 20 }).toBe(true);
    window.kill('SIGKILL');
    await gone;
    expect(die(shop, 'recover', never)).toBe('ended {"ok":true}');
    expect(world(shop)).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(world(shop)).toEqual(before);
    expect(readFileSync(shop.path('.git/HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
  });
});
