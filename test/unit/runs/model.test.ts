import fc from 'fast-check';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createCatalog } from '../../../src/catalog/catalogOf.js';
import { CallFailure, type ToolResult } from '../../../src/catalog/source.js';
import type { WorkspaceView } from '../../../src/catalog/workspace.js';
import type { Checker, ReachEntry } from '../../../src/checker/checker.js';
import { createDiscovery } from '../../../src/discovery/discoveryOf.js';
import type { CallId, ChangeSetId, ConversationId, RunId } from '../../../src/ids.js';
import type { JsonValue } from '../../../src/json.js';
import { Emitter } from '../../../src/lifecycle/event.js';
import type { ChangeSet, ChangeSets } from '../../../src/runs/changes/changeSet.js';
import type { Decision } from '../../../src/runs/events.js';
import { defaultRunLimits } from '../../../src/runs/limits.js';
import type { Run } from '../../../src/runs/run.js';
import { createRuns, type RunsRoom } from '../../../src/runs/runs.js';
import { foldRun } from '../../../src/runs/timeline.js';
import type { Sandbox, SandboxResult, SandboxRunOptions } from '../../../src/sandbox/sandbox.js';
import { inferSchema, mergeSchemas } from '../../../src/typings/infer.js';
import { searchMs, searchWorlds } from '../interleavings.js';
import { memoryFiles } from './memoryFiles.js';
import { fakeSource } from './room.js';

/*
 * Run, policy and staging against a plain reference: calls, decisions, answers, stops, ends, reloads and reviews in any
 * order. No effect without its decision on the disk, none lost, none doubled; nothing pending that is not asked.
 */
const ms = searchMs(12_000);

type Tool = 'read' | 'write' | 'env' | 'fetch' | 'post' | 'drop' | 'never';
type State = 'asked' | 'sent' | 'done' | 'skipped' | 'denied' | 'unknown' | 'stopped';
const tools: readonly Tool[] = ['read', 'write', 'env', 'fetch', 'post', 'drop', 'never'];
const callOf: Record<Tool, readonly [string, string]> = { read: ['repo', 'read'], write: ['repo', 'write'], env: ['repo', 'write'], fetch: ['web', 'fetch'], post: ['web', 'post'], drop: ['web', 'drop'], never: ['web', 'never'] };
const isWeb = (tool: Tool): boolean => callOf[tool][0] === 'web';
const argsOf = (tool: Tool, n: number): { readonly path: string; readonly n: number } => ({ path: tool === 'env' ? '.env' : 'a.ts', n });

interface ModelCall {
  readonly tool: Tool;
  readonly n: number;
  state: State;
  /** How often it reached its source. */
  sends: number;
  /** Stands because its outcome was unknown when the run was resumed. */
  repeated?: boolean;
}
interface ModelRun {
  readonly wide: boolean;
  readonly conversation: string;
  phase: 'live' | 'interrupted' | 'ended';
  calls: ModelCall[];
  outside: boolean;
  private: boolean;
  /** Tool → given knowing of outside content. */
  grants: Map<Tool, boolean>;
  readonly startGrants: readonly Tool[];
}
interface Model {
  runs: ModelRun[];
  session: Set<Tool>;
  staged: Map<string, number>;
  count: number;
}

/** The reference: what must become of a call. */
function decide(model: Model, run: ModelRun, { tool, repeated }: { readonly tool: Tool; readonly repeated?: boolean }): 'allow' | 'deny' | readonly string[] {
  if (tool === 'never') return 'deny';
  if (repeated === true || tool === 'env') return ['once'];
  if (tool === 'read' || tool === 'write') return 'allow';
  const inRun = run.grants.get(tool);
  const acts = tool !== 'fetch' || run.private;
  if (run.outside && acts && inRun !== true) return ['once', 'run'];
  if (tool === 'fetch' || inRun !== undefined) return 'allow';
  if (tool === 'drop' || !run.wide) return ['once', 'run'];
  return model.session.has(tool) ? 'allow' : ['once', 'run', 'session', 'workspace'];
}

/** A script that does what the test says. */
interface Puppet {
  readonly options: SandboxRunOptions;
  end(): void;
}

