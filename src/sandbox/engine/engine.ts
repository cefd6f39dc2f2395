import { backtraceBarrier, compileOnly, type QuickJsExports, type ValuePointer } from './binding.js';
import { Calls } from './calls.js';
import { EngineCrash, guard } from './crash.js';
import { Heap } from './heap.js';
import { MemoryImage } from './image.js';
import { LimitedMemory } from './limitedMemory.js';
import { raiseLines } from './lines.js';
import { addToTable } from './module.js';
import type { BootedEngine, EngineOptions, EnginePointers, HostFunction } from './options.js';
import { Reader, type Landmarks } from './reading.js';
import { Rejections } from './rejections.js';
import { Texts } from './texts.js';

/** In the room for a call's arguments: where one value can stand, behind the most arguments that are given. */
const valueOffset = 40;
/** The functions of tools have numbers from here on; those before are host functions. */
const firstTool = 100;
/** More than the part of the runtime in which its handlers are. */
const runtimeBytes = 1024;

const noLandmarks: Landmarks = { runtime: 0, currentFrame: 0, objectPrototype: 0, arrayPrototype: 0, toJson: 0 };

/** A pending exception of the guest. */
export interface Thrown {
  readonly thrown: ValuePointer;
}

/**
 * QuickJS in a WASM memory of its own, spoken to in strings.
 *
 * Nothing here trusts the guest; nothing here knows what it runs.
 */
export class Engine {
  private readonly image: MemoryImage;
  private readonly pointers: EnginePointers;
  private readonly rejections: Rejections;
  private readonly heap: Heap;
  private readonly texts: Texts;
  private reader!: Reader;
  readonly calls: Calls;

  private constructor(
    private readonly c: QuickJsExports,
    private readonly limited: LimitedMemory,
    instance: WebAssembly.Instance,
    private readonly options: EngineOptions,
  ) {
    const { memory } = limited;
    this.heap = new Heap(memory);
    this.texts = new Texts(c, this.heap, limited);
    c.callbacks = {
      callFunction: (_unused, _context, _self, count, values, id) => (id < firstTool ? this.callHost(options.functions[id - 1]!, values) : this.callTool(id - firstTool, count === 0 ? this.pointers.undefined : values)),
      shouldInterrupt: () => (options.shouldInterrupt() ? 1 : 0),
      freeHostRef: () => undefined,
      loadModuleSource: () => 0,
      normalizeModule: () => 0,
    };
    const tracker = addToTable(instance, (_context, promise, reason, isHandled) => this.rejections.note(promise, reason, isHandled !== 0));
    if (options.booted !== undefined) {
      this.pointers = options.booted.pointers;
      this.rejections = this.makeRejections();
      this.useReader(new Reader(this.heap, this.pointers.marks));
      this.calls = this.makeCalls();
      this.image = new MemoryImage(memory, options.heapStart, options.booted.content);
      this.image.restore();
      return;
    }
    const runtime = c._QTS_NewRuntime();
    const context = c._QTS_NewContext(runtime, 0);
    const pointers = { runtime, context, undefined: c._QTS_GetUndefined(), arguments: c._malloc(64), file: this.texts.toC('script'), entries: {}, marks: noLandmarks };
    this.pointers = pointers;
    this.rejections = this.makeRejections();
    this.setStack(options.stackKb);
    pointers.marks = this.survey(this.enableHandlers(tracker));
    this.calls = this.makeCalls();
    pointers.entries = this.boot(options);
    this.image = MemoryImage.take(memory, options.heapStart, { allocate: (bytes) => c._malloc(bytes), free: (pointer) => c._free(pointer) });
    limited.wasRefused = false;
  }

  /** What another engine of the same build can be made from without booting. */
  get booted(): BootedEngine {
    return { pointers: this.pointers, content: this.image.content };
  }

  static async create(options: EngineOptions): Promise<Engine> {
    const limited = new LimitedMemory(options.memoryMb);
    let instance!: WebAssembly.Instance;
    const c = await options.load({
      wasmMemory: limited.memory,
      print: () => undefined,
      printErr: () => undefined,
      instantiateWasm: (imports, done) => done((instance = new WebAssembly.Instance(options.module, imports))),
    });
    return new Engine(c, limited, instance, options);
  }

