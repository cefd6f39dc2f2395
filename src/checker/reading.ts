import type * as ts from 'typescript';
import type { Outline } from './outline.js';
import type { Positions } from './positions.js';
import type { ToolDeclarations } from './tools.js';

/** A checked script, as the parts that report on it read it. */
export interface Reading {
  readonly file: ts.SourceFile;
  readonly outline: Outline;
  readonly checker: ts.TypeChecker;
  readonly tools: ToolDeclarations;
  readonly positions: Positions;
  /** Where the submitted text begins in the file, and how long it is. */
  readonly offset: number;
  readonly length: number;
  /** All there are, not only those whose declarations were loaded. */
  readonly namespaces: Iterable<string>;
}
