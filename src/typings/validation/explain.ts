import type { OutputUnit, Validator } from '@cfworker/json-schema';
import type { JsonObject } from '../../json.js';
import { isJsonObject } from '../../json.js';

export interface ArgumentProblem {
  /** As code writes it from the argument on: `filter.labels[0]`; `''` is the argument itself. */
  readonly path: string;
  /** One sentence: what was expected, and what came. */
  readonly message: string;
}

const maximumProblems = 10;

/** Keywords whose own error only says that something inside is wrong. */
const containers = new Set([
  '$ref', '$recursiveRef', 'allOf', 'if', 'properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties', 'items',
  'prefixItems', 'additionalItems', 'unevaluatedItems', 'dependentSchemas', 'dependencies', 'propertyNames',
]);

/** What the validator found, in words, one sentence for each place; at most ten of them. */
export function explain(errors: readonly OutputUnit[], validator: Validator, instance: unknown): readonly ArgumentProblem[] {
  const problems = new Map<string, ArgumentProblem>();
  for (const error of withoutLosingBranches(errors)) {
    if (containers.has(error.keyword) && errors.some((other) => other !== error && isInside(other, error))) continue;
    const path = pathOf(error.instanceLocation);
    const message = messageOf(error, errors, validator, instance);
    problems.set(`${path}\n${message}`, { path, message });
  }
  return [...problems.values()].slice(0, maximumProblems);
}

/** Of an `anyOf` or `oneOf` where nothing matched, only the branch that came closest is worth explaining. */
function withoutLosingBranches(errors: readonly OutputUnit[]): readonly OutputUnit[] {
  let kept = errors;
  for (const union of errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')) {
    const prefix = `${union.keywordLocation}/`;
    const branches = new Map<string, OutputUnit[]>();
    for (const error of kept) {
      if (error === union || !error.keywordLocation.startsWith(prefix)) continue;
      const branch = error.keywordLocation.slice(prefix.length).split('/')[0]!;
      branches.set(branch, [...(branches.get(branch) ?? []), error]);
    }
    // A branch of another type, or another discriminator, was never meant.
    const meant = [...branches.values()].filter(
      (branch) => !branch.some((error) => error.instanceLocation === union.instanceLocation && ['type', 'enum', 'const', 'false'].includes(error.keyword)),
    );
    const close = meant.sort((a, b) => a.length - b.length)[0];
    const losers = new Set([...branches.values()].filter((branch) => branch !== close).flat());
    if (close) losers.add(union);
    kept = kept.filter((error) => !losers.has(error));
  }
  return kept;
}

function isInside(inner: OutputUnit, outer: OutputUnit): boolean {
  // A `false` schema reports the instance's location as its own.
  if (inner.keyword === 'false') return inner.instanceLocation.startsWith(`${outer.instanceLocation}/`);
  return inner.keywordLocation.startsWith(outer.keywordLocation) && inner.instanceLocation.startsWith(outer.instanceLocation) && !containers.has(inner.keyword);
}

function messageOf(error: OutputUnit, errors: readonly OutputUnit[], validator: Validator, instance: unknown): string {
  const expected = at(validator, error.keywordLocation);
  const actual = `got ${shown(valueAt(instance, error.instanceLocation))}`;
  const list = (value: unknown): string => (Array.isArray(value) ? value.map((one) => shown(one)).join(', ') : shown(value));
  switch (error.keyword) {
    case 'type':
      return `expected ${Array.isArray(expected) ? expected.join(' or ') : String(expected)}, ${actual}`;
    case 'enum':
      return `expected one of ${clip(list(expected), 400)}, ${actual}`;
    case 'const':
      return `expected ${shown(expected)}, ${actual}`;
    case 'required':
    case 'dependentRequired':
      return `misses the required property ${/"(.*)"\.$/s.exec(error.error)?.[1] ?? ''}`.trim();
    case 'minimum':
      return `expected a number of at least ${String(expected)}, ${actual}`;
    case 'maximum':
      return `expected a number of at most ${String(expected)}, ${actual}`;
    case 'exclusiveMinimum':
      return `expected a number above ${String(expected)}, ${actual}`;
    case 'exclusiveMaximum':
      return `expected a number below ${String(expected)}, ${actual}`;
    case 'multipleOf':
      return `expected a multiple of ${String(expected)}, ${actual}`;
    case 'minLength':
      return `expected at least ${String(expected)} characters, ${actual}`;
    case 'maxLength':
      return `expected at most ${String(expected)} characters, ${actual}`;
    case 'format':
      return `expected text that matches /${String(expected).slice('pattern '.length)}/, ${actual}`;
    case 'minItems':
      return `expected at least ${String(expected)} items, got ${lengthOf(instance, error)}`;
    case 'maxItems':
      return `expected at most ${String(expected)} items, got ${lengthOf(instance, error)}`;
    case 'uniqueItems':
      return 'expected items that all differ';
    case 'anyOf':
    case 'oneOf': {
      const count = Array.isArray(expected) ? expected.length : 0;
      const types = Array.isArray(expected) ? expected.map((one) => (isJsonObject(one) ? one['type'] : undefined)) : [];
      const known = types.every((type) => typeof type === 'string') ? `: ${[...new Set(types)].join(' or ')}` : '';
      return /more|[2-9]\d* matches/.test(error.error)
        ? `expected exactly one of ${count} alternatives to fit, ${actual}`
        : `expected one of ${count} alternatives${known}, ${actual}`;
    }
    case 'false': {
      const owner = errors.find((other) => other.keyword.endsWith('dditionalProperties') || other.keyword === 'unevaluatedProperties');
      return owner ? `is not a known property, ${actual}` : `must not be given, ${actual}`;
    }
    default:
      return `${error.error.replace(/^Instance/, 'the value').replace(/\.$/, '')}, ${actual}`;
  }
}

function lengthOf(instance: unknown, error: OutputUnit): string {
  const value = valueAt(instance, error.instanceLocation);
  return Array.isArray(value) ? String(value.length) : shown(value);
}

/** The schema value that a keyword location names, through references. */
function at(validator: Validator, location: string): unknown {
  const { schema, lookup } = validator as unknown as { readonly schema: unknown; readonly lookup: Record<string, unknown> };
  let node: unknown = schema;
  for (const token of tokens(location)) {
    if (!isJsonObject(node) && !Array.isArray(node)) return undefined;
    node = token === '$ref' ? lookup[(node as JsonObject & { readonly __absolute_ref__?: string }).__absolute_ref__ ?? ''] : (node as Record<string, unknown>)[token];
  }
  return node;
}

function valueAt(instance: unknown, location: string): unknown {
  return tokens(location).reduce<unknown>(
    (value, token) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[token] : undefined),
    instance,
  );
}

function tokens(location: string): string[] {
  return location.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathOf(location: string): string {
  return tokens(location).reduce((path, token) => {
    if (/^\d+$/.test(token)) return `${path}[${token}]`;
    if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(token)) return path === '' ? token : `${path}.${token}`;
    return `${path}[${JSON.stringify(token)}]`;
  }, '');
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : clip(JSON.stringify(value), 120);
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
