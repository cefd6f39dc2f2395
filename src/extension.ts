import path from 'node:path';
import * as vscode from 'vscode';
import { createAnalysisSource } from './builtin/analysis/source.js';
import { createGitSource } from './builtin/git/source.js';
import { createRepoSource } from './builtin/repo/source.js';
import { createCatalog } from './catalog/catalogOf.js';
import { Assistant } from './chat/assistant.js';
import { exposeAssistant } from './chat/exposed.js';
import { registerParticipant } from './chat/participant.js';
import { registerTools } from './chat/tools.js';
import { createChecker } from './checker/client.js';
import { createResultJudge } from './checker/result/client.js';
import { createDiscovery } from './discovery/discoveryOf.js';
import { registerCommits } from './editor/commits.js';
import { createOpenDocuments } from './editor/documents.js';
import { EditorTools } from './editor/editorTools.js';
import { findGit, findRipgrep, findTypeScript } from './editor/executables.js';
import { ExposedServer } from './editor/exposedServer.js';
import { createEditorKnowledge } from './editor/knowledge.js';
import { LateServers } from './editor/lateServers.js';
import { createLogs } from './editor/log.js';
import { createMemory } from './editor/memory.js';
import { NativeServers } from './editor/nativeServers.js';
import { PolicyConfiguration } from './editor/policySettings.js';
import { createQuestions } from './editor/questions/questions.js';
import { createSecrets } from './editor/secrets.js';
import * as settings from './editor/settings.js';
import { createSignIn } from './editor/signIn.js';
import { SourceSelection } from './editor/sources.js';
import { StagedFiles } from './editor/stagedFiles.js';
import { createSurroundings, fileUri, localFolders } from './editor/surroundings.js';
import { UserFiles } from './editor/userFiles.js';
import { WorkspaceTypings } from './editor/workspaceTypings.js';
import type { JsonObject } from './json.js';
import { DisposableStore } from './lifecycle/disposable.js';
import { createChangeSets } from './runs/changes/changeSets.js';
import { codemodeDeclaration } from './runs/codemode.js';
import { SamplingBudget } from './mcp/requests/budget.js';
import { createClaims } from './runs/claims.js';
import { createRuns } from './runs/runs.js';
import { extraDeclarations, removedGlobals } from './sandbox/globals.js';
import { createSandboxPool } from './sandbox/pool.js';
import { inferSchema, mergeSchemas } from './typings/infer.js';
import { createTypings } from './typings/workspace/snapshot.js';
import { registerExposedCommands } from './views/commands/exposed.js';
import { ReviewDesk } from './views/review/desk.js';
import { ValueDocuments } from './views/values.js';
import { Views } from './views/views.js';

let close: (() => Promise<void>) | undefined;