class World {
  room!: RunsRoom;
  readonly files = memoryFiles();
  readonly memory = new Map<string, JsonValue>();
  readonly puppets = new Map<string, Puppet>();
  readonly runs: Run[] = [];
  /** Calls that reached a source and wait for the test to answer. */
  readonly arrived: { readonly run: RunId; readonly call: CallId; readonly n: number; answer(result: ToolResult | 'lost'): void }[] = [];
  readonly sends = new Map<number, number>();
  readonly sets = new Map<string, ChangeSet>();
  readonly changed = new Emitter<ChangeSet>();
  private setCount = 0;
  private readonly catalog = createCatalog({ shapeOf: inferSchema, mergeShapes: mergeSchemas });

  constructor() {
    const answer = (args: { readonly n?: JsonValue }, context: { readonly runId: RunId; readonly callId: CallId }): Promise<ToolResult> =>
      new Promise((resolve, reject) => {
        const n = args.n as number;
        this.sends.set(n, (this.sends.get(n) ?? 0) + 1);
        this.mustBeRecorded(context.runId, context.callId, n);
        this.arrived.push({ run: context.runId, call: context.callId, n, answer: (result) => (result === 'lost' ? reject(new CallFailure('gone', 'unknown')) : resolve(result)) });
      });
    const repo = fakeSource('repo', { read: { effect: 'read', answer }, write: { effect: 'staged', answer } }, { kind: 'builtin' });
    const web = fakeSource('web', { fetch: { annotations: { readOnlyHint: true, openWorldHint: true }, answer }, post: { answer }, drop: { annotations: { destructiveHint: true }, answer }, never: { answer } }, { trusted: true });
    this.catalog.setSources([repo, web]);
    this.open();
  }

  /** No effect before its decision and its sending are on the disk. */
  private mustBeRecorded(run: RunId, call: CallId, n: number): void {
    const events = (this.files.synced.get(path.join('/s', 'runs', `${run}.jsonl`)) ?? '').split('\n').filter(Boolean).map((line) => JSON.parse(line) as { type: string; call?: string; decision?: string });
    const mine = events.filter((event) => event.call === call).map((event) => (event.decision === undefined ? event.type : `${event.type} ${event.decision}`));
    if (effects.get(n) === 'read' || effects.get(n) === 'fetch') return;
    if (!mine.includes('callDecided allow') || mine.at(-1) !== 'callSent') throw new Error(`Call ${n} reached its tool with only this on the disk: ${mine.join(', ')}`);
  }

  open(): void {
    const checker: Checker = {
      setTypings: () => undefined,
      warm: async () => undefined,
      check: async (source) => {
        const named = source.startsWith('wide') ? (['read', 'write', 'fetch', 'post', 'drop'] as const) : (['read', 'write', 'fetch'] as const);
        const entries = named.map((tool): ReachEntry => ({ namespace: callOf[tool][0], member: callOf[tool][1], line: 1, column: 1, inLoop: false }));
        return { ok: true, diagnostics: [], reach: { entries, dynamic: [] }, dialect: 'body', code: source };
      },
      dispose: async () => undefined,
    };
    const sandbox: Sandbox = {
      run: (source, options) =>
        new Promise<SandboxResult>((resolve) => {
          options.signal?.addEventListener('abort', () => resolve({ ok: false, error: { name: 'AbortError', message: '' }, console: [] }), { once: true });
          this.puppets.set(source, { options, end: () => resolve({ ok: true, value: 'end', console: [] }) });
        }),
      dispose: async () => undefined,
    };
    const sets = this.sets;
    const changeSets = {
      get open() {
        return [...sets.values()];
      },
      onDidChange: this.changed.event,
      view: () => ({}) as WorkspaceView,
    } as unknown as ChangeSets;
    this.room = createRuns({
      ...{ catalog: this.catalog, checker, sandbox, changeSets, files: this.files },
      storage: '/s',
      discovery: createDiscovery(this.catalog),
      typings: () => ({ version: 0, files: [] }),
      limits: () => ({ ...defaultRunLimits, inFlight: 1000 }),
      rules: () => ({ user: [{ effect: 'deny', tool: 'never' }], workspace: [] }),
      memory: { get: (key) => this.memory.get(key), set: async (key, value) => void this.memory.set(key, value) },
      graceMs: 0,
    });
  }

