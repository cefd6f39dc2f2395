/**
 * Of the guest: makes `params.count` values by random operations from a seed, and gives each to `t.given` with what
 * `JSON.stringify` says of it, undefined where it refuses.
 */
export const oddities = String.raw`
let state = params.seed;
const random = () => { state = (state + 0x6d2b79f5) | 0; let z = Math.imul(state ^ (state >>> 15), 1 | state); z ^= z + Math.imul(z ^ (z >>> 7), 61 | z); return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32; };
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];
const chance = (p) => random() < p;

const keys = ['a', 'b', 'c', '0', '1', '-1', '01', '2147483648', '4294967294', '4294967295', '1e3', '__proto__', 'constructor', 'then', 'length', '', '\u00e9', '\u1234', '\ud800', 'a\0b', '"', '\\', 'k'.repeat(40)];
const symbols = [Symbol('s'), Symbol.for('t'), Symbol.iterator, Symbol.toStringTag];
const texts = ['', 'a', '\u00ff', '\u0100', '\ud83d\ude00', '\ud800', 'x\udc00', '\0', '"\\\n\b', '\u2028', '\x7f\x1f', '12'];
const text = () => one([() => one(texts) + one(texts), () => one(texts).repeat(below(99)), () => { let s = 'r'.repeat(below(9000)); for (let n = below(5); n-- > 0;) s = chance(0.5) ? s + one(texts) + 'y'.repeat(below(5000)) : one(texts) + s; return s; }, () => text().slice(1), () => String.fromCharCode(below(256), below(65536))])();
const number = () => one([() => one([0, -0, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 31 - 1, -(2 ** 31) - 1, 2 ** 53, 5e-324, 1.7976931348623157e308, 1e21, 1e-7]), random, () => below(100), () => -below(1e9), () => random() * 10 ** (below(600) - 300), () => new Float64Array(new Uint32Array([random() * 2 ** 32, random() * 2 ** 32]).buffer)[0]])();
class Plain { x = 1; #y = 2; get z() { return this.#y; } }
class Said { constructor(v) { this.v = v; } toJSON(key) { return [key, this.v]; } }
class List extends Array {}
class Marked extends (class { constructor(o) { return o; } }) { #mark = 1; }
const leaf = () => one([() => undefined, () => null, () => chance(0.5), number, number, number, text, text, text, () => () => 1, () => one(symbols), () => new Date(number()), () => Object(one([number(), text(), true])), () => /x/g, () => new Uint8Array(below(4)), () => new Map([[1, text()]]), () => new Set([number()]), () => (chance(0.1) ? 2n ** 70n : 3), () => ({}), () => [], () => Object.create(null)])();

let budget, made;
const value = (depth) => {
  if (--budget < 0 || depth <= 0 || chance(0.3)) return leaf();
  if (made.length > 0 && chance(0.08)) return one(made);
  const v = changed(depth - 1);
  made.push(v);
  return v;
};
const fresh = (depth) => one([() => ({}), () => ({}), () => Object.create(null), () => new Plain(), () => Object.create({ inherited: 1 }), () => ({ a: value(depth), b: value(depth) }), () => ({ ...{ a: value(depth), [one(keys)]: value(depth) } }), () => Object.fromEntries([[one(keys), value(depth)]]), () => new Said(value(depth)), () => new Marked({ x: value(depth) }), () => JSON.parse('{"__proto__":1,"b":[{}]}'), () => new Proxy({ a: value(depth) }, {}),
  () => [value(depth), value(depth)], () => [value(depth), , value(depth)], () => new Array(below(6)), () => List.of(value(depth)), () => (function () { return arguments; })(value(depth), 1), () => (function (a) { arguments[0] = 5; a = 7; return arguments; })(value(depth)), () => ((strings) => strings)${'`a${1}b`'}, () => [1, 2, 3].map(() => value(depth)), () => [value(depth)].concat(value(depth), [1]), () => 'a,b'.split(','), () => 'abc'.match(/b/), () => Array.from({ length: below(30) }, number)])();
const operations = [
  (o, k, d) => { o[k] = value(d); }, (o, k, d) => { o[k] = value(d); }, (o, k, d) => { o[k] = value(d); },
  (o, k, d) => Object.defineProperty(o, k, { value: value(d), enumerable: chance(0.5), configurable: chance(0.7), writable: chance(0.7) }),
  (o, k) => { const v = leaf(); Object.defineProperty(o, k, { get: () => v, enumerable: chance(0.6), configurable: true }); },
  (o) => { delete o[one(Reflect.ownKeys(o))]; }, (o) => { for (const k of Reflect.ownKeys(o)) if (chance(0.6)) delete o[k]; },
  (o) => one([Object.freeze, Object.seal, Object.preventExtensions])(o),
  (o) => { o.length = below(8); }, (o, _, d) => { o[below(12)] = value(d); }, (o, _, d) => { o.push(value(d)); o.shift(); }, (o) => o.reverse(), (o) => o.splice(below(3), below(3), leaf()), (o) => o.pop(), (o) => Object.defineProperty(o, 'length', { writable: false }),
  (o) => { if (chance(0.3)) Object.setPrototypeOf(o, one([null, Object.prototype, Array.prototype, {}, [], { toJSON: () => 'inherited' }])); },
  (o) => { if (chance(0.3)) o.toJSON = one([() => 'said', 1, undefined, function () { return this; }]); },
  (o) => { for (let n = below(40); n-- > 0;) o['m' + below(60)] = n; }, (o, k) => Object.defineProperty(o, k, { enumerable: chance(0.5) }), (o, k) => { if (chance(0.1)) o[k] = o; }, (o) => new Marked(o),
];
const changed = (depth) => {
  const o = fresh(depth);
  for (let n = below(6); n-- > 0;) {
    let k = chance(0.85) ? one(keys) : one(symbols);
    // An array of so many holes takes minutes to say.
    if (Array.isArray(o) && /^\d{9}/.test(String(k))) k = 'big';
    try { one(operations)(o, k, depth); } catch {}
  }
  return o;
};
const inside = (v) => { for (let n = below(75); n-- > 0;) v = chance(0.5) ? [v] : { v }; return v; };
const define = (o, k, descriptor) => { Object.defineProperty(o, k, { ...descriptor, configurable: true }); return () => delete o[k]; };
const above = Object.getPrototypeOf(Array.prototype);
const rules = [
  () => define(Object.prototype, 'toJSON', { value: () => 'object' }), () => define(Array.prototype, 'toJSON', { value: () => 'array' }), () => define(Object.prototype, 'toJSON', { value: 5 }), () => define(Object.prototype, 'toJSON', { get: () => () => 'got' }),
  () => define(Object.prototype, 'inherited', { value: 1, enumerable: true }), () => define(Array.prototype, 1, { value: 'hole', writable: true, enumerable: true }), () => define(Object.prototype, 0, { value: 'hole', writable: true }), () => define(String.prototype, 'toJSON', { value: () => 'text' }),
  () => { Object.setPrototypeOf(Array.prototype, one([null, { toJSON: () => 'above' }])); return () => Object.setPrototypeOf(Array.prototype, above); },
];
const say = JSON.stringify;
const waiting = [];
for (let at = 0; at < params.count; at++) {
  made = [];
  budget = one([5, 20, 60]);
  const v = chance(0.05) ? inside(value(4)) : value(4);
  const undo = chance(0.15) ? one(rules)() : () => {};
  let said;
  // A root that is no data is refused where JSON.stringify says nothing.
  try { said = typeof v === 'function' || typeof v === 'symbol' ? undefined : (say(v) ?? 'undefined'); } catch {}
  const call = t.given(v);
  undo();
  waiting.push(call.then((arrived) => t.compare({ at, said, arrived }), () => t.compare({ at, said })));
  if (waiting.length >= 60) await Promise.all(waiting.splice(0));
}
await Promise.all(waiting);
`;
