import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const cli = path.join(root, 'dist/harness/cli.mjs');
let base: string;
let folder: string;
let config: string;

function harness(args: readonly string[], input = ''): { readonly status: number | null; readonly out: string; readonly error: string } {
  const done = spawnSync(process.execPath, [cli, ...args], { cwd: base, input, encoding: 'utf8', timeout: 60_000, env: { ...process.env, INIT_CWD: base } });
  return { status: done.status, out: done.stdout, error: done.stderr };
}

interface Answer {
  readonly status: string;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly line?: number; readonly column?: number };
  readonly calls: readonly { readonly server: string; readonly tool: string; readonly ok: boolean }[];
  readonly applied?: { readonly files: readonly string[]; readonly commits: readonly { readonly sha: string }[] };
}

function run(script: string, ...options: readonly string[]): Answer {
  const file = path.join(base, 'script.ts');
  writeFileSync(file, script);
  const { out, error } = harness(['run', 'script.ts', ...options]);
  expect(out, error).not.toBe('');
  return JSON.parse(out) as Answer;
}

const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();

beforeAll(() => {
  if (!existsSync(cli)) throw new Error('The harness is not built: run "npm run build" first.');
  base = realpathSync.native(mkdtempSync(path.join(os.tmpdir(), 'code-mode-doors-')));
  folder = path.join(base, 'project');
  mkdirSync(path.join(folder, 'src'), { recursive: true });
  writeFileSync(path.join(folder, 'src/add.ts'), 'export function add(a: number, b: number) {\n  return a + b;\n}\n');
  git('init', '-q');
  git('config', 'user.name', 'Door');
  git('config', 'user.email', 'door@example.com');
  git('add', '-A');
  git('commit', '-qm', 'Start');
  config = path.join(base, 'mcp.json');
  const server = (name: string): string => path.join(root, 'node_modules/@modelcontextprotocol', name, 'dist/index.js');
  writeFileSync(
    config,
    `{ // comments and trailing commas are part of the format
      "servers": {
        "filesystem": { "command": "node", "args": [${JSON.stringify(server('server-filesystem'))}, ${JSON.stringify(folder)}] },
        "memory": { "command": "node", "args": [${JSON.stringify(server('server-memory'))}], "env": { "MEMORY_FILE_PATH": ${JSON.stringify(path.join(base, 'memory.jsonl'))} } },
      },
    }`,
  );
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('run', () => {
  it('chains repo, git and two real MCP servers in one script, and applies what it staged', () => {
    const answer = run(
      `export default async function () {
        const { paths } = await repo.glob({ pattern: 'src/**/*.ts' });
        const listed = await filesystem.list_directory({ path: ${JSON.stringify(path.join('PROJECT', 'src'))} });
        for (const path of paths) await repo.replace({ path, oldText: 'export function', newText: '/** Adds. */\\nexport function' });
        await memory.create_entities({ entities: [{ name: 'Docs', entityType: 'work', observations: paths }] });
        await git.commit({ message: 'Document add', all: true });
        return { paths, listed: listed.content };
      }`.replace('PROJECT', folder.replaceAll('\\', '/')),
      '--config', config, '--folder', folder, '--allow', 'all',
    );
    expect(answer).toMatchObject({ status: 'finished', value: { paths: ['src/add.ts'], listed: '[FILE] add.ts' } });
    expect(answer.applied?.files).toEqual(['src/add.ts']);
    expect(git('log', '--format=%s')).toBe('Document add\nStart');
    expect(git('show', 'HEAD:src/add.ts')).toContain('/** Adds. */\nexport function');
    expect(git('status', '--porcelain')).toBe('');
    expect(readFileSync(path.join(base, 'memory.jsonl'), 'utf8')).toContain('"Docs"');
  });

  it('lets reads through and skips the rest with --allow read, catchable by the script', () => {
    const answer = run(
      `const graph = await memory.read_graph();
       try { await memory.create_entities({ entities: [] }); } catch (error) { return { read: Array.isArray(graph.entities), skipped: (error as Error).name }; }
       return 'was not skipped';`,
      '--config', config, '--allow', 'read',
    );
    expect(answer).toMatchObject({ status: 'finished', value: { read: true, skipped: 'SkippedError' } });
  });

  it('sends nothing when the type check fails, and says where and what', () => {
    const answer = run(`await memory.create_entites({ entities: [] });\nconst n: number = 'a';`, '--config', config, '--allow', 'all');
    expect(answer.status).toBe('rejected');
    expect(answer.calls).toEqual([]);
    expect(JSON.stringify(answer.error)).toContain('create_entities');
  });

  it('reports the submitted line and column of what a script throws', () => {
    const answer = run(`const a = 1;\n\n  throw new TypeError('odd ' + a);`);
    expect(answer).toMatchObject({ status: 'failed', error: { name: 'TypeError', message: 'odd 1', line: 3 } });
  });

  it.each([
    ['while (true) {}', { timeMs: 300 }, 'time'],
    ['const all: string[] = []; for (;;) all.push("x".repeat(100_000));', { memoryMb: 32 }, 'memory'],
    ['await new Promise(() => {});', {}, 'deadlock'],
  ])('ends %j by its limit', (script, limits, limit) => {
    expect(run(script, '--limits', JSON.stringify(limits))).toMatchObject({ status: 'failed', error: { limit } });
  });

  it('names a server that cannot start and goes on with the others', () => {
    const broken = path.join(base, 'broken.json');
    writeFileSync(broken, JSON.stringify({ servers: { gone: { command: 'no-such-command-anywhere' }, memory: { command: 'node', args: [path.join(root, 'node_modules/@modelcontextprotocol/server-memory/dist/index.js')], env: { MEMORY_FILE_PATH: path.join(base, 'other.jsonl') } } } }));
    writeFileSync(path.join(base, 'script.ts'), 'return (await memory.read_graph()).entities.length;');
    const { out, error } = harness(['run', 'script.ts', '--config', broken, '--allow', 'read']);
    expect(JSON.parse(out)).toMatchObject({ status: 'finished', value: 0 });
    expect(error).toContain('gone');
    expect(error).toContain('was not found');
  });
});

describe('types, surface and search', () => {
  it('answers every JSON line by its id, errors included', () => {
    const { out } = harness(['types', '--jsonl'], '{"id":1,"op":"hello"}\n{"id":2,"op":"type","name":"T","schema":{"enum":["a"]}}\nnonsense\n{"id":"x","op":"fly"}\n');
    const answers = out.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers).toHaveLength(4);
    expect(answers[0]).toMatchObject({ id: 1 });
    expect(answers[1]).toMatchObject({ id: 2, typeName: 'T' });
    expect(answers[2]).toHaveProperty('error');
    expect(answers[3]).toMatchObject({ id: 'x', error: expect.any(String) as string });
  });

  it('declares, shows and finds the tools of a file', () => {
    const file = path.join(base, 'tools.json');
    writeFileSync(file, JSON.stringify({ server: 'notes', tools: [{ name: 'add-note', description: 'Adds a note.', inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } }] }));
    expect(harness(['types', file]).out).toContain('Adds a note.');
    expect(harness(['surface', file, '--budget', '600']).out).toContain('text: string');
    expect(harness(['search', file, 'write down a note']).out).toBe('notes.add-note\n');
    expect(harness(['search', file, '--batch'], 'note\nzebra\n').out).toBe('["notes.add-note"]\n[]\n');
  });

  it.each([[[]], [['fly']], [['run']], [['surface', 'x.json', '--budget', 'many']], [['run', 'x.ts', '--allow', 'some']]])('says how it is used for %j', (args) => {
    const { status, error } = harness(args);
    expect(status).toBe(2);
    expect(error).toContain('Usage');
  });
});
