import { isCallFailure, type CallContext, type ToolResult, type ToolSource } from '../../catalog/source.js';
import type { JsonObject, JsonValue } from '../../json.js';
import { filesOf, matcher, type FindRipgrep } from './files.js';
import { previewOf } from './preview.js';
import { Refusal, replacement } from './replacement.js';
import { search } from './search.js';
import { decode, linesOf, withoutMark } from './text.js';
import { repoTools } from './tools.js';

type Handler = (args: JsonObject, context: CallContext) => Promise<JsonValue>;

export interface RepoOptions {
  readonly ripgrep?: FindRipgrep;
  /** Most files that one search reads; default 100,000. */
  readonly mostFiles?: number;
}

/** The files of the workspace as a source: reads see staged edits, and every change is staged. */
export function createRepoSource({ ripgrep = async () => undefined, mostFiles = 100_000 }: RepoOptions = {}): ToolSource {
  const handlers = handlersOf(ripgrep, mostFiles);
  const never = (): { dispose(): void } => ({ dispose: () => undefined });
  return {
    id: 'repo',
    kind: 'builtin',
    title: 'Repository files',
    instructions: 'Files of the workspace. Edits are staged: later reads see them, the disk does not change before the developer applies them.',
    definitionHash: 'builtin:repo',
    trusted: true,
    state: { kind: 'ready' },
    tools: repoTools,
    onDidChangeTools: never,
    onDidChangeState: never,
    async call(tool, args, context): Promise<ToolResult> {
      const handler = handlers[tool];
      if (handler === undefined) return { ok: false, message: `repo has no tool "${tool}".` };
      try {
        return { ok: true, value: await handler(args, context) };
      } catch (error) {
        if (isCallFailure(error) || context.signal.aborted) throw error;
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    },
    preview: previewOf,
  };
}

function handlersOf(ripgrep: FindRipgrep, mostFiles: number): Readonly<Record<string, Handler>> {
  return {
    async list(args, { workspace }) {
      return { entries: (await workspace.list(string(args, 'path', ''))).map((entry) => ({ ...entry })) };
    },

    async glob(args, { workspace, signal }) {
      const matches = matcher({ include: globs(args, 'pattern'), exclude: globs(args, 'exclude') });
      const limit = number(args, 'limit', 10_000);
      const paths = (await filesOf(workspace, ripgrep, signal)).files.filter(matches);
      return { paths: paths.slice(0, limit), truncated: paths.length > limit };
    },

    async read(args, { workspace }) {
      const path = string(args, 'path');
      const { bytes, basis, dirty } = await workspace.read(path);
      const lines = linesOf(withoutMark(decode(path, bytes)));
      const startLine = number(args, 'startLine', 1);
      const endLine = Math.min(number(args, 'endLine', Math.max(lines.length, 1)), Math.max(lines.length, 1));
      if (startLine > Math.max(lines.length, 1)) throw new Refusal(`'${path}' has ${lines.length} lines; there is no line ${startLine}.`);
      if (endLine < startLine) throw new Refusal(`endLine ${endLine} comes before startLine ${startLine}.`);
      return { path, text: lines.slice(startLine - 1, endLine).join(''), basis, dirty, startLine, endLine, totalLines: lines.length };
    },

    async search(args, { workspace, signal, onProgress }) {
      const pattern = string(args, 'pattern');
      if (pattern === '') throw new Refusal('The pattern is empty: every line would match.');
      const { matches, truncated } = await search(
        workspace,
        {
          pattern,
          regex: args['regex'] === true,
          caseSensitive: args['caseSensitive'] !== false,
          include: globs(args, 'include'),
          exclude: globs(args, 'exclude'),
          contextLines: number(args, 'contextLines', 0),
          limit: number(args, 'limit', 1_000),
          mostFiles,
        },
        { ripgrep, signal, onProgress: (done, total) => onProgress({ message: 'Files read', done, total }) },
      );
      return { matches: matches.map((match) => ({ ...match })), truncated };
    },

    async write(args, { workspace }) {
      const path = string(args, 'path');
      await workspace.write(path, Buffer.from(string(args, 'text')), 'any');
      return { staged: true, path };
    },

    async create(args, { workspace }) {
      const path = string(args, 'path');
      await workspace.write(path, Buffer.from(string(args, 'text')), 'create');
      return { staged: true, path };
    },

    async replace(args, { workspace }) {
      const path = string(args, 'path');
      let replaced = 0;
      await workspace.update(path, (before) => {
        if (before === undefined) throw new Refusal(`'${path}' does not exist: create it first.`);
        const done = replacement(path, decode(path, before.bytes), string(args, 'oldText'), string(args, 'newText'), args['all'] === true);
        replaced = done.replaced;
        return Buffer.from(done.text);
      });
      return { staged: true, path, replaced };
    },

    async rename(args, { workspace }) {
      const from = string(args, 'from');
      const to = string(args, 'to');
      await workspace.rename(from, to);
      return { staged: true, from, to };
    },

    async delete(args, { workspace }) {
      const path = string(args, 'path');
      await workspace.delete(path);
      return { staged: true, path };
    },
  };
}

function string(args: JsonObject, name: string, otherwise?: string): string {
  const value = args[name] ?? otherwise;
  if (typeof value !== 'string') throw new Refusal(`"${name}" must be a string.`);
  return value;
}

function number(args: JsonObject, name: string, otherwise: number): number {
  const value = args[name] ?? otherwise;
  if (typeof value !== 'number') throw new Refusal(`"${name}" must be a number.`);
  return value;
}

function globs(args: JsonObject, name: string): readonly string[] {
  const value = args[name];
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new Refusal(`"${name}" must be a glob or a list of globs.`);
}
