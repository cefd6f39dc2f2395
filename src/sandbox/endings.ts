import type { Engine, Thrown } from './engine/engine.js';
import { broken } from './limits.js';
import { mostRejections, type Description, type ForgottenCall, type GuestEnd, type GuestError, type LeftUndone } from './protocol.js';
import type { Run } from './run.js';

/** How a run ends with what its script threw. Asks the guest, which may break a limit over it. */
export function thrownEnd(engine: Engine, run: Run, { thrown }: Thrown): GuestEnd {
  if (run.stop !== undefined) return { type: 'limit', broken: run.stop };
  const text = engine.call('describe', thrown);
  if (run.stop !== undefined) return { type: 'limit', broken: run.stop };
  if (typeof text !== 'string') {
    return { type: 'error', error: { name: 'Error', message: 'The script threw something that cannot be shown.' }, left: leftUndone(engine, run) };
  }
  const { name, message, stack, kind } = JSON.parse(text) as Description;
  const { isEnd, ...frame } = run.text.placeOf(stack);
  // Without memory for an error there is none: the script then throws null.
  const isMemory = (kind === 'engine' && message === 'out of memory') || (engine.memoryRefused && (message === 'out of memory' || message === 'The script threw null'));
  if (isMemory || (kind === 'engine' && message === 'string too long')) return { type: 'limit', broken: broken.memory(run.start.memoryMb), ...frame };
  // Its parsers, of scripts and of JSON, call it an error of syntax.
  if ((kind === 'engine' || name === 'SyntaxError') && message === 'stack overflow') return { type: 'limit', broken: broken.stack(run.start.stackKb), ...frame };
  const error: GuestError = { name, message: isEnd === true && name === 'SyntaxError' ? 'The script ends before something that it began is closed.' : message, ...frame, ...(kind === 'limit' ? { limit: 'output' } : {}) };
  return { type: 'error', error, left: leftUndone(engine, run) };
}

/** What the script left behind when it ended. Runs code of the script's, for reasons that are hostile; a limit it breaks has no one to tell. */
export function leftUndone(engine: Engine, run: Run): LeftUndone {
  const calls: ForgottenCall[] = [...run.inFlight.values()];
  const lineOf = (stack: string): number => run.text.placeOf(stack).line ?? 0;
  const unheard = run.made.size === 0 ? undefined : engine.call('unheard');
  if (typeof unheard === 'string') {
    for (const id of Object.keys(JSON.parse(unheard) as Record<string, true>)) {
      const made = run.made.get(Number(id));
      if (made !== undefined) calls.push({ tool: made.tool, line: made.place.line ?? 0, state: 'answered' });
    }
  }
  const rejections: GuestError[] = [];
  for (const reason of engine.unhandled(run.promise!)) {
    if (rejections.length >= mostRejections) break;
    const text = engine.call('describe', reason);
    if (typeof text !== 'string') {
      rejections.push({ name: 'Error', message: 'something that cannot be shown' });
      continue;
    }
    const { name, message, stack, tool } = JSON.parse(text) as Description;
    if (tool === undefined) rejections.push({ name, message, line: run.text.placeOf(stack).line });
    else calls.push({ tool, line: lineOf(stack), state: 'failed', message: message.slice(0, 200) });
  }
  return { calls, rejections };
}
