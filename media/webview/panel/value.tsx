import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../../../src/json.js';
import type { Recorded } from '../../../src/runs/events.js';
import { textDiff } from '../../../src/runs/changes/textDiff.js';
import { attachmentsIn } from './attachments.js';
import { Hunks } from './fileDiff.js';
import { Media } from './media.js';
import { Visible } from './visible.js';

const foldedLines = 12;
const foldedCharacters = 2_000;

/** Set where everything is to be shown at once. */
const Unfolded = createContext(false);

/** Text in full, folded when it is long; nothing is cut away. */
export function LongText({ text, label }: { readonly text: string; readonly label?: string }) {
  const [open, setOpen] = useState(false);
  const all = useContext(Unfolded);
  const lines = text.split('\n');
  const folds = !all && (lines.length > foldedLines + 3 || text.length > foldedCharacters * 1.25);
  const beginning = lines.slice(0, foldedLines).join('\n').slice(0, foldedCharacters);
  return (
    <div class="long">
      <pre aria-label={label} tabIndex={0}>
        <Visible text={folds && !open ? beginning : text} />
      </pre>
      {folds && (
        <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Show less' : lines.length > foldedLines + 3 ? `Show all ${lines.length.toLocaleString('en')} lines` : `Show all ${text.length.toLocaleString('en')} characters`}
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

/** What a shell or a database is told to do: by the names that tools have for it. */
const commandNames = /^(command|commandLine|cmd|shell|script|sql|query|statement|code|argv)$/i;

function Command({ value, label }: { readonly value: string | readonly string[]; readonly label: string }) {
  const text = typeof value === 'string' ? value : value.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
  return (
    <div class="command">
      <LongText text={text} label={label} />
    </div>
  );
}

/** A member of the arguments, as its schema and its name say that it is meant. */
function Member({ name, value, schema }: { readonly name: string; readonly value: JsonValue; readonly schema?: JsonObject }) {
  const words = Array.isArray(value) && value.length > 0 && (value as readonly JsonValue[]).every((word) => typeof word === 'string') ? (value as readonly string[]) : undefined;
  if (commandNames.test(name) && (typeof value === 'string' || words !== undefined)) return <Command value={words ?? (value as string)} label={name} />;
  if (typeof value === 'string' && (schema?.['contentEncoding'] === 'base64' || schema?.['format'] === 'byte')) {
    return <span class="muted">{Math.ceil((value.length * 3) / 4 / 1024).toLocaleString('en')} KB of {typeof schema['contentMediaType'] === 'string' ? schema['contentMediaType'] : 'binary data'}</span>;
  }
  if (typeof value === 'string' && schema?.['format'] === 'date-time' && !Number.isNaN(Date.parse(value))) {
    return (
      <span>
        <code class="token-string">{value}</code> <span class="muted">{new Date(value).toLocaleString()}</span>
      </span>
    );
  }
  if (isJsonObject(value) && Object.keys(value).length > 0 && isJsonObject(schema?.['properties'])) return <Arguments args={value} schema={schema} />;
  return <Value value={value} label={name} />;
}

/** Arguments as a person reads them: by member, edits as differences, commands as such, long text folded. */
export function Arguments({ args, schema, unfolded }: { readonly args: JsonObject; readonly schema?: JsonSchema; readonly unfolded?: boolean }) {
  const shown = <Members args={args} schema={schema} />;
  return unfolded === undefined ? shown : <Unfolded.Provider value={unfolded}>{shown}</Unfolded.Provider>;
}

function Members({ args, schema }: { readonly args: JsonObject; readonly schema?: JsonSchema }) {
  const pair = editPairs.find(([before, after]) => typeof args[before] === 'string' && typeof args[after] === 'string');
  const members = Object.entries(args).filter(([name]) => pair === undefined || (name !== pair[0] && name !== pair[1]));
  if (members.length === 0 && pair === undefined) return <p class="muted">No arguments.</p>;
  return (
    <dl class="args">
      {members.map(([name, value]) => (
        <div class="arg" key={name}>
          <dt title={descriptionOf(memberOf(schema, name))}>{name}</dt>
          <dd>
            <Member name={name} value={value} schema={memberOf(schema, name)} />
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
  // What was given is shown whole: also the lines that stay.
  const { hunks, note } = textDiff(before, after, Infinity);
  if (hunks.length === 0) return <Value value={after} />;
  return (
    <>
      <Hunks hunks={hunks} label="difference" unfolded={useContext(Unfolded)} />
      {note !== undefined && <p class="why">{note}</p>}
    </>
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

function memberOf(schema: JsonSchema | undefined, name: string): JsonObject | undefined {
  if (!isJsonObject(schema) || !isJsonObject(schema['properties']) || !Object.hasOwn(schema['properties'], name)) return undefined;
  const property = schema['properties'][name];
  return isJsonObject(property) ? property : undefined;
}

function descriptionOf(schema: JsonObject | undefined): string | undefined {
  const choices = Array.isArray(schema?.['enum']) ? `One of: ${(schema['enum'] as readonly JsonValue[]).map((choice) => JSON.stringify(choice)).join(', ')}.` : undefined;
  const text = [schema?.['title'], schema?.['description'], choices].filter((part): part is string => typeof part === 'string' && part !== '').join('\n');
  return text === '' ? undefined : text;
}

export function Value({ value, label }: { readonly value: JsonValue | undefined; readonly label?: string }) {
  if (value === undefined) return <span class="muted">nothing</span>;
  if (typeof value === 'string') return value.includes('\n') || value.length > foldedCharacters ? <LongText text={value} label={label} /> : <code class="token-string"><Visible text={value} /></code>;
  if (typeof value !== 'object' || value === null) return <code class="token-number">{String(value)}</code>;
  const edits = editsIn(value);
  if (edits !== undefined) return <>{edits.map(([before, after], index) => <Difference key={index} before={before} after={after} />)}</>;
  // A text of many lines is not readable with its line breaks escaped.
  if (isJsonObject(value) && Object.values(value).some((member) => typeof member === 'string' && member.includes('\n'))) return <Arguments args={value} />;
  return <LongText text={JSON.stringify(value, undefined, 2)} label={label} />;
}

/** A value of the journal; a large one as its beginning, with the whole a click away. */
export function RecordedValue({ recorded, onOpen, label }: { readonly recorded: Recorded; readonly onOpen: () => void; readonly label: string }) {
  if (recorded.kind === 'inline') {
    return (
      <>
        <Value value={recorded.value} label={label} />
        <Media shown={attachmentsIn(recorded.value)} of={label.toLowerCase()} />
      </>
    );
  }
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
