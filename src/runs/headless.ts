import type { Effect } from '../catalog/source.js';
import type { ScriptDiagnostic } from '../checker/checker.js';
import type { JsonValue } from '../json.js';
import type { ConsoleEntry } from '../sandbox/sandbox.js';
import type { Question } from './approvals.js';
import type { Recorded, RunOutcome } from './events.js';
import { reportForModel } from './report.js';
import type { Run, RunRequest } from './run.js';
import type { RunsRoom } from './runs.js';
import { foldRun } from './timeline.js';

/** Who answers where nobody can be asked: everything is allowed, nothing, or only what reads. */
export type HeadlessAllow = 'all' | 'none' | 'read';

export interface HeadlessError {
  readonly name: string;
  readonly message: string;
  readonly limit?: string;
  readonly line?: number;
  readonly column?: number;
  /** Set for a rejected script. */
  readonly diagnostics?: readonly ScriptDiagnostic[];
}

export interface HeadlessCall {
  readonly server: string;
  readonly tool: string;
  readonly args: JsonValue | undefined;
  readonly ok: boolean;
  readonly error?: string;
  readonly ms: number;
}

export interface HeadlessResult {
  readonly status: RunOutcome['status'];
  readonly value?: JsonValue;
  readonly error?: HeadlessError;
  readonly console: readonly ConsoleEntry[];
  readonly calls: readonly HeadlessCall[];
  readonly stats: {
    readonly durationMs: number;
    readonly calls: number;
    /** Questions answered by the flag. */
    readonly questions: number;
    /** UTF-8 bytes of what a model would be told of this run. */
    readonly bytesToModel: number;
    /** UTF-8 bytes of JSON that calls returned to the script, and no model saw. */
    readonly bytesFromTools: number;
  };
  /** What became of staged changes, where the caller applied them. */
  readonly applied?: unknown;
}

/** Runs a script to its end without a person. */
export async function runHeadless(room: RunsRoom, request: RunRequest, allow: HeadlessAllow): Promise<HeadlessResult> {
  const run = room.runs.start(request);
  let questions = 0;
  const answer = (): void => {
    for (const question of room.approvals.pending) {
      if (question.run === run.id) questions += answerOne(room, question, allow);
    }
  };
  const listening = room.approvals.onDidChange(answer);
  answer();
  try {
    const outcome = await run.outcome;
    return await resultOf(room, run, outcome, questions);
  } finally {
    listening.dispose();
  }
}

function isAllowed(effect: Effect, allow: HeadlessAllow): boolean {
  return allow === 'all' || (allow === 'read' && effect === 'read');
}

/** The number of calls answered. */
function answerOne(room: RunsRoom, question: Question, allow: HeadlessAllow): number {
  if (question.kind === 'start') {
    // The start is not refused: what may not be called is skipped when it is called, and the script can catch that.
    room.approvals.answer(question.id, { kind: 'start', allowed: true, grants: [] });
    return 1;
  }
  const yes = question.calls.filter((call) => isAllowed(call.effect, allow)).map((call) => call.call);
  const no = question.calls.filter((call) => !isAllowed(call.effect, allow)).map((call) => call.call);
  if (yes.length > 0) room.approvals.answer(question.id, { kind: 'calls', decision: { kind: 'allow', scope: 'once', breadth: 'tool' }, only: yes });
  if (no.length > 0) room.approvals.answer(question.id, { kind: 'calls', decision: { kind: 'skip', reason: `This run may not make such calls (--allow ${allow}).` }, only: no });
  return question.calls.length;
}

async function resultOf(room: RunsRoom, run: Run, outcome: RunOutcome, questions: number): Promise<HeadlessResult> {
  const view = foldRun(run.events);
  const read = (recorded: Recorded): Promise<JsonValue | undefined> => room.history.value(recorded);
  const calls = await Promise.all(
    view.calls.map(async (call): Promise<HeadlessCall> => ({
      server: call.tool.source,
      tool: call.tool.name,
      args: await read(call.args),
      ok: call.state === 'returned',
      ...(call.state !== 'returned' && { error: call.error ?? call.why ?? 'No answer came.' }),
      ms: call.durationMs ?? 0,
    })),
  );
  const value = outcome.status === 'finished' ? await run.value() : undefined;
  const error = errorOf(outcome);
  return {
    status: outcome.status,
    ...(value !== undefined && { value }),
    ...(error !== undefined && { error }),
    console: view.console,
    calls,
    stats: {
      durationMs: view.durationMs ?? 0,
      calls: calls.length,
      questions,
      bytesToModel: Buffer.byteLength(reportForModel(run.events, value === undefined ? {} : { value: JSON.stringify(value) })),
      bytesFromTools: view.calls.reduce((sum, call) => sum + bytesOf(call.result), 0),
    },
  };
}

function errorOf(outcome: RunOutcome): HeadlessError | undefined {
  switch (outcome.status) {
    case 'finished':
      return undefined;
    case 'failed':
      return outcome.error;
    case 'rejected': {
      const [first] = outcome.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
      const place = first === undefined ? {} : { line: first.line, column: first.column };
      return { name: 'TypeCheckError', message: first?.message ?? 'The type check found errors.', ...place, diagnostics: outcome.diagnostics };
    }
    case 'declined':
      return { name: 'Declined', message: outcome.reason };
    case 'cancelled':
      return { name: 'Cancelled', message: 'The run was stopped.' };
  }
}

function bytesOf(recorded: Recorded | undefined): number {
  if (recorded === undefined) return 0;
  if (recorded.kind === 'blob') return recorded.bytes;
  return recorded.value === undefined ? 0 : Buffer.byteLength(JSON.stringify(recorded.value));
}
