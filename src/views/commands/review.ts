import * as vscode from 'vscode';
import type { ChangeSetId } from '../../ids.js';
import type { ChangeSet, ChangeSets } from '../../runs/changes/changeSet.js';
import { contentsOf, contentsText, holdsSomething } from '../../runs/changes/contents.js';
import type { Runs } from '../../runs/run.js';
import { subjectOf, withSubject } from '../review/commitMessage.js';
import type { ReviewDesk } from '../review/desk.js';
import type { ReviewSourceControls, StagedResource } from '../review/sourceControl.js';

interface ReviewRooms {
  readonly changeSets: ChangeSets;
  readonly runs: Runs;
  readonly desk: ReviewDesk;
  readonly controls: ReviewSourceControls;
}

/** Review, Apply, Discard and Undo, from the palette, the source control view, the panel and chat alike. */
export function registerReviewCommands(rooms: ReviewRooms): vscode.Disposable {
  const { changeSets, desk, controls } = rooms;
  const onSet = (command: string, title: string, act: (set: ChangeSet) => Promise<unknown>): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (argument: unknown) => {
      const set = await changeSetOf(argument, title, rooms);
      if (set !== undefined) await act(set);
    });
  const onFiles = (command: string, act: (set: ChangeSet, path: string) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (...args: unknown[]) => {
      for (const { set, path } of filesOf(args, rooms)) await act(set, path);
    });
  return vscode.Disposable.from(
    onSet('codemode.reviewChanges', 'Review Changes', async (set) => desk.open(set)),
    onSet('codemode.applyChanges', 'Apply Changes', async (set) => {
      controls.takeMessage(set);
      await desk.apply(set);
    }),
    onSet('codemode.discardChanges', 'Discard Changes', async (set) => desk.discard(set)),
    onSet('codemode.review.editMessage', 'Edit Commit Messages', editMessage),
    onFiles('codemode.review.open', async (set, path) => desk.openFile(set, path)),
    onFiles('codemode.review.openFile', async (set, path) => {
      const file = set.files.find((each) => each.path === path);
      if (file === undefined) return;
      const target = file.kind === 'renamed' ? (file.from?.absolute ?? file.absolute) : file.absolute;
      if (file.kind === 'added') await desk.openFile(set, path);
      else await vscode.window.showTextDocument(vscode.Uri.file(target));
    }),
    onFiles('codemode.review.include', (set, path) => set.setExcluded(path, false)),
    onFiles('codemode.review.exclude', (set, path) => set.setExcluded(path, true)),
    vscode.commands.registerCommand('codemode.undoLastApply', async () => desk.undo()),
  );

  /** Files that a menu of the source control view was opened on; a group stands for all of its files. */
  function filesOf(args: readonly unknown[], from: ReviewRooms): readonly { readonly set: ChangeSet; readonly path: string }[] {
    const items = args.flatMap((argument) => (Array.isArray(argument) ? (argument as unknown[]) : [argument]));
    const resources = items.flatMap((item) => {
      const group = (item as Partial<vscode.SourceControlResourceGroup> | undefined)?.resourceStates;
      return group === undefined ? [item] : [...group];
    });
    const found = new Map<string, { readonly set: ChangeSet; readonly path: string }>();
    for (const resource of resources) {
      const { changeSet, path } = (resource ?? {}) as Partial<StagedResource>;
      const set = changeSet === undefined ? undefined : from.changeSets.get(changeSet);
      if (set !== undefined && path !== undefined) found.set(`${set.id} ${path}`, { set, path });
    }
    return [...found.values()];
  }

  /** The change set a button, a view or the palette means. */
  async function changeSetOf(argument: unknown, title: string, from: ReviewRooms): Promise<ChangeSet | undefined> {
    if (typeof argument === 'string') {
      const named = changeSets.get(argument as ChangeSetId);
      if (named !== undefined && (named.state.kind === 'open' || named.state.kind === 'applying')) return named;
      void vscode.window.showInformationMessage('These changes were already applied or discarded.');
      return undefined;
    }
    const shown = argument === undefined ? undefined : controls.changeSetOf(argument);
    if (shown !== undefined) return shown;
    const open = changeSets.open.filter(holdsSomething);
    if (open.length === 0) void vscode.window.showInformationMessage('No changes wait for review.');
    if (open.length <= 1) return open[0];
    const items = open.map((set) => ({
      label: from.runs.runs.find((run) => run.request.conversation === set.conversation)?.request.title ?? 'Changes of an earlier session',
      description: contentsText(contentsOf(set)),
      set,
    }));
    return (await vscode.window.showQuickPick(items, { title }))?.set;
  }
}

async function editMessage(set: ChangeSet): Promise<void> {
  const items = set.commits.map((commit, index) => ({ label: subjectOf(commit.message), description: contentsText({ files: commit.files.length }), index, commit }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage('No commit waits for review.');
    return;
  }
  const picked = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'Which commit?' });
  if (picked === undefined) return;
  // An input has one line, and would run the lines of a message together.
  const { message } = picked.commit;
  const subject = await vscode.window.showInputBox({
    title: 'First line of the commit message',
    ...(message.trim().includes('\n') && { prompt: 'What stands below it stays as it is.' }),
    value: picked.label,
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? 'A commit needs a message.' : undefined),
  });
  if (subject !== undefined) set.setCommitMessage(picked.index, withSubject(message, subject));
}