/** Constructs and connects; what it throws is shown here, because the editor would only log it. */
export async function activate(context: vscode.ExtensionContext): Promise<unknown> {
  try {
    return await start(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(error);
    void vscode.window.showErrorMessage(`Code Mode could not start: ${reason}`, 'Reload Window').then(async (answer) => {
      if (answer !== undefined) await vscode.commands.executeCommand('workbench.action.reloadWindow');
    });
    return undefined;
  }
}

/** Ends runs, servers and workers before the host goes away. */
export async function deactivate(): Promise<void> {
  await close?.();
  close = undefined;
}

async function start(context: vscode.ExtensionContext): Promise<unknown> {
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath;
  // What belongs to a workspace is kept with it; a window without one keeps it with the user.
  const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
  const globals = `${extraDeclarations}\n${codemodeDeclaration}`;
  const logs = store.add(createLogs());
  const memory = createMemory(context.workspaceState);
  const userFiles = store.add(new UserFiles(context));
  const secrets = createSecrets(context.secrets);
  const manifest = context.extension.packageJSON as JsonObject & { readonly version: string };
  const surroundings = createSurroundings(userFiles);

  const catalog = store.add(createCatalog({ storage: path.join(context.globalStorageUri.fsPath, 'shapes'), shapeOf: inferSchema, mergeShapes: mergeSchemas }));
  const discovery = store.add(createDiscovery(catalog));
  const typings = store.add(createTypings(catalog));
  const checker = createChecker({ workerPath: path.join(dist, 'checker', 'worker.js'), libDirectory: path.join(dist, 'checker', 'lib'), globals: { removed: removedGlobals, declarations: globals } });
  const judge = createResultJudge({ workerPath: path.join(dist, 'checker', 'result.js'), typescript: findTypeScript });
  const sandbox = createSandboxPool({ workerPath: path.join(dist, 'sandbox', 'worker.js') });

  const changeSets = createChangeSets({
    folders: localFolders,
    storage: path.join(storage, 'changes'),
    documents: createOpenDocuments(),
    claims: createClaims(path.join(storage, 'changes', 'claims')),
    git: findGit,
    review: async (changeSet, reason, signal) => desk.checkpoint(changeSet, reason, signal),
  });
  store.add(changeSets.onDidNotice((message) => void vscode.window.showWarningMessage(message)));
  const desk: ReviewDesk = store.add(new ReviewDesk(changeSets));
  const policy = store.add(new PolicyConfiguration());
  const room = createRuns({
    catalog,
    discovery,
    typings: () => typings.current,
    checker,
    sandbox,
    changeSets,
    storage: path.join(storage, 'runs'),
    claims: createClaims(path.join(storage, 'runs', 'runs')),
    limits: settings.limits,
    rules: () => policy.rules,
    marks: () => policy.marks,
    memory,
    secrets: () => [...servers.secrets],
    retention: () => ({ runs: 1000, days: settings.historyDays() }),
  });
  // The journal of every run that staged to it says so.
  store.add(desk.onDidUndo((changeSet) => room.noteUndone(changeSet)));

  const values = store.add(new ValueDocuments());
  const signIn = store.add(createSignIn(context.extension.id));
  const servers = store.add(
    new LateServers(async () => {
      const { createMcpServers } = await import('./mcp/main.js');
      const ports = { secrets, memory, questions: createQuestions(new SamplingBudget(settings.samplingTokens), async (title, pairs) => values.compareAll(title, pairs)), surroundings, signIn };
      return createMcpServers(ports, { clientVersion: manifest.version, cacheDirectory: path.join(context.globalStorageUri.fsPath, 'servers') });
    }, logs),
  );
  const editorTools = store.add(new EditorTools(() => servers.servers.map((server) => server.name)));
  const builtIns = [createRepoSource({ ripgrep: findRipgrep }), createGitSource(), createAnalysisSource(createEditorKnowledge())];
  store.add(new SourceSelection({ catalog, servers, editorTools, builtIns }));
  const folder = store.add(new WorkspaceTypings(typings, globals, (error) => logs.main.error(`The typings could not be written: ${String(error)}`)));

  // Whoever is about to write or run something will need both; loading them meanwhile costs nobody's time.
  // Somebody who can cancel waits for new servers to be decided on and started; everybody else only briefly.
  const ready = async (signal?: AbortSignal): Promise<void> => {
    await typings.settled();
    checker.setTypings(typings.current);
    void Promise.allSettled([checker.warm(), sandbox.warm()]);
    await servers.settled(signal ?? AbortSignal.timeout(10_000), 120_000);
    await typings.settled();
  };
  const native = store.add(new NativeServers(servers));
  store.add(new StagedFiles(changeSets));
  store.add(registerCommits());
  store.add(new Views({ ...room, values, catalog, checker, judge, typings, folder, changeSets, desk, servers, logs, memory, ready, extension: context.extensionUri, userFile: () => userFiles.path }));
  const assistant = new Assistant({ ...room, changeSets, discovery, ready: async (signal) => Promise.all([ready(signal), folder.use()]).then(() => undefined), decision: async (id, signal) => desk.decision(id, signal), reviewWaitMs: settings.reviewWaitMs });
  store.add(registerTools(assistant));
  store.add(
    registerParticipant(
      { ...room, assistant, catalog, discovery, ready, fileUri, folders: () => localFolders().map(({ name }) => name), surfaceTokens: settings.surfaceTokens, rounds: settings.chatRounds },
      context.extensionUri,
    ),
  );
  // A client waits for this when it connects: servers that are slow are left to search.
  const surface = async (): Promise<string> => ready(AbortSignal.timeout(5_000)).then(() => discovery.surface(settings.surfaceTokens()));
  const exposed = store.add(
    new ExposedServer({ rooms: exposeAssistant(assistant, manifest, surface), secrets, memory, logs, version: manifest.version, workspace: context.storageUri?.toString() ?? '' }),
  );
  store.add(registerExposedCommands(exposed));
  await folder.follow();

  close = async () => {
    await exposed.close();
    await room.dispose();
    await Promise.allSettled([changeSets.dispose(), sandbox.dispose(), checker.dispose(), judge.dispose(), servers.close()]);
  };
  // Another extension must never get hold of approvals: only tests are given the inside.
  return context.extensionMode === vscode.ExtensionMode.Test ? { catalog, discovery, runs: room, sandbox, changeSets, servers, typings, folder, assistant, desk, exposed, native } : undefined;
}
