import type { JsonObject, JsonSchema } from '../json.js';
import type { Reader } from './reader.js';
import { isAll, type ObjectAtom, type ObjectShape } from './shape.js';

/** The members of an object, as a TypeScript object type can list them. */
export interface Members {
  readonly declared: readonly { readonly name: string; readonly schemas: readonly JsonSchema[]; readonly isRequired: boolean }[];
  /** Names that begin and end so: `{ [k: `x-${string}`]: … }`. */
  readonly patterns: readonly { readonly prefix: string; readonly suffix: string; readonly schemas: readonly JsonSchema[] }[];
  /** Members of any other name; `undefined` where there can be none, or where a list of names looks complete. */
  readonly others: readonly JsonSchema[] | 'open' | undefined;
  /** How many there are besides the declared ones, all of them left unsaid. */
  readonly unlisted?: number;
  /** The only other names there can be. */
  readonly only?: { readonly names: readonly string[]; readonly schemas: readonly JsonSchema[] };
}

/** At most `most` of them are listed; where there are more, whatever the others are is left open. */
export function membersOf(object: ObjectShape, reader: Reader, purpose: 'input' | 'output' | 'inferred', most: number): Members {
  const atoms = object.atoms.every(({ mentions }) => mentions === undefined) ? object.atoms : withMentions(object.atoms);
  if (atoms.length === 1 && purpose !== 'inferred') {
    const plain = plainMembers(atoms[0]!, object.required, most);
    if (plain) return plain;
  }
  const required = new Set(object.required);
  const names = new Set<string>();
  for (const { properties } of atoms) if (properties) for (const name of Object.keys(properties)) names.add(name);
  // What another branch may account for is listed too: a value of both branches has it.
  for (const { accounted } of atoms) if (accounted) for (const name of accounted.names) names.add(name);
  for (const name of required) names.add(name);
  const allowed = allowedNames(atoms, reader);
  const listed = listedOf([...names], object.required, most);
  const declared = listed.map((name) => ({
    name,
    schemas: allowed && !allowed.has(name) ? [false] : atoms.flatMap((atom) => schemasOf(name, atom)),
    isRequired: required.has(name),
  }));
  if (listed.length < names.size) return { declared, patterns: [], others: 'open', unlisted: names.size - listed.length };
  if (allowed) {
    const rest = othersOf(atoms, reader);
    const left = [...allowed].filter((name) => !names.has(name));
    const isSame = atoms.every(({ patterns }) => patterns.length === 0);
    if (isSame && left.length > 0) return { declared, patterns: [], others: undefined, only: { names: left, schemas: rest } };
    const more = left.map((name) => ({ name, schemas: atoms.flatMap((atom) => schemasOf(name, atom)), isRequired: false }));
    return { declared: [...declared, ...more], patterns: [], others: undefined };
  }
  if (purpose === 'inferred') return { declared, patterns: [], others: atoms.some(({ rest }) => rest !== undefined) ? othersOf(atoms, reader) : 'open' };
  const patterned = atoms.filter(({ patterns }) => patterns.length > 0);
  if (patterned.length === 1) {
    const simple = simplePatterns(patterned[0]!, atoms);
    if (simple) {
      const sources = new Set(patterned[0]!.patterns.map(([pattern]) => pattern.source));
      const isListed = (atom: ObjectAtom): boolean => atom.accounted?.patterns.every(({ source }) => sources.has(source)) ?? true;
      const rest = atoms.flatMap((atom) => (atom.rest === undefined || !isListed(atom) ? [] : [atom.rest]));
      return { declared, patterns: simple, others: rest.length === 0 ? 'open' : rest };
    }
  }
  const says = atoms.some(({ rest, patterns }) => rest !== undefined || patterns.length > 0);
  if (!says) return { declared, patterns: [], others: atoms.some(({ looksComplete }) => looksComplete) ? undefined : 'open' };
  return { declared, patterns: [], others: othersOf(atoms, reader) };
}

/** Lists that look complete, with what else was mentioned; of the other atoms a mention says nothing. */
function withMentions(atoms: readonly ObjectAtom[]): readonly ObjectAtom[] {
  const saying = atoms.filter(({ mentions }) => mentions === undefined);
  if (!saying.some(({ looksComplete }) => looksComplete)) return saying;
  const mentioned = atoms.flatMap(({ mentions }) => (mentions === undefined ? [] : [mentions]));
  if (mentioned.includes('all')) return saying.map((atom) => ({ ...atom, looksComplete: false }));
  const properties: Record<string, JsonSchema> = Object.create(null) as Record<string, JsonSchema>;
  for (const names of mentioned) for (const name of names) properties[name] = true;
  return [...saying, { properties, patterns: [], rest: undefined, names: undefined, looksComplete: false }];
}

