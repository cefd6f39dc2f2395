import type { JsonObject, JsonSchema } from '../json.js';
import type { Pattern } from './pattern.js';

/**
 * The set of JSON values a schema allows, as far as a TypeScript type can tell values apart: one part for each JSON type.
 * Arrays and objects are lists of alternatives, each a conjunction of what several schemas say (its atoms); what stands
 * inside them stays unread until it is printed, so that conjunctions are exact and recursion is no problem.
 */
export interface Shape {
  readonly null: boolean;
  readonly true: boolean;
  readonly false: boolean;
  readonly number: Scalars<number>;
  readonly string: Scalars<string>;
  readonly arrays: readonly ArrayShape[];
  readonly objects: readonly ObjectShape[];
}

/** None, all, these, or all but these: which no type can say, but of a list of values it leaves the others. */
export type Scalars<T> = boolean | ReadonlySet<T> | { readonly except: ReadonlySet<T> };

export interface ArrayShape {
  readonly atoms: readonly ArrayAtom[];
  readonly least: number;
  readonly most: number;
}

export interface ArrayAtom {
  readonly prefix: readonly JsonSchema[];
  /** Of every later item; `undefined`: anything. */
  readonly rest: JsonSchema | undefined;
}

export interface ObjectShape {
  readonly atoms: readonly ObjectAtom[];
  readonly required: readonly string[];
  /** The one schema that says exactly this, for names, docs and recursion. */
  readonly origin?: JsonObject;
}

export interface ObjectAtom {
  readonly properties: JsonObject | undefined;
  readonly patterns: readonly (readonly [pattern: Pattern, schema: JsonSchema])[];
  /** Of every other member; `undefined`: anything. */
  readonly rest: JsonSchema | undefined;
  /** What member names must be. */
  readonly names: JsonSchema | undefined;
  /** Lists its members and does not say whether there may be others: its author most likely means no. */
  readonly looksComplete: boolean;
  /** Members that other schemas account for, so that `rest` does not apply to them. */
  readonly accounted?: AccountedMembers;
  /**
   * Of an atom that says nothing else: members that a schema lists of which nothing is left, because a value need not fit it
   * (`anyOf: [{ properties: … }, true]`). Whichever list looks complete, these may be given too.
   */
  readonly mentions?: ReadonlySet<string> | 'all';
}

export interface AccountedMembers {
  readonly names: ReadonlySet<string>;
  readonly patterns: readonly Pattern[];
}

export const anyArray: ArrayShape = { atoms: [], least: 0, most: Infinity };
export const anyObject: ObjectShape = { atoms: [], required: [] };

export const anything: Shape = {
  null: true, true: true, false: true, number: true, string: true, arrays: [anyArray], objects: [anyObject],
};
/** The same of a place where nobody can tell what it says: no list of members beside it is complete. */
export const unseen: Shape = { ...anything, objects: [{ atoms: [mentioning('all')], required: [] }] };
export const nothing: Shape = { null: false, true: false, false: false, number: false, string: false, arrays: [], objects: [] };

/** Beyond this many alternatives a conjunction keeps one side whole, which is looser and still sound. */
const maximumAlternatives = 48;
/** Schemas that one value is held to, alike. */
const maximumAtoms = 128;
/** A union of more is any array, or any object. */
const largestUnion = 500;

export function isNothing(shape: Shape): boolean {
  return isOnlyObjects(shape) && shape.objects.length === 0;
}

/** Nothing else than objects, if anything. */
export function isOnlyObjects(shape: Shape): boolean {
  return !shape.null && !shape.true && !shape.false && !shape.number && !shape.string && shape.arrays.length === 0;
}

export function isAnything(shape: Shape): boolean {
  return (
    shape === anything ||
    (shape.null && shape.true && shape.false && isAll(shape.number) && isAll(shape.string) && shape.arrays.some(isAnyArray) && shape.objects.some(isAnyObject))
  );
}

/** As far as a type can tell. */
export function isAll<T>(scalars: Scalars<T>): scalars is true | { readonly except: ReadonlySet<T> } {
  return scalars === true || (typeof scalars === 'object' && 'except' in scalars);
}

function isAnyArray({ atoms, least, most }: ArrayShape): boolean {
  return atoms.length === 0 && least === 0 && most === Infinity;
}

export function isAnyObject({ atoms, required }: ObjectShape): boolean {
  return required.length === 0 && atoms.every(({ mentions }) => mentions !== undefined);
}

