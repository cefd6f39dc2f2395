import type { GuestConfig } from '../protocol.js';
import type { GuestHost, Kit } from './kit.js';

/** How calls leave the guest and answers come back. Nothing here runs a method that a script could have replaced. */
export function makeBridge(kit: Kit, host: GuestHost) {
  const { stringify, parse, create, freeze, define, makeError, limitError, isArray, ownKeys, getOwnPropertyDescriptor } = kit;
  const mostPlaces = 256;
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
  /** Stacks of calls, as the worker knows them. */
  let places = create(null) as Record<string, number>;
  let placeCount = 0;
  let lastStack = '';
  let lastPlace = 0;
  const placeOf = (stack: string): number => {
    if (stack === lastStack) return lastPlace;
    let place = places[stack];
    if (place === undefined) {
      if (placeCount % mostPlaces === 0) places = create(null) as Record<string, number>;
      place = places[stack] = ++placeCount;
      host.place(place, stack);
    }
    lastStack = stack;
    return (lastPlace = place);
  };
  let limits = { argumentBytes: 0, valueBytes: 0, depth: 0 };
  /** From this length on a text crosses by itself. */
  const longText = 1024;
  const mostAttachments = 64;
  /** What a script cannot guess: with an index it stands in JSON for a text that crossed by itself. */
  let markText = '';
  let hasLong = false;
  let isAttaching = false;
  let attachments = 0;
  let attachedLength = 0;
  /** What a `toJSON` gives is not measured before. */
  let mostAttached = 0;
  /** Long texts of answers that are about to be delivered. */
  let held = create(null) as Record<number, string>;
  let heldCount = 0;

  const tooLargeArguments = (stack?: string): Error => limitError(`The arguments of this call are larger than ${limits.argumentBytes / 1024} KB (codemode.limits.argumentsKb). Send less, or in parts.`, stack);
  const tooLargeValue = (): Error => limitError(`The script ran, but the value it returned is larger than ${limits.valueBytes / 1024} KB (codemode.limits.valueKb). Return only what is needed.`);
  /** JSON of a value, `''` for undefined. */
  const encode = (value: unknown, bytes: number, tooLarge: (stack?: string) => Error, stack?: string): string => {
    attachedLength = 0;
    mostAttached = bytes;
    hasLong = typeof value === 'string' && value.length >= longText;
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw typeError(`A ${typeof value} cannot leave the script. Pass data.`);
    }
    if (typeof value === 'string' ? value.length > bytes : typeof value === 'object' && value !== null && !isSmall(value) && !('toJSON' in value) && isLarger(value, bytes)) throw tooLarge(stack);
    const text = (isAttaching || !hasLong ? stringify(value) : attached(value)) ?? '';
    if (text.length > bytes || text.length + attachedLength > bytes) throw tooLarge(stack);
    return text;
  };
  /** JSON with marks for its long texts, which cross by themselves: the engine takes ten times as long to quote them. */
  const attached = (value: unknown): string | undefined => {
    // Not for what a getter sends meanwhile.
    isAttaching = true;
    attachments = 0;
    try {
      return stringify(value, mark);
    } finally {
      isAttaching = false;
    }
  };
  const mark = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'string' || value.length < longText || attachedLength + value.length > mostAttached || attachments === mostAttachments || host.attach(attachments, value, value.length) === 0) return value;
    attachedLength += value.length;
    return markText + attachments++;
  };

  /** What most calls are given: a few members, none with members of its own. */
  const isSmall = (value: object): boolean => {
    if (isArray(value)) return false;
    const names = ownKeys(value);
    if (names.length > 8) return false;
    for (let at = 0; at < names.length; at++) {
      const child: unknown = getOwnPropertyDescriptor(value, names[at]!)?.value;
      if (typeof child === 'string') {
        if (child.length > 16_384) return false;
        if (child.length >= longText) hasLong = true;
      } else if (typeof child === 'object' && child !== null) return false;
    }
    return true;
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
    let longSize = 0;
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
          if (typeof child === 'string') {
            size += child.length;
            if (child.length >= longText) longSize += child.length;
          }
          else if (typeof child === 'object' && child !== null && !('toJSON' in child)) enter(child);
        }
      }
      // Each member is asked about then, which costs as much as a hundred characters.
      hasLong = level === 0 && longSize > visits * 100;
      return size > bytes;
    } finally {
      level = 0;
    }
  };

  /** `at` is made where the script calls: each frame more in its stack costs. */
  const request = (tool: number, value: unknown, at: Error): Promise<unknown> => {
    const stack = at.stack ?? '';
    let entry: Pending | undefined;
    const promise = new PromiseClass((resolve, reject) => {
      // A throw in here, by a getter of the script's too, rejects the promise.
      const text = encode(value, limits.argumentBytes, tooLargeArguments, stack);
      const id = ++lastId;
      entry = pending[id] = { resolve, reject, stack, tool, id, seen: false };
      host.send(id, tool, placeOf(stack), text);
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
      let call = { [name]: (args: unknown) => request(tool, args, new ErrorClass()) }[name] as unknown;
      if (name === 'then') {
        // `await namespace` calls this with two functions; then the answer is the namespace without it.
        call = {
          then: (args: unknown, reject: unknown) => {
            if (typeof args !== 'function' || typeof reject !== 'function') return request(tool, args, new ErrorClass());
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
      const target = tool === undefined ? (create(null) as object) : { [name]: (...args: unknown[]) => request(tool, args, new ErrorClass()) }[name]!;
      for (const key of kit.ownKeys(from.children) as string[]) define(target, key, build(from.children[key]!, key), true);
      return freeze(target);
    };
    return build(root, 'codemode');
  };

  const declare = (name: string, value: unknown): void => {
    kit.defineProperty(kit.global, name, { __proto__: null, value, writable: false, enumerable: true, configurable: false } as PropertyDescriptor);
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
      const [given, config] = parse(text) as [string, GuestConfig];
      markText = given;
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
    /** A long text of the next answers. */
    hold(text: string): string {
      held[heldCount++] = text;
      return '';
    },
    /** Answers: id, 1 and a value, 2 for undefined, 3 and a value with the paths of its held texts, or 0 and an error, repeated. */
    deliver(text: string): string {
      const batch = parse(text) as unknown[];
      const texts = held;
      let nextText = 0;
      if (heldCount > 0) {
        held = create(null) as Record<number, string>;
        heldCount = 0;
      }
      for (let at = 0; at < batch.length; at += 3) {
        const id = batch[at] as number;
        const entry = pending[id];
        let value = batch[at + 2];
        if (batch[at + 1] === 3) {
          const paths = (value as unknown[])[1] as (readonly PropertyKey[])[];
          value = (value as unknown[])[0];
          for (let path = 0; path < paths.length; path++) value = withText(value, paths[path]!, texts[nextText++]!);
        }
        if (entry === undefined) continue;
        delete pending[id];
        if (batch[at + 1] === 0) {
          const given = value as { name: string; message: string; limit?: boolean };
          const error = given.limit === true ? limitError(given.message, entry.stack) : makeError(given.name, given.message, entry.stack);
          kit.setFailedTool(error, entry.tool);
          entry.reject(error);
          continue;
        }
        if (!entry.seen) unheard[id] = entry;
        entry.resolve(batch[at + 1] === 2 ? undefined : value);
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
      return `+${encode(value, limits.valueBytes, tooLargeValue)}`;
    },
  };
}
