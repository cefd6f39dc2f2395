const pageBytes = 64 * 1024;
/** The least memory the module can be given. */
const leastMb = 16;
/** What it is given from the start: pages cost nothing until they are used, and memory that has grown costs a worker. */
const initialMb = 32;
/** The most it can address. */
const mostMb = 2048;
/** So often the build's `emscripten_resize_heap` tries to grow its memory, for one allocation. */
const attemptsToGrow = 3;

/** What a limit comes to: the module gets at least what it begins with, also for what is no number. */
export function effectiveMemoryMb(memoryMb: number): number {
  return Math.max(leastMb, Math.min(mostMb, Math.floor(memoryMb) || 0));
}

/** A WebAssembly memory whose maximum is a run's limit: QuickJS's own memory limit does not hold in this build. */
export class LimitedMemory {
  readonly memory: WebAssembly.Memory;
  readonly mb: number;
  /** The guest was refused memory since this was last set back. */
  wasRefused = false;
  private refusals = 0;

  constructor(memoryMb: number) {
    this.mb = effectiveMemoryMb(memoryMb);
    this.memory = new WebAssembly.Memory({ initial: (Math.min(initialMb, this.mb) * 1024 * 1024) / pageBytes, maximum: (this.mb * 1024 * 1024) / pageBytes });
    const grow = this.memory.grow.bind(this.memory);
    this.memory.grow = (pages) => {
      try {
        const before = grow(pages);
        this.refusals = 0;
        return before;
      } catch (error) {
        // The build asks for more than it needs, and twice for less, before it gives up.
        if (++this.refusals >= attemptsToGrow) this.wasRefused = true;
        throw error;
      }
    };
  }

  /** It never shrinks. */
  get hasGrown(): boolean {
    return this.memory.buffer.byteLength > Math.min(initialMb, this.mb) * 1024 * 1024;
  }
}
