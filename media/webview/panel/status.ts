import type { ChangesHeading, PageFacts, QuestionView, ReplayFacts, RunHeading } from '../../../src/views/panel/protocol.js';
import type { RunTrace } from '../../../src/views/panel/trace.js';

export interface Status {
  readonly icon: string;
  readonly spin?: boolean;
  readonly tone: 'busy' | 'waits' | 'good' | 'bad' | 'idle';
  readonly text: string;
}

/** Where a run stands, in a few words. */
export function statusOf(trace: RunTrace, heading: RunHeading | undefined, questions: readonly QuestionView[], changes: ChangesHeading | undefined, page: PageFacts | undefined): Status {
  const asked = questions.filter((question) => question.run === trace.id).length;
  if (asked > 0) return { icon: 'bell-dot', tone: 'waits', text: asked === 1 ? 'Waits for your answer' : `${asked} questions wait for you` };
  if (changes?.checkpoint !== undefined) return { icon: 'debug-pause', tone: 'waits', text: 'Waits for your review' };
  const { outcome } = trace;
  if (page?.replay !== undefined) return replayed(page.replay, outcome !== undefined);
  if (outcome === undefined && page?.asking === true) return { icon: 'bell-dot', tone: 'waits', text: 'Waits for your answer in the Code Mode view' };
  if (page?.damage !== undefined && trace.title === '') return { icon: 'warning', tone: 'bad', text: 'The beginning of its record cannot be read' };
  if (outcome === undefined && page?.elsewhere === true) return { icon: 'multiple-windows', tone: 'busy', text: 'Runs in another window' };
  if (outcome === undefined && trace.paused !== undefined) return { icon: 'warning', tone: 'bad', text: trace.paused };
  if (outcome === undefined) {
    if (heading === undefined) return { icon: 'debug-disconnect', tone: 'waits', text: `Interrupted ${trace.calls.length === 0 ? 'before its first call' : `after ${trace.calls.length.toLocaleString('en')} ${trace.calls.length === 1 ? 'call' : 'calls'}`}` };
    if (heading.phase === 'checking') return { icon: 'loading', spin: true, tone: 'busy', text: 'Checking types' };
    return { icon: 'loading', spin: true, tone: 'busy', text: 'Running' };
  }
  switch (outcome.status) {
    case 'finished':
      return finished(trace, changes);
    case 'failed':
      return { icon: 'error', tone: 'bad', text: 'Failed' };
    case 'rejected':
      return { icon: 'error', tone: 'bad', text: 'Did not pass the type check; nothing ran' };
    case 'declined':
      return { icon: 'circle-slash', tone: 'idle', text: 'Not started' };
    case 'cancelled':
      return { icon: 'debug-stop', tone: 'idle', text: 'Stopped' };
  }
}

function replayed({ verdict }: ReplayFacts, ended: boolean): Status {
  if (verdict === undefined) return { icon: 'loading', spin: true, tone: 'busy', text: ended ? 'Comparing' : 'Replaying; nothing is sent' };
  const { kind, sentence } = verdict;
  if (kind === 'same') return { icon: 'pass', tone: 'good', text: sentence };
  return kind === 'differs' ? { icon: 'git-compare', tone: 'bad', text: sentence } : { icon: 'info', tone: 'idle', text: sentence };
}

function finished(trace: RunTrace, changes: ChangesHeading | undefined): Status {
  switch (trace.review.kind) {
    case 'applied':
      return { icon: 'pass-filled', tone: 'good', text: 'Applied' };
    case 'discarded':
      return { icon: 'trash', tone: 'idle', text: 'Discarded' };
    case 'undone':
      return { icon: 'discard', tone: 'idle', text: 'Undone' };
    default:
      return changes === undefined ? { icon: 'pass', tone: 'good', text: 'Finished' } : { icon: 'diff-multiple', tone: 'waits', text: 'Waits for your review' };
  }
}
