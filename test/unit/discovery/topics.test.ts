import { describe, expect, it } from 'vitest';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { readTopics, type Topics } from '../../../src/discovery/topics.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { atOnce } from '../../../src/typings/steps.js';
import { fakeSource } from '../catalog/fakeSource.js';

const words = (text: string): ReadonlyMap<string, number> => new Map(text.split(' ').map((word) => [word, 1]));

/** Texts of four words each, of ten words in all. */
const textsAbout = (subject: string): string[] => Array.from({ length: 20 }, (_, at) => Array.from({ length: 4 }, (__, word) => `${subject}${(at * 7 + word * 3 + Math.floor(at / 10)) % 10}`).join(' '));
const cooking = textsAbout('cook');
const sailing = textsAbout('sail');
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function topicsOf(texts: readonly string[]): Topics {
  return atOnce(readTopics(texts.map(words)));
}

describe('topics', () => {
  it('hold words together that the same documents use, though they never share one', () => {
    const near = [...topicsOf([...cooking, ...sailing]).nearness(words('cook0'))!];
    const withoutTheWord = near.slice(0, cooking.length).filter((_, at) => !cooking[at]!.includes('cook0'));
    expect(withoutTheWord.length).toBeGreaterThan(5);
    expect(mean(withoutTheWord)).toBeGreaterThan(mean(near.slice(cooking.length)) + 0.05);
  });

  it('say nothing of words that nobody uses, and of no documents', () => {
    expect(topicsOf(cooking).nearness(words('quasar'))).toBeUndefined();
    expect(topicsOf([]).nearness(words('cook1'))).toBeUndefined();
    expect(atOnce(readTopics([new Map(), words('cook1')])).nearness(words('cook1'))).toHaveLength(2);
  });

  it('are the same for the same documents', () => {
    const first = topicsOf([...cooking, ...sailing]).nearness(words('sail1 sail2'));
    expect(topicsOf([...cooking, ...sailing]).nearness(words('sail1 sail2'))).toEqual(first);
  });

  it('are read in many small steps', () => {
    let steps = 0;
    const work = readTopics(Array.from({ length: 300 }, (_, at) => words(`a${at % 17} b${at % 23} c${at % 29} d${at}`)));
    while (work.next().done !== true) steps++;
    expect(steps).toBeGreaterThan(100);
  });
});

describe('a search by topic', () => {
  const kitchen = fakeSource('kitchen', cooking.map((description, at) => ({ name: `step_${at}`, description })));
  const boat = fakeSource('boat', sailing.map((description, at) => ({ name: `task_${at}`, description })));

  it('ranks what is about the same before what is not', async () => {
    const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
    catalog.setSources([boat, kitchen]);
    const discovery = createDiscovery(catalog);
    await discovery.settled();
    // Every tool says "step" or "task" in its name; only the topic tells them apart.
    const hits = discovery.search('cook0 step task', { limit: 5 }).results.map((hit) => hit.name);
    expect(hits.filter((name) => name.startsWith('kitchen.'))).toHaveLength(5);
    catalog.dispose();
  });

  it('goes by words alone before it is settled', () => {
    const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
    catalog.setSources([boat, kitchen]);
    expect(createDiscovery(catalog).search('cook0').results[0]?.name).toMatch(/^kitchen\./);
    catalog.dispose();
  });
});