export function mentioning(mentions: ReadonlySet<string> | 'all'): ObjectAtom {
  return { properties: undefined, patterns: [], rest: undefined, names: undefined, looksComplete: false, mentions };
}

/** Values in both. */
export function both(a: Shape, b: Shape): Shape {
  if (a === anything || b === nothing) return b;
  if (b === anything || a === nothing || a === b) return a;
  return {
    null: a.null && b.null,
    true: a.true && b.true,
    false: a.false && b.false,
    number: bothScalars(a.number, b.number),
    string: bothScalars(a.string, b.string),
    arrays: product(
      a.arrays,
      b.arrays,
      isAnyArray,
      (x, y) => ({ atoms: [...x.atoms, ...y.atoms], least: Math.max(x.least, y.least), most: Math.min(x.most, y.most) }),
      (one) => one,
    ).filter(({ least, most }) => least <= most),
    objects: product(
      a.objects,
      b.objects,
      ({ atoms, required }) => atoms.length === 0 && required.length === 0,
      (x, y) => ({ atoms: [...x.atoms, ...y.atoms], required: [...new Set([...x.required, ...y.required])] }),
      (one) => (one.atoms.some(({ mentions }) => mentions === 'all') ? one : { atoms: [...one.atoms, mentioning('all')], required: one.required }),
    ),
  };
}

/** Values in either. */
export function either(a: Shape, b: Shape): Shape {
  if (a === anything || b === nothing || a === b) return a;
  if (b === anything || a === nothing) return b;
  return {
    null: a.null || b.null,
    true: a.true || b.true,
    false: a.false || b.false,
    number: eitherScalars(a.number, b.number),
    string: eitherScalars(a.string, b.string),
    arrays: sum(a.arrays, b.arrays, anyArray, isAnyArray),
    objects: sum(a.objects, b.objects, anyObject, isAnyObject),
  };
}

function bothScalars<T>(a: Scalars<T>, b: Scalars<T>): Scalars<T> {
  if (a === true || b === false) return b;
  if (b === true || a === false) return a;
  if (isAll(a)) return isAll(b) ? { except: new Set([...a.except, ...b.except]) } : without(b, a.except);
  return isAll(b) ? without(a, b.except) : some(a, (value) => b.has(value));
}

function eitherScalars<T>(a: Scalars<T>, b: Scalars<T>): Scalars<T> {
  if (a === true || b === false) return a;
  if (b === true || a === false) return b;
  if (isAll(a)) return allBut(isAll(b) ? some(a.except, (value) => b.except.has(value)) : without(a.except, b));
  return isAll(b) ? allBut(without(b.except, a)) : new Set([...a, ...b]);
}

function without<T>(values: ReadonlySet<T>, gone: ReadonlySet<T>): ReadonlySet<T> | false {
  return some(values, (value) => !gone.has(value));
}

function some<T>(values: ReadonlySet<T>, isKept: (value: T) => boolean): ReadonlySet<T> | false {
  const kept = new Set([...values].filter(isKept));
  return kept.size > 0 && kept;
}

/** Of nothing: all. */
export function allBut<T>(values: ReadonlySet<T> | false): Scalars<T> {
  return values === false || values.size === 0 ? true : { except: values };
}

/** Each of one side with each of the other; `alone` is one without its other, where there are too many. */
function product<T extends { readonly atoms: readonly unknown[] }>(
  a: readonly T[],
  b: readonly T[],
  isAny: (one: T) => boolean,
  combine: (x: T, y: T) => T,
  alone: (one: T) => T,
): readonly T[] {
  if (a.length === 1 && isAny(a[0]!)) return b;
  if (b.length === 1 && isAny(b[0]!)) return a;
  if (a.length * b.length > maximumAlternatives) return (a.length >= b.length ? a : b).map(alone);
  return a.flatMap((x) => b.map((y) => (x === y ? x : x.atoms.length + y.atoms.length > maximumAtoms ? alone(x) : combine(x, y))));
}

function sum<T>(a: readonly T[], b: readonly T[], all: T, isAny: (one: T) => boolean): readonly T[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  // A described alternative beside "any" is still worth reading, but the union of many is not worth its size.
  const most = a.some(isAny) || b.some(isAny) ? maximumAlternatives : largestUnion;
  if (a.length + b.length > most) return [all];
  return [...a, ...b.filter((one) => !a.includes(one))];
}
