import type { GuestConfig } from '../protocol.js';
import type { GuestHost, Kit } from './kit.js';

/** How calls leave the guest and answers come back. Nothing here runs a method that a script could have replaced. */
export function makeBridge(kit: Kit, host: GuestHost, seed: (words: readonly number[]) => void) {
  const { stringify, parse, create, freeze, define, makeError, limitError, isArray, ownKeys, getOwnPropertyDescriptor } = kit;
  const { Promise: PromiseClass, Error: ErrorClass, typeError } = kit;
  interface Pending {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
    readonly stack: string;
    readonly tool: number;
    readonly id: number;
    /** Something waits for the answer: awaiting a promise, and every method of it, reads its constructor. */
    seen: boolean;
  }
  const pending = create(null) as Record<number, Pending>;
  /** Calls that were answered before anything waited for them. */
  const unheard = create(null) as Record<number, Pending>;
  let lastId = 0;
  let limits = { argumentBytes: 0, valueBytes: 0, depth: 0 };

  /** JSON of a value, `''` for undefined. */
  const encode = (value: unknown, bytes: number, tooLarge: () => Error): string => {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw typeError(`A ${typeof value} cannot leave the script. Pass data.`);
    }
    if (typeof value === 'string' ? value.length > bytes : typeof value === 'object' && value !== null && !('toJSON' in value) && isLarger(value, bytes)) throw tooLarge();
    const text = stringify(value) ?? '';
    if (text.length > bytes) throw tooLarge();
    return text;
  };

  // Where the walk below is: kept between calls, since making room for it costs more than most walks. Objects without a
  // prototype, because arrays have setters that a script can define.
  const values = create(null) as Record<number, object>;
  const keys = create(null) as Record<number, readonly PropertyKey[] | undefined>;
  const next = create(null) as Record<number, number>;
  let level = 0;
  let size = 0;
  const enter = (value: object): void => {
    if (++level > limits.depth) {
      for (let at = 1; at < level; at++) if (values[at] === value) throw typeError('The value contains itself and cannot leave the script.');
      throw limitError(`The value is nested deeper than ${limits.depth} levels (codemode.limits.depth).`);
    }
    values[level] = value;
    next[level] = 0;
    if (isArray(value)) {
      keys[level] = undefined;
      size += value.length * 2;
    } else keys[level] = ownKeys(value);
  };
  /**
   * The engine takes seconds to say JSON of twenty thousand levels, and tens of megabytes for a large text, and nothing
   * can interrupt it: what is plainly too deep or too large is refused before. Asks no getter; what it does not come to
   * is measured afterwards.
   */
  const isLarger = (root: object, bytes: number): boolean => {
    // A proxy's trap that makes a call, while it is being looked at.
    if (level !== 0) return false;
    size = 0;
    try {
      enter(root);
      for (let visits = 0; level > 0 && size <= bytes && visits < limits.depth + 2000; visits++) {
        const value = values[level]!;
        const list = keys[level];
        const at = next[level]!++;
        if (at >= (list ?? (value as readonly unknown[])).length) level--;
        else {
          const key = list === undefined ? at : list[at]!;
          const member = typeof key === 'symbol' ? undefined : getOwnPropertyDescriptor(value, key);
          const child: unknown = member?.enumerable === true ? member.value : undefined;
          if (typeof child === 'string') size += child.length;
          else if (typeof child === 'object' && child !== null && !('toJSON' in child)) enter(child);
        }
      }
      return size > bytes;
    } finally {
      level = 0;
    }
  };

  const request = (tool: number, value: unknown): Promise<unknown> => {
    const stack = new ErrorClass().stack ?? '';
    let entry: Pending | undefined;
    const promise = new PromiseClass((resolve, reject) => {
      // A throw in here, by a getter of the script's too, rejects the promise.
      const text = encode(value, limits.argumentBytes, () => limitError(`The arguments of this call are larger than ${limits.argumentBytes / 1024} KB (codemode.limits.argumentsKb). Send less, or in parts.`, stack));
      const id = ++lastId;
      entry = pending[id] = { resolve, reject, stack, tool, id, seen: false };
      host.send(id, tool, text, stack);
    });
    kit.defineProperty(promise, 'constructor', {
      __proto__: null,
      get: () => {
        if (entry?.seen === false) {
          entry.seen = true;
          delete unheard[entry.id];
        }
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
    /** Before the script starts: prototypes are still untouched. */
    configure(text: string): string {
      const config = parse(text) as GuestConfig;
      limits = { argumentBytes: config.argumentBytes, valueBytes: config.valueBytes, depth: config.depth };
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
        if (batch[at + 1] === 0) {
          const given = batch[at + 2] as { name: string; message: string; limit?: boolean };
          const error = given.limit === true ? limitError(given.message, entry.stack) : makeError(given.name, given.message, entry.stack);
          kit.setFailedTool(error, entry.tool);
          entry.reject(error);
          continue;
        }
        if (!entry.seen) unheard[id] = entry;
        entry.resolve(batch[at + 1] === 1 ? batch[at + 2] : undefined);
      }
      return '';
    },
    /** JSON of the tools and stacks of calls that were answered without anything waiting for them. */
    unheard(): string {
      const list = create(null) as Record<number, unknown>;
      let length = 0;
      for (const id of ownKeys(unheard) as unknown as number[]) {
        const { tool, stack } = unheard[id]!;
        list[length++] = { tool, stack };
      }
      return stringify(list);
    },
    /** JSON of the script's value after `+`, or after `-` that of the error why there is none. */
    finish(value: unknown): string {
      return `+${encode(value, limits.valueBytes, () => limitError(`The script ran, but the value it returned is larger than ${limits.valueBytes / 1024} KB (codemode.limits.valueKb). Return only what is needed.`))}`;
    },
  };
}
