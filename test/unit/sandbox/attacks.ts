import { bombs } from './bombs.js';
import { reports } from './reports.js';

/** One hostile or odd script and what must come of it; any engine with the sandbox's interface can be held to these. */
export interface Attack {
  readonly kind: 'escape' | 'surface' | 'values' | 'results' | 'errors' | 'lifecycle' | 'names' | 'limits' | 'reports';
  readonly script: string;
  readonly value?: unknown;
  readonly fails?: { readonly name?: string; readonly limit?: string; readonly message?: RegExp; readonly line?: number; readonly column?: number };
  /** What some entry of the console says; `silent`: there is none. */
  readonly console?: RegExp | 'silent';
}

export const value = (kind: Attack['kind'], script: string, expected: unknown): Attack => ({ kind, script, value: expected });
export const fails = (kind: Attack['kind'], script: string, expected: Attack['fails']): Attack => ({ kind, script, fails: expected });

/** Tools of the namespace `t` that every case may call. */
export const tools = ['echo', 'boom', 'deep', 'big', 'fn', 'bigint', 'getter', 'cycle', 'proxy', 'nothing', 'slow', 'nul', 'proto', 'thenable', 'reject', 'then', 'constructor', '__proto__', 'a.b', 'a-b', '', '列表', '🚀', 'toString', 'x'.repeat(300), 'revoked', 'text', 'bytes', 'endless', 'lying', 'once', 'crowd', 'heir'];

/** What the host answers; some of it as hostile as a host can be. */
export async function answer(tool: string, args: unknown): Promise<unknown> {
  switch (tool) {
    case 'boom':
      throw Object.assign(new Error('refused'), { stack: 'host stack /home/person/secret', secret: 'canary' });
    case 'reject':
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a host that throws what is no error
      throw { odd: true };
    case 'deep': {
      const root: Record<string, unknown> = {};
      let at = root;
      for (let level = 0; level < 20_000; level++) at = at['a'] = {};
      return root;
    }
    case 'big':
      return 'x'.repeat(50_000_000);
    case 'fn':
      return () => 1;
    case 'bigint':
      return 10n;
    case 'getter':
      return { get x(): number { throw new Error('from a getter'); } };
    case 'cycle': {
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      return cycle;
    }
    case 'proxy':
      return new Proxy({}, { ownKeys: () => { throw new Error('from a proxy'); } });
    case 'nothing':
      return undefined;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 'slow';
    case 'nul':
      return 'a\0b\ud800';
    case 'proto':
      return JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"then":2}') as unknown;
    case 'thenable':
      return { then: 1 };
    case 'revoked': {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- looking at it throws in the host
      throw proxy;
    }
    case 'heir':
      // Asking what it is throws in the host.
      throw Object.create(new Proxy({}, { getPrototypeOf: () => { throw new Error('asked'); }, get: () => { throw new Error('asked'); } }));
    case 'text':
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a host that throws what is no error
      throw 'only text';
    case 'bytes':
      return Buffer.alloc(200_000_000);
    case 'endless': {
      const map = new Map([[1, 2]]);
      map.entries = function* () {
        for (;;) yield [1, 2] as [number, number];
      };
      return map;
    }
    case 'lying':
      return new Proxy([], { get: (target, key) => (key === 'length' ? 2 ** 40 : (Reflect.get(target, key) as unknown)) });
    case 'once': {
      let asked = 0;
      return { toJSON: () => ++asked };
    }
    case 'crowd':
      return 'x'.repeat(4_000_000);
    default:
      return { tool, args };
  }
}

const absent = ['eval', 'Function', 'require', 'process', 'fetch', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'module', 'exports', 'global', 'Buffer', 'XMLHttpRequest', 'Worker', 'importScripts', 'std', 'os', 'bjson', 'print', 'gc', 'window', 'self', 'document'];
const present = ['console', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'queueMicrotask', 'structuredClone', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'crypto', 'AbortController', 'AbortSignal', 'Intl', 'JSON', 'Map', 'Promise', 'Proxy', 'Reflect', 'Symbol', 'BigInt'];

const makers = ['(() => {}).constructor', '(async () => {}).constructor', '(function* () {}).constructor', '(async function* () {}).constructor', '[].constructor.constructor', 'Object.getPrototypeOf(Math.max).constructor', 't.echo.constructor', 'console.log.constructor', 'setTimeout.constructor', 'class { static x() {} }.x.constructor', 'Reflect.getPrototypeOf(async () => {}).constructor'];

