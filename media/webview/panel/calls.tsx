/// <reference lib="dom" />
import { useRef, useState } from 'preact/hooks';
import { isJsonObject } from '../../../src/json.js';
import type { CallTrace, RunTrace } from '../../../src/views/panel/trace.js';
import { attachmentsSaid } from './attachments.js';
import { CallLinks } from './callLinks.js';
import { found, stateOf } from './findCalls.js';
import { callStates, EffectBadge, Icon } from './icon.js';
import { send } from './host.js';
import { Media } from './media.js';
import { earlierRows, laterRows, rangeOf, rowsOf, shownAtFirst, step, type Range } from './pages.js';
import { progressSaid } from './progress.js';
import { duration } from './time.js';
import { Arguments, RecordedValue, summaryOf } from './value.js';
import { Why } from './why.js';

const whyQuestions: Partial<Record<CallTrace['state'], string>> = { asking: 'Why was this asked?', skipped: 'Why was this asked?', denied: 'Why was this denied?' };

/** Calls from which on they can be searched. */
const searchedFrom = 20;

interface CallsProps {
  readonly trace: RunTrace;
  /** The run is over: what has no answer has none. */
  readonly over: boolean;
  /** Begins a walk at a call, where that is possible. */
  readonly onWalk?: (call: number) => void;
}

/** The span of time that bars are drawn against. */
interface Span {
  readonly from: number;
  readonly ms: number;
}

/** Every call as it happens, newest last; when each was under way beside it; arguments and results are a click away. */
export function Calls({ trace, over, onWalk }: CallsProps) {
  const [range, setRange] = useState<Range>({ size: shownAtFirst });
  const [sought, setSought] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const calls = found(trace.calls, sought, over);
  const span = spanOf(trace);
  const { start, end } = rowsOf(range, calls.length);
  const earlier = (): void => {
    const rows = earlierRows({ start, end });
    setRange(rangeOf(rows, calls.length));
    // The button goes with the last page, and the keyboard must not go with it.
    if (rows.start === 0) list.current?.querySelector('button')?.focus();
  };
  const later = (): void => {
    const rows = laterRows({ start, end }, calls.length);
    setRange(rangeOf(rows, calls.length));
    if (rows.end === calls.length) [...(list.current?.querySelectorAll<HTMLElement>('.call-head') ?? [])].at(-1)?.focus();
  };
  return (
    <div class="calls">
      {trace.calls.length >= searchedFrom && (
        <div class="calls-search">
          <input
            type="search"
            placeholder="Find in calls"
            aria-label="Find in calls: name, argument, outcome, line"
            value={sought}
            onInput={(event) => {
              setSought(event.currentTarget.value);
              setRange({ size: shownAtFirst });
            }}
          />
          <span class="muted" role="status">
            {sought.trim() === '' ? '' : `${calls.length.toLocaleString('en')} of ${trace.calls.length.toLocaleString('en')}`}
          </span>
        </div>
      )}
      {start > 0 && (
        <button type="button" class="link" onClick={earlier}>
          Show {Math.min(step, start).toLocaleString('en')} of {start.toLocaleString('en')} earlier calls
        </button>
      )}
      <ol aria-label="Calls" ref={list}>
        {calls.slice(start, end).map((call, index) => (
          <Call key={call.id} call={call} trace={trace} span={span} over={over} onWalk={onWalk} place={start + index + 1} of={calls.length} />
        ))}
      </ol>
      {end < calls.length && (
        <button type="button" class="link" onClick={later}>
          Show {Math.min(step, calls.length - end).toLocaleString('en')} of {(calls.length - end).toLocaleString('en')} later calls
        </button>
      )}
    </div>
  );
}

function Call({ call, trace, span, over, onWalk, place, of }: CallsProps & { readonly call: CallTrace; readonly span: Span; readonly place: number; readonly of: number }) {
  const [open, setOpen] = useState(false);
  const state = callStates[stateOf(call, over)];
  return (
    <li class={`call call-${stateOf(call, over)}`} aria-posinset={place} aria-setsize={of}>
      <button type="button" class="call-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={state.icon} spin={state.spin} label={state.label} class="call-icon" />
        <span class="call-name">{call.name}</span>
        <span class="call-summary">{(call.state === 'sent' && call.progress !== undefined && progressSaid(call.progress)) || summaryOf(call.args)}</span>
        <span class="call-start" title="after the first call">
          +{duration(call.startedAt - span.from)}
        </span>
        <Bar call={call} span={span} />
        <span class="call-time">{call.endedAt === undefined ? '' : duration(call.endedAt - call.startedAt)}</span>
      </button>
      {open && (
        <div class="call-details">
          <CallDetails call={call} trace={trace} over={over} />
          {onWalk !== undefined && (
            <button type="button" class="link" onClick={() => onWalk(call.number)}>
              Walk from here
            </button>
          )}
        </div>
      )}
    </li>
  );
}

/** When a call was under way; what a person took to answer is drawn lighter. Said in figures beside it. */
function Bar({ call, span }: { readonly call: CallTrace; readonly span: Span }) {
  const share = (ms: number): string => `${Math.max(0, Math.min(100, (ms / span.ms) * 100))}%`;
  const sent = call.sentAt ?? call.endedAt ?? call.startedAt;
  const end = call.endedAt ?? span.from + span.ms;
  return (
    <span class="call-bar" aria-hidden="true">
      <span class="bar waited" style={{ insetInlineStart: share(call.startedAt - span.from), width: share(sent - call.startedAt) }} />
      <span class="bar" style={{ insetInlineStart: share(sent - span.from), width: share(end - sent) }} />
    </span>
  );
}

function spanOf(trace: RunTrace): Span {
  let from = Infinity;
  let to = -Infinity;
  for (const call of trace.calls) {
    from = Math.min(from, call.startedAt);
    to = Math.max(to, call.endedAt ?? call.sentAt ?? call.startedAt);
  }
  return { from, ms: Math.max(1, to - from) };
}

export function CallDetails({ call, trace, over }: { readonly call: CallTrace; readonly trace: RunTrace; readonly over: boolean }) {
  const args = call.args.kind === 'inline' && isJsonObject(call.args.value) ? call.args.value : undefined;
  const state = stateOf(call, over);
  return (
    <>
      <p class="facts">
        <EffectBadge effect={call.effect} />
        <CallLinks run={trace.id} line={call.line} tool={call.tool} />
      </p>
      {call.why !== undefined && <Why question={whyQuestions[call.state] ?? 'Why was this allowed?'} why={call.why} rule={call.rule} />}
      <h3>Arguments</h3>
      {args === undefined ? (
        <RecordedValue recorded={call.args} label="Arguments" onOpen={() => send({ type: 'openValue', run: trace.id, call: call.id, part: 'args' })} />
      ) : (
        <Arguments args={args} />
      )}
      {call.message !== undefined && (
        <>
          <h3>{state === 'failed' || state === 'unknown' ? 'Failure' : 'Answer'}</h3>
          <p class="failure">{call.message}</p>
        </>
      )}
      {state === 'unknown' && <p class="failure">It was sent, and whether it took effect is not known. Look before you run it again.</p>}
      {call.value !== undefined && (
        <>
          <h3>Result</h3>
          <RecordedValue recorded={call.value} label="Result" onOpen={() => send({ type: 'openValue', run: trace.id, call: call.id, part: 'value' })} />
        </>
      )}
      <Media shown={attachmentsSaid(call.notices)} of="the result" />
      {call.notices?.map((notice) => (
        <p class="why" key={notice}>
          {notice}
        </p>
      ))}
    </>
  );
}