  get memoryMb(): number {
    return this.limited.mb;
  }

  /** The guest was refused memory since the last restore. */
  get memoryRefused(): boolean {
    return this.limited.wasRefused;
  }

  get hasGrown(): boolean {
    return this.limited.hasGrown;
  }

  setStack(kb: number): void {
    this.c._QTS_RuntimeSetMaxStackSize(this.pointers.runtime, kb * 1024);
  }

  /** Back to the bytes right after boot. Only for memory that has not grown. */
  restore(): void {
    this.image.restore();
    this.rejections.clear();
    this.calls.clear();
    this.limited.wasRefused = false;
  }

  /** What rejected promises were rejected with that nothing handles, but for one promise. Not owned by the caller. */
  unhandled(except: ValuePointer): readonly ValuePointer[] {
    return this.rejections.unhandled(except);
  }

  isPristine(): boolean {
    return this.image.matches();
  }

  /** Calls an entry of the guest library that returns a string. */
  call(name: string, value?: string | ValuePointer): string | Thrown {
    return guard(() => {
      const owned = typeof value === 'string' ? this.newString(value) : 0;
      const result = this.invoke(name, owned !== 0 ? owned : ((value as ValuePointer | undefined) ?? this.pointers.undefined));
      if (owned !== 0) this.release(owned);
      if (typeof result !== 'number') return result;
      const text = this.text(result);
      this.release(result);
      return text;
    });
  }

  /** Calls an entry of the guest library. @returns its value, owned by the caller. */
  invoke(name: string, ...values: readonly ValuePointer[]): ValuePointer | Thrown {
    return guard(() => {
      values.forEach((value, index) => this.setArgument(index, value));
      return this.take(this.c._QTS_Call(this.pointers.context, this.pointers.entries[name]!, this.pointers.undefined, values.length, this.pointers.arguments));
    });
  }

  /** JSON as a value of the guest's, owned by the caller. */
  parse(json: string): ValuePointer | Thrown {
    return guard(() => {
      const text = this.newString(json);
      const value = this.invoke('parse', text);
      this.release(text);
      return value;
    });
  }

  /** What a list holds at a place; owned by the caller. */
  item(list: ValuePointer, index: number): ValuePointer {
    return guard(() => this.texts.mustHave(this.c._QTS_GetPropNumber(this.pointers.context, list, index)));
  }

  /** Numbers and texts as values of the guest's, owned by the caller. */
  value(from: string | number): ValuePointer {
    return guard(() => this.texts.mustHave(typeof from === 'string' ? this.newString(from) : this.c._QTS_NewFloat64(this.pointers.context, from)));
  }

  get undefined(): ValuePointer {
    return this.pointers.undefined;
  }

  release(...pointers: readonly ValuePointer[]): void {
    for (const pointer of pointers) this.c._QTS_FreeValuePointer(this.pointers.context, pointer);
  }

  /** JSON of data, `''` for undefined; nothing for what only the guest can say, or what is longer than `most`. */
  jsonOf(value: ValuePointer, most: number): string | undefined {
    return guard(() => this.reader.json(value, most));
  }

  /** Where the guest is that called a tool: see {@link Reader.position}. */
  position(): number {
    return this.reader.position();
  }

  /**
   * Calls the function that an expression stands for, whose text goes on with a second line: that is the first in stacks.
   *
   * @returns what the function does, owned by the caller.
   */
  evaluate(expression: string): ValuePointer | Thrown {
    return guard(() => {
      const { context, arguments: room, undefined: self } = this.pointers;
      const fn = this.eval(expression, this.pointers.file, backtraceBarrier);
      if (typeof fn !== 'number') return fn;
      if (!raiseLines(this.c, this.heap, fn)) throw new EngineCrash('The lines of the script are not where the sandbox expects them.');
      const result = this.take(this.c._QTS_Call(context, fn, self, 0, room));
      this.release(fn);
      return result;
    });
  }

