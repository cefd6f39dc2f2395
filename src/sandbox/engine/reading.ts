import type { ValuePointer } from './binding.js';
import type { Heap } from './heap.js';

/**
 * Where the engine keeps what is read here, in bytes from the start of each structure: `quickjs.c` of 2025-09-13, for
 * pointers of 32 bits. A build that keeps it elsewhere is found out when it boots, by {@link Reader.reads}.
 */
const at = {
  runtime: { atoms: 56 },
  frame: { caller: 0, callee: 8, position: 28 },
  object: { flags: 5, kind: 6, shape: 20, members: 24, content: 32 },
  /** From the content of an object. */
  array: { items: 4, count: 8 },
  promise: { isHandled: 20 },
  shape: { count: 32, prototype: 44, members: 48 },
  text: { length: 4, kind: 8, characters: 16 },
  rope: { left: 16, right: 24 },
} as const;

/** What the upper half of a value says it is; the lower half is the value or its address. Larger ones are of numbers. */
const tag = { text: -7, rope: -6, object: -1, integer: 0, boolean: 1, null: 2, undefined: 3, first: -9, float: 8 } as const;
/** To be added to the upper half of a number, which is kept so that it looks like no other tag. */
const floatOffset = 0x7ff80000 + 10;

const kindOf = { object: 1, array: 2 } as const;
const objectFlags = { isExotic: 4, isFastArray: 8 } as const;
/** Of a member, in the upper six bits of its word. */
const memberFlags = { isEnumerable: 4, isSpecial: 0x30 } as const;
const isNumericKey = 0x8000_0000;
const isStringKey = 1;

const mostLevels = 64;
const mostVisits = 100_000;

/** Addresses that a {@link Reader} needs. */
export interface Landmarks {
  readonly runtime: number;
  /** The runtime's pointer to the frame that is running. */
  readonly currentFrame: number;
  readonly objectPrototype: number;
  readonly arrayPrototype: number;
  /** The engine's number for the name `toJSON`. */
  readonly toJson: number;
}

/**
 * Reads the guest's values where they lie. To be asked for them one by one takes the engine longer than a call does;
 * to have it say JSON, ten times as long as V8. Nothing of the guest's runs meanwhile, and what has more to it than
 * data is left to the engine. A pointer that leads astray leads to wrong bytes of the guest's own, and nowhere else.
 */
export class Reader {
  private budget = 0;
  private visits = 0;
  private readonly number = new Float64Array(1);
  private readonly halves = new Uint32Array(this.number.buffer);

  constructor(
    private readonly heap: Heap,
    private readonly marks: Landmarks,
  ) {}

  /** @returns the landmarks, from pointers to `{}` and `[]`. */
  static survey(heap: Heap, runtime: number, currentFrame: number, object: ValuePointer, array: ValuePointer): Landmarks {
    const prototypeOf = (value: ValuePointer): number => heap.words[(heap.words[(heap.words[value >> 2]! + at.object.shape) >> 2]! + at.shape.prototype) >> 2]!;
    const marks = { runtime, currentFrame, objectPrototype: prototypeOf(object), arrayPrototype: prototypeOf(array), toJson: 0 };
    const reader = new Reader(heap, marks);
    // Names of the language's own come first.
    for (let atom = 1; atom < 2000; atom++) if (reader.nameOf(atom) === 'toJSON') return { ...marks, toJson: atom };
    return marks;
  }

  /** Whether this build keeps its values where they are looked for here. */
  reads(value: ValuePointer, json: string): boolean {
    return this.marks.toJson !== 0 && this.json(value, json.length + 100) === json;
  }

  /** JSON of data, `''` for undefined; nothing for what the engine must be asked for, or what is longer than `most`. */
  json(value: ValuePointer, most: number): string | undefined {
    this.budget = most;
    this.visits = mostVisits;
    if (this.hasToJson(this.marks.objectPrototype)) return undefined;
    return this.value(value, 0);
  }

  /** The text of a string, unless the engine has not put it together yet. */
  text(value: ValuePointer): string | undefined {
    const { words } = this.heap;
    return (words[(value >> 2) + 1]! | 0) === tag.text ? this.characters(words[value >> 2]!) : undefined;
  }

  /** A number for where the running function of the guest's is in its code: nothing else has it as long as that code is. */
  position(): number {
    const { words, bytes } = this.heap;
    const frame = words[this.marks.currentFrame >> 2]!;
    if (frame === 0) return 0;
    const callee = words[(frame + at.frame.callee) >> 2]!;
    // What is no function of the guest's has no position: its kind sets such numbers apart from all others.
    return bytes.readUInt16LE(callee + at.object.kind) * 2 ** 32 + words[(frame + at.frame.position) >> 2]!;
  }

  /** Whether something waits for a promise, given its address. */
  isHandled(promise: number): boolean {
    const { words } = this.heap;
    return words[(words[(promise + at.object.content) >> 2]! + at.promise.isHandled) >> 2]! !== 0;
  }

  private value(pointer: number, level: number): string | undefined {
    const { words } = this.heap;
    const low = words[pointer >> 2]!;
    const kind = words[(pointer >> 2) + 1]! | 0;
    if (--this.visits < 0 || --this.budget < 0) return undefined;
    switch (kind) {
      case tag.integer:
        return String(low | 0);
      case tag.boolean:
        return low === 0 ? 'false' : 'true';
      case tag.null:
        return 'null';
      case tag.undefined:
        return '';
      case tag.text:
        return this.fits(low) ? JSON.stringify(this.characters(low)) : undefined;
      case tag.rope:
        return this.fits(low) ? this.quotedRope(low) : undefined;
      case tag.object:
        return level >= mostLevels ? undefined : this.object(low, level);
      default:
        return (kind - tag.first) >>> 0 < tag.float - tag.first ? undefined : this.float(low, kind);
    }
  }

