/** The engine is no longer to be trusted: its call was cut through, by V8's own stack limit or an abort. */
export class EngineCrash extends Error {
  override readonly name = 'EngineCrash';
}

/** Whatever comes through WASM as a JavaScript exception left the engine in the middle of something. */
export function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EngineCrash) throw error;
    throw new EngineCrash(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}
