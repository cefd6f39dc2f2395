import * as vscode from 'vscode';
import type { Catalog } from '../catalog/catalog.js';
import type { Discovery } from '../discovery/discovery.js';
import type { RunId } from '../ids.js';
import type { RunEvent } from '../runs/events.js';
import { failureForModel } from '../runs/failure.js';
import type { RunHistory, Runs } from '../runs/run.js';
import type { Assistant, RunAnswer } from './assistant.js';
import { conversationOf, metadataOf, participantId, type TurnMetadata } from './conversation.js';
import { runScript, toolLoop } from './loop.js';
import { systemPrompt } from './prompt.js';
import { tellReviews, type StreamRooms } from './runStream.js';
import { signalOf } from './signal.js';

export interface ParticipantRooms extends StreamRooms {
  readonly assistant: Assistant;
  readonly runs: Runs;
  readonly history: RunHistory;
  readonly catalog: Catalog;
  readonly discovery: Discovery;
  readonly ready: (signal?: AbortSignal) => Promise<void>;
  readonly folders: () => readonly string[];
  readonly surfaceTokens: () => number;
  readonly rounds: () => number;
}

/** Characters of a report that the next turn is told of again. */
const rememberedCharacters = 3_000;

/** `@codemode` in the chat view. */
export function registerParticipant(rooms: ParticipantRooms, extension: vscode.Uri): vscode.Disposable {
  const participant = vscode.chat.createChatParticipant(participantId, async (request, context, stream, token) => {
    const stop = signalOf(token);
    try {
      return await new Turn(rooms, request, context, stream, token, stop.signal).answer();
    } finally {
      stop.dispose();
    }
  });
  participant.iconPath = vscode.Uri.joinPath(extension, 'media', 'icon.png');
  return participant;
}

class Turn {
  private readonly conversation;

  constructor(
    private readonly rooms: ParticipantRooms,
    private readonly request: vscode.ChatRequest,
    private readonly context: vscode.ChatContext,
    private readonly stream: vscode.ChatResponseStream,
    private readonly token: vscode.CancellationToken,
    private readonly signal: AbortSignal,
  ) {
    this.conversation = conversationOf(context);
  }

  async answer(): Promise<vscode.ChatResult> {
    if (!vscode.workspace.isTrusted) {
      this.stream.markdown('Scripts, built-in tools and MCP servers stay off until you trust this workspace.\n\n');
      this.stream.button({ command: 'workbench.trust.manage', title: 'Manage Workspace Trust' });
      return this.result([]);
    }
    await this.connected();
    switch (this.request.command) {
      case 'run':
        return this.result(await this.runGiven());
      case 'api':
        return this.api();
      case 'explain':
        return this.explain();
      default:
        return this.ask(this.request.prompt);
    }
  }

  /** New servers are asked about and started first: a model must not be told of tools that nobody has seen yet. */
  private async connected(): Promise<void> {
    const slow = setTimeout(() => this.stream.progress('Waiting for MCP servers: new ones need your answer, and a moment to start'), 1_000);
    try {
      await this.rooms.ready(this.signal);
    } finally {
      clearTimeout(slow);
    }
  }

  private async ask(prompt: string): Promise<vscode.ChatResult> {
    const { rooms, request, stream, token, signal, conversation } = this;
    const messages = [
      vscode.LanguageModelChatMessage.User(systemPrompt(rooms.discovery.surface(rooms.surfaceTokens()), rooms.folders())),
      ...this.earlier(),
      vscode.LanguageModelChatMessage.User(await withReferences(prompt, request.references)),
    ];
    const runs = await toolLoop({
      assistant: rooms.assistant,
      rooms,
      stream,
      model: request.model,
      messages,
      conversation,
      rounds: rooms.rounds(),
      token,
      signal,
      toolInvocationToken: request.toolInvocationToken,
    });
    return this.result(runs);
  }

