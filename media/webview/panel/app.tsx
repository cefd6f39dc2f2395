/// <reference lib="dom" />
import { useEffect, useReducer, useState } from 'preact/hooks';
import type { RunEvent } from '../../../src/runs/events.js';
import type { PanelState, ToPanel } from '../../../src/views/panel/protocol.js';
import { append, emptyTrace, type RunTrace } from '../../../src/views/panel/trace.js';
import { Changes } from './changes.js';
import { Empty } from './empty.js';
import { onMessage, remember, remembered, send } from './host.js';
import type { Rejected } from './callsQuestion.js';
import { RunPage } from './run.js';

const nothing: PanelState = { runs: [], questions: [], changes: [] };

interface Page {
  readonly state: PanelState;
  readonly trace?: RunTrace;
  readonly rejected?: Rejected;
  readonly loaded: boolean;
}

function reduce(page: Page, message: ToPanel): Page {
  switch (message.type) {
    case 'state':
      return { ...page, state: message.state, loaded: true, trace: page.trace?.id === message.state.selected ? page.trace : undefined };
    case 'events': {
      const trace = message.from === 0 || page.trace?.id !== message.run ? emptyTrace(message.run) : page.trace;
      for (const event of message.events) take(trace, event);
      // A trace grows in place; a new object around it is what tells the page.
      return { ...page, trace: { ...trace } };
    }
    case 'argumentsRejected':
      return { ...page, rejected: { call: message.call, problems: message.problems } };
    case 'focusQuestion':
    case 'preview':
    case 'differences':
    case 'attachment':
      return page;
  }
}

/** What is readable of a damaged record may still lack members: such an entry shows nothing, and the rest does. */
function take(trace: RunTrace, event: RunEvent): void {
  try {
    append(trace, event);
  } catch (error) {
    console.warn(error);
  }
}

export function App() {
  const [page, dispatch] = useReducer(reduce, { state: nothing, loaded: false });
  const [focus, setFocus] = useState(false);
  useEffect(() => {
    const stop = onMessage((message) => {
      if (message.type === 'focusQuestion') return setFocus(true);
      dispatch(message);
    });
    send({ type: 'ready' });
    return stop;
  }, []);
  const { page: facts, selected } = page.state;
  const source = facts?.replay?.isChanged === true ? page.trace?.source : undefined;
  // A page comes back after a reload of the window: what it showed is made anew from this.
  useEffect(() => {
    if (facts === undefined) return;
    const { replay: _before, ...rest } = remembered();
    remember({ ...rest, run: selected, ...(facts.replay !== undefined && { replay: source === undefined ? {} : { source } }) });
  }, [facts === undefined, facts?.replay === undefined, selected, source]);
  const question = page.state.questions[0]?.id;
  useEffect(() => {
    if (!focus) return;
    const target = document.querySelector<HTMLElement>('.question, .changes .primary');
    target?.focus();
    // Wanted once: a question that comes later must not take the keyboard away.
    if (target !== null) setFocus(false);
  }, [focus, question]);

  const { state, trace, rejected, loaded } = page;
  if (!loaded) return null;
  if (trace === undefined) {
    return (
      <main>
        {state.selected === undefined && state.changes.length === 0 && <Empty obstacle={state.obstacle} />}
        {state.changes.map((changes) => (
          <Changes key={changes.id} changes={changes} titled />
        ))}
      </main>
    );
  }
  return (
    <main>
      {state.runs.length > 1 && (
        <label class="runs">
          <span class="visually-hidden">Run</span>
          <select value={trace.id} onChange={(event) => select(state, event.currentTarget.value)}>
            {state.runs.map((run) => (
              <option key={run.id} value={run.id}>
                {run.phase === 'ended' ? '' : '● '}
                {run.title}
              </option>
            ))}
          </select>
        </label>
      )}
      <RunPage key={trace.id} trace={trace} state={state} rejected={rejected} />
    </main>
  );
}

function select(state: PanelState, id: string): void {
  const run = state.runs.find((each) => each.id === id);
  if (run !== undefined) send({ type: 'select', run: run.id });
}
