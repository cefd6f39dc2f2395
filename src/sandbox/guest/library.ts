import { removedGlobals } from '../globals.js';
import { makeBridge } from './bridge.js';
import { makeConsole } from './console.js';
import { defineCrossing } from './crossing.js';
import { makeFailure } from './failure.js';
import { makeKit, type GuestHost } from './kit.js';
import { lockdown } from './lockdown.js';

const parts = { makeKit, lockdown, defineCrossing, makeBridge, makeConsole, makeFailure };

/** Puts the guest library together, in the guest. The order matters: the kit first, the lock last. */
function assemble(from: typeof parts, removed: readonly string[], host: GuestHost) {
  const kit = from.makeKit();
  const bridge = from.makeBridge(kit, host);
  const { console } = from.makeConsole(kit, host);
  kit.define(kit.global, 'console', console);
  from.defineCrossing(kit);
  const describe = from.makeFailure(kit);
  from.lockdown(kit, removed);
  return { configure: bridge.configure, deliver: bridge.deliver, finish: bridge.finish, describe };
}

/** Names of what {@link librarySource} returns, and so of what the worker can call in the guest. */
export const libraryEntries = ['configure', 'deliver', 'finish', 'describe'] as const;

/** Names of the worker's functions, in the order in which the library takes them. */
export const hostFunctionNames = ['send', 'log', 'ask', 'setTimer', 'clearTimer'] as const satisfies readonly (keyof GuestHost)[];

/** Source of a function of the host functions; `__name` is what the bundler wraps functions in to keep their names. */
export const librarySource = `(${hostFunctionNames.join(', ')}) => {
  const __name = (value) => value;
  const parts = { ${Object.entries(parts).map(([name, part]) => `${JSON.stringify(name)}: ${part.toString()}`).join(',\n')} };
  return (${assemble.toString()})(parts, ${JSON.stringify(removedGlobals)}, { ${hostFunctionNames.join(', ')} });
}`;