  /** Only parses. */
  compile(code: string): Thrown | undefined {
    return guard(() => {
      const result = this.eval(code, this.pointers.file, compileOnly | backtraceBarrier);
      if (typeof result !== 'number') return result;
      this.release(result);
      return undefined;
    });
  }

  /** Runs promise jobs until there are none. @returns what stopped them. */
  runJobs(): Thrown | undefined {
    return guard(() => {
      while (this.c._QTS_IsJobPending(this.pointers.runtime) !== 0) {
        const result = this.c._QTS_ExecutePendingJob(this.pointers.runtime, -1, this.pointers.arguments + 60);
        if (this.typeOf(result) !== 'number') return { thrown: result };
        this.release(result);
      }
      return undefined;
    });
  }

  /** @returns the state of a promise, with what it settled to; owned by the caller. */
  promise(pointer: ValuePointer): { readonly state: 'pending' | 'none' } | { readonly state: 'fulfilled' | 'rejected'; readonly value: ValuePointer } {
    return guard(() => {
      const state = this.c._QTS_PromiseState(this.pointers.context, pointer);
      if (state === 0) return { state: 'pending' };
      if (state !== 1 && state !== 2) return { state: 'none' };
      return { state: state === 1 ? 'fulfilled' : 'rejected', value: this.c._QTS_PromiseResult(this.pointers.context, pointer) };
    });
  }

  private makeRejections(): Rejections {
    const { context, arguments: room } = this.pointers;
    return new Rejections(this.c, context, this.limited.memory, room + valueOffset);
  }

  /**
   * Has the engine call back while it runs and when promises are rejected. For the latter its C interface has no word:
   * in the runtime the pointers to both stand together, so that setting the one shows where the other is.
   *
   * @returns the address before them, that of the pointer to the running frame.
   */
  private enableHandlers(tracker: number): number {
    const { runtime } = this.pointers;
    const words = (): Uint32Array => new Uint32Array(this.limited.memory.buffer, runtime, runtimeBytes / 4);
    const before = words().slice();
    this.c._QTS_RuntimeEnableInterruptHandler(runtime);
    const changed = [...words().keys()].filter((at) => words()[at] !== before[at]);
    const place = changed[0]! + 2;
    if (changed.length !== 1 || before[changed[0]!] !== 0 || before[place] !== 0 || before[place + 1] !== 0) {
      throw new EngineCrash('This QuickJS build does not keep its handlers where the sandbox expects them.');
    }
    words()[place] = tracker;
    return runtime + (changed[0]! - 1) * 4;
  }

  /** Finds what the reader needs, and that it reads what is there. */
  private survey(currentFrame: number): Landmarks {
    const code = `({ a: [1, -2, 2.5, null, true, 'x'], '\u1234': { b: '\\ud800\\u00e9', c: [] }, d: undefined })`;
    const [object, array, sample] = ['({})', '[]', code].map((text) => this.must(this.eval(text, this.pointers.file, 0))) as [ValuePointer, ValuePointer, ValuePointer];
    const marks = Reader.survey(this.heap, this.pointers.runtime, currentFrame, object, array);
    this.useReader(new Reader(this.heap, marks));
    if (!this.reader.reads(sample, '{"a":[1,-2,2.5,null,true,"x"],"\u1234":{"b":"\\ud800\u00e9","c":[]}}')) throw new EngineCrash('This QuickJS build does not keep its values where the sandbox expects them.');
    this.release(object, array, sample);
    const stack = this.must(this.evaluate(`(()=>{\n const f = () => {\n  return new Error().stack; };\n return f();\n})`));
    if (!/^ +at f \(script:2:\d+\)\n +at <anonymous> \(script:3:\d+\)\n$/.test(this.text(stack))) throw new EngineCrash('This QuickJS build does not keep its lines where the sandbox expects them.');
    this.release(stack);
    return marks;
  }

  private makeCalls(): Calls {
    const { context, arguments: room, undefined: undefinedValue } = this.pointers;
    return new Calls({ c: this.c, heap: this.heap, reader: this.reader, context, undefinedValue, room, scratch: room + valueOffset, must: (pointer) => this.texts.mustHave(pointer) });
  }

