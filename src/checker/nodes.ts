import ts from 'typescript';

/** The innermost node around a range. */
export function nodeAt(file: ts.SourceFile, start: number, length: number): ts.Node | undefined {
  let current: ts.Node = file;
  for (;;) {
    const inner: ts.Node | undefined = ts.forEachChild(current, (child) => (child.pos <= start && start + length <= child.end && child.getStart(file) <= start ? child : undefined));
    if (inner === undefined) return current === file ? undefined : current;
    current = inner;
  }
}

/** Visits every node but those of types, outer before inner. */
export function walkValues(node: ts.Node, visit: (node: ts.Node) => void): void {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
  visit(node);
  ts.forEachChild(node, (child) => {
    walkValues(child, visit);
  });
}
