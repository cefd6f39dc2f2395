import { codeFrame } from './codeFrame.js';
import type { Recorded, RunEvent } from './events.js';
import { callThatThrew } from './failedCall.js';
import { diagnosticsText } from './report.js';
import { foldRun, type CallView, type RunView } from './timeline.js';

const callsTold = 5;
const argumentCharacters = 300;

/** What is known of how a run failed. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  /** The submitted lines around the place; empty where it is not known. */
  readonly frame: string;
  /** The call whose error ended the script, where one did. */
  readonly call?: CallView;
}

/** Undefined for a run that did not fail. */
export function failureOf(view: RunView): Failure | undefined {
  const { outcome } = view;
  if (outcome?.status !== 'failed') return undefined;
  const { name, message, line, column } = outcome.error;
  const call = callThatThrew(view.calls, outcome.error, (each) => ({ name: each.name, state: each.state, message: each.error }));
  // A rejected promise that nobody awaited has no place of its own; its call has.
  const place = line ?? call?.line;
  return {
    ...{ name, message, frame: codeFrame(view.source, { line: place, column: line === undefined ? undefined : column }) },
    ...(place !== undefined && { line: place }),
    ...(line !== undefined && column !== undefined && { column }),
    ...(call !== undefined && { call }),
  };
}

/** Exactly what a model needs to explain a failure: the error, its place, the call it came from, and the last calls by size. */
export function failureForModel(events: readonly RunEvent[]): string {
  const view = foldRun(events);
  const { outcome } = view;
  if (outcome?.status === 'rejected') return `The type check rejected the script; nothing ran.\n\n${diagnosticsText(view.source, outcome.diagnostics)}`;
  const failure = failureOf(view);
  if (failure === undefined) return `The run did not fail: it ${outcome === undefined ? 'was interrupted' : outcome.status}.`;
  const { name, message, line, column, frame, call } = failure;
  const limit = outcome?.status === 'failed' ? outcome.error.limit : undefined;
  const place = line === undefined ? '' : ` at line ${line}${column === undefined ? '' : `, column ${column}`}`;
  const last = view.calls.slice(-callsTold);
  return [
    `${name}${limit === undefined ? '' : ` (limit: ${limit})`}${place}: ${message}`,
    frame,
    call === undefined ? 'It did not come from a call.' : `It came from this call:\n${callText(call)}`,
    last.length === 0 ? 'No call was made.' : `${last.length < view.calls.length ? `The last ${last.length} of ${view.calls.length} calls` : 'Its calls'}:\n${last.map(callText).join('\n')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function callText(call: CallView): string {
  const what = [
    `call ${call.number}`,
    ...(call.line === undefined ? [] : [`line ${call.line}`]),
    stateText(call),
    ...(call.durationMs === undefined ? [] : [`${call.durationMs} ms`]),
    ...(call.result === undefined ? [] : [`result ${bytesOf(call.result)} bytes`]),
  ].join(', ');
  return `- ${call.name}(${argumentsText(call.args)}) [${what}]`;
}

function stateText(call: CallView): string {
  if (call.state === 'unknown') return 'sent, outcome unknown';
  if (call.state !== 'failed') return call.state;
  return `failed: ${call.error ?? ''}${call.sent === 'no' ? ' (not sent)' : ''}`;
}

function argumentsText(args: Recorded): string {
  const text = args.kind === 'inline' ? JSON.stringify(args.value ?? {}) : args.preview;
  return text.length > argumentCharacters ? `${text.slice(0, argumentCharacters).replace(/[\uD800-\uDBFF]$/, '')}… ${bytesOf(args)} bytes` : text;
}

function bytesOf(recorded: Recorded): number {
  if (recorded.kind === 'blob') return recorded.bytes;
  return recorded.value === undefined ? 0 : Buffer.byteLength(JSON.stringify(recorded.value));
}
