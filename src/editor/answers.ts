import * as vscode from 'vscode';
import type { QuestionId } from '../ids.js';
import type { Answer, Approvals, Question } from '../runs/approvals.js';

/** Answers a question from a button that may be pressed twice, late, or after it was answered elsewhere. */
export const answerCommand = 'codemode.answer';

/** Longest arguments, as JSON, that are answered where they are not shown as in the panel. */
const longestArguments = 2_000;

/**
 * The answers that a button outside of the panel may give: none where the question is more than a few lines, or is about
 * what could leave, which takes a closer look, or about files that are not shown there.
 */
export function answersFor(question: Question, { filesShown = false } = {}): readonly { readonly title: string; readonly answer: Answer }[] {
  if (question.kind === 'start') {
    return [
      { title: 'Start', answer: { kind: 'start', allowed: true, grants: [] } },
      { title: 'Don’t Start', answer: { kind: 'start', allowed: false, grants: [] } },
    ];
  }
  if (question.calls.some((call) => call.hasPreview === true) && !filesShown) return [];
  if (question.leak !== undefined || JSON.stringify(question.calls.map((call) => call.args)).length > longestArguments) return [];
  // Exactly the calls that were shown: the question may have grown since.
  const only = question.calls.map((call) => call.call);
  return [
    { title: only.length === 1 ? 'Allow Once' : `Allow All ${only.length} Once`, answer: { kind: 'calls', only, decision: { kind: 'allow', scope: 'once', breadth: 'tool' } } },
    { title: only.length === 1 ? 'Skip' : 'Skip All', answer: { kind: 'calls', only, decision: { kind: 'skip' } } },
  ];
}

export function registerAnswers(approvals: Approvals): vscode.Disposable {
  return vscode.commands.registerCommand(answerCommand, (question: QuestionId, answer: Answer) => {
    if (!approvals.answer(question, answer)) void vscode.window.showInformationMessage('This was answered already, or its run has ended; nothing was done.');
  });
}
