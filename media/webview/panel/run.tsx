import { useState } from 'preact/hooks';
import { codeFrame } from '../../../src/runs/codeFrame.js';
import { callThatThrew } from '../../../src/runs/failedCall.js';
import type { ChangesHeading, PageFacts, PanelState } from '../../../src/views/panel/protocol.js';
import type { RunTrace } from '../../../src/views/panel/trace.js';
import { Calls } from './calls.js';
import { Changes } from './changes.js';
import { many } from './many.js';
import { Icon } from './icon.js';
import { remember, remembered, send } from './host.js';
import { PageHead } from './pageHead.js';
import type { Rejected } from './callsQuestion.js';
import { QuestionCard } from './question.js';
import { Reach } from './reach.js';
import { Reviewed } from './reviewed.js';
import { Script } from './script.js';
import { Section } from './section.js';
import { statusOf } from './status.js';
import { duration } from './time.js';
import { LongText, RecordedValue } from './value.js';
import { Walk } from './walk.js';

interface RunProps {
  readonly trace: RunTrace;
  readonly state: PanelState;
  readonly rejected?: Rejected;
}

/** One run, from what is asked of the person down to what can be looked up. */
export function RunPage({ trace, state, rejected }: RunProps) {
  const [walk, walkTo] = useState(remembered().walk);
  const setWalk = (to: number | undefined): void => {
    const { walk: _before, ...rest } = remembered();
    remember({ ...rest, ...(to !== undefined && { walk: to }) });
    walkTo(to);
  };
  const { page } = state;
  const heading = state.runs.find((run) => run.id === trace.id);
  const changes = state.changes.find((each) => each.run === trace.id);
  const others = state.changes.filter((each) => each.run !== trace.id);
  const questions = [...state.questions].sort((a, b) => Number(b.run === trace.id) - Number(a.run === trace.id));
  const status = statusOf(trace, heading, state.questions, changes, page);
  const named = trace.title === '' ? 'Run' : trace.title;
  const title = page?.replay === undefined ? named : `Replay of ${named}`;
  const over = trace.outcome !== undefined || (page !== undefined && !page.live && !page.elsewhere);
  return (
    <article class={page?.replay === undefined ? 'run' : 'run replayed'} aria-label={title}>
      <header class={`head tone-${status.tone}`}>
        <h1>{title}</h1>
        <p class="status" role="status" aria-live="polite">
          <Icon name={status.icon} spin={status.spin} />
          <span>
            {status.text}
            {trace.durationMs !== undefined && page?.replay === undefined && <span class="muted"> · {duration(trace.durationMs)}</span>}
          </span>
        </p>
        {heading !== undefined && heading.phase !== 'ended' ? (
          <button type="button" class="button stop" onClick={() => send({ type: 'stop', run: trace.id })}>
            <Icon name="debug-stop" />
            Stop
          </button>
        ) : (
          page === undefined && (
            <button type="button" class="icon stop" aria-label="Open run as a page" title="Open run as a page" onClick={() => send({ type: 'runCommand', run: trace.id, command: 'openRun' })}>
              <Icon name="link-external" />
            </button>
          )
        )}
      </header>
      {page !== undefined && <PageHead trace={trace} page={page} over={over} onWalk={trace.calls.length > 0 && walk === undefined ? () => setWalk(1) : undefined} />}
      {questions.map((question, index) => (
        <QuestionCard key={question.id} question={question} first={index === 0} rejected={rejected} />
      ))}
      {walk !== undefined && <Walk trace={trace} over={over} at={walk} onMove={setWalk} />}
      <Outcome trace={trace} page={page} />
      {changes !== undefined && <Changes changes={changes} titled={false} />}
      <Applied trace={trace} changes={changes} state={state} />
      {page !== undefined && page.replay === undefined && trace.reviewed.length + (changes === undefined ? 0 : 1) > 0 && (
        <Section id="changes" title="Changes">
          <Reviewed trace={trace} waiting={changes} />
        </Section>
      )}
      {trace.tools.length + trace.dynamicLines.length > 0 && (
        <Section id="reach" title="Reach" note={many(trace.tools.length, 'tool')}>
          <Reach trace={trace} />
        </Section>
      )}
      {trace.source !== '' && <Section
        id="script"
        title="Script"
        note={many(trace.source.trimEnd().split('\n').length, 'line')}
        action={
          <button type="button" class="icon" aria-label="Open script in an editor" title="Open script in an editor" onClick={() => send({ type: 'openScript', run: trace.id })}>
            <Icon name="go-to-file" />
          </button>
        }
      >
        <Script trace={trace} />
      </Section>}
      {trace.calls.length > 0 && (
        <Section id="calls" title="Calls" note={trace.calls.length.toLocaleString('en')}>
          <Calls trace={trace} over={over} onWalk={page === undefined ? undefined : setWalk} />
        </Section>
      )}
      {trace.console.length > 0 && (
        <Section id="console" title="Console" note={many(trace.console.length, 'line')} folded>
          <div class="console">
            {trace.console.slice(-500).map((entry, index) => (
              <pre key={index} class={`console-${entry.level}`}>
                {entry.text}
              </pre>
            ))}
          </div>
        </Section>
      )}
      {trace.outcome?.status === 'finished' && !(trace.outcome.value.kind === 'inline' && trace.outcome.value.value === undefined) && (
        <Section id="result" title="Result">
          <RecordedValue recorded={trace.outcome.value} label="Result" onOpen={() => send({ type: 'openValue', run: trace.id, part: 'value' })} />
        </Section>
      )}
      {others.map((each) => (
        <Changes key={each.id} changes={each} titled />
      ))}
    </article>
  );
}

