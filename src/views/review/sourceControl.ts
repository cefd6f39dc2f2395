import * as vscode from 'vscode';
import { fileUri } from '../../editor/surroundings.js';
import type { ChangeSetId } from '../../ids.js';
import { DisposableStore } from '../../lifecycle/disposable.js';
import type { ChangeSet, ChangeSets, StagedFile } from '../../runs/changes/changeSet.js';
import { holdsSomething } from '../../runs/changes/contents.js';
import type { Runs } from '../../runs/run.js';
import { resultWords, type ResultProblems } from './resultProblems.js';

/** What menus in the source control view hand over for a file. */
export interface StagedResource extends vscode.SourceControlResourceState {
  readonly changeSet: ChangeSetId;
  readonly path: string;
}

/** One entry in the source control view for each change set that waits. */
export class ReviewSourceControls implements vscode.Disposable {
  private readonly controls = new Map<ChangeSetId, ReviewControl>();
  private readonly store = new DisposableStore();

  constructor(
    private readonly changeSets: ChangeSets,
    private readonly runs: Runs,
    private readonly problems: ResultProblems,
  ) {
    this.store.add(problems.onDidChange(() => this.refresh()));
    this.store.add(changeSets.onDidChange(() => this.refresh()));
    this.store.add(runs.onDidStart(() => this.refresh()));
    this.store.add(vscode.window.registerFileDecorationProvider(new StagedDecorations(changeSets)));
    this.refresh();
  }

  /** The change set an entry, group or file of the view stands for. */
  changeSetOf(item: unknown): ChangeSet | undefined {
    for (const [id, control] of this.controls) if (control.owns(item)) return this.changeSets.get(id);
    return undefined;
  }

  /** Puts the commit message of the input box into the change set. */
  takeMessage(changeSet: ChangeSet): void {
    this.controls.get(changeSet.id)?.takeMessage();
  }

  dispose(): void {
    this.store.dispose();
    for (const control of this.controls.values()) control.dispose();
    this.controls.clear();
    void vscode.commands.executeCommand('setContext', 'codemode.reviewing', false);
  }

  private refresh(): void {
    const open = this.changeSets.open.filter(holdsSomething);
    for (const [id, control] of this.controls) {
      if (open.some((set) => set.id === id)) continue;
      control.dispose();
      this.controls.delete(id);
    }
    for (const set of open) {
      let control = this.controls.get(set.id);
      if (control === undefined) {
        const title = this.runs.runs.find((run) => run.request.conversation === set.conversation)?.request.title;
        control = new ReviewControl(set, title ?? 'earlier session', this.problems);
        this.controls.set(set.id, control);
      }
      control.refresh();
    }
    void vscode.commands.executeCommand('setContext', 'codemode.reviewing', open.length > 0);
    void vscode.commands.executeCommand('setContext', 'codemode.commits', Math.max(0, ...open.map((set) => set.commits.length)));
    void vscode.commands.executeCommand('setContext', 'codemode.canUndo', this.changeSets.undoable !== undefined);
  }
}

class ReviewControl implements vscode.Disposable {
  private readonly control: vscode.SourceControl;
  private readonly included: vscode.SourceControlResourceGroup;
  private readonly excluded: vscode.SourceControlResourceGroup;
  /** Beside files: what Apply does to the index alone. */
  private readonly indexed: vscode.SourceControlResourceGroup;
  private shownMessage = '';

  constructor(
    private readonly changeSet: ChangeSet,
    title: string,
    private readonly problems: ResultProblems,
  ) {
    this.control = vscode.scm.createSourceControl('codemode-review', `Code Mode: ${title}`);
    this.included = this.control.createResourceGroup('included', 'Staged by Code Mode');
    this.excluded = this.control.createResourceGroup('excluded', 'Left Out');
    this.excluded.hideWhenEmpty = true;
    this.indexed = this.control.createResourceGroup('indexed', 'In the Index');
    this.indexed.hideWhenEmpty = true;
    this.control.acceptInputCommand = { command: 'codemode.applyChanges', title: 'Apply', arguments: [this.control] };
  }

