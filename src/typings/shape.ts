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

/** None, all, or these. */
export type Scalars<T> = boolean | ReadonlySet<T>;

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
    (shape.null && shape.true && shape.false && shape.number === true && shape.string === true && shape.arrays.some(isAnyArray) && shape.objects.some(isAnyObject))
  );
}

function isAnyArray({ atoms, least, most }: ArrayShape): boolean {
  return atoms.length === 0 && least === 0 && most === Infinity;
}

export function isAnyObject({ atoms, required }: ObjectShape): boolean {
  return atoms.length === 0 && required.length === 0;
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
    arrays: product(a.arrays, b.arrays, isAnyArray, (x, y) => ({
      atoms: [...x.atoms, ...y.atoms],
      least: Math.max(x.least, y.least),
      most: Math.min(x.most, y.most),
    })).filter(({ least, most }) => least <= most),
    objects: product(a.objects, b.objects, isAnyObject, (x, y) => ({
      atoms: [...x.atoms, ...y.atoms],
      required: [...new Set([...x.required, ...y.required])],
    })),
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
  if (a === true) return b;
  if (b === true) return a;
  if (a === false || b === false) return false;
  const common = new Set([...a].filter((value) => b.has(value)));
  return common.size > 0 && common;
}

function eitherScalars<T>(a: Scalars<T>, b: Scalars<T>): Scalars<T> {
  if (a === true || b === true) return true;
  if (a === false) return b;
  if (b === false) return a;
  return new Set([...a, ...b]);
}

function product<T extends { readonly atoms: readonly unknown[] }>(a: readonly T[], b: readonly T[], isAny: (one: T) => boolean, combine: (x: T, y: T) => T): readonly T[] {
  if (a.length === 1 && isAny(a[0]!)) return b;
  if (b.length === 1 && isAny(b[0]!)) return a;
  if (a.length * b.length > maximumAlternatives) return a.length >= b.length ? a : b;
  return a.flatMap((x) => b.map((y) => (x === y || x.atoms.length + y.atoms.length > maximumAtoms ? x : combine(x, y))));
}

function sum<T>(a: readonly T[], b: readonly T[], all: T, isAny: (one: T) => boolean): readonly T[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  // A described alternative beside "any" is still worth reading, but the union of many is not worth its size.
  const most = a.some(isAny) || b.some(isAny) ? maximumAlternatives : largestUnion;
  if (a.length + b.length > most) return [all];
  return [...a, ...b.filter((one) => !a.includes(one))];
}
