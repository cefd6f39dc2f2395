import * as vscode from 'vscode';
import type { SamplingRequest } from '../../mcp/ports.js';

/** Servers that may use a model until the window closes. */
export type SamplingConsents = Set<string>;

/** Answers a server that asks for a model (MCP 2025-11-25, Sampling), once the developer said it may. */
export async function sample(
  request: SamplingRequest,
  signal: AbortSignal,
  consents: SamplingConsents,
): Promise<{ readonly model: string; readonly text: string } | undefined> {
  if (!(await consented(request, consents)) || signal.aborted) return undefined;
  const [model] = await vscode.lm.selectChatModels();
  if (model === undefined) return undefined;
  const messages = request.messages.map((message) =>
    message.role === 'user'
      ? vscode.LanguageModelChatMessage.User(message.text)
      : vscode.LanguageModelChatMessage.Assistant(message.text),
  );
  // The API has no system role: what a server wants said ahead is said as the first message.
  if (request.systemPrompt !== undefined) messages.unshift(vscode.LanguageModelChatMessage.User(request.systemPrompt));
  const source = new vscode.CancellationTokenSource();
  const abort = (): void => source.cancel();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const response = await model.sendRequest(messages, { justification: `The MCP server “${request.server}” asks for an answer.` }, source.token);
    let text = '';
    for await (const part of response.text) text += part;
    return { model: model.id, text };
  } finally {
    signal.removeEventListener('abort', abort);
    source.dispose();
  }
}

async function consented(request: SamplingRequest, consents: SamplingConsents): Promise<boolean> {
  if (consents.has(request.server)) return true;
  const preview = request.messages.map((message) => message.text).join('\n\n');
  const answer = await vscode.window.showInformationMessage(
    `The MCP server “${request.server}” wants to ask a language model. This may count against your model's quota.`,
    { modal: true, detail: preview.length > 1500 ? `${preview.slice(0, 1500)} …` : preview },
    'Allow Once',
    'Allow in This Session',
  );
  if (answer === 'Allow in This Session') consents.add(request.server);
  return answer !== undefined;
}
