import type { Catalog, CatalogServer, CatalogTool } from '../../catalog/catalog.js';
import { definitionAsJson } from '../../catalog/definition.js';
import type { Effect, SourceKind, ToolAnnotations, ToolRef } from '../../catalog/source.js';
import type { RunId } from '../../ids.js';
import type { JsonObject } from '../../json.js';
import type { Event } from '../../lifecycle/event.js';
import type { GrantScope, RunOrigin } from '../events.js';
import { leakOf, leakText, marksOf, readsOutside, type Flow, type FlowMarks, type Leak, type ToolMarks } from './flow.js';
import type { Grant, Granted, Grants } from './grants.js';
import { ruleMatches, type Matchable } from './match.js';
import { ruleText, type ListedRule, type PolicyRule } from './rule.js';
import type { RuleName } from './ruleName.js';
import { sensitivePathIn, sensitivePaths } from './sensitive.js';

/** Everything a decision rests on. */
export interface PolicyCall extends Matchable, Granted {
  readonly run?: RunId;
  /** As scripts write it: `github.create_issue`. */
  readonly label: string;
  readonly effect: Effect;
  readonly annotations?: ToolAnnotations;
  readonly sourceKind: SourceKind;
  readonly trusted: boolean;
  /** What the developer says of it. */
  readonly marks: ToolMarks;
  /** One of our own `codemode` functions, which only look things up. */
  readonly helper: boolean;
  /** The script names it, as the check found. */
  readonly inReach: boolean;
  readonly flow?: Flow;
  /** What the tool was when the developer last approved it, where it is something else at this moment. */
  readonly changedFrom?: () => JsonObject | undefined;
}

/** `rule`: the line of the policy that decided, as {@link Policy.rules} lists it. */
export type Verdict =
  | { readonly effect: 'allow'; readonly why: string; readonly rule: RuleName }
  | { readonly effect: 'deny'; readonly why: string; readonly rule: RuleName }
  | {
      readonly effect: 'ask';
      readonly why: string;
      readonly rule: RuleName;
      /** How long a yes may hold, shortest first. */
      readonly scopes: readonly GrantScope[];
      /** What the tool was when it was approved, where it has changed since. */
      readonly previous?: JsonObject;
      /** Whoever answers is told what the run has seen, and what could leave with this call. */
      readonly leak?: Leak;
    };

/** The rules in force, and what was remembered. */
export interface Policy {
  /** In the order in which they are tried: the first that fits decides. */
  readonly rules: readonly ListedRule[];
  /** Rules that were not taken, one sentence each. */
  readonly problems: readonly string[];
  readonly grants: readonly Grant[];
  readonly onDidChange: Event<void>;
  /** What would happen to such a call, and by which rule, as a sentence. */
  explain(ref: ToolRef, args?: JsonObject, origin?: RunOrigin): string;
  /** Whether nothing that the grant names is among the tools now; it is kept, since a server may come back. */
  isGone(grant: Grant): boolean;
  /** Grants whose server or tool contains the text. */
  search(text: string): readonly Grant[];
  revoke(id: string): Promise<boolean>;
  reset(): Promise<void>;
}

export interface PolicySettings {
  readonly user: readonly PolicyRule[];
  readonly workspace: readonly PolicyRule[];
  /** What could not be read of them, one sentence each. */
  readonly problems?: readonly string[];
}

const shortScopes: readonly GrantScope[] = ['once', 'run'];
const allScopes: readonly GrantScope[] = ['once', 'run', 'session', 'workspace'];

/** What is true of a call whoever set the rules; each as it stands in the list. */
const builtIn = {
  helper: { effect: 'allow', text: 'Allow what only looks up tools, handles and servers.' },
  sensitive: { effect: 'ask', text: `Ask, every time, before a call changes a sensitive path (${sensitivePaths.join(', ')}).` },
  flow: { effect: 'ask', text: "Ask before a write or outward call in a run that has read strangers' content, whatever was allowed before." },
  changed: { effect: 'ask', text: 'Ask before a call to a tool whose definition changed since you approved it, whatever was allowed before.' },
  destructive: { effect: 'ask', text: 'Ask before a call to a tool that says it destroys, at least once in each run.' },
  reach: { effect: 'ask', text: 'Ask before a call that reading the script did not show.' },
  read: { effect: 'allow', text: 'Allow built-in tools that only read.' },
  staged: { effect: 'allow', text: 'Allow built-in tools whose changes wait for review.' },
  trusted: { effect: 'allow', text: 'Allow tools that say they only read, of servers marked as trusted.' },
  rest: { effect: 'ask', text: 'Ask for everything else.' },
} as const;

