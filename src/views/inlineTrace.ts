import * as vscode from 'vscode';
import type { RunId } from '../ids.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import { callLines, type LineCalls } from '../runs/callLines.js';
import type { RunEvent } from '../runs/events.js';
import type { Run, RunHistory, Runs } from '../runs/run.js';
import { RunFold } from '../runs/timeline.js';
import type { WalkPlace } from './panel/protocol.js';

/** How often, in ms, the trace of a running script is drawn anew. */
const beat = 200;

interface Traced {
  readonly run: RunId;
  readonly fold: RunFold;
  /** Events taken into the fold. */
  taken: number;
  lines: ReadonlyMap<number, LineCalls>;
}

/** Says at the end of each line of an open script how often it called, and how long that took, until the script is edited. */
export class InlineTrace implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly ends = this.store.add(vscode.window.createTextEditorDecorationType({ after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 3ch' }, rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed }));
  private readonly current = this.store.add(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
      overviewRulerColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
      after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 3ch' },
    }),
  );
  /** By address of the document. */
  private readonly traced = new Map<string, Traced>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private walking: { readonly run: RunId; readonly place: WalkPlace & { readonly line: number } } | undefined;

  constructor(
    private readonly runs: Runs,
    private readonly history: RunHistory,
  ) {
    this.store.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0 || !this.traced.delete(document.uri.toString())) return;
        this.draw();
      }),
    );
    this.store.add(vscode.workspace.onDidCloseTextDocument((document) => this.traced.delete(document.uri.toString())));
    this.store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.draw()));
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('codemode.inlineTrace')) this.draw();
      }),
    );
  }

  /** The document holds the script of the run, as it was run. */
  async follow(uri: vscode.Uri, id: RunId): Promise<void> {
    const run = this.runs.get(id);
    this.take(uri, id, run?.events ?? (await this.history.open(id)));
    if (run !== undefined && run.phase !== 'ended') this.watch(uri, run);
  }

  /** Marks where a walk through calls stands, in the editors that show its script. */
  walk(run: RunId, at: WalkPlace | undefined): void {
    if (at === undefined && this.walking?.run !== run) return;
    this.walking = at?.line === undefined ? undefined : { run, place: { ...at, line: at.line } };
    this.draw();
    for (const editor of vscode.window.visibleTextEditors) {
      const marked = this.markedIn(editor.document);
      if (marked !== undefined) editor.revealRange(lineRange(editor.document, marked), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  dispose(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.store.dispose();
  }

  private watch(uri: vscode.Uri, run: Run): void {
    let timer: NodeJS.Timeout | undefined;
    const draw = (): void => {
      if (timer !== undefined) this.timers.delete(timer);
      timer = undefined;
      // Edited meanwhile, or run again.
      if (this.traced.get(uri.toString())?.run === run.id) this.take(uri, run.id, run.events);
    };
    const listening = this.store.add(
      run.onDidAppend((event) => {
        if (!('call' in event) || timer !== undefined) return;
        timer = setTimeout(draw, beat);
        this.timers.add(timer);
      }),
    );
    void run.outcome.then(() => {
      this.store.delete(listening);
      clearTimeout(timer);
      draw();
    });
  }

  private take(uri: vscode.Uri, run: RunId, events: readonly RunEvent[]): void {
    const key = uri.toString();
    const before = this.traced.get(key);
    const traced: Traced = before?.run === run ? before : { run, fold: new RunFold(), taken: 0, lines: new Map() };
    for (const event of events.slice(traced.taken)) traced.fold.add(event);
    traced.taken = events.length;
    traced.lines = callLines(
      traced.fold.view.calls.map(({ line, requestedAt, sentAt, endedAt, state }) => ({
        ...(line !== undefined && { line }),
        // A person's thinking is not the call's time.
        startedAt: sentAt ?? requestedAt,
        ...(endedAt !== undefined && { endedAt }),
        isFailed: state === 'failed' || state === 'unknown' || state === 'skipped' || state === 'denied',
      })),
    );
    this.traced.set(key, traced);
    this.draw();
  }

  private markedIn(document: vscode.TextDocument): number | undefined {
    const place = this.walking?.place;
    return place !== undefined && place.line <= document.lineCount && document.getText() === place.source ? place.line : undefined;
  }

  private draw(): void {
    const isOn = vscode.workspace.getConfiguration('codemode').get('inlineTrace', true);
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const marked = this.markedIn(document);
      const lines = isOn ? (this.traced.get(document.uri.toString())?.lines ?? []) : [];
      editor.setDecorations(this.ends, [...lines].filter(([line]) => line !== marked && line <= document.lineCount).map(([line, calls]) => endOf(document, line, calls)));
      editor.setDecorations(this.current, marked === undefined ? [] : [{ range: lineRange(document, marked), renderOptions: { after: { contentText: this.walking?.place.note } } }]);
    }
  }
}

function lineRange(document: vscode.TextDocument, line: number): vscode.Range {
  return document.lineAt(Math.min(line, document.lineCount) - 1).range;
}

function endOf(document: vscode.TextDocument, line: number, { calls, failed, running, ms }: LineCalls): vscode.DecorationOptions {
  const { end } = lineRange(document, line);
  const parts = [`${calls}×`, duration(ms), ...(failed > 0 ? [`${failed} without a result`] : []), ...(running > 0 ? [`${running} under way`] : [])];
  const hover = `${calls === 1 ? '1 call' : `${calls} calls`} from this line in the last run, ${duration(ms)} under way.`;
  return { range: new vscode.Range(end, end), renderOptions: { after: { contentText: parts.join(' · ') } }, hoverMessage: hover };
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
