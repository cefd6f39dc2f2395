import type { GuestHost, Kit } from './kit.js';

/** `console`: text in the order it was written; objects are shown to a depth of four, in about what Node shows. */
export function makeConsole(kit: Kit, host: GuestHost): { readonly console: object; readonly show: (value: unknown) => string } {
  const { uncurry, stringify, ownKeys, getPrototypeOf, getOwnPropertyDescriptor, isArray, slice, String: toText } = kit;
  const mostDepth = 4;
  const mostItems = 100;
  const mostText = 64 * 1024;
  const dateText = uncurry(Date.prototype.toISOString);
  const regExpText = uncurry(RegExp.prototype.toString);
  const mapEach = uncurry(Map.prototype.forEach);
  const setEach = uncurry(Set.prototype.forEach);
  const symbolText = uncurry(Symbol.prototype.toString);
  const test = uncurry(RegExp.prototype.exec);
  const identifier = /^[A-Za-z_$][\w$]*$/;
  const mapSize = uncurry(getOwnPropertyDescriptor(Map.prototype, 'size')!.get as (this: unknown) => number);
  const setSize = uncurry(getOwnPropertyDescriptor(Set.prototype, 'size')!.get as (this: unknown) => number);
  const hasSize = (size: (self: unknown) => number, value: object): boolean => {
    try {
      size(value);
      return true;
    } catch {
      return false;
    }
  };
  const PromiseClass = Promise;
  const DateClass = Date;
  const RegExpClass = RegExp;
  const ErrorClass = Error;
  const isA = (value: object, constructor: { readonly prototype: object }): boolean => {
    for (let at: object | null = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) if (at === constructor.prototype) return true;
    return false;
  };

  const showKey = (key: string | symbol): string => {
    if (typeof key === 'symbol') return `[${symbolText(key)}]`;
    return test(identifier, key) === null ? stringify(key) : key;
  };
  const showObject = (value: object, depth: number, path: readonly object[]): string => {
    for (let at = 0; at < path.length; at++) if (path[at] === value) return '[Circular]';
    if (isA(value, ErrorClass)) {
      const { name, message, stack } = value as Error;
      return `${toText(name)}: ${toText(message)}${typeof stack === 'string' && stack !== '' ? `\n${slice(kit.scriptStack(stack), 0, 2000)}` : ''}`;
    }
    if (isA(value, DateClass)) return dateText(value);
    if (isA(value, RegExpClass)) return regExpText(value);
    if (isA(value, PromiseClass)) return 'Promise { … }';
    if (depth >= mostDepth) return isArray(value) ? '[Array]' : '[Object]';
    const inner = [...path, value];
    let items = '';
    let count = 0;
    const add = (text: string): void => {
      if (count < mostItems) items += (count === 0 ? '' : ', ') + text;
      count++;
    };
    const rest = (): string => (count > mostItems ? `, … ${count - mostItems} more` : '');
    if (isArray(value)) {
      for (let at = 0; at < value.length && at < mostItems; at++) add(showValue(value[at], depth + 1, inner));
      count = value.length;
      return count === 0 ? '[]' : `[ ${items}${rest()} ]`;
    }
    let prefix = '';
    if (hasSize(mapSize, value)) {
      prefix = `Map(${mapSize(value)}) `;
      mapEach(value, (item, key) => add(`${showValue(key, depth + 1, inner)} => ${showValue(item, depth + 1, inner)}`));
    } else if (hasSize(setSize, value)) {
      prefix = `Set(${setSize(value)}) `;
      setEach(value, (item) => add(showValue(item, depth + 1, inner)));
    } else {
      const constructor = getOwnPropertyDescriptor(getPrototypeOf(value) ?? {}, 'constructor')?.value as { name?: unknown } | undefined;
      if (typeof constructor === 'function' && constructor !== Object) prefix = `${toText(constructor.name)} `;
      const keys = ownKeys(value);
      for (let at = 0; at < keys.length; at++) {
        const descriptor = getOwnPropertyDescriptor(value, keys[at]!);
        if (descriptor?.enumerable !== true) continue;
        if (count >= mostItems) count++;
        else add(`${showKey(keys[at]!)}: ${'value' in descriptor ? showValue(descriptor.value, depth + 1, inner) : '[Getter]'}`);
      }
    }
    return count === 0 ? `${prefix}{}` : `${prefix}{ ${items}${rest()} }`;
  };
  const showValue = (value: unknown, depth: number, path: readonly object[]): string => {
    if (typeof value === 'string') return depth === 0 ? value : stringify(value);
    if (typeof value === 'symbol') return symbolText(value);
    if (typeof value === 'bigint') return `${toText(value)}n`;
    if (typeof value === 'function') return `[Function: ${toText((value as { name: unknown }).name) || 'anonymous'}]`;
    if (typeof value !== 'object' || value === null) return value === 0 && 1 / value < 0 ? '-0' : toText(value);
    return showObject(value, depth, path);
  };
  const show = (value: unknown): string => {
    try {
      return showValue(value, 0, []);
    } catch {
      return '[something that cannot be shown]';
    }
  };

  const write = (level: string, values: readonly unknown[]): void => {
    let text = '';
    for (let at = 0; at < values.length; at++) {
      text += (at === 0 ? '' : ' ') + show(values[at]);
      if (text.length > mostText) {
        text = `${slice(text, 0, mostText)}…`;
        break;
      }
    }
    host.log(level, stringify(text));
  };
  const counts = new Map<string, number>();
  const getCount = uncurry(Map.prototype.get.bind(counts) as () => number | undefined).bind(undefined, counts) as unknown as (key: string) => number | undefined;
  const setCount = uncurry(Map.prototype.set as (this: Map<string, number>, key: string, value: number) => unknown);
  const console = {
    log: (...values: unknown[]) => write('log', values),
    info: (...values: unknown[]) => write('info', values),
    warn: (...values: unknown[]) => write('warn', values),
    error: (...values: unknown[]) => write('error', values),
    debug: (...values: unknown[]) => write('debug', values),
    trace: (...values: unknown[]) => write('debug', values),
    dir: (value: unknown) => write('log', [value]),
    table: (value: unknown) => write('log', [value]),
    group: (...values: unknown[]) => write('log', values),
    groupEnd: () => undefined,
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) write('error', ['Assertion failed:', ...values]);
    },
    count: (label: unknown = 'default') => {
      const key = toText(label);
      const count = (getCount(key) ?? 0) + 1;
      setCount(counts, key, count);
      write('log', [`${key}: ${count}`]);
    },
  };
  return { console, show };
}
