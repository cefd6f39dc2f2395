import * as vscode from 'vscode';
import type { ConversationId } from '../ids.js';
import { BadInput, type Assistant, type RunAnswer } from './assistant.js';
import { RunStream, type StreamRooms } from './runStream.js';

export interface LoopOptions {
  readonly assistant: Assistant;
  readonly rooms: StreamRooms;
  readonly stream: vscode.ChatResponseStream;
  readonly model: vscode.LanguageModelChat;
  readonly messages: vscode.LanguageModelChatMessage[];
  readonly conversation: ConversationId;
  /** How often the model may ask for tools; after that it has to answer. */
  readonly rounds: number;
  readonly token: vscode.CancellationToken;
  readonly signal: AbortSignal;
  readonly toolInvocationToken: unknown;
}

const tools: readonly vscode.LanguageModelChatTool[] = [
  {
    name: 'codemode_search',
    description: 'Finds tools of the API by what they do. Returns one-line signatures, best first.',
    inputSchema: { type: 'object', required: ['query'], properties: { query: { type: 'string' }, server: { type: 'string', description: 'Only this server.' } } },
  },
  {
    name: 'codemode_describe',
    description: 'Returns the TypeScript declarations of the named tools and every type they need. Long texts end in “…”.',
    inputSchema: {
      type: 'object',
      required: ['names'],
      properties: { names: { type: 'array', items: { type: 'string' }, description: 'For example ["repo.read"].' }, full: { type: 'boolean', description: 'Texts whole.' } },
    },
  },
  {
    name: 'codemode_run',
    description: 'Type checks a TypeScript script and runs it in the sandbox. Edits and commits are staged for the review of the developer; the result says what happened.',
    inputSchema: {
      type: 'object',
      required: ['title', 'script'],
      properties: { title: { type: 'string', description: 'What the script is for, in a few words.' }, script: { type: 'string', description: 'TypeScript; top-level await and return are allowed.' } },
    },
  },
];

/** Lets the model search, describe and run until it answers. Returns the runs it made. */
export async function toolLoop(options: LoopOptions): Promise<readonly RunAnswer[]> {
  const { model, messages, stream, token, rounds } = options;
  const runs: RunAnswer[] = [];
  for (let round = 0; ; round++) {
    const last = round >= rounds;
    const response = await model.sendRequest(messages, { tools: last ? [] : [...tools], justification: 'Code Mode writes a script for your request.' }, token);
    let text = '';
    const calls: vscode.LanguageModelToolCallPart[] = [];
    for await (const part of response.stream) {
      if (part instanceof vscode.LanguageModelTextPart) {
        text += part.value;
        stream.markdown(part.value);
      } else if (part instanceof vscode.LanguageModelToolCallPart) {
        calls.push(part);
      }
    }
    if (calls.length === 0 || last || token.isCancellationRequested) {
      if (last) stream.markdown(`\n\nStopped after ${rounds} rounds; say “go on” to continue.`);
      return runs;
    }
    messages.push(vscode.LanguageModelChatMessage.Assistant([...(text === '' ? [] : [new vscode.LanguageModelTextPart(text)]), ...calls]));
    const results: vscode.LanguageModelToolResultPart[] = [];
    for (const call of calls) {
      const result = await perform(call, options, runs);
      results.push(new vscode.LanguageModelToolResultPart(call.callId, [new vscode.LanguageModelTextPart(result)]));
    }
    messages.push(vscode.LanguageModelChatMessage.User(results));
  }
}

async function perform(call: vscode.LanguageModelToolCallPart, options: LoopOptions, runs: RunAnswer[]): Promise<string> {
  const { assistant, stream } = options;
  try {
    switch (call.name) {
      case 'codemode_search':
        stream.progress('Searching the API');
        return await assistant.search(call.input);
      case 'codemode_describe':
        stream.progress('Reading declarations');
        return await assistant.describe(call.input);
      case 'codemode_run': {
        const answer = await runScript(assistant.readRun(call.input), options);
        runs.push(answer);
        return answer.report;
      }
      default:
        return `There is no tool ${call.name}; use codemode_search, codemode_describe or codemode_run.`;
    }
  } catch (error) {
    if (error instanceof BadInput) return error.message;
    throw error;
  }
}

/** Runs one script and tells of it in the answer. */
export async function runScript(
  script: { readonly title: string; readonly script: string },
  { assistant, rooms, stream, conversation, signal, toolInvocationToken }: Pick<LoopOptions, 'assistant' | 'rooms' | 'stream' | 'conversation' | 'signal' | 'toolInvocationToken'>,
): Promise<RunAnswer> {
  const told = new RunStream(stream, rooms);
  try {
    const answer = await assistant.run({
      ...script,
      origin: 'chat',
      conversation,
      signal,
      toolInvocationToken,
      onStart: (run) => told.start(run),
      onReview: (changeSet) => told.review(changeSet),
    });
    told.end(answer);
    return answer;
  } finally {
    told.dispose();
  }
}
