import type { ScriptDiagnostic } from '../checker/checker.js';
import { contentsText } from './changes/contents.js';
import { codeFrame } from './codeFrame.js';
import type { Recorded, RunEvent } from './events.js';
import { foldRun, type CallView, type ChangesView, type RunView } from './timeline.js';

export interface ReportOptions {
  /** Characters for the final value; default 16,000. What is cut is said. */
  readonly valueCharacters?: number;
  /** Characters for the console; default 4,000. */
  readonly consoleCharacters?: number;
  /** The final value in full as JSON text, where the journal holds only a preview of it. */
  readonly value?: string;
}

const mostListed = 20;

/**
 * What a model is told of a run, as the result of its tool call. It says what took effect and what did not, also when
 * the run failed, so that nothing is done twice; nothing is called committed or applied before it was.
 */
export function reportForModel(events: readonly RunEvent[], options: ReportOptions = {}): string {
  const view = foldRun(events);
  return [statusText(view, options), consoleText(view, options.consoleCharacters ?? 4000), callsText(view), ...view.changes.map(changesText)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function statusText(view: RunView, options: ReportOptions): string {
  const { outcome } = view;
  switch (outcome?.status) {
    case undefined:
      return `Status: ${view.phase}. ${view.pending.length > 0 ? 'The developer is being asked.' : view.startQuestion !== undefined ? 'The developer is asked whether it may start; nothing ran yet.' : 'It has not ended.'}`;
    case 'finished':
      return `Status: finished\nValue: ${valueText(outcome.value, options)}`;
    case 'failed': {
      const { name, message, limit, line, column } = outcome.error;
      const place = line === undefined ? '' : ` at line ${line}${column === undefined ? '' : `, column ${column}`}`;
      const frame = codeFrame(view.source, { line, column });
      return `Status: failed\n${limit === undefined ? name : `${name} (limit: ${limit})`}${place}: ${message}${frame === '' ? '' : `\n${frame}`}`;
    }
    case 'rejected':
      return `Status: rejected by the type check; nothing ran.\n${diagnosticsText(view.source, outcome.diagnostics)}`;
    case 'declined':
      return `Status: declined\n${outcome.reason}`;
    case 'cancelled':
      return 'Status: stopped by the developer.';
  }
}

function valueText(value: Recorded, options: ReportOptions): string {
  const whole = value.kind === 'inline' ? (value.value === undefined ? 'undefined (the script returned nothing)' : JSON.stringify(value.value)) : options.value;
  const text = whole ?? (value.kind === 'blob' ? value.preview : '');
  const length = whole?.length ?? (value.kind === 'blob' ? value.bytes : 0);
  return cut(text, options.valueCharacters ?? 16_000, length, 'return less, or only the part that is needed');
}

/** Cuts at a whole character and says what is missing. */
function cut(text: string, most: number, length: number, advice: string): string {
  if (text.length <= most && text.length >= length) return text;
  const shown = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
  return `${shown}\n[cut: ${shown.length} of ${Math.max(length, text.length)} characters shown; ${advice}]`;
}

/** Errors first, with code frame, the declaration that was violated and the nearest names. */
export function diagnosticsText(source: string, diagnostics: readonly ScriptDiagnostic[]): string {
  const inOrder = [...diagnostics].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
  const texts = inOrder.slice(0, mostListed).map((diagnostic) => {
    const { line, column, severity, code, message, declaration, suggestions } = diagnostic;
    return [
      `${severity} ${code} at line ${line}, column ${column}: ${message}`,
      codeFrame(source, diagnostic),
      ...(suggestions !== undefined && suggestions.length > 0 ? [`Did you mean: ${suggestions.join(', ')}?`] : []),
      ...(declaration !== undefined ? [`Declared as:\n${declaration}`] : []),
    ].join('\n');
  });
  if (inOrder.length > mostListed) texts.push(`[${inOrder.length - mostListed} more]`);
  return texts.join('\n\n');
}

function consoleText(view: RunView, most: number): string {
  if (view.console.length === 0) return '';
  const text = view.console.map((entry) => (entry.level === 'log' || entry.level === 'info' ? entry.text : `${entry.level}: ${entry.text}`)).join('\n');
  return `Console:\n${cut(text, most, text.length, 'log less')}`;
}

function callsText(view: RunView): string {
  const real = view.calls.filter((call) => call.tool.source !== 'codemode');
  if (real.length === 0) return view.outcome !== undefined && view.outcome.status !== 'finished' && view.outcome.status !== 'rejected' ? 'Calls: none was made.' : '';
  const changing = real.filter((call) => call.effect !== 'read');
  const groups: readonly (readonly [string, readonly CallView[]])[] = [
    // Staged edits are told with the change set: they have not taken effect yet.
    ['Took effect', changing.filter((call) => call.state === 'returned' && call.effect !== 'staged')],
    ['Ran and reported a failure', real.filter((call) => call.state === 'failed' && call.sent === 'answered')],
    ['Sent, outcome unknown (may have taken effect; look before doing it again)', real.filter((call) => call.state === 'unknown' || (call.state === 'running' && view.outcome !== undefined))],
    ['Did not run', real.filter((call) => call.state === 'failed' && call.sent !== 'answered')],
    ['Skipped by the developer, not run', real.filter((call) => call.state === 'skipped')],
    ['Denied by policy, not run', real.filter((call) => call.state === 'denied')],
    ['Waiting for the developer', view.pending],
  ];
  const told = groups.filter(([, calls]) => calls.length > 0).map(([title, calls]) => `${title}:\n${callLines(calls)}`);
  const notices = real.flatMap((call) => call.notices.map((notice) => `- ${call.name}: ${notice}`));
  if (notices.length > 0) told.push(`Notices:\n${[...new Set(notices)].slice(0, mostListed).join('\n')}`);
  return [`Calls: ${real.length} made, ${real.filter((call) => call.state === 'returned').length} answered.`, ...told].join('\n');
}

function callLines(calls: readonly CallView[]): string {
  const lines = calls.slice(0, mostListed).map((call) => `- ${call.name}(${argsText(call.args)})${call.line === undefined ? '' : ` line ${call.line}`}${call.error === undefined ? '' : `: ${call.error}`}`);
  if (calls.length > mostListed) lines.push(`- and ${calls.length - mostListed} more`);
  return lines.join('\n');
}

function argsText(args: Recorded): string {
  const text = args.kind === 'inline' ? JSON.stringify(args.value ?? {}) : args.preview;
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function changesText(changes: ChangesView): string {
  const { files, commits: staged, others } = changes;
  const what = [...(files + staged > 0 || others === undefined ? [contentsText({ files, commits: staged })] : []), ...(others === undefined ? [] : [others])].join(' and ');
  switch (changes.state) {
    case 'staged':
    case 'reviewing':
      return `Staged, awaiting the developer's review: ${what} (change set ${changes.id}). Nothing of it is in the workspace or repository yet.`;
    case 'applied': {
      const commits = changes.appliedCommits.map((commit) => `- ${commit.sha} ${commit.message.split('\n', 1)[0] ?? ''} (${commit.repository})`);
      const applied = [...changes.appliedFiles, ...(others === undefined ? [] : [others])];
      return [`Reviewed and applied: ${applied.join(', ') || 'no file'}.`, ...(commits.length > 0 ? [`Commits:\n${commits.join('\n')}`] : [])].join('\n');
    }
    case 'applyFailed':
      return `Applying failed; the changes are staged still. ${changes.message ?? 'No reason was given.'}`;
    case 'discarded':
      return 'The developer discarded the staged changes: nothing in the workspace or repository was changed.';
    case 'undone':
      return 'The changes were applied and then undone by the developer.';
  }
}
