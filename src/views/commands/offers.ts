import * as vscode from 'vscode';
import type { Attachment, Complete, Handle, PromptOffer, ReadContext, ResourceOffer, ToolResult } from '../../catalog/source.js';
import { promptDefinition } from '../../catalog/definition.js';
import type { LateServers } from '../../editor/lateServers.js';
import { DisposableStore, type Disposable } from '../../lifecycle/disposable.js';
import type { McpServer } from '../../mcp/servers.js';

const scheme = 'codemode-resource';

/** Servers' resources as read-only documents, kept current while they are open, and their prompts for the chat. */
export function registerOfferCommands(servers: LateServers): vscode.Disposable {
  const store = new DisposableStore();
  const documents = store.add(new ResourceDocuments(servers));
  const command = (id: string, act: () => Promise<void>): void => {
    store.add(
      vscode.commands.registerCommand(`codemode.${id}`, async () => {
        try {
          await act();
        } catch (error) {
          void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
        }
      }),
    );
  };
  command('openResource', async () => {
    const picked = await pickResource(servers);
    if (picked !== undefined) await documents.open(picked.server, picked.uri);
  });
  command('usePrompt', async () => usePrompt(servers));
  return store;
}

async function pickResource(servers: LateServers): Promise<{ readonly server: McpServer; readonly uri: string } | undefined> {
  const server = await pickServer(servers, 'Open Resource', ({ source }) => (source.resources?.resources.length ?? 0) + (source.resources?.templates.length ?? 0), 'resources');
  const offer = server?.source.resources;
  if (server === undefined || offer === undefined) return undefined;
  const items = [
    ...offer.resources.map(({ uri, name, title, description }) => ({ label: title ?? name, description: uri, detail: description, uri, template: undefined })),
    ...offer.templates.map(({ uriTemplate, name, title, description }) => ({ label: `$(symbol-variable) ${title ?? name}`, description: uriTemplate, detail: description, uri: undefined, template: uriTemplate })),
  ];
  const picked = await vscode.window.showQuickPick(items, { title: `Open Resource of ${server.name}`, placeHolder: 'A document, or a template to fill in', matchOnDescription: true, matchOnDetail: true });
  if (picked?.template === undefined) return picked?.uri === undefined ? undefined : { server, uri: picked.uri };
  const names = offer.variables(picked.template).map((name) => ({ name, required: true }));
  const values = await askArguments(`Open Resource of ${server.name}`, names, picked.template, offer.complete);
  return values === undefined ? undefined : { server, uri: offer.expand(picked.template, values) };
}

async function usePrompt(servers: LateServers): Promise<void> {
  const server = await pickServer(servers, 'Use Prompt', ({ source }) => source.prompts?.prompts.length ?? 0, 'prompts');
  const offer: PromptOffer | undefined = server?.source.prompts;
  if (server === undefined || offer === undefined) return;
  const picked = await vscode.window.showQuickPick(
    offer.prompts.map((prompt) => ({ label: prompt.title ?? prompt.name, description: `${server.source.pins?.approved(promptDefinition(prompt).name) === undefined ? '' : '$(warning) changed since you approved it · '}${prompt.name}`, detail: prompt.description, prompt })),
    { title: `Use Prompt of ${server.name}`, placeHolder: 'It is put into the chat; nothing is sent', matchOnDetail: true },
  );
  if (picked === undefined) return;
  const values = await askArguments(picked.label, picked.prompt.arguments, picked.prompt.name, offer.complete);
  if (values === undefined) return;
  const result = await reading(server, `“${picked.prompt.name}”`, (context) => offer.get(picked.prompt.name, values, context));
  const { messages = [] } = result as { readonly messages?: readonly { readonly content: unknown }[] };
  const text = messages.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))).join('\n\n');
  // It is a stranger's text: it stands in the input, and is sent by the person who read it.
  await vscode.commands.executeCommand('workbench.action.chat.open', { query: text, isPartialQuery: true });
}

