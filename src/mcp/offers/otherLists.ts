import type { PromptDescription, ResourceDescription, ResourceTemplate } from '../../catalog/source.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import type { Limits } from '../limits.js';
import { neutralise } from '../neutralise.js';
import { readText } from './toolList.js';

interface Described {
  readonly title?: string;
  readonly description?: string;
}

function described(raw: JsonObject, limits: Limits): Described {
  const title = readText(raw.title, 'title', 200, []);
  const description = readText(raw.description, 'description', limits.description, []);
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}

/** The items of a list that have the text members they cannot do without, once each. */
function usable(raw: readonly JsonValue[], key: string, limit: number): readonly JsonObject[] {
  const seen = new Map<string, JsonObject>();
  for (const item of raw) {
    if (seen.size >= limit) break;
    if (isJsonObject(item) && typeof item[key] === 'string' && !seen.has(item[key])) seen.set(item[key], item);
  }
  return [...seen.values()];
}

export function readResources(raw: readonly JsonValue[], limits: Limits): readonly ResourceDescription[] {
  return usable(raw, 'uri', limits.resources).map((item) => ({
    uri: item.uri as string,
    name: typeof item.name === 'string' ? neutralise(item.name).text : (item.uri as string),
    ...described(item, limits),
    ...(typeof item.mimeType === 'string' ? { mimeType: item.mimeType } : {}),
  }));
}

export function readTemplates(raw: readonly JsonValue[], limits: Limits): readonly ResourceTemplate[] {
  return usable(raw, 'uriTemplate', limits.resources).map((item) => ({
    uriTemplate: item.uriTemplate as string,
    name: typeof item.name === 'string' ? neutralise(item.name).text : (item.uriTemplate as string),
    ...described(item, limits),
    ...(typeof item.mimeType === 'string' ? { mimeType: item.mimeType } : {}),
  }));
}

export function readPrompts(raw: readonly JsonValue[], limits: Limits): readonly PromptDescription[] {
  return usable(raw, 'name', limits.prompts).map((item) => ({
    name: item.name as string,
    ...described(item, limits),
    arguments: (Array.isArray(item.arguments) ? (item.arguments as readonly JsonValue[]) : []).flatMap((argument) => {
      if (!isJsonObject(argument) || typeof argument.name !== 'string') return [];
      const description = readText(argument.description, 'description', limits.description, []);
      return [{ name: argument.name, ...(description === undefined ? {} : { description }), ...(typeof argument.required === 'boolean' ? { required: argument.required } : {}) }];
    }),
  }));
}
