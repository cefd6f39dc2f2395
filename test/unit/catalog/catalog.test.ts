import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.js';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { fakeSource } from './fakeSource.js';

const shapes = { shapeOf: inferSchema, mergeShapes: mergeSchemas };

describe('the catalog', () => {
  let catalog: Catalog;
  beforeEach(() => {
    catalog = createCatalog(shapes);
  });
  afterEach(() => catalog.dispose());

  it('routes every name a script can use to the original tool', () => {
    const names = ['get-user', 'get_user', 'a.b', 'a_b', 'then', 'constructor', '__proto__', '', '列表', '🚀', 'x'.repeat(300)];
    catalog.setSources([fakeSource('odd', names.map((name) => ({ name })))]);
    const [server] = catalog.current.servers;
    expect(server?.tools.map((tool) => tool.ref.name)).toEqual(names);
    const members = server?.tools.map((tool) => tool.member) ?? [];
    expect(new Set(members).size).toBe(names.length);
    for (const tool of server?.tools ?? []) expect(catalog.current.find(server?.namespace ?? '', tool.member)).toBe(tool);
  });

  it('leaves a pinned snapshot as it was when tools change', () => {
    const source = fakeSource('github', [{ name: 'list_issues' }]);
    catalog.setSources([source]);
    const pinned = catalog.current;
    source.setTools([{ name: 'create_issue' }]);
    expect(pinned.find('github', 'list_issues')).toBeDefined();
    expect(catalog.current.find('github', 'list_issues')).toBeUndefined();
    expect(catalog.current.find('github', 'create_issue')).toBeDefined();
    expect(catalog.current.version).toBeGreaterThan(pinned.version);
  });

  it('tells once of a burst of changes, and only of the namespaces concerned', async () => {
    const noisy = fakeSource('noisy', [{ name: 'a' }]);
    catalog.setSources([noisy, fakeSource('quiet', [{ name: 'b' }])]);
    await heard(catalog);
    const events: (readonly string[])[] = [];
    catalog.onDidChange(({ namespaces }) => events.push(namespaces));
    for (let at = 0; at < 1000; at++) noisy.setTools([{ name: `a${at}` }]);
    await heard(catalog);
    expect(events).toEqual([['noisy']]);
  });

  it('keeps untouched servers as the same objects, so that their typings are not made again', () => {
    const changing = fakeSource('changing', [{ name: 'a' }]);
    catalog.setSources([changing, fakeSource('still', [{ name: 'b' }])]);
    const before = catalog.current.servers[1];
    changing.setTools([{ name: 'c' }]);
    expect(catalog.current.servers[1]).toBe(before);
  });

  it('takes a name listed twice as one tool, and an id given twice as one source', () => {
    catalog.setSources([fakeSource('s', [{ name: 'a', description: 'first' }, { name: 'a', description: 'second' }]), fakeSource('s', [{ name: 'z' }])]);
    expect(catalog.current.servers).toHaveLength(1);
    expect(catalog.current.servers[0]?.tools.map((tool) => tool.description)).toEqual(['first']);
  });

  it('changes the hash of a tool with anything that was approved of it', () => {
    const source = fakeSource('s', [{ name: 'a', description: 'reads a file' }]);
    catalog.setSources([source]);
    const before = catalog.current.find('s', 'a')?.toolHash;
    source.setTools([{ name: 'a', description: 'reads a file and sends it away' }]);
    expect(catalog.current.find('s', 'a')?.toolHash).not.toBe(before);
  });

  it.each([
    [{ readOnlyHint: true }, 'read'],
    [{ readOnlyHint: true, openWorldHint: true }, 'read'],
    [{ openWorldHint: true }, 'outward'],
    [{ destructiveHint: true }, 'write'],
    [{ readOnlyHint: false }, 'write'],
    [{}, 'unknown'],
    [undefined, 'unknown'],
  ] as const)('reads annotations %j as a claim of "%s"', (annotations, effect) => {
    catalog.setSources([fakeSource('s', [{ name: 'a', annotations }])]);
    expect(catalog.current.find('s', 'a')?.effect).toBe(effect);
  });
});

describe('shapes of results seen', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'shapes-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const ref = { source: 's', kind: 'tool', name: 'a' } as const;

  it('become an inferred output, without any value, and are there again in the next session', async () => {
    const storage = path.join(folder, 'shapes');
    const first = createCatalog({ storage, ...shapes });
    first.setSources([fakeSource('s', [{ name: 'a' }])]);
    first.observe(ref, { token: 'secret-value-1', count: 3 });
    first.observe(ref, { token: 'secret-value-2' });
    expect(first.current.find('s', 'a')?.inferredOutput?.results).toBeGreaterThan(0);
    first.dispose();
    await eventually(async () => (await readdir(storage)).filter((name) => name.endsWith('.json')).length === 1);
    const [file] = await readdir(storage);
    expect(await readFile(path.join(storage, file ?? ''), 'utf8')).not.toContain('secret-value');

    const second = createCatalog({ storage, ...shapes });
    second.setSources([fakeSource('s', [{ name: 'a' }])]);
    await eventually(() => Promise.resolve(second.current.find('s', 'a')?.inferredOutput !== undefined));
    expect(JSON.stringify(second.current.find('s', 'a')?.inferredOutput?.schema)).toContain('token');
    second.dispose();
  });

  it('are not kept for a tool that declares its output', () => {
    const catalog = createCatalog(shapes);
    catalog.setSources([fakeSource('s', [{ name: 'a', outputSchema: { type: 'string' } }])]);
    catalog.observe(ref, 'text');
    expect(catalog.current.find('s', 'a')?.inferredOutput).toBeUndefined();
    catalog.dispose();
  });

  it('are forgotten on request, on disk too', async () => {
    const storage = path.join(folder, 'shapes');
    const catalog = createCatalog({ storage, ...shapes });
    catalog.setSources([fakeSource('s', [{ name: 'a' }])]);
    catalog.observe(ref, { count: 1 });
    await catalog.forgetShapes();
    expect(catalog.current.find('s', 'a')?.inferredOutput).toBeUndefined();
    await expect(readdir(storage)).rejects.toThrow('ENOENT');
    catalog.dispose();
  });

  it('survive a damaged file as nothing known', async () => {
    const storage = path.join(folder, 'shapes');
    const catalog = createCatalog({ storage, ...shapes });
    const source = fakeSource('s', [{ name: 'a' }]);
    catalog.setSources([source]);
    catalog.observe(ref, { count: 1 });
    catalog.dispose();
    await eventually(async () => (await readdir(storage)).some((name) => name.endsWith('.json')));
    for (const name of await readdir(storage)) await writeFile(path.join(storage, name), '{"a": {"schema": 7, "results": "many"');
    const next = createCatalog({ storage, ...shapes });
    next.setSources([source]);
    expect(next.current.find('s', 'a')?.inferredOutput).toBeUndefined();
    next.dispose();
  });
});

function heard(catalog: Catalog): Promise<void> {
  return new Promise((resolve) => {
    const subscription = catalog.onDidChange(() => {
      subscription.dispose();
      resolve();
    });
  });
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('It never came to hold.');
}