  stage(conversation: string, files: number): void {
    // As in the room: one set until it is decided on, and never the same again.
    const id = this.sets.get(conversation)?.id ?? (`set ${++this.setCount}` as ChangeSetId);
    const set = { id, conversation: conversation as ConversationId, state: { kind: 'open' }, files: Array.from({ length: files }, () => ({})), commits: [], branches: [], indexed: [], directories: [] };
    this.sets.set(conversation, set as unknown as ChangeSet);
  }

  async dispose(): Promise<void> {
    await this.room.dispose();
    this.catalog.dispose();
  }
}

/** The tool of every call, to know in the source what it is. */
const effects = new Map<number, Tool>();

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 6; turn++) await new Promise(setImmediate);
};

function makeCall(model: Model, world: World, run: ModelRun, tool: Tool): void {
  const n = model.count++;
  effects.set(n, tool);
  const call: ModelCall = { tool, n, state: 'asked', sends: 0 };
  run.calls.push(call);
  judge(model, run, call);
  requestCall(world, model.runs.indexOf(run), call);
}

function requestCall(world: World, index: number, { tool, n }: ModelCall): void {
  const [namespace, member] = callOf[tool];
  void world.puppets.get(sourceOf(world, index))?.options.call(namespace, member, argsOf(tool, n)).catch(() => undefined);
}

const sourceOf = (world: World, index: number): string => world.runs[index]!.request.source;

function judge(model: Model, run: ModelRun, call: ModelCall): void {
  const verdict = decide(model, run, call);
  if (verdict === 'allow') sendIt(call);
  else call.state = verdict === 'deny' ? 'denied' : 'asked';
}

function sendIt(call: ModelCall): void {
  call.state = 'sent';
  call.sends += 1;
}

