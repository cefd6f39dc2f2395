import type { Kit } from './kit.js';

/** Takes away what makes code from text or memory shared with nobody, before any script runs; fixes what the engine itself relies on. */
export function lockdown(kit: Kit, removed: readonly string[]): void {
  const { define, getPrototypeOf, typeError } = kit;
  const makers = [
    function () {},
    async function () {},
    function* () {},
    async function* () {},
  ];
  for (const maker of makers) {
    const prototype = getPrototypeOf(maker)!;
    const refuse = {
      Function() {
        throw typeError('Code cannot be made from text here.');
      },
    }.Function;
    define(refuse, 'prototype', prototype);
    kit.defineProperty(prototype, 'constructor', { __proto__: null, value: refuse, writable: false, enumerable: false, configurable: false } as PropertyDescriptor);
  }
  // The engine puts template literals together with it: this library's too.
  kit.defineProperty(String.prototype, 'concat', { __proto__: null, writable: false, configurable: false } as PropertyDescriptor);
  for (const name of removed) delete kit.global[name];
}
