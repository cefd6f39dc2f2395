import { afterEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.js';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { fakeSource } from '../catalog/fakeSource.js';

describe('a search that names a product', () => {
  const catalogs: Catalog[] = [];
  afterEach(() => {
    for (const catalog of catalogs.splice(0)) catalog.dispose();
  });
  type Servers = Readonly<Record<string, Parameters<typeof fakeSource>[1]>>;
  const hits = (servers: Servers, query: string): string[] => {
    const catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
    catalogs.push(catalog);
    catalog.setSources(Object.entries(servers).map(([id, tools]) => fakeSource(id, tools)));
    return createDiscovery(catalog).search(query).results.map((hit) => hit.name);
  };
  const shops: Servers = {
    gitlab: [{ name: 'create_item', description: 'Creates an item.' }, { name: 'list_jobs', description: 'Lists jobs of a pipeline.' }],
    laboratory: [{ name: 'git_lab_report', description: 'Report of a lab about git.' }],
    atelier: [{ name: 'rename_site', description: 'Renames a site: what it is called, from now on, in all of the shop.' }],
    heroku: [{ name: 'rename_app', description: 'Renames an app.' }, { name: 'list_apps', description: 'Lists apps.' }],
  };

  it('puts the tools of the server that is called so before all others, however many words the others share', () => {
    expect(hits(shops, 'our Heroku site should be called shop from now on').slice(0, 2).sort()).toEqual(['heroku.list_apps', 'heroku.rename_app']);
  });

  it('knows its name as people write it', () => {
    expect(hits(shops, 'what ran on GitLab')[0]).toMatch(/^gitlab\./);
    expect(hits(shops, 'what ran on gitlab')[0]).toMatch(/^gitlab\./);
  });

  it('finds a product that descriptions write as one word, and takes guessed names apart', () => {
    const servers: Servers = { chat: [{ name: 'post', description: 'Posts to WhatsApp.' }], files: [{ name: 'create_issue_file', description: 'Writes a file.' }] };
    expect(hits(servers, 'whatsapp')).toEqual(['chat.post']);
    expect(hits(servers, 'createIssueFile')[0]).toBe('files.create_issue_file');
  });

  it('takes for no name what several servers are called, or what others say as often', () => {
    const servers: Servers = {
      'mcp-time': [{ name: 'now', description: 'Current hour.' }],
      'mcp-todo': [{ name: 'log', description: 'Logs time spent on a task, with the time of the day.' }],
      'mcp-mail': [{ name: 'send', description: 'Sends mail at a time.' }],
    };
    expect(hits(servers, 'log time spent on a task')[0]).toBe('mcp_todo.log');
    expect(hits(servers, 'mcp send mail')[0]).toBe('mcp_mail.send');
  });
});
