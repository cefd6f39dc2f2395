import { types } from 'node:util';

const { isProxy } = types;

/** Why a value cannot cross. */
export class CrossingError extends Error {
  override readonly name = 'TypeError';
  readonly #reason: 'kind' | 'size' | 'depth';
  constructor(
    message: string,
    reason: 'kind' | 'size' | 'depth',
  ) {
    super(message);
    this.#reason = reason;
  }

  /** The reason in whatever was thrown: it, or what it inherits from, may throw when it is asked anything. */
  static reasonOf(thrown: unknown): 'kind' | 'size' | 'depth' | undefined {
    return typeof thrown === 'object' && thrown !== null && #reason in thrown ? thrown.#reason : undefined;
  }
}

export interface EncodedValue {
  /** `''` for undefined. */
  readonly json: string;
  /** Texts that cross outside of the JSON, which has 0 in their places: the guest's engine is slow at quoted text. */
  readonly texts: readonly LongText[];
}

export interface LongText {
  readonly path: readonly (string | number)[];
  readonly text: string;
  /** How many texts as long come before it in the value. */
  readonly index: number;
}

/** From this length on a text crosses by itself, unless the path to it is long beside it. */
const longText = 1024;

/**
 * A host value for the guest, by the table in README.md. Sizes are looked at before anything is built, and the walk
 * ends as soon as the limit is passed, so that no value stalls the host.
 *
 * @throws {CrossingError}
 */
export function encodeValue(value: unknown, limits: { readonly bytes: number; readonly depth: number }): EncodedValue {
  const walk = new Walk(value, limits);
  const texts = walk.isPlain ? walk.texts : [];
  const json = textOf(walk.isPlain ? value : toPlain(value, limits), texts);
  let bytes = json.length > limits.bytes ? json.length : Buffer.byteLength(json);
  for (const { text } of texts) if (bytes <= limits.bytes) bytes += Buffer.byteLength(text);
  if (bytes > limits.bytes) throw tooLarge();
  return { json, texts };
}

function textOf(value: unknown, texts: readonly LongText[]): string {
  try {
    return (texts.length === 0 ? JSON.stringify(value) : textWithout(value, texts)) ?? '';
  } catch (error) {
    // Levels within the limit can still be more than this thread's stack holds.
    throw error instanceof RangeError && error.message.includes('call stack') ? tooDeep() : error;
  }
}

/** JSON meets the texts in the order of the walk that found them. */
function textWithout(value: unknown, texts: readonly LongText[]): string | undefined {
  let index = 0;
  let next = 0;
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'string' || member.length < longText || index++ !== texts[next]?.index) return member;
    next++;
    return 0;
  });
}

/** C strings end at a NUL, and UTF-8 has no lone surrogates. */
const isWholeText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const tooLarge = (): CrossingError => new CrossingError('The value is too large.', 'size');
const tooDeep = (): CrossingError => new CrossingError('The value is nested too deep, or contains itself.', 'depth');
const notData = (what: string): CrossingError => new CrossingError(`${what} is not data and cannot reach the script.`, 'kind');

/** A container that is being walked, and how far. Used again at the same depth: walks meet millions of containers. */
interface Frame {
  items: object;
  keys: readonly string[] | undefined;
  length: number;
  at: number;
}

/**
 * Counts the least bytes a value can take, without recursion and without visiting more than fits the limit: a value
 * that holds itself, or the same thing a million times, ends like one that is too large or too deep. Stops at the
 * first thing whose looks depend on asking it: that is done once, by {@link toPlain}.
 */
class Walk {
  /** Whether JSON says all of the value as it is. */
  isPlain = true;
  /** Whole only where the value is plain. */
  readonly texts: LongText[] = [];
  private bytes = 0;
  private depth = 0;
  private long = 0;
  private readonly frames: Frame[] = [];

  /** @throws {CrossingError} */
  constructor(root: unknown, private readonly limits: { readonly bytes: number; readonly depth: number }) {
    this.visit(root);
    while (this.isPlain && this.depth > 0 && this.bytes <= limits.bytes) this.inside(this.frames[this.depth - 1]!);
    if (this.bytes > limits.bytes) throw tooLarge();
  }

  /** Goes on in a container, to its end or to a container in it. */
  private inside(frame: Frame): void {
    const entered = this.depth;
    const { items, keys, length } = frame;
    while (frame.at < length && this.depth === entered && this.isPlain && this.bytes <= this.limits.bytes) {
      const key = keys === undefined ? frame.at : keys[frame.at]!;
      frame.at++;
      const value = (items as Record<string | number, unknown>)[key];
      if (typeof value === 'number') this.bytes += 1;
      else if (value !== undefined) this.visit(value);
      if (typeof key === 'string' && value !== undefined) this.bytes += key.length;
    }
    if (this.depth === entered) this.depth--;
  }

  private visit(value: unknown): void {
    if (typeof value === 'string') this.text(value);
    else if (typeof value === 'object' && value !== null) this.enter(value);
    else if (typeof value === 'bigint') throw notData('A BigInt');
    else if (this.depth === 0 && (typeof value === 'function' || typeof value === 'symbol')) throw notData(`A ${typeof value}`);
    else this.bytes += 1;
  }

