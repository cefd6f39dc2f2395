import type { CallId, ChangeSetId, QuestionId, RunId } from '../../ids.js';
import type { JsonObject } from '../../json.js';
import type { Answer, Question } from '../../runs/approvals.js';
import type { Differences } from '../../runs/changes/changeSet.js';
import type { FileDiff } from '../../runs/changes/fileDiff.js';
import type { RunEvent } from '../../runs/events.js';
import type { RunPhase } from '../../runs/run.js';
import type { DoneHeading } from './alreadyDone.js';

/** One line of the list of runs. */
export interface RunHeading {
  readonly id: RunId;
  readonly title: string;
  readonly phase: RunPhase;
}

export interface StagedFileHeading {
  readonly path: string;
  readonly from?: string;
  readonly kind: 'modified' | 'added' | 'deleted' | 'renamed';
  readonly insertions: number;
  readonly deletions: number;
  readonly excluded: boolean;
  readonly binary: boolean;
  /** What is known of the file as Apply would leave it, in a few words. */
  readonly result?: string;
  readonly problems?: readonly ProblemLine[];
}

/** A problem of the result. */
export interface ProblemLine {
  readonly line: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** A change set that waits for the developer. */
export interface ChangesHeading {
  readonly id: ChangeSetId;
  /** The newest run that staged to it. */
  readonly run?: RunId;
  readonly title: string;
  readonly applying: boolean;
  readonly files: readonly StagedFileHeading[];
  /** `own`: files of it in which the developer's own changes go in, not those of a script. */
  readonly commits: readonly { readonly message: string; readonly files: number; readonly own: readonly string[] }[];
  readonly branches: readonly string[];
  /** Entries of the index that Apply sets, beyond what the commits hold. */
  readonly indexed: readonly string[];
  /** Directories that Apply removes and in which no staged file stands. */
  readonly directories: readonly string[];
  /** What waits, as a sentence: “3 files and 1 commit wait for your review”. */
  readonly waiting: string;
  /** Files that are not staged and would have problems they do not have now. */
  readonly broken: readonly { readonly path: string; readonly problems: readonly ProblemLine[] }[];
  /** Set while a run stands at a checkpoint. */
  readonly checkpoint?: string;
  /** What its runs did that no review holds. */
  readonly done: readonly DoneHeading[];
}

/** What keeps scripts from running at all, as the first thing to say. */
export type Obstacle = 'untrusted' | 'noFolder';

/** A question as the panel gets it: very long values cut, and of very many calls the first. */
export type QuestionView =
  | Extract<Question, { kind: 'start' }>
  | (Extract<Question, { kind: 'calls' }> & {
      /** Calls that stand in the question but are not listed. */
      readonly more: number;
      /** Calls whose arguments are shown cut; these cannot be edited here. */
      readonly cut: readonly CallId[];
    });

export interface PanelState {
  readonly runs: readonly RunHeading[];
  readonly selected?: RunId;
  readonly questions: readonly QuestionView[];
  readonly changes: readonly ChangesHeading[];
  readonly undoable?: { readonly id: ChangeSetId; readonly summary: string };
  readonly obstacle?: Obstacle;
  /** Set where one run is shown on a page of its own. */
  readonly page?: PageFacts;
}

/** What a page says of its run beside the journal itself. */
export interface PageFacts {
  /** The run goes on in this window. */
  readonly live: boolean;
  /** It goes on in another window on the same folder. */
  readonly elsewhere: boolean;
  /** It stands still until somebody answers; answering is done in the panel. */
  readonly asking: boolean;
  /** What is wrong with the rest of the journal. */
  readonly damage?: string;
  /** Set where what is shown is a replay, and its verdict once there is one. */
  readonly replay?: ReplayFacts;
}

/** Where a walk through the calls of a script stands. */
export interface WalkPlace {
  /** The text that was run: editors that hold it show the place. */
  readonly source: string;
  readonly line?: number;
  readonly note: string;
}

export interface ReplayFacts {
  readonly verdict?: { readonly kind: 'same' | 'differs' | 'incomplete'; readonly sentence: string; readonly details: readonly string[] };
  /** Another script was replayed than the one that ran. */
  readonly isChanged: boolean;
  /** Arguments that were expected and others that were made can be compared. */
  readonly comparable: boolean;
}

/** What a call that is asked for would make of files. */
export interface EffectView {
  readonly files: readonly FileDiff[];
  /** Arguments that the files say better. */
  readonly shows: readonly string[];
  readonly note?: string;
}

export type ToPanel =
  | { readonly type: 'state'; readonly state: PanelState }
  /** More of the selected run's journal; `from` 0 starts it anew. */
  | { readonly type: 'events'; readonly run: RunId; readonly from: number; readonly events: readonly RunEvent[] }
  /** Moves the keyboard to the oldest waiting question. */
  | { readonly type: 'focusQuestion' }
  /** Edited arguments were not taken; nothing was allowed. */
  | { readonly type: 'argumentsRejected'; readonly question: QuestionId; readonly call: CallId; readonly problems: readonly string[] }
  /** Answers a `preview`; without an effect nobody can tell. `args` as they came with the request. */
  | { readonly type: 'preview'; readonly question: QuestionId; readonly call: CallId; readonly args?: JsonObject; readonly effect?: EffectView }
  /** Answers `attachment`. */
  | { readonly type: 'attachment'; readonly handle: string; readonly found: { readonly base64: string } | { readonly why: string } }
  /** Answers `differences`. */
  | { readonly type: 'differences'; readonly changeSet: ChangeSetId; readonly differences: Differences };

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'select'; readonly run: RunId }
  | { readonly type: 'answer'; readonly question: QuestionId; readonly answer: Answer }
  /** What would a call that waits make of files, also with edited arguments? */
  | { readonly type: 'preview'; readonly question: QuestionId; readonly call: CallId; readonly args?: JsonObject }
  /** Opens the two sides of one of its files beside each other in an editor. */
  | { readonly type: 'openPreview'; readonly question: QuestionId; readonly call: CallId; readonly args?: JsonObject; readonly path: string }
  /** What do the files of a change set of the run differ in, or did when it was decided on? */
  | { readonly type: 'differences'; readonly run: RunId; readonly changeSet: ChangeSetId }
  | { readonly type: 'stop'; readonly run: RunId }
  | { readonly type: 'review'; readonly changeSet: ChangeSetId }
  | { readonly type: 'apply'; readonly changeSet: ChangeSetId }
  | { readonly type: 'discard'; readonly changeSet: ChangeSetId }
  | { readonly type: 'include'; readonly changeSet: ChangeSetId; readonly path: string; readonly included: boolean }
  | { readonly type: 'openFile'; readonly changeSet?: ChangeSetId; readonly path: string }
  | { readonly type: 'undo' }
  | { readonly type: 'openScript'; readonly run: RunId; readonly line?: number }
  | { readonly type: 'openDeclaration'; readonly source: string; readonly tool: string }
  /** Opens something of a call whole, in an editor. */
  | { readonly type: 'openValue'; readonly run: RunId; readonly call?: CallId; readonly part: 'args' | 'value' }
  /** The bytes that a value stands for by this name, to be shown: at most `largestShown`. */
  | { readonly type: 'attachment'; readonly handle: string }
  | { readonly type: 'copy'; readonly text: string }
  /** Opens a commit that Apply made. */
  | { readonly type: 'openCommit'; readonly repository: string; readonly sha: string }
  | { readonly type: 'runCommand'; readonly run: RunId; readonly command: RunCommand }
  /** A walk through the calls stands at this one, or is over. */
  | { readonly type: 'walk'; readonly run: RunId; readonly at?: WalkPlace }
  /** Expected and made arguments of a replay that diverged, side by side. */
  | { readonly type: 'compare' }
  | { readonly type: 'command'; readonly command: PanelCommand };

/** More bytes of a picture or a sound are not shown in a webview. */
export const largestShown = 8 * 1024 * 1024;

/** Commands an empty panel or a message offers; anything else from the webview is refused. */
export const panelCommands = [
  'codemode.newScript',
  'codemode.inspectApi',
  'codemode.openWalkthrough',
  'codemode.manageApprovals',
  'workbench.trust.manage',
  'workbench.action.files.openFolder',
  'codemode.askInChat',
] as const;
export type PanelCommand = (typeof panelCommands)[number];

/** Commands that a page or the panel runs on one run; anything else from the webview is refused. */
export const runCommands = ['openRun', 'resumeRun', 'replayRun', 'replayWithActiveScript', 'exportRun', 'explainFailure', 'showApprovals'] as const;
export type RunCommand = (typeof runCommands)[number];
