import { useState } from 'preact/hooks';
import { isJsonObject } from '../../../src/json.js';
import type { CallTrace, RunTrace } from '../../../src/views/panel/trace.js';
import { callStates, EffectBadge, Icon } from './icon.js';
import { send } from './host.js';
import { duration } from './time.js';
import { Arguments, RecordedValue, summaryOf } from './value.js';
import { Why } from './why.js';

const whyQuestions: Partial<Record<CallTrace['state'], string>> = { asking: 'Why was this asked?', skipped: 'Why was this asked?', denied: 'Why was this denied?' };

const shownAtFirst = 100;

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
  const [shown, setShown] = useState(shownAtFirst);
  const hidden = Math.max(0, trace.calls.length - shown);
  const span = spanOf(trace);
  return (
    <div class="calls">
      {hidden > 0 && (
        <button type="button" class="link" onClick={() => setShown(shown + 500)}>
          Show {Math.min(500, hidden).toLocaleString('en')} of {hidden.toLocaleString('en')} earlier calls
        </button>
      )}
      <ol aria-label="Calls">
        {trace.calls.slice(hidden).map((call) => (
          <Call key={call.id} call={call} trace={trace} span={span} over={over} onWalk={onWalk} />
        ))}
      </ol>
    </div>
  );
}

function Call({ call, trace, span, over, onWalk }: CallsProps & { readonly call: CallTrace; readonly span: Span }) {
  const [open, setOpen] = useState(false);
  const state = callStates[stateOf(call, over)];
  return (
    <li class={`call call-${stateOf(call, over)}`}>
      <button type="button" class="call-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={state.icon} spin={state.spin} label={state.label} class="call-icon" />
        <span class="call-name">{call.name}</span>
        <span class="call-summary">{call.state === 'sent' && call.progress?.message !== undefined ? call.progress.message : summaryOf(call.args)}</span>
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

/** A call that was sent, and whose run is over without an answer, may have taken effect. */
export function stateOf(call: CallTrace, over: boolean): CallTrace['state'] {
  return over && call.state === 'sent' ? 'unknown' : call.state;
}

export function CallDetails({ call, trace, over }: { readonly call: CallTrace; readonly trace: RunTrace; readonly over: boolean }) {
  const args = call.args.kind === 'inline' && isJsonObject(call.args.value) ? call.args.value : undefined;
  const state = stateOf(call, over);
  return (
    <>
      <p class="facts">
        <EffectBadge effect={call.effect} />
        {call.line !== undefined && (
          <button type="button" class="link" onClick={() => send({ type: 'openScript', run: trace.id, line: call.line })}>
            line {call.line}
          </button>
        )}
        <button type="button" class="link" onClick={() => send({ type: 'openDeclaration', source: call.tool.source, tool: call.tool.name })}>
          declaration
        </button>
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
      {call.notices?.map((notice) => (
        <p class="why" key={notice}>
          {notice}
        </p>
      ))}
    </>
  );
}
