import type { GuestConfig } from '../protocol.js';
import type { GuestHost, Kit } from './kit.js';

/** How calls leave the guest and answers come back. Nothing here runs a method that a script could have replaced. */
export function makeBridge(kit: Kit, host: GuestHost) {
  const { stringify, parse, create, freeze, define, makeError, limitError, isArray, ownKeys, getOwnPropertyDescriptor } = kit;
  const { Promise: PromiseClass, Error: ErrorClass, typeError } = kit;
  /** Calls that were answered before anything waited for them. */
  const unheard = create(null) as Record<number, true>;
  let limits = { argumentBytes: 0, valueBytes: 0, depth: 0 };
  /** Long texts of answers that are about to be delivered. */
  const held = create(null) as Record<number, string>;
  let heldCount = 0;
  let nextText = 0;

  const tooLargeArguments = (): Error => limitError(`The arguments of this call are larger than ${limits.argumentBytes / 1024} KB (codemode.limits.argumentsKb). Send less, or in parts.`);
  const tooLargeValue = (): Error => limitError(`The script ran, but the value it returned is larger than ${limits.valueBytes / 1024} KB (codemode.limits.valueKb). Return only what is needed.`);
  /** JSON of a value that the worker could not read by itself: one that is more than data, or too large. `''` for undefined. */
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
    let visits = 0;
    try {
      enter(root);
      for (; level > 0 && size <= bytes && visits < limits.depth + 2000; visits++) {
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

  /** A namespace: tools by their names, whatever the names are. */
  const makeNamespace = (tools: readonly string[], firstIndex: number): object => {
    const namespace = create(null) as object;
    for (let at = 0; at < tools.length; at++) {
      const name = tools[at]!;
      const request = host.tool(firstIndex + at);
      let call: unknown = request;
      if (name === 'then') {
        // `await namespace` calls this with two functions; then the answer is the namespace without it.
        call = {
          then: (args: unknown, reject: unknown) => {
            if (typeof args !== 'function' || typeof reject !== 'function') return request(args);
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
      const request = from.tool === undefined ? undefined : host.tool(from.tool);
      const target = request === undefined ? (create(null) as object) : { [name]: (...args: unknown[]) => request(args) }[name]!;
      for (const key of kit.ownKeys(from.children) as string[]) define(target, key, build(from.children[key]!, key), true);
      return freeze(target);
    };
    return build(root, 'codemode');
  };

  /** For good. The engine lets a global that is read-only be defined with another value, but not one that has a getter. */
  const declare = (name: string, value: unknown): void => {
    kit.defineProperty(kit.global, name, { __proto__: null, get: () => value, enumerable: true, configurable: false } as PropertyDescriptor);
  };

  /** Puts a text where its path says: every part of it is an own member, since the value is fresh from JSON. */
  const withText = (value: unknown, path: readonly PropertyKey[], text: string): unknown => {
    if (path.length === 0) return text;
    let target = value as Record<PropertyKey, unknown>;
    for (let at = 0; at < path.length - 1; at++) target = target[path[at]!] as typeof target;
    target[path[path.length - 1]!] = text;
    return value;
  };

  return {
    /** Before the script starts: prototypes are still untouched. The same for every run of the same servers. */
    configure(text: string): string {
      const config = parse(text) as GuestConfig;
      limits = { argumentBytes: config.argumentBytes, valueBytes: config.valueBytes, depth: config.depth };
      let index = 0;
      for (const [name, tools] of config.namespaces) {
        declare(name, makeNamespace(tools, index));
        index += tools.length;
      }
      if (config.codemode !== undefined) declare('codemode', makeCodemode(config.codemode, index));
      return '';
    },
    /** Of a saved script, for this run alone. */
    params(text: string): string {
      declare('params', parse(text));
      return '';
    },
    /** JSON of a call's argument. */
    encode: (value: unknown): string => encode(value, limits.argumentBytes, tooLargeArguments),
    /** The stack of whatever calls into the worker. */
    where: (): string => new ErrorClass().stack ?? '',
    /** A long text of an answer that comes. */
    hold(text: string): string {
      held[heldCount++] = text;
      return '';
    },
    /** An answer with its long texts, which were held in this order, where the paths say. */
    withTexts(answer: readonly [value: unknown, paths: readonly (readonly PropertyKey[])[]]): unknown {
      let value = answer[0];
      const paths = answer[1];
      for (let path = 0; path < paths.length; path++) {
        value = withText(value, paths[path]!, held[nextText]!);
        delete held[nextText++];
      }
      return value;
    },
    /** What a call of a tool fails with. */
    failure(given: { readonly name: string; readonly message: string; readonly limit?: boolean }, tool: number, stack: string): Error {
      const error = getOwnPropertyDescriptor(given, 'limit') !== undefined ? limitError(given.message, stack) : makeError(given.name, given.message, stack);
      kit.setFailedTool(error, tool);
      return error;
    },
    /** Nothing waits for a promise that is about to be answered. Awaiting it, and every method of it, reads its constructor. */
    watch(promise: object, id: number): void {
      const heard = kit.defineProperty(promise, 'constructor', {
        __proto__: null,
        get: () => {
          delete unheard[id];
          return PromiseClass;
        },
        configurable: true,
      } as PropertyDescriptor);
      if (heard) unheard[id] = true;
    },
    /** JSON of the calls that were answered without anything waiting for them. */
    unheard: (): string => stringify(unheard),
    /** JSON of the script's value. */
    finish: (value: unknown): string => encode(value, limits.valueBytes, tooLargeValue),
    parse,
  };
}
