import * as vscode from 'vscode';
import type { Catalog, CatalogTool } from '../../catalog/catalog.js';
import type { Declarations } from './declarations.js';
import { effectWords } from './effectWords.js';

interface ToolItem extends vscode.QuickPickItem {
  readonly tool: CatalogTool;
}

const openButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('go-to-file'), tooltip: 'Open Declaration' };
const tryButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('beaker'), tooltip: 'Try Tool' };

/**
 * Picks among all tools; the declaration is shown where the cursor is, or opened where no editor is.
 * The items are made once for each version of the catalog: with 5,000 tools the list still opens at once.
 */
export class ApiInspector {
  private items: { readonly version: number; readonly items: readonly ToolItem[] } | undefined;

  constructor(
    private readonly catalog: Catalog,
    private readonly declarations: Declarations,
  ) {}

  /** @param complete settles when every server has listed its tools: what is known by then is shown at once. */
  async inspect(complete: Promise<void>): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const pick = vscode.window.createQuickPick<ToolItem>();
    pick.title = 'Inspect API';
    pick.placeholder = 'A tool, a server, or what it should do';
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.items = this.all();
    pick.busy = true;
    void complete.catch(() => undefined).then(() => (pick.busy = false));
    const word = wordAt(editor);
    const named = word === undefined ? undefined : pick.items.find((item) => item.label === word || item.tool.member === word);
    if (named !== undefined) pick.activeItems = [named];
    const listening = this.catalog.onDidChange(() => (pick.items = this.all()));
    try {
      const chosen = await new Promise<{ readonly tool: CatalogTool; readonly how: 'peek' | 'open' | 'try' } | undefined>((resolve) => {
        pick.onDidAccept(() => {
          const [item] = pick.activeItems;
          resolve(item === undefined ? undefined : { tool: item.tool, how: editor === undefined ? 'open' : 'peek' });
        });
        pick.onDidTriggerItemButton(({ item, button }) => resolve({ tool: item.tool, how: button === tryButton ? 'try' : 'open' }));
        pick.onDidHide(() => resolve(undefined));
        pick.show();
      });
      pick.hide();
      if (chosen !== undefined) await this.show(chosen.tool, chosen.how, editor);
    } finally {
      listening.dispose();
      pick.dispose();
    }
  }

  private async show(tool: CatalogTool, how: 'peek' | 'open' | 'try', editor: vscode.TextEditor | undefined): Promise<void> {
    if (how === 'try') await vscode.commands.executeCommand('codemode.tryTool', tool.ref);
    else if (how === 'open' || editor === undefined) await this.declarations.open(tool);
    else {
      await vscode.window.showTextDocument(editor.document, editor.viewColumn);
      await vscode.commands.executeCommand('editor.action.peekLocations', editor.document.uri, editor.selection.active, [this.declarations.locate(tool)], 'peek');
    }
  }

  private all(): readonly ToolItem[] {
    const { version, servers } = this.catalog.current;
    if (this.items?.version !== version) {
      const items = servers.flatMap((server) => server.tools.map(itemOf));
      this.items = { version, items };
    }
    return this.items.items;
  }
}

function itemOf(tool: CatalogTool): ToolItem {
  const look = effectWords[tool.effect];
  return {
    tool,
    label: `${tool.namespace}.${tool.member}`,
    description: `$(${look.icon}) ${look.word}`,
    detail: firstSentence(tool.description),
    buttons: [openButton, tryButton],
  };
}

function firstSentence(text: string | undefined): string | undefined {
  const line = text?.split('\n').find((each) => each.trim() !== '')?.trim();
  const sentence = line === undefined ? undefined : (/^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line);
  return sentence !== undefined && sentence.length > 160 ? `${sentence.slice(0, 157)}…` : sentence;
}

/** The tool under the cursor, as `server.tool` or just the tool. */
function wordAt(editor: vscode.TextEditor | undefined): string | undefined {
  if (editor === undefined) return undefined;
  const range = editor.document.getWordRangeAtPosition(editor.selection.active, /[\w$]+(?:\.[\w$]+)?/);
  return range === undefined ? undefined : editor.document.getText(range);
}
