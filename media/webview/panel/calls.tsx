import { useState } from 'preact/hooks';
import { isJsonObject } from '../../../src/json.js';
import type { CallTrace, RunTrace } from '../../../src/views/panel/trace.js';
import { callStates, EffectBadge, Icon } from './icon.js';
import { send } from './host.js';
import { Arguments, RecordedValue, summaryOf } from './value.js';
import { Why } from './why.js';

const whyQuestions: Partial<Record<CallTrace['state'], string>> = { asking: 'Why was this asked?', skipped: 'Why was this asked?', denied: 'Why was this denied?' };

const shownAtFirst = 100;

/** Every call as it happens, newest last; arguments and results are a click away. */
export function Calls({ trace }: { readonly trace: RunTrace }) {
  const [shown, setShown] = useState(shownAtFirst);
  const hidden = Math.max(0, trace.calls.length - shown);
  return (
    <div class="calls">
      {hidden > 0 && (
        <button type="button" class="link" onClick={() => setShown(shown + 500)}>
          Show {Math.min(500, hidden).toLocaleString('en')} of {hidden.toLocaleString('en')} earlier calls
        </button>
      )}
      <ol aria-label="Calls">
        {trace.calls.slice(hidden).map((call) => (
          <Call key={call.id} call={call} trace={trace} />
        ))}
      </ol>
    </div>
  );
}

function Call({ call, trace }: { readonly call: CallTrace; readonly trace: RunTrace }) {
  const [open, setOpen] = useState(false);
  const state = callStates[call.state];
  return (
    <li class={`call call-${call.state}`}>
      <button type="button" class="call-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={state.icon} spin={state.spin} label={state.label} class="call-icon" />
        <span class="call-name">{call.name}</span>
        <span class="call-summary">{call.state === 'sent' && call.progress?.message !== undefined ? call.progress.message : summaryOf(call.args)}</span>
        <span class="call-time">{call.endedAt === undefined ? '' : duration(call.endedAt - call.startedAt)}</span>
      </button>
      {open && <CallDetails call={call} trace={trace} />}
    </li>
  );
}

function CallDetails({ call, trace }: { readonly call: CallTrace; readonly trace: RunTrace }) {
  const args = call.args.kind === 'inline' && isJsonObject(call.args.value) ? call.args.value : undefined;
  return (
    <div class="call-details">
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
          <h3>{call.state === 'failed' ? 'Failure' : 'Answer'}</h3>
          <p class="failure">{call.message}</p>
          {call.sent === 'unknown' && <p class="failure">It was sent, and whether it took effect is not known. Look before you run it again.</p>}
        </>
      )}
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
    </div>
  );
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
