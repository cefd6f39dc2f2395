import type { JsonObject, JsonSchema } from '../json.js';
import { isJsonObject } from '../json.js';
import { comment, docsOf, longestText, shortened } from './docs.js';
import { membersOf, type Members } from './members.js';
import type { Reader } from './reader.js';
import { isAll, isAnything, isAnyObject, nothing, type ArrayShape, type ObjectShape, type Scalars, type Shape } from './shape.js';
import { docMark, isMark, operand, type TypeTable } from './typeTable.js';
import { propertyName, stringLiteral } from './words.js';

export interface PrintOptions {
  /** `input`: an object that lists its members takes no others. `output`: never `never`. `inferred`: open to what was not seen yet. */
  readonly purpose: 'input' | 'output' | 'inferred';
  /** What stands for values that nobody described. */
  readonly unchecked: string;
  readonly docs: boolean;
  /** Characters of a description that are shown; {@link longestText} if left out. */
  readonly textLimit?: number;
}

/** Deeper than this everything is `unknown`. */
const maximumDepth = 60;
/** Members listed for one document: more would be read by nobody, and hold up whoever has them made and checked. */
const maximumMembers = 2_000;
/** Tuples longer than this are arrays. */
const maximumTuple = 60;
/** Characters of a tuple that is worth keeping once. */
const lineOfTuple = 60;

/** Prints shapes of one document as TypeScript types. What can repeat or recurse goes through the table of the server. */
export class Printer {
  private readonly done = new Map<JsonObject | string, string>();
  /** What is being printed now, with the mark it got when it was met inside itself. */
  private readonly open = new Map<JsonObject | string, string | undefined>();
  private membersLeft = maximumMembers;
  private identities: Map<JsonObject, number> | undefined;
  /** Schemas whose docs stand at their own type. */
  private readonly documented = new Set<JsonObject>();

  constructor(
    private readonly reader: Reader,
    private readonly table: TypeTable,
    private readonly options: PrintOptions,
  ) {}

  /** The type of values that all of the schemas allow. `hint` is what a name for it would be made of. */
  type(schemas: readonly JsonSchema[], hint: string): string {
    if (schemas.length === 1) return this.one(schemas[0]!, hint);
    if (schemas.includes(false)) return 'never';
    const nodes = [...new Set(schemas)].filter(isJsonObject);
    if (nodes.length < 2) return this.one(nodes[0] ?? true, hint);
    return this.keyed(this.keyOf(nodes), hint, () => this.print(this.reader.readAll(nodes), hint));
  }

  private one(schema: JsonSchema, hint: string): string {
    const node = this.followPlainReferences(schema);
    if (node === false) return 'never';
    if (!isJsonObject(node)) return 'unknown';
    if (node === schema) {
      const plain = plainType(node);
      return plain ?? this.keyed(node, hint, () => this.print(this.reader.read(node), hint, node));
    }
    const name = this.nameOf(node, hint);
    const text = this.keyed(node, name, () => this.print(this.reader.read(node), hint, node));
    this.describe(node, text);
    return text;
  }

  /** The type of a shape itself, without the names that recursion needs. */
  print(shape: Shape, hint: string, around?: JsonObject): string {
    if (isAnything(shape)) return 'unknown';
    const parts: string[] = [];
    addScalars(parts, shape.string, 'string', stringLiteral);
    addScalars(parts, shape.number, 'number', String);
    if (shape.true && shape.false) parts.push('boolean');
    else if (shape.true || shape.false) parts.push(shape.true ? 'true' : 'false');
    if (shape.arrays.length > 0) parts.push(...this.absorb(shape.arrays.map((array) => this.array(array, hint)), 'unknown[]'));
    if (shape.objects.length > 0) parts.push(...this.absorb(shape.objects.map((object) => this.alternative(object, hint, around)), this.anyObject()));
    if (shape.null) parts.push('null');
    if (parts.length === 0) return 'never';
    if (parts.length === 1) return parts[0]!;
    const distinct = [...new Set(parts)];
    return distinct.length === 1 ? distinct[0]! : this.table.intern(distinct.join(' | '), true, hint);
  }

