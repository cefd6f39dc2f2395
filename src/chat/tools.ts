import * as vscode from 'vscode';
import type { Attachment } from '../catalog/source.js';
import type { Assistant } from './assistant.js';
import { BadInput } from './assistant.js';
import { conversationOfToken } from './conversation.js';
import { signalOf } from './signal.js';

/** Longest script that a confirmation shows whole. */
const shownCharacters = 6_000;

/** The tools that any chat may use, Copilot's agent mode above all. */
export function registerTools(assistant: Assistant): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.lm.registerTool('codemode_search', {
      prepareInvocation: () => ({ invocationMessage: 'Searching the Code Mode API' }),
      invoke: async (options) => answer(() => assistant.search(options.input)),
    }),
    vscode.lm.registerTool('codemode_describe', {
      prepareInvocation: () => ({ invocationMessage: 'Reading declarations' }),
      invoke: async (options) => answer(() => assistant.describe(options.input)),
    }),
    vscode.lm.registerTool('codemode_run', new RunTool(assistant)),
  );
}

class RunTool implements vscode.LanguageModelTool<unknown> {
  constructor(private readonly assistant: Assistant) {}

  prepareInvocation(options: vscode.LanguageModelToolInvocationPrepareOptions<unknown>): vscode.PreparedToolInvocation {
    const { title, script } = this.read(options.input);
    const message = new vscode.MarkdownString();
    message.appendCodeblock(script.length > shownCharacters ? `${script.slice(0, shownCharacters)}\n// … ${script.length - shownCharacters} more characters, shown in the Code Mode view` : script, 'typescript');
    message.appendMarkdown('It runs in a sandbox. What it edits waits for your review; other effects ask in the Code Mode view.');
    return {
      invocationMessage: `Running “${title}”`,
      // Never taken for our own decision: this confirmation can be switched off in the settings.
      confirmationMessages: { title: `Run “${title}”?`, message },
    };
  }

  async invoke(options: vscode.LanguageModelToolInvocationOptions<unknown>, token: vscode.CancellationToken): Promise<vscode.LanguageModelToolResult> {
    const stop = signalOf(token);
    try {
      return await answer(async (images) => {
        const { title, script } = this.assistant.readRun(options.input);
        const { toolInvocationToken } = options;
        const { report, run } = await this.assistant.run({ title, script, origin: 'agent', conversation: conversationOfToken(toolInvocationToken), signal: stop.signal, toolInvocationToken });
        images.push(...(await run.images()));
        return report;
      });
    } finally {
      stop.dispose();
    }
  }

  private read(input: unknown): { readonly title: string; readonly script: string } {
    try {
      return this.assistant.readRun(input);
    } catch {
      return { title: 'Script', script: '// The model sent no script.' };
    }
  }
}

/** A model that asked wrongly is told so as an answer: an exception would end its turn. */
async function answer(work: (images: Attachment[]) => Promise<string>): Promise<vscode.LanguageModelToolResult> {
  const images: Attachment[] = [];
  try {
    const said = new vscode.LanguageModelTextPart(await work(images));
    return new vscode.LanguageModelToolResult([said, ...images.map(({ data, mimeType }) => vscode.LanguageModelDataPart.image(data, mimeType))]);
  } catch (error) {
    if (error instanceof BadInput) return text(error.message);
    throw error;
  }
}

function text(value: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(value)]);
}
