import ts from 'typescript';

/** What a piece of JavaScript says, without parentheses, empty statements, positions and comments. */
export function structure(code: string): string[] {
  const file = ts.createSourceFile('x.js', code, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  const lines: string[] = [];
  const visit = (node: ts.Node, depth: number): void => {
    if (node.kind === ts.SyntaxKind.EmptyStatement || node.kind === ts.SyntaxKind.EndOfFileToken || node.kind === ts.SyntaxKind.SemicolonClassElement) return;
    if (ts.isParenthesizedExpression(node)) {
      visit(node.expression, depth);
      return;
    }
    const text = ts.isIdentifier(node) || ts.isPrivateIdentifier(node) ? node.text : ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node) ? JSON.stringify(node.text) : '';
    lines.push(`${' '.repeat(depth)}${ts.SyntaxKind[node.kind]} ${text}`);
    ts.forEachChild(node, (child) => {
      visit(child, depth + 1);
    });
  };
  visit(file, 0);
  return lines;
}

/** What TypeScript's own emitter makes of the same text. */
export function transpiled(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true, verbatimModuleSyntax: true, useDefineForClassFields: true },
  }).outputText.replace(/^"use strict";\s*/, '');
}

/** Throws where a text is not the body of an async function. */
export function compile(body: string): void {
  // The sandbox evaluates scripts like this, and no other way shows that an engine takes them.
  const AsyncFunction = (Object.getPrototypeOf(async () => undefined) as { constructor: unknown }).constructor as new (...parts: string[]) => unknown;
  new AsyncFunction('params', `"use strict";${body}`);
}
