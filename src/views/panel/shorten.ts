import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import type { Question } from '../../runs/approvals.js';
import type { QuestionView } from './protocol.js';

/** Longest text that is sent to the panel in one value; what is longer is opened in an editor. */
const longestText = 20_000;
const mostItems = 200;

/** A question fit for the panel: a text of many megabytes is cut, and says so. */
export function shortenQuestion(question: Question): QuestionView {
  if (question.kind === 'start') return question;
  const shown = question.calls.slice(0, mostItems).map((call) => ({ call, args: shorten(call.args, 0) as JsonObject }));
  return {
    ...question,
    calls: shown.map(({ call, args }) => ({ ...call, args })),
    more: question.calls.length - shown.length,
    cut: shown.filter(({ call, args }) => !same(call.args, args)).map(({ call }) => call.call),
  };
}

function shorten(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return value.length <= longestText ? value : `${value.slice(0, longestText)}… (${value.length - longestText} more characters)`;
  if (depth > 12) return '… (nested deeper than is shown here)';
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).slice(0, mostItems).map((item) => shorten(item, depth + 1));
    return value.length > mostItems ? [...items, `… (${value.length - mostItems} more items)`] : items;
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shorten(member, depth + 1)]));
}

/** Equality of a value and what {@link shorten} made of it. */
function same(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && (a as JsonValue[]).every((item, index) => same(item, (b as JsonValue[])[index] as JsonValue));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const other = b;
  return Object.entries(a).every(([key, member]) => same(member, other[key] as JsonValue));
}