  /** The type of an argument that is certainly an object, and takes what the schema lists even where it does not say `type`. */
  arguments(shape: Shape, hint: string, schema: JsonSchema): string {
    const objects = shape.objects.map((object) => ({
      ...object,
      atoms: object.atoms.map((atom) => (atom.properties && atom.rest === undefined && atom.patterns.length === 0 ? { ...atom, looksComplete: true } : atom)),
    }));
    return this.print({ ...nothing, objects: objects.map((object, index) => (object.atoms.some((atom, at) => atom !== shape.objects[index]!.atoms[at]) ? { ...object, origin: undefined } : object)) }, hint, isJsonObject(schema) ? schema : undefined);
  }

  /** A comment for a place where these schemas apply, with a space after it, or nothing. */
  comment(schemas: readonly JsonSchema[]): string {
    if (!this.options.docs) return '';
    const docs = docsOf(schemas, this.reader.document, this.documented);
    const text = comment(docs.texts.length === 0 ? docs : { ...docs, texts: docs.texts.map((one) => this.shown(one)) });
    return text === '' ? '' : `${text} `;
  }

  /** Whether some call needs no argument at all. */
  isOptional(shape: Shape): boolean {
    return shape.objects.some(({ required }) => required.length === 0);
  }

  private keyed(key: JsonObject | string, hint: string, print: () => string): string {
    const done = this.done.get(key);
    if (done !== undefined) return done;
    if (this.open.has(key)) {
      let reserved = this.open.get(key);
      if (reserved === undefined) this.open.set(key, (reserved = this.table.reserve()));
      return reserved;
    }
    if (this.open.size > maximumDepth) return 'unknown';
    this.open.set(key, undefined);
    let text = print();
    const reserved = this.open.get(key);
    this.open.delete(key);
    if (reserved !== undefined) text = text === reserved ? 'unknown' : this.table.settle(reserved, text, hint);
    this.done.set(key, text);
    return text;
  }

  private alternative(object: ObjectShape, hint: string, around: JsonObject | undefined): string {
    const { origin } = object;
    if (!origin || origin === around) return this.object(object, hint);
    const name = this.nameOf(origin, hint);
    const text = this.keyed(origin, name, () => this.object(object, name));
    if (text !== 'never') this.describe(origin, text);
    return text;
  }

  private shown(text: string): string {
    return shortened(text, this.options.textLimit ?? longestText);
  }

  private describe(schema: JsonObject, text: string): void {
    if (!this.options.docs || !isMark(text) || typeof schema['description'] !== 'string' || this.documented.has(schema)) return;
    if (schema['description'].trim() !== '' && this.table.describe(text, this.shown(schema['description']))) this.documented.add(schema);
  }

  private followPlainReferences(schema: JsonSchema): JsonSchema {
    let node = schema;
    for (let steps = 0; steps < 100; steps++) {
      if (!isJsonObject(node) || typeof node['$ref'] !== 'string') return node;
      if (!this.reader.document.referencesHideSiblings && !Object.keys(node).every((keyword) => besideReference.has(keyword))) return node;
      const target = this.reader.document.target(node);
      if (target === undefined) return true;
      if (isJsonObject(target)) this.targets.set(target, node['$ref']);
      node = target;
    }
    return true;
  }

  private readonly targets = new Map<JsonObject, string>();

  private nameOf(schema: JsonObject, hint: string): string {
    const reference = this.targets.get(schema);
    const last = reference === undefined || reference.length > 300 ? undefined : /(?:definitions|\$defs|schemas)\/([^/]+)$/.exec(reference)?.[1];
    if (last !== undefined) return last;
    const title = schema['title'];
    return typeof title === 'string' && /^[A-Za-z][\w ]{2,40}$/.test(title) ? title : hint;
  }

  private keyOf(nodes: readonly JsonObject[]): string {
    const identities = (this.identities ??= new Map<JsonObject, number>());
    return nodes
      .map((node) => {
        let id = identities.get(node);
        if (id === undefined) identities.set(node, (id = identities.size));
        return id;
      })
      .sort((a, b) => a - b)
      .join();
  }

