import { useMemo, useState } from 'preact/hooks';
import type { CallId, QuestionId } from '../../../src/ids.js';
import type { AskedCall } from '../../../src/runs/approvals.js';
import type { Decision, GrantScope } from '../../../src/runs/events.js';
import type { QuestionView } from '../../../src/views/panel/protocol.js';
import { argsOf, ArgumentsEditor, draftOf, type Draft } from './argumentsEditor.js';
import { CallArguments } from './effect.js';
import { CallLinks } from './callLinks.js';
import { EffectBadge, Icon } from './icon.js';
import { send } from './host.js';
import { useLetters } from './letters.js';
import { many } from './many.js';
import { SplitButton, type MenuItem } from './menu.js';
import { tellApart } from './tellApart.js';
import { Value } from './value.js';
import { Visible } from './visible.js';
import { Why } from './why.js';

type CallsQuestion = Extract<QuestionView, { kind: 'calls' }>;

/** Problems with edited arguments, as the host found them. */
export interface Rejected {
  readonly call: CallId;
  readonly problems: readonly string[];
}

const scopes: readonly { readonly scope: GrantScope; readonly words: string }[] = [
  { scope: 'run', words: 'for this run' },
  { scope: 'session', words: 'in this session' },
  { scope: 'workspace', words: 'in this workspace' },
];

/** One question about a call, or about several of one tool. */
export function CallsCard({ question, first, rejected }: { readonly question: CallsQuestion; readonly first: boolean; readonly rejected?: Rejected }) {
  const [call] = question.calls;
  const single = question.calls.length === 1 && question.more === 0;
  // What would leave is to be seen without looking for it.
  const [open, setOpen] = useState<readonly CallId[]>(() => question.calls.filter(({ carries }) => carries !== undefined).map((each) => each.call));
  const lines = useMemo(() => tellApart(question.calls.map((each) => each.args)), [question.calls]);
  const [draft, setDraft] = useState<Draft>();
  const [details, setDetails] = useState(false);
  // Exactly the calls that are shown: the question may have grown since.
  const shown = question.calls.map((each) => each.call);
  const decide = (decision: Decision, only: readonly CallId[] = shown): void => send({ type: 'answer', question: question.id, answer: { kind: 'calls', decision, only } });
  const allow = (scope: GrantScope, breadth: 'tool' | 'server' = 'tool'): void => decide({ kind: 'allow', scope, breadth });
  const allowEdited = (): void => {
    const args = draft === undefined ? undefined : argsOf(draft);
    if (args !== undefined && call !== undefined) decide({ kind: 'allow', scope: 'once', breadth: 'tool', args }, [call.call]);
  };
  const toggleDetails = (): void => {
    setDetails(!details);
    setOpen(details ? [] : question.calls.map((each) => each.call));
  };
  useLetters(first, { a: draft === undefined ? () => allow('once') : allowEdited, s: () => decide({ kind: 'skip' }), d: toggleDetails });
  if (call === undefined) return null;
  const name = `${call.namespace}.${call.member}`;
  const id = `question-${question.id}`;
  const count = question.calls.length + question.more;
  const longer = scopes.filter(({ scope }) => question.scopes.includes(scope));
  const items: readonly MenuItem[] = [
    ...longer.map(({ scope, words }) => ({ label: `Allow ${words}`, run: () => allow(scope) })),
    ...longer.map(({ scope, words }, index) => ({ label: `All of ${call.namespace} ${words}`, separated: index === 0, run: () => allow(scope, 'server') })),
  ];
  return (
    <section class={`card question effect-${call.effect}`} data-question={question.id} tabIndex={-1} aria-labelledby={id}>
      <h2 id={id}>
        <Icon name="shield" />
        <span>
          Allow {single ? '' : `${count.toLocaleString('en')} calls of `}
          <code>{name}</code>?
        </span>
      </h2>
      <p class="facts">
        <EffectBadge effect={call.effect} />
        {call.annotations?.destructiveHint === true && <span class="effect effect-outward">destructive</span>}
        <CallLinks run={question.run} line={call.line} tool={call.tool} />
      </p>
      <Why question="Why was this asked?" why={question.why} rule={question.rule} open={details} onToggle={() => setDetails(!details)} />
      {question.leak !== undefined && question.leak.from.length > 0 && <Leaving question={question} />}
      {call.previous !== undefined && <Previous call={call} />}
      {single ? (
        draft === undefined ? (
          <CallArguments question={question.id} call={call} unfolded={details} />
        ) : (
          <ArgumentsEditor question={question.id} call={call} draft={draft} onDraft={setDraft} problems={rejected?.call === call.call ? rejected.problems : undefined} />
        )
      ) : (
        <ol class="asked">
          {question.calls.map((each, index) => (
            <AskedRow
              key={each.call}
              question={question.id}
              index={index}
              line={lines[index] ?? ''}
              call={each}
              open={open.includes(each.call)}
              editable={!question.cut.includes(each.call)}
              problems={rejected?.call === each.call ? rejected.problems : undefined}
              onToggle={() => setOpen(open.includes(each.call) ? open.filter((one) => one !== each.call) : [...open, each.call])}
              onDecide={(decision) => decide(decision, [each.call])}
            />
          ))}
          {question.more > 0 && <li class="muted">and {many(question.more, 'more call')} of the same tool</li>}
        </ol>
      )}
      {question.cut.length > 0 && (
        <button type="button" class="link" onClick={() => send({ type: 'openValue', run: question.run, call: question.cut[0], part: 'args' })}>
          Open the whole arguments
        </button>
      )}
      <div class="buttons">
        <SplitButton
          label={draft !== undefined ? 'Allow Edited' : single ? 'Allow Once' : question.more > 0 ? `Allow the ${shown.length} Shown` : `Allow All ${count} Once`}
          title="Allow (a)"
          onClick={draft === undefined ? () => allow('once') : allowEdited}
          items={items}
          menuLabel="More ways to allow"
        />
        <button type="button" class="button" title="Skip (s): the script gets an error it can catch" onClick={() => decide({ kind: 'skip' })}>
          {single ? 'Skip' : question.more > 0 ? 'Skip These' : 'Skip All'}
        </button>
        {single && question.cut.length === 0 && (
          <button
            type="button"
            class="link end"
            title={draft === undefined ? 'Change the arguments before allowing' : 'Back to what the script asked for'}
            onClick={() => setDraft(draft === undefined ? draftOf(call.args) : undefined)}
          >
            {draft === undefined ? 'Edit' : 'Undo Edit'}
          </button>
        )}
      </div>
    </section>
  );
}