async function pickServer(servers: LateServers, title: string, count: (server: McpServer) => number, what: string): Promise<McpServer | undefined> {
  await servers.ready();
  const offers = (): readonly McpServer[] => servers.servers.filter((server) => count(server) > 0);
  // Servers that are asked about or start just now tell what they offer in a moment.
  if (offers().length === 0 && servers.servers.length > 0) {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Asking servers for ${what}`, cancellable: true }, async (_progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      await servers.settled(stop.signal, startWaitMs);
    });
  }
  const offering = offers();
  if (offering.length === 0) {
    void vscode.window.showInformationMessage(`No server offers ${what}. One that was never started tells what it offers once it has been.`);
    return undefined;
  }
  if (offering.length === 1) return offering[0];
  return (await vscode.window.showQuickPick(offering.map((server) => ({ label: server.name, description: `${count(server)} ${what}`, server })), { title }))?.server;
}

/** Longest wait for servers that somebody is asked about, or that start. */
const startWaitMs = 120_000;

/** One step an argument, with what the server proposes for what is typed; undefined where the person gave up. */
async function askArguments(title: string, all: readonly { readonly name: string; readonly description?: string; readonly required?: boolean }[], of: string, complete: Complete | undefined): Promise<Record<string, string> | undefined> {
  const values: Record<string, string> = {};
  for (const [index, argument] of all.entries()) {
    const propose = async (typed: string, signal: AbortSignal): Promise<readonly string[]> => (complete === undefined ? [] : proposals(complete(of, argument.name, typed, { ...values }, { signal, onProgress: () => undefined, keep: named })));
    const value = await askArgument(`${title} (${index + 1} of ${all.length})`, argument, propose);
    if (value === undefined) return undefined;
    if (value !== '') values[argument.name] = value;
  }
  return values;
}

/** Nobody who types waits longer for a proposal (ms). */
const proposalTimeout = 10_000;

/** Proposals are a help: whatever goes wrong with them, there are none. */
async function proposals(asked: Promise<ToolResult>): Promise<readonly string[]> {
  const result = await asked.catch(() => undefined);
  return result?.ok === true && Array.isArray(result.value) ? (result.value as readonly string[]) : [];
}

function askArgument(title: string, { name, description, required = false }: { readonly name: string; readonly description?: string; readonly required?: boolean }, propose: (typed: string, signal: AbortSignal) => Promise<readonly string[]>): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick();
  const store = new DisposableStore();
  store.add(pick);
  let asked = new AbortController();
  const leaveOut: vscode.QuickPickItem = { label: '$(dash) Leave out', alwaysShow: true };
  const refresh = async (typed: string): Promise<void> => {
    asked.abort();
    const own = (asked = new AbortController());
    pick.busy = true;
    const found = await propose(typed, AbortSignal.any([own.signal, AbortSignal.timeout(proposalTimeout)]));
    if (own.signal.aborted) return;
    pick.busy = false;
    const first = typed === '' ? (required ? [] : [leaveOut]) : found.includes(typed) ? [] : [{ label: typed, description: 'as typed', alwaysShow: true }];
    pick.items = [...first, ...found.map((label) => ({ label, alwaysShow: true }))];
  };
  return new Promise((resolve) => {
    pick.title = title;
    pick.placeholder = `${name}${description === undefined ? '' : `: ${description}`}${required ? '' : ' (optional)'}`;
    pick.ignoreFocusOut = true;
    store.add(pick.onDidChangeValue((typed) => void refresh(typed)));
    store.add(pick.onDidAccept(() => {
      const [item] = pick.activeItems;
      const given = item === leaveOut ? '' : (item?.label ?? pick.value);
      if (required && given === '') return;
      resolve(given);
      pick.hide();
    }));
    store.add(pick.onDidHide(() => {
      asked.abort();
      resolve(undefined);
      store.dispose();
    }));
    pick.show();
    void refresh('');
  });
}

const named = ({ mimeType, data, name }: Attachment): Handle => ({ handle: name ?? 'bytes', mimeType, bytes: data.length });

function isBytes(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'handle' in value && 'mimeType' in value && 'bytes' in value;
}

/** Reads for a person, who can cancel; bytes are named, not shown. */
async function reading(server: McpServer, what: string, read: (context: ReadContext) => Promise<ToolResult>, isAgain = false): Promise<unknown> {
  return vscode.window.withProgress({ location: isAgain ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification, title: `Reading ${what} of ${server.name}`, cancellable: true }, async (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    const result = await read({ signal: stop.signal, onProgress: ({ message }) => progress.report({ message }), keep: named });
    if (!result.ok) throw new Error(`${server.name}: ${result.message}`);
    return result.value;
  });
}

/** What a server tells changes of is read again when it does, for as long as it is shown. */
class ResourceDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;
  private readonly watching = new Map<string, Disposable>();

  constructor(private readonly servers: LateServers) {
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    this.store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      this.watching.get(uri.toString())?.dispose();
      this.watching.delete(uri.toString());
    }));
  }

  async open(server: McpServer, resource: string): Promise<void> {
    const name = resource.split(/[/?#]/).filter(Boolean).at(-1) ?? 'resource';
    const uri = vscode.Uri.from({ scheme, authority: encodeURIComponent(server.source.id), path: `/${name}`, query: resource });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const server = this.servers.find(decodeURIComponent(uri.authority));
    const offer: ResourceOffer | undefined = server?.source.resources;
    if (server === undefined || offer === undefined) return 'The server of this resource is not there any more.';
    const key = uri.toString();
    const isAgain = this.watching.has(key);
    if (offer.watch !== undefined && !isAgain) this.watching.set(key, offer.watch(uri.query, () => this.changed.fire(uri)));
    const value = await reading(server, uri.query, (context) => offer.read(uri.query, context), isAgain);
    if (isBytes(value)) return `This resource is sent as bytes: ${value.mimeType}, ${value.bytes} bytes. A script reads it with codemode.resources.read and codemode.read.\n`;
    return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  }

  dispose(): void {
    for (const each of this.watching.values()) each.dispose();
    this.store.dispose();
  }
}
