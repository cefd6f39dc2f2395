import * as vscode from 'vscode';
import { readStagedUri, stagedScheme, stagedUri } from '../../editor/stagedFiles.js';
import type { ChangeSetId } from '../../ids.js';
import { DisposableStore, type Disposable } from '../../lifecycle/disposable.js';
import { Emitter } from '../../lifecycle/event.js';
import { contentsOf, contentsText, holdsSomething, waitsText } from '../../runs/changes/contents.js';
import type { ApplyOutcome, ChangeSet, ChangeSets, StagedFile } from '../../runs/changes/changeSet.js';
import { subjectOf } from './commitMessage.js';

export type Applied = Extract<ApplyOutcome, { ok: true }>;

/** What became of a change set. */
export type ReviewDecision = { readonly kind: 'applied'; readonly outcome: Applied } | { readonly kind: 'discarded' };

/** Begins the name of every review tab of ours, so that it can be found and closed. */
const tabTitle = 'Code Mode Review';

/** Where change sets are shown, applied, discarded and undone, whichever button was pressed for it. */
export class ReviewDesk implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly decided = this.store.add(new Emitter<{ readonly changeSet: ChangeSetId; readonly decision: ReviewDecision }>());
  private readonly undone = this.store.add(new Emitter<ChangeSetId>());
  readonly onDidUndo = this.undone.event;
  private readonly decisions = new Map<ChangeSetId, ReviewDecision>();
  readonly onDidDecide = this.decided.event;

  /** What the open review shows: of which set, and which files of it. */
  private shown: { readonly id: ChangeSetId; readonly files: string } | undefined;
  private isAsking = false;
  /** A review is being opened, whose tab the editor has not told of yet. */
  private isOpening = false;

  constructor(private readonly changeSets: ChangeSets) {
    this.store.add(changeSets.onDidChange((changeSet) => this.follow(changeSet)));
    this.store.add(vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
      const newest = opened.filter(isReview).at(-1);
      if (newest !== undefined && this.isOpening) void this.replaceBy(newest);
      // Who comes back to it sees what is staged now.
      const set = this.shown === undefined ? undefined : this.changeSets.get(this.shown.id);
      if (set !== undefined && this.isOutdated(set) && changed.some((tab) => tab.isActive && isReview(tab))) void this.open(set);
    }));
  }

  /** Opens the diff of everything staged. */
  async open(changeSet: ChangeSet): Promise<void> {
    if (changeSet.files.length === 0) {
      void vscode.window.showInformationMessage(withoutFiles(changeSet));
      return;
    }
    this.shown = { id: changeSet.id, files: filesOf(changeSet) };
    this.isOpening = true;
    await vscode.commands.executeCommand('vscode.changes', tabTitle, changeSet.files.map((file) => diffOf(changeSet.id, file)));
  }

  /** One review at a time: what was open shows fewer files, or those of another set. Some releases tell of the new tab only after the command that opens it. */
  private async replaceBy(newest: vscode.Tab): Promise<void> {
    this.isOpening = false;
    const stale = reviewTabs().filter((tab) => tab !== newest);
    if (stale.length > 0) await vscode.window.tabGroups.close(stale, true);
  }

  /** The lines of files it shows follow by themselves; files that came or went need it opened anew, which must take nobody's focus unasked. */
  private follow(changeSet: ChangeSet): void {
    if (this.isAsking || !this.isOutdated(changeSet) || !reviewTabs().some((tab) => tab.isActive)) return;
    this.isAsking = true;
    const show = 'Show All Changes';
    void vscode.window.showInformationMessage('Other files are staged now than this review shows.', show).then(async (answer) => {
      this.isAsking = false;
      if (answer === show && this.isOutdated(changeSet)) await this.open(changeSet);
    });
  }

  private isOutdated(changeSet: ChangeSet): boolean {
    return this.shown?.id === changeSet.id && changeSet.state.kind === 'open' && changeSet.files.length > 0 && this.shown.files !== filesOf(changeSet);
  }

  /** Opens the diff of one file. */
  async openFile(changeSet: ChangeSet, path: string): Promise<void> {
    const file = changeSet.files.find((each) => each.path === path);
    if (file === undefined) return;
    const [resource, original, modified] = diffOf(changeSet.id, file);
    if (original !== undefined && modified !== undefined) {
      await vscode.commands.executeCommand('vscode.diff', original, modified, `${resource.path.split('/').at(-1)} (staged by Code Mode)`);
    } else {
      await vscode.commands.executeCommand('vscode.open', modified ?? original);
    }
  }

  /** Applies a change set; where that is not possible nothing is changed, and the reason is shown. */
  async apply(changeSet: ChangeSet): Promise<ApplyOutcome> {
    if (!(await this.saveOpenDiffs(changeSet))) {
      const message = 'Nothing was applied: your edits in the review could not be saved. Save or revert them there, then apply again.';
      void vscode.window.showErrorMessage(message);
      return { ok: false, message, conflicts: [] };
    }
    const outcome = await vscode.window.withProgress({ location: vscode.ProgressLocation.SourceControl, title: 'Applying changes' }, async () => changeSet.apply());
    if (outcome.ok) {
      await this.conclude(changeSet.id, { kind: 'applied', outcome });
      void this.announce(outcome);
    } else {
      // The message has the first one.
      const others = outcome.conflicts.slice(1, 4).map(({ message }) => message);
      const review = 'Review Changes';
      const take = "Take Hook's Changes Into Review";
      const answers = outcome.kept === undefined ? [review] : [take, review];
      void vscode.window.showErrorMessage([outcome.message, ...others].join(' '), ...answers).then(async (answer) => {
        if (answer === take) await this.takeIn(changeSet, outcome.kept ?? []);
        if (answer !== undefined) await this.open(changeSet);
      });
    }
    return outcome;
  }

  /** What a commit hook had made of the staged files becomes what is staged: a formatter that runs again then finds nothing to do. */
  async takeIn(changeSet: ChangeSet, kept: readonly { readonly path: string; readonly at: string }[]): Promise<void> {
    try {
      for (const { path, at } of kept) await changeSet.edit(path, await vscode.workspace.fs.readFile(vscode.Uri.file(at)));
    } catch (error) {
      void vscode.window.showErrorMessage(`The hook's changes could not be taken into the review: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Throws everything staged away, after asking once. */
  async discard(changeSet: ChangeSet): Promise<boolean> {
    const answer = await vscode.window.showWarningMessage(
      'Discard these staged changes?',
      { modal: true, detail: `Thrown away: ${contentsText(contentsOf(changeSet))}. Nothing in the workspace changes.` },
      'Discard',
    );
    if (answer !== 'Discard') return false;
    await changeSet.discard();
    await this.conclude(changeSet.id, { kind: 'discarded' });
    return true;
  }

  /** Puts back what the last Apply changed. */
  async undo(): Promise<void> {
    const undoable = this.changeSets.undoable;
    if (undoable === undefined) {
      void vscode.window.showInformationMessage('There is nothing to undo: nothing was applied, or later work stands on it.');
      return;
    }
    const outcome = await this.changeSets.undo();
    if (outcome.ok) this.undone.fire(undoable.id);
    if (outcome.ok) void vscode.window.showInformationMessage(`Undone: ${undoable.summary}.`);
    else void vscode.window.showErrorMessage(outcome.message);
  }

  /** The decision on a change set, once there is one; undefined when the signal ends the wait first. */
  async decision(id: ChangeSetId, signal: AbortSignal): Promise<ReviewDecision | undefined> {
    const known = this.decisions.get(id) ?? settled(this.changeSets.get(id));
    if (known !== undefined || signal.aborted) return known;
    return new Promise((resolve) => {
      const end = (decision: ReviewDecision | undefined): void => {
        for (const listener of listeners) listener.dispose();
        signal.removeEventListener('abort', abort);
        resolve(decision);
      };
      const abort = (): void => end(undefined);
      signal.addEventListener('abort', abort, { once: true });
      const listeners: Disposable[] = [
        this.onDidDecide(({ changeSet, decision }) => {
          if (changeSet === id) end(decision);
        }),
        this.changeSets.onDidChange((changeSet) => {
          const decision = changeSet.id === id ? settled(changeSet) : undefined;
          if (decision !== undefined) end(this.decisions.get(id) ?? decision);
        }),
      ];
    });
  }

  /** The review a run waits for in its middle: shows it and waits as long as it takes. */
  async checkpoint(changeSet: ChangeSet, reason: string, signal: AbortSignal): Promise<'applied' | 'discarded'> {
    const review = 'Review Changes';
    void vscode.window.showInformationMessage(`Code Mode waits for your review: ${reason}`, review, 'Apply').then(async (answer) => {
      if (answer === review) await this.open(changeSet);
      if (answer === 'Apply' && changeSet.state.kind === 'open') await this.apply(changeSet);
    });
    const decision = await this.decision(changeSet.id, signal);
    return decision?.kind === 'applied' ? 'applied' : 'discarded';
  }

  dispose(): void {
    this.store.dispose();
  }

  private async conclude(id: ChangeSetId, decision: ReviewDecision): Promise<void> {
    this.decisions.set(id, decision);
    this.decided.fire({ changeSet: id, decision });
    await closeTabs(id, this.shown === undefined || this.shown.id === id);
  }

  private async announce(outcome: Applied): Promise<void> {
    const commits = outcome.commits.map((commit) => commit.sha.slice(0, 8)).join(', ');
    const what = [...(outcome.files.length === 0 ? [] : [contentsText({ files: outcome.files.length })]), ...(outcome.others === undefined ? [] : [outcome.others])].join(' and ');
    const done = what === '' ? `Made commit ${commits}` : `Applied ${what}${commits === '' ? '' : ` as commit ${commits}`}`;
    const answer = await vscode.window.showInformationMessage(`${done}.${outcome.rest === undefined ? '' : ' What was left out stays staged.'}`, 'Undo');
    if (answer === 'Undo') await this.undo();
  }

  /** What the developer typed into the diff and did not save yet is part of what was reviewed. */
  private async saveOpenDiffs(changeSet: ChangeSet): Promise<boolean> {
    const uris = new Set(changeSet.files.map((file) => stagedUri(changeSet.id, file).toString()));
    const dirty = vscode.workspace.textDocuments.filter((document) => document.isDirty && uris.has(document.uri.toString()));
    const saved = await Promise.all(dirty.map(async (document) => document.save()));
    return saved.every(Boolean);
  }
}

/** A change set that was decided elsewhere; the details of an Apply are with whoever applied. */
function settled(changeSet: ChangeSet | undefined): ReviewDecision | undefined {
  if (changeSet?.state.kind === 'discarded') return { kind: 'discarded' };
  return undefined;
}

/** What waits where there is no difference of files to be shown. */
function withoutFiles(changeSet: ChangeSet): string {
  if (!holdsSomething(changeSet)) return 'Nothing is staged.';
  const contents = contentsOf(changeSet);
  const names = [...changeSet.commits.map((commit) => `“${subjectOf(commit.message)}”`), ...changeSet.branches.map((branch) => branch.name), ...changeSet.indexed, ...changeSet.directories];
  return `No file changes. ${contentsText(contents)} ${waitsText(contents)}: ${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}.`;
}

/** Resource, before and after, as `vscode.changes` takes them; a missing side says added or deleted. */
function diffOf(id: ChangeSetId, file: StagedFile): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] {
  const resource = vscode.Uri.file(file.absolute);
  const staged = stagedUri(id, file);
  switch (file.kind) {
    case 'modified':
      return [resource, resource, staged];
    case 'added':
      return [resource, undefined, staged];
    case 'deleted':
      return [resource, resource, undefined];
    case 'renamed':
      return [resource, file.from === undefined ? undefined : vscode.Uri.file(file.from.absolute), staged];
  }
}

const filesOf = (changeSet: ChangeSet): string => JSON.stringify(changeSet.files.map(({ path, kind, from }) => [path, kind, from?.path]));

const isReview = (tab: vscode.Tab): boolean => tab.label.startsWith(tabTitle);
const reviewTabs = (): readonly vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(isReview);

/** Closes what showed a change set that is decided: its staged files are gone. */
async function closeTabs(id: ChangeSetId, isReviewed: boolean): Promise<void> {
  const shows = (uri: vscode.Uri): boolean => uri.scheme === stagedScheme && readStagedUri(uri).changeSet === id;
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter((tab) => {
      if (tab.input instanceof vscode.TabInputTextDiff) return shows(tab.input.modified) || shows(tab.input.original);
      if (tab.input instanceof vscode.TabInputText) return shows(tab.input.uri);
      return isReviewed && isReview(tab);
    });
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
}
