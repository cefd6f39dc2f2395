import { beginsIdentifier, isIdentifier, replaceOthers } from './identifiers.js';

/**
 * Names of servers and tools as scripts write them. A name that is an identifier is kept; any other is made one, and
 * where two then meet, those that had to be changed get a suffix made from the original name, so that a name does not
 * depend on which other tools exist, nor on their order, except for the two that meet.
 */

const maximumLength = 64;

/**
 * Identifiers for source ids, usable as names of global constants; same order, distinct.
 * Of ids that ask for the same name, the one that needs no change keeps it, else the first.
 */
export function nameNamespaces(ids: readonly string[]): string[] {
  return distinct(ids, (id) => (takenGlobals.has(id) || /^__|^codemode/i.test(id) ? undefined : id), 'server');
}

/** Identifiers for tool names of one server, usable as `namespace.member`; same order, distinct. */
export function nameMembers(names: readonly string[]): string[] {
  return distinct(names, (name) => (riskyMembers.has(name) ? undefined : name), 'tool');
}

function distinct(originals: readonly string[], keep: (name: string) => string | undefined, kind: string): string[] {
  const wishes = originals.map((original) => {
    // A letter written in two parts looks like the one it makes.
    const isKept = isIdentifier(original) && original.normalize('NFC') === original && original.length <= maximumLength && keep(original) === original;
    return { original, isKept, name: isKept ? original : mangle(original, keep, kind) };
  });
  const claims = new Map<string, number>();
  for (const { name } of wishes) claims.set(name, (claims.get(name) ?? 0) + 1);
  const result = new Array<string>(originals.length);
  const taken = new Set<string>();
  const settle = (index: number, name: string): void => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    result[index] = free;
  };
  // First whoever keeps an own name or is alone in wanting one, so that those never depend on the others.
  const meeting: number[] = [];
  wishes.forEach(({ name, isKept }, index) => {
    if (isKept && !taken.has(name)) settle(index, name);
    else meeting.push(index);
  });
  const crowded: number[] = [];
  for (const index of meeting) {
    const wish = wishes[index]!;
    if (claims.get(wish.name) === 1 && !taken.has(wish.name)) settle(index, wish.name);
    else crowded.push(index);
  }
  for (const index of crowded) {
    const { name, original } = wishes[index]!;
    settle(index, `${name}_${shortHash(original)}`);
  }
  return result;
}

function mangle(original: string, keep: (name: string) => string | undefined, kind: string): string {
  let name = replaceOthers(original.normalize('NFC'), '_').replace(/^_+|_+$/g, (edge) => (/^_+$/.test(original) ? edge : ''));
  // Nothing of it can stand in an identifier: emoji, punctuation, the empty name.
  if (name === '') name = original === '' ? kind : `${kind}_${shortHash(original)}`;
  if (!beginsIdentifier(name)) name = `_${name}`;
  if (name.length > maximumLength) name = `${name.slice(0, maximumLength - 7)}_${shortHash(original)}`;
  return keep(name) === name ? name : `${name}_`.replace(/^_+(?=.*[^_])/, '');
}

/** Six characters of base 36 (FNV-1a, 32 bits): enough to tell apart the few names that meet. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36).padStart(6, '0').slice(-6);
}

/** Members that mean something to the language on every object, so that a tool of that name would be called by accident or never. */
const riskyMembers = new Set([
  'then', 'constructor', '__proto__', 'prototype', 'toString', 'toJSON', 'valueOf', 'hasOwnProperty', 'isPrototypeOf',
  'propertyIsEnumerable', 'toLocaleString', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__',
]);

/** What cannot be, or must not become, the name of a global constant in a script: words of the language and globals. */
const takenGlobals = new Set(
  (
    'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in ' +
    'instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package ' +
    'private protected public await async arguments eval of as any unknown never boolean number string symbol object bigint undefined type ' +
    'declare namespace module global abstract infer is keyof readonly unique satisfies using accessor asserts override out ' +
    'NaN Infinity globalThis window self document navigator codemode console params require exports process fetch input results ' +
    'Object Function Array ArrayBuffer SharedArrayBuffer Boolean Number String Symbol BigInt Date RegExp Math JSON Promise Proxy Reflect ' +
    'Map Set WeakMap WeakSet WeakRef FinalizationRegistry Atomics DataView Intl WebAssembly Iterator AsyncIterator Generator ' +
    'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError DisposableStack AsyncDisposableStack ' +
    'Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array ' +
    'BigInt64Array BigUint64Array PropertyKey Record Partial Required Readonly Pick Omit Exclude Extract NonNullable Parameters ' +
    'ReturnType Awaited InstanceType ThisType Uppercase Lowercase Capitalize Uncapitalize NoInfer PropertyDescriptor ArrayLike PromiseLike ' +
    'isNaN isFinite parseInt parseFloat decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape ' +
    'setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask structuredClone atob btoa crypto performance ' +
    'URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget Blob File Headers Request Response ' +
    'Unchecked ToolError Handle Params constructor prototype toString valueOf hasOwnProperty then'
  ).split(' '),
);
