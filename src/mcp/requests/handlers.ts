import type { Client, CreateMessageResult, ElicitResult } from '@modelcontextprotocol/client';
import { pathToFileURL } from 'node:url';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import type { Limits } from '../limits.js';
import type { McpPorts, SamplingRequest } from '../ports.js';
import { neutralise } from '../neutralise.js';
import { readForm } from './form.js';

/** What we tell every server we can do for it. */
export const capabilities = {
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: {}, url: {} },
} as const;

interface Context {
  readonly server: string;
  readonly ports: McpPorts;
  readonly limits: Limits;
  readonly onLog: (text: string) => void;
  /** A person is asked until what is returned is called. */
  readonly onAsking: () => () => void;
}

/** An address a server may ask a person to open: a web page, nothing that runs or reads here. */
export function isWebAddress(url: string): boolean {
  return URL.canParse(url) && (new URL(url).protocol === 'https:' || new URL(url).protocol === 'http:');
}

async function elicit(params: JsonObject, context: Context, signal: AbortSignal): Promise<ElicitResult> {
  const message = neutralise(typeof params.message === 'string' ? params.message.slice(0, 4_000) : '').text;
  if (params.mode === 'url') {
    const url = typeof params.url === 'string' ? params.url : '';
    if (!isWebAddress(url)) {
      context.onLog(`It asked to open "${url.slice(0, 200)}", which is not a web address; refused`);
      return { action: 'decline' };
    }
    const answer = await context.ports.questions.elicit({ mode: 'url', server: context.server, message, url: new URL(url).href }, signal);
    return { action: answer.action };
  }
  const form = readForm(params.requestedSchema, message);
  if (form.kind === 'refused') {
    context.onLog(form.why);
    return { action: 'decline' };
  }
  const answer = await context.ports.questions.elicit({ mode: 'form', server: context.server, message, schema: form.schema }, signal);
  return answer.action === 'accept' ? { action: 'accept', content: { ...answer.content } as Record<string, string | number | boolean | string[]> } : { action: answer.action };
}

/** More than any model takes, in characters. */
const longestPrompt = 4_000_000;

async function sample(params: JsonObject, context: Context, signal: AbortSignal): Promise<CreateMessageResult> {
  let length = 0;
  // What a person is shown is what the model gets: nothing in it is hidden.
  const seen = (text: string): string => {
    length += text.length;
    if (length > longestPrompt) throw new Error('The prompt is longer than any model takes.');
    return neutralise(text).text;
  };
  const messages: { role: 'user' | 'assistant'; text: string }[] = [];
  for (const message of Array.isArray(params.messages) ? (params.messages as readonly JsonObject[]) : []) {
    const contents = Array.isArray(message.content) ? (message.content as readonly JsonObject[]) : [message.content as JsonObject];
    for (const content of contents) {
      if (!isJsonObject(content) || content.type !== 'text' || typeof content.text !== 'string') throw new Error('Only text can be sent to the model.');
      messages.push({ role: message.role === 'assistant' ? 'assistant' : 'user', text: seen(content.text) });
    }
  }
  const wished = isJsonObject(params.modelPreferences) ? params.modelPreferences.hints : undefined;
  const hints = (Array.isArray(wished) ? (wished as readonly JsonValue[]) : []).flatMap((hint) => (isJsonObject(hint) && typeof hint.name === 'string' ? [hint.name.slice(0, 100)] : [])).slice(0, 10);
  const request: SamplingRequest = {
    server: context.server,
    messages,
    maxTokens: typeof params.maxTokens === 'number' && params.maxTokens > 0 ? Math.min(params.maxTokens, 32_000) : 1_000,
    ...(typeof params.systemPrompt === 'string' ? { systemPrompt: seen(params.systemPrompt) } : {}),
    ...(hints.length === 0 ? {} : { models: hints }),
  };
  const answer = await context.ports.questions.sample(request, signal);
  if (answer === undefined) throw new Error('The user rejected the sampling request.');
  return { model: answer.model, role: 'assistant', content: { type: 'text', text: answer.text }, stopReason: answer.cut === true ? 'maxTokens' : 'endTurn' };
}

/** Answers what a server may ask of us: roots from the workspace, the rest from a person, who is not asked more at once than can be looked at. */
export function answerRequests(client: Client, context: Context): void {
  let open = 0;
  const asking = async <T>(ask: () => Promise<T>, tooMany: () => T): Promise<T> => {
    if (open >= context.limits.openQuestions) {
      context.onLog(`It asks while ${open} of its questions wait for an answer; that was refused`);
      return tooMany();
    }
    open++;
    const over = context.onAsking();
    try {
      return await ask();
    } finally {
      over();
      open--;
    }
  };
  client.setRequestHandler('roots/list', () => ({
    roots: context.ports.surroundings.folders.map((folder) => ({ uri: pathToFileURL(folder.path).href, name: folder.name })),
  }));
  client.setRequestHandler('elicitation/create', (request, extra) => asking<ElicitResult>(() => elicit(request.params as unknown as JsonObject, context, extra.mcpReq.signal), () => ({ action: 'cancel' })));
  client.setRequestHandler('sampling/createMessage', (request, extra) =>
    asking<CreateMessageResult>(
      () => sample(request.params as unknown as JsonObject, context, extra.mcpReq.signal),
      () => {
        throw new Error('Too many questions of this server wait for an answer.');
      },
    ),
  );
}