/** As many of the names as can be listed, and required ones before others where that is not all. */
function listedOf(names: readonly string[], required: readonly string[], most: number): readonly string[] {
  if (names.length <= most) return names;
  const first = new Set(required.slice(0, most));
  for (const name of names) {
    if (first.size >= most) break;
    first.add(name);
  }
  return [...first];
}

/** The commonest objects: one list of properties, perhaps closed or open, nothing else. */
function plainMembers({ properties, patterns, rest, names, accounted, looksComplete }: ObjectAtom, required: readonly string[], most: number): Members | undefined {
  if (!properties || patterns.length > 0 || names !== undefined || accounted) return undefined;
  const own = Object.keys(properties);
  const needed = required.filter((name) => !Object.hasOwn(properties, name));
  const isRequired = required.length > 16 ? ((set) => (name: string) => set.has(name))(new Set(required)) : (name: string) => required.includes(name);
  const listed = listedOf(needed.length === 0 ? own : [...own, ...needed], required, most);
  const declared = listed.map((name) => ({
    name,
    schemas: Object.hasOwn(properties, name) ? [asSchema(properties[name])] : rest === undefined ? [] : [rest],
    isRequired: isRequired(name),
  }));
  const unlisted = own.length + needed.length - listed.length;
  if (unlisted > 0) return { declared, patterns: [], others: 'open', unlisted };
  return { declared, patterns: [], others: rest === undefined ? (looksComplete ? undefined : 'open') : [rest] };
}

/** What one atom says of a member of this name. */
function schemasOf(name: string, atom: ObjectAtom): readonly JsonSchema[] {
  const schemas: JsonSchema[] = [];
  if (atom.properties && Object.hasOwn(atom.properties, name)) schemas.push(asSchema(atom.properties[name]));
  for (const [pattern, schema] of atom.patterns) {
    const isMatch = pattern.test(name);
    // Where nobody can tell, what stands for all other members may not be meant for it.
    if (isMatch !== false) schemas.push(isMatch === true ? schema : true);
  }
  if (schemas.length === 0 && atom.rest !== undefined && !isAccounted(name, atom)) schemas.push(atom.rest);
  return schemas;
}

function isAccounted(name: string, { accounted }: ObjectAtom): boolean {
  return accounted !== undefined && (accounted.names.has(name) || accounted.patterns.some((pattern) => pattern.test(name) !== false));
}

function asSchema(value: unknown): JsonSchema {
  return typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value)) ? (value as JsonSchema) : true;
}

/** Names that `propertyNames` allows, where it lists them. */
function allowedNames(atoms: readonly ObjectAtom[], reader: Reader): ReadonlySet<string> | undefined {
  const schemas = atoms.flatMap(({ names }) => (names === undefined ? [] : [names]));
  if (schemas.length === 0) return undefined;
  const { string } = reader.readAll(schemas);
  if (isAll(string)) return undefined;
  return string === false ? new Set() : string;
}

const unions = new WeakMap<ObjectAtom, JsonObject>();

/** What holds for a member of a name nobody lists: it may match any pattern, or none. */
function othersOf(atoms: readonly ObjectAtom[], reader: Reader): readonly JsonSchema[] {
  return atoms.flatMap((atom): readonly JsonSchema[] => {
    // A name that nobody lists may match a pattern that accounts for it.
    if (atom.accounted && atom.accounted.patterns.length > 0) return [];
    if (atom.patterns.length === 0) return atom.rest === undefined ? [] : [atom.rest];
    if (atom.rest === undefined) return [];
    let union = unions.get(atom);
    if (!union) {
      const schemas = atom.patterns.map(([, schema]) => schema);
      union = { anyOf: [...schemas, atom.rest] };
      const base = schemas.find((schema) => typeof schema === 'object');
      if (base) reader.make(union, base);
      unions.set(atom, union);
    }
    return [union];
  });
}

const simplePattern = /^\^([\w -]*(?:\\[./-][\w -]*)*)(?:\.[*+]?\$?)?$|^([\w -]*(?:\\[./-][\w -]*)*)\$$/;

function simplePatterns(atom: ObjectAtom, atoms: readonly ObjectAtom[]): Members['patterns'] | undefined {
  const rest = atoms.filter((other) => other !== atom).flatMap((other) => (other.rest === undefined || (other.accounted?.patterns.length ?? 0) > 0 ? [] : [other.rest]));
  const result: { prefix: string; suffix: string; schemas: readonly JsonSchema[] }[] = [];
  for (const [pattern, schema] of atom.patterns) {
    const match = simplePattern.exec(pattern.source);
    const prefix = match?.[1]?.replaceAll('\\', '') ?? '';
    const suffix = match?.[2]?.replaceAll('\\', '') ?? '';
    if (!match || (prefix === '' && suffix === '')) return undefined;
    result.push({ prefix, suffix, schemas: [schema, ...rest] });
  }
  return result;
}
