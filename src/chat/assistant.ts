import type { ChangeSetId, ConversationId } from '../ids.js';
import { isJsonObject } from '../json.js';
import type { Discovery } from '../discovery/discovery.js';
import type { Approvals } from '../runs/approvals.js';
import { holdsSomething } from '../runs/changes/contents.js';
import type { ApplyOutcome, ChangeSet, ChangeSets } from '../runs/changes/changeSet.js';
import { reportForModel } from '../runs/report.js';
import type { RunOrigin, RunOutcome } from '../runs/events.js';
import type { Run, Runs } from '../runs/run.js';

/** What became of the changes of a run, as far as an answer can tell. */
export type Review =
  | { readonly kind: 'none' }
  | { readonly kind: 'awaiting'; readonly changeSet: ChangeSet }
  | { readonly kind: 'applied'; readonly outcome: Extract<ApplyOutcome, { ok: true }> }
  | { readonly kind: 'discarded' };

export interface RunAnswer {
  readonly run: Run;
  readonly outcome: RunOutcome;
  readonly review: Review;
  /** For the model. */
  readonly report: string;
}

export interface AssistantRooms {
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly changeSets: ChangeSets;
  readonly discovery: Discovery;
  /** Connects the servers, the first time somebody wants them. */
  readonly ready: (signal?: AbortSignal) => Promise<void>;
  /** Waits for the developer's decision on a change set; undefined when the signal ends the wait. */
  readonly decision: (changeSet: ChangeSetId, signal: AbortSignal) => Promise<{ readonly kind: 'applied'; readonly outcome: Extract<ApplyOutcome, { ok: true }> } | { readonly kind: 'discarded' } | undefined>;
  readonly reviewWaitMs: () => number;
}

export interface RunScriptRequest {
  readonly title: string;
  readonly script: string;
  readonly origin: RunOrigin;
  readonly conversation: ConversationId;
  readonly signal: AbortSignal;
  readonly toolInvocationToken?: unknown;
  readonly onStart?: (run: Run) => void;
  /** The script has ended and its changes wait for review. */
  readonly onReview?: (changeSet: ChangeSet) => void;
}

/** A tool call of a model that does not have the shape it was told. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}

/** The three things a model can do here, the same for the participant's own loop and for agent mode. */
export class Assistant {
  constructor(private readonly rooms: AssistantRooms) {}

  async search(input: unknown): Promise<string> {
    const query = isJsonObject(input) ? input['query'] : undefined;
    if (typeof query !== 'string' || query.trim() === '') throw new BadInput('Expected { "query": string, "server"?: string }.');
    const server = isJsonObject(input) && typeof input['server'] === 'string' ? input['server'] : undefined;
    await this.rooms.ready();
    const page = this.rooms.discovery.search(query, { server, limit: 10 });
    if (page.total === 0) {
      const servers = this.rooms.discovery.servers().map((each) => `${each.name} (${each.tools} tools, ${each.state})`);
      return `No tool fits “${query}”. Servers: ${servers.join(', ')}. Try other words.`;
    }
    const lines = page.results.map((tool) => (tool.summary === '' ? tool.signature : `${tool.signature}\n  ${tool.summary}`));
    if (page.total > page.results.length) lines.push(`(${page.total - page.results.length} more; narrow the query)`);
    return lines.join('\n');
  }

  async describe(input: unknown): Promise<string> {
    const names = isJsonObject(input) ? input['names'] : undefined;
    const list = typeof names === 'string' ? [names] : Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
    if (list.length === 0) throw new BadInput('Expected { "names": string[] }, for example ["repo.read"].');
    await this.rooms.ready();
    return this.rooms.discovery.describe(list, { full: isJsonObject(input) && input['full'] === true });
  }

  /** The `title` and `script` of a model's call. */
  readRun(input: unknown): { readonly title: string; readonly script: string } {
    const script = isJsonObject(input) ? input['script'] : undefined;
    if (typeof script !== 'string' || script.trim() === '') throw new BadInput('Expected { "title": string, "script": string }.');
    const title = isJsonObject(input) && typeof input['title'] === 'string' ? input['title'].trim() : '';
    return { title: title === '' ? 'Script' : title.slice(0, 120), script };
  }

  /** Runs a script to its end and waits for the review of what it staged, up to a setting. */
  async run(request: RunScriptRequest): Promise<RunAnswer> {
    await this.rooms.ready(request.signal);
    const { title, script, origin, conversation, signal, toolInvocationToken } = request;
    const run = this.rooms.runs.start({ source: script, title, origin, params: {}, conversation, signal, toolInvocationToken });
    request.onStart?.(run);
    const outcome = await run.outcome;
    const review = await this.review(request, outcome);
    return { run, outcome, review, report: await this.report(run, outcome, review) };
  }

  private async review(request: RunScriptRequest, outcome: RunOutcome): Promise<Review> {
    if (outcome.status === 'rejected' || outcome.status === 'declined') return { kind: 'none' };
    const changeSet = this.rooms.changeSets.open.find((set) => set.conversation === request.conversation && !set.isLeftOut && holdsSomething(set));
    if (changeSet === undefined) return { kind: 'none' };
    request.onReview?.(changeSet);
    const wait = AbortSignal.any([request.signal, AbortSignal.timeout(this.rooms.reviewWaitMs())]);
    const decision = await this.rooms.decision(changeSet.id, wait);
    return decision ?? { kind: 'awaiting', changeSet };
  }

  private async report(run: Run, outcome: RunOutcome, review: Review): Promise<string> {
    const large = outcome.status === 'finished' && outcome.value.kind === 'blob';
    const value = large ? JSON.stringify(await run.value()) : undefined;
    const report = reportForModel(run.events, { value });
    if (review.kind !== 'awaiting') return report;
    return `${report}\n\nawaitingReview: change set ${review.changeSet.id}. The developer has not decided yet; nothing of it is in the workspace. Do not run the same edits again, and do not say they are done.`;
  }
}
