import { isJsonObject, type JsonValue } from '../../json.js';
import { runOrigins, type RunOrigin } from '../events.js';
import type { ArgumentCondition, PolicyRule } from './rule.js';

export interface RulesRead {
  readonly rules: readonly PolicyRule[];
  /** One sentence for each rule, or part of one, that could not be read. */
  readonly problems: readonly string[];
}

/**
 * The rules of a settings file. Nobody keeps what is in it well-formed, and a mistake must not loosen anything: what
 * cannot be read of a refusal or a question is left out, so that it fits more calls, and a damaged permission is none.
 */
export function readRules(given: unknown, where: string): RulesRead {
  if (given === undefined) return { rules: [], problems: [] };
  if (!Array.isArray(given)) return { rules: [], problems: [`The rules of the ${where} settings are not read: expected a list of rules.`] };
  const rules: PolicyRule[] = [];
  const problems: string[] = [];
  for (const [index, entry] of (given as readonly JsonValue[]).entries()) {
    const name = `Rule ${index + 1} of the ${where} settings`;
    const effect = isJsonObject(entry) ? entry['effect'] : undefined;
    if (!isJsonObject(entry) || (effect !== 'allow' && effect !== 'ask' && effect !== 'deny')) {
      problems.push(`${name} is ignored: "effect" must be "allow", "ask" or "deny".`);
      continue;
    }
    const wrong: string[] = [];
    const rule: PolicyRule = {
      effect,
      ...text(entry, 'server', wrong),
      ...text(entry, 'tool', wrong),
      ...text(entry, 'why', wrong),
      ...origin(entry['origin'], wrong),
      ...conditions(entry['when'], wrong),
    };
    const unknown = Object.keys(entry).filter((member) => !['effect', 'server', 'tool', 'why', 'origin', 'when'].includes(member));
    wrong.push(...unknown.map((member) => `there is no "${member}"`));
    if (wrong.length === 0 || effect !== 'allow') rules.push(rule);
    if (wrong.length > 0) problems.push(`${name} ${effect === 'allow' ? 'allows nothing' : 'fits more calls than it may be meant to'} until it is corrected: ${wrong.join('; ')}.`);
  }
  return { rules, problems };
}

function text<Name extends 'server' | 'tool' | 'why'>(entry: { readonly [member: string]: JsonValue | undefined }, name: Name, wrong: string[]): { readonly [member in Name]?: string } {
  const value = entry[name];
  if (typeof value === 'string') return { [name]: value } as { readonly [member in Name]: string };
  if (value !== undefined) wrong.push(`"${name}" must be a string`);
  return {};
}

function origin(given: JsonValue | undefined, wrong: string[]): Pick<PolicyRule, 'origin'> {
  if (given === undefined) return {};
  const named = [given].flat() as readonly JsonValue[];
  if (named.length > 0 && named.every(isOrigin)) return { origin: named };
  wrong.push(`"origin" must be among ${runOrigins.join(', ')}`);
  return {};
}

function isOrigin(given: JsonValue): given is RunOrigin {
  return (runOrigins as readonly JsonValue[]).includes(given);
}

function conditions(given: JsonValue | undefined, wrong: string[]): Pick<PolicyRule, 'when'> {
  if (given === undefined) return {};
  if (!Array.isArray(given)) {
    wrong.push('"when" must be a list of conditions');
    return {};
  }
  const when = (given as readonly JsonValue[]).flatMap((one): readonly ArgumentCondition[] => {
    const condition = isCondition(one) ? one : undefined;
    if (condition === undefined) wrong.push('a condition of "when" needs "argument", and at most "glob", "equals" and "largerThan"');
    return condition === undefined ? [] : [condition];
  });
  return { when };
}

function isCondition(given: JsonValue): given is JsonValue & ArgumentCondition {
  if (!isJsonObject(given) || typeof given['argument'] !== 'string') return false;
  const { glob, largerThan } = given;
  const isGlob = glob === undefined || typeof glob === 'string' || (Array.isArray(glob) && (glob as readonly JsonValue[]).every((one) => typeof one === 'string'));
  return isGlob && (largerThan === undefined || typeof largerThan === 'number') && Object.keys(given).every((member) => ['argument', 'glob', 'equals', 'largerThan'].includes(member));
}
