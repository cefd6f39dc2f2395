import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ChangeSetId, RunId } from '../ids.js';
import type { JsonValue } from '../json.js';
import { Emitter } from '../lifecycle/event.js';
import { ActiveRun } from './activeRun.js';
import type { Approvals } from './approvals.js';
import { followChangeSets, runsOf } from './changeEvents.js';
import { Queue } from './changes/queue.js';
import { Handles } from './handles.js';
import type { Claims } from './claims.js';
import { createBlobs } from './journal/blobs.js';
import { nodeFiles, type JournalFiles } from './journal/files.js';
import { History, type Retention } from './journal/history.js';
import { createJournal, type JournalOptions } from './journal/journal.js';
import { createRecorder } from './journal/recorded.js';
import { createRedactor } from './journal/redact.js';
import type { RunParts } from './parts.js';
import type { RunEventInput } from './events.js';
import { noMarks, type FlowMarks } from './policy/flow.js';
import { Grants } from './policy/grants.js';
import { PolicyEngine, type Policy, type PolicySettings } from './policy/policy.js';
import { Questions } from './questions.js';
import { requestOf } from './replay/request.js';
import { replay, type ReplayOptions, type ReplayResult } from './replay/replay.js';
import type { Run, RunHistory, RunLimits, RunRequest, Runs } from './run.js';
import { Validators } from './validators.js';

export type { RunLimits };

export interface RunsOptions extends Pick<RunParts, 'catalog' | 'discovery' | 'typings' | 'checker' | 'sandbox' | 'changeSets' | 'limits'> {
  /** Folder for journals and blobs. */
  readonly storage: string;
  readonly rules: () => PolicySettings;
  /** Small facts that outlive the window, per workspace. */
  readonly memory: { get(key: string): JsonValue | undefined; set(key: string, value: JsonValue): Promise<void> };
  /** Values that must never be written down. */
  readonly secrets?: () => readonly string[];
  /** What the developer says that tools read: strangers' content, private data. */
  readonly marks?: () => FlowMarks;
  /** Default: 200 runs, 30 days. */
  readonly retention?: () => Retention;
  /** Bytes of recorded values and handles kept; default 256 MB. */
  readonly blobQuotaBytes?: number;
  readonly files?: JournalFiles;
  /** Needed where several windows share the storage. */
  readonly claims?: Claims<RunId>;
  readonly now?: () => number;
  /** How long (ms) a script that has ended waits for calls it sent and did not await; default 2,000. */
  readonly graceMs?: number;
  /** Wait between two tries on a disk that refuses; default 1,000 ms. */
  readonly retryMs?: number;
}

/** Runs with everything around them. */
export interface RunsRoom {
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly history: RunHistory;
  readonly policy: Policy;
  /** Runs a recorded script, or another one, with the recorded inputs and results; nothing is sent. */
  replay(id: RunId, options?: ReplayOptions): Promise<ReplayResult>;
  /** An applied change set was undone: the runs that staged it say so from now on. */
  noteUndone(id: ChangeSetId): void;
  dispose(): Promise<void>;
}

