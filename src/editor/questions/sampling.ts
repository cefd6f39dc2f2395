import * as vscode from 'vscode';
import type { SamplingRequest } from '../../mcp/ports.js';
import { preferred, type SamplingBudget } from '../../mcp/requests/budget.js';

/** Longest prompt that the question itself shows; all of it can be opened. */
const shownCharacters = 1_500;

/** Models the developer chose for servers, until the window closes. */
const chosen = new Map<string, string>();

/** Answers a server that asks for a model (MCP 2025-11-25, Sampling), once the developer has seen what and said it may. */
export async function sample(
  request: SamplingRequest,
  signal: AbortSignal,
  budget: SamplingBudget,
): Promise<{ readonly model: string; readonly text: string; readonly cut?: boolean } | undefined> {
  const models = await vscode.lm.selectChatModels();
  if (models.length === 0) throw new Error('There is no language model in this editor. Sign in to one, or add one, in the chat view.');
  const wished = models.find(({ id }) => id === chosen.get(request.server)) ?? preferred(models, request.models)!;
  const messages = request.messages.map((message) => (message.role === 'user' ? vscode.LanguageModelChatMessage.User(message.text) : vscode.LanguageModelChatMessage.Assistant(message.text)));
  // The API has no system role: what a server wants said ahead is said as the first message.
  if (request.systemPrompt !== undefined) messages.unshift(vscode.LanguageModelChatMessage.User(request.systemPrompt));
  const source = new vscode.CancellationTokenSource();
  const abort = (): void => source.cancel();
  signal.addEventListener('abort', abort, { once: true });
  try {
    let prompt = 0;
    for (const message of messages) prompt += await wished.countTokens(message, source.token);
    const yes = await agreed(request, wished, models, prompt, budget);
    if (yes === undefined || signal.aborted) return undefined;
    const { model } = yes;
    budget.spend(request.server, prompt);
    const response = await model.sendRequest(messages, { justification: `The MCP server “${request.server}” asks for an answer.` }, source.token);
    let text = '';
    let cut = false;
    // No model is told to stop: about four characters are a token, and what is beyond is not waited for.
    for await (const part of response.text) {
      text += part;
      cut = text.length > request.maxTokens * 4;
      if (cut) break;
    }
    if (cut) source.cancel();
    const answer = text.slice(0, request.maxTokens * 4);
    budget.spend(request.server, Math.ceil(answer.length / 4));
    if (!yes.once) return { model: model.id, text: answer, cut };
    const reviewed = await reviewedAnswer(request.server, model.name, answer);
    if (reviewed === undefined || signal.aborted) return undefined;
    return { model: model.id, text: reviewed, cut: cut && reviewed === answer };
  } finally {
    signal.removeEventListener('abort', abort);
    source.dispose();
  }
}

/** A yes to one request, whose answer is looked at as well, or to what the server asks in this window. */
interface Yes {
  readonly model: vscode.LanguageModelChat;
  readonly once: boolean;
}

/** The model that may answer, or nothing. The question comes back after looking at the prompt or choosing a model. */
async function agreed(request: SamplingRequest, wished: vscode.LanguageModelChat, models: readonly vscode.LanguageModelChat[], prompt: number, budget: SamplingBudget): Promise<Yes | undefined> {
  const { server, maxTokens } = request;
  if (budget.covers(server, prompt + maxTokens)) return { model: wished, once: false };
  let model = wished;
  for (;;) {
    const whole = [...(request.systemPrompt === undefined ? [] : [`System: ${request.systemPrompt}`]), ...request.messages.map(({ role, text }) => `${role === 'user' ? 'User' : 'Assistant'}: ${text}`)].join('\n\n');
    const spent = budget.spent(server);
    const detail = [
      `Model: ${model.name}. Prompt: about ${prompt} tokens; answer: at most ${maxTokens}. This may count against your quota. After Allow Once you see the answer before the server does.`,
      ...(spent > 0 ? [`It has used about ${spent} tokens in this window${budget.isUsedUp(server, prompt + maxTokens) ? ', and what you allowed for it is used up' : ''}.`] : []),
      whole.length > shownCharacters ? `${whole.slice(0, shownCharacters)} …` : whole,
    ].join('\n\n');
    const show = 'Show Whole Prompt';
    const choose = 'Choose Model…';
    const session = 'Allow in This Session';
    const answer = await vscode.window.showInformationMessage(`The MCP server “${server}” wants to ask a language model.`, { modal: true, detail }, 'Allow Once', session, ...(models.length > 1 ? [choose] : []), ...(whole.length > shownCharacters ? [show] : []));
    switch (answer) {
      case show:
        await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: whole, language: 'markdown' }), { preview: true });
        break;
      case choose: {
        const picked = await vscode.window.showQuickPick(models.map((each) => ({ label: each.name, description: each.vendor, model: each })), { title: `Model for “${server}”`, ignoreFocusOut: true });
        if (picked !== undefined) {
          ({ model } = picked);
          chosen.set(server, model.id);
        }
        break;
      }
      case session:
        budget.allow(server);
        return { model, once: false };
      default:
        return answer === undefined ? undefined : { model, once: true };
    }
  }
}

/** The answer as the developer lets the server have it, perhaps edited, or nothing (MCP 2025-11-25, Sampling: the user reviews it). */
async function reviewedAnswer(server: string, model: string, answer: string): Promise<string | undefined> {
  const send = 'Send Answer';
  const edit = 'Edit Answer…';
  for (let text = answer; ; ) {
    const detail = text.length > shownCharacters ? `${text.slice(0, shownCharacters)} …\n\nEdit it to see all ${text.length.toLocaleString('en')} characters.` : text;
    const said = await vscode.window.showInformationMessage(`The MCP server “${server}” gets this answer of ${model}${text === answer ? '' : ', as you edited it'}.`, { modal: true, detail }, send, edit);
    if (said !== edit) return said === send ? text : undefined;
    text = await editedText(text, server);
  }
}

/** A text as somebody leaves it in an editor; whichever way they leave, they are asked what to do with it. */
async function editedText(text: string, server: string): Promise<string> {
  const document = await vscode.workspace.openTextDocument({ content: text, language: 'plaintext' });
  await vscode.window.showTextDocument(document, { preview: false });
  let closing: vscode.Disposable | undefined;
  const closed = new Promise<void>((resolve) => {
    closing = vscode.workspace.onDidCloseTextDocument((gone) => {
      if (gone === document) resolve();
    });
  });
  await Promise.race([closed, vscode.window.showInformationMessage(`Edit the answer for “${server}” in the editor. It is not sent before you have seen it once more.`, 'Done')]);
  closing?.dispose();
  const edited = document.getText();
  if (!document.isClosed) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  return edited;
}
