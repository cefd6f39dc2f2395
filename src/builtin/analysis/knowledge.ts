/** 1-based line and column (UTF-16 code units). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface SymbolNode {
  readonly name: string;
  /** VS Code's symbol kind in lower case: `function`, `class`, `method`, … */
  readonly kind: string;
  readonly detail?: string;
  readonly container?: string;
  readonly range: Range;
  /** Where the name itself stands. */
  readonly nameRange: Range;
  readonly children: readonly SymbolNode[];
}

export interface FileLocation {
  readonly absolute: string;
  readonly range: Range;
}

export interface FoundSymbol extends FileLocation {
  readonly name: string;
  readonly kind: string;
  readonly container?: string;
}

export interface Problem {
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
  readonly source?: string;
  readonly code?: string;
  readonly range: Range;
}

/** What is known of a file's problems; `notChecked` is never an empty list in disguise. */
export type FileProblems =
  | { readonly status: 'checked'; readonly problems: readonly Problem[] }
  | { readonly status: 'notChecked'; readonly reason: string };

export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** Edits that can be staged, or why they cannot: they carry a command or a file operation. */
export type Edits =
  | { readonly kind: 'edits'; readonly files: readonly { readonly absolute: string; readonly edits: readonly TextEdit[] }[] }
  | { readonly kind: 'notStageable'; readonly reason: string };

export interface CodeAction {
  readonly title: string;
  readonly kind?: string;
  readonly preferred: boolean;
  readonly disabled?: string;
  readonly edits: Edits;
}

export interface TaskResult {
  readonly name: string;
  /** Undefined when the task was ended before it could say. */
  readonly exitCode: number | undefined;
  /** Standard output and error in the order they came; undefined where the task's kind does not let it be read. */
  readonly output: string | undefined;
}

/**
 * What an editor knows of the files on disk and in its editors. Files are absolute paths.
 * @throws {Error} with one sentence where a language has nobody to answer.
 */
export interface EditorKnowledge {
  problems(files: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, FileProblems>>;
  /** Files that some tool has reported on so far. */
  reported(): readonly string[];
  documentSymbols(file: string, signal: AbortSignal): Promise<readonly SymbolNode[]>;
  workspaceSymbols(query: string, signal: AbortSignal): Promise<readonly FoundSymbol[]>;
  definitions(file: string, position: Position, signal: AbortSignal): Promise<readonly FileLocation[]>;
  references(file: string, position: Position, signal: AbortSignal): Promise<readonly FileLocation[]>;
  hover(file: string, position: Position, signal: AbortSignal): Promise<readonly string[]>;
  codeActions(file: string, range: Range, kind: string | undefined, signal: AbortSignal): Promise<readonly CodeAction[]>;
  format(file: string, signal: AbortSignal): Promise<readonly TextEdit[]>;
  rename(file: string, position: Position, name: string, signal: AbortSignal): Promise<Edits>;
  tasks(): Promise<readonly { readonly name: string; readonly source: string; readonly group?: string }[]>;
  /** Runs a task to its end; aborting ends it. */
  runTask(name: string, onOutput: (text: string) => void, signal: AbortSignal): Promise<TaskResult>;
}
