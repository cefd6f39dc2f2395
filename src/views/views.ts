import * as vscode from 'vscode';
import type { Catalog } from '../catalog/catalog.js';
import type { Checker } from '../checker/checker.js';
import type { ResultJudge } from '../checker/result/judgement.js';
import { registerAnswers } from '../editor/answers.js';
import type { LateServers } from '../editor/lateServers.js';
import type { Logs } from '../editor/log.js';
import type { Memory } from '../mcp/ports.js';
import { fileUri, localFolders } from '../editor/surroundings.js';
import type { WorkspaceTypings } from '../editor/workspaceTypings.js';
import type { RunId } from '../ids.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import type { ChangeSets } from '../runs/changes/changeSet.js';
import type { RunSummary } from '../runs/run.js';
import type { RunsRoom } from '../runs/runs.js';
import type { Typings } from '../typings/workspace/snapshot.js';
import { Declarations } from './api/declarations.js';
import { ToolHovers } from './api/hovers.js';
import { ApiInspector } from './api/inspect.js';
import { Lenses } from './api/lenses.js';
import { registerApprovalCommands } from './commands/approvals.js';
import { registerHistoryCommands } from './commands/history.js';
import { registerOfferCommands } from './commands/offers.js';
import { registerReplayCommands } from './commands/replay.js';
import { InterruptedRuns } from './commands/resume.js';
import { registerReviewCommands } from './commands/review.js';
import { Scripts } from './commands/scripts.js';
import { serversListed } from './commands/serversListed.js';
import { registerServerCommands } from './commands/servers.js';
import { registerToolCommands } from './commands/tools.js';
import { InlineTrace } from './inlineTrace.js';
import { ServerLenses } from './configuration/serverLenses.js';
import { HistoryTree } from './lists/history.js';
import { ServersTree } from './lists/servers.js';
import { RunPages } from './panel/page.js';
import { Replays } from './panel/replays.js';
import type { PanelRooms } from './panel/webviewSession.js';
import { ApprovalPanel } from './panel/view.js';
import { panelActions } from './panelActions.js';
import type { ReviewDesk } from './review/desk.js';
import { ResultProblems } from './review/resultProblems.js';
import { ReviewSourceControls } from './review/sourceControl.js';
import { ServerStatus } from './serverStatus.js';
import { RunStatus } from './statusBar.js';
import type { ValueDocuments } from './values.js';

export interface ViewRooms extends Pick<RunsRoom, 'runs' | 'approvals' | 'history' | 'policy' | 'replay'> {
  readonly catalog: Catalog;
  readonly checker: Checker;
  readonly judge: ResultJudge;
  readonly typings: Typings;
  readonly folder: WorkspaceTypings;
  readonly changeSets: ChangeSets;
  readonly desk: ReviewDesk;
  readonly servers: LateServers;
  readonly logs: Logs;
  readonly values: ValueDocuments;
  /** Small facts that outlive the window. */
  readonly memory: Memory;
  /** Connects the servers, the first time somebody wants them; aborting ends the wait. */
  readonly ready: (signal?: AbortSignal) => Promise<void>;
  readonly extension: vscode.Uri;
  /** Where the user's own `mcp.json` stands. */
  readonly userFile: () => string;
}

/** Everything that is seen, and every command. */
export class Views implements vscode.Disposable {
  private readonly store = new DisposableStore();