/** Why it did not get to its end, where it did not. */
function Outcome({ trace, page }: { readonly trace: RunTrace; readonly page: PageFacts | undefined }) {
  const { outcome } = trace;
  // What a replay ended with is its verdict.
  if (page?.replay !== undefined && outcome?.status === 'failed' && (outcome.error.name === 'Divergence' || outcome.error.name === 'RecordEnds')) return null;
  const explain = page?.replay === undefined && (
    <div class="buttons">
      <button type="button" class="button" onClick={() => send({ type: 'runCommand', run: trace.id, command: 'explainFailure' })}>
        <Icon name="comment-discussion" /> Explain Failure
      </button>
    </div>
  );
  if (outcome?.status === 'failed') {
    const { error } = outcome;
    const call = callThatThrew(trace.calls, error, ({ name, state, message }) => ({ name, state, message }));
    const line = error.line ?? call?.line;
    const frame = codeFrame(trace.source, { line, column: error.column });
    return (
      <section class="card bad" aria-label="Failure">
        <p>
          {line !== undefined && (
            <button type="button" class="link" onClick={() => send({ type: 'openScript', run: trace.id, line })}>
              line {line}
            </button>
          )}{' '}
          <strong>{error.name}</strong>
          {call !== undefined && (
            <span>
              {' '}
              from call {call.number}, <code>{call.name}</code>
            </span>
          )}
        </p>
        <LongText text={error.message} label="Failure" />
        {frame !== '' && (
          <pre class="frame" tabIndex={0} aria-label="Place in the script">
            {frame}
          </pre>
        )}
        {explain}
      </section>
    );
  }
  if (outcome?.status === 'rejected') {
    const errors = outcome.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    return (
      <section class="card bad" aria-label="Type errors">
        {errors.slice(0, 20).map((diagnostic, index) => (
          <p key={index}>
            <button type="button" class="link" onClick={() => send({ type: 'openScript', run: trace.id, line: diagnostic.line })}>
              line {diagnostic.line}
            </button>{' '}
            {diagnostic.message}
          </p>
        ))}
        {errors.length > 20 && <p class="muted">and {many(errors.length - 20, 'more error')}</p>}
        {explain}
      </section>
    );
  }
  if (outcome?.status === 'declined') return <p class="why">{outcome.reason}</p>;
  return null;
}

/** What became of the changes, with the way back. */
function Applied({ trace, changes, state }: { readonly trace: RunTrace; readonly changes: ChangesHeading | undefined; readonly state: PanelState }) {
  const { review } = trace;
  if (review.kind === 'applyFailed' && changes !== undefined) {
    return (
      <section class="card bad" role="alert">
        <p class="failure">{review.message}</p>
      </section>
    );
  }
  if (review.kind !== 'applied' || changes !== undefined) return null;
  const undoable = state.undoable?.id === review.changeSet;
  return (
    <section class="card good" aria-label="Applied">
      <p>
        <Icon name="check" /> Applied {(review.files.length > 0 || review.others === undefined) && many(review.files.length, 'file')}
        {review.commits.length > 0 && ` in ${many(review.commits.length, 'commit')}`}
        {review.others !== undefined && `${review.files.length > 0 ? ' and ' : ''}${review.others}`}
      </p>
      {review.commits.map((commit) => (
        <p class="commit" key={commit.sha}>
          <Icon name="git-commit" />
          <span>
            <button type="button" class="link mono" title="Show the commit" onClick={() => send({ type: 'openCommit', repository: commit.repository, sha: commit.sha })}>
              {commit.sha.slice(0, 8)}
            </button>{' '}
            {commit.message.split('\n')[0]}
          </span>
        </p>
      ))}
      {undoable && (
        <div class="buttons">
          <button type="button" class="button" onClick={() => send({ type: 'undo' })}>
            <Icon name="discard" /> Undo
          </button>
        </div>
      )}
    </section>
  );
}