export function createRuns(options: RunsOptions): RunsRoom {
  const now = options.now ?? Date.now;
  const files = options.files ?? nodeFiles;
  const redact = createRedactor(options.secrets ?? (() => []));
  const blobs = createBlobs({ folder: path.join(options.storage, 'blobs'), files, quotaBytes: options.blobQuotaBytes ?? 256 * 1024 * 1024 });
  const recorder = createRecorder(blobs, redact);
  const grants = new Grants(options.memory, now);
  const marks = options.marks ?? (() => noMarks);
  const policy = new PolicyEngine({ catalog: options.catalog, rules: options.rules, grants, marks });
  const questions = new Questions();
  const { catalog, discovery, typings, checker, sandbox, changeSets, limits, claims } = options;
  const handles = new Handles(blobs);
  const parts: RunParts = {
    ...{ catalog, discovery, typings, checker, sandbox, changeSets, limits, policy, grants, questions, blobs, recorder, redact, marks, now },
    graceMs: options.graceMs ?? 2000,
    handles,
    validators: new Validators(),
  };
  let active: readonly ActiveRun[] = [];
  let disposed = false;
  const settlings = new Set<Promise<void>>();
  const started = new Emitter<Run>();
  const drop = (id: RunId): void => {
    active = active.filter((run) => run.id !== id);
  };
  const history = new History({
    ...{ files, blobs, recorder, handles, now },
    folder: path.join(options.storage, 'runs'),
    active: () => active,
    drop,
    retention: options.retention ?? (() => ({ runs: 200, days: 30 })),
    waiting: () => new Set(changeSets.open.map((changeSet) => changeSet.id)),
    ...(claims !== undefined && { claims }),
  });
  const open = (id: RunId, earlier?: JournalOptions['earlier']) =>
    createJournal({ run: id, file: history.fileOf(id), files, blobs, redact, now, retryMs: options.retryMs ?? 1000, ...(earlier !== undefined && { earlier }) });

  const notes = new Queue();
  /** Runs that are not in memory any more say in their files what became of what they staged. */
  const noteEarlier = (changeSet: ChangeSetId, body: RunEventInput): void => {
    // One after the other: two that opened a file at once would write over each other.
    const noting = notes.run(async () => noteInFiles(changeSet, body))
      .catch(() => undefined)
      .finally(() => settlings.delete(noting));
    settlings.add(noting);
  };
  const noteInFiles = async (changeSet: ChangeSetId, body: RunEventInput): Promise<void> => {
    // What those in memory name from now on is theirs, also after this window.
    for (const run of runsOf(changeSet, active)) if (run.phase === 'ended') await history.index(run.events);
    for (const id of await history.stagedTo(changeSet)) {
      const { events, size } = await history.read(id);
      const journal = open(id, { events, size });
      journal.append(body);
      await journal.close();
      await history.index(journal.events);
    }
  };
  const follower = followChangeSets(changeSets, () => active, noteEarlier, (value) => recorder.record(value));

  /** What the history needs of an ended run; a disk that refuses here costs the index, which the journal can replace. */
  const settle = async (run: ActiveRun): Promise<void> => {
    await run.outcome;
    await claims?.release(run.id).catch(() => undefined);
    if (disposed || run.trouble !== undefined) return;
    const isIndexed = await history.index(run.events).then(() => true, () => false);
    await history.prune().catch(() => undefined);
    const ended = active.filter((one) => one.phase === 'ended');
    if (isIndexed) for (const { id } of ended.slice(mostInMemory)) drop(id);
  };

  const add = (run: ActiveRun): Run => {
    active = [run, ...active];
    started.fire(run);
    history.noteStart();
    const settling = settle(run).finally(() => settlings.delete(settling));
    settlings.add(settling);
    return run;
  };

  const start = (request: RunRequest): Run => {
    if (disposed) throw new Error('Code Mode is shutting down; no run can be started.');
    const id = newRunId(now());
    // Its id is new: nobody else can want it, so nothing waits for the claim.
    void claims?.take(id).catch(() => undefined);
    return add(new ActiveRun(parts, request, open(id), id));
  };

  const resuming = new Set<RunId>();
  const resume = async (id: RunId): Promise<Run> => {
    if (active.some((run) => run.id === id) || resuming.has(id)) throw new RangeError('This run is of this session; only one that was interrupted can be resumed.');
    resuming.add(id);
    try {
      const { events, size } = await history.read(id);
      const request = await requestOf(events, recorder);
      if ((await claims?.take(id)) === false) throw new RangeError('This run goes on in another window on this folder.');
      if (disposed) throw new Error('Code Mode is shutting down; no run can be resumed.');
      return add(new ActiveRun(parts, request, open(id, { events, size }), id, events));
    } finally {
      resuming.delete(id);
    }
  };

  const dispose = async (): Promise<void> => {
    if (disposed) return;
    disposed = true;
    follower.dispose();
    await Promise.all(active.map((run) => run.interrupt()));
    await Promise.all(settlings);
    started.dispose();
  };

  const runs: Runs = {
    get runs() {
      return active;
    },
    onDidStart: started.event,
    start,
    resume,
    get: (id) => active.find((run) => run.id === id),
    dispose,
  };
  const noteUndone = (id: ChangeSetId): void => {
    runsOf(id, active).forEach((run) => run.note({ type: 'undone', changeSet: id }));
    noteEarlier(id, { type: 'undone', changeSet: id });
  };
  const replayRun = async (id: RunId, how?: ReplayOptions): Promise<ReplayResult> => replay(parts, await history.open(id), how);
  return { runs, approvals: questions, history, policy, replay: replayRun, noteUndone, dispose };
}

/** Ended runs that are kept in memory; older ones are read from their journals. */
const mostInMemory = 50;

/** Sorts by time; unguessable. */
function newRunId(at: number): RunId {
  return `${at.toString(36)}-${randomBytes(6).toString('hex')}` as RunId;
}
