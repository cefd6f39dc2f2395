import type { CheckResult, TypingsFile } from './checker.js';

/** What the worker is started with. */
export interface CheckerWorkerData {
  /** Folder of TypeScript's own `lib.*.d.ts` files. */
  readonly libDirectory: string;
  readonly globals: CheckerGlobals;
  /** One cell: every check whose number is at most this one is cancelled. */
  readonly cancelled: SharedArrayBuffer;
}

export interface CheckerGlobals {
  /** Names of standard globals that do not exist in the sandbox; their types stay. */
  readonly removed: readonly string[];
  /** Declarations of what exists in the sandbox beyond ECMAScript, `codemode` included. */
  readonly declarations: string;
}

export type ToWorker =
  /** Files that are new or changed, and namespaces that are gone. */
  | { readonly type: 'typings'; readonly changed: readonly TypingsFile[]; readonly removed: readonly string[] }
  | { readonly type: 'warm'; readonly id: number }
  | { readonly type: 'check'; readonly id: number; readonly source: string };

export type FromWorker =
  | { readonly type: 'warmed'; readonly id: number }
  /** `worn`: TypeScript was thrown out of its way (stack, memory) and the worker must be replaced. */
  | { readonly type: 'checked'; readonly id: number; readonly result: CheckResult; readonly worn: boolean }
  | { readonly type: 'cancelled'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
