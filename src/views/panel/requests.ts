import type { CallId, ChangeSetId, QuestionId, RunId } from '../../ids.js';
import type { Answer, Approvals } from '../../runs/approvals.js';
import type { ChangeSets, Differences } from '../../runs/changes/changeSet.js';
import { fileDiff } from '../../runs/changes/fileDiff.js';
import type { Runs } from '../../runs/run.js';
import { largestShown, panelCommands, runCommands, type EffectView, type FromPanel, type PanelCommand, type RunCommand, type ToPanel, type WalkPlace } from './protocol.js';

/** What the panel may ask the rest of the extension to do. */
export interface PanelActions {
  review(changeSet: ChangeSetId): Promise<void>;
  apply(changeSet: ChangeSetId): Promise<void>;
  discard(changeSet: ChangeSetId): Promise<void>;
  undo(): Promise<void>;
  /** What differs in the files of a change set, or did when it was decided on. */
  differences(run: RunId, changeSet: ChangeSetId): Promise<Differences>;
  openFile(path: string, changeSet: ChangeSetId | undefined): Promise<void>;
  openScript(run: RunId, line: number | undefined): Promise<void>;
  openDeclaration(source: string, tool: string): Promise<void>;
  openValue(run: RunId, call: CallId | undefined, part: 'args' | 'value'): Promise<void>;
  /** Bytes that a value stands for; nothing where they are not kept any more. */
  attachment(handle: string): Promise<Uint8Array | undefined>;
  /** Two sides of a file beside each other; undefined is a side that is not there. */
  compareFile(path: string, before: Uint8Array | undefined, after: Uint8Array | undefined): Promise<void>;
  copy(text: string): Promise<void>;
  openCommit(repository: string, sha: string): Promise<void>;
  runCommand(run: RunId, command: RunCommand): Promise<void>;
  /** Marks the line in the script, where that is open; without a place the mark goes. */
  walk(run: RunId, at: WalkPlace | undefined): Promise<void>;
  command(command: PanelCommand): Promise<void>;
}

interface Rooms {
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly changeSets: ChangeSets;
  readonly actions: PanelActions;
}

export type Request = Exclude<FromPanel, { type: 'ready' | 'select' | 'compare' }>;

/** Does what the panel asked; a late or doubled request finds nothing to do and changes nothing. */
export async function handle(request: Request, { runs, approvals, changeSets, actions }: Rooms): Promise<ToPanel | undefined> {
  switch (request.type) {
    case 'answer': {
      const rejected = checkEdited(request.question, request.answer, approvals);
      if (rejected === undefined) approvals.answer(request.question, request.answer);
      return rejected;
    }
    case 'preview': {
      const { question, call, args } = request;
      const effect = await effectOf(request, approvals);
      return { type: 'preview', question, call, ...(args !== undefined && { args }), ...(effect !== undefined && { effect }) };
    }
    case 'openPreview': {
      const preview = await approvals.preview(request.question, request.call, request.args);
      const file = preview?.files.find(({ path }) => path === request.path);
      if (file !== undefined) await actions.compareFile(file.path, file.before, file.after);
      return undefined;
    }
    case 'differences':
      return { type: 'differences', changeSet: request.changeSet, differences: await actions.differences(request.run, request.changeSet) };
    case 'stop':
      runs.get(request.run)?.stop();
      return undefined;
    case 'include':
      changeSets.get(request.changeSet)?.setExcluded(request.path, !request.included);
      return undefined;
    case 'review':
      await actions.review(request.changeSet);
      return undefined;
    case 'apply':
      await actions.apply(request.changeSet);
      return undefined;
    case 'discard':
      await actions.discard(request.changeSet);
      return undefined;
    case 'undo':
      await actions.undo();
      return undefined;
    case 'openFile':
      await actions.openFile(request.path, request.changeSet);
      return undefined;
    case 'openScript':
      await actions.openScript(request.run, request.line);
      return undefined;
    case 'openDeclaration':
      await actions.openDeclaration(request.source, request.tool);
      return undefined;
    case 'openValue':
      await actions.openValue(request.run, request.call, request.part);
      return undefined;
    case 'attachment':
      return { type: 'attachment', handle: request.handle, found: shownBytes(await actions.attachment(request.handle)) };
    case 'copy':
      await actions.copy(request.text);
      return undefined;
    case 'openCommit':
      await actions.openCommit(request.repository, request.sha);
      return undefined;
    case 'runCommand':
      if (runCommands.includes(request.command)) await actions.runCommand(request.run, request.command);
      return undefined;
    case 'walk':
      await actions.walk(request.run, request.at);
      return undefined;
    case 'command':
      if (panelCommands.includes(request.command)) await actions.command(request.command);
      return undefined;
  }
}

function shownBytes(bytes: Uint8Array | undefined): Extract<ToPanel, { type: 'attachment' }>['found'] {
  if (bytes === undefined) return { why: 'It is not kept any more.' };
  if (bytes.length > largestShown) return { why: 'It is too large to be shown here.' };
  return { base64: Buffer.from(bytes).toString('base64') };
}

async function effectOf({ question, call, args }: Extract<Request, { type: 'preview' }>, approvals: Approvals): Promise<EffectView | undefined> {
  try {
    const preview = await approvals.preview(question, call, args);
    return preview === undefined ? undefined : { ...preview, files: preview.files.map(fileDiff) };
  } catch (error) {
    return { files: [], shows: [], note: `What it would change cannot be shown: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Edited arguments are held against the tool's schema before anything is allowed. */
function checkEdited(id: QuestionId, answer: Answer, approvals: Approvals): ToPanel | undefined {
  if (answer.kind !== 'calls' || answer.decision.kind !== 'allow' || answer.decision.args === undefined) return undefined;
  const [only] = answer.only ?? [];
  if (only === undefined) return undefined;
  const problems = approvals.validate(id, only, answer.decision.args);
  if (problems.length === 0) return undefined;
  return {
    type: 'argumentsRejected',
    question: id,
    call: only,
    problems: problems.map((problem) => (problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`)),
  };
}
