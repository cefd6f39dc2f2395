import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';

/**
 * Characters that are in a text and cannot be seen in it: zero-width and joining ones, bidi controls (which show a
 * text in another order than it is read in), tags (a whole hidden alphabet), variation selectors, controls.
 */
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]+/gu;
/** An emoji's own variation selector or joiner, between or after pictographs: seen, and harmless. */
const inEmoji = /(?<=\p{Extended_Pictographic}|\p{Emoji_Component})[\ufe0f\u200d](?=\p{Extended_Pictographic}|\s|\p{P}|$|[\ufe0f\u200d])/u;
/** Markup that imitates the turns or the instructions of a chat. */
const imitation = /<(?=\/?\s*(?:system|assistant|user|human|instructions?|important|critical|hidden|override|admin|developer|tool_(?:call|result|response)s?|function_(?:call|result)s?|antml:[a-z_]+|\|[a-z_]+\|)\b[^<>]{0,80}>|\|[a-z_]{2,30}\|>)|\[(?=\/?(?:INST|SYS|SYSTEM)\])|^(?=#{1,3}\s*system\s*(?:prompt|message)?\s*:?\s*$)/gimu;

/** Escape sequences of terminals: colours, cursor movements, links and titles, which show one text and hold another. */
const terminal = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]{0,2000}(?:\u0007|\u001b\\|\u009c)?|\u001b[PX^_][^\u001b\u009c]{0,2000}(?:\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;
/** What is written where a renderer shows nothing: comments of HTML and of Markdown. */
const comment = /<!--|^\[(?:\/\/|comment|_metadata_)[^\]]{0,40}\]:\s*(?:#|<>)\s*(?=["'(])/gim;
/** A text that speaks to the model over the head of its developer. */
const address =
  /\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,30}\b(?:previous|prior|above|earlier|all|any|your|system|other)\b[^.\n]{0,30}\b(?:instructions?|prompts?|rules?|messages?|guidelines?|context)\b|\b(?:do not|don['’]t|never|without)\s+(?:tell|mention|inform|show|reveal|notify|telling|mentioning|informing|notifying)\b[^.\n]{0,20}\b(?:the )?(?:user|human|developer|operator)\b|\byou are now (?:a|an|in)\b[^.\n]{0,40}\b(?:mode|assistant|ai|agent|model)\b|\bnew (?:system )?instructions?\s*:/i;

export interface Neutral {
  readonly text: string;
  /** What was found, a sentence each. */
  readonly findings: readonly string[];
}

/**
 * A stranger's text, safe to show to a model: what was invisible is made visible as a mark, and what looks like chat
 * markup no longer parses as it. The mark carries a hash of what was hidden, so that a change of it still is a change.
 */
export function neutralise(text: string): Neutral {
  const findings: string[] = [];
  let count = 0;
  const mark = (run: string): string => `⟦hidden ${createHash('sha256').update(run).digest('hex').slice(0, 6)}⟧`;
  let escapes = 0;
  const still = text.replace(terminal, (run) => {
    escapes++;
    return mark(run);
  });
  if (escapes > 0) findings.push(`holds ${escapes} terminal escape sequence${escapes === 1 ? '' : 's'}`);
  let clean = still.replace(hidden, (run, offset: number) => {
    const around = still.slice(Math.max(0, offset - 2), offset + run.length + 2);
    if (run.length === 1 && inEmoji.test(around)) return run;
    count += [...run].length;
    return mark(run);
  });
  if (count > 0) findings.push(`holds ${count} invisible character${count === 1 ? '' : 's'}`);
  let marked = 0;
  clean = clean.replace(imitation, (found) => {
    marked++;
    return found === '<' ? '‹' : found === '[' ? '⟦' : '›';
  });
  if (marked > 0) findings.push('holds markup that imitates a chat or its instructions');
  let comments = 0;
  clean = clean.replace(comment, (found) => {
    comments++;
    return found.startsWith('<') ? '‹!--' : `⟦${found.slice(1)}`;
  });
  if (comments > 0) findings.push('holds a comment, which is not seen where it is rendered');
  if (address.test(clean)) findings.push('tells a model to disregard instructions or to keep something from you');
  return { text: clean, findings };
}

/** Neutralises what a schema says to people (titles, descriptions, comments); what it means stays as it is. */
export function neutraliseSchema<T extends JsonValue>(schema: T, found: (finding: string) => void): T {
  return walk(schema, found, false) as T;
}

function walk(value: JsonValue, found: (finding: string) => void, names: boolean): JsonValue {
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const next = items.map((item) => walk(item, found, false));
    return next.some((item, index) => item !== items[index]) ? next : items;
  }
  if (!isJsonObject(value)) return value;
  let changed: Record<string, JsonValue> | undefined;
  for (const [key, item] of Object.entries(value)) {
    let next = item;
    // Under `properties` a member called "description" is a schema, not a text.
    if (!names && typeof item === 'string' && (key === 'description' || key === 'title' || key === '$comment')) {
      const neutral = neutralise(item);
      for (const finding of neutral.findings) found(finding);
      next = neutral.text;
    } else if (typeof item === 'object' && item !== null) {
      next = walk(item, found, !names && (key === 'properties' || key === '$defs' || key === 'definitions' || key === 'patternProperties' || key === 'dependentSchemas'));
    }
    if (next !== item) (changed ??= { ...value })[key] = next;
  }
  return changed ?? (value satisfies JsonObject);
}

/** Whether a name, which must stay as it is, shows other than it reads. */
export function hidesSomething(name: string): boolean {
  return neutralise(name).findings.length > 0 || name !== name.normalize('NFC');
}
