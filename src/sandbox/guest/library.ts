import { removedGlobals } from '../globals.js';
import { makeAsk } from './ask.js';
import { makeBridge } from './bridge.js';
import { defineClone } from './clone.js';
import { makeConsole } from './console.js';
import { defineCrossing } from './crossing.js';
import { defineEvents } from './events.js';
import { makeFailure } from './failure.js';
import { defineIntl } from './intl.js';
import { defineLocale } from './locale.js';
import { makeKit, type GuestHost } from './kit.js';
import { lockdown } from './lockdown.js';
import { defineRandom } from './random.js';
import { defineText } from './text.js';
import { defineTimers } from './timers.js';
import { defineUrl } from './url.js';

const parts = { makeKit, lockdown, defineCrossing, makeBridge, makeConsole, makeFailure, makeAsk, defineTimers, defineRandom, defineEvents, defineClone, defineText, defineUrl, defineIntl, defineLocale };

/** Puts the guest library together, in the guest. The order matters: the kit first, the lock last. */
function assemble(from: typeof parts, removed: readonly string[], host: GuestHost) {
  const kit = from.makeKit();
  const describe = from.makeFailure(kit);
  const ask = from.makeAsk(kit, host);
  const timers = from.defineTimers(kit, host, describe);
  from.defineRandom(kit, ask);
  const bridge = from.makeBridge(kit, host);
  kit.define(kit.global, 'console', from.makeConsole(kit, host).console);
  from.defineEvents(kit, timers.report);
  from.defineClone(kit);
  from.defineText(kit, ask);
  from.defineUrl(kit, ask);
  from.defineIntl(kit, ask);
  from.defineLocale(kit, ask);
  from.defineCrossing(kit);
  from.lockdown(kit, removed);
  return { ...bridge, fire: timers.fire, describe };
}

/** Names of what {@link librarySource} returns, and so of what the worker can call in the guest. */
export const libraryEntries = ['configure', 'params', 'encode', 'where', 'hold', 'withTexts', 'failure', 'watch', 'unheard', 'finish', 'parse', 'fire', 'describe'] as const;

/** Names of the worker's functions, in the order in which the library takes them. */
export const hostFunctionNames = ['tool', 'log', 'ask', 'setTimer', 'clearTimer'] as const satisfies readonly (keyof GuestHost)[];

/** Source of a function of the host functions. `__name` is what some bundlers wrap functions in to keep their names. */
export const librarySource = `(${hostFunctionNames.join(', ')}) => {
  const __name = (value) => value;
  const parts = { ${Object.entries(parts).map(([name, part]) => `${JSON.stringify(name)}: ${part.toString()}`).join(',\n')} };
  return (${assemble.toString()})(parts, ${JSON.stringify(removedGlobals)}, { ${hostFunctionNames.join(', ')} });
}`;
