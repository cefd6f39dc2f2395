import type { JsonValue } from '../../json.js';
import type { RunOrigin } from '../events.js';
import type { RuleName } from './ruleName.js';

/** A condition on one argument of a call. All that are given must hold. */
export interface ArgumentCondition {
  /** Member of the argument, dotted where nested: `path`, `options.branch`. Lists match when any item does. */
  readonly argument: string;
  /** Path globs, `/`-separated; any of them. */
  readonly glob?: string | readonly string[];
  readonly equals?: JsonValue;
  /** Larger than this many bytes of JSON. */
  readonly largerThan?: number;
}

/** One line of the policy, as a person writes it. Left-out members match everything. */
export interface PolicyRule {
  readonly effect: 'allow' | 'ask' | 'deny';
  /** Source id, a glob: `github`, `git*`. */
  readonly server?: string;
  /** The tool's own name, a glob: `create_*`. */
  readonly tool?: string;
  readonly when?: readonly ArgumentCondition[];
  readonly origin?: RunOrigin | readonly RunOrigin[];
  /** Why the rule is there; shown with every question and refusal it causes. */
  readonly why?: string;
}

/** One line of the policy in force, in the order in which lines are tried: the first that fits decides. */
export interface ListedRule extends RuleName {
  readonly effect: 'allow' | 'ask' | 'deny';
}

/** The rule in a sentence: `Deny github.delete_* from chat: not from here.` */
export function ruleText(rule: PolicyRule): string {
  const effect = { allow: 'Allow', ask: 'Ask for', deny: 'Deny' }[rule.effect];
  const origins = rule.origin === undefined ? [] : [rule.origin].flat();
  const from = origins.length > 0 ? ` from ${origins.join(' or ')}` : '';
  const when = (rule.when ?? []).map(conditionText);
  const where = when.length > 0 ? ` where ${when.join(' and ')}` : '';
  return `${effect} ${rule.server ?? '*'}.${rule.tool ?? '*'}${where}${from}${rule.why !== undefined ? `: ${rule.why}` : ''}`;
}

function conditionText(condition: ArgumentCondition): string {
  const tests = [
    ...(condition.glob !== undefined ? [`matches ${[condition.glob].flat().join(' or ')}`] : []),
    ...(condition.equals !== undefined ? [`is ${JSON.stringify(condition.equals)}`] : []),
    ...(condition.largerThan !== undefined ? [`is larger than ${condition.largerThan} bytes`] : []),
  ];
  return `${condition.argument} ${tests.length > 0 ? tests.join(' and ') : 'is given'}`;
}
