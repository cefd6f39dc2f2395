import { UrlElicitationRequiredError } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonValue } from '../../json.js';
import type { Event } from '../../lifecycle/event.js';
import { neutralise } from '../neutralise.js';
import type { Questions } from '../ports.js';
import { isWebAddress } from './handlers.js';

/** A page that a person has to visit before a request can be answered. */
export interface Page {
  readonly id: string;
  readonly url: string;
  readonly message: string;
}

/** More than anybody visits for one call. */
const mostPages = 4;

/** What an error asks for before the request is made again (MCP 2025-11-25, URL elicitation required error); only web pages. */
export function pagesOf(error: unknown): readonly Page[] | undefined {
  if (!(error instanceof UrlElicitationRequiredError)) return undefined;
  const pages = (error.elicitations as readonly JsonValue[]).flatMap((each): readonly Page[] => {
    if (!isJsonObject(each) || typeof each.url !== 'string' || !isWebAddress(each.url)) return [];
    return [{ id: typeof each.elicitationId === 'string' ? each.elicitationId : '', url: new URL(each.url).href, message: neutralise(typeof each.message === 'string' ? each.message.slice(0, 4_000) : '').text }];
  });
  return pages.length === 0 || pages.length > mostPages || pages.length < error.elicitations.length ? undefined : pages;
}

/** Shows the pages one after the other, then waits until the server or the person says that it is done. False is a no. */
export async function visit(server: string, pages: readonly Page[], questions: Questions, onDone: Event<string>, signal: AbortSignal): Promise<boolean> {
  const open = new Set(pages.map(({ id }) => id).filter(Boolean));
  const told = new AbortController();
  const listening = onDone((id) => {
    if (open.delete(id) && open.size === 0) told.abort();
  });
  try {
    for (const { url, message } of pages) {
      const answer = await questions.elicit({ mode: 'url', server, message, url }, signal);
      if (answer.action !== 'accept') return false;
    }
    if (told.signal.aborted) return true;
    return (await questions.finished(server, AbortSignal.any([signal, told.signal]))) || told.signal.aborted;
  } finally {
    listening.dispose();
  }
}
