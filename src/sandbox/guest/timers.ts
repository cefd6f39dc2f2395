import type { GuestHost, Kit } from './kit.js';

/** Timers and microtasks. What a callback throws is reported on the console; the script goes on. */
export function defineTimers(kit: Kit, host: GuestHost, describe: (thrown: unknown) => string) {
  const { apply, create, define, global, parse, typeError } = kit;
  interface Timer {
    readonly callback: () => void;
    readonly values: unknown[];
    readonly repeatMs: number | undefined;
  }
  const timers = create(null) as Record<number, Timer>;
  const most = 10_000;
  const toNumber = Number;
  const resolved = Promise.resolve();
  const then = kit.uncurry(Promise.prototype.then) as (self: Promise<void>, run: () => void) => unknown;
  let lastId = 0;
  let active = 0;

  const guarded = (where: string, callback: () => void, values: readonly unknown[]): void => {
    try {
      // Called without `apply`, an error's stack is that of the script alone.
      if (values.length === 0) callback();
      else apply(callback, undefined, values);
    } catch (error) {
      report(error, where);
    }
  };
  const report = (thrown: unknown, where = 'a listener'): void => {
    const { name, message, stack } = parse(describe(thrown)) as { name: string; message: string; stack: string };
    host.log('error', kit.stringify(`Uncaught in ${where}: ${name}: ${message}${stack === '' ? '' : `\n${stack}`}`));
  };
  const set = (name: string, callback: unknown, delay: unknown, repeats: boolean, values: unknown[]): number => {
    if (typeof callback !== 'function') throw typeError(`${name} takes a function.`);
    if (active >= most) throw kit.rangeError(`A script can have ${most} timers at once.`);
    let ms = toNumber(delay ?? 0);
    if (!(ms >= 1)) ms = 1;
    if (ms > 0x7fffffff) ms = 0x7fffffff;
    const id = ++lastId;
    timers[id] = { callback: callback as () => void, values, repeatMs: repeats ? ms : undefined };
    active++;
    host.setTimer(id, ms);
    return id;
  };
  const clear = (id: unknown): void => {
    if (typeof id !== 'number' || timers[id] === undefined) return;
    delete timers[id];
    active--;
    host.clearTimer(id);
  };
  define(global, 'setTimeout', (callback: unknown, delay?: unknown, ...values: unknown[]) => set('setTimeout', callback, delay, false, values));
  define(global, 'setInterval', (callback: unknown, delay?: unknown, ...values: unknown[]) => set('setInterval', callback, delay, true, values));
  define(global, 'clearTimeout', clear);
  define(global, 'clearInterval', clear);
  define(global, 'queueMicrotask', (callback: unknown) => {
    if (typeof callback !== 'function') throw typeError('queueMicrotask takes a function.');
    then(resolved, () => guarded('a microtask', callback as () => void, []));
  });
  return {
    report,
    /** A timer is due. */
    fire(text: string): string {
      const id = toNumber(text);
      const timer = timers[id];
      if (timer === undefined) return '';
      if (timer.repeatMs === undefined) {
        delete timers[id];
        active--;
      } else host.setTimer(id, timer.repeatMs);
      guarded('a timer', timer.callback, timer.values);
      return '';
    },
  };
}
