/** The engine's memory as numbers and text. Growing it detaches earlier views. */
export class Heap {
  private view: Buffer;
  private numbers: Uint32Array;

  constructor(readonly memory: WebAssembly.Memory) {
    this.view = Buffer.from(memory.buffer);
    this.numbers = new Uint32Array(memory.buffer);
  }

  get bytes(): Buffer {
    if (this.view.length === 0) this.refresh();
    return this.view;
  }

  /** 32 bits each: the word of an address is a quarter of it. */
  get words(): Uint32Array {
    if (this.numbers.length === 0) this.refresh();
    return this.numbers;
  }

  private refresh(): void {
    this.view = Buffer.from(this.memory.buffer);
    this.numbers = new Uint32Array(this.memory.buffer);
  }
}

declare global {
  // What `toString` comes to, without looking at its arguments.
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    ucs2Slice(start: number, end: number): string;
  }
}