  owns(item: unknown): boolean {
    return item === this.control || item === this.included || item === this.excluded || item === this.indexed || (item as Partial<StagedResource> | undefined)?.changeSet === this.changeSet.id;
  }

  refresh(): void {
    const { files, commits, indexed } = this.changeSet;
    this.included.resourceStates = files.filter((file) => !file.excluded).map((file) => this.resource(file));
    this.excluded.resourceStates = files.filter((file) => file.excluded).map((file) => this.resource(file));
    this.indexed.resourceStates = indexed.map((path) => indexEntry(path, fileUri(path)));
    this.control.count = files.length + indexed.length;
    const [commit] = commits;
    const input = this.control.inputBox;
    input.visible = commits.length > 0;
    input.enabled = commits.length === 1;
    if (commits.length === 1 && commit !== undefined) {
      input.placeholder = 'Commit message (Ctrl+Enter applies)';
      // A message the developer is typing is not overwritten by what was staged.
      if (commit.message !== this.shownMessage && (input.value === '' || input.value === this.shownMessage)) input.value = commit.message;
      this.shownMessage = commit.message;
    } else if (commits.length > 1) {
      input.value = '';
      // A side bar cuts what is longer.
      input.placeholder = `${commits.length} commits: edit them above`;
    }
    this.control.statusBarCommands = [];
  }

  takeMessage(): void {
    const { commits } = this.changeSet;
    const message = this.control.inputBox.value.trim();
    if (commits.length === 1 && message !== '' && message !== commits[0]?.message.trim()) this.changeSet.setCommitMessage(0, message);
  }

  dispose(): void {
    this.control.dispose();
  }

  private resultOf(file: StagedFile): string {
    if (file.kind === 'deleted' || file.excluded) return '';
    const report = this.problems.of(this.changeSet.id);
    return `\n${resultWords(report?.files.get(file.absolute), report !== undefined)}`;
  }

  private resource(file: StagedFile): StagedResource {
    const state: StagedResource = {
      changeSet: this.changeSet.id,
      path: file.path,
      resourceUri: vscode.Uri.file(file.absolute).with({ fragment: `codemode-${file.kind}` }),
      contextValue: file.kind,
      decorations: {
        strikeThrough: file.kind === 'deleted',
        faded: file.excluded,
        // Also what a screen reader says of the row.
        tooltip: `${file.from === undefined ? file.path : `${file.from.path} → ${file.path}`}: ${letters[file.kind][1]}, ${file.binary ? 'binary' : `+${file.insertions} −${file.deletions}`}${this.resultOf(file)}`,
      },
    };
    return { ...state, command: { command: 'codemode.review.open', title: 'Open Changes', arguments: [state] } };
  }
}

function indexEntry(path: string, uri: vscode.Uri | undefined): vscode.SourceControlResourceState {
  const resourceUri = uri ?? vscode.Uri.file(path);
  return { resourceUri, contextValue: 'indexed', decorations: { tooltip: `${path}: Apply sets it in the index; the file stays as it is` }, command: { command: 'vscode.open', title: 'Open File', arguments: [resourceUri] } };
}

const letters = { modified: ['M', 'modified'], added: ['A', 'added'], deleted: ['D', 'deleted'], renamed: ['R', 'renamed'] } as const;

/** The letter and colour that git's own view gives such a change. */
class StagedDecorations implements vscode.FileDecorationProvider {
  constructor(private readonly changeSets: ChangeSets) {}

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (!uri.fragment.startsWith('codemode-') || this.changeSets.open.length === 0) return undefined;
    const kind = uri.fragment.slice('codemode-'.length) as keyof typeof letters;
    const [letter, word] = letters[kind];
    return new vscode.FileDecoration(letter, `Staged by Code Mode: ${word}`, new vscode.ThemeColor(`gitDecoration.${word}ResourceForeground`));
  }
}
