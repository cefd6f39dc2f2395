/** A file as Apply would leave it; without text it would be gone. */
export interface ResultFile {
  readonly absolute: string;
  readonly text?: string;
}

export interface ResultProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly code?: string;
  /** 1-based, UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** What is known of a file of the result; no problems of a file that was not checked means nothing. */
export type FileJudgement =
  /** `depth`: whether types were checked, or the syntax alone. */
  | { readonly absolute: string; readonly status: 'checked'; readonly depth: 'types' | 'syntax'; readonly problems: readonly ResultProblem[] }
  | { readonly absolute: string; readonly status: 'notChecked'; readonly reason: string };

export interface Judgement {
  /** One for each file of the result that would exist. */
  readonly files: readonly FileJudgement[];
  /** Files that are not staged and would have problems they do not have now. */
  readonly broken: readonly { readonly absolute: string; readonly problems: readonly ResultProblem[] }[];
}

/** Looks at what a change set would leave behind, without writing it anywhere. */
export interface ResultJudge {
  /** @throws {Error} when the signal ends it; whatever else goes wrong is a file that was not checked. */
  judge(files: readonly ResultFile[], signal: AbortSignal): Promise<Judgement>;
  dispose(): Promise<void>;
}
