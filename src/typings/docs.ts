import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import { isJsonObject } from '../json.js';
import type { SchemaDocument } from './document.js';
import { isSchema } from './keywords.js';

/** What a comment says of one place: its descriptions, and what types cannot say. */
export interface Docs {
  readonly texts: readonly string[];
  /** `@minimum 1`, in the order of {@link constraints}. */
  readonly tags: readonly string[];
}

/** What TypeScript cannot say, each told in a tag named like its keyword. */
const constraints = [
  'deprecated', 'readOnly', 'writeOnly', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'exclusiveMinimum', 'maximum',
  'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'contentEncoding',
  'contentMediaType', 'default', 'example', 'examples',
] as const;
const isConstraint = new Set<string>(constraints);

/**
 * Docs of schemas that apply to one place, with those of the schemas they are made of. A schema in `elsewhere` has its
 * docs at its own type.
 */
export function docsOf(schemas: readonly JsonSchema[], document: SchemaDocument, elsewhere: ReadonlySet<JsonObject>): Docs {
  if (schemas.length === 0) return noDocs;
  const plain = schemas.length === 1 ? docsOfPlain(schemas[0]!, elsewhere) : undefined;
  if (plain) return plain;
  const texts: string[] = [];
  const tags = new Map<string, string>();
  const seen = new Set<JsonObject>();
  const visit = (schema: JsonSchema, depth: number): void => {
    if (!isJsonObject(schema) || seen.has(schema) || seen.size > 200 || depth > 20) return;
    seen.add(schema);
    const description = schema['description'];
    if (typeof description === 'string' && description.trim() !== '' && !elsewhere.has(schema) && !texts.includes(description)) texts.push(description);
    for (const keyword in schema) {
      if (isConstraint.has(keyword)) {
        const tag = tagOf(keyword, schema[keyword]!, schema);
        if (tag !== undefined) tags.set(tag, keyword);
      } else if (keyword === '$ref' || keyword === '$dynamicRef') {
        const target = document.target(schema);
        if (target !== undefined && !(isJsonObject(target) && elsewhere.has(target))) visit(target, depth + 1);
      } else if (keyword === 'allOf' || keyword === 'anyOf' || keyword === 'oneOf') {
        const list = schema[keyword];
        if (Array.isArray(list)) for (const inner of (list as unknown[]).filter(isSchema)) visit(inner, depth + 1);
      } else if (keyword === 'then' || keyword === 'else') {
        if (isSchema(schema[keyword])) visit(schema[keyword], depth + 1);
      }
    }
  };
  for (const schema of schemas) visit(schema, 0);
  const order = (tag: string): number => constraints.indexOf(tags.get(tag) as (typeof constraints)[number]);
  return { texts, tags: tags.size < 2 ? [...tags.keys()] : [...tags.keys()].sort((a, b) => order(a) - order(b)) };
}

