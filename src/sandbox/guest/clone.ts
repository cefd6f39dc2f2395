import type { Kit } from './kit.js';

/** `structuredClone` for what a script can hold: no transfer, and class instances become plain objects. */
export function defineClone(kit: Kit): void {
  const { define, global, ownKeys, getPrototypeOf, getOwnPropertyDescriptor, isArray } = kit;
  const DOMExceptionClass = global.DOMException as new (message: string, name: string) => Error;
  const tag = (value: unknown): string => Object.prototype.toString.call(value);
  const refuse = (what: string): never => {
    throw new DOMExceptionClass(`${what} could not be cloned.`, 'DataCloneError');
  };
  const errors: Record<string, ErrorConstructor> = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const typed = getPrototypeOf(Uint8Array)!;
  const { isView } = ArrayBuffer;

  const clone = (value: unknown, seen: Map<object, object>): unknown => {
    if (typeof value === 'function' || typeof value === 'symbol') return refuse(typeof value === 'symbol' ? value.toString() : `Function ${value.name}`);
    if (typeof value !== 'object' || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    const keep = <T extends object>(copy: T): T => {
      seen.set(value, copy);
      return copy;
    };
    if (isArray(value)) {
      const copy = keep(new Array<unknown>(value.length));
      for (const key of ownKeys(value)) if (key !== 'length' && typeof key === 'string') define(copy, key, clone((value as unknown as Record<string, unknown>)[key], seen), true);
      return copy;
    }
    if (value instanceof Date) return keep(new Date(value.getTime()));
    if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
    if (value instanceof Map) {
      const copy = keep(new Map<unknown, unknown>());
      for (const [key, item] of [...value]) copy.set(clone(key, seen), clone(item, seen));
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(new Set<unknown>());
      for (const item of [...value]) copy.add(clone(item, seen));
      return copy;
    }
    if (value instanceof ArrayBuffer) return keep(value.slice(0));
    if (isView(value)) {
      const buffer = clone(value.buffer, seen) as ArrayBuffer;
      if (!(value instanceof (typed as unknown as typeof Uint8Array))) return keep(new DataView(buffer, value.byteOffset, value.byteLength));
      const Type = value.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Uint8Array;
      return keep(new Type(buffer, value.byteOffset, value.length));
    }
    if (value instanceof Error) {
      const Type = errors[value.name] ?? Error;
      const copy = keep(new Type(value.message));
      define(copy, 'stack', value.stack);
      if ('cause' in value) define(copy, 'cause', clone(value.cause, seen));
      return copy;
    }
    if (value instanceof Number || value instanceof String || value instanceof Boolean) return keep(Object(value.valueOf()) as object);
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) return refuse(tag(value));
    const copy = keep({});
    for (const key of ownKeys(value)) {
      if (typeof key === 'string' && getOwnPropertyDescriptor(value, key)?.enumerable === true) define(copy, key, clone((value as Record<string, unknown>)[key], seen), true);
    }
    return copy;
  };
  define(global, 'structuredClone', { structuredClone: (value: unknown) => clone(value, new Map()) }.structuredClone);
}