export interface PolicyOptions {
  readonly catalog: Catalog;
  readonly rules: () => PolicySettings;
  readonly grants: Grants;
  /** What the developer says that tools read. */
  readonly marks: () => FlowMarks;
}

export class PolicyEngine implements Policy {
  constructor(private readonly options: PolicyOptions) {}

  get onDidChange(): Event<void> {
    return this.options.grants.onDidChange;
  }

  get grants(): readonly Grant[] {
    return this.options.grants.all;
  }

  get rules(): readonly ListedRule[] {
    const { user, workspace } = this.options.rules();
    const listed = (rules: readonly PolicyRule[], from: 'user' | 'workspace', effects: readonly string[]): ListedRule[] =>
      rules.flatMap((rule, index): ListedRule[] => {
        // Among the rules of one file the first that fits decides, so an earlier one may lift a refusal that stands above it here.
        const isLifted = rule.effect === 'deny' && rules.slice(0, index).some((earlier) => earlier.effect !== 'deny');
        return effects.includes(rule.effect) ? [{ effect: rule.effect, from, text: `${ruleText(rule)}${isLifted ? ', unless a rule before it in the same settings fits' : ''}` }] : [];
      });
    return [
      ...listed(user, 'user', ['deny']),
      ...listed(workspace, 'workspace', ['deny']),
      ...[builtIn.helper, builtIn.changed, builtIn.sensitive, builtIn.flow].map(standing),
      ...listed(workspace, 'workspace', ['ask']),
      ...[builtIn.destructive, builtIn.reach].map(standing),
      ...listed(user, 'user', ['ask', 'allow']),
      ...this.grants.map((grant): ListedRule => ({ effect: 'allow', from: 'remembered', text: grantText(grant) })),
      ...[builtIn.read, builtIn.staged, builtIn.trusted, builtIn.rest].map(standing),
    ];
  }

  get problems(): readonly string[] {
    const { workspace, problems = [] } = this.options.rules();
    const looser = workspace.filter((rule) => rule.effect === 'allow');
    return [...problems, ...looser.map((rule) => `The workspace rule "${ruleText(rule)}" is ignored: a workspace may only make the policy stricter. Put it in the user settings instead.`)];
  }

  decide(call: PolicyCall): Verdict {
    const { user, workspace } = this.options.rules();
    const byUser = user.find((rule) => ruleMatches(rule, call));
    if (byUser?.effect === 'deny') return { effect: 'deny', why: `Your rule says: ${ruleText(byUser)}.`, rule: written('user', byUser) };
    const byWorkspace = workspace.find((rule) => rule.effect !== 'allow' && ruleMatches(rule, call));
    if (byWorkspace?.effect === 'deny') return { effect: 'deny', why: `The workspace's rule says: ${ruleText(byWorkspace)}.`, rule: written('workspace', byWorkspace) };
    if (call.helper) return { effect: 'allow', why: builtIn.helper.text, rule: own('helper') };
    return askedAnew(call, this.mustAsk(call, byWorkspace) ?? this.byRule(call, byUser) ?? this.byGrant(call) ?? byDefault(call));
  }

