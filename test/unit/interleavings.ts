import type * as fileSystem from 'node:fs';
import fc from 'fast-check';
import { expect, vi } from 'vitest';

/*
 * How a model is searched. The short form tries the same worlds each time, so that no build depends on chance. The long
 * one looks for new ones: CODE_MODE_MODEL_MS is how long; `npm run interleavings` runs all models and counts.
 */
const { CODE_MODE_MODEL_MS: long, CODE_MODE_MODEL_SEED: given, CODE_MODE_MODEL_TALLY: tally } = process.env;
const seed = given ?? (long === undefined ? '1' : undefined);

/** How long a search may take, in ms, with `short` for the short form. */
export const searchMs = (short: number): number => Number(long ?? short);

export interface Search<Model extends object, Real extends { dispose(): Promise<void> }> {
  /** As the tally names it. */
  readonly name: string;
  readonly ms: number;
  readonly commands: readonly fc.Arbitrary<fc.AsyncCommand<Model, Real>>[];
  readonly longest: number;
  /** A world as it begins, beside its reference. */
  readonly begin: () => Promise<{ readonly model: Model; readonly real: Real }>;
}

/** Runs random sequences of commands, each in a world of its own, until the time is over; the worlds tried are told to the tally. */
export async function searchWorlds<Model extends object, Real extends { dispose(): Promise<void> }>({ name, ms, commands, longest, begin }: Search<Model, Real>): Promise<void> {
  let interleavings = 0;
  let last: Promise<void> = Promise.resolve();
  const run = async (sequence: Iterable<fc.AsyncCommand<Model, Real>>): Promise<void> => {
    interleavings += 1;
    const world = await begin();
    try {
      await fc.asyncModelRun(() => world, sequence);
    } finally {
      await world.real.dispose();
    }
  };
  try {
    await fc.assert(
      fc.asyncProperty(fc.commands([...commands], { maxCommands: longest, size: 'max' }), async (sequence) => {
        const running = run(sequence);
        last = running.catch(() => undefined);
        await running;
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: ms, markInterruptAsFailure: false, ...(seed !== undefined && { seed: Number(seed) }) },
    );
  } finally {
    // Where the time is over, it is still under way.
    await last;
    // The real disk, also where a model puts another in its place.
    if (tally !== undefined) (await vi.importActual<typeof fileSystem>('node:fs')).appendFileSync(tally, `${JSON.stringify({ name, interleavings })}\n`);
  }
  expect(interleavings).toBeGreaterThan(1);
}
