import type { RunEvent, RunOutcome } from '../events.js';
import { keyOfRecorded } from '../journal/recorded.js';
import type { ReplayResult } from './replay.js';

/** What a replay says of a script, for a person. */
export interface ReplayVerdict {
  /** `same`: all that was recorded came again. `incomplete`: no difference, but the record or the replay ended early. */
  readonly kind: 'same' | 'differs' | 'incomplete';
  readonly sentence: string;
  /** What differs, a sentence each. */
  readonly details: readonly string[];
}

/** Holds a replay against the run it replays. */
export function replayVerdict(result: ReplayResult, events: readonly RunEvent[]): ReplayVerdict {
  const answered = `${count(result.calls, 'call')} answered from the record, nothing was sent.`;
  switch (result.status) {
    case 'rejected': {
      const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
      return { kind: 'differs', sentence: 'The script does not pass the type check; it was not replayed.', details: errors.slice(0, 5).map((error) => `Line ${error.line}: ${error.message}`) };
    }
    case 'diverged':
      return { kind: 'differs', sentence: `The script ${result.message.replace(/^The/, 'diverges: the')}${/[.!?]$/.test(result.message) ? '' : '.'}`, details: [...(result.made?.line === undefined ? [] : [`Line ${result.made.line} made it, ${result.made.name}; ${result.expected === undefined ? 'nothing' : result.expected.name} was recorded.`]), answered] };
    case 'exhausted':
      return { kind: 'incomplete', sentence: result.message, details: [answered] };
    case 'cancelled':
      return { kind: 'incomplete', sentence: 'The replay was cancelled.', details: [answered] };
    default: {
      const details = differences(result, events);
      return details.length === 0 ? { kind: 'same', sentence: `Same as recorded: ${endOf(result)}.`, details: [answered] } : { kind: 'differs', sentence: 'The script does something else than was recorded.', details: [...details, answered] };
    }
  }
}

type Ended = Extract<ReplayResult, { status: 'finished' | 'failed' }>;

function differences(result: Ended, events: readonly RunEvent[]): readonly string[] {
  const outcome = events.findLast((event) => event.type === 'ended')?.outcome;
  const console = events.flatMap((event) => (event.type === 'console' ? [event.entry] : []));
  const said = result.console.findIndex((entry, index) => entry.text !== console[index]?.text || entry.level !== console[index]?.level);
  const lines = said === -1 && console.length > result.console.length ? result.console.length : said;
  return [
    ...(result.unmade.length > 0 ? [`${count(result.unmade.length, 'recorded call')} ${result.unmade.length === 1 ? 'was' : 'were'} not made: ${listed(result.unmade)}.`] : []),
    ...(lines === -1 ? [] : [`The console differs from line ${lines + 1} on.`]),
    ...endings(result, outcome),
  ];
}

function endings(result: Ended, outcome: RunOutcome | undefined): readonly string[] {
  if (outcome === undefined) return ['The recorded run was interrupted; this one came to its end.'];
  if (result.status === 'finished') {
    if (outcome.status !== 'finished') return [`The recorded run ${words[outcome.status]}; this one finished.`];
    return keyOfRecorded(outcome.value) === keyOfRecorded({ kind: 'inline', value: result.value }) ? [] : ['It returned another value.'];
  }
  if (outcome.status !== 'failed') return [`The recorded run ${words[outcome.status]}; this one failed: ${result.error.message}`];
  const same = outcome.error.name === result.error.name && outcome.error.message === result.error.message;
  return same ? [] : [`It failed otherwise: ${result.error.message}`];
}

const words: Readonly<Record<RunOutcome['status'], string>> = { finished: 'finished', failed: 'failed', rejected: 'did not start', declined: 'did not start', cancelled: 'was stopped' };

function endOf(result: Ended): string {
  if (result.status === 'finished') return 'the same calls, the same console, the same value';
  return `it fails${result.error.line === undefined ? '' : ` in line ${result.error.line}`} as before`;
}

function listed(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 5);
  return `${shown.join(', ')}${new Set(names).size > shown.length ? ' and others' : ''}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