  /** @returns the entries of the library. */
  private boot(options: EngineOptions): Record<string, ValuePointer> {
    const file = this.texts.toC('codemode');
    const library = this.must(this.eval(options.library, file, backtraceBarrier));
    const found: Record<string, ValuePointer> = {};
    options.functions.forEach((fn, index) => {
      const name = this.texts.toC(fn.name);
      this.setArgument(index, this.c._QTS_NewFunction(this.pointers.context, name, fn.takes.length, 0, index + 1));
    });
    const entries = this.must(this.take(this.c._QTS_Call(this.pointers.context, library, this.pointers.undefined, options.functions.length, this.pointers.arguments), ));
    for (const name of options.entries) {
      const key = this.newString(name);
      found[name] = this.must(this.take(this.c._QTS_GetProp(this.pointers.context, entries, key)));
      this.release(key);
    }
    const stopped = this.runJobs();
    if (stopped !== undefined) throw new EngineCrash(`The guest library did not start: ${this.text(stopped.thrown)}`);
    return found;
  }

  private must(result: ValuePointer | Thrown): ValuePointer {
    if (typeof result === 'number') return result;
    throw new EngineCrash(`The guest library did not start: ${this.text(result.thrown)}`);
  }

  private callHost(fn: HostFunction, values: number): ValuePointer {
    const read: (string | number)[] = [];
    for (let index = 0; index < fn.takes.length; index++) {
      const pointer = this.c._QTS_ArgvGetJSValueConstPointer(values, index);
      read.push(fn.takes[index] === 'number' ? this.c._QTS_GetFloat64(this.pointers.context, pointer) : this.text(pointer));
    }
    if (fn.name === 'tool') return this.c._QTS_NewFunction(this.pointers.context, 0, 0, 0, firstTool + (read[0] as number));
    const result = fn.call(...read);
    if (result === undefined) return 0;
    return typeof result === 'string' ? this.newString(result) : this.c._QTS_NewFloat64(this.pointers.context, result);
  }

  /** What the argument itself throws, when it is read, rejects the promise. */
  private callTool(tool: number, argument: ValuePointer): ValuePointer {
    const { tools } = this.options;
    const most = tools.mostBytes();
    // The engine asks whether it is to end once in ten thousand calls.
    if (most === undefined) return this.calls.begin().promise;
    const json = this.reader.json(argument, most) ?? this.call(tools.encode, argument);
    const { id, promise } = this.calls.begin();
    if (typeof json === 'string') tools.call(id, tool, json);
    else {
      this.calls.settle(id, json.thrown, true);
      this.release(json.thrown);
    }
    return promise;
  }

  private eval(code: string, file: number, flags: number): ValuePointer | Thrown {
    const bytes = Buffer.byteLength(code);
    const pointer = this.texts.toC(code, bytes);
    const result = this.c._QTS_Eval(this.pointers.context, pointer, bytes, file, 0, flags);
    this.c._free(pointer);
    return this.take(result);
  }

  /** Tells a value from the mark of an exception. */
  private take(result: ValuePointer): ValuePointer | Thrown {
    const thrown = this.c._QTS_ResolveException(this.pointers.context, this.texts.mustHave(result));
    if (thrown === 0) return result;
    this.release(result);
    return { thrown };
  }

  private typeOf(pointer: ValuePointer): string {
    const start = this.c._QTS_Typeof(this.pointers.context, pointer);
    const type = this.texts.ofC(start, 'latin1');
    this.c._free(start);
    return type;
  }

  private setArgument(index: number, pointer: ValuePointer): void {
    this.heap.bytes.writeUInt32LE(pointer, this.pointers.arguments + index * 4);
  }

  private useReader(reader: Reader): void {
    this.reader = this.texts.reader = reader;
  }

  private text(pointer: ValuePointer): string {
    return this.texts.ofValue(this.pointers.context, pointer);
  }

  private newString(text: string): ValuePointer {
    return this.texts.toValue(this.pointers.context, text);
  }
}
