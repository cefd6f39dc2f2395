import * as vscode from 'vscode';
import { CallFailure, type CallContext, type SourceState, type ToolDescription, type ToolResult, type ToolSource } from '../catalog/source.js';
import type { JsonObject, JsonSchema, JsonValue } from '../json.js';
import { Emitter } from '../lifecycle/event.js';

/** The tools other extensions gave the editor (`vscode.lm.tools`), as one more source. */
export class EditorTools implements ToolSource, vscode.Disposable {
  readonly id = 'editor';
  readonly kind = 'editor';
  readonly title = 'Editor tools';
  readonly instructions = 'Tools that other extensions gave VS Code.';
  readonly definitionHash = 'editor';
  readonly trusted = false;
  readonly state: SourceState = { kind: 'ready' };
  private readonly toolsChanged = new Emitter<void>();
  private readonly stateChanged = new Emitter<void>();
  readonly onDidChangeTools = this.toolsChanged.event;
  readonly onDidChangeState = this.stateChanged.event;
  private known: readonly ToolDescription[];
  private readonly listening: vscode.Disposable;

  /** @param connected names of the MCP servers we hold a connection to: the editor's copies of their tools are left out. */
  constructor(private readonly connected: () => readonly string[]) {
    this.known = this.describe();
    // The stable API has no event for a changed tool list; extensions coming and going is when it changes.
    this.listening = vscode.extensions.onDidChange(() => this.refresh());
  }

  get tools(): readonly ToolDescription[] {
    return this.known;
  }

  /** Reads the editor's tool list again. */
  refresh(): void {
    const tools = this.describe();
    if (JSON.stringify(tools) === JSON.stringify(this.known)) return;
    this.known = tools;
    this.toolsChanged.fire();
  }

  async call(tool: string, args: JsonObject, context: CallContext): Promise<ToolResult> {
    const source = new vscode.CancellationTokenSource();
    const abort = (): void => source.cancel();
    context.signal.addEventListener('abort', abort, { once: true });
    try {
      const result = await vscode.lm.invokeTool(
        tool,
        { input: args, toolInvocationToken: context.toolInvocationToken as vscode.LanguageModelToolInvocationOptions<object>['toolInvocationToken'] },
        source.token,
      );
      return { ok: true, value: valueOf(result, context) };
    } catch (error) {
      if (error instanceof vscode.CancellationError) throw new CallFailure(`The editor's confirmation of ${tool} was declined or the call was stopped.`, 'unknown', { cause: error });
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    } finally {
      context.signal.removeEventListener('abort', abort);
      source.dispose();
    }
  }

  dispose(): void {
    this.listening.dispose();
    this.toolsChanged.dispose();
    this.stateChanged.dispose();
  }

  private describe(): readonly ToolDescription[] {
    const connected = this.connected().map((name) => name.toLowerCase().replace(/[^a-z0-9]+/g, '_').slice(0, 13));
    return vscode.lm.tools
      .filter((tool) => !tool.name.startsWith('codemode_') && !tool.tags.includes('codemode'))
      // VS Code names the tools of its MCP servers `mcp_<server>_<tool>`, the server's name shortened.
      .filter((tool) => !tool.name.startsWith('mcp_') || !connected.some((name) => tool.name.startsWith(`mcp_${name}`)))
      .map((tool) => ({
        name: tool.name,
        description: tool.description,
        inputSchema: (tool.inputSchema ?? { type: 'object' }) as JsonSchema,
      }));
  }
}

function valueOf(result: vscode.LanguageModelToolResult, context: CallContext): JsonValue | undefined {
  const parts: JsonValue[] = [];
  for (const part of result.content) {
    if (part instanceof vscode.LanguageModelTextPart) parts.push(parsed(part.value));
    else if (part instanceof vscode.LanguageModelDataPart) parts.push(context.keep({ mimeType: part.mimeType, data: part.data }));
    else if (part instanceof vscode.LanguageModelPromptTsxPart) parts.push(part.value as JsonValue);
  }
  return parts.length <= 1 ? parts[0] : parts;
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