/** The tool as it was approved before; the present one is a click on “declaration” away. */
function Previous({ call }: { readonly call: AskedCall }) {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Hide what it was' : 'Show what it was when you allowed it'}
      </button>
      {open && <Value value={call.previous} label="The tool as it was" />}
    </div>
  );
}

/** What a run that has seen strangers' content could carry away with these calls: said before the values that would go. */
function Leaving({ question }: { readonly question: CallsQuestion }) {
  const { leak } = question;
  const carried = question.calls.flatMap((call, index) => (call.carries ?? []).map((trace) => ({ ...trace, call: index + 1 })));
  if (leak === undefined) return null;
  return (
    <div class="leaving" role="note">
      <p>
        <Icon name="warning" /> What is below would leave for <strong>{leak.to}</strong>.
      </p>
      {carried.length > 0 ? (
        <ul>
          {carried.slice(0, 20).map(({ argument, from, call }) => (
            <li key={`${call} ${argument}`}>
              <code>{argument}</code>
              {question.calls.length > 1 && ` of call ${call}`} holds text that was read with <code>{from.join(', ')}</code>.
            </li>
          ))}
          {carried.length > 20 && <li>and {many(carried.length - 20, 'more value')}</li>}
        </ul>
      ) : (
        <p class="muted">No value holds a longer text that was read in private word for word. It may still say the same in other words.</p>
      )}
    </div>
  );
}

interface AskedRowProps {
  readonly question: QuestionId;
  readonly index: number;
  /** What tells it from the others. */
  readonly line: string;
  readonly call: AskedCall;
  readonly open: boolean;
  readonly editable: boolean;
  readonly problems?: readonly string[];
  readonly onToggle: () => void;
  readonly onDecide: (decision: Decision) => void;
}

function AskedRow({ question, index, line, call, open, editable, problems, onToggle, onDecide }: AskedRowProps) {
  const [draft, setDraft] = useState<Draft>();
  const args = draft === undefined ? undefined : argsOf(draft);
  return (
    <li>
      <div class="asked-head">
        <button type="button" class="asked-name" aria-expanded={open} onClick={onToggle}>
          <Icon name={open ? 'chevron-down' : 'chevron-right'} />
          <span class="asked-number">{index + 1}</span>
          <span class="asked-summary">
            <Visible text={line} />
          </span>
        </button>
        <button type="button" class="icon" aria-label={`Allow call ${index + 1} once`} title="Allow this one once" onClick={() => onDecide({ kind: 'allow', scope: 'once', breadth: 'tool' })}>
          <Icon name="check" />
        </button>
        <button type="button" class="icon" aria-label={`Skip call ${index + 1}`} title="Skip this one" onClick={() => onDecide({ kind: 'skip' })}>
          <Icon name="close" />
        </button>
      </div>
      {open && (draft === undefined ? <CallArguments question={question} call={call} /> : <ArgumentsEditor question={question} call={call} draft={draft} onDraft={setDraft} problems={problems} />)}
      {open && editable && (
        <div class="row-buttons">
          {args !== undefined && (
            <button type="button" class="link" onClick={() => onDecide({ kind: 'allow', scope: 'once', breadth: 'tool', args })}>
              Allow Edited
            </button>
          )}
          <button type="button" class="link" aria-label={draft === undefined ? `Edit call ${index + 1}` : `Undo Edit of call ${index + 1}`} onClick={() => setDraft(draft === undefined ? draftOf(call.args) : undefined)}>
            {draft === undefined ? 'Edit' : 'Undo Edit'}
          </button>
        </div>
      )}
    </li>
  );
}
