/// <reference lib="dom" />
import { useEffect, useRef } from 'preact/hooks';
import type { CallTrace, RunTrace } from '../../../src/views/panel/trace.js';
import { CallDetails } from './calls.js';
import { stateOf } from './findCalls.js';
import { callStates, Icon } from './icon.js';
import { send } from './host.js';
import { Excerpt } from './script.js';
import { duration } from './time.js';

const consoleShown = 20;

interface WalkProps {
  readonly trace: RunTrace;
  readonly over: boolean;
  /** Number of the call that the walk stands at. */
  readonly at: number;
  readonly onMove: (to: number | undefined) => void;
}

/** One call after the other, forward and back: the line it was made from, what it was given, what it gave, what had been logged. */
export function Walk({ trace, over, at, onMove }: WalkProps) {
  const last = trace.calls.length;
  const call = trace.calls[at - 1];
  const bar = useRef<HTMLDivElement>(null);
  const move = (to: number): void => onMove(Math.min(Math.max(1, to), last));
  const place = call === undefined ? '' : placeOf(call, over, last);

  useEffect(() => {
    send({ type: 'walk', run: trace.id, at: { source: trace.source, line: call?.line, note: `call ${at} of ${last}` } });
  }, [at, call?.line]);
  useEffect(() => {
    bar.current?.querySelector<HTMLElement>('[data-step="next"]')?.focus();
    return () => send({ type: 'walk', run: trace.id });
  }, []);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const to = stepOf(event, at, last, bar.current);
      if (to === undefined) return;
      event.preventDefault();
      if (to === 'end') onMove(undefined);
      else move(to);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [at, last]);

  if (call === undefined) return null;
  const button = (step: string, icon: string, label: string, to: number, off: boolean) => (
    <button type="button" class="icon" data-step={step} aria-label={label} title={label} aria-disabled={off} onClick={() => off || move(to)}>
      <Icon name={icon} />
    </button>
  );
  return (
    <section class="card walk" aria-label="Walk through the calls">
      <h2 class="visually-hidden">Walk through the calls</h2>
      <div class="walk-bar" role="toolbar" aria-label="Walk" ref={bar}>
        {button('first', 'debug-reverse-continue', 'First call (Home)', 1, at === 1)}
        {button('previous', 'arrow-left', 'Previous call (p, ←)', at - 1, at === 1)}
        {button('next', 'arrow-right', 'Next call (n, →)', at + 1, at === last)}
        {button('last', 'debug-continue', 'Last call (End)', last, at === last)}
        <p class="walk-place" role="status" aria-live="polite">
          {place}
        </p>
        <button type="button" class="icon end" aria-label="End the walk (Escape)" title="End the walk (Escape)" onClick={() => onMove(undefined)}>
          <Icon name="close" />
        </button>
      </div>
      {call.line !== undefined && <Excerpt trace={trace} line={call.line} />}
      <CallDetails call={call} trace={trace} over={over} />
      <Logged trace={trace} at={at} />
    </section>
  );
}

/** What the script had logged when the next call was made. */
function Logged({ trace, at }: { readonly trace: RunTrace; readonly at: number }) {
  const until = trace.consoleAfter.findIndex((calls) => calls > at);
  const entries = trace.console.slice(0, until === -1 ? undefined : until);
  if (entries.length === 0) return null;
  const from = Math.max(0, entries.length - consoleShown);
  return (
    <>
      <h3>Console so far</h3>
      <div class="console">
        {entries.slice(from).map((entry, index) => (
          <pre key={from + index} class={`console-${entry.level}${trace.consoleAfter[from + index] === at ? '' : ' before'}`}>
            {entry.text}
          </pre>
        ))}
      </div>
    </>
  );
}

function placeOf(call: CallTrace, over: boolean, last: number): string {
  const took = call.endedAt === undefined ? '' : ` in ${duration(call.endedAt - (call.sentAt ?? call.startedAt))}`;
  return `Call ${call.number} of ${last}: ${call.name}${call.line === undefined ? '' : `, line ${call.line}`}, ${callStates[stateOf(call, over)].label}${took}`;
}

/** Letters work everywhere on the page; arrows only where they do not move a text. */
function stepOf(event: KeyboardEvent, at: number, last: number, bar: HTMLElement | null): number | 'end' | undefined {
  const target = event.target instanceof HTMLElement ? event.target : undefined;
  if (event.ctrlKey || event.metaKey || event.altKey || target?.closest('input, textarea, select') != null) return undefined;
  if (event.key === 'n') return at + 1;
  if (event.key === 'p') return at - 1;
  if (event.key === 'Escape') return 'end';
  if (target !== undefined && target !== document.body && bar?.contains(target) !== true) return undefined;
  return { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 1, End: last }[event.key];
}
