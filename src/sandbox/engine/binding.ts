/** A pointer to a QuickJS value on the WASM heap. Freed by whoever owns it. */
export type ValuePointer = number;

/** The part of the QuickJS build's C interface that the sandbox uses (quickjs-emscripten 0.32, `interface.c`). */
export interface QuickJsExports {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _QTS_NewRuntime(): number;
  _QTS_NewContext(runtime: number, intrinsics: number): number;
  _QTS_RuntimeSetMaxStackSize(runtime: number, bytes: number): void;
  _QTS_RuntimeEnableInterruptHandler(runtime: number): void;
  _QTS_NewFunction(context: number, name: number, arity: number, isConstructor: number, id: number): ValuePointer;
  _QTS_NewString(context: number, text: number): ValuePointer;
  _QTS_NewFloat64(context: number, value: number): ValuePointer;
  _QTS_GetFloat64(context: number, value: ValuePointer): number;
  /** @returns a C string to be freed with `_QTS_FreeCString`, 0 when it could not be made. */
  _QTS_GetString(context: number, value: ValuePointer): number;
  _QTS_FreeCString(context: number, text: number): void;
  _QTS_FreeValuePointer(context: number, value: ValuePointer): void;
  /** @returns a new pointer to the same value, 0 without memory. */
  _QTS_DupValuePointer(context: number, value: ValuePointer): ValuePointer;
  _QTS_GetUndefined(): ValuePointer;
  _QTS_GetProp(context: number, object: ValuePointer, name: ValuePointer): ValuePointer;
  _QTS_GetPropNumber(context: number, object: ValuePointer, index: number): ValuePointer;
  _QTS_Call(context: number, callee: ValuePointer, self: ValuePointer, count: number, values: number): ValuePointer;
  _QTS_Throw(context: number, error: ValuePointer): ValuePointer;
  /** @returns the pending exception when the value is the mark of one, else 0. */
  _QTS_ResolveException(context: number, maybe: ValuePointer): ValuePointer;
  _QTS_Eval(context: number, code: number, bytes: number, file: number, detectModule: number, flags: number): ValuePointer;
  _QTS_IsJobPending(runtime: number): number;
  /** @returns the number of jobs done, or the exception (not its mark) that stopped them. */
  _QTS_ExecutePendingJob(runtime: number, most: number, contextOut: number): ValuePointer;
  /** Writes pointers to the functions that fulfil and reject the promise. */
  _QTS_NewPromiseCapability(context: number, functionsOut: number): ValuePointer;
  /** 0 pending, 1 fulfilled, 2 rejected, negative: not a promise. */
  _QTS_PromiseState(context: number, promise: ValuePointer): number;
  _QTS_PromiseResult(context: number, promise: ValuePointer): ValuePointer;
  /** @returns a C string to be freed with `_free`. */
  _QTS_Typeof(context: number, value: ValuePointer): number;
  _QTS_ArgvGetJSValueConstPointer(values: number, index: number): ValuePointer;
  callbacks: QuickJsCallbacks;
}

/** What the build calls back; the first parameter is only used by its asyncify variant. */
export interface QuickJsCallbacks {
  callFunction(unused: undefined, context: number, self: ValuePointer, count: number, values: number, id: number): ValuePointer;
  shouldInterrupt(unused: undefined, runtime: number): number;
  freeHostRef(): void;
  loadModuleSource(): number;
  normalizeModule(): number;
}

export interface QuickJsModuleOptions {
  readonly wasmMemory: WebAssembly.Memory;
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): void;
}

export type QuickJsLoader = (options: QuickJsModuleOptions) => Promise<QuickJsExports>;

/** `JS_EVAL_FLAG_COMPILE_ONLY` of quickjs.h. */
export const compileOnly = 1 << 5;
/** `JS_EVAL_FLAG_BACKTRACE_BARRIER` of quickjs.h: stacks stop here. */
export const backtraceBarrier = 1 << 6;
