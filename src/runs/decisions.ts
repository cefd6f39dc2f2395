import type { WorkspaceView } from '../catalog/workspace.js';
import type { CallId, RunId } from '../ids.js';
import type { JsonObject } from '../json.js';
import type { CallSite } from '../sandbox/sandbox.js';
import type { AskedCall } from './approvals.js';
import type { GrantScope, RunOrigin } from './events.js';
import type { Invocation } from './invocation.js';
import type { Journal } from './journal/journal.js';
import type { RunParts } from './parts.js';
import type { RunFlow } from './policy/flow.js';
import { normalPath } from './policy/match.js';
import type { PolicyCall, Verdict } from './policy/policy.js';
import type { Traces } from './policy/traces.js';
import { denied, notSentAgain, skipped, skippedByDeveloper, type RecordedCall, type Thrown } from './replay/recording.js';

export interface DecisionsOptions {
  readonly run: RunId;
  readonly origin: RunOrigin;
  readonly journal: Journal;
  readonly workspace: WorkspaceView;
  readonly signal: AbortSignal;
  /** Called when a person begins or ceases to be asked. */
  readonly onWaiting: () => void;
}

/** A call that may be made, with the arguments it is made with. */
export interface DecidedCall {
  readonly args: JsonObject;
  readonly byPerson: boolean;
}

/** Whether the calls of a run may be made: by the rules, and by a person where those ask. Each decision is recorded. */
export class Decisions {
  constructor(
    private readonly parts: RunParts,
    private readonly options: DecisionsOptions,
    private readonly flow: RunFlow,
    private readonly traces: Traces,
  ) {}

  /** @throws {Decided} when the call is not made. */
  async decide(call: CallId, invocation: Invocation, site: CallSite | undefined, mustAsk?: Extract<Verdict, { effect: 'ask' }>): Promise<DecidedCall> {
    const { journal, run, signal } = this.options;
    const { args, policy } = invocation;
    const asked = this.policyCallFor(invocation);
    const decided = this.parts.policy.decide(asked);
    const verdict = decided.effect === 'deny' ? decided : (mustAsk ?? decided);
    if (verdict.effect === 'allow') {
      journal.append({ type: 'callDecided', call, decision: 'allow', why: verdict.why, rule: verdict.rule });
      return { args, byPerson: false };
    }
    if (verdict.effect === 'deny') {
      journal.append({ type: 'callDecided', call, decision: 'deny', why: verdict.why, rule: verdict.rule });
      throw new Decided(denied(invocation.label, verdict.why));
    }
    const resolution = await this.parts.questions.askCall({
      run,
      verdict,
      signal,
      call: {
        call,
        tool: policy.ref,
        namespace: invocation.namespace,
        member: invocation.member,
        effect: policy.effect,
        ...(policy.annotations !== undefined && { annotations: policy.annotations }),
        inputSchema: invocation.inputSchema,
        args,
        ...(site?.line !== undefined && { line: site.line }),
        ...(verdict.previous !== undefined && { previous: verdict.previous }),
        ...this.carried(verdict, args),
        ...(invocation.preview !== undefined && { hasPreview: true }),
      },
      onAsked: (question) => {
        journal.append({ type: 'callAsked', call, question, why: verdict.why, rule: verdict.rule });
        this.options.onWaiting();
      },
      onAllowed: (scope, breadth) => {
        invocation.approveDefinition?.();
        this.remember(invocation, verdict, scope, breadth);
      },
      decideAgain: () => mustAsk ?? this.parts.policy.decide(asked),
      validate: (edited) => this.parts.validators.validate(invocation.inputSchema, edited),
      ...(invocation.preview !== undefined && { preview: async (edited: JsonObject) => invocation.preview?.(edited, { workspace: this.options.workspace, signal }) }),
    });
    this.options.onWaiting();
    const { question } = resolution;
    if (resolution.kind === 'skip') {
      const why = mustAsk !== undefined ? notSentAgain : (resolution.reason ?? skippedByDeveloper);
      journal.append({ type: 'callDecided', call, question, decision: 'skip', why });
      throw new Decided(skipped(invocation.label, why));
    }
    if (resolution.kind === 'covered') {
      journal.append({ type: 'callDecided', call, question, decision: 'allow', why: resolution.why, rule: resolution.rule });
      return { args, byPerson: true };
    }
    invocation.approveDefinition?.();
    journal.append({
      type: 'callDecided',
      call,
      question,
      decision: 'allow',
      why: 'Allowed by the developer.',
      rule: verdict.rule,
      scope: resolution.scope,
      breadth: resolution.breadth,
      ...(resolution.args !== undefined && { args: this.parts.recorder.record(resolution.args) }),
    });
    return { args: resolution.args ?? args, byPerson: true };
  }

