import type { Kit } from './kit.js';

/** Gives what JSON has no word for its one way across: see the table in ../README.md. */
export function defineCrossing(kit: Kit): void {
  const { define, uncurry, typeError } = kit;
  const arrayFrom = uncurry(Array.from).bind(undefined, Array) as (items: unknown) => unknown[];
  const mapEntries = uncurry(Map.prototype.entries);
  const setValues = uncurry(Set.prototype.values);
  const bytesOf = Uint8Array;
  const typedArray = kit.getPrototypeOf(Uint8Array.prototype)!;
  const typedValues = uncurry((typedArray as Uint8Array).values);
  const regExpText = uncurry(RegExp.prototype.toString);
  const crossings: readonly (readonly [object, (this: never) => unknown])[] = [
    [Map.prototype, function (this: Map<unknown, unknown>) { return arrayFrom(mapEntries(this)); }],
    [Set.prototype, function (this: Set<unknown>) { return arrayFrom(setValues(this)); }],
    [typedArray, function (this: Uint8Array) { return arrayFrom(typedValues(this)); }],
    [ArrayBuffer.prototype, function (this: ArrayBuffer) { return arrayFrom(typedValues(new bytesOf(this))); }],
    [RegExp.prototype, function (this: RegExp) { return regExpText(this); }],
    [Error.prototype, function (this: Error) { return { ...this, name: this.name, message: this.message }; }],
    [Promise.prototype, function () { throw typeError('A promise cannot leave the script. Await it first.'); }],
    [BigInt.prototype, function () { throw typeError('A BigInt cannot leave the script. Convert it with String(…) or Number(…).'); }],
  ];
  for (const [prototype, toJSON] of crossings) define(prototype, 'toJSON', { toJSON }.toJSON);
}
