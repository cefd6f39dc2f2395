import type { JsonValue } from '../json.js';

/** The declarations a script is checked against: one file a server, regenerated only where it changed. */
export interface TypingsSnapshot {
  readonly version: number;
  readonly files: readonly TypingsFile[];
}

export interface TypingsFile {
  /** The global it declares, also its file name: `<namespace>.d.ts`. */
  readonly namespace: string;
  readonly text: string;
}

export interface ScriptPosition {
  /** 1-based, in the text as submitted. */
  readonly line: number;
  /** 1-based, UTF-16 code units. */
  readonly column: number;
}

export interface ScriptDiagnostic extends ScriptPosition {
  readonly severity: 'error' | 'warning';
  /** `TS2345`, or `codemode/<rule>` for our own. */
  readonly code: string;
  readonly message: string;
  readonly end: ScriptPosition;
  /** The declaration that was violated, as the script's author would want to read it. */
  readonly declaration?: string;
  /** Nearest real names, best first. */
  readonly suggestions?: readonly string[];
}

/** One place where a script names a tool. */
export interface ReachEntry extends ScriptPosition {
  readonly namespace: string;
  readonly member: string;
  /** The members of the argument that are literals. */
  readonly literals?: { readonly [key: string]: JsonValue };
  /** The literal beginnings of members whose end only the run tells: `src/` of `src/${name}.ts`. */
  readonly beginnings?: { readonly [key: string]: string };
  readonly inLoop: boolean;
}

/** What a script may call, found by reading it. */
export interface Reach {
  readonly entries: readonly ReachEntry[];
  /** Places where a namespace is reached by a name only known when it runs. */
  readonly dynamic: readonly (ScriptPosition & { readonly namespace?: string })[];
}

export interface CheckResult {
  /** No diagnostic is an error. */
  readonly ok: boolean;
  readonly diagnostics: readonly ScriptDiagnostic[];
  readonly reach: Reach;
  /** `module` has a default export that takes `params`; `body` has top-level `await` and `return`. */
  readonly dialect: 'module' | 'body';
  /** JavaScript body for the sandbox, every line and column as submitted; `''` where it does not parse. */
  readonly code: string;
}

export interface Checker {
  setTypings(typings: TypingsSnapshot): void;
  /** Loads TypeScript and the typings ahead of the first check. */
  warm(): Promise<void>;
  /** @throws {Error} when the checker itself failed; a script that is wrong is a result, never a throw. */
  check(source: string, options?: { readonly signal?: AbortSignal }): Promise<CheckResult>;
  dispose(): Promise<void>;
}
