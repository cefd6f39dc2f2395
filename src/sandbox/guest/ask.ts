import type { GuestHost, Kit } from './kit.js';

export type Ask = ReturnType<typeof makeAsk>;

/** Questions that the worker answers at once, from and to JSON. What it refuses is thrown here. */
export function makeAsk(kit: Kit, host: GuestHost) {
  const { stringify, parse, slice, makeError, typeError } = kit;
  /** The worker answers outside of the memory that is limited: many times as much as it is asked. */
  const most = 256 * 1024;
  return <T>(operation: string, input: unknown): T => {
    const question = stringify(input) ?? 'null';
    if (question.length > most) throw kit.rangeError('This is too much at once: at most ' + most / 1024 + ' KB can be parsed or formatted. Do it in parts.');
    const answer = host.ask(operation, question);
    const content = parse(slice(answer, 1)) as unknown;
    if (answer[0] === '+') return content as T;
    const { name, message } = content as { name: string; message: string };
    if (name === 'RangeError') throw kit.rangeError(message);
    if (name === 'TypeError') throw typeError(message);
    throw makeError(name, message);
  };
}
