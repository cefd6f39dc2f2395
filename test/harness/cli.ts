/**
 * The headless harness: the extension's own rooms in plain Node. Text and JSON for programs go to standard output,
 * everything said to a person to standard error. Exit code 2: used wrongly.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createDiscovery } from '../../src/discovery/discoveryOf.js';
import { typesJsonl, typesOfFile } from '../../src/typings/door.js';
import { catalogOfFile } from './catalogOfFile.js';
import { runScript } from './runScript.js';

const usage = `Usage:
  npm run -s harness -- types <tools.json>            declarations of {"server", "tools"}, or of a list of such
  npm run -s harness -- types --jsonl                 the same as JSON lines on standard input and output
  npm run -s harness -- surface <mcp.json|tools.json> --budget N
  npm run -s harness -- search <mcp.json|tools.json> "<query>" | --batch
  npm run -s harness -- run <script.ts> --config <mcp.json> [--allow all|none|read] [--limits <json>] [--folder DIR]`;

class UsageError extends Error {}

interface Arguments {
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

const flags = new Set(['jsonl', 'batch']);

function parse(argv: readonly string[]): Arguments {
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (!word.startsWith('--')) {
      words.push(word);
      continue;
    }
    const name = word.slice(2);
    if (flags.has(name)) options.set(name, 'true');
    else {
      const value = argv[++at];
      if (value === undefined) throw new UsageError(`--${name} needs a value.`);
      options.set(name, value);
    }
  }
  return { words, options };
}

function word(args: Arguments, at: number, what: string): string {
  const value = args.words[at];
  if (value === undefined) throw new UsageError(`${what} is missing.`);
  return value;
}

function fileOption(args: Arguments, name: string): string | undefined {
  const value = args.options.get(name);
  return value === undefined ? undefined : file(value);
}

/** A path as the person meant it: npm runs scripts in the project's folder, wherever they were asked for. */
function file(name: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '.', name);
}

const commands: Readonly<Record<string, (args: Arguments) => Promise<void>>> = {
  async types(args) {
    if (args.options.has('jsonl')) return typesJsonl(process.stdin, process.stdout);
    const text = await readFile(file(word(args, 0, 'The file of tools')), 'utf8');
    process.stdout.write(typesOfFile(JSON.parse(text)));
  },

  async surface(args) {
    const budget = Number(args.options.get('budget') ?? 600);
    if (!Number.isFinite(budget) || budget < 0) throw new UsageError('--budget must be a number of tokens.');
    const opened = await catalogOfFile(file(word(args, 0, 'The configuration or file of tools')));
    try {
      process.stdout.write(`${createDiscovery(opened.catalog).surface(budget)}\n`);
    } finally {
      await opened.close();
    }
  },

  async search(args) {
    const opened = await catalogOfFile(file(word(args, 0, 'The configuration or file of tools')));
    try {
      const discovery = createDiscovery(opened.catalog);
      await discovery.settled();
      const names = (query: string): string[] => discovery.search(query, { limit: 50 }).results.map((hit) => opened.originalName(hit.name));
      if (!args.options.has('batch')) {
        process.stdout.write(names(word(args, 1, 'The query')).map((name) => `${name}\n`).join(''));
        return;
      }
      for await (const query of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
        process.stdout.write(`${JSON.stringify(names(query))}\n`);
      }
    } finally {
      await opened.close();
    }
  },

  async run(args) {
    const allow = args.options.get('allow') ?? 'read';
    if (allow !== 'all' && allow !== 'none' && allow !== 'read') throw new UsageError('--allow must be all, none or read.');
    const result = await runScript({
      script: file(word(args, 0, 'The script')),
      config: fileOption(args, 'config'),
      folder: fileOption(args, 'folder'),
      allow,
      limits: JSON.parse(args.options.get('limits') ?? '{}') as Record<string, number>,
    });
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = result.status === 'finished' ? 0 : 1;
  },
};

async function main(): Promise<void> {
  const [name, ...rest] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined) throw new UsageError(name === undefined ? 'Which command?' : `There is no command "${name}".`);
  await command(parse(rest));
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UsageError ? `${message}\n\n${usage}\n` : `${message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
