/** Standard globals that do not exist in the guest: what makes code from text, and memory shared between threads. */
export const removedGlobals: readonly string[] = ['eval', 'Function', 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'performance', 'navigator', 'scriptArgs', 'print'];

/** Declarations of what the guest has beyond ECMAScript; not of `codemode` and the namespaces. */
export const extraDeclarations = `
interface Console {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  trace(...values: unknown[]): void;
  dir(value: unknown): void;
  table(value: unknown): void;
  group(...values: unknown[]): void;
  groupEnd(): void;
  assert(condition: unknown, ...values: unknown[]): void;
  count(label?: string): void;
}
declare const console: Console;
`;
