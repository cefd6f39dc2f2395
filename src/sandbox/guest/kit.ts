/**
 * The functions in this folder run inside the guest: their source text is put together by `library.ts` and evaluated
 * when an engine boots, before any script. Each must be complete in itself: nothing from outside its own braces but
 * its parameters and ECMAScript globals, and those only while it is being called, since a script may change them later.
 */

/** Worker functions given to the guest library; scripts cannot reach them. All take and give only these types. */
export interface GuestHost {
  send(id: number, tool: number, args: string, stack: string): void;
  log(level: string, text: string): void;
  /** Formats, parses URLs and the like with the worker's own implementation. @returns `+` and the answer, or `-` and JSON of an error. */
  ask(operation: string, input: string): string;
  setTimer(id: number, delayMs: number): void;
  clearTimer(id: number): void;
}

/** The originals of what the library uses after scripts have started. */
export type Kit = ReturnType<typeof makeKit>;

export function makeKit() {
  const { apply, construct, ownKeys, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const { freeze, create } = Object;
  const { isArray } = Array;
  /** A method as a function of its receiver. */
  const uncurry =
    <S, A extends readonly unknown[], R>(method: (this: S, ...args: A) => R) =>
    (self: S, ...args: A): R =>
      apply(method as unknown as (...values: unknown[]) => R, self, args);
  const limits = new WeakMap<object, string>();
  const limitOf = uncurry(WeakMap.prototype.get as (this: WeakMap<object, string>, key: object) => string | undefined);
  const setLimit = uncurry(WeakMap.prototype.set as (this: WeakMap<object, string>, key: object, value: string) => unknown);
  const ErrorClass = Error;
  const TypeErrorClass = TypeError;
  /** An error of a given name with its stack, if any, from elsewhere. */
  const makeError = (name: string, message: string, stack?: string): Error => {
    const error = new ErrorClass(message);
    defineProperty(error, 'name', { __proto__: null, value: name, writable: true, configurable: true } as PropertyDescriptor);
    if (stack !== undefined) defineProperty(error, 'stack', { __proto__: null, value: stack, writable: true, configurable: true } as PropertyDescriptor);
    return error;
  };
  const limitError = (message: string, stack?: string): Error => {
    const error = makeError('LimitError', message, stack);
    setLimit(limits, error, 'output');
    return error;
  };
  /** Defines a property that is neither listed nor checked against what prototypes hold. */
  const define = (target: object, key: PropertyKey, value: unknown, enumerable = false): void => {
    defineProperty(target, key, { __proto__: null, value, writable: true, enumerable, configurable: true } as PropertyDescriptor);
  };
  const defineAll = (target: object, members: object): void => {
    for (const key of ownKeys(members)) {
      const descriptor = getOwnPropertyDescriptor(members, key)!;
      descriptor.enumerable = false;
      defineProperty(target, key, descriptor);
    }
  };
  return {
    apply,
    construct,
    ownKeys,
    defineProperty,
    getOwnPropertyDescriptor,
    getPrototypeOf,
    freeze,
    create,
    isArray,
    uncurry,
    makeError,
    limitError,
    isLimitError: (error: object): boolean => limitOf(limits, error) !== undefined,
    define,
    defineAll,
    stringify: JSON.stringify,
    parse: JSON.parse,
    slice: uncurry(String.prototype.slice),
    Promise,
    Error: ErrorClass,
    TypeError: TypeErrorClass,
    String,
    global: globalThis as unknown as Record<string, unknown>,
  };
}
