import { stemmer } from 'stemmer';
import { afterEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.js';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { isWord, Places } from '../../../src/discovery/meaning.js';
import { createSearchIndex } from '../../../src/discovery/searchIndex.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { fakeSource } from '../catalog/fakeSource.js';

const stems = (text: string): string[] => text.toLowerCase().split(' ').map(stemmer);

function placesOf(...texts: readonly string[]): Places {
  const places = new Places(texts.length);
  for (const [id, text] of texts.entries()) places.set(id, stems(text));
  return places;
}

describe('places of texts', () => {
  it.each([
    ['feed the kitten', 'food for a cat', 'a map of roads'],
    ['photograph', 'take a picture', 'delete a row'],
    ['physician appointment', 'schedule a visit to the doctor', 'compile the sources'],
    ['automobile repair shop', 'garage that fixes cars', 'merge two branches'],
    ['how warm will it be tomorrow', 'weather forecast', 'list of invoices'],
  ])('are nearer to "%s" for "%s" than for "%s", of which none shares a word', (query, same, other) => {
    const [near = 0, far = 0] = placesOf(same, other).nearness(stems(query)) ?? [];
    expect(near).toBeGreaterThan(far + 0.1);
  });

  it('are at distance 1 from the middle, however long the text', () => {
    const text = 'send an email to every member of the team';
    const places = placesOf(text, `${text} ${text} ${text}`);
    for (const near of places.nearness(stems(text)) ?? []) expect(near).toBeCloseTo(1, 5);
  });

  it('name the nearest first, as many as are asked for and no farther', () => {
    const places = placesOf('public', 'confidential', 'secret', 'invoice', 'security');
    const near = places.nearest(stems('secret'), { least: 0.55, most: 3 });
    expect(near.map(({ id }) => id)).toEqual([2, 1, 4]);
    expect(near[0]?.near).toBeCloseTo(1, 5);
    expect(places.nearest(stems('secret'), { least: 0.55, most: 1 })).toEqual(near.slice(0, 1));
    expect(places.nearest(stems('qzxv'), { least: -1, most: 3 })).toEqual([]);
  });

  it('say nothing of words that nobody uses, and of texts made of them', () => {
    const places = placesOf('qzxv wvutq', 'delete a file', '');
    expect(places.nearness(stems('qzxv'))).toBeUndefined();
    expect(places.nearness([])).toBeUndefined();
    const near = places.nearness(stems('delete a file'));
    expect([near?.[0], near?.[2]]).toEqual([0, 0]);
    expect(near?.[1]).toBeCloseTo(1, 5);
  });

  it('know words from slips of the finger', () => {
    expect(stems('repository refund spreadsheet picture quickly').filter((stem) => !isWord(stem))).toEqual([]);
    expect(['repositry', 'constructor', '__proto__', 'qzxv', ''].map(stemmer).filter((stem) => isWord(stem))).toEqual([stemmer('constructor')]);
  });
});

describe('a search by meaning', () => {
  const catalogs: Catalog[] = [];
  afterEach(() => {
    for (const catalog of catalogs.splice(0)) catalog.dispose();
  });
  const hits = (tools: Parameters<typeof fakeSource>[1], query: string): string[] => {
    const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
    catalogs.push(catalog);
    catalog.setSources([fakeSource('s', tools)]);
    return createDiscovery(catalog).search(query).results.map((hit) => hit.name.slice(2));
  };
  const clinic = [
    { name: 'book_doctor', description: 'Schedules a visit to the doctor.' },
    { name: 'feed_cat', description: 'Gives food to the cat.' },
    { name: 'merge_branches', description: 'Merges two branches.' },
    { name: 'draw_map', description: 'Draws a map of the roads.' },
  ];

  it('finds a tool that shares no word with the query, at once and before the rest', () => {
    expect(hits(clinic, 'physician consultation')[0]).toBe('book_doctor');
    expect(hits(clinic, 'my kitten is hungry')[0]).toBe('feed_cat');
  });

  it('answers nothing where nothing is near', () => {
    expect(hits(clinic, 'qzxv')).toEqual([]);
  });

  it('puts the tool of just this name first, whatever is nearer in meaning', () => {
    const tools = [{ name: 'picture', description: 'Merges two branches.' }, { name: 'take_photograph', description: 'Takes a picture, a photograph, an image.' }];
    expect(hits(tools, 'picture')[0]).toBe('picture');
    expect(hits([{ name: 'photograph', description: 'Some of them.' }, { name: 'use' }], 'use')[0]).toBe('use');
  });

  it('reads a tool of 100,000 parameters as far as they tell anything', () => {
    const properties = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`parameter${at}`, { type: 'string', enum: ['a', 'b'] }]));
    const tool = { namespace: 's', member: 'wide', ref: { source: 's', name: 'wide' }, inputSchema: { type: 'object', properties } };
    const index = createSearchIndex([tool as unknown as Parameters<typeof createSearchIndex>[0][number]]);
    expect(index.search('parameter7').total).toBe(1);
    expect(index.search('parameter99999').total).toBe(0);
  });
});