  /** `/run`: the code in the message, else the open script. */
  private async runGiven(): Promise<readonly RunAnswer[]> {
    const block = /```[^\n]*\n([\s\S]*?)```/.exec(this.request.prompt)?.[1] ?? this.request.prompt;
    const editor = vscode.window.activeTextEditor;
    const script = block.trim() !== '' ? block : editor?.document.getText();
    if (script === undefined || script.trim() === '') {
      this.stream.markdown('Write the script after `/run`, or open one first.');
      return [];
    }
    const title = block.trim() !== '' ? 'Script from chat' : (editor?.document.uri.path.split('/').at(-1) ?? 'Script');
    const { assistant } = this.rooms;
    const { stream, conversation, signal } = this;
    const answer = await runScript({ title, script }, { assistant, rooms: this.rooms, stream, conversation, signal, toolInvocationToken: this.request.toolInvocationToken });
    if (answer.outcome.status === 'rejected' || answer.outcome.status === 'finished') stream.markdown(`\n\n\`\`\`\n${answer.report.replaceAll('```', "'''")}\n\`\`\`\n`);
    return [answer];
  }

  /** `/api`: signatures, each linked to its declaration. */
  private api(): vscode.ChatResult {
    const { discovery, catalog } = this.rooms;
    const query = this.request.prompt.trim();
    if (query === '') {
      this.stream.markdown(`Name what you look for, for example \`/api commit\`. There are:\n\n`);
      for (const server of discovery.servers()) this.stream.markdown(`- **${server.name}**: ${server.title}, ${server.tools} tools, ${server.state}\n`);
      return this.result([]);
    }
    const page = discovery.search(query, { limit: 12 });
    if (page.total === 0) this.stream.markdown(`No tool fits “${query}”. Other words may find it.`);
    for (const found of page.results) {
      const [namespace = '', member = ''] = found.name.split('.');
      const tool = catalog.current.find(namespace, member);
      // An anchor would show the file's name and line; the tool's own name is what is looked for.
      const text = new vscode.MarkdownString(tool === undefined ? `**${found.name}**` : `[${found.name}](command:codemode.openDeclaration?${encodeURIComponent(JSON.stringify([tool.ref]))})`);
      text.isTrusted = { enabledCommands: ['codemode.openDeclaration'] };
      text.appendMarkdown('  \n');
      text.appendText(found.summary);
      text.appendCodeblock(found.signature, 'typescript');
      this.stream.markdown(text);
    }
    if (page.total > page.results.length) this.stream.markdown(`${page.total - page.results.length} more fit.`);
    return this.result([]);
  }

  /** `/explain`: gives the model exactly what is known of one failure: of the run that is named, else of the last. */
  private async explain(): Promise<vscode.ChatResult> {
    const [, id, words = ''] = /^(?:([a-z0-9]{6,12}-[0-9a-f]{12})(?:\s+|$))?([^]*)$/.exec(this.request.prompt.trim()) ?? [];
    const events = id === undefined ? await this.lastFailure() : await this.rooms.history.open(id as RunId);
    const [created] = events ?? [];
    if (events === undefined || created?.type !== 'created') {
      this.stream.markdown(id === undefined ? 'No run failed.' : 'There is no readable record of this run.');
      return this.result([]);
    }
    this.stream.progress(`Looking at “${created.title}”`);
    const added = words === '' ? '' : `\n\nThe developer adds: ${words}`;
    return this.ask(`Explain in a few sentences why the run “${created.title}” failed and what to change. Do not run anything unless asked to.${added}\n\n${failureForModel(events)}`);
  }

  /** The newest failure: of this session, else of an earlier one. */
  private async lastFailure(): Promise<readonly RunEvent[] | undefined> {
    const { history } = this.rooms;
    const summary = (await history.list()).find(({ status }) => status === 'failed' || status === 'rejected');
    return summary === undefined ? undefined : history.open(summary.id);
  }

  private earlier(): vscode.LanguageModelChatMessage[] {
    const messages: vscode.LanguageModelChatMessage[] = [];
    for (const turn of this.context.history) {
      if (turn instanceof vscode.ChatRequestTurn) {
        if (turn.participant === participantId) messages.push(vscode.LanguageModelChatMessage.User(turn.prompt));
      } else if (turn.participant === participantId) {
        const text = turn.response.flatMap((part) => (part instanceof vscode.ChatResponseMarkdownPart ? [part.value.value] : [])).join('');
        const reports = metadataOf(turn)?.reports ?? [];
        const said = [text, ...reports.map((report) => `[result of codemode_run]\n${report}`)].filter((part) => part !== '').join('\n\n');
        if (said !== '') messages.push(vscode.LanguageModelChatMessage.Assistant(said));
      }
    }
    return messages;
  }

  private result(runs: readonly RunAnswer[]): vscode.ChatResult {
    tellReviews(runs, this.stream, this.rooms);
    const metadata: TurnMetadata = {
      conversation: this.conversation,
      runs: runs.map((answer) => answer.run.id),
      reports: runs.slice(-2).map((answer) => answer.report.slice(0, rememberedCharacters)),
    };
    return { metadata };
  }
}

/** The prompt with what was attached to it: files by path, selections by text. */
async function withReferences(prompt: string, references: readonly vscode.ChatPromptReference[]): Promise<string> {
  const parts: string[] = [];
  for (const { value } of references) {
    if (typeof value === 'string') parts.push(value);
    else if (value instanceof vscode.Uri) parts.push(`Attached file: ${vscode.workspace.asRelativePath(value)}`);
    else if (value instanceof vscode.Location) {
      const document = await vscode.workspace.openTextDocument(value.uri);
      parts.push(`Attached from ${vscode.workspace.asRelativePath(value.uri)}, line ${value.range.start.line + 1}:\n\`\`\`\n${document.getText(value.range)}\n\`\`\``);
    }
  }
  return parts.length === 0 ? prompt : `${prompt}\n\n${parts.join('\n\n')}`;
}