  constructor(rooms: ViewRooms) {
    const { store } = this;
    const { runs, approvals, history, policy, catalog, checker, judge, typings, folder, changeSets, desk, servers, logs, ready, extension, memory, replay, values } = rooms;
    const declarations = store.add(new Declarations(typings, folder, () => catalog.current));
    const reveal = async (run?: string): Promise<void> => panel.reveal(runs.runs.find((each) => each.id === run)?.id);
    const trace = store.add(new InlineTrace(runs, history));
    const scripts = store.add(new Scripts({ runs, catalog, checker, typings, folder, ready, reveal, trace: (document, run) => void trace.follow(document, run) }));
    const problems = store.add(new ResultProblems(changeSets, judge));
    const panelRooms: PanelRooms = {
      runs,
      approvals,
      changeSets,
      problems,
      actions: panelActions({ runs, approvals, history, catalog, changeSets, desk, scripts, values, fileUri, trace }),
      obstacle: () => (!vscode.workspace.isTrusted ? 'untrusted' : localFolders().length === 0 ? 'noFolder' : undefined),
      onDidChangeObstacle: (listener) => vscode.Disposable.from(vscode.workspace.onDidGrantWorkspaceTrust(listener), vscode.workspace.onDidChangeWorkspaceFolders(listener)),
    };
    const panel: ApprovalPanel = store.add(new ApprovalPanel(extension, panelRooms));
    const pages: RunPages = store.add(new RunPages(extension, { ...panelRooms, history, replayAgain: async (run, source, page) => replays.show(run, source, page) }));
    const replays: Replays = new Replays({ replay, history, pages, values, ready });
    const openPage = async (run: RunSummary): Promise<void> => pages.open(run.id, run.title);
    const controls = store.add(new ReviewSourceControls(changeSets, runs, problems));
    const inspector = new ApiInspector(catalog, declarations);
    const tree = store.add(new ServersTree(catalog, servers));
    store.add(new ServerLenses(servers));
    store.add(new ServerStatus(servers, catalog));
    store.add(new HistoryTree(history, runs));
    store.add(new RunStatus(runs, approvals, changeSets));
    store.add(new Lenses(folder, declarations, policy, catalog));
    store.add(new ToolHovers(folder, catalog, policy));

    store.add(registerReviewCommands({ changeSets, runs, desk, controls }));
    store.add(registerOfferCommands(servers));
    store.add(registerServerCommands(servers, logs, { userFile: rooms.userFile, reveal: async (id) => tree.reveal(id) }));
    store.add(registerApprovalCommands(policy));
    store.add(registerAnswers(approvals));
    store.add(registerToolCommands({ catalog, declarations, scripts, values }));
    store.add(registerHistoryCommands({ history, openPage }));
    store.add(registerReplayCommands(replays, history));
    store.add(new InterruptedRuns({ runs, history, ready, reveal, openPage, memory }));
    // What the settings keep no longer goes also where nothing is run.
    void history.prune().catch((error: unknown) => logs.main.warn(`Old runs could not be removed: ${String(error)}`));
    const command = (id: string, act: (...args: unknown[]) => Promise<unknown> | void): void => void store.add(vscode.commands.registerCommand(`codemode.${id}`, act));
    const uri = (argument: unknown): vscode.Uri | undefined => (argument instanceof vscode.Uri ? argument : undefined);
    command('runScript', async (argument) => scripts.run(uri(argument)));
    command('checkScript', async (argument) => scripts.check(uri(argument)));
    command('runSelection', async () => scripts.runSelection());
    command('newScript', async () => scripts.create());
    command('stopRun', () => {
      for (const run of runs.runs) if (run.phase !== 'ended') run.stop();
    });
    command('showApprovals', async (run) => reveal(typeof run === 'string' ? run : undefined));
    command('openScriptOfRun', async (run, line) => {
      if (typeof run === 'string') await scripts.open(run as RunId, await history.open(run as RunId), typeof line === 'number' ? line : undefined);
    });
    command('showLog', () => logs.main.show());
    command('inspectApi', async () => inspector.inspect(ready()));
    command('forgetShapes', async () => {
      await catalog.forgetShapes();
      void vscode.window.showInformationMessage('Forgotten. Result types are learned anew from what tools return.');
    });
    command('writeTypings', async () => {
      await serversListed(ready);
      const written = await folder.write();
      void (written ? vscode.window.showInformationMessage(`Typings are in ${vscode.workspace.asRelativePath(folder.path ?? '')}.`) : vscode.window.showWarningMessage('Open a folder first: typings are written into it.'));
    });
    command('askInChat', async () => vscode.commands.executeCommand('workbench.action.chat.open', { query: '@codemode ', isPartialQuery: true }));
    command('openWalkthrough', async () => vscode.commands.executeCommand('workbench.action.openWalkthrough', 'code-mode.code-mode#start', false));
    command('openSettings', async () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:code-mode.code-mode'));
  }

  dispose(): void {
    this.store.dispose();
  }
}