  /** What holds all of its kind makes the others needless, except for what their comments say. */
  private absorb(texts: readonly string[], whole: string): readonly string[] {
    return texts.includes(whole) ? [...texts.filter((text) => this.table.hasDocs(text)), whole] : texts.filter((text) => text !== 'never');
  }

  private anyObject(): string {
    return `Record<string, ${this.options.purpose === 'inferred' ? this.options.unchecked : 'unknown'}>`;
  }

  private array({ atoms, least, most }: ArrayShape, hint: string): string {
    if (atoms.length === 1 && atoms[0]!.prefix.length === 0 && most === Infinity) {
      const text = this.one(atoms[0]!.rest ?? true, itemName(hint));
      return text === 'never' ? (least > 0 ? text : '[]') : `${this.comment([atoms[0]!.rest ?? true])}${operand(text)}[]`;
    }
    const prefix = Math.min(Math.max(0, ...atoms.map((atom) => atom.prefix.length)), maximumTuple, most);
    const item = (index: number): readonly JsonSchema[] =>
      atoms.map((atom) => (index < atom.prefix.length ? atom.prefix[index]! : (atom.rest ?? true))).filter((schema) => schema !== true);
    const print = (schemas: readonly JsonSchema[]): string => {
      const text = this.type(schemas, itemName(hint));
      return text === 'never' ? text : `${this.comment(schemas)}${operand(text)}`;
    };
    const rest = atoms.map((atom) => atom.rest ?? true).filter((schema) => schema !== true);
    const length = least === most && least <= 4 ? least : prefix;
    const elements: string[] = [];
    let isClosed = most <= length;
    for (let index = 0; index < length; index++) {
      const text = print(item(index));
      if (text === 'never') {
        if (index < least) return 'never';
        isClosed = true;
        break;
      }
      elements.push(index < least ? text : `${text}?`);
    }
    const tail = isClosed ? 'never' : print(rest);
    if (tail === 'never') return least > elements.length ? 'never' : this.tuple(elements, hint);
    if (elements.length === 0) return `${tail}[]`;
    return this.tuple([...elements, `...${tail}[]`], hint);
  }

  /** Long ones go through the table: put in place at once, tuples of tuples would double at every level. */
  private tuple(elements: readonly string[], hint: string): string {
    const text = `[${elements.join(', ')}]`;
    return text.length > lineOfTuple && elements.length > 1 ? this.table.intern(text, false, hint) : text;
  }

  /** One alternative for objects; `never` where no object can be one. */
  private object(object: ObjectShape, hint: string): string {
    if (isAnyObject(object)) return this.anyObject();
    const members = membersOf(object, this.reader, this.options.purpose, this.membersLeft);
    this.membersLeft -= members.declared.length;
    const printed: { readonly text: string; readonly type: string; readonly name: string }[] = [];
    for (const { name, schemas, isRequired } of members.declared) {
      let type = this.type(schemas, name);
      if (type === 'never' && isRequired) return 'never';
      const doc = this.comment(schemas);
      if (inherited.has(name)) type = isRequired ? type.replace(/^unknown$/, ownValue) : `${type} | Function`;
      const label = `${propertyName(name)}${isRequired ? '' : '?'}: `;
      if (doc === '') printed.push({ text: label + type, type, name });
      else {
        const shared = this.table.member(doc.slice(0, -1), type, name);
        printed.push({ text: docMark(shared) + label + shared, type, name });
      }
    }
    return this.assemble(members, printed, hint);
  }

