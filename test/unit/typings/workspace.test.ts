import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { declaring } from '../../../src/typings/server.js';
import { createTypings, type Typings } from '../../../src/typings/workspace/snapshot.js';
import { createTypingsFolder } from '../../../src/typings/workspace/writer.js';
import { fakeSource } from '../catalog/fakeSource.js';

const tool = (name: string, description = ''): { name: string; description: string; inputSchema: { type: string } } => ({ name, description, inputSchema: { type: 'object' } });

function rooms(...sources: Parameters<typeof fakeSource>[]): { readonly typings: Typings; readonly catalog: ReturnType<typeof createCatalog>; readonly sources: ReturnType<typeof fakeSource>[] } {
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  const made = sources.map((each) => fakeSource(...each));
  catalog.setSources(made);
  return { catalog, sources: made, typings: createTypings(catalog) };
}

const changed = (typings: Typings): Promise<readonly string[]> => new Promise((resolve) => typings.onDidChange(resolve));

describe('the typings of the catalog', () => {
  it('make anew only the file of the server that changed', async () => {
    const { typings, sources } = rooms(['a', [tool('one')]], ['b', [tool('two')]]);
    await changed(typings);
    const before = typings.current.files;
    const next = changed(typings);
    sources[0]!.setTools([tool('one', 'Now with a text.')]);
    expect(await next).toEqual(['a']);
    const after = typings.current.files;
    expect(after[0]!.text).toContain('Now with a text.');
    expect(after[1]).toBe(before[1]);
  });

  it('follow results seen, and nothing else of a result', async () => {
    const { typings, catalog } = rooms(['a', [tool('one')]], ['b', [tool('two')]]);
    await changed(typings);
    const before = typings.current.files;
    const next = changed(typings);
    catalog.observe({ source: 'a', kind: 'tool', name: 'one' }, { id: 1, secret: 'value' });
    expect(await next).toEqual(['a']);
    expect(typings.current.files[0]!.text).toContain('secret: string');
    expect(typings.current.files[0]!.text).not.toContain('value');
    expect(typings.current.files[1]).toBe(before[1]);
  });

  it('are made in the background, and on the spot for whoever cannot wait', async () => {
    const { typings } = rooms(['a', Array.from({ length: 50 }, (_, at) => tool(`t${at}`))]);
    expect(typings.current.files[0]!.text).toContain('t49(');
    await typings.settled();
    const { files } = typings.current;
    await typings.settled();
    expect(typings.current.files).toBe(files);
  });

  it('are made in steps no larger than a tool', () => {
    const tools = Array.from({ length: 40 }, (_, at) => ({ ...tool(`t${at}`), member: `t${at}` }));
    let steps = 0;
    const work = declaring({ namespace: 'a', tools });
    while (work.next().done !== true) steps++;
    expect(steps).toBeGreaterThanOrEqual(2 * tools.length);
  });
});

describe('the folder of typings', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'typings-'))));
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is written once, touched only where a text changed, and cleared of servers that went', async () => {
    const typings = createTypingsFolder({ folder, globals: 'declare const codemode: {};' });
    const a = { namespace: 'a', text: 'declare const a: {};' };
    const b = { namespace: 'b', text: 'declare const b: {};' };
    const first = await typings.write([a, b]);
    expect(first).toContain(typings.fileOf('a'));
    const { mtimeMs } = await stat(typings.fileOf('b'));
    expect(await typings.write([a, b])).toEqual([]);
    expect(await typings.write([{ ...a, text: 'declare const a: { x(): void };' }, b])).toEqual([typings.fileOf('a')]);
    expect((await stat(typings.fileOf('b'))).mtimeMs).toBe(mtimeMs);
    expect(await typings.write([a])).toEqual([typings.fileOf('a'), typings.fileOf('b')]);
    await expect(readFile(typings.fileOf('b'))).rejects.toThrow('ENOENT');
  });

  it('mends what somebody edited, keeps what is theirs, and lets the last of two writes win', async () => {
    const typings = createTypingsFolder({ folder, globals: '' });
    await typings.write([{ namespace: 'a', text: 'declare const a: 1;' }]);
    await writeFile(typings.fileOf('a'), 'edited');
    await writeFile(path.join(typings.scripts, 'mine.ts'), 'export default async () => 1;');
    await Promise.all([typings.write([{ namespace: 'a', text: 'declare const a: 2;' }]), typings.write([{ namespace: 'a', text: 'declare const a: 3;' }])]);
    expect(await readFile(typings.fileOf('a'), 'utf8')).toBe('declare const a: 3;');
    expect(await readFile(path.join(typings.scripts, 'mine.ts'), 'utf8')).toContain('=> 1');
  });
});