  private remember(invocation: Invocation, verdict: Extract<Verdict, { effect: 'ask' }>, scope: GrantScope, breadth: 'tool' | 'server'): void {
    if (scope === 'once') return;
    const { policy, tool, server } = invocation;
    const tools = breadth === 'server' && server !== undefined ? Object.fromEntries(server.tools.map((entry) => [entry.ref.name, entry.toolHash])) : { [policy.ref.name]: policy.toolHash };
    const saved = this.parts.grants.add({
      scope,
      breadth,
      tools,
      kind: policy.ref.kind,
      server: policy.ref.source,
      definitionHash: policy.definitionHash,
      ...(scope === 'run' && { run: this.options.run }),
      ...(verdict.leak !== undefined && { afterOutside: true }),
      ...(breadth === 'tool' && tool !== undefined && definitionOf(tool)),
    });
    // The yes holds for this session even where it cannot be kept longer.
    saved.catch(() => undefined);
  }

  /** A call that was allowed, and perhaps sent, before the interruption. */
  async decideAnew(call: RecordedCall, invocation: Invocation, site: CallSite | undefined): Promise<DecidedCall> {
    const { end } = call;
    const edited = (end.kind === 'allowed' || end.kind === 'sent') && end.args !== undefined ? await this.parts.recorder.read(end.args) : undefined;
    const again = { ...invocation, args: (edited as JsonObject | undefined) ?? invocation.args };
    const { policy } = invocation;
    const isHarmless = policy.effect === 'read' && (policy.sourceKind === 'builtin' || policy.trusted);
    if (end.kind === 'allowed' || isHarmless) {
      const verdict = this.parts.policy.decide(this.policyCallFor(again));
      return verdict.effect === 'deny' ? this.decide(call.id, again, site) : { args: again.args, byPerson: true };
    }
    const why = `${invocation.label} was sent before the run was interrupted, and whether it took effect is not known. Allowing it sends it again.`;
    return this.decide(call.id, again, site, { effect: 'ask', scopes: ['once'], why, rule: { from: 'built in', text: 'Ask before a call is sent again that was sent before its run was interrupted.' } });
  }

  private policyCallFor({ policy, args }: Invocation): PolicyCall {
    const known = new Map<string, string | undefined>();
    const linkTarget = (given: string): string | undefined => {
      if (!known.has(given)) known.set(given, this.whereLeads(given));
      return known.get(given);
    };
    return { ...policy, args, run: this.options.run, origin: this.options.origin, flow: this.flow, linkTarget };
  }

  /** A path outside of the workspace is its source's to judge. */
  private whereLeads(given: string): string | undefined {
    try {
      const { display } = this.options.workspace.resolve(given);
      return `/${normalPath(given)}`.endsWith(`/${display}`) ? undefined : display;
    } catch {
      return undefined;
    }
  }

  /** What of the arguments was read in private, where the question is about that. */
  private carried({ leak }: Extract<Verdict, { effect: 'ask' }>, args: JsonObject): Pick<AskedCall, 'carries'> {
    const carries = leak === undefined || leak.from.length === 0 ? [] : this.traces.find(args);
    return carries.length > 0 ? { carries } : {};
  }
}

/** The call ended with a decision that is recorded already. */
export class Decided extends Error {
  constructor(readonly thrown: Thrown) {
    super(thrown.message);
  }
}

function definitionOf(tool: { readonly description?: string; readonly inputSchema: unknown }): { definition?: JsonObject } {
  const definition = { ...(tool.description !== undefined && { description: tool.description }), inputSchema: tool.inputSchema } as JsonObject;
  return JSON.stringify(definition).length <= 16_384 ? { definition } : {};
}