  private assemble(members: Members, printed: readonly { readonly text: string; readonly type: string; readonly name: string }[], hint: string): string {
    const lines = printed.map(({ text }) => text);
    const more: string[] = [];
    for (const { prefix, schemas, suffix } of members.patterns) {
      const matching = printed.filter(({ name }) => name.startsWith(prefix) && name.endsWith(suffix));
      // What is said of all other members may not be said of those that are listed.
      const own = this.type(schemas, `${hint}Value`);
      const value = schemas.length === 1 || own === 'unknown' ? own : unionOf([own, ...matching.map(({ type }) => type)]);
      const signature = `[k: \`${prefix}\${string}${suffix}\`]: ${this.comment(schemas)}${value}`;
      const isApart = members.patterns.length === 1 && matching.length === 0;
      if (isApart && (members.others === undefined || members.others === 'open')) lines.push(signature);
      else more.push(`{ ${signature} }`);
    }
    if (members.others === 'open') lines.push(`${members.unlisted === undefined ? '' : `/** and ${members.unlisted} more */ `}[k: string]: ${this.options.purpose === 'inferred' ? this.options.unchecked : 'unknown'}`);
    else if (members.others !== undefined) {
      const own = this.type(members.others, `${hint}Value`);
      // An index signature speaks of the listed members too.
      const types = [own, ...printed.map(({ type }) => type), ...members.patterns.map(({ schemas }) => this.type(schemas, `${hint}Value`))];
      const type = unionOf(types);
      const doc = this.comment(members.others);
      if (own === 'never') {
        // Closed: there is nothing to add.
      } else if (lines.length === 0 && more.length === 0) {
         
        return doc !== '' || /[\u0001\u0003]/.test(type) ? this.block([`[k: string]: ${doc}${type}`], hint) : `Record<string, ${type}>`;
      } else if (type === 'unknown') lines.push(`[k: string]: ${doc}unknown`);
      else more.push(`{ [k: string]: ${doc}${type} }`);
    }
    if (members.only !== undefined) {
      const type = this.type(members.only.schemas, `${hint}Value`);
      if (type !== 'never') more.push(`{ [K in ${members.only.names.map(stringLiteral).join(' | ')}]?: ${this.comment(members.only.schemas)}${type} }`);
    }
    if (lines.length === 0 && more.length === 0) return this.options.purpose === 'input' ? 'Record<string, never>' : this.anyObject();
    const parts = lines.length === 0 ? more : [this.block(lines, hint), ...more];
    return parts.length === 1 ? parts[0]! : this.table.intern(parts.join(' & '), true, hint);
  }

  private block(lines: readonly string[], hint: string): string {
    const text = `{\n${lines.map((one) => ` ${one.replaceAll('\n', '\n ')};`).join('\n')}\n}`;
    return this.table.intern(text, false, hint);
  }
}

/** Keywords beside a reference that say nothing about values. */
const besideReference = new Set([
  '$ref', '$schema', '$id', 'id', '$defs', 'definitions', '$comment', 'title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly',
]);

/** Members that TypeScript finds on every object, own or not. */
const inherited = new Set(['constructor', 'toString', 'toLocaleString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable']);
/** Any JSON value, which no inherited method is. */
const ownValue = 'string | number | boolean | null | unknown[] | { [k: string]: unknown }';

/** The type of the commonest schemas, which need no reading; `undefined` for all others. */
function plainType(schema: JsonObject): string | undefined {
  const type = schema['type'];
  if (type !== 'string' && type !== 'number' && type !== 'integer' && type !== 'boolean') return undefined;
  for (const keyword in schema) if (beyondType.has(keyword)) return undefined;
  return type === 'integer' ? 'number' : type;
}

const beyondType = new Set([
  'enum', 'const', 'nullable', '$ref', '$dynamicRef', '$recursiveRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'dependencies', 'dependentSchemas',
]);

function unionOf(types: readonly string[]): string {
  if (types.includes('unknown')) return 'unknown';
  const distinct = [...new Set(types)].filter((one) => one !== 'never');
  return distinct.length === 0 ? 'never' : distinct.join(' | ');
}

function itemName(hint: string): string {
  if (hint.endsWith('ies')) return `${hint.slice(0, -3)}y`;
  return hint.endsWith('s') && !hint.endsWith('ss') ? hint.slice(0, -1) : `${hint}Item`;
}

function addScalars<T>(parts: string[], values: Scalars<T>, all: string, print: (value: T) => string): void {
  if (isAll(values)) parts.push(all);
  else if (values !== false) for (const value of values) parts.push(print(value));
}
