import * as vscode from 'vscode';
import type { QuestionId, RunId } from '../../ids.js';
import { withoutHidden } from '../../hidden.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { Question } from '../../runs/approvals.js';
import { answerCommand, answersFor } from '../../editor/answers.js';
import { panelHtml, panelOptions } from './html.js';
import { PanelSession } from './session.js';
import type { PanelRooms } from './webviewSession.js';

export const panelViewId = 'codemode.panel';
/** How long, in ms, a question may stand before a notification tells of it. */
const patience = 1000;

/** The view in the side bar that shows runs and asks what has to be asked. */
export class ApprovalPanel implements vscode.WebviewViewProvider, vscode.Disposable {
  private readonly store = new DisposableStore();
  private view: vscode.WebviewView | undefined;
  private session: PanelSession | undefined;
  private wanted: { readonly run: RunId | undefined; readonly focus: boolean } | undefined;
  /** Questions a notification was shown for. */
  private readonly announced = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly extension: vscode.Uri,
    private readonly rooms: PanelRooms,
  ) {
    this.store.add(vscode.window.registerWebviewViewProvider(panelViewId, this));
    this.store.add(rooms.approvals.onDidChange(() => this.announce()));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = panelOptions(this.extension);
    const session = new PanelSession(view.webview, this.rooms);
    this.session = session;
    view.webview.html = panelHtml(view.webview, this.extension, 'view');
    view.onDidDispose(() => {
      session.dispose();
      if (this.session !== session) return;
      this.session = undefined;
      this.view = undefined;
    });
    if (this.wanted !== undefined) session.show(this.wanted.run, this.wanted.focus);
    this.wanted = undefined;
    this.badge();
  }

  /** Brings the panel up, with the keyboard on the oldest question. */
  async reveal(run?: RunId): Promise<void> {
    if (this.session === undefined) this.wanted = { run, focus: true };
    else this.session.show(run, true);
    await vscode.commands.executeCommand(`${panelViewId}.focus`);
  }

  dispose(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.store.dispose();
    this.session?.dispose();
  }

  private announce(): void {
    this.badge();
    const { pending } = this.rooms.approvals;
    for (const id of this.announced) if (!pending.some((question) => question.id === id)) this.announced.delete(id);
    const fresh = pending.filter((question) => !this.announced.has(question.id));
    for (const question of fresh) this.announced.add(question.id);
    const [first] = fresh;
    if (first !== undefined) this.timers.add(setTimeout(() => this.notify(first.id), patience));
  }

  /** A notification cannot be taken back, so it waits until the question has stood unseen for a moment. */
  private notify(id: QuestionId): void {
    const question = this.rooms.approvals.pending.find((each) => each.id === id);
    if (question === undefined || this.view?.visible === true) return;
    const answers = brief(question) ? answersFor(question) : [];
    const facts = question.kind === 'calls' && answers.length > 0 ? ` ${question.why} ${withoutHidden(JSON.stringify(question.calls[0]?.args))}` : '';
    void vscode.window.showInformationMessage(`Code Mode: ${sentenceOf(question)}${facts}`, 'Show', ...answers.map(({ title }) => title)).then(async (chosen) => {
      const answer = answers.find(({ title }) => title === chosen)?.answer;
      if (answer !== undefined) await vscode.commands.executeCommand(answerCommand, id, answer);
      else if (chosen !== undefined) await this.reveal(question.run);
    });
  }

  private badge(): void {
    if (this.view === undefined) return;
    const { length } = this.rooms.approvals.pending;
    this.view.badge = length === 0 ? undefined : { value: length, tooltip: length === 1 ? '1 question waits for you' : `${length} questions wait for you` };
  }
}

/** Whether all of a question fits a notification. A start does not: its script is what is to be read. */
function brief(question: Question): boolean {
  return question.kind === 'calls' && question.calls.length === 1 && JSON.stringify(question.calls[0]?.args).length <= 200;
}

/** A question in one sentence, where there is no room for more. */
export function sentenceOf(question: Question): string {
  if (question.kind === 'start') return `“${question.title}” waits for your yes to start.`;
  const [call] = question.calls;
  const name = call === undefined ? 'A call' : `${call.namespace}.${call.member}`;
  return question.calls.length <= 1 ? `${name} waits for your answer.` : `${question.calls.length} calls of ${name} wait for your answer.`;
}

