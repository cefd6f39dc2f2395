import { isCallFailure, type CallContext, type ToolResult, type ToolSource } from '../../catalog/source.js';
import { ReviewDeclined, type Basis } from '../../catalog/workspace.js';
import type { JsonObject, JsonValue } from '../../json.js';
import { applyEdits } from './edits.js';
import type { EditorKnowledge, Edits, FileLocation, Position, Range, SymbolNode, TextEdit } from './knowledge.js';
import { analysisTools } from './tools.js';

/** A refusal that the script gets as a tool error. */
class Refusal extends Error {}

type Handler = (args: JsonObject, context: CallContext) => Promise<JsonValue>;

/** What the editor knows of the workspace, as a source. Every answer says what it looked at. */
export function createAnalysisSource(knowledge: EditorKnowledge): ToolSource {
  const handlers = handlersOf(knowledge);
  const never = (): { dispose(): void } => ({ dispose: () => undefined });
  return {
    id: 'analysis',
    kind: 'builtin',
    title: 'Analysis',
    instructions: 'What the editor knows of the code: problems, symbols, definitions, references, refactorings, tasks and tests.',
    definitionHash: 'builtin:analysis',
    trusted: true,
    state: { kind: 'ready' },
    tools: analysisTools,
    onDidChangeTools: never,
    onDidChangeState: never,
    async call(tool, args, context): Promise<ToolResult> {
      const handler = handlers[tool];
      if (handler === undefined) return { ok: false, message: `analysis has no tool "${tool}".` };
      try {
        return { ok: true, value: await handler(args, context) };
      } catch (error) {
        // That the developer declined is no failure of the tool: the script is told by name, and that nothing was done.
        if (isCallFailure(error) || error instanceof ReviewDeclined || context.signal.aborted) throw error;
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function handlersOf(knowledge: EditorKnowledge): Readonly<Record<string, Handler>> {
  const at = async <T>(args: JsonObject, context: CallContext, ask: (file: string, position: Position) => Promise<T>): Promise<{ basis: Basis; answer: T }> => {
    const path = string(args, 'path');
    const file = context.workspace.resolve(path).absolute;
    refuseStaged(context, [file]);
    const { basis } = await context.workspace.read(path);
    return { basis, answer: await ask(file, { line: number(args, 'line'), column: number(args, 'column') }) };
  };

  const runTask = async (name: string, context: CallContext): Promise<JsonValue> => {
    await context.workspace.checkpoint(`The task "${name}" needs the real files.`);
    const result = await knowledge.runTask(name, (output) => context.onProgress({ message: lastLine(output) }), context.signal);
    return { name: result.name, exitCode: result.exitCode ?? null, output: result.output ?? null };
  };

  return {
    async diagnostics(args, context) {
      const wanted = args['paths'];
      const files = Array.isArray(wanted)
        ? wanted.map((path) => context.workspace.resolve(String(path)).absolute)
        : knowledge.reported().filter((file) => displayOf(context, file) !== undefined);
      const staged = stagedFiles(context);
      const problems = await knowledge.problems(files.filter((file) => !staged.has(file)), context.signal);
      return {
        files: await Promise.all(
          files.map(async (file): Promise<JsonObject> => {
            const path = displayOf(context, file) ?? file;
            if (staged.has(file)) {
              return { path, status: 'notChecked', reason: 'It has staged edits; the editor can only check it once they are applied.', basis: 'staged', problems: [] };
            }
            const known = problems.get(file) ?? { status: 'notChecked' as const, reason: 'Nothing answered for it.' };
            const { basis } = await context.workspace.read(path);
            return known.status === 'checked'
              ? { path, status: 'checked', basis, problems: known.problems.map((problem) => compact({ ...problem, range: rangeJson(problem.range) })) }
              : { path, status: 'notChecked', reason: known.reason, basis, problems: [] };
          }),
        ),
      };
    },

    async documentSymbols(args, context) {
      const path = string(args, 'path');
      const file = context.workspace.resolve(path).absolute;
      refuseStaged(context, [file]);
      const { basis } = await context.workspace.read(path);
      return { path, basis, symbols: (await knowledge.documentSymbols(file, context.signal)).map(symbolJson) };
    },

    async workspaceSymbols(args, context) {
      const found = await knowledge.workspaceSymbols(string(args, 'query'), context.signal);
      return {
        basis: 'editor',
        symbols: found.flatMap((symbol) => {
          const path = displayOf(context, symbol.absolute);
          return path === undefined ? [] : [compact({ name: symbol.name, kind: symbol.kind, container: symbol.container, path, range: rangeJson(symbol.range) })];
        }),
      };
    },

    async definitions(args, context) {
      const { basis, answer } = await at(args, context, (file, position) => knowledge.definitions(file, position, context.signal));
      return { basis, locations: locations(context, answer) };
    },

    async references(args, context) {
      const { basis, answer } = await at(args, context, (file, position) => knowledge.references(file, position, context.signal));
      return { basis, locations: locations(context, answer) };
    },

    async hover(args, context) {
      const { basis, answer } = await at(args, context, (file, position) => knowledge.hover(file, position, context.signal));
      return { basis, contents: answer };
    },

    async codeActions(args, context) {
      const kind = typeof args['kind'] === 'string' ? args['kind'] : undefined;
      const { basis, answer } = await at(args, context, (file) => knowledge.codeActions(file, rangeOf(args), kind, context.signal));
      return {
        basis,
        actions: answer.map((action) =>
          compact({
            title: action.title,
            kind: action.kind,
            preferred: action.preferred,
            stageable: action.edits.kind === 'edits' && action.disabled === undefined,
            reason: action.disabled ?? (action.edits.kind === 'notStageable' ? action.edits.reason : undefined),
          }),
        ),
      };
    },

    async applyCodeAction(args, context) {
      const title = string(args, 'title');
      const { answer } = await at(args, context, (file) => knowledge.codeActions(file, rangeOf(args), undefined, context.signal));
      const action = answer.find((candidate) => candidate.title === title);
      if (action === undefined) {
        throw new Refusal(`There is no code action "${title}" here; codeActions lists: ${answer.map((each) => `"${each.title}"`).join(', ') || 'none'}.`);
      }
      if (action.disabled !== undefined) throw new Refusal(`"${title}" is disabled here: ${action.disabled}`);
      return stage(context, action.edits, `"${title}"`);
    },

    async format(args, context) {
      const path = string(args, 'path');
      const file = context.workspace.resolve(path).absolute;
      refuseStaged(context, [file]);
      return stage(context, { kind: 'edits', files: [{ absolute: file, edits: await knowledge.format(file, context.signal) }] }, 'Formatting');
    },

    async renameSymbol(args, context) {
      const name = string(args, 'newName');
      const { answer } = await at(args, context, (file, position) => knowledge.rename(file, position, name, context.signal));
      return stage(context, answer, 'The rename');
    },

    async tasks() {
      return { tasks: (await knowledge.tasks()).map((task) => compact({ ...task })) };
    },

    runTask: (args, context) => runTask(string(args, 'name'), context),

    async runTest(args, context) {
      if (typeof args['name'] === 'string') return runTask(args['name'], context);
      const tasks = await knowledge.tasks();
      const tests = tasks.filter((task) => task.group === 'test');
      const candidates = tests.length > 0 ? tests : tasks.filter((task) => /(^|[\s:])test$/.test(task.name));
      const [only] = candidates;
      if (only === undefined) throw new Refusal('No task is a test: give one the group "test" in tasks.json, or name the task to run.');
      if (candidates.length > 1) throw new Refusal(`Several tasks are tests; name one of: ${candidates.map((task) => task.name).join(', ')}.`);
      return runTask(only.name, context);
    },
  };
}

async function stage(context: CallContext, edits: Edits, what: string): Promise<JsonValue> {
  if (edits.kind === 'notStageable') throw new Refusal(`${what} cannot be staged: ${edits.reason} Do it in the editor, or write the edit with repo.replace.`);
  const changed = edits.files.filter((file) => file.edits.length > 0);
  refuseStaged(context, changed.map((file) => file.absolute));
  // Every text is made before the first is staged, so that an edit that does not fit stages nothing.
  const texts: { readonly path: string; readonly text: string }[] = [];
  for (const file of changed) {
    const path = displayOf(context, file.absolute);
    if (path === undefined) throw new Refusal(`${what} touches ${file.absolute}, which is outside the workspace.`);
    texts.push({ path, text: await edited(context, path, file.edits) });
  }
  for (const { path, text } of texts) await context.workspace.write(path, Buffer.from(text), 'replace');
  return { staged: true, files: texts.map(({ path }) => path) };
}

async function edited(context: CallContext, path: string, edits: readonly TextEdit[]): Promise<string> {
  const { bytes } = await context.workspace.read(path);
  return applyEdits(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), edits);
}

function stagedFiles(context: CallContext): ReadonlySet<string> {
  return new Set(context.workspace.staged().map((edit) => edit.absolute));
}

function refuseStaged(context: CallContext, files: readonly string[]): void {
  const staged = stagedFiles(context);
  const stale = files.find((file) => staged.has(file));
  if (stale !== undefined) {
    throw new Refusal(`${displayOf(context, stale) ?? stale} has staged edits that the editor does not see, so its positions would be wrong: analyse before editing, or apply the edits first.`);
  }
}

/** The path as scripts write it; undefined outside the workspace. */
function displayOf(context: CallContext, absolute: string): string | undefined {
  try {
    return context.workspace.resolve(absolute).display;
  } catch {
    return undefined;
  }
}

function locations(context: CallContext, found: readonly FileLocation[]): JsonValue {
  return found.map((location) => ({ path: displayOf(context, location.absolute) ?? location.absolute, range: rangeJson(location.range) }));
}

function symbolJson(symbol: SymbolNode): JsonObject {
  return compact({
    name: symbol.name,
    kind: symbol.kind,
    detail: symbol.detail,
    range: rangeJson(symbol.range),
    nameRange: rangeJson(symbol.nameRange),
    children: symbol.children.map(symbolJson),
  });
}

function rangeOf(args: JsonObject): Range {
  const start = { line: number(args, 'line'), column: number(args, 'column') };
  const endLine = typeof args['endLine'] === 'number' ? args['endLine'] : start.line;
  return { start, end: { line: endLine, column: typeof args['endColumn'] === 'number' ? args['endColumn'] : start.column } };
}

const positionJson = ({ line, column }: Position): JsonObject => ({ line, column });
const rangeJson = ({ start, end }: Range): JsonObject => ({ start: positionJson(start), end: positionJson(end) });

function compact(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

function string(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new Refusal(`"${name}" must be a string.`);
  return value;
}

function number(args: JsonObject, name: string): number {
  const value = args[name];
  if (typeof value !== 'number') throw new Refusal(`"${name}" must be a number.`);
  return value;
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1)?.slice(0, 200) ?? '';
}
