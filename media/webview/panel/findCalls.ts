import { isJsonObject, type JsonValue } from '../../../src/json.js';
import type { Recorded } from '../../../src/runs/events.js';
import type { CallTrace } from '../../../src/views/panel/trace.js';
import { callStates } from './icon.js';

/** A call that was sent, and whose run is over without an answer, may have taken effect. */
export function stateOf(call: CallTrace, over: boolean): CallTrace['state'] {
  return over && call.state === 'sent' ? 'unknown' : call.state;
}

/** The calls in which every word is found: in the name, what became of it, its line, its arguments or its failure. */
export function found(calls: readonly CallTrace[], sought: string, over: boolean): readonly CallTrace[] {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return calls;
  return calls.filter((call) => {
    const said = `${call.name} ${callStates[stateOf(call, over)].label} ${call.line === undefined ? '' : `line ${call.line}`} ${call.message ?? ''}`.toLowerCase();
    return words.every((word) => said.includes(word) || textOf(call.args).includes(word));
  });
}

/** Arguments are looked through with each letter that is typed, and do not change. */
const texts = new WeakMap<Recorded, string>();

function textOf(args: Recorded): string {
  const known = texts.get(args);
  if (known !== undefined) return known;
  const text = (args.kind === 'blob' ? args.preview : scalars(args.value).join(' ')).toLowerCase();
  texts.set(args, text);
  return text;
}

/** Every name and value in it, however deep: what a person has seen of it and types. */
function scalars(value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(scalars);
  if (!isJsonObject(value)) return [typeof value === 'string' ? value : JSON.stringify(value)];
  return Object.entries(value).flatMap(([name, member]) => [name, ...scalars(member)]);
}
