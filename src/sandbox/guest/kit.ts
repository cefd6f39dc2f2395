/**
 * The functions in this folder run inside the guest: their source text is put together by `library.ts` and evaluated
 * when an engine boots, before any script. Each must be complete in itself: nothing from outside its own braces but
 * its parameters and ECMAScript globals, and those only while it is being called, since a script may change them later.
 */

/** Worker functions given to the guest library; scripts cannot reach them. All take and give only these types. */
export interface GuestHost {
  /** @returns the function that calls the tool with a number, of one argument; it gives a promise, and throws nothing. */
  tool(index: number): (args: unknown) => Promise<unknown>;
  /** The text as JSON: C strings end at a NUL. */
  log(level: string, json: string): void;
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
  const getWeak = Reflect.get(WeakMap.prototype, 'get') as (key: object) => unknown;
  const setWeak = Reflect.get(WeakMap.prototype, 'set') as (key: object, value: unknown) => unknown;
  const limitErrors = new WeakMap<object, true>();
  const engineErrors = (globalThis as unknown as { InternalError: ErrorConstructor }).InternalError.prototype;
  const failedTools = new WeakMap<object, number>();
  const ErrorClass = Error;
  const TypeErrorClass = TypeError;
  const RangeErrorClass = RangeError;
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  /** A stack without this library's own frames. */
  const scriptStack = (stack: string): string => {
    let kept = '';
    for (let from = 0; from < stack.length; ) {
      const next = indexOf(stack, '\n', from);
      const to = next === -1 ? stack.length : next + 1;
      const line = slice(stack, from, to);
      if (indexOf(line, '(codemode:') === -1) kept += line;
      from = to;
    }
    return kept;
  };
  const showScript = <E extends Error>(error: E, stack = error.stack ?? ''): E => {
    defineProperty(error, 'stack', { __proto__: null, value: scriptStack(stack), writable: true, configurable: true } as PropertyDescriptor);
    return error;
  };
  /** An error of a given name, with the stack of the script alone. */
  const makeError = (name: string, message: string, stack?: string): Error => {
    const error = showScript(new ErrorClass(message), stack);
    defineProperty(error, 'name', { __proto__: null, value: name, writable: true, configurable: true } as PropertyDescriptor);
    return error;
  };
  const limitError = (message: string, stack?: string): Error => {
    const error = makeError('LimitError', message, stack);
    apply(setWeak, limitErrors, [error, true]);
    return error;
  };
  /** Defines a property that is neither listed nor checked against what prototypes hold. */
  const define = (target: object, key: PropertyKey, value: unknown, enumerable = false): void => {
    // A bundler renames what it finds twice; a script sees the name it uses.
    if (typeof value === 'function' && typeof key === 'string') defineProperty(value, 'name', { __proto__: null, value: key, configurable: true } as PropertyDescriptor);
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
    /** Which tool's call an error came from. */
    failedTool: (error: object): number | undefined => apply(getWeak, failedTools, [error]) as number | undefined,
    setFailedTool: (error: object, tool: number): void => void apply(setWeak, failedTools, [error, tool]),
    isEngineError: (error: object): boolean => getPrototypeOf(error) === engineErrors,
    isLimitError: (error: object): boolean => apply(getWeak, limitErrors, [error]) === true,
    define,
    defineAll,
    stringify: JSON.stringify,
    parse: JSON.parse,
    slice,
    indexOf,
    Promise,
    Error: ErrorClass,
    typeError: (message: string): TypeError => showScript(new TypeErrorClass(message)),
    rangeError: (message: string): RangeError => showScript(new RangeErrorClass(message)),
    scriptStack,
    String,
    global: globalThis as unknown as Record<string, unknown>,
  };
}
