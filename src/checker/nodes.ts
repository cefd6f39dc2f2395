import * as ts from 'typescript';

/** The innermost node around a range. */
export function nodeAt(file: ts.SourceFile, start: number, length: number): ts.Node | undefined {
  let current: ts.Node = file;
  for (;;) {
    const inner: ts.Node | undefined = ts.forEachChild(current, (child) => (child.pos <= start && start + length <= child.end && child.getStart(file) <= start ? child : undefined));
    if (inner === undefined) return current === file ? undefined : current;
    current = inner;
  }
}