function compare(model: Model, world: World): void {
  const pending = world.room.approvals.pending.flatMap((question) => (question.kind === 'calls' ? question.calls.map((call) => Number(call.args['n'])) : []));
  const expected = model.runs.flatMap((run) => (run.phase === 'live' ? run.calls.filter((call) => call.state === 'asked').map((call) => call.n) : []));
  expect(pending.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
  for (const run of model.runs) for (const call of run.calls) expect(world.sends.get(call.n) ?? 0, `sends of ${call.tool}`).toBe(call.sends);
  model.runs.forEach((run, index) => {
    const view = foldRun(world.runs[index]!.events);
    expect(view.phase === 'ended').toBe(run.phase === 'ended');
    const states: Record<State, readonly string[]> = { asked: ['asked'], sent: ['running'], done: ['returned', 'failed'], skipped: ['skipped'], denied: ['denied'], unknown: ['unknown'], stopped: ['failed'] };
    run.calls.forEach((call, at) => expect(states[call.state], `call ${at} of run ${index}`).toContain(view.calls[at]?.state));
  });
}

/** Ends what a stopped or finished script left. */
function windUp(run: ModelRun): void {
  run.phase = 'ended';
  for (const call of run.calls) {
    if (call.state === 'asked') call.state = call.repeated === true ? 'unknown' : 'stopped';
    else if (call.state === 'sent') call.state = 'unknown';
  }
}

type Step = (model: Model, world: World) => Promise<void> | void;

class Command implements fc.AsyncCommand<Model, World> {
  constructor(
    private readonly text: string,
    private readonly step: Step,
  ) {}
  check(): boolean {
    return true;
  }
  async run(model: Model, world: World): Promise<void> {
    await this.step(model, world);
    await settle();
    compare(model, world);
  }
  toString(): string {
    return this.text;
  }
}

const pick = <T>(items: readonly T[], index: number): T | undefined => (items.length === 0 ? undefined : items[index % items.length]);
const live = (model: Model): readonly ModelRun[] => model.runs.filter((run) => run.phase === 'live');

const commands = [
  fc.tuple(fc.boolean(), fc.boolean(), fc.nat(1)).map(
    ([wide, granted, talk]) =>
      new Command(`start(${wide ? 'wide' : 'narrow'}, ${granted ? 'granted' : ''})`, async (model, world) => {
        const source = `${wide ? 'wide' : 'narrow'} ${model.runs.length}`;
        const conversation = `talk ${talk}`;
        world.runs.push(world.room.runs.start({ source, origin: 'chat', conversation: conversation as ConversationId, title: source }));
        await settle();
        const start = world.room.approvals.pending.find((question) => question.kind === 'start');
        expect(start !== undefined).toBe(wide);
        const ahead: readonly Tool[] = wide && granted && !model.session.has('post') ? ['post'] : [];
        if (start !== undefined) world.room.approvals.answer(start.id, { kind: 'start', allowed: true, grants: granted ? [{ source: 'web', kind: 'tool', name: 'post' }, { source: 'web', kind: 'tool', name: 'never' }] : [] });
        model.runs.push({ wide, conversation, phase: 'live', calls: [], outside: false, private: false, grants: new Map(ahead.map((tool) => [tool, false])), startGrants: ahead });
      }),
  ),
  fc.tuple(fc.nat(), fc.array(fc.constantFrom(...tools), { minLength: 1, maxLength: 4 })).map(
    ([which, together]) =>
      new Command(`call(${which}, ${together.join('+')})`, (model, world) => {
        const run = pick(live(model), which);
        if (run !== undefined) for (const tool of together) makeCall(model, world, run, tool);
      }),
  ),
  fc.tuple(fc.nat(), fc.constantFrom('once', 'run', 'session', 'workspace', 'skip'), fc.constantFrom('tool', 'server'), fc.boolean()).map(
    ([which, scope, breadth, all]) =>
      new Command(`answer(${which}, ${scope}, ${breadth}, ${all})`, (model, world) => {
        const question = pick(world.room.approvals.pending, which);
        if (question?.kind !== 'calls') return;
        const chosen = all ? question.calls : question.calls.slice(0, 1);
        const decision: Decision = scope === 'skip' ? { kind: 'skip' } : { kind: 'allow', scope: scope, breadth: breadth };
        const answer = { kind: 'calls', decision, ...(all ? {} : { only: chosen.map((call) => call.call) }) } as const;
        expect(world.room.approvals.answer(question.id, answer)).toBe(true);
        // The same answer again does nothing.
        expect(world.room.approvals.answer(question.id, { ...answer, only: chosen.map((call) => call.call) })).toBe(false);
        const run = model.runs[world.runs.findIndex((one) => one.id === question.run)]!;
        const answered = chosen.map((call) => run.calls.find((one) => one.n === call.args['n'])!);
        const offered = decide(model, run, answered[0]!) as readonly string[];
        const asOutside = question.why.startsWith('This run has read outside content');
        for (const call of answered) {
          if (scope === 'skip') call.state = call.repeated === true ? 'unknown' : 'skipped';
          else sendIt(call);
        }
        // Asked before the run had read outside content, and answered after: longer scopes may have been offered then.
        const given = question.scopes.includes(scope as 'once') ? scope : question.scopes.at(-1);
        expect(offered).toContain('once');
        if (scope === 'skip' || given === 'once') return;
        const tool = answered[0]!.tool;
        for (const covered of breadth === 'server' && isWeb(tool) ? tools.filter(isWeb) : breadth === 'server' ? [] : [tool]) {
          if (given === 'run') run.grants.set(covered, asOutside || run.grants.get(covered) === true);
          else model.session.add(covered);
        }
        for (const other of live(model)) for (const call of other.calls) if (call.state === 'asked' && decide(model, other, call) === 'allow') sendIt(call);
      }),
  ),
  fc.tuple(fc.nat(), fc.constantFrom('ok', 'error', 'lost')).map(
    ([which, how]) =>
      new Command(`reply(${which}, ${how})`, (model, world) => {
        const reply = world.arrived.splice(world.arrived.length === 0 ? 0 : which % world.arrived.length, 1)[0];
        if (reply === undefined) return;
        const index = world.runs.findIndex((run) => run.id === reply.run);
        const run = model.runs[index]!;
        const call = run.calls.find((one) => one.n === reply.n)!;
        // An answer to a call that was given up, or is of the window before, changes nothing.
        const heard = run.phase === 'live' && call.state === 'sent';
        reply.answer(how === 'lost' ? 'lost' : how === 'ok' ? { ok: true, value: call.n } : { ok: false, message: 'no' });
        if (!heard) return;
        call.state = how === 'lost' ? 'unknown' : 'done';
        if (how === 'lost') return;
        if (call.tool === 'fetch') run.outside = true;
        if (call.tool === 'read') run.private = true;
        if (how === 'ok' && (call.tool === 'write' || call.tool === 'env')) {
          model.staged.set(run.conversation, (model.staged.get(run.conversation) ?? 0) + 1);
          world.stage(run.conversation, model.staged.get(run.conversation)!);
        }
      }),
  ),
  fc.tuple(fc.nat(), fc.boolean()).map(
    ([which, stop]) =>
      new Command(`${stop ? 'stop' : 'end'}(${which})`, async (model, world) => {
        const run = pick(live(model), which);
        if (run === undefined) return;
        const index = model.runs.indexOf(run);
        if (stop) world.runs[index]!.stop();
        else world.puppets.get(sourceOf(world, index))?.end();
        windUp(run);
        for (let at = world.arrived.length - 1; at >= 0; at--) if (world.arrived[at]!.run === world.runs[index]!.id) world.arrived.splice(at, 1);
        expect(await world.runs[index]!.outcome).toMatchObject({ status: stop ? 'cancelled' : 'finished' });
        const staged = foldRun(world.runs[index]!.events).changes.at(-1);
        expect(staged?.files ?? 0).toBe(model.staged.get(run.conversation) ?? 0);
      }),
  ),
  fc.nat(1).map(
    (talk) =>
      new Command(`apply(${talk})`, (model, world) => {
        const conversation = `talk ${talk}`;
        const set = world.sets.get(conversation);
        if (set === undefined) return;
        world.sets.delete(conversation);
        model.staged.delete(conversation);
        const before = world.runs.map((run) => run.events.filter((event) => event.type === 'applied').length);
        world.changed.fire({ ...set, files: [], state: { kind: 'applied', at: 1 } } as unknown as ChangeSet);
        world.runs.forEach((run, index) => {
          const concerns = world.room.runs.get(run.id) !== undefined && run.events.some((event) => event.type === 'staged' && event.changeSet === set.id);
          expect(run.events.filter((event) => event.type === 'applied').length - before[index]!).toBe(concerns ? 1 : 0);
        });
      }),
  ),
  fc.constant(
    new Command('reload', async (model, world) => {
      await world.room.dispose();
      world.arrived.length = 0;
      world.open();
      const kept = (world.memory.get('approvals.grants') ?? []) as unknown as readonly { readonly tools: object }[];
      model.session = new Set<Tool>(kept.flatMap((grant) => Object.keys(grant.tools) as Tool[]));
      for (const run of live(model)) run.phase = 'interrupted';
      // What is read back is what was known, less what only the dying window saw.
      for (const [index, run] of model.runs.entries()) {
        if (run.phase !== 'interrupted') continue;
        const events = await world.room.history.open(world.runs[index]!.id);
        world.runs[index] = { ...pickRun(world.runs[index]!), events };
      }
    }),
  ),
  fc.nat().map(
    (which) =>
      new Command(`resume(${which})`, async (model, world) => {
        const run = pick(model.runs.filter((one) => one.phase === 'interrupted'), which);
        if (run === undefined) return;
        const index = model.runs.indexOf(run);
        world.puppets.delete(sourceOf(world, index));
        world.runs[index] = await world.room.runs.resume(world.runs[index]!.id);
        await settle();
        run.phase = 'live';
        run.grants = new Map(run.startGrants.map((tool) => [tool, false]));
        for (const call of run.calls) {
          if (call.state === 'sent') {
            if (call.tool === 'read' || call.tool === 'fetch') sendIt(call);
            else Object.assign(call, { state: 'asked', repeated: true });
          } else if (call.state === 'asked' && call.repeated !== true) judge(model, run, call);
          requestCall(world, index, call);
        }
      }),
  ),
];

function pickRun(run: Run): Run {
  return { id: run.id, request: run.request, phase: run.phase, events: run.events, trouble: undefined, onDidAppend: run.onDidAppend, outcome: run.outcome, value: () => run.value(), images: () => run.images(), stop: () => undefined };
}

test('whatever happens in whatever order, every effect has its decision, none is lost and none doubled', { timeout: ms + 30_000 }, async () => {
  await searchWorlds({
    name: 'runs and policy', ms, commands, longest: 25,
    begin: async () => {
      effects.clear();
      return { model: { runs: [], session: new Set<Tool>(), staged: new Map(), count: 0 }, real: new World() };
    },
  });
});
