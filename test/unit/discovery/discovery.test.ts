import { afterEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.js';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import type { ToolDescription, ToolSource } from '../../../src/catalog/source.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { tokensOf } from '../../../src/discovery/tokens.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { fakeSource } from '../catalog/fakeSource.js';

const catalogs: Catalog[] = [];
afterEach(() => {
  for (const catalog of catalogs.splice(0)) catalog.dispose();
});

function discoveryOf(...sources: readonly ToolSource[]) {
  const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  catalogs.push(catalog);
  catalog.setSources(sources);
  return createDiscovery(catalog);
}

it('comes to rest beside a server that makes its list anew at every look', async () => {
  const failed: ToolSource = Object.defineProperty(fakeSource('failed', []), 'tools', { get: () => [{ name: 'wait', inputSchema: {} }] });
  const discovery = discoveryOf(github, failed);
  await discovery.settled();
  expect(discovery.search('create issue').results[0]?.name).toBe('github.create_issue');
});

const object = (properties: Record<string, string>): ToolDescription['inputSchema'] => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(properties).map(([name, type]) => [name, { type }])),
  required: Object.keys(properties),
});

const github = fakeSource('github', [
  { name: 'create_issue', description: 'Create a new issue in a repository. Labels are optional.', inputSchema: object({ title: 'string' }) },
  { name: 'delete_milestone', description: 'Delete a milestone.', inputSchema: object({ id: 'number' }) },
  { name: 'merge_pull_request', description: 'Merge a pull request.', inputSchema: object({ number: 'number' }) },
  { name: 'get_build_failure_logs', description: 'Retrieve the logs of a failed build.', inputSchema: object({ build: 'string' }) },
]);
const calendar = fakeSource('calendar', [
  { name: 'get-freebusy', description: 'Query free/busy information for calendars.' },
  { name: 'list-calendars', description: 'List all available calendars.' },
]);

const many = (servers: number, tools: number): ToolSource[] =>
  Array.from({ length: servers }, (_, server) =>
    fakeSource(
      `server${server}`,
      Array.from({ length: tools }, (_, tool) => ({ name: `tool_number_${tool}_of_${server}`, description: `Does the thing number ${tool} of server ${server} in a rather long sentence.`, inputSchema: object({ first: 'string', second: 'number' }) })),
    ),
  );

describe('the surface', () => {
  it('is the complete declarations when they fit, and says so', () => {
    const text = discoveryOf(github, calendar).surface(2000);
    expect(text).toContain('complete');
    expect(text).toContain('create_issue');
    expect(text).toContain('Labels are optional.');
  });

  it('falls back to signatures, then to names, and always says what is missing', () => {
    const discovery = discoveryOf(...many(3, 12));
    expect(discovery.surface(1500)).toMatch(/All 36 tools/);
    expect(discovery.surface(1500)).toContain('first: string');
    expect(discovery.surface(120)).toContain('NOT complete');
  });

  it.each([[1, 5000], [100, 50], [12, 17]])('stays inside its budget plus a line a server with %i servers of %i tools', (servers, tools) => {
    const text = discoveryOf(...many(servers, tools)).surface(600);
    const lines = text.split('\n').length;
    expect(tokensOf(text)).toBeLessThanOrEqual(600 + 15 * servers);
    expect(lines).toBeLessThanOrEqual(servers + 2);
    for (let server = 0; server < servers; server++) expect(text).toContain(`server${server}:`);
  });

  it('names tools of a small server even beside a huge one', () => {
    const small = fakeSource('tiny', [{ name: 'only_tool' }]);
    expect(discoveryOf(...many(1, 3000), small).surface(300)).toContain('only_tool');
  });

  it('gives the same bytes whatever order the servers came in', () => {
    expect(discoveryOf(github, calendar).surface(100)).toBe(discoveryOf(calendar, github).surface(100));
  });

  it('says what to do when nothing is connected', () => {
    expect(discoveryOf().surface(600)).toContain('Add Server');
  });
});

