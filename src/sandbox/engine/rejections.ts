import type { QuickJsExports, ValuePointer } from './binding.js';

/** A rejected promise that nothing has handled. */
interface Rejection {
  /** Owned. */
  readonly reason: ValuePointer;
}

/** So many are told of; a script that leaves more has one fault, many times. */
const mostKept = 1000;

/**
 * The rejected promises of a run that nothing handles, as the engine tells of them. Known by their address: once a
 * promise is gone nothing can handle it any more, so that an address that is used again starts anew.
 */
export class Rejections {
  private readonly byPromise = new Map<number, Rejection>();
  private readonly gone: Rejection[] = [];

  /** `scratch` is room for one value in the engine's memory. */
  constructor(
    private readonly c: QuickJsExports,
    private readonly context: number,
    private readonly memory: WebAssembly.Memory,
    private readonly scratch: number,
  ) {}

  /** Values are 64 bits wide, an object's address in the lower half. */
  note(promise: bigint, reason: bigint, isHandled: boolean): void {
    const address = Number(promise & 0xffff_ffffn);
    const known = this.byPromise.get(address);
    if (isHandled) {
      if (known === undefined) return;
      this.byPromise.delete(address);
      this.c._QTS_FreeValuePointer(this.context, known.reason);
      return;
    }
    if (known !== undefined) this.gone.push(known);
    if (this.gone.length + this.byPromise.size >= mostKept) return void this.byPromise.delete(address);
    new DataView(this.memory.buffer).setBigUint64(this.scratch, BigInt.asUintN(64, reason), true);
    const copy = this.c._QTS_DupValuePointer(this.context, this.scratch);
    if (copy !== 0) this.byPromise.set(address, { reason: copy });
  }

  /** The reasons of all that are unhandled, but for one promise; still owned here. */
  unhandled(except: ValuePointer): readonly ValuePointer[] {
    const address = new DataView(this.memory.buffer).getUint32(except, true);
    const kept = [...this.byPromise].filter(([promise]) => promise !== address).map(([, rejection]) => rejection);
    return [...this.gone, ...kept].map(({ reason }) => reason);
  }

  /** For when the engine's memory is put back. */
  clear(): void {
    this.byPromise.clear();
    this.gone.length = 0;
  }
}
