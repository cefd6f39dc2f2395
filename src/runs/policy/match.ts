import picomatch from 'picomatch';
import type { ToolRef } from '../../catalog/source.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import type { RunOrigin } from '../events.js';
import type { ArgumentCondition, PolicyRule } from './rule.js';

/** What a rule looks at. */
export interface Matchable {
  readonly ref: ToolRef;
  readonly args: JsonObject;
  readonly origin?: RunOrigin;
  readonly linkTarget?: LinkTarget;
}

/** Where a path leads through links; undefined where it leads to itself, or nowhere. */
export type LinkTarget = (path: string) => string | undefined;

const longestPattern = 1000;
const remembered = new Map<string, (text: string) => boolean>();

/** Matches case-blind: a file system may well be. Wildcards match hidden names too. */
export function globMatches(pattern: string, text: string): boolean {
  let matches = remembered.get(pattern);
  if (matches === undefined) {
    if (remembered.size > 5000) remembered.clear();
    matches = compile(pattern);
    remembered.set(pattern, matches);
  }
  return matches(text);
}

function compile(pattern: string): (text: string) => boolean {
  if (pattern === '*' || pattern === '**') return () => true;
  if (pattern.length > longestPattern) return (text) => text === pattern;
  try {
    // Brackets of extended globs allow nested repetition, and with it patterns that take for ever: plain globs only.
    return picomatch(pattern, { dot: true, nocase: true, noextglob: true, maxLength: longestPattern });
  } catch {
    return (text) => text === pattern;
  }
}

export function ruleMatches(rule: PolicyRule, call: Matchable): boolean {
  if (rule.server !== undefined && !globMatches(rule.server, call.ref.source)) return false;
  if (rule.tool !== undefined && !globMatches(rule.tool, call.ref.name)) return false;
  if (rule.origin !== undefined && (call.origin === undefined || ![rule.origin].flat().includes(call.origin))) return false;
  return (rule.when ?? []).every((condition) => conditionHolds(condition, call, rule.effect));
}

function conditionHolds(condition: ArgumentCondition, { args, linkTarget }: Matchable, effect: PolicyRule['effect']): boolean {
  return valuesAt(args, condition.argument.split('.')).some((value) => {
    if (condition.equals !== undefined && JSON.stringify(value) !== JSON.stringify(condition.equals)) return false;
    if (condition.largerThan !== undefined && Buffer.byteLength(JSON.stringify(value)) <= condition.largerThan) return false;
    if (condition.glob === undefined) return true;
    if (typeof value !== 'string') return false;
    const globs = [condition.glob].flat();
    const fits = (path: string): boolean => globs.some((glob) => globMatches(glob, normalPath(path)));
    // A link loosens nothing: what allows must fit both ends, what asks or denies either.
    if (fits(value) !== (effect === 'allow')) return effect !== 'allow';
    const target = value.length > 4096 ? undefined : linkTarget?.(value);
    return target === undefined ? effect === 'allow' : fits(target);
  });
}

/** The value at a dotted place; a list counts as itself and as each of its items. */
function valuesAt(value: JsonValue, path: readonly string[]): readonly JsonValue[] {
  if (Array.isArray(value)) return [...(path.length === 0 ? [value] : []), ...(value as readonly JsonValue[]).flatMap((item) => valuesAt(item, path))];
  const [member, ...rest] = path;
  if (member === undefined) return [value];
  if (!isJsonObject(value) || !Object.hasOwn(value, member)) return [];
  return valuesAt(value[member] ?? null, rest);
}

/** The path as file systems see it: one kind of slash, no `.` and `..`, no `file:` before it, no dots or spaces after a name. */
export function normalPath(path: string): string {
  const parts: string[] = [];
  let plain = path;
  if (/^file:\/\//i.test(plain)) {
    try {
      plain = decodeURIComponent(plain.replace(/^file:\/\/[^/]*/i, ''));
    } catch {
      // Not a URL after all: matched as it stands.
    }
  }
  for (const raw of plain.split(/[\\/]+/)) {
    const part = raw === '..' ? raw : raw.replace(/[. ]+$/, '').replace(/:.*$/, (stream) => (raw.length === 2 ? stream : ''));
    if (part === '' || raw === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
