/// <reference lib="dom" />
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CallId } from '../../../src/ids.js';
import type { JsonObject } from '../../../src/json.js';
import type { AskedCall } from '../../../src/runs/approvals.js';
import type { Decision, GrantScope } from '../../../src/runs/events.js';
import type { QuestionView } from '../../../src/views/panel/protocol.js';
import { many } from './changes.js';
import { EffectBadge, Icon } from './icon.js';
import { send } from './host.js';
import { SplitButton, type MenuItem } from './menu.js';
import { Places } from './reach.js';
import { Arguments, Value } from './value.js';
import { Why } from './why.js';

type CallsQuestion = Extract<QuestionView, { kind: 'calls' }>;
type StartQuestion = Extract<QuestionView, { kind: 'start' }>;

/** Problems with edited arguments, as the host found them. */
export interface Rejected {
  readonly call: CallId;
  readonly problems: readonly string[];
}

/** One waiting question. `first` takes the keyboard letters. */
export function QuestionCard({ question, first, rejected }: { readonly question: QuestionView; readonly first: boolean; readonly rejected?: Rejected }) {
  return question.kind === 'start' ? <StartCard question={question} first={first} /> : <CallsCard question={question} first={first} rejected={rejected} />;
}

/** `a`, `s` and `d`, wherever the keyboard is on the page but in a text field. */
function useLetters(active: boolean, letters: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    if (!active) return undefined;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target as HTMLElement | null;
      if (target !== null && (target.tagName === 'TEXTAREA' || (target.tagName === 'INPUT' && (target as HTMLInputElement).type !== 'checkbox'))) return;
      const act = letters[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  });
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
          <Places places={tool.places} />
        </li>
      ))}
      {question.dynamic && <li>Tools it picks by name only while it runs: each such call asks.</li>}
    </ul>
  );
}

const scopes: readonly { readonly scope: GrantScope; readonly words: string }[] = [
  { scope: 'run', words: 'for this run' },
  { scope: 'session', words: 'in this session' },
  { scope: 'workspace', words: 'in this workspace' },
];

function CallsCard({ question, first, rejected }: { readonly question: CallsQuestion; readonly first: boolean; readonly rejected?: Rejected }) {
  const [call] = question.calls;
  const single = question.calls.length === 1 && question.more === 0;
  const [open, setOpen] = useState<readonly CallId[]>([]);
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const [details, setDetails] = useState(false);
  // Exactly the calls that are shown: the question may have grown since.
  const shown = question.calls.map((each) => each.call);
  const decide = (decision: Decision, only: readonly CallId[] = shown): void => send({ type: 'answer', question: question.id, answer: { kind: 'calls', decision, only } });
  const allow = (scope: GrantScope, breadth: 'tool' | 'server' = 'tool'): void => decide({ kind: 'allow', scope, breadth });
  const allowEdited = (): void => {
    const args = parsed(draft);
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
        {call.line !== undefined && (
          <button type="button" class="link" onClick={() => send({ type: 'openScript', run: question.run, line: call.line })}>
            line {call.line}
          </button>
        )}
        <button type="button" class="link" onClick={() => send({ type: 'openDeclaration', source: call.tool.source, tool: call.tool.name })}>
          declaration
        </button>
      </p>
      <Why question="Why was this asked?" why={question.why} rule={question.rule} open={details} onToggle={() => setDetails(!details)} />
      {question.leak !== undefined && question.leak.from.length > 0 && <Leaving question={question} />}
      {call.previous !== undefined && <Previous call={call} />}
      {single ? (
        draft === undefined ? (
          <Arguments args={call.args} schema={call.inputSchema} unfolded={details} />
        ) : (
          <Editor call={call} draft={draft} onDraft={setDraft} problems={rejected?.call === call.call ? rejected.problems : undefined} />
        )
      ) : (
        <ol class="asked">
          {question.calls.map((each, index) => (
            <AskedRow
              key={each.call}
              index={index}
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
            onClick={() => setDraft(draft === undefined ? JSON.stringify(call.args, undefined, 2) : undefined)}
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
  readonly index: number;
  readonly call: AskedCall;
  readonly open: boolean;
  readonly editable: boolean;
  readonly problems?: readonly string[];
  readonly onToggle: () => void;
  readonly onDecide: (decision: Decision) => void;
}

function AskedRow({ index, call, open, editable, problems, onToggle, onDecide }: AskedRowProps) {
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const args = draft === undefined ? undefined : parsed(draft);
  return (
    <li>
      <div class="asked-head">
        <button type="button" class="asked-name" aria-expanded={open} onClick={onToggle}>
          <Icon name={open ? 'chevron-down' : 'chevron-right'} />
          <span class="call-summary">{oneLine(call.args)}</span>
        </button>
        <button type="button" class="icon" aria-label={`Allow call ${index + 1} once`} title="Allow this one once" onClick={() => onDecide({ kind: 'allow', scope: 'once', breadth: 'tool' })}>
          <Icon name="check" />
        </button>
        <button type="button" class="icon" aria-label={`Skip call ${index + 1}`} title="Skip this one" onClick={() => onDecide({ kind: 'skip' })}>
          <Icon name="close" />
        </button>
      </div>
      {open && (draft === undefined ? <Arguments args={call.args} schema={call.inputSchema} /> : <Editor call={call} draft={draft} onDraft={setDraft} problems={problems} />)}
      {open && editable && (
        <div class="row-buttons">
          {args !== undefined && (
            <button type="button" class="link" onClick={() => onDecide({ kind: 'allow', scope: 'once', breadth: 'tool', args })}>
              Allow Edited
            </button>
          )}
          <button type="button" class="link" aria-label={draft === undefined ? `Edit call ${index + 1}` : `Undo Edit of call ${index + 1}`} onClick={() => setDraft(draft === undefined ? JSON.stringify(call.args, undefined, 2) : undefined)}>
            {draft === undefined ? 'Edit' : 'Undo Edit'}
          </button>
        </div>
      )}
    </li>
  );
}

function Editor({ call, draft, onDraft, problems }: { readonly call: AskedCall; readonly draft: string; readonly onDraft: (text: string) => void; readonly problems?: readonly string[] }) {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  const broken = parsed(draft) === undefined;
  return (
    <div class="editor">
      <textarea ref={area} rows={Math.min(20, draft.split('\n').length + 1)} spellcheck={false} aria-label={`Arguments of ${call.member}`} aria-invalid={broken} value={draft} onInput={(event) => onDraft(event.currentTarget.value)} />
      {broken && <p class="failure">Expected a JSON object.</p>}
      {!broken && problems?.map((problem) => <p class="failure" key={problem}>{problem}</p>)}
    </div>
  );
}

function parsed(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function oneLine(args: JsonObject): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
}