  /** The askings that no remembered yes of a longer life lifts. */
  private mustAsk(call: PolicyCall, byWorkspace: PolicyRule | undefined): Verdict | undefined {
    const changes = call.effect !== 'read' || call.sourceKind !== 'builtin';
    const isStaging = call.effect === 'staged' && call.ref.source === 'git';
    const path = call.effect !== 'read' && !isStaging ? sensitivePathIn(call.args, call.linkTarget) : undefined;
    const leak = leakOf(call.flow, call.ref.source);
    if (path !== undefined) {
      const why = `${call.label} would change ${path}, a sensitive path, which is asked for every time.`;
      return { effect: 'ask', scopes: ['once'], rule: own('sensitive'), ...(leak === undefined ? { why } : { why: `${why} ${leakText(leak)}`, leak }) };
    }
    const openWorld = readsOutside(call);
    const acts = call.effect === 'write' || call.effect === 'outward' || call.effect === 'unknown';
    // Even a read sends its arguments; to strangers, that is a way out for what was read before.
    const leaks = openWorld && [...(call.flow?.private ?? [])].some((source) => source !== call.ref.source);
    const inRun = this.grantedInRun(call);
    if (leak !== undefined && (acts || leaks) && inRun?.afterOutside !== true) return { effect: 'ask', scopes: shortScopes, why: leakText(leak), rule: own('flow'), leak };
    if (inRun !== undefined) return undefined;
    if (byWorkspace !== undefined) return { effect: 'ask', scopes: shortScopes, why: `The workspace's rule says: ${ruleText(byWorkspace)}.`, rule: written('workspace', byWorkspace) };
    if (call.annotations?.destructiveHint === true && changes && call.effect !== 'staged') {
      return { effect: 'ask', scopes: shortScopes, why: `${call.label} says that it destroys, which is asked for in every run.`, rule: own('destructive') };
    }
    if (!call.inReach) return { effect: 'ask', scopes: shortScopes, why: `Reading the script did not show that it calls ${call.label}.`, rule: own('reach') };
    return undefined;
  }

  private byRule(call: PolicyCall, rule: PolicyRule | undefined): Verdict | undefined {
    if (rule === undefined) return undefined;
    const said = { why: `Your rule says: ${ruleText(rule)}.`, rule: written('user', rule) };
    if (rule.effect === 'allow') return { effect: 'allow', ...said };
    if (rule.effect === 'ask' && this.grantedInRun(call) === undefined) return { effect: 'ask', scopes: shortScopes, ...said };
    return undefined;
  }

  private byGrant(call: PolicyCall): Verdict | undefined {
    if (isAllowedByDefault(call)) return undefined;
    let stale: { readonly why: string; readonly rule: RuleName; readonly previous?: JsonObject } | undefined;
    for (const found of this.options.grants.for(call, call.run)) {
      const rule: RuleName = { from: 'remembered', text: grantText(found.grant) };
      if (found.stale === undefined) return { effect: 'allow', why: `You allowed ${coverage(found.grant, call.label)} ${lifetime(found.grant.scope)}.`, rule };
      stale = { why: found.stale, rule, ...(found.grant.definition !== undefined && { previous: found.grant.definition }) };
    }
    if (stale === undefined) return undefined;
    return { effect: 'ask', scopes: allScopes, why: `${call.label} is asked for anew: ${stale.why}.`, rule: stale.rule, ...(stale.previous !== undefined && { previous: stale.previous }) };
  }

  private grantedInRun(call: PolicyCall): Grant | undefined {
    let best: Grant | undefined;
    for (const { grant, stale } of this.options.grants.for(call, call.run)) {
      if (grant.scope === 'run' && stale === undefined && (best === undefined || grant.afterOutside === true)) best = grant;
    }
    return best;
  }

  explain(ref: ToolRef, args: JsonObject = {}, origin?: RunOrigin): string {
    const { catalog } = this.options;
    const tool = catalog.current.byRef(ref);
    const server = catalog.current.servers.find((entry) => entry.source.id === ref.source);
    if (tool === undefined || server === undefined) return `${ref.source}.${ref.name} is not among the tools now; it may have been renamed, or its server is not configured any more.`;
    const call = policyCallOf(tool, server, { args, inReach: true, marks: marksOf(ref, this.options.marks()), ...(origin !== undefined && { origin }) });
    const verdict = this.decide(call);
    return `${{ allow: 'Allowed', ask: 'Asks', deny: 'Denied' }[verdict.effect]}: ${verdict.why}`;
  }

  isGone(grant: Grant): boolean {
    const { current } = this.options.catalog;
    const server = current.servers.find((entry) => entry.source.id === grant.server);
    if (server === undefined) return true;
    return grant.kind === 'tool' && Object.keys(grant.tools).every((name) => current.byRef({ source: grant.server, kind: 'tool', name }) === undefined);
  }