export const noDocs: Docs = { texts: [], tags: [] };
const parts = new Set(['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'then', 'else']);

/** The same for a schema that is not made of others; `undefined` for those that are. */
function docsOfPlain(schema: JsonSchema, elsewhere: ReadonlySet<JsonObject>): Docs | undefined {
  if (!isJsonObject(schema)) return noDocs;
  let tags: string[] | undefined;
  for (const keyword in schema) {
    if (parts.has(keyword)) return undefined;
    if (!isConstraint.has(keyword)) continue;
    const tag = tagOf(keyword, schema[keyword]!, schema);
    // More than one has an order.
    if (tag !== undefined && tags) return undefined;
    if (tag !== undefined) tags = [tag];
  }
  const description = schema['description'];
  const isTold = typeof description === 'string' && description !== '' && !elsewhere.has(schema);
  return isTold || tags ? { texts: isTold ? [description] : [], tags: tags ?? [] } : noDocs;
}

function tagOf(keyword: string, value: JsonValue, schema: JsonObject): string | undefined {
  switch (keyword) {
    case 'deprecated':
    case 'readOnly':
    case 'writeOnly':
    case 'uniqueItems':
      return value === true ? `@${keyword}` : undefined;
    case 'format':
    case 'pattern':
    case 'contentEncoding':
    case 'contentMediaType':
      return typeof value === 'string' && value !== '' ? `@${keyword} ${oneLine(value)}` : undefined;
    case 'default':
    case 'example':
      return `@${keyword} ${clip(JSON.stringify(value))}`;
    case 'examples':
      return Array.isArray(value) && value.length > 0 ? `@examples ${clip(value.map((one: JsonValue) => JSON.stringify(one)).join(', '))}` : undefined;
    case 'exclusiveMinimum':
    case 'exclusiveMaximum': {
      // Draft 4 wrote these as flags beside the bound.
      if (value === true) return `@${keyword} ${JSON.stringify(schema[keyword === 'exclusiveMinimum' ? 'minimum' : 'maximum'] ?? 0)}`;
      return typeof value === 'number' && !isSafeBound(value) ? `@${keyword} ${value}` : undefined;
    }
    case 'minimum':
    case 'maximum':
      if (schema[keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'] === true) return undefined;
      return typeof value === 'number' && !isSafeBound(value) ? `@${keyword} ${value}` : undefined;
    default:
      return typeof value === 'number' ? `@${keyword} ${value}` : undefined;
  }
}

/** The bounds that generators write for "any integer". */
function isSafeBound(value: number): boolean {
  return Math.abs(value) === Number.MAX_SAFE_INTEGER;
}

function oneLine(text: string): string {
  return clip(text.replace(/\s+/g, ' '));
}

function clip(text: string): string {
  return text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text;
}

/** Characters that somebody may read of one text, and that take no time worth speaking of to print. */
export const longestText = 100_000;

/** The beginning of a text that is longer than `limit` characters, up to the end of a sentence where one is near. */
export function shortened(text: string, limit: number): string {
  // Not worth cutting for the last few words.
  if (text.length <= limit * 1.1) return text;
  const start = text.slice(0, limit);
  const sentences = Math.max(start.search(/[.!?:](?=\s[^.!?:]*$)/), start.lastIndexOf('\n'));
  const end = sentences > limit * 0.4 ? sentences + 1 : start.lastIndexOf(' ') > 0 ? start.lastIndexOf(' ') : limit;
  return `${start.slice(0, end).trimEnd().replace(/[\uD800-\uDBFF]$/, '')} …`;
}

/** A comment on one line where it can be, `''` where there is nothing to say. Nothing in it can end it early. */
export function comment(docs: Docs): string {
  if (docs === noDocs) return '';
  const { texts, tags } = docs;
  if (texts.length === 1 && isPlain(texts[0]!) && tags.every(isPlain)) {
    const text = texts[0]!.trim();
    const space = text === '' || tags.length === 0 ? '' : ' ';
    return text === '' && space === '' && tags.length === 0 ? '' : `/** ${text}${space}${tags.join(' ')} */`;
  }
  const text = texts.map(tidy).filter((one) => one !== '').join('\n');
  const parts = [text, tags.join(' ')].filter((part) => part !== '');
  if (parts.length === 0) return '';
  return `/** ${safe(parts.join(text.includes('\n') ? '\n' : ' '))} */`;
}

/** On one line, with nothing that needs care. */
function isPlain(text: string): boolean {
  return !careful.test(text);
}

 
const careful = /[\u0000-\u001f\u2028\u2029]|\*\//;

/** Line ends, margin and runs of empty lines are not what a description says. */
function tidy(text: string): string {
  const trimmed = text.trim();
  const plain = trimmed.replace(/\r\n?|[\u2028\u2029]/g, '\n');
  if (!plain.includes('\n')) return plain;
  const lines = plain.split('\n').map((line) => line.trimEnd());
  const margin = lines.slice(1).reduce((least, line) => (line === '' ? least : Math.min(least, line.length - line.trimStart().length)), Infinity);
  return lines
    .map((line, index) => (index === 0 || margin === Infinity ? line : line.slice(margin)))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

function safe(text: string): string {
  return (
    text
       
      .replace(/[\u0000-\u0008\u000b-\u001f]/g, ' ')
      .replaceAll('*/', '*\\/')
      // An asterisk that begins a line is taken for the comment's margin, so it gets one.
      .replace(/\n([ \t]*)(?=\*)/g, '\n * $1')
  );
}
