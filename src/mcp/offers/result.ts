import type { Attachment, Handle, ToolResult } from '../../catalog/source.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import type { Limits } from '../limits.js';

type Keep = (attachment: Attachment) => Handle;

/** The text as JSON where it parses, else the text. */
function parsed(text: string): JsonValue {
  const start = text.trimStart();
  // Only what can be JSON at all is worth the attempt; most texts are prose.
  if (!/^[[{"\d\-tfn]/.test(start)) return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function textValue(text: string, keep: Keep, limits: Limits): JsonValue {
  if (text.length > limits.inlineText) return keep({ mimeType: 'text/plain', data: Buffer.from(text, 'utf8') });
  return parsed(text);
}

function bytes(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64');
}

function embedded(resource: JsonObject, keep: Keep, limits: Limits): JsonValue {
  const mimeType = typeof resource.mimeType === 'string' ? resource.mimeType : undefined;
  const uri = typeof resource.uri === 'string' ? resource.uri : undefined;
  if (typeof resource.blob === 'string') return keep({ mimeType: mimeType ?? 'application/octet-stream', data: bytes(resource.blob), ...(uri === undefined ? {} : { name: uri }) });
  if (typeof resource.text !== 'string') return resource;
  const text = resource.text.length > limits.inlineText ? keep({ mimeType: mimeType ?? 'text/plain', data: Buffer.from(resource.text, 'utf8'), ...(uri === undefined ? {} : { name: uri }) }) : resource.text;
  return { ...(uri === undefined ? {} : { uri }), ...(mimeType === undefined ? {} : { mimeType }), text };
}

/** One content block as a script gets it. */
function block(content: JsonValue, keep: Keep, limits: Limits): JsonValue {
  if (!isJsonObject(content)) return content;
  switch (content.type) {
    case 'text':
      return typeof content.text === 'string' ? textValue(content.text, keep, limits) : content;
    case 'image':
    case 'audio':
      if (typeof content.data !== 'string') return content;
      return keep({ mimeType: typeof content.mimeType === 'string' ? content.mimeType : 'application/octet-stream', data: bytes(content.data) });
    case 'resource':
      return isJsonObject(content.resource) ? embedded(content.resource, keep, limits) : content;
    default:
      return content;
  }
}

function blocks(raw: JsonObject): readonly JsonValue[] {
  return Array.isArray(raw.content) ? (raw.content as readonly JsonValue[]) : [];
}

function one(values: readonly JsonValue[]): JsonValue | undefined {
  return values.length > 1 ? values : values[0];
}

function isText(content: JsonValue): content is JsonObject & { readonly text: string } {
  return isJsonObject(content) && content.type === 'text' && typeof content.text === 'string';
}

/** More than anybody looks at beside a value. */
const mostBesides = 20;

/** What is said of content beside structured content, which is the value. */
function besides(item: JsonValue, keep: Keep, limits: Limits): readonly string[] {
  if (!isJsonObject(item)) return [];
  const resource = isJsonObject(item.resource) ? item.resource : undefined;
  switch (item.type) {
    case 'image':
    case 'audio':
      return [`It also answered with bytes, kept as ${JSON.stringify(block(item, keep, limits))}.`];
    case 'resource':
      if (typeof resource?.blob === 'string') return [`It also answered with bytes, kept as ${JSON.stringify(block(item, keep, limits))}.`];
      if (typeof resource?.text !== 'string') return [];
      return [`It also answered with the resource ${named(resource)}, kept as ${JSON.stringify(keep({ mimeType: typeof resource.mimeType === 'string' ? resource.mimeType : 'text/plain', data: Buffer.from(resource.text, 'utf8') }))}.`];
    case 'resource_link':
      return [`It also links to the resource ${named(item)}.`];
    default:
      return [];
  }
}

/** An address as it can be read again; more than a line of it is nobody's. */
function named({ uri }: JsonObject): string {
  return JSON.stringify(typeof uri === 'string' ? uri.slice(0, 500) : null);
}

/** What a script gets of a tool's result: the value, not the envelope; bytes become handles. */
export function unwrapToolResult(raw: JsonObject, keep: Keep, limits: Limits): ToolResult {
  const content = blocks(raw);
  if (raw.isError === true) {
    const text = content.filter(isText).map((item) => item.text).join('\n').slice(0, 20_000);
    const detail = raw.structuredContent ?? (text === '' ? undefined : parsed(text));
    return {
      ok: false,
      message: text.trim() === '' ? 'The tool failed and did not say why.' : text,
      ...(detail === undefined || typeof detail === 'string' ? {} : { detail }),
    };
  }
  if (raw.structuredContent !== undefined) {
    // Structured content repeats the text; anything else beside it would be lost if it were not kept.
    const others = content.filter((item) => isJsonObject(item) && item.type !== 'text');
    const notices = others.slice(0, mostBesides).flatMap((item) => besides(item, keep, limits));
    if (others.length > mostBesides) notices.push(`It also answered with ${others.length - mostBesides} more, which were left out.`);
    return { ok: true, value: raw.structuredContent, ...(notices.length === 0 ? {} : { notices }) };
  }
  // Answers of the first protocol version.
  if (raw.content === undefined && raw.toolResult !== undefined) return { ok: true, value: raw.toolResult };
  return { ok: true, value: one(content.map((item) => block(item, keep, limits))) };
}

/** A resource's contents: text parsed as above where it says JSON, else text; bytes as handles; several as a list. */
export function unwrapResource(raw: JsonObject, keep: Keep, limits: Limits): ToolResult {
  const contents = Array.isArray(raw.contents) ? (raw.contents as readonly JsonValue[]) : [];
  const values = contents.map((item) => {
    if (!isJsonObject(item)) return item;
    if (typeof item.text === 'string' && contents.length === 1) return /json/i.test(typeof item.mimeType === 'string' ? item.mimeType : '') ? textValue(item.text, keep, limits) : item.text.length > limits.inlineText ? textValue(item.text, keep, limits) : item.text;
    return embedded(item, keep, limits);
  });
  return { ok: true, value: one(values) };
}

/** A prompt's messages: `{ description?, messages: { role, content }[] }`, a text content as its text. */
export function unwrapPrompt(raw: JsonObject, keep: Keep, limits: Limits): ToolResult {
  const messages = (Array.isArray(raw.messages) ? (raw.messages as readonly JsonValue[]) : []).filter(isJsonObject).map((message) => {
    const content = Array.isArray(message.content) ? (message.content as readonly JsonValue[]) : [message.content ?? ''];
    const values = content.map((item) => (isText(item) ? item.text : block(item, keep, limits)));
    return { role: typeof message.role === 'string' ? message.role : 'user', content: one(values) ?? '' };
  });
  return { ok: true, value: { ...(typeof raw.description === 'string' ? { description: raw.description } : {}), messages } };
}

/** Nobody reads more (MCP 2025-11-25, Completion). */
const mostCompletions = 100;

/** Values proposed for an argument: a list of texts. */
export function unwrapCompletion({ completion }: JsonObject): ToolResult {
  const values = isJsonObject(completion) && Array.isArray(completion.values) ? (completion.values as readonly JsonValue[]) : [];
  return { ok: true, value: values.filter((value) => typeof value === 'string').slice(0, mostCompletions) };
}
