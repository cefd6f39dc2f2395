import { createHash } from 'node:crypto';
import type { ToolAnnotations, ToolDescription } from '../../catalog/source.js';
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../../json.js';
import type { Limits } from '../limits.js';
import { hidesSomething, neutralise, neutraliseSchema } from '../neutralise.js';
import { depthWithin } from './bounds.js';

/** What a server's list came to: tools to offer, and what a person should know of the rest. */
export interface ReadList<T> {
  readonly items: readonly T[];
  readonly notices: readonly string[];
}

const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

function readAnnotations(value: JsonValue | undefined): ToolAnnotations | undefined {
  if (!isJsonObject(value)) return undefined;
  const read: Record<string, string | boolean> = {};
  if (typeof value.title === 'string') read.title = neutralise(value.title).text;
  for (const hint of hints) if (typeof value[hint] === 'boolean') read[hint] = value[hint];
  return Object.keys(read).length > 0 ? read : undefined;
}

const suspicious = 'Look at it before you allow it.';

function suspicion(what: string, finding: string): string {
  return `Its ${what} ${finding}. ${suspicious}`;
}

/** A text of a definition, neutral and not longer than it may be; a cut keeps a hash of what was cut. */
export function readText(value: JsonValue | undefined, what: string, limit: number, oddities: string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') {
    oddities.push(`Its ${what} is not a text and was left out.`);
    return undefined;
  }
  const cut = value.length > limit ? `${value.slice(0, limit)}… ⟦${value.length - limit} more characters, ${createHash('sha256').update(value).digest('hex').slice(0, 6)}⟧` : value;
  const neutral = neutralise(cut);
  for (const finding of neutral.findings) oddities.push(suspicion(what, finding));
  if (cut !== value) oddities.push(`Its ${what} is ${value.length} characters long and was cut.`);
  return neutral.text;
}

function readSchema(value: JsonValue | undefined, what: string, limits: Limits, oddities: string[]): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  if (!depthWithin(value, limits.schemaDepth)) {
    oddities.push(`Its ${what} nests more than ${limits.schemaDepth} levels deep and was left out.`);
    return undefined;
  }
  const size = JSON.stringify(value).length;
  if (size > limits.schemaSize) {
    oddities.push(`Its ${what} is ${Math.round(size / 1024)} KB large and was left out.`);
    return undefined;
  }
  const findings = new Set<string>();
  const neutral = neutraliseSchema(value, (finding) => findings.add(finding));
  for (const finding of findings) oddities.push(suspicion(what, `${finding}, in a description`));
  return neutral;
}

function readInputSchema(value: JsonValue | undefined, limits: Limits, oddities: string[]): JsonSchema {
  const anything: JsonObject = { type: 'object' };
  if (value === undefined || value === null) {
    oddities.push('It declares no input schema; any arguments are passed on.');
    return anything;
  }
  if (!isJsonObject(value)) {
    oddities.push('Its input schema is not an object; any arguments are passed on.');
    return anything;
  }
  const schema = readSchema(value, 'input schema', limits, oddities);
  if (schema === undefined) return anything;
  if (schema.type === undefined) {
    oddities.push('Its input schema has no type; "object" was assumed.');
    return { type: 'object', ...schema };
  }
  const { type } = schema;
  if (type !== 'object' && !(Array.isArray(type) && (type as readonly JsonValue[]).includes('object'))) {
    oddities.push(`Its input schema is of type ${JSON.stringify(type).slice(0, 60)} where arguments are an object; any arguments are passed on.`);
    return anything;
  }
  return schema;
}

function readTool(raw: JsonObject, name: string, limits: Limits): ToolDescription {
  const oddities: string[] = [];
  if (name === '') oddities.push('Its name is empty.');
  else if (hidesSomething(name)) oddities.push(suspicion('name', 'holds characters that cannot be seen or that look like others'));
  if (name.length > 128) oddities.push(`Its name is ${name.length} characters long; 128 are allowed.`);
  const description = readText(raw.description, 'description', limits.description, oddities);
  const title = readText(raw.title, 'title', 200, oddities);
  const inputSchema = readInputSchema(raw.inputSchema, limits, oddities);
  let outputSchema: JsonObject | undefined;
  if (raw.outputSchema !== undefined && raw.outputSchema !== null) {
    outputSchema = readSchema(raw.outputSchema, 'output schema', limits, oddities);
    if (!isJsonObject(raw.outputSchema)) oddities.push('Its output schema is not an object and was left out.');
  }
  const annotations = readAnnotations(raw.annotations);
  return {
    name,
    inputSchema,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(oddities.length === 0 ? {} : { oddities }),
    ...(oddities.some((oddity) => oddity.endsWith(suspicious)) ? { suspicious: true } : {}),
  };
}

/** Reads a tool list one tool at a time: an odd one is marked, an unusable one left out, the others are unaffected. */
export function readTools(raw: readonly JsonValue[], limits: Limits): ReadList<ToolDescription> {
  const tools = new Map<string, ToolDescription>();
  const notices: string[] = [];
  let unusable = 0;
  for (const item of raw.slice(0, limits.tools)) {
    if (!isJsonObject(item) || typeof item.name !== 'string') {
      unusable++;
      continue;
    }
    const known = tools.get(item.name);
    if (known === undefined) tools.set(item.name, readTool(item, item.name, limits));
    else if (!known.oddities?.includes(twice)) tools.set(item.name, { ...known, oddities: [...(known.oddities ?? []), twice] });
  }
  if (unusable > 0) notices.push(`${unusable} tool${unusable === 1 ? ' has' : 's have'} no name and ${unusable === 1 ? 'was' : 'were'} left out.`);
  if (raw.length > limits.tools) notices.push(`It lists more than ${limits.tools} tools; the rest is left out.`);
  return { items: [...tools.values()], notices };
}

const twice = 'The server lists another tool by the same name; the first is the one described.';
