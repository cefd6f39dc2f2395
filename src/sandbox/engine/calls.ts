import type { QuickJsExports, ValuePointer } from './binding.js';
import type { Heap } from './heap.js';
import type { Reader } from './reading.js';

/** A promise of the guest's that is settled from outside. */
interface Deferred {
  /** Of the promise, which the functions hold. */
  readonly address: number;
  /** Owned, both. */
  readonly resolve: ValuePointer;
  readonly reject: ValuePointer;
}

/** What {@link Calls} uses of an engine. */
export interface CallsEngine {
  readonly c: QuickJsExports;
  readonly heap: Heap;
  readonly reader: Reader;
  readonly context: number;
  readonly undefinedValue: ValuePointer;
  /** Room for two pointers. */
  readonly room: number;
  /** Room for a value. */
  readonly scratch: number;
  /** A pointer that is 0 where the engine had no memory for it. @throws {EngineCrash} */
  readonly must: (pointer: ValuePointer) => ValuePointer;
}

/**
 * The calls of a run that wait for their answers. Their promises are made and settled by the engine's own functions:
 * neither takes any code of the guest's, which costs more than all the rest of a call.
 */
export class Calls {
  private readonly open = new Map<number, Deferred>();
  private lastId = 0;

  constructor(private readonly engine: CallsEngine) {}

  /** A new call. @returns a pointer to its promise, owned by the caller. */
  begin(): { readonly id: number; readonly promise: ValuePointer } {
    const { c, context, heap, room, must } = this.engine;
    heap.words.fill(0, room >> 2, (room >> 2) + 2);
    const promise = must(c._QTS_NewPromiseCapability(context, room));
    const { words } = heap;
    const resolve = must(words[room >> 2]!);
    const reject = must(words[(room >> 2) + 1]!);
    if (c._QTS_PromiseState(context, promise) !== 0) must(0);
    const id = ++this.lastId;
    this.open.set(id, { address: words[promise >> 2]!, resolve, reject });
    return { id, promise };
  }

  /** Settles a call, if it is open. `value` stays its owner's. */
  settle(id: number, value: ValuePointer, isFailure: boolean): void {
    const deferred = this.open.get(id);
    if (deferred === undefined) return;
    this.open.delete(id);
    const { c, context, heap, room, undefinedValue, must } = this.engine;
    heap.words[room >> 2] = value;
    const result = must(c._QTS_Call(context, isFailure ? deferred.reject : deferred.resolve, undefinedValue, 1, room));
    for (const pointer of [result, deferred.resolve, deferred.reject]) c._QTS_FreeValuePointer(context, pointer);
  }

  /** Whether something waits for an open call. */
  isAwaited(id: number): boolean {
    const deferred = this.open.get(id);
    return deferred === undefined || this.engine.reader.isHandled(deferred.address);
  }

  /** A pointer to the promise of an open call, owned by the caller. */
  promiseOf(id: number): ValuePointer {
    const { c, context, heap, scratch, must } = this.engine;
    heap.words[scratch >> 2] = this.open.get(id)!.address;
    heap.words[(scratch >> 2) + 1] = objectTag;
    return must(c._QTS_DupValuePointer(context, scratch));
  }

  /** For when the engine's memory is put back. */
  clear(): void {
    this.open.clear();
    this.lastId = 0;
  }
}

/** The upper half of a value that is an object. */
const objectTag = 0xffff_ffff;
