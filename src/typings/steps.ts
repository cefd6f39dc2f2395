/** Runs work that is told in steps to its end, without a pause. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Time the event loop is held for at once: two of these and a bit still make one frame. */
const sliceMs = 6;

/** Runs work that is told in steps to its end, letting the event loop turn in between. */
export async function inSlices<T>(steps: Generator<void, T>, slice: { endsAt: number } = { endsAt: 0 }): Promise<T> {
  for (;;) {
    if (performance.now() >= slice.endsAt) {
      await new Promise((resolve) => setImmediate(resolve));
      slice.endsAt = performance.now() + sliceMs;
    }
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
