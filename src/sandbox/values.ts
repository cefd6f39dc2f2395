import { isProxy } from 'node:util/types';

/** Why a value cannot cross. */
export class CrossingError extends Error {
  override readonly name = 'TypeError';
  constructor(
    message: string,
    readonly reason: 'kind' | 'size' | 'depth',
  ) {
    super(message);
  }
}

/**
 * JSON text of a host value for the guest, by the table in README.md; `''` for undefined. Sizes are looked at before
 * anything is built, and the walk ends as soon as the limit is passed, so that no value stalls the host.
 *
 * @throws {CrossingError}
 */
export function encodeValue(value: unknown, limits: { readonly bytes: number; readonly depth: number }): string {
  const isPlain = measure(value, limits);
  const text = JSON.stringify(isPlain ? value : toPlain(value, limits)) as string | undefined;
  if (text === undefined) return '';
  if (text.length > limits.bytes || Buffer.byteLength(text) > limits.bytes) throw tooLarge();
  return text;
}

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
 * that holds itself, or the same thing a million times, ends like one that is too large or too deep.
 *
 * @returns whether JSON says all of it as it is.
 */
function measure(root: unknown, limits: { readonly bytes: number; readonly depth: number }): boolean {
  let bytes = 0;
  let plain = true;
  let depth = 0;
  const frames: Frame[] = [];
  const enter = (value: object): void => {
    if (depth >= limits.depth) throw tooDeep();
    const isArray = Array.isArray(value);
    if (isArray) plain &&= !isProxy(value);
    else {
      plain &&= isSimple(value);
      const crossed = plain ? value : crossing(value);
      if (crossed !== value) return visit(crossed);
    }
    const frame = (frames[depth++] ??= { items: value, keys: undefined, length: 0, at: 0 });
    frame.items = value;
    frame.keys = isArray ? undefined : Object.keys(value);
    frame.length = frame.keys?.length ?? (value as readonly unknown[]).length;
    frame.at = 0;
    bytes += isArray ? 1 + Math.max(1, frame.length) : 2;
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'string') bytes += value.length + 2;
    else if (typeof value === 'object' && value !== null) enter(value);
    else if (typeof value === 'bigint') throw notData('A BigInt');
    else if (depth === 0 && (typeof value === 'function' || typeof value === 'symbol')) throw notData(`A ${typeof value}`);
    else bytes += 1;
  };
  visit(root);
  while (depth > 0 && bytes <= limits.bytes) {
    const entered = depth;
    const frame = frames[depth - 1]!;
    const { items, keys, length } = frame;
    // Only a value with parts of its own leaves this loop.
    while (frame.at < length && depth === entered && bytes <= limits.bytes) {
      const key = keys === undefined ? frame.at : keys[frame.at]!;
      frame.at++;
      const value = (items as Record<string | number, unknown>)[key];
      if (typeof value === 'number') bytes += 1;
      else if (value !== undefined) visit(value);
      if (typeof key === 'string' && value !== undefined) bytes += key.length;
    }
    if (depth === entered) depth--;
  }
  if (bytes > limits.bytes) throw tooLarge();
  return plain;
}

function isSimple(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && typeof (value as { toJSON?: unknown }).toJSON !== 'function' && !isProxy(value);
}

/** One step from what JSON cannot say towards what it can. */
function crossing(value: object): unknown {
  if (value instanceof Map) return [...value.entries()];
  if (value instanceof Set) return [...value.values()];
  if (value instanceof DataView) return {};
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value));
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) throw notData('A promise');
  if (value instanceof Error) return { ...value, name: value.name, message: value.message };
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return (toJSON as () => unknown).call(value);
  return value;
}

/** A copy of plain data, reading every getter once. Depth and size were measured before, and are here again. */
function toPlain(value: unknown, limits: { readonly bytes: number; readonly depth: number }): unknown {
  let budget = limits.bytes;
  const copy = (from: unknown, depth: number): unknown => {
    if (depth > limits.depth) throw tooDeep();
    if ((budget -= typeof from === 'string' ? from.length + 2 : 2) < 0) throw tooLarge();
    if (typeof from === 'bigint') throw notData('A BigInt');
    if (typeof from !== 'object' || from === null) return from;
    if (Array.isArray(from)) {
      const items: unknown[] = [];
      for (let at = 0; at < from.length; at++) items.push(copy(from[at], depth + 1));
      return items;
    }
    const crossed = crossing(from);
    if (crossed !== from) return copy(crossed, depth + 1);
    const object: Record<string, unknown> = {};
    for (const key of Object.keys(from)) {
      budget -= key.length;
      Object.defineProperty(object, key, { value: copy((from as Record<string, unknown>)[key], depth + 1), enumerable: true });
    }
    return object;
  };
  return copy(value, 0);
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
