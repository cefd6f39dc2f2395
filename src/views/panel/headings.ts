import * as vscode from 'vscode';
import type { ChangeSet } from '../../runs/changes/changeSet.js';
import { contentsOf, contentsText, holdsSomething, ownFilesOf, waitsText } from '../../runs/changes/contents.js';
import type { Runs } from '../../runs/run.js';
import { resultWords, type ResultReport } from '../review/resultProblems.js';
import { alreadyDone } from './alreadyDone.js';
import type { ChangesHeading } from './protocol.js';
import type { PanelRooms } from './webviewSession.js';

/** The change sets that hold something. */
export function headingsOf({ changeSets, runs, problems }: PanelRooms): readonly ChangesHeading[] {
  return changeSets.open.filter((set) => holdsSomething(set)).map((set) => headingOf(set, runs, problems.of(set.id)));
}

/** Problems listed of one file, and files listed as broken. */
const mostProblems = 20;

/** A change set as a webview gets it. */
function headingOf(set: ChangeSet, runs: Runs, report: ResultReport | undefined): ChangesHeading {
  const ofConversation = runs.runs.filter((each) => each.request.conversation === set.conversation);
  const [run] = ofConversation;
  const contents = contentsOf(set, { included: true });
  return {
    id: set.id,
    run: run?.id,
    title: run?.request.title ?? 'Changes of an earlier session',
    applying: set.state.kind === 'applying',
    files: set.files.map(({ path, absolute, from, kind, insertions, deletions, excluded, binary }) => {
      const judged = report?.files.get(absolute);
      const isLooked = kind !== 'deleted' && !excluded;
      const problems = judged?.status === 'checked' ? judged.problems : [];
      return {
        ...{ path, from: from?.path, kind, insertions, deletions, excluded, binary },
        ...(isLooked && { result: resultWords(judged, report !== undefined), problems: problems.slice(0, mostProblems).map(({ line, severity, message }) => ({ line, severity, message })) }),
      };
    }),
    broken: (report?.broken ?? []).slice(0, mostProblems).map(({ absolute, problems }) => ({ path: vscode.workspace.asRelativePath(absolute), problems: problems.slice(0, 3).map(({ line, severity, message }) => ({ line, severity, message })) })),
    commits: set.commits.map((commit) => ({ message: commit.message, files: commit.files.length, own: ownFilesOf(commit, set) })),
    branches: set.branches.map((branch) => branch.name),
    indexed: set.indexed,
    directories: set.directories,
    waiting: `${contentsText(contents)} ${waitsText(contents)} for your review`,
    checkpoint: set.checkpoint?.reason,
    done: alreadyDone(ofConversation),
  };
}