  private object(object: number, level: number): string | undefined {
    const { words, bytes } = this.heap;
    const flags = bytes[object + at.object.flags]!;
    const kind = bytes[object + at.object.kind]! + bytes[object + at.object.kind + 1]! * 256;
    const shape = words[(object + at.object.shape) >> 2]!;
    const prototype = words[(shape + at.shape.prototype) >> 2]!;
    if (kind === kindOf.array) return prototype === this.marks.arrayPrototype && (flags & objectFlags.isFastArray) !== 0 ? this.array(object, shape, level) : undefined;
    if (kind !== kindOf.object || (flags & objectFlags.isExotic) !== 0 || (prototype !== 0 && prototype !== this.marks.objectPrototype)) return undefined;
    const count = words[(shape + at.shape.count) >> 2]!;
    const members = words[(object + at.object.members) >> 2]!;
    let text = '';
    for (let index = 0; index < count; index++) {
      const entry = (shape + at.shape.members + index * 8) >> 2;
      const atom = words[entry + 1]!;
      if (atom === 0) continue;
      const memberFlag = words[entry]! >>> 26;
      if (atom === this.marks.toJson || atom >= isNumericKey) return undefined;
      if ((memberFlag & memberFlags.isEnumerable) === 0) continue;
      if ((memberFlag & memberFlags.isSpecial) !== 0) return undefined;
      const name = this.nameOf(atom);
      if (name === undefined) continue;
      // An index too large for the engine's numbered names is named by its digits, and comes before all other names.
      if (name.length === 10 && Number(name) >= isNumericKey) return undefined;
      const member = this.value(members + index * 8, level + 1);
      if (member === undefined) return undefined;
      if (member === '') continue;
      this.budget -= name.length + 3;
      text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${member}`;
    }
    return `{${text}}`;
  }

  private array(object: number, shape: number, level: number): string | undefined {
    const { words } = this.heap;
    const content = object + at.object.content;
    const items = words[(content + at.array.items) >> 2]!;
    const count = words[(content + at.array.count) >> 2]!;
    const length = words[(object + at.object.members) >> 2]! >> 2;
    // More members than its length, or more length than items, is not an array of data alone.
    if (words[(shape + at.shape.count) >> 2] !== 1 || words[length] !== count || words[length + 1] !== tag.integer) return undefined;
    if (count > this.visits || count > this.budget || !this.isPlainArrayPrototype()) return undefined;
    let text = '';
    for (let index = 0; index < count; index++) {
      const item = this.value(items + index * 8, level + 1);
      if (item === undefined) return undefined;
      text += `${index === 0 ? '' : ','}${item === '' ? 'null' : item}`;
    }
    return `[${text}]`;
  }

  private isPlainArrayPrototype(): boolean {
    const { words } = this.heap;
    const { arrayPrototype, objectPrototype } = this.marks;
    return words[(words[(arrayPrototype + at.object.shape) >> 2]! + at.shape.prototype) >> 2] === objectPrototype && !this.hasToJson(arrayPrototype);
  }

  private hasToJson(object: number): boolean {
    const { words } = this.heap;
    const shape = words[(object + at.object.shape) >> 2]!;
    const count = words[(shape + at.shape.count) >> 2]!;
    for (let entry = (shape + at.shape.members + 4) >> 2, index = 0; index < count; index++, entry += 2) if (words[entry] === this.marks.toJson) return true;
    return false;
  }

  /** Of a member; nothing for a symbol. */
  private nameOf(atom: number): string | undefined {
    const { words } = this.heap;
    const name = words[(words[(this.marks.runtime + at.runtime.atoms) >> 2]! + atom * 4) >> 2]!;
    return words[(name + at.text.kind) >> 2]! >>> 30 === isStringKey ? this.characters(name) : undefined;
  }

  private characters(text: number): string {
    const { words, bytes } = this.heap;
    const word = words[(text + at.text.length) >> 2]!;
    const length = word & 0x7fff_ffff;
    const start = text + at.text.characters;
    return word >>> 31 === 0 ? bytes.latin1Slice(start, start + length) : bytes.ucs2Slice(start, start + length * 2);
  }

  /** A text that the engine has put together from two only in name. */
  private quotedRope(rope: number): string | undefined {
    const text = this.rope(rope);
    return this.visits < 0 ? undefined : JSON.stringify(text);
  }

  private rope(rope: number): string {
    const part = (pointer: number): string => {
      const { words } = this.heap;
      const low = words[pointer >> 2]!;
      return (words[(pointer >> 2) + 1]! | 0) === tag.text ? this.characters(low) : this.rope(low);
    };
    return --this.visits < 0 ? '' : part(rope + at.rope.left) + part(rope + at.rope.right);
  }

  /** Both kinds of text have their length at the same place. */
  private fits(text: number): boolean {
    this.budget -= (this.heap.words[(text + at.text.length) >> 2]! & 0x7fff_ffff) + 2;
    return this.budget >= 0;
  }

  private float(low: number, kind: number): string {
    this.halves[0] = low;
    this.halves[1] = kind + floatOffset;
    return JSON.stringify(this.number[0]);
  }
}
