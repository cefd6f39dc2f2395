import { useMemo, useState } from 'preact/hooks';
import type { Effect } from '../../../src/catalog/source.js';
import type { RunTrace } from '../../../src/views/panel/trace.js';
import { effectOrder } from './icon.js';
import { highlight } from './highlight.js';
import { send } from './host.js';

const shownAtFirst = 24;

/** The script, with the lines that call something marked by the worst that they can do, and how often they did. */
export function Script({ trace }: { readonly trace: RunTrace }) {
  const [all, setAll] = useState(false);
  const lines = useMemo(() => highlight(trace.source.replace(/\n$/, '')), [trace.source]);
  const namespaces = new Set(trace.tools.map((tool) => tool.namespace));
  const counts = new Map<number, number>();
  for (const call of trace.calls) if (call.line !== undefined) counts.set(call.line, (counts.get(call.line) ?? 0) + 1);
  const shown = all || lines.length <= shownAtFirst + 4 ? lines : lines.slice(0, shownAtFirst);
  return (
    <div class="script">
      <pre tabIndex={0} aria-label="Script">
        {shown.map((tokens, index) => {
          const number = index + 1;
          const effect = effectAt(trace, number);
          const count = counts.get(number);
          const wrong = trace.diagnostics.find((diagnostic) => diagnostic.line === number && diagnostic.severity === 'error');
          return (
            <div key={number} class={`line${effect === undefined ? '' : ` calls effect-${effect}`}${wrong === undefined ? '' : ' wrong'}`} title={wrong?.message}>
              <button type="button" class="number" tabIndex={-1} aria-label={`Open line ${number}`} onClick={() => send({ type: 'openScript', run: trace.id, line: number })}>
                {number}
              </button>
              <span class="text">
                {tokens.length === 0 ? ' ' : tokens.map((token, at) => (token.kind === 'plain' || (token.kind === 'call' && !namespaces.has(token.text.split('.')[0] ?? '')) ? token.text : <span key={at} class={`token-${token.kind}`}>{token.text}</span>))}
              </span>
              {count !== undefined && (
                <span class="count" title={`${count} ${count === 1 ? 'call' : 'calls'} from this line`}>
                  ×{count}
                </span>
              )}
            </div>
          );
        })}
      </pre>
      {shown.length < lines.length && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          Show all {lines.length} lines
        </button>
      )}
    </div>
  );
}

/** The worst effect of the tools named in a line. */
function effectAt(trace: RunTrace, line: number): Effect | undefined {
  const found = trace.tools.filter((tool) => tool.lines.includes(line)).map((tool) => tool.effect);
  return [...effectOrder].reverse().find((effect) => found.includes(effect)) ?? (trace.dynamicLines.includes(line) ? 'unknown' : undefined);
}
