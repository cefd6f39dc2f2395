import type { GuestConfig } from '../protocol.js';
import type { GuestHost, Kit } from './kit.js';

/** How calls leave the guest and answers come back. Nothing here runs a method that a script could have replaced. */
export function makeBridge(kit: Kit, host: GuestHost, seed: (words: readonly number[]) => void) {
  const { stringify, parse, create, freeze, define, makeError, limitError } = kit;
  const { Promise: PromiseClass, Error: ErrorClass, TypeError: TypeErrorClass } = kit;
  interface Pending {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
    readonly stack: string;
    readonly tool: number;
    /** Something waits for the answer: awaiting a promise, and every method of it, reads its constructor. */
    seen: boolean;
  }
  const pending = create(null) as Record<number, Pending>;
  /** Calls that failed, to be looked at again when the script has ended. */
  const failures = create(null) as Record<number, Pending>;
  let failureCount = 0;
  let lastId = 0;
  let limits = { argumentBytes: 0, valueBytes: 0 };

  /** JSON of a value, `''` for undefined. */
  const encode = (value: unknown): string => {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new TypeErrorClass(`A ${typeof value} cannot leave the script. Pass data.`);
    }
    return stringify(value) ?? '';
  };

  const request = (tool: number, value: unknown): Promise<unknown> => {
    const stack = new ErrorClass().stack ?? '';
    let entry: Pending | undefined;
    const promise = new PromiseClass((resolve, reject) => {
      // A throw in here, by a getter of the script's too, rejects the promise.
      const text = encode(value);
      if (text.length > limits.argumentBytes) {
        throw limitError(`The arguments of this call are larger than ${limits.argumentBytes / 1024} KB (codemode.limits.argumentsKb). Send less, or in parts.`, stack);
      }
      const id = ++lastId;
      entry = pending[id] = { resolve, reject, stack, tool, seen: false };
      host.send(id, tool, text, stack);
    });
    kit.defineProperty(promise, 'constructor', {
      __proto__: null,
      get: () => {
        if (entry !== undefined) entry.seen = true;
        return PromiseClass;
      },
      configurable: true,
    } as PropertyDescriptor);
    return promise;
  };

  /** A namespace: tools by their names, whatever the names are. */
  const makeNamespace = (tools: readonly string[], firstIndex: number): object => {
    const namespace = create(null) as object;
    for (let at = 0; at < tools.length; at++) {
      const name = tools[at]!;
      const tool = firstIndex + at;
      let call = { [name]: (args: unknown) => request(tool, args) }[name] as unknown;
      if (name === 'then') {
        // `await namespace` calls this with two functions; then the answer is the namespace without it.
        call = {
          then: (args: unknown, reject: unknown) => {
            if (typeof args !== 'function' || typeof reject !== 'function') return request(tool, args);
            const rest = create(null) as Record<string, unknown>;
            for (let other = 0; other < tools.length; other++) {
              if (tools[other] !== 'then') define(rest, tools[other]!, (namespace as Record<string, unknown>)[tools[other]!], true);
            }
            kit.apply(args as () => void, undefined, [freeze(rest)]);
            return undefined;
          },
        }.then;
      }
      define(namespace, name, freeze(call), true);
    }
    return freeze(namespace);
  };

  /** The functions of `codemode`: nested where dotted, taking any number of arguments. */
  const makeCodemode = (names: readonly string[], firstIndex: number): object => {
    interface Node {
      readonly children: Record<string, Node>;
      tool?: number;
    }
    const node = (): Node => ({ children: create(null) as Record<string, Node> });
    const root = node();
    names.forEach((name, at) => {
      let target = root;
      for (const part of name.split('.')) target = target.children[part] ??= node();
      target.tool = firstIndex + at;
    });
    const build = (from: Node, name: string): object => {
      const tool = from.tool;
      const target = tool === undefined ? (create(null) as object) : { [name]: (...args: unknown[]) => request(tool, args) }[name]!;
      for (const key of kit.ownKeys(from.children) as string[]) define(target, key, build(from.children[key]!, key), true);
      return freeze(target);
    };
    return build(root, 'codemode');
  };

  const declare = (name: string, value: unknown): void => {
    kit.defineProperty(kit.global, name, { __proto__: null, value, writable: false, enumerable: true, configurable: false } as PropertyDescriptor);
  };

  return {
    encode,
    /** Before the script starts: prototypes are still untouched. */
    configure(text: string): string {
      const config = parse(text) as GuestConfig;
      limits = { argumentBytes: config.argumentBytes, valueBytes: config.valueBytes };
      seed(config.seed);
      let index = 0;
      for (const [name, tools] of config.namespaces) {
        declare(name, makeNamespace(tools, index));
        index += tools.length;
      }
      if (config.codemode !== undefined) declare('codemode', makeCodemode(config.codemode, index));
      if (config.params !== undefined) declare('params', config.params);
      return '';
    },
    /** Answers: id, 1 and a value, 2 for undefined, or 0 and an error, repeated. */
    deliver(text: string): string {
      const batch = parse(text) as unknown[];
      for (let at = 0; at < batch.length; at += 3) {
        const id = batch[at] as number;
        const entry = pending[id];
        if (entry === undefined) continue;
        delete pending[id];
        if (batch[at + 1] === 1) entry.resolve(batch[at + 2]);
        else if (batch[at + 1] === 2) entry.resolve(undefined);
        else {
          failures[++failureCount] = entry;
          const error = batch[at + 2] as { name: string; message: string; limit?: boolean };
          entry.reject(error.limit === true ? limitError(error.message, entry.stack) : makeError(error.name, error.message, entry.stack));
        }
      }
      return '';
    },
    /** JSON of the tools and stacks of calls that failed without anything waiting for them. */
    unseen(): string {
      const list = create(null) as Record<number, unknown>;
      let length = 0;
      for (let at = 1; at <= failureCount; at++) {
        const { tool, stack, seen } = failures[at]!;
        if (!seen) list[length++] = { tool, stack };
      }
      return stringify(list);
    },
    /** JSON of the script's value after `+`, or after `-` that of the error why there is none. */
    finish(value: unknown): string {
      const text = encode(value);
      if (text.length <= limits.valueBytes) return `+${text}`;
      throw limitError(`The script ran, but the value it returned is larger than ${limits.valueBytes / 1024} KB (codemode.limits.valueKb). Return only what is needed.`);
    },
  };
}
