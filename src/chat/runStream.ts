import * as vscode from 'vscode';
import { commitUri } from '../editor/commits.js';
import { withoutHidden } from '../hidden.js';
import type { ConversationId } from '../ids.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import { answerCommand, answersFor } from '../editor/answers.js';
import type { Approvals, Question } from '../runs/approvals.js';
import type { ChangeSet } from '../runs/changes/changeSet.js';
import { contentsOf, contentsText, waitsText } from '../runs/changes/contents.js';
import { fileDiff, patchText } from '../runs/changes/fileDiff.js';
import type { RunEvent } from '../runs/events.js';
import { failureOf } from '../runs/failure.js';
import type { Run } from '../runs/run.js';
import { foldRun } from '../runs/timeline.js';
import type { RunAnswer } from './assistant.js';

export interface StreamRooms {
  readonly approvals: Approvals;
  /** Address of a file by its display path. */
  readonly fileUri: (path: string) => vscode.Uri | undefined;
}

/** Tells of one run in a chat answer: what it may reach, what it waits for, what came of it. */
export class RunStream {
  private readonly store = new DisposableStore();
  private readonly asked = new Set<string>();
  private told = 0;

  constructor(
    private readonly stream: vscode.ChatResponseStream,
    private readonly rooms: StreamRooms,
  ) {}

  start(run: Run): void {
    this.stream.progress(`Checking “${run.request.title}”`);
    for (const event of run.events) this.take(run, event);
    this.store.add(run.onDidAppend((event) => this.take(run, event)));
    this.store.add(this.rooms.approvals.onDidChange(() => this.questions(run)));
    this.questions(run);
  }

  review(changeSet: ChangeSet): void {
    const contents = contentsOf(changeSet);
    this.stream.markdown(`\n\n**${contentsText(contents)}** ${waitsText(contents)} for your review. Nothing has changed yet.\n\n`);
    this.button('codemode.reviewChanges', 'Review Changes', changeSet.id);
    this.button('codemode.applyChanges', 'Apply', changeSet.id);
    this.button('codemode.discardChanges', 'Discard', changeSet.id);
    this.stream.progress('Waiting for your review');
  }

  end(answer: RunAnswer): void {
    this.store.dispose();
    const { outcome, run } = answer;
    switch (outcome.status) {
      case 'rejected': {
        const errors = outcome.diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
        this.stream.progress(`The type check found ${count(errors, 'error')}; nothing ran`);
        break;
      }
      case 'failed':
        this.failure(run);
        break;
      case 'declined':
      case 'cancelled':
        this.stream.markdown(outcome.status === 'declined' ? '\n\nThe script was not started.\n\n' : '\n\nThe script was stopped.\n\n');
        break;
      case 'finished':
        break;
    }
  }

  dispose(): void {
    this.store.dispose();
  }

  private take(run: Run, event: RunEvent): void {
    if (event.type === 'checked' && event.ok) this.reach(run, event);
    if (event.type === 'callSent' && ++this.told % 25 === 1) this.stream.progress(`Running “${run.request.title}”`);
    if (event.type === 'reviewAsked' && event.reason === 'checkpoint') {
      this.stream.markdown(`\n\nThe script waits for your review before it goes on${event.message === undefined ? '' : `: ${escape(event.message)}`}\n\n`);
      this.button('codemode.reviewChanges', 'Review Changes', event.changeSet);
      this.button('codemode.applyChanges', 'Apply', event.changeSet);
    }
  }

  private reach(run: Run, event: Extract<RunEvent, { type: 'checked' }>): void {
    const words = { read: 'reads', staged: 'stages', write: 'writes', outward: 'reaches out with', unknown: 'calls' } as const;
    const parts = Object.entries(words).flatMap(([effect, verb]) => {
      const tools = event.tools.filter((tool) => tool.effect === effect).map((tool) => `\`${tool.namespace}.${tool.member}\``);
      return tools.length > 0 ? [`${verb} ${tools.join(' ')}`] : [];
    });
    this.stream.markdown(`\n\n**${escape(run.request.title)}**\n\n\`\`\`ts\n${run.request.source.trimEnd()}\n\`\`\`\n\n${parts.length > 0 ? `This script ${parts.join('; ')}.` : 'This script calls no tool.'}\n\n`);
    this.stream.progress(`Running “${run.request.title}”`);
  }

  private questions(run: Run): void {
    const fresh = this.rooms.approvals.pending.filter((question) => question.run === run.id && !this.asked.has(question.id));
    if (fresh.length === 0) return;
    for (const question of fresh) this.asked.add(question.id);
    for (const question of fresh) void this.question(run, question);
  }

  /** The question with its answers, where all there is to know of it can stand here; else the way to the panel. */
  private async question(run: Run, question: Question): Promise<void> {
    const differences = await differencesOf(question, this.rooms.approvals);
    // It may have been answered, and the run ended, while that was looked at.
    if (this.store.isDisposed || !this.rooms.approvals.pending.some(({ id }) => id === question.id)) return;
    const answers = answersFor(question, { filesShown: differences !== undefined });
    if (question.kind === 'start') {
      this.stream.markdown(`\n\nWaiting for your answer on the start of the script. ${escape(question.why)}\n\n`);
    } else {
      const [call] = question.calls;
      const several = question.calls.length > 1 ? `${question.calls.length} calls of ` : '';
      this.stream.markdown(`\n\nWaiting for your answer on ${several}\`${call?.namespace}.${call?.member}\`. ${escape(question.why)}\n\n`);
      if (answers.length > 0) this.stream.markdown(differences === undefined ? block(question.calls.map((each) => JSON.stringify(each.args, undefined, 2)).join('\n'), 'json') : block(differences, 'diff'));
    }
    for (const { title, answer } of answers) this.stream.button({ command: answerCommand, title, arguments: [question.id, answer] });
    this.button('codemode.showApprovals', 'Show Approvals', run.id);
  }

