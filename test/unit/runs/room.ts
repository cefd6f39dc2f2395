import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import type { CallContext, Effect, SourceKind, ToolAnnotations, ToolDescription, ToolResult, ToolSource } from '../../../src/catalog/source.js';
import type { WorkspaceView } from '../../../src/catalog/workspace.js';
import type { Checker, CheckResult, ReachEntry } from '../../../src/checker/checker.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import type { ChangeSetId, ConversationId, RunId } from '../../../src/ids.js';
import type { JsonObject, JsonValue } from '../../../src/json.js';
import { Emitter } from '../../../src/lifecycle/event.js';
import type { ChangeSet, ChangeSets } from '../../../src/runs/changes/changeSet.js';
import type { Question } from '../../../src/runs/approvals.js';
import { defaultRunLimits } from '../../../src/runs/limits.js';
import type { Run, RunRequest } from '../../../src/runs/run.js';
import { createRuns, type RunsOptions, type RunsRoom } from '../../../src/runs/runs.js';
import type { Sandbox, SandboxResult, SandboxRunOptions } from '../../../src/sandbox/sandbox.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';

export type Answering = (args: JsonObject, context: CallContext) => ToolResult | Promise<ToolResult>;

export interface FakeTool extends Partial<ToolDescription> {
  readonly answer?: Answering;
  readonly effect?: Effect;
  readonly annotations?: ToolAnnotations;
}

export interface FakeSource extends ToolSource {
  /** Every call that reached the source, in order. */
  readonly calls: { readonly tool: string; readonly args: JsonObject }[];
  trusted: boolean;
  definitionHash: string;
  setTools(tools: Readonly<Record<string, FakeTool>>): void;
}

/** A source whose tools are functions of the test. A tool that says nothing answers with its arguments. */
export function fakeSource(id: string, tools: Readonly<Record<string, FakeTool>>, options: { readonly kind?: SourceKind; readonly trusted?: boolean } & Partial<Pick<ToolSource, 'resources' | 'prompts'>> = {}): FakeSource {
  let current = tools;
  const changed = new Emitter<void>();
  const state = new Emitter<void>();
  const calls: { readonly tool: string; readonly args: JsonObject }[] = [];
  return {
    id,
    kind: options.kind ?? 'mcp',
    title: id,
    definitionHash: `hash of ${id}`,
    trusted: options.trusted ?? false,
    state: { kind: 'ready' },
    calls,
    ...(options.resources !== undefined && { resources: options.resources }),
    ...(options.prompts !== undefined && { prompts: options.prompts }),
    get tools() {
      return Object.entries(current).map(([name, tool]): ToolDescription => {
        const { answer: _answer, ...rest } = tool;
        return { name, inputSchema: { type: 'object' }, ...rest };
      });
    },
    setTools(next) {
      current = next;
      changed.fire();
    },
    onDidChangeTools: changed.event,
    onDidChangeState: state.event,
    async call(tool, args, context) {
      calls.push({ tool, args });
      const found = current[tool];
      return (await found?.answer?.(args, context)) ?? { ok: true, value: args };
    },
  };
}

const AsyncFunction = (async () => undefined).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<unknown>;

/** Runs scripts in this process: the contract without the walls. */
export function fakeSandbox(): Sandbox {
  return {
    async run(source, options): Promise<SandboxResult> {
      const console_: SandboxResult['console'][number][] = [];
      const call = async (namespace: string, member: string, args: unknown): Promise<unknown> => {
        try {
          const value = await options.call(namespace, member, plain(args), { line: 1 });
          return plain(value);
        } catch (error) {
          const copy = new Error((error as Error).message);
          copy.name = (error as Error).name;
          throw copy;
        }
      };
      const globals = globalsOf(options, call, (level, text) => {
        console_.push({ level, text });
        options.onConsole?.({ level, text });
      });
      const stopped = new Promise<SandboxResult>((resolve) => {
        const end = (): void => resolve({ ok: false, error: { name: 'AbortError', message: 'The run was stopped.' }, console: console_ });
        if (options.signal?.aborted === true) end();
        options.signal?.addEventListener('abort', end, { once: true });
      });
      const script = new AsyncFunction(...Object.keys(globals), source)(...Object.values(globals)).then(
        (value): SandboxResult => ({ ok: true, value: plain(value), console: console_ }),
        (error: unknown): SandboxResult => ({ ok: false, error: { name: (error as Error).name, message: (error as Error).message, line: 1, column: 1 }, console: console_ }),
      );
      return Promise.race([script, stopped]);
    },
    dispose: async () => undefined,
  };
}

