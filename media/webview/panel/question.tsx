import { useState } from 'preact/hooks';
import type { QuestionView } from '../../../src/views/panel/protocol.js';
import { CallsCard, type Rejected } from './callsQuestion.js';
import { EffectBadge, Icon } from './icon.js';
import { send } from './host.js';
import { useLetters } from './letters.js';
import { Places } from './reach.js';

type StartQuestion = Extract<QuestionView, { kind: 'start' }>;

/** One waiting question. `first` takes the keyboard letters. */
export function QuestionCard({ question, first, rejected }: { readonly question: QuestionView; readonly first: boolean; readonly rejected?: Rejected }) {
  return question.kind === 'start' ? <StartCard question={question} first={first} /> : <CallsCard question={question} first={first} rejected={rejected} />;
}

function StartCard({ question, first }: { readonly question: StartQuestion; readonly first: boolean }) {
  const asking = question.tools.filter((tool) => tool.decision === 'ask');
  const [ahead, setAhead] = useState<readonly string[]>([]);
  const answer = (allowed: boolean): void =>
    send({
      type: 'answer',
      question: question.id,
      answer: { kind: 'start', allowed, grants: asking.filter((tool) => ahead.includes(`${tool.namespace}.${tool.member}`)).map((tool) => tool.ref) },
    });
  const [details, setDetails] = useState(false);
  useLetters(first, { a: () => answer(true), s: () => answer(false), d: () => setDetails(!details) });
  const id = `question-${question.id}`;
  return (
    <section class="card question" data-question={question.id} tabIndex={-1} aria-labelledby={id}>
      <h2 id={id}>
        <Icon name="shield" />
        Let this script run?
      </h2>
      <p class="why">{question.why}</p>
      {asking.length > 0 && (
        <fieldset class="ahead">
          <legend>Allow ahead, for this run:</legend>
          {asking.map((tool) => {
            const name = `${tool.namespace}.${tool.member}`;
            return (
              <label key={name} title={tool.why}>
                <input
                  type="checkbox"
                  checked={ahead.includes(name)}
                  onChange={(event) => setAhead(event.currentTarget.checked ? [...ahead, name] : ahead.filter((each) => each !== name))}
                />
                <code>{name}</code>
                <span class="ahead-facts">
                  <EffectBadge effect={tool.effect} />
                  <span class="muted">
                    line {tool.lines.join(', ')}
                    {tool.inLoop ? ', in a loop' : ''}
                  </span>
                </span>
              </label>
            );
          })}
        </fieldset>
      )}
      <button type="button" class="link" aria-expanded={details} title="Details (d)" onClick={() => setDetails(!details)}>
        What will be asked, and why
      </button>
      {details && <Later question={question} />}
      <div class="buttons">
        <button type="button" class="button primary" title="Start (a)" onClick={() => answer(true)}>
          Start
        </button>
        <button type="button" class="button" title="Do not start (s)" onClick={() => answer(false)}>
          Don’t Start
        </button>
      </div>
    </section>
  );
}

/** What becomes of each tool that the script names, once it runs. */
function Later({ question }: { readonly question: StartQuestion }) {
  const words = { allow: 'runs without a question', ask: 'asks when called', deny: 'is refused' } as const;
  return (
    <ul class="later">
      {question.tools.map((tool) => (
        <li key={`${tool.namespace}.${tool.member}`}>
          <code>
            {tool.namespace}.{tool.member}
          </code>{' '}
          {words[tool.decision]}. <span class="muted">{tool.why}</span>
          <Places places={tool.places} morePlaces={tool.morePlaces} />
        </li>
      ))}
      {question.dynamic && <li>Tools it picks by name only while it runs: each such call asks.</li>}
    </ul>
  );
}
