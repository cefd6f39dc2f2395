/** One kind of value, and what it is on the other side of the sandbox's wall, in both directions: the table of README.md. */
export interface Crossing {
  readonly what: string;
  /** An expression that means the same in the guest and in Node. */
  readonly expression: string;
  /** JSON of what arrives, `undefined` for undefined; or what the refusal says. */
  readonly arrives: string | undefined | RegExp;
}

export const crossings: readonly Crossing[] = [
  { what: 'undefined', expression: 'undefined', arrives: undefined },
  { what: 'undefined as a member', expression: '({ a: undefined, b: 1 })', arrives: '{"b":1}' },
  { what: 'undefined in an array', expression: '[undefined, 1]', arrives: '[null,1]' },
  { what: 'null', expression: 'null', arrives: 'null' },
  { what: 'booleans', expression: '[true, false]', arrives: '[true,false]' },
  { what: 'NaN and infinities', expression: '[NaN, Infinity, -Infinity]', arrives: '[null,null,null]' },
  { what: '-0', expression: '[-0]', arrives: '[0]' },
  { what: 'numbers', expression: '[1e21, 5e-324, 0.1, 2 ** 53]', arrives: '[1e+21,5e-324,0.1,9007199254740992]' },
  { what: 'BigInt', expression: '10n', arrives: /BigInt/ },
  { what: 'BigInt as a member', expression: '({ a: [10n] })', arrives: /BigInt/ },
  { what: 'NUL and control characters', expression: '"a\\u0000b\\u001f"', arrives: '"a\\u0000b\\u001f"' },
  { what: 'lone surrogates', expression: '"\\ud800x\\udc00"', arrives: '"\\ud800x\\udc00"' },
  { what: 'text outside of ASCII', expression: '"é 列 😀 \\u2028"', arrives: '"é 列 😀 \u2028"' },
  { what: 'symbol', expression: 'Symbol("s")', arrives: /symbol/ },
  { what: 'symbols as members', expression: '({ a: Symbol("s"), [Symbol("k")]: 1, b: 2 })', arrives: '{"b":2}' },
  { what: 'function', expression: '(() => 1)', arrives: /function/ },
  { what: 'functions as members', expression: '({ f() {}, a: [() => 1] })', arrives: '{"a":[null]}' },
  { what: 'Date', expression: 'new Date(0)', arrives: '"1970-01-01T00:00:00.000Z"' },
  { what: 'invalid Date', expression: '[new Date(NaN)]', arrives: '[null]' },
  { what: 'Map', expression: 'new Map([["a", 1], [2, new Map()]])', arrives: '[["a",1],[2,[]]]' },
  { what: 'Set', expression: 'new Set([1, "a", new Set([2])])', arrives: '[1,"a",[2]]' },
  { what: 'RegExp', expression: '[/a"b/gi]', arrives: '["/a\\"b/gi"]' },
  { what: 'Error', expression: 'Object.assign(new TypeError("no"), { code: 7 })', arrives: '{"code":7,"name":"TypeError","message":"no"}' },
  { what: 'typed arrays', expression: '[new Uint8Array([1, 255]), new Float64Array([0.5, NaN])]', arrives: '[[1,255],[0.5,null]]' },
  { what: 'typed arrays of BigInt', expression: 'new BigInt64Array(1)', arrives: /BigInt/ },
  { what: 'ArrayBuffer', expression: '({ b: new Uint8Array([1, 2]).buffer })', arrives: '{"b":[1,2]}' },
  { what: 'DataView, WeakMap, WeakSet', expression: '[new DataView(new ArrayBuffer(2)), new WeakMap(), new WeakSet()]', arrives: '[{},{},{}]' },
  { what: 'boxed primitives', expression: '[Object(1), Object("a"), Object(true)]', arrives: '[1,"a",true]' },
  { what: 'promise as a member', expression: '({ a: Promise.resolve(1) })', arrives: /promise/i },
  { what: 'cycle', expression: '(() => { const a = {}; a.a = a; return a; })()', arrives: /circular|contains itself/ },
  { what: 'the same object twice', expression: '(() => { const a = { x: 1 }; return [a, a]; })()', arrives: '[{"x":1},{"x":1}]' },
  { what: 'getter', expression: '({ get a() { return 1; } })', arrives: '{"a":1}' },
  { what: 'getter that throws', expression: '({ get a() { throw new Error("from a getter"); } })', arrives: /from a getter/ },
  { what: 'proxy', expression: 'new Proxy({ a: 1 }, {})', arrives: '{"a":1}' },
  { what: 'proxy that throws', expression: 'new Proxy({}, { ownKeys() { throw new Error("from a proxy"); } })', arrives: /from a proxy/ },
  { what: 'class instances', expression: 'new (class A { x = 1; #y = 2; get z() { return this.#y; } })()', arrives: '{"x":1}' },
  { what: 'objects without a prototype', expression: 'Object.assign(Object.create(null), { a: 1 })', arrives: '{"a":1}' },
  { what: 'toJSON', expression: '({ toJSON() { return { b: 1 }; } })', arrives: '{"b":1}' },
  { what: 'toJSON that throws', expression: '({ toJSON() { throw new Error("from toJSON"); } })', arrives: /from toJSON/ },
  { what: 'holes', expression: '[, 1]', arrives: '[null,1]' },
  { what: 'members of arrays', expression: 'Object.assign([1], { extra: 2 })', arrives: '[1]' },
  { what: '__proto__ as an own key', expression: 'JSON.parse(\'{"__proto__":{"polluted":1}}\')', arrives: '{"__proto__":{"polluted":1}}' },
  { what: 'constructor and then as keys', expression: '({ constructor: 1, then: 2, prototype: 3 })', arrives: '{"constructor":1,"then":2,"prototype":3}' },
  { what: 'the depth limit', expression: '(() => { let a = 1; for (let i = 0; i < 1000; i++) a = [a]; return [a].flat(); })()', arrives: `${'['.repeat(1000)}1${']'.repeat(1000)}` },
  { what: 'beyond the depth limit', expression: '(() => { let a = 1; for (let i = 0; i < 1001; i++) a = [a]; return a; })()', arrives: /nested deeper than 1000/ },
];