export const attacks: readonly Attack[] = [
  ...absent.map((name) => value('surface', `return typeof ${name};`, 'undefined')),
  ...absent.map((name) => value('surface', `return Object.hasOwn(globalThis, '${name}');`, false)),
  ...present.map((name) => value('surface', `return typeof ${name} !== 'undefined';`, true)),
  ...makers.map((maker) => fails('escape', `const make = ${maker}; return make('return globalThis')();`, { name: 'TypeError' })),
  ...makers.map((maker) => value('escape', `try { return typeof new (${maker})('return this')(); } catch { return 'refused'; }`, 'refused')),
  fails('escape', `return await import('fs');`, {}),
  fails('escape', `return import.meta.url;`, {}),
  value('escape', `Error.prepareStackTrace = (_, frames) => frames; return typeof new Error('x').stack;`, 'string'),
  value('escape', `const error = await t.boom({}).catch((e) => e); return [error.name, error.message, Object.keys(error), String(error.stack).includes('/home')];`, ['Error', 'refused', [], false]),
  value('escape', `return String(new Error('x').stack).includes('/');`, false),
  value('escape', `JSON.stringify = () => '{"forged":1}'; JSON.parse = () => 'forged'; return await t.echo({ a: 1 });`, { tool: 'echo', args: { a: 1 } }),
  value('escape', `Array.prototype.push = () => { throw 1; }; Array.prototype.map = null; Map.prototype.get = () => 7; return await t.echo({ a: 1 });`, { tool: 'echo', args: { a: 1 } }),
  value('escape', `Promise.prototype.then = function () { throw 1; }; return 5;`, 5),
  value('escape', `Object.prototype.toJSON = () => 'forged'; return 1;`, 1),
  // A script may break its own run this way; what it must not get is the host, or another run.
  value('escape', `Object.defineProperty(Object.prototype, '0', { set() { throw 1; }, get: () => 'forged', configurable: true }); return await t.echo([1]);`, { tool: 'echo', args: [1] }),
  value('escape', `try { t.echo = () => 'mine'; } catch {} return (await t.echo({})).tool;`, 'echo'),
  value('escape', `try { globalThis.t = { echo: () => 'mine' }; } catch {} return 'alive';`, 'alive'),
  value('escape', `return [Object.isFrozen(t), Object.getPrototypeOf(t)];`, [true, null]),
  ...[`Object.defineProperty(globalThis, 't', { value: 1 })`, `Object.defineProperty(globalThis, 't', { get: () => 1 })`, `Reflect.defineProperty(globalThis, 't', { value: 1 }) || (() => { throw 1; })()`, `Object.defineProperties(globalThis, { t: { value: 1 } })`, `(() => { 'use strict'; t = 1; })()`, `(() => { 'use strict'; delete globalThis.t; })()`].map((attempt) =>
    value('escape', `let was = 'done'; try { ${attempt}; } catch { was = 'refused'; } return [was, (await t.echo({})).tool];`, ['refused', 'echo']),
  ),

  value('values', `return await t.echo({ u: undefined, n: NaN, i: Infinity, z: -0, d: new Date(0), m: new Map([[1, 2]]), s: new Set([1]), b: new Uint8Array([1, 2]) });`, { tool: 'echo', args: { n: null, i: null, z: 0, d: '1970-01-01T00:00:00.000Z', m: [[1, 2]], s: [1], b: [1, 2] } }),
  value('values', `return await t.nul({});`, 'a\0b\ud800'),
  value('values', `const got = await t.proto({}); return [Object.hasOwn(got, '__proto__'), got.polluted === undefined, ({}).polluted === undefined, got.constructor, got.then];`, [true, true, true, 1, 2]),
  value('values', `return (await t.thenable({})).then;`, 1),
  value('values', `return (await t.nothing({})) === undefined;`, true),
  value('values', `return await t.echo({ ['__proto__']: 1, constructor: 2, then: 3 });`, { tool: 'echo', args: JSON.parse('{"__proto__":1,"constructor":2,"then":3}') as unknown }),
  ...['bigint', 'getter', 'cycle', 'proxy', 'deep', 'big', 'reject'].map((tool) => value('values', `return await t.${tool}({}).then(() => 'came through', (error) => error instanceof Error || typeof error.name === 'string');`, true)),
  ...['const a = {}; a.a = a; return await t.echo(a);', 'return await t.echo({ a: 10n });', 'return await t.echo({ get x() { throw new RangeError("mine"); } });', 'return await t.echo(new Proxy({}, { ownKeys() { throw new RangeError("mine"); } }));'].map((script) => fails('values', script, {})),

  fails('results', `return 10n;`, { name: 'TypeError' }),
  fails('results', `return () => 1;`, { name: 'TypeError' }),
  fails('results', `return Symbol('x');`, { name: 'TypeError' }),
  fails('results', `const a = {}; a.a = a; return a;`, { name: 'TypeError' }),
  fails('results', `return { get x() { throw new RangeError('mine'); } };`, { name: 'RangeError' }),
  fails('results', `return new Proxy({}, { ownKeys() { throw new RangeError('mine'); } });`, { name: 'RangeError' }),
  value('results', `return undefined;`, undefined),
  value('results', `return null;`, null),
  value('results', `return { then(resolve) { resolve(7); } };`, 7),
  fails('results', `return { then() {} };`, { limit: 'deadlock' }),
  value('results', `return Promise.resolve([1, { a: 'b' }]);`, [1, { a: 'b' }]),
  value('results', `return 'ä€😀\\u2028';`, 'ä€😀\u2028'),

  fails('errors', `\n\nthrow new TypeError('odd');`, { name: 'TypeError', message: /^odd$/, line: 3, column: 7 }),
  fails('errors', `throw null;`, { message: /null/ }),
  fails('errors', `throw 'text';`, { message: /text/ }),
  fails('errors', `throw { a: 1 };`, { message: /"a":1/ }),
  fails('errors', `throw Object.create(null);`, {}),
  fails('errors', `throw new Proxy({}, { get() { throw 1; } });`, {}),
  fails('errors', `throw { get message() { throw 1; }, toString() { throw 2; } };`, {}),
  fails('errors', `const e = new Error('x'); e.name = { toString() { throw 1; } }; throw e;`, {}),
  fails('errors', `throw new AggregateError([new Error('a')], 'many');`, { message: /many/ }),
  fails('errors', `a b c`, { name: 'SyntaxError' }),
  fails('errors', `return (`, { name: 'SyntaxError' }),
  fails('errors', `await t.missing({});`, { name: 'TypeError' }),
  fails('errors', `await missing.tool({});`, { name: 'ReferenceError' }),
  fails('errors', `await t.boom({});`, { message: /refused/ }),

  // What is answered first arrives first, whether it failed or not.
  value('lifecycle', `return (await Promise.race([t.echo({}), t.boom({})])).tool;`, 'echo'),
  value('lifecycle', `return await Promise.race([t.boom({}).catch((error) => error.message), t.echo({}).then((answer) => answer.tool)]);`, 'refused'),
  value('lifecycle', `setTimeout(() => { throw new Error('late'); }, 1); return 'done';`, 'done'),
  value('lifecycle', `setInterval(() => {}, 1); return 'done';`, 'done'),
  value('lifecycle', `t.echo({}); return 'done';`, 'done'),
  value('lifecycle', `Promise.reject(new Error('unhandled')); return 'done';`, 'done'),
  fails('lifecycle', `await new Promise(() => {});`, { limit: 'deadlock' }),
  fails('lifecycle', `await { then() {} };`, { limit: 'deadlock' }),
  value('lifecycle', `const all = await Promise.all(Array.from({ length: 100 }, () => t.slow({}))); return all.length;`, 100),
  value('lifecycle', `const race = await Promise.race([t.slow({}), new Promise((r) => setTimeout(r, 1, 'timer'))]); return race;`, 'timer'),
  value('lifecycle', `return (await Promise.allSettled([t.boom({}), t.echo({})])).map((one) => one.status);`, ['rejected', 'fulfilled']),

  ...tools.filter((name) => ['then', 'constructor', '__proto__', 'a.b', 'a-b', '', '列表', '🚀', 'toString'].includes(name) || name.length === 300).map((name) => value('names', `return (await t[${JSON.stringify(name)}]({})).tool;`, name)),
  value('names', `await t; return 'not taken for a promise that never settles';`, 'not taken for a promise that never settles'),
  value('names', `return Object.hasOwn(t, '__proto__');`, true),

  fails('limits', `while (true) {}`, { limit: 'time' }),
  fails('limits', `for (;;) await null;`, { limit: 'time' }),
  fails('limits', `for (;;) try { for (;;); } catch {} finally { continue; }`, { limit: 'time' }),
  fails('limits', `/(a+)+$/.test('a'.repeat(50) + '!');`, { limit: 'time' }),
  fails('limits', `[3, 2, 1].sort(() => { for (;;); });`, { limit: 'time' }),
  // Each promise waits for the next.
  fails('limits', `const f = () => Promise.resolve().then(f); await f();`, { limit: 'memory' }),
  fails('limits', `Array.prototype.indexOf.call({ length: 2 ** 53 }, 1);`, { limit: 'time' }),
  fails('limits', `const a = [1]; for (let i = 0; i < 40; i++) a[0] = [a[0], a[0]]; return JSON.stringify(a).length;`, {}),
  fails('limits', `'x'.repeat(2e7).replaceAll('x', 'yy').replaceAll('y', 'zz');`, {}),
  fails('limits', `const all = []; for (;;) all.push('x'.repeat(100_000) + all.length);`, { limit: 'memory' }),
  fails('limits', `const all = []; for (;;) all.push(new ArrayBuffer(1_000_000));`, { limit: 'memory' }),
  fails('limits', `const all = []; for (;;) try { all.push({ a: [1, 2, 3] }); } catch {}`, {}),
  fails('limits', `function f() { return f() + 1; } f();`, { limit: 'stack' }),
  fails('limits', `const f = () => [1].map(f); f();`, { limit: 'stack' }),
  fails('limits', `let o = {}; for (let i = 0; i < 5_000; i++) o = { o }; return o;`, {}),
  fails('limits', `let o = {}; for (let i = 0; i < 5_000; i++) o = { o }; await t.echo(o);`, {}),
  fails('limits', `await t.echo('x'.repeat(2_000_000));`, {}),
  fails('limits', `return 'x'.repeat(1_000_000);`, { limit: 'output' }),
  fails('limits', `for (let i = 0; i <= 10_000; i++) t.echo({}); await t.slow({});`, { limit: 'calls' }),
  value('limits', `for (let i = 0; i < 5_000; i++) console.log('x'.repeat(1_000)); return 'alive';`, 'alive'),
  ...bombs,
  ...reports,
];