function globalsOf(options: SandboxRunOptions, call: (namespace: string, member: string, args: unknown) => Promise<unknown>, log: (level: 'log' | 'error', text: string) => void): Record<string, unknown> {
  const globals: Record<string, unknown> = { params: options.params, console: { log: (text: unknown) => log('log', String(text)), error: (text: unknown) => log('error', String(text)) } };
  for (const [namespace, members] of Object.entries(options.namespaces)) {
    globals[namespace] = Object.fromEntries(members.map((member) => [member, (args: unknown) => call(namespace, member, args)]));
  }
  const codemode: Record<string, unknown> = {};
  for (const name of options.codemode ?? []) {
    const [first, second] = name.split('.') as [string, string | undefined];
    const answer = (...args: unknown[]): Promise<unknown> => call('codemode', name, args);
    if (second === undefined) codemode[first] = answer;
    else codemode[first] = { ...(codemode[first] as object | undefined), [second]: answer };
  }
  return { ...globals, codemode };
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Reads `namespace.member` out of the text; a script that says `/* error *\/` does not pass, one that says `/* dynamic *\/` is dynamic. */
export function fakeChecker(): Checker {
  return {
    setTypings: () => undefined,
    warm: async () => undefined,
    async check(source): Promise<CheckResult> {
      const entries: ReachEntry[] = [];
      for (const match of source.matchAll(/\b(\w+)\.(\w+)\((\{[^)]*\})?/g)) {
        if (match[1] === 'codemode' || match[1] === 'resources' || match[1] === 'prompts') continue;
        entries.push({ namespace: match[1] as string, member: match[2] as string, line: 1, column: (match.index ?? 0) + 1, inLoop: false, ...literalsOf(match[3]) });
      }
      const wrong = source.includes('/* error */');
      return {
        ok: !wrong,
        diagnostics: wrong ? [{ line: 1, column: 1, end: { line: 1, column: 2 }, severity: 'error', code: 'TS2345', message: 'Wrong.' }] : [],
        reach: { entries, dynamic: source.includes('/* dynamic */') ? [{ line: 1, column: 1 }] : [] },
        dialect: 'body',
        code: source,
      };
    },
    dispose: async () => undefined,
  };
}

function literalsOf(text: string | undefined): { literals?: { readonly [key: string]: JsonValue } } {
  if (text === undefined) return {};
  const pairs = [...text.matchAll(/(\w+): '([^']*)'/g)].map((match) => [match[1] as string, match[2] as string] as const);
  return { literals: Object.fromEntries(pairs) };
}

export interface FakeChangeSets extends ChangeSets {
  stage(conversation: ConversationId, files: number, commits?: number): ChangeSetId;
  become(id: ChangeSetId, change: Partial<ChangeSet>): void;
  /** Symbolic links of the workspace, and what they lead to. */
  readonly links: Map<string, string>;
}

export function fakeChangeSets(): FakeChangeSets {
  const sets = new Map<ChangeSetId, ChangeSet>();
  const changed = new Emitter<ChangeSet>();
  const links = new Map<string, string>();
  const view = { folders: [], staged: () => [], resolve: (given: string) => ({ display: links.get(given) ?? given }) } as unknown as WorkspaceView;
  return {
    links,
    get open() {
      return [...sets.values()].filter((set) => set.state.kind === 'open');
    },
    onDidChange: changed.event,
    get: (id) => sets.get(id),
    for: () => {
      throw new Error('not faked');
    },
    view: () => view,
    undoable: undefined,
    undo: async () => ({ ok: false, message: 'not faked' }),
    dispose: async () => undefined,
    stage(conversation, files, commits = 0) {
      const id = `set-${sets.size}` as ChangeSetId;
      const file = (index: number) => ({ kind: 'modified', path: `file-${index}`, absolute: `/file-${index}`, binary: false, insertions: 1, deletions: 0, excluded: false });
      const set = { id, conversation, state: { kind: 'open' }, files: Array.from({ length: files }, (_, index) => file(index)), branches: [], indexed: [], directories: [], commits: Array.from({ length: commits }, () => ({ repository: '', message: 'm', files: [] })) };
      sets.set(id, set as unknown as ChangeSet);
      changed.fire(set as unknown as ChangeSet);
      return id;
    },
    become(id, change) {
      const set = { ...(sets.get(id) as ChangeSet), ...change };
      sets.set(id, set);
      changed.fire(set);
    },
  };
}

export interface TestRoom extends RunsRoom {
  readonly changeSets: FakeChangeSets;
  readonly storage: string;
  readonly memory: Map<string, JsonValue>;
  readonly options: RunsOptions;
  start(source: string, request?: Partial<RunRequest>): Run;
  /** Waits for the next question of a run that fits. */
  question(run: Run, kind?: Question['kind']): Promise<Question>;
}

export const conversation = 'talk' as ConversationId;

export function newStorage(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'runs-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A runs room over fakes of its neighbours, disposed when the test ends. */
export function testRoom(sources: readonly ToolSource[], over: Partial<RunsOptions> & { readonly memory?: RunsOptions['memory'] } = {}): TestRoom {
  const catalog = over.catalog ?? createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });
  if (over.catalog === undefined) catalog.setSources(sources);
  const storage = over.storage ?? newStorage();
  const changeSets = (over.changeSets as FakeChangeSets | undefined) ?? fakeChangeSets();
  const memory = new Map<string, JsonValue>();
  const options: RunsOptions = {
    catalog,
    discovery: createDiscovery(catalog),
    typings: () => ({ version: 1, files: [] }),
    checker: fakeChecker(),
    sandbox: fakeSandbox(),
    limits: () => defaultRunLimits,
    rules: () => ({ user: [], workspace: [] }),
    memory: { get: (key) => memory.get(key), set: async (key, value) => void memory.set(key, value) },
    retryMs: 5,
    ...over,
    changeSets,
    storage,
  };
  const room = createRuns(options);
  onTestFinished(async () => {
    await room.dispose();
    if (over.catalog === undefined) catalog.dispose();
  });
  return {
    ...room,
    changeSets,
    storage,
    memory,
    options,
    start: (source, request = {}) => room.runs.start({ source, origin: 'chat', conversation, title: 'A test', ...request }),
    question: (run, kind) => questionOf(room, run.id, kind),
  };
}

