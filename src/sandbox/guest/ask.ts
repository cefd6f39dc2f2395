import type { GuestHost, Kit } from './kit.js';

export type Ask = ReturnType<typeof makeAsk>;

/** Questions that the worker answers at once, from and to JSON. What it refuses is thrown here. */
export function makeAsk(kit: Kit, host: GuestHost) {
  const { stringify, parse, slice, makeError } = kit;
    const { typeError } = kit;
  return <T>(operation: string, input: unknown): T => {
    const answer = host.ask(operation, stringify(input) ?? 'null');
    const content = parse(slice(answer, 1)) as unknown;
    if (answer[0] === '+') return content as T;
    const { name, message } = content as { name: string; message: string };
    if (name === 'RangeError') throw kit.rangeError(message);
    if (name === 'TypeError') throw typeError(message);
    throw makeError(name, message);
  };
}
