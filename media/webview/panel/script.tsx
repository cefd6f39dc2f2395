/// <reference lib="dom" />
import { useMemo, useState } from 'preact/hooks';
import type { Effect } from '../../../src/catalog/source.js';
import { callLines } from '../../../src/runs/callLines.js';
import type { RunTrace } from '../../../src/views/panel/trace.js';
import { effectOrder } from './icon.js';
import { highlight, type Token } from './highlight.js';
import { send } from './host.js';
import { duration } from './time.js';

const shownAtFirst = 24;
/** Lines above and below the one that a walk stands at. */
const around = 3;

interface ScriptLine {
  readonly number: number;
  readonly tokens: readonly Token[];
}

/** The script, with the lines that call something marked by the worst that they can do, how often they did, and for how long. */
export function Script({ trace }: { readonly trace: RunTrace }) {
  const [all, setAll] = useState(false);
  const lines = useLines(trace);
  const shown = all || lines.length <= shownAtFirst + 4 ? lines : lines.slice(0, shownAtFirst);
  return (
    <div class="script">
      <Lines trace={trace} lines={shown} label="Script" />
      {shown.length < lines.length && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          Show all {lines.length} lines
        </button>
      )}
    </div>
  );
}

/** The part of the script around a line. */
export function Excerpt({ trace, line }: { readonly trace: RunTrace; readonly line: number }) {
  const lines = useLines(trace);
  return (
    <div class="script">
      <Lines trace={trace} lines={lines.slice(Math.max(0, line - 1 - around), line + around)} label={`Script around line ${line}`} current={line} />
    </div>
  );
}

function useLines(trace: RunTrace): readonly ScriptLine[] {
  return useMemo(() => highlight(trace.source.replace(/\n$/, '')).map((tokens, index) => ({ number: index + 1, tokens })), [trace.source]);
}

function Lines({ trace, lines, label, current }: { readonly trace: RunTrace; readonly lines: readonly ScriptLine[]; readonly label: string; readonly current?: number }) {
  const namespaces = new Set(trace.tools.map((tool) => tool.namespace));
  const counts = callLines(trace.calls.map((call) => ({ ...call, startedAt: call.sentAt ?? call.startedAt, isFailed: call.state === 'failed' || call.state === 'unknown' })));
  return (
    <pre tabIndex={0} aria-label={label}>
      {lines.map(({ number, tokens }) => {
        const effect = effectAt(trace, number);
        const count = counts.get(number);
        const wrong = trace.diagnostics.find((diagnostic) => diagnostic.line === number && diagnostic.severity === 'error');
        const classes = ['line', effect !== undefined && `calls effect-${effect}`, wrong !== undefined && 'wrong', number === current && 'current'].filter(Boolean).join(' ');
        return (
          <div key={number} class={classes} title={wrong?.message} aria-current={number === current ? 'step' : undefined}>
            <button type="button" class="number" tabIndex={-1} aria-label={`Open line ${number}`} onClick={() => send({ type: 'openScript', run: trace.id, line: number })}>
              {number}
            </button>
            <span class="text">
              {tokens.length === 0 ? ' ' : tokens.map((token, at) => (token.kind === 'plain' || (token.kind === 'call' && !namespaces.has(token.text.split('.')[0] ?? '')) ? token.text : <span key={at} class={`token-${token.kind}`}>{token.text}</span>))}
            </span>
            {count !== undefined && (
              <span class="count" title={`${count.calls} ${count.calls === 1 ? 'call' : 'calls'} from this line, ${duration(count.ms)} under way`}>
                {count.calls}×<span class="count-time"> · {duration(count.ms)}</span>
              </span>
            )}
          </div>
        );
      })}
    </pre>
  );
}

/** The worst effect of the tools named in a line. */
function effectAt(trace: RunTrace, line: number): Effect | undefined {
  const found = trace.tools.filter((tool) => tool.lines.includes(line)).map((tool) => tool.effect);
  return [...effectOrder].reverse().find((effect) => found.includes(effect)) ?? (trace.dynamicLines.includes(line) ? 'unknown' : undefined);
}