  private text(text: string): void {
    this.bytes += text.length + 2;
    if (text.length < longText) return;
    const index = this.long++;
    const path = this.bytes > this.limits.bytes ? undefined : this.path(text.length / 8);
    if (path !== undefined && isWholeText(text)) this.texts.push({ path, text, index });
  }

  private enter(value: object): void {
    const isArray = Array.isArray(value);
    this.isPlain &&= isArray ? !isProxy(value) && !('toJSON' in value) : isSimple(value);
    if (!this.isPlain) return;
    if (this.depth >= this.limits.depth) throw tooDeep();
    const frame = (this.frames[this.depth++] ??= { items: value, keys: undefined, length: 0, at: 0 });
    frame.items = value;
    frame.keys = isArray ? undefined : Object.keys(value);
    frame.length = frame.keys?.length ?? (value as readonly unknown[]).length;
    frame.at = 0;
    this.bytes += isArray ? 1 + Math.max(1, frame.length) : 2;
  }

  /** Where the walk is; undefined when saying so takes more than there is for it. */
  private path(most: number): LongText['path'] | undefined {
    const path: (string | number)[] = [];
    for (let at = 0; at < this.depth && most >= 0; at++) {
      const { keys, at: next } = this.frames[at]!;
      const key = keys === undefined ? next - 1 : keys[next - 1]!;
      most -= 4 + (typeof key === 'string' ? key.length : 4);
      path.push(key);
    }
    return most < 0 ? undefined : path;
  }
}

function isSimple(value: object): boolean {
  // Asked first, since asking a proxy anything else runs its code.
  if (isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}

/**
 * What stands in a value's place, where JSON cannot say it: once, like `toJSON`, whose answer is taken as it is.
 * `most` is how many items there may be.
 */
function crossing(value: object, most: number): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function' && toJSON !== bufferToJson) return Reflect.apply(toJSON, value, ['']) as unknown;
  if (types.isAnyArrayBuffer(value)) return bytesOf(new Uint8Array(value), most);
  if (ArrayBuffer.isView(value)) return types.isDataView(value) ? {} : bytesOf(value as Uint8Array, most);
  if (types.isMap(value)) return value.size > most ? refuse(tooLarge()) : itemsOf(value, Map.prototype, 'entries');
  if (types.isSet(value)) return value.size > most ? refuse(tooLarge()) : itemsOf(value, Set.prototype, 'values');
  if (types.isRegExp(value)) return String(value);
  if (types.isPromise(value)) return refuse(notData('A promise'));
  if (value instanceof Error) return { ...value, name: value.name, message: value.message };
  return value;
}

const bufferToJson: unknown = Reflect.get(Buffer.prototype, 'toJSON');
/** The collections' own, whatever a value was given in their place. */
const itemsOf = (collection: object, prototype: object, method: string): unknown[] => Array.from(Reflect.apply(Reflect.get(prototype, method) as () => Iterable<unknown>, collection, []));
const bytesOf = (view: Uint8Array, most: number): unknown => (view.length > most ? refuse(tooLarge()) : Array.from(view));
const refuse = (error: CrossingError): never => {
  throw error;
};

/** A copy of plain data that asks every getter, proxy and `toJSON` once, and stops at the limits. */
function toPlain(root: unknown, limits: { readonly bytes: number; readonly depth: number }): unknown {
  let budget = limits.bytes;
  const spend = (bytes: number): void => {
    if ((budget -= bytes) < 0) throw tooLarge();
  };
  const copy = (given: unknown, depth: number): unknown => {
    const from = typeof given === 'object' && given !== null ? crossing(given, budget) : given;
    if (typeof from === 'bigint' || from instanceof BigInt) throw notData('A BigInt');
    if (depth === 0 && (typeof from === 'function' || typeof from === 'symbol')) throw notData(`A ${typeof from}`);
    if (typeof from !== 'object' || from === null) {
      spend(typeof from === 'string' ? from.length + 2 : 1);
      return from;
    }
    if (from instanceof Number || from instanceof String || from instanceof Boolean) return copy(from.valueOf(), depth);
    if (depth >= limits.depth) throw tooDeep();
    if (Array.isArray(from)) {
      const { length } = from as readonly unknown[];
      spend(1 + Math.max(1, length));
      const items: unknown[] = [];
      for (let at = 0; at < length; at++) items.push(copy(from[at], depth + 1));
      return items;
    }
    spend(2);
    const object: Record<string, unknown> = {};
    for (const key of Object.keys(from)) {
      spend(key.length);
      Object.defineProperty(object, key, { value: copy((from as Record<string, unknown>)[key], depth + 1), enumerable: true });
    }
    return object;
  };
  return copy(root, 0);
}

/** How deep the arrays and objects of a JSON text are nested; stops counting above `most`. */
export function nestingOf(json: string, most: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === 0x22) {
      do {
        at = json.indexOf('"', at + 1);
        if (at === -1) return deepest;
      } while (isEscaped(json, at));
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > deepest) deepest = depth;
      if (deepest > most) return deepest;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}