  /** The place, as a link into the script, the call the error came from, and the lines around it. */
  private failure(run: Run): void {
    const failure = failureOf(foldRun(run.events));
    if (failure === undefined) return;
    const { message, line, frame, call } = failure;
    const place = line === undefined ? '' : ` in [line ${line}](command:codemode.openScriptOfRun?${encodeURIComponent(JSON.stringify([run.id, line]))})`;
    const from = call === undefined ? '' : `, from call ${call.number}, \`${call.name}\``;
    const text = new vscode.MarkdownString(`\n\n**The script failed**${place}${from}: ${escape(message)}\n\n`);
    text.isTrusted = { enabledCommands: ['codemode.openScriptOfRun'] };
    if (frame !== '') text.appendCodeblock(frame, 'text');
    this.stream.markdown(text);
    this.button('codemode.openRun', 'Show Run', run.id);
    this.button('codemode.explainFailure', 'Explain Failure', run.id);
  }

  private button(command: string, title: string, argument: string | ConversationId): void {
    this.stream.button({ command, title, arguments: [argument] });
  }
}

/**
 * What became of the changes, as the last thing in an answer: VS Code folds away everything before its last text once
 * the answer is complete.
 */
export function tellReviews(answers: readonly RunAnswer[], stream: vscode.ChatResponseStream, rooms: StreamRooms): void {
  for (const { review } of answers) {
    if (review.kind === 'applied') tellApplied(review.outcome, stream, rooms);
    if (review.kind === 'discarded') stream.markdown('\n\nThe changes were discarded; the workspace is as it was.\n\n');
  }
  const waiting = answers.at(-1)?.review;
  if (waiting?.kind !== 'awaiting' || waiting.changeSet.state.kind !== 'open') return;
  stream.markdown('\n\nChanges wait for your review; nothing of them is in the workspace yet.\n\n');
  for (const [command, title] of [['codemode.reviewChanges', 'Review Changes'], ['codemode.applyChanges', 'Apply'], ['codemode.discardChanges', 'Discard']] as const) {
    stream.button({ command, title, arguments: [waiting.changeSet.id] });
  }
}

function tellApplied(outcome: Extract<RunAnswer['review'], { kind: 'applied' }>['outcome'], stream: vscode.ChatResponseStream, rooms: StreamRooms): void {
  const nothing = outcome.files.length === 0;
  stream.markdown(`\n\n**Applied**${nothing ? '' : ` ${count(outcome.files.length, 'file')}: `}`);
  for (const [index, file] of outcome.files.slice(0, 50).entries()) {
    if (index > 0) stream.markdown(', ');
    const uri = rooms.fileUri(file);
    if (uri === undefined) stream.markdown(`\`${file}\``);
    else stream.anchor(uri, file);
  }
  if (outcome.files.length > 50) stream.markdown(` and ${outcome.files.length - 50} more`);
  if (outcome.others !== undefined) stream.markdown(`${nothing ? ' ' : ' and '}${outcome.others}`);
  stream.markdown('\n\n');
  for (const commit of outcome.commits) {
    stream.markdown('Commit ');
    stream.anchor(commitUri(commit.repository, commit.sha), commit.sha.slice(0, 8));
    stream.markdown(` ${escape(commit.message.split('\n')[0] ?? '')}\n\n`);
  }
  stream.button({ command: 'codemode.undoLastApply', title: 'Undo' });
}

function count(number: number, word: string): string {
  return `${number} ${number === 1 ? word : `${word}s`}`;
}

/** Text as a block of code that ends where it should, whatever it holds. */
function block(text: string, language: string): vscode.MarkdownString {
  return new vscode.MarkdownString().appendCodeblock(withoutHidden(text), language);
}

/** Longest difference, in lines, that is shown in an answer. */
const mostLines = 60;

/** What the one call of a question would make of files; undefined where that is not all there is to say of it, or too much. */
async function differencesOf(question: Question, approvals: Approvals): Promise<string | undefined> {
  const [call] = question.kind === 'calls' && question.calls.length === 1 ? question.calls : [];
  if (call?.hasPreview !== true) return undefined;
  const preview = await approvals.preview(question.id, call.call).catch(() => undefined);
  if (preview === undefined || preview.files.length === 0 || preview.note !== undefined) return undefined;
  if (Object.keys(call.args).some((name) => !preview.shows.includes(name))) return undefined;
  const diffs = preview.files.map(fileDiff);
  if (diffs.some((diff) => diff.note !== undefined)) return undefined;
  const text = diffs.map(patchText).join('\n');
  return text.split('\n').length <= mostLines ? text : undefined;
}

function escape(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+!|<>~]/g, '\\$&');
}
