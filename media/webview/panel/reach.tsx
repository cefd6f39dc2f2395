import type { Effect } from '../../../src/catalog/source.js';
import type { ReachTool } from '../../../src/runs/events.js';
import type { RunTrace } from '../../../src/views/panel/trace.js';
import { effectOrder, effects, Icon } from './icon.js';
import { send } from './host.js';

/** What the script names, by server and by what it does to the world. */
export function Reach({ trace }: { readonly trace: RunTrace }) {
  const servers = [...new Set(trace.tools.map((tool) => tool.namespace))];
  if (servers.length === 0 && trace.dynamicLines.length === 0) return <p class="muted">Calls no tool: it computes and changes nothing.</p>;
  return (
    <div class="reach">
      {servers.map((server) => (
        <Server key={server} server={server} tools={trace.tools.filter((tool) => tool.namespace === server)} />
      ))}
      {trace.dynamicLines.length > 0 && (
        <p class="reach-dynamic">
          <Icon name="question" /> Chooses a tool only while it runs, in line {trace.dynamicLines.join(', ')}: each such call asks.
        </p>
      )}
    </div>
  );
}

/** Where a tool is called, as far as the script says it: paths, branches, titles. */
export function Places({ places, morePlaces }: Pick<ReachTool, 'places' | 'morePlaces'>) {
  if (places === undefined || places.length === 0) return null;
  return (
    <span class="places">
      {places.join(', ')}
      {morePlaces === true && ' and others'}
    </span>
  );
}

function Server({ server, tools }: { readonly server: string; readonly tools: readonly ReachTool[] }) {
  return (
    <div class="reach-server" role="group" aria-label={server}>
      <div class="reach-name">{server}</div>
      <div class="reach-effects">
        {effectOrder.map((effect) => {
          const of = tools.filter((tool) => tool.effect === effect);
          return of.length > 0 && <Row key={effect} effect={effect} tools={of} />;
        })}
      </div>
    </div>
  );
}

function Row({ effect, tools }: { readonly effect: Effect; readonly tools: readonly ReachTool[] }) {
  const look = effects[effect];
  return (
    <div class={`reach-row effect-${effect}`}>
      <span class="reach-verb" title={look.hint}>
        <Icon name={look.icon} />
        {look.verb}
      </span>
      <span class="reach-tools">
        {tools.map((tool) => (
          <button
            key={tool.member}
            type="button"
            class="tool"
            title={`${tool.why}\nLine ${tool.lines.join(', ')}${tool.inLoop ? ', in a loop' : ''}. Opens the declaration.`}
            onClick={() => send({ type: 'openDeclaration', source: tool.ref.source, tool: tool.ref.name })}
          >
            {tool.member}
            <Places places={tool.places} morePlaces={tool.morePlaces} />
            {tool.inLoop && <Icon name="sync" label="in a loop" />}
            {tool.decision === 'ask' && <Icon name="bell" label="asks" />}
            {tool.decision === 'deny' && <Icon name="circle-slash" label="denied" />}
          </button>
        ))}
      </span>
    </div>
  );
}
