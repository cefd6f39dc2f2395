import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Surroundings } from '../ports.js';
import type { ConfigurationProblem } from '../servers.js';
import { definitionHash, type ConfiguredServer } from './definition.js';
import { readConfiguration, type ConfigurationFile, type FileContents } from './file.js';

/** Ids that other sources have. */
const taken = ['repo', 'git', 'analysis', 'codemode'];
const largestFile = 4 * 1024 * 1024;

/** A configured server with the id it has among all sources. */
export interface IdentifiedServer {
  readonly id: string;
  readonly hash: string;
  readonly configured: ConfiguredServer;
}

export interface Configuration {
  readonly servers: readonly IdentifiedServer[];
  readonly problems: readonly ConfigurationProblem[];
}

/** The files to read, highest precedence first: each folder's own, then what the editor names. */
export function configurationFiles(surroundings: Surroundings): readonly ConfigurationFile[] {
  const inside = (file: string): { readonly name: string; readonly path: string } | undefined => surroundings.folders.find((folder) => file.startsWith(folder.path + path.sep));
  const many = surroundings.folders.length > 1;
  const own = (surroundings.folderFiles === false ? [] : surroundings.folders).map((folder): ConfigurationFile => ({ path: path.join(folder.path, '.vscode', 'mcp.json'), label: many ? folder.name : 'workspace', format: 'vscode', folder }));
  const seen = new Set(own.map((file) => file.path));
  const others = surroundings.configurationFiles.filter((file) => !seen.has(file.path) && seen.add(file.path));
  return [
    ...own,
    ...others.map(({ isUserWide = false, ...file }): ConfigurationFile => {
      const folder = isUserWide ? undefined : (inside(file.path) ?? surroundings.folders[0]);
      return { ...file, ...(folder === undefined ? {} : { folder }) };
    }),
  ];
}

/** Gives every server an id. Of servers with one name the first keeps it; the others are told apart by where they come from. */
export function identify(servers: readonly ConfiguredServer[]): readonly IdentifiedServer[] {
  const used = new Set(taken);
  const definitions = new Map<string, number>();
  const result: IdentifiedServer[] = [];
  for (const configured of servers) {
    const hash = definitionHash(configured);
    // The same server in two files is one server.
    const same = `${configured.name}\n${hash}`;
    const known = definitions.get(same);
    if (known !== undefined) {
      // … and stands for the one of them that can be started here.
      const first = result[known];
      if (first?.configured.outOfReach !== undefined && configured.outOfReach === undefined) result[known] = { ...first, configured };
      continue;
    }
    definitions.set(same, result.length);
    const label = configured.origin.label.replace(/[^\p{L}\p{N}]+/gu, '_').replace(/^_|_$/g, '') || 'mcp';
    let id = configured.name;
    for (let attempt = 1; used.has(id); attempt++) id = `${configured.name}_${label}${attempt === 1 ? '' : attempt}`;
    used.add(id);
    result.push({ id, hash, configured });
  }
  return result;
}

async function readOne(file: ConfigurationFile, previous: FileContents | undefined): Promise<FileContents | undefined> {
  let text: string;
  try {
    const read = file.elsewhere === undefined ? (await readFile(file.path)).toString('utf8') : await file.elsewhere.read();
    if (read === undefined) return undefined;
    if (read.length > largestFile) throw new Error(`it is larger than ${largestFile / 1024 / 1024} MB`);
    text = read;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const problem = { file: file.path, message: `This file could not be read: ${message}.`, line: 0, column: 0, endLine: 0, endColumn: 0 };
    return { servers: [], problems: [problem], malformed: false };
  }
  const read = readConfiguration(file, text);
  // What stands where in a file of another machine is not known; the editor marks its mistakes itself.
  const contents = file.elsewhere === undefined ? read : { ...read, problems: [] };
  // A slip while typing must not end the servers that ran a moment ago.
  return contents.malformed && previous !== undefined ? { ...contents, servers: previous.servers } : contents;
}

/** Reads every configuration file; remembers what each said last, for when one is broken for a moment. */
export class ConfigurationReader {
  private previous = new Map<string, FileContents>();

  async read(surroundings: Surroundings): Promise<Configuration> {
    const files = configurationFiles(surroundings);
    const contents = await Promise.all(files.map((file) => readOne(file, this.previous.get(file.path))));
    this.previous = new Map(files.flatMap((file, index) => (contents[index] === undefined ? [] : [[file.path, contents[index]] as const])));
    return {
      servers: identify(contents.flatMap((file) => file?.servers ?? [])),
      problems: contents.flatMap((file) => file?.problems ?? []),
    };
  }
}