describe('search', () => {
  const names = (query: string): string[] => discoveryOf(github, calendar).search(query).results.map((hit) => hit.name);

  it.each([
    ['create issue', 'github.create_issue'],
    ['createIssue', 'github.create_issue'],
    ['creating issues', 'github.create_issue'],
    ['creat isue', 'github.create_issue'],
    ['erase a milestone', 'github.delete_milestone'],
    ['combine pr', 'github.merge_pull_request'],
    ['am I busy tomorrow', 'calendar.get_freebusy'],
    ['why did my build go red', 'github.get_build_failure_logs'],
  ])('finds for "%s" the tool %s', (query, tool) => {
    expect(names(query)[0]?.replace('-', '_')).toBe(tool);
  });

  it('pages through the hits, telling how many there are and where the next page starts', () => {
    const discovery = discoveryOf(...many(1, 30));
    const first = discovery.search('thing', { limit: 20 });
    expect(first).toMatchObject({ total: 30, nextOffset: 20 });
    const second = discovery.search('thing', { limit: 20, offset: 20 });
    expect(second.results).toHaveLength(10);
    expect(second.nextOffset).toBeUndefined();
    expect(new Set([...first.results, ...second.results].map((hit) => hit.name)).size).toBe(30);
  });

  it('keeps to one server when asked', () => {
    const hits = discoveryOf(github, calendar).search('list get create', { server: 'calendar' }).results;
    expect(hits.length).toBeGreaterThan(0);
    expect(hits.every((hit) => hit.name.startsWith('calendar.'))).toBe(true);
  });

  it.each(['', '   ', 'the of and', '!!!', '\u0000', 'a'.repeat(100_000), '💥', '__proto__', 'constructor'])('answers %j without failing', (query) => {
    expect(discoveryOf(github).search(query).results.length).toBeGreaterThanOrEqual(0);
  });

  it.each([{ limit: -1 }, { limit: 1e9 }, { limit: Number.NaN }, { offset: -5 }, { offset: 1e9 }])('bounds %j', (options) => {
    expect(discoveryOf(...many(1, 100)).search('thing', options).results.length).toBeLessThanOrEqual(50);
  });

  it('sees tools that came after the first search', () => {
    const source = fakeSource('s', [{ name: 'a' }]);
    const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
    catalogs.push(catalog);
    catalog.setSources([source]);
    const discovery = createDiscovery(catalog);
    expect(discovery.search('zebra').results).toEqual([]);
    source.setTools([{ name: 'feed_zebra' }]);
    expect(discovery.search('zebra').results.map((hit) => hit.name)).toEqual(['s.feed_zebra']);
  });
});

describe('describe', () => {
  it('gives the whole declaration of what was named and nothing else', () => {
    const text = discoveryOf(github, calendar).describe('github.create_issue');
    expect(text).toContain('Labels are optional.');
    expect(text).not.toContain('delete_milestone');
  });

  it('takes the original name, a server, or a name only one server has', () => {
    const discovery = discoveryOf(github, calendar);
    expect(discovery.describe('calendar.get-freebusy')).toContain('free/busy');
    expect(discovery.describe('calendar')).toContain('List all available calendars');
    expect(discovery.describe('merge_pull_request')).toContain('Merge a pull request');
  });

  it('answers a wrong guess with the nearest real names', () => {
    const text = discoveryOf(github, calendar).describe(['github.createIssue', 'hub.merge_pull_reqest']);
    expect(text).toContain('There is no tool "github.createIssue"');
    expect(text).toContain('github.create_issue');
    expect(text).toContain('github.merge_pull_request');
  });

  const verbose = fakeSource('docs', [
    {
      name: 'write_page',
      description: `Writes a page. ${'It keeps the history of every page and tells its watchers. '.repeat(40)}`,
      inputSchema: {
        type: 'object',
        properties: {
          title: { type: 'string', description: `The title. ${'Titles are short and say what the page is about. '.repeat(20)}` },
          kind: { enum: ['note', 'guide', 'reference'], description: 'What it is.' },
        },
        required: ['title'],
      },
    },
  ]);

  it('cuts long texts, says where, and keeps every type', () => {
    const text = discoveryOf(verbose).describe('docs.write_page');
    const native = JSON.stringify(verbose.tools[0]);
    expect(tokensOf(text)).toBeLessThanOrEqual(0.6 * tokensOf(native));
    expect(text).toContain('/** Writes a page.');
    expect(text.match(/ …(?= \*\/)/g)).toHaveLength(2);
    expect(text).toContain('/** What it is. */ kind?: "note" | "guide" | "reference";');
  });

  it('has them whole when asked for them', () => {
    const text = discoveryOf(verbose).describe('docs.write_page', { full: true });
    expect(text).not.toContain('…');
    expect(text.split('tells its watchers')).toHaveLength(41);
    expect(text.split('say what the page is about')).toHaveLength(21);
  });

  it('cuts nothing where the whole fits', () => {
    const discovery = discoveryOf(github);
    expect(discovery.describe('github.create_issue')).toBe(discovery.describe('github.create_issue', { full: true }));
  });
});
