import type { QuickJsLoader, ValuePointer } from './binding.js';
import type { ImageContent } from './image.js';
import type { Landmarks } from './reading.js';

/** What the guest may ask of the host: a name, and a function of strings and numbers. */
export interface HostFunction {
  readonly name: string;
  /** What each parameter is read as. */
  readonly takes: readonly ('text' | 'number')[];
  /** Must not throw: that would cut through the engine. */
  call(...values: (string | number)[]): string | number | undefined;
}

/** How calls leave the guest: by functions that the guest library makes of numbers, with its host function `tool`. */
export interface ToolOptions {
  /** Entry of the guest library: JSON of an argument that is more than data. */
  readonly encode: string;
  /** The longest JSON an argument can have; undefined: the run is to end, and makes no more calls. */
  mostBytes(): number | undefined;
  /** Must not throw either. */
  call(id: number, tool: number, json: string): void;
}

/** Where things are in an engine's memory. */
export interface EnginePointers {
  readonly runtime: number;
  readonly context: number;
  readonly undefined: ValuePointer;
  /** Room for the pointers of a call's arguments, and one word more at its end. */
  readonly arguments: number;
  /** The C string that scripts are called in stacks. */
  readonly file: number;
  readonly entries: Readonly<Record<string, ValuePointer>>;
  readonly marks: Landmarks;
}

export interface BootedEngine {
  readonly pointers: EnginePointers;
  readonly content: ImageContent;
}

export interface EngineOptions {
  readonly load: QuickJsLoader;
  readonly module: WebAssembly.Module;
  /** From the module: see {@link stackStart}. */
  readonly heapStart: number;
  readonly memoryMb: number;
  readonly stackKb: number;
  /** Source of an expression: a function of the host functions that returns an object of entry functions. */
  readonly library: string;
  /** One of them `tool`: of a number, it gives the function that makes calls of the tool with that number. */
  readonly functions: readonly HostFunction[];
  readonly entries: readonly string[];
  readonly tools: ToolOptions;
  readonly shouldInterrupt: () => boolean;
  /** From an engine of the same build, library and functions: spares the boot. */
  readonly booted?: BootedEngine;
}
