/// <reference lib="dom" />
import { useEffect, useRef } from 'preact/hooks';
import type { QuestionId } from '../../../src/ids.js';
import type { JsonObject } from '../../../src/json.js';
import type { AskedCall } from '../../../src/runs/approvals.js';
import { EditedEffect } from './effect.js';

/** Arguments while they are edited: texts of several lines as themselves, everything else as JSON. */
export interface Draft {
  readonly json: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** A text field makes every line break `\n`: a text that has others stays JSON, where they are seen. */
const isPlain = (value: unknown): value is string => typeof value === 'string' && value.includes('\n') && !value.includes('\r');

export function draftOf(args: JsonObject): Draft {
  const entries = Object.entries(args);
  return {
    json: JSON.stringify(Object.fromEntries(entries.filter(([, value]) => !isPlain(value))), undefined, 2),
    texts: Object.fromEntries(entries.filter((entry): entry is [string, string] => isPlain(entry[1]))),
  };
}

/** What was edited; undefined where it is no JSON object. */
export function argsOf({ json, texts }: Draft): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...(value as JsonObject), ...texts } : undefined;
  } catch {
    return undefined;
  }
}

interface EditorProps {
  readonly question: QuestionId;
  readonly call: AskedCall;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly problems?: readonly string[];
}

export function ArgumentsEditor({ question, call, draft, onDraft, problems }: EditorProps) {
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => [...(fields.current?.querySelectorAll('textarea') ?? [])].at(-1)?.focus(), []);
  const args = argsOf(draft);
  const texts = Object.entries(draft.texts);
  const rows = (text: string): number => Math.min(20, text.split('\n').length + 1);
  return (
    <div class="editor" ref={fields}>
      {(texts.length === 0 || draft.json !== '{}') && (
        <textarea
          rows={rows(draft.json)}
          spellcheck={false}
          aria-label={texts.length === 0 ? `Arguments of ${call.member}` : `Other arguments of ${call.member}, as JSON`}
          aria-invalid={args === undefined}
          value={draft.json}
          onInput={(event) => onDraft({ ...draft, json: event.currentTarget.value })}
        />
      )}
      {args === undefined && <p class="failure">Expected a JSON object.</p>}
      {texts.map(([name, text]) => (
        <label key={name} class="text-field">
          <span>{name}</span>
          <textarea rows={rows(text)} spellcheck={false} aria-label={`${name} of ${call.member}`} value={text} onInput={(event) => onDraft({ ...draft, texts: { ...draft.texts, [name]: event.currentTarget.value } })} />
        </label>
      ))}
      {args !== undefined && problems?.map((problem) => <p class="failure" key={problem}>{problem}</p>)}
      {args !== undefined && <EditedEffect question={question} call={call} args={args} />}
    </div>
  );
}
