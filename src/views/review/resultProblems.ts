import * as vscode from 'vscode';
import type { FileJudgement, Judgement, ResultFile, ResultJudge, ResultProblem } from '../../checker/result/judgement.js';
import { stagedUri } from '../../editor/stagedFiles.js';
import type { ChangeSetId } from '../../ids.js';
import { DisposableStore, type Disposable } from '../../lifecycle/disposable.js';
import { Emitter } from '../../lifecycle/event.js';
import type { ChangeSet, ChangeSets } from '../../runs/changes/changeSet.js';

/** How long, in ms, a change set must rest before its result is looked at. */
const rest = 800;
/** Longest text that is looked at, in bytes. */
const largest = 2_000_000;

/** What is known of the result of a change set; nothing while it is looked at. */
export interface ResultReport {
  readonly files: ReadonlyMap<string, FileJudgement>;
  readonly broken: Judgement['broken'];
}

interface Watched {
  timer?: NodeJS.Timeout;
  stop?: AbortController;
  report?: ResultReport;
  shown: readonly vscode.Uri[];
}

/**
 * Problems of what Apply would leave behind, while it waits for review: beside the staged text in the diff and in the
 * list of problems. Nothing is written for that.
 */
export class ResultProblems implements Disposable {
  private readonly store = new DisposableStore();
  private readonly collection = this.store.add(vscode.languages.createDiagnosticCollection('Code Mode Review'));
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly watched = new Map<ChangeSetId, Watched>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly changeSets: ChangeSets,
    private readonly judge: ResultJudge,
  ) {
    this.store.add(changeSets.onDidChange((set) => this.follow(set)));
    for (const set of changeSets.open) this.follow(set);
  }

  of(id: ChangeSetId): ResultReport | undefined {
    return this.watched.get(id)?.report;
  }

  dispose(): void {
    for (const one of this.watched.values()) drop(one);
    this.store.dispose();
  }

  private follow(set: ChangeSet): void {
    const known = this.watched.get(set.id) ?? { shown: [] };
    drop(known);
    if (set.state.kind === 'applying') return;
    if (set.state.kind !== 'open' || set.files.length === 0) {
      for (const uri of known.shown) this.collection.delete(uri);
      this.watched.delete(set.id);
      return;
    }
    this.watched.set(set.id, known);
    known.timer = setTimeout(() => void this.look(set, known), rest);
  }

  private async look(set: ChangeSet, known: Watched): Promise<void> {
    const stop = (known.stop = new AbortController());
    try {
      const judgement = await this.judge.judge(await resultOf(set), stop.signal);
      if (stop.signal.aborted || this.watched.get(set.id) !== known) return;
      known.report = { files: new Map(judgement.files.map((file) => [file.absolute, file])), broken: judgement.broken };
      this.show(set, known);
      this.changed.fire();
    } catch {
      // Something newer is looked at instead.
    }
  }

  private show(set: ChangeSet, known: Watched): void {
    for (const uri of known.shown) this.collection.delete(uri);
    known.shown = set.files.filter((file) => file.kind !== 'deleted').map((file) => stagedUri(set.id, file));
    for (const file of set.files) {
      const judged = known.report?.files.get(file.absolute);
      if (judged?.status === 'checked') this.collection.set(stagedUri(set.id, file), judged.problems.map(diagnosticOf));
    }
  }
}

function drop(one: Watched): void {
  clearTimeout(one.timer);
  one.stop?.abort();
}

/** Everything that Apply would write or remove; what is too large or no text is left to be told as not checked. */
async function resultOf(set: ChangeSet): Promise<readonly ResultFile[]> {
  const files: ResultFile[] = [];
  for (const file of set.files) {
    if (file.excluded) continue;
    if (file.from !== undefined) files.push({ absolute: file.from.absolute });
    const bytes = file.binary ? undefined : await set.content(file.path, 'staged');
    if (file.kind === 'deleted') files.push({ absolute: file.absolute });
    else if (bytes !== undefined && bytes.byteLength <= largest) files.push({ absolute: file.absolute, text: Buffer.from(bytes).toString('utf8') });
  }
  return files;
}

function diagnosticOf(problem: ResultProblem): vscode.Diagnostic {
  const range = new vscode.Range(problem.line - 1, problem.column - 1, problem.endLine - 1, problem.endColumn - 1);
  const diagnostic = new vscode.Diagnostic(range, problem.message, problem.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning);
  diagnostic.source = 'Code Mode: after Apply';
  diagnostic.code = problem.code;
  return diagnostic;
}

/** What is known of one file, in a few words. */
export function resultWords(judged: FileJudgement | undefined, looked: boolean): string {
  if (judged === undefined) return looked ? 'not checked' : 'being checked';
  if (judged.status === 'notChecked') return `not checked: ${judged.reason}`;
  const count = judged.problems.length;
  const found = count === 0 ? 'no problems' : count === 1 ? '1 problem' : `${count} problems`;
  return judged.depth === 'types' ? `${found} after Apply` : `${found} after Apply (syntax only)`;
}
