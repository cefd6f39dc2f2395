import { useState } from 'preact/hooks';
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../../../src/json.js';
import type { Recorded } from '../../../src/runs/events.js';
import { lineDiff } from './lineDiff.js';

const foldedLines = 12;

/** Text in full, folded when it is long; nothing is cut away. */
export function LongText({ text, label }: { readonly text: string; readonly label?: string }) {
  const [open, setOpen] = useState(false);
  const lines = text.split('\n');
  const folds = lines.length > foldedLines + 3;
  return (
    <div class="long">
      <pre aria-label={label} tabIndex={0}>{folds && !open ? lines.slice(0, foldedLines).join('\n') : text}</pre>
      {folds && (
        <button type="button" class="link" onClick={() => setOpen(!open)}>
          {open ? 'Show less' : `Show all ${lines.length} lines`}
        </button>
      )}
    </div>
  );
}

/** The pairs of argument names that edit tools use for what was and what will be. */
const editPairs = [
  ['oldText', 'newText'],
  ['old_text', 'new_text'],
  ['old_string', 'new_string'],
  ['oldString', 'newString'],
] as const;

/** Arguments as a person reads them: by member, edits as differences, long text folded. */
export function Arguments({ args, schema }: { readonly args: JsonObject; readonly schema?: JsonSchema }) {
  const pair = editPairs.find(([before, after]) => typeof args[before] === 'string' && typeof args[after] === 'string');
  const members = Object.entries(args).filter(([name]) => pair === undefined || (name !== pair[0] && name !== pair[1]));
  if (members.length === 0 && pair === undefined) return <p class="muted">No arguments.</p>;
  return (
    <dl class="args">
      {members.map(([name, value]) => (
        <div class="arg" key={name}>
          <dt title={descriptionOf(schema, name)}>{name}</dt>
          <dd>
            <Value value={value} label={name} />
          </dd>
        </div>
      ))}
      {pair !== undefined && (
        <div class="arg">
          <dt>
            {pair[0]} → {pair[1]}
          </dt>
          <dd>
            <Difference before={args[pair[0]] as string} after={args[pair[1]] as string} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function Difference({ before, after }: { readonly before: string; readonly after: string }) {
  const sign = { same: ' ', added: '+', removed: '−' };
  return (
    <pre class="diff" tabIndex={0} aria-label="difference">
      {lineDiff(before, after).map((line, index) => (
        <span key={index} class={`diff-${line.kind}`}>
          {sign[line.kind]} {line.text}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

/** A list made of nothing but edits, as pairs of before and after. */
function editsIn(value: JsonValue): readonly (readonly [string, string])[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const edits: (readonly [string, string])[] = [];
  for (const item of value as readonly JsonValue[]) {
    if (!isJsonObject(item) || Object.keys(item).length !== 2) return undefined;
    const pair = editPairs.find(([before, after]) => typeof item[before] === 'string' && typeof item[after] === 'string');
    if (pair === undefined) return undefined;
    edits.push([item[pair[0]] as string, item[pair[1]] as string]);
  }
  return edits;
}

function descriptionOf(schema: JsonSchema | undefined, name: string): string | undefined {
  if (!isJsonObject(schema) || !isJsonObject(schema['properties'])) return undefined;
  const property = schema['properties'][name];
  return isJsonObject(property) && typeof property['description'] === 'string' ? property['description'] : undefined;
}

export function Value({ value, label }: { readonly value: JsonValue | undefined; readonly label?: string }) {
  if (value === undefined) return <span class="muted">nothing</span>;
  if (typeof value === 'string') return value.includes('\n') ? <LongText text={value} label={label} /> : <code class="token-string">{value}</code>;
  if (typeof value !== 'object' || value === null) return <code class="token-number">{String(value)}</code>;
  const edits = editsIn(value);
  if (edits !== undefined) return <>{edits.map(([before, after], index) => <Difference key={index} before={before} after={after} />)}</>;
  // A text of many lines is not readable with its line breaks escaped.
  if (isJsonObject(value) && Object.values(value).some((member) => typeof member === 'string' && member.includes('\n'))) return <Arguments args={value} />;
  return <LongText text={JSON.stringify(value, undefined, 2)} label={label} />;
}

/** A value of the journal; a large one as its beginning, with the whole a click away. */
export function RecordedValue({ recorded, onOpen, label }: { readonly recorded: Recorded; readonly onOpen: () => void; readonly label: string }) {
  if (recorded.kind === 'inline') return <Value value={recorded.value} label={label} />;
  return (
    <div>
      <LongText text={recorded.preview} label={label} />
      <button type="button" class="link" onClick={onOpen}>
        Open all {Math.ceil(recorded.bytes / 1024).toLocaleString('en')} KB
      </button>
    </div>
  );
}

/** Arguments in one line, for a list: the values that tell calls apart. */
export function summaryOf(recorded: Recorded): string {
  if (recorded.kind === 'blob') return recorded.preview.slice(0, 120);
  const { value } = recorded;
  if (!isJsonObject(value)) return value === undefined ? '' : JSON.stringify(value);
  const parts = Object.values(value)
    .filter((member) => typeof member !== 'object' || member === null)
    .map((member) => (typeof member === 'string' ? member : JSON.stringify(member)));
  const text = parts.length > 0 ? parts.join(' · ') : Object.keys(value).join(', ');
  return text.replaceAll(/\s+/g, ' ').slice(0, 160);
}