  search(text: string): readonly Grant[] {
    const wanted = text.toLowerCase();
    return this.grants.filter((grant) => [grant.server, ...Object.keys(grant.tools)].some((name) => name.toLowerCase().includes(wanted)));
  }

  revoke(id: string): Promise<boolean> {
    return this.options.grants.revoke(id);
  }

  reset(): Promise<void> {
    return this.options.grants.reset();
  }
}

/** What policy needs to know of a catalog tool. */
export function policyCallOf(
  tool: CatalogTool,
  server: CatalogServer,
  rest: Pick<PolicyCall, 'args' | 'inReach' | 'marks'> & Partial<Pick<PolicyCall, 'run' | 'origin' | 'flow'>>,
): PolicyCall {
  return {
    ref: tool.ref,
    label: `${tool.namespace}.${tool.member}`,
    effect: tool.effect,
    ...(tool.annotations !== undefined && { annotations: tool.annotations }),
    sourceKind: server.source.kind,
    trusted: server.source.trusted,
    definitionHash: server.source.definitionHash,
    toolHash: tool.toolHash,
    helper: false,
    changedFrom: () => {
      const approved = server.source.pins?.approved(tool.ref.name);
      return approved === undefined ? undefined : definitionAsJson(approved);
    },
    ...rest,
  };
}

/** A tool that became another one since it was approved asks before its next call, whatever was granted or set for it. */
function askedAnew(call: PolicyCall, verdict: Verdict): Verdict {
  const previous = call.changedFrom?.();
  if (previous === undefined || verdict.effect === 'deny') return verdict;
  const why = `${call.label} is asked for anew: its definition changed since you approved it.`;
  if (verdict.effect === 'allow') return { effect: 'ask', scopes: allScopes, why, rule: own('changed'), previous };
  return { ...verdict, previous, why: verdict.previous === undefined ? `${why} ${verdict.why}` : verdict.why };
}

function isAllowedByDefault(call: PolicyCall): boolean {
  if (call.sourceKind === 'builtin') return call.effect === 'read' || call.effect === 'staged';
  return call.trusted && call.effect === 'read';
}

function byDefault(call: PolicyCall): Verdict {
  if (isAllowedByDefault(call)) {
    if (call.sourceKind !== 'builtin') return { effect: 'allow', why: `${call.label} says it only reads, and ${call.ref.source} is marked as trusted.`, rule: own('trusted') };
    if (call.effect === 'read') return { effect: 'allow', why: `${call.label} only reads.`, rule: own('read') };
    return { effect: 'allow', why: `What ${call.label} changes waits for review.`, rule: own('staged') };
  }
  return { effect: 'ask', scopes: allScopes, why: reasonToAsk(call), rule: own('rest') };
}

function standing(rule: (typeof builtIn)[keyof typeof builtIn]): ListedRule {
  return { ...rule, from: 'built in' };
}

function own(name: keyof typeof builtIn): RuleName {
  return { from: 'built in', text: builtIn[name].text };
}

function written(from: 'user' | 'workspace', rule: PolicyRule): RuleName {
  return { from, text: ruleText(rule) };
}

function reasonToAsk(call: PolicyCall): string {
  switch (call.effect) {
    case 'read':
      return `${call.label} says it only reads, but ${call.ref.source} is not marked as trusted.`;
    case 'staged':
    case 'write':
      return `${call.label} changes something that cannot be held back for review.`;
    case 'outward':
      return `${call.label} reaches other parties, which cannot be taken back.`;
    case 'unknown':
      return `${call.ref.source} does not say what ${call.label} does.`;
  }
}

function lifetime(scope: Grant['scope']): string {
  return { run: 'for this run', session: 'for this session', workspace: 'in this workspace' }[scope];
}

function coverage(grant: Grant, label: string): string {
  return grant.breadth === 'server' ? `all tools of ${grant.server}` : label;
}

function grantText(grant: Grant): string {
  const tools = grant.breadth === 'server' ? `all tools of ${grant.server}` : Object.keys(grant.tools).map((tool) => `${grant.server}.${tool}`).join(', ');
  return `Allow ${tools} ${lifetime(grant.scope)}${grant.afterOutside === true ? ', also after having seen outside content' : ''}.`;
}