export function questionOf(room: RunsRoom, run: RunId, kind?: Question['kind']): Promise<Question> {
  const find = (): Question | undefined => room.approvals.pending.find((question) => question.run === run && (kind === undefined || question.kind === kind));
  return new Promise((resolve) => {
    const found = find();
    if (found !== undefined) return resolve(found);
    const listening = room.approvals.onDidChange(() => {
      const asked = find();
      if (asked === undefined) return;
      listening.dispose();
      resolve(asked);
    });
  });
}

export const allowOnce = { kind: 'calls', decision: { kind: 'allow', scope: 'once', breadth: 'tool' } } as const;
export const allowRun = { kind: 'calls', decision: { kind: 'allow', scope: 'run', breadth: 'tool' } } as const;
export const allowSession = { kind: 'calls', decision: { kind: 'allow', scope: 'session', breadth: 'tool' } } as const;
export const allowWorkspace = { kind: 'calls', decision: { kind: 'allow', scope: 'workspace', breadth: 'tool' } } as const;
export const allowServer = { kind: 'calls', decision: { kind: 'allow', scope: 'session', breadth: 'server' } } as const;
export const skip = { kind: 'calls', decision: { kind: 'skip', reason: 'Not now.' } } as const;
export const begin = { kind: 'start', allowed: true, grants: [] } as const;
