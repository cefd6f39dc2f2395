import { afterEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.js';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { asks, changes } from '../../../src/discovery/asking.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { telling } from '../../../src/discovery/meaning.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { fakeSource } from '../catalog/fakeSource.js';

type Tools = Parameters<typeof fakeSource>[1];

const catalogs: Catalog[] = [];
afterEach(() => {
  for (const catalog of catalogs.splice(0)) catalog.dispose();
});
const catalogOf = (servers: Readonly<Record<string, Tools>>): Catalog => {
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  catalogs.push(catalog);
  catalog.setSources(Object.entries(servers).map(([id, tools]) => fakeSource(id, tools)));
  return catalog;
};
const hits = (servers: Readonly<Record<string, Tools>>, query: string): string[] => createDiscovery(catalogOf(servers)).search(query).results.map((hit) => hit.name);

describe('a query that only asks', () => {
  it.each([
    'Which branch is it?', 'what ran last night', 'From which address does it come', 'How many are there', 'show me the invoices', 'Let me see the map', 'Give me the text', 'When is the meeting', 'Do I have mail', '  is it still open', 'the last invoice, was it paid?', '?',
  ])('is "%s"', (query) => {
    expect(asks(query)).toBe(true);
  });

  it.each(['Close the invoice', 'Can you close the invoice?', 'It is paid, could you close it?', 'Close it, please?', 'please show restraint', 'whatsapp message', 'listen to events', 'Get rid of it', 'check out the branch', 'Tell Bob it is cancelled', 'When it fails, send a mail', 'Do a backup', 'Have it built', 'I want to send a mail', 'create_issue', '', 'can'])('is not "%s"', (query) => {
    expect(asks(query)).toBe(false);
  });

  const branches: Tools = [
    { name: 'create_branch', description: 'Creates a branch from another branch.' },
    { name: 'branch_details', description: 'Tells of a branch, among much else about where it came from, who made it and when.' },
  ];

  it('has tools that change something behind those that look, and a request has not', () => {
    expect(hits({ s: branches }, 'Which branch is it?')).toEqual(['s.branch_details', 's.create_branch']);
    expect(hits({ s: branches }, 'Make a branch')).toEqual(['s.create_branch', 's.branch_details']);
  });

  it('believes what a tool claims before what it is called', () => {
    const claimed = (readOnlyHint: boolean | undefined, name: string): boolean[] => catalogOf({ s: [{ name, ...(readOnlyHint === undefined ? {} : { annotations: { readOnlyHint } }) }] }).current.servers.flatMap(({ tools }) => tools.map(changes));
    expect([claimed(true, 'create_branch'), claimed(false, 'branch'), claimed(undefined, 'createBranch'), claimed(undefined, 'branch'), claimed(undefined, 'settings')].flat()).toEqual([false, true, true, false, false]);
  });
});

describe('a sentence', () => {
  it('is about its telling words, not about those that everybody says, however rare they are among tools', () => {
    expect(telling('the')).toBe(0);
    expect(telling('place')).toBeLessThan(0.75);
    expect(telling('invoic')).toBeGreaterThan(telling('new'));
    expect(['payment', 'qzxv', '__proto__', ''].map(telling)).toEqual([1, 1, 1, 1]);
    const tyres = Array.from({ length: 20 }, (_, at) => ({ name: `tyre_${at}`, description: `A tyre.${at < 2 ? ' Also about a forum.' : ''}` }));
    const things = [{ name: 'thing_a', description: 'A thing. The last place.' }, { name: 'thing_b', description: 'A thing. The forum.' }];
    expect(hits({ s: [...things, ...tyres] }, 'the last forum').filter((name) => name.includes('thing'))).toEqual(['s.thing_b', 's.thing_a']);
  });

  it('tells its field: of two tools alike, that of the server whose tools are nearer to it', () => {
    const clinic: Tools = [{ name: 'run', description: 'Runs.' }, { name: 'book_doctor', description: 'Schedules a visit to the doctor.' }, { name: 'nurse', description: 'Calls a nurse to the hospital bed.' }];
    const garage: Tools = [{ name: 'run', description: 'Runs.' }, { name: 'fix_car', description: 'Repairs an automobile.' }, { name: 'tyres', description: 'Changes the wheels of a truck.' }];
    const runs = (query: string): string[] => hits({ a: garage, b: clinic, c: garage }, query).filter((name) => name.endsWith('.run'));
    expect(runs('run it for the sick patient')[0]).toBe('b.run');
    expect(runs('run it for the broken engine')[2]).toBe('b.run');
  });
});
