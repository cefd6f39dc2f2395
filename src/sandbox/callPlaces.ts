import type { Engine } from './engine/engine.js';
import type { Place, ScriptText } from './wrapping.js';

/** Where a call was made. */
export interface CallPlace extends Place {
  /** The part of the stack that is the script's. */
  readonly stack: string;
}

/**
 * Where the calls of a run are made. To write a stack down takes the engine as long as the rest of a call, so it is
 * asked for it once for each place in the script.
 */
export class CallPlaces {
  /** By the engine's positions. */
  private readonly known = new Map<number, CallPlace>();

  constructor(
    private readonly engine: Engine,
    private readonly text: ScriptText,
  ) {}

  /** The place of the call that is being made. */
  current(): CallPlace {
    const position = this.engine.position();
    const known = this.known.get(position);
    if (known !== undefined) return known;
    const stack = this.engine.call('where');
    if (typeof stack !== 'string') this.engine.release(stack.thrown);
    const lines = typeof stack === 'string' ? stack.split('\n').slice(1) : [];
    const isScripts = lines[0]?.includes('(script:') === true;
    // What calls by way of something else is known by the whole of its stack alone.
    const kept = isScripts ? lines[0]! : lines.filter((line) => !line.includes('(codemode:')).join('\n');
    const place = { ...this.text.placeOf(kept), stack: kept };
    if (isScripts) this.known.set(position, place);
    return place;
  }
}
